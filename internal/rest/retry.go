package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync/atomic"
	"time"
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

// pause waits as long as the server or the policy says before the next attempt. It returns false when there is none; then
// a.Stopped says why, unless that is plain from a.
func (c *Client) pause(ctx context.Context, req *Request, a *Answer) bool {
	if !retryable(req, a) || a.Attempts >= c.config.Policy.MaxAttempts {
		return false
	}
	a.Stopped = c.wait(ctx, a)
	return a.Stopped == nil
}

func (c *Client) wait(ctx context.Context, a *Answer) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	wait := a.RetryAfter
	paced := wait > 0 // the server's own pace needs no budget; ours does
	if !paced {
		wait = c.config.Policy.delay(a.Attempts)
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return fmt.Errorf("the next attempt, in %v, would be too late: %w", wait.Round(time.Millisecond), context.DeadlineExceeded)
	}
	if !paced && !c.budget.spend() {
		return errors.New("not retried, as too many calls have failed lately")
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("ended while waiting for the next attempt: %w", ctx.Err())
	}
}

// retryable reports whether a request that failed may be retried.
func retryable(req *Request, a *Answer) bool {
	switch a.Status {
	case http.StatusTooManyRequests:
		return true // documented: such a request is not processed
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return !req.Once
	}
	if a.Err == nil || errors.Is(a.Err, ErrTooLarge) || a.Status >= 300 {
		return false
	}
	var certificate *tls.CertificateVerificationError
	var dns *net.DNSError
	if errors.Is(a.Err, errForeignHost) || errors.As(a.Err, &certificate) || errors.As(a.Err, &dns) && dns.IsNotFound {
		return false
	}
	return !req.Once || neverConnected(a.Err)
}

// neverConnected reports whether a request failed because no connection could be made: the server has not seen it.
func neverConnected(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && (op.Op == "dial" || op.Op == "proxyconnect")
}
