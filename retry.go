package cometchat

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// delay is a random wait after the given attempt, evenly spread from zero ("full jitter") so that clients that failed
// together do not come back together.
func (p RetryPolicy) delay(attempt int) time.Duration {
	longest := p.MaxDelay
	if doubled := p.BaseDelay << (attempt - 1); doubled > 0 && doubled < longest {
		longest = doubled
	}
	return rand.N(longest + 1) //nolint:gosec // jitter needs no cryptography
}

// retryBudget is what the retries of a client share, so that an outage is not multiplied: each retry spends a unit, and
// each success gives back a tenth, or all of what it spent itself.
type retryBudget struct{ spent atomic.Int64 } // in tenths

const (
	retryCost        = 10
	retryBudgetLimit = 20 * retryCost
)

// take spends a retry, or reports that there is none left.
func (b *retryBudget) take() bool {
	if b.spent.Add(retryCost) <= retryBudgetLimit {
		return true
	}
	b.spent.Add(-retryCost)
	return false
}

// succeeded gives back what a success after so many attempts earns.
func (b *retryBudget) succeeded(attempts int) {
	earned := int64(1 + retryCost*(attempts-1))
	for {
		spent := b.spent.Load()
		if spent == 0 || b.spent.CompareAndSwap(spent, max(0, spent-earned)) {
			return
		}
	}
}

// pause waits as long as the policy or the server says before the next attempt. It returns false when there is to be
// none, and then failure holds the reason too, unless that is plain from the failure itself.
func (r *restClient) pause(ctx context.Context, failure *Error, req request, sent bool) bool {
	if !retryable(failure, req, sent) || failure.Attempts >= r.retry.MaxAttempts {
		return false
	}
	if err := ctx.Err(); err != nil {
		if !errors.Is(failure, err) {
			failure.err = errors.Join(failure.err, err)
		}
		return false
	}
	wait := failure.RetryAfter
	paced := wait > 0 // the server's own pace needs no budget; ours does
	if !paced {
		wait = r.retry.delay(failure.Attempts)
	}
	if tooLate(ctx, wait) {
		failure.err = errors.Join(failure.err, fmt.Errorf("the next attempt, in %v, would be too late: %w",
			wait.Round(time.Millisecond), context.DeadlineExceeded))
		return false
	}
	if !paced && !r.budget.take() {
		failure.err = errors.Join(failure.err, errors.New("not tried again, as too many calls have failed lately"))
		return false
	}
	if err := sleep(ctx, wait); err != nil {
		failure.err = errors.Join(failure.err, fmt.Errorf("ended while waiting for the next attempt: %w", err))
		return false
	}
	return true
}

// sleep waits so long, or returns the error of ctx when that ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tooLate reports whether ctx has ended when one has waited so long, or in a flight all of its callers have given up.
func tooLate(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	if f, shared := ctx.Value(flightOf{}).(*loginFlight); shared {
		if until := f.patience(); !until.IsZero() && (!ok || until.Before(deadline)) {
			deadline, ok = until, true
		}
	}
	return ok && time.Until(deadline) <= wait
}

// retryable reports whether a failed request may be made again; sent says that it may have reached the server whole.
func retryable(failure *Error, req request, sent bool) bool {
	switch failure.StatusCode {
	case 0:
		var certificate *tls.CertificateVerificationError
		var dns *net.DNSError
		hopeless := errors.Is(failure, errForeignHost) || errors.As(failure, &certificate) ||
			errors.As(failure, &dns) && dns.IsNotFound
		return !hopeless && (!req.once || !sent)
	case http.StatusTooManyRequests:
		return true // documented: such a request is not processed
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return !req.once
	}
	return false
}

// sendTrace finds out whether a request may have reached the server whole.
type sendTrace struct {
	mu              sync.Mutex
	traced, written bool // guarded by mu: the transport reports at all; it has written the request
}

func (t *sendTrace) context(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.traced = true
		},
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.written = t.written || info.Err == nil
		},
	})
}

// sent takes a transport that does not report for one that has sent the request, unless it could not even connect. It is
// false of a request that is not traced.
func (t *sendTrace) sent(err error) bool {
	if t == nil {
		return false
	}
	op, ok := errors.AsType[*net.OpError](err)
	dialing := ok && op.Op == "dial"
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.written || !t.traced && !dialing
}

// retryAfter reads the header of that name: seconds, or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil || errors.Is(err, strconv.ErrRange) {
		const longest = int(time.Hour * 24 * 365 / time.Second)
		return time.Duration(min(max(seconds, 0), longest)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
