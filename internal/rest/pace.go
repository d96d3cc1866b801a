package rest

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"time"

	"golang.org/x/time/rate"
)

// NoRoomError is the Err of a request that could not be sent before its deadline. Nothing was sent.
type NoRoomError struct {
	RetryAfter time.Duration // when there will be room
	ByServer   bool          // the server asked to wait, in its answer to another request; otherwise our own limit is full
}

func (e *NoRoomError) Error() string {
	return fmt.Sprintf("no room for the request in %v", e.RetryAfter)
}

// holdBack keeps the next requests from going out after a 429: all of them when nothing remains of the app's rate limit, or
// else this client's requests for the same route.
func (c *Client) holdBack(req *Request, a *Answer) {
	switch {
	case a.Status != http.StatusTooManyRequests || a.RetryAfter <= 0:
	case a.exhausted:
		c.allHeld.set("", min(a.RetryAfter, longestHold))
	default:
		c.held.set(req.Name(), min(a.RetryAfter, longestHold))
	}
}

// longestHold bounds how long one answer can keep a client from asking again. CometChat's limits are per minute.
const longestHold = time.Hour

// admit waits until the server's word and the client's own limit let a request go out. It returns a NoRoomError at once when
// that would be too late, and ctx's error when ctx ends first.
func (c *Client) admit(ctx context.Context, req *Request) error {
	for {
		held := max(c.allHeld.wait(""), c.held.wait(req.Name()))
		if held == 0 {
			return reserve(ctx, c.limiter)
		}
		if tooLate(ctx, held) {
			return &NoRoomError{RetryAfter: held, ByServer: true}
		}
		if err := sleep(ctx, held); err != nil {
			return err
		}
	}
}

// newLimiter returns a limiter of n requests in each period per; nil for no limit.
func newLimiter(n int, per time.Duration) *rate.Limiter {
	if n == 0 {
		return nil
	}
	per = min(per, math.MaxInt64/2) // x/time's waits would overflow
	return rate.NewLimiter(rate.Limit(float64(n)/per.Seconds()), n)
}

// reserve waits until the limiter has room for a request. It fails as admit does.
func reserve(ctx context.Context, limiter *rate.Limiter) error {
	if limiter == nil {
		return nil
	}
	err := limiter.Wait(ctx)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	missing := max(0, 1-limiter.Tokens())
	nanoseconds := math.Round(missing / float64(limiter.Limit()) * float64(time.Second))
	return &NoRoomError{RetryAfter: time.Duration(min(nanoseconds, math.MaxInt64/2))} // a float64 cannot hold MaxInt64
}
