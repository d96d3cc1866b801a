package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cometchat-go/cometchat/internal/xsync"
)

// Policy says how often and how patiently a request is retried. None of its fields is zero.
type Policy struct {
	MaxAttempts int // the first attempt counts
	BaseDelay   time.Duration
	MaxDelay    time.Duration
}

// delay returns a random wait after the given attempt, evenly spread from zero ("full jitter"), so that clients that failed
// together do not retry together.
func (p Policy) delay(attempt int) time.Duration {
	longest := p.MaxDelay
	if doubled := p.BaseDelay << (attempt - 1); doubled > 0 && doubled < longest {
		longest = doubled
	}
	return rand.N(longest + 1) //nolint:gosec // jitter needs no cryptography
}

// retryBudget limits the retries of a client, so that they do not make an outage worse. Each retry spends a unit. Each success
// gives back a tenth of a unit, and all units that the call itself has spent.
type retryBudget struct{ spent atomic.Int64 } // in tenths

const (
	retryCost        = 10
	retryBudgetLimit = 20 * retryCost
)

// spend takes a retry out of the budget; false means that none is left.
func (b *retryBudget) spend() bool {
	if b.spent.Add(retryCost) <= retryBudgetLimit {
		return true
	}
	b.spent.Add(-retryCost)
	return false
}

// succeeded gives back what a call earns that succeeded at this attempt.
func (b *retryBudget) succeeded(attempts int) {
	earned := int64(1 + retryCost*(attempts-1))
	for {
		spent := b.spent.Load()
		if spent == 0 || b.spent.CompareAndSwap(spent, max(0, spent-earned)) {
			return
		}
	}
}

// pause waits as long as the server or the policy says before the next attempt; counted is how many the policy has counted. It
// returns false when there is no next attempt; then a.Stopped says why, unless that is plain from a.
func (c *Client) pause(ctx context.Context, req *Request, a *Answer, counted int) bool {
	if !retryable(req, a) || counted >= c.config.Policy.MaxAttempts {
		return false
	}
	a.Stopped = c.wait(ctx, a, counted)
	return a.Stopped == nil
}

func (c *Client) wait(ctx context.Context, a *Answer, counted int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	wait := a.RetryAfter
	asked := wait > 0 // the server's own pace needs no budget; ours does
	if !asked {
		wait = c.config.Policy.delay(counted)
	}
	if tooLate(ctx, wait) {
		return fmt.Errorf("the next attempt, in %v, would be too late: %w", wait.Round(time.Millisecond), context.DeadlineExceeded)
	}
	switch {
	case a.paced():
		return nil // it is held back, as all others are: admit waits
	case asked:
		wait = c.spread(ctx, wait)
	case !c.budget.spend():
		return errors.New("not retried, as too many calls have failed lately")
	}
	if err := sleep(ctx, wait); err != nil {
		return fmt.Errorf("ended while waiting for the next attempt: %w", err)
	}
	return nil
}

// tooLate reports whether ctx ends before such a wait does.
func tooLate(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	if patience, shared := xsync.Patience(ctx); shared {
		deadline, ok = patience, true
	}
	return ok && time.Until(deadline) <= wait
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

// retryable reports whether a request that failed may be retried. A request that must not take effect twice is retried only
// if the server has not processed it.
func retryable(req *Request, a *Answer) bool {
	switch {
	case req.Stream != nil && !req.Stream.Again:
		return false
	case a.Status == http.StatusTooManyRequests:
		return true // documented: such a request is not processed
	case hopeless(a.Err):
		return false
	case passing(a.Status):
		return !req.Once
	case a.Err == nil:
		return errors.Is(a.Flaw, ErrGarbled) && !req.Once
	case a.Status >= 300:
		return false
	}
	return !req.Once || neverConnected(a.Err)
}

// passing reports whether a status is that of a server or a gateway in trouble, which may pass.
func passing(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable,
		http.StatusGatewayTimeout, 520, 521, 522, 523, 524, 527, 530: // those over 511 come from an edge
		return true
	}
	return false
}

// hopeless reports whether a retry would fail in the same way.
func hopeless(err error) bool {
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	_, tooLarge := errors.AsType[*TooLargeError](err)
	_, unreadable := errors.AsType[*UnreadableError](err)
	return untrusted || tooLarge || unreadable || errors.Is(err, errForeignHost) || errors.Is(err, errEncoding) || IsSchemeMismatch(err)
}

// IsSchemeMismatch reports whether http was spoken to a server of https, or https to a server of http.
func IsSchemeMismatch(err error) bool {
	return errors.Is(err, http.ErrSchemeMismatch) ||
		err != nil && strings.Contains(err.Error(), `malformed HTTP response "\x15\x03`) // the beginning of a TLS alert
}

// neverConnected reports whether a request failed because no connection could be made: the server has not seen it.
func neverConnected(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && (op.Op == "dial" || op.Op == "proxyconnect")
}

// Unsent reports whether it is certain that the server has not processed the request.
func (a *Answer) Unsent() bool {
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](a.Err)
	_, unreadable := errors.AsType[*UnreadableError](a.Err)
	return a.Attempts == 0 || a.Status == http.StatusTooManyRequests || untrusted || unreadable || neverConnected(a.Err) ||
		errors.Is(a.Err, errForeignHost) || IsSchemeMismatch(a.Err)
}
