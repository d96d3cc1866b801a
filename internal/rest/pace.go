package rest

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net/http"
	"sync"
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

// admit waits until the server's word and the client's own limit let a request go out. It returns a NoRoomError at once when
// that would be too late, and ctx's error when ctx ends first.
func (c *Client) admit(ctx context.Context, req *Request) error {
	reserved := c.limiter == nil // in our own limit
	for {
		held := max(c.allHeld.wait(""), c.held.wait(req.Name()))
		switch {
		case held > 0 && tooLate(ctx, held):
			return &NoRoomError{RetryAfter: held, ByServer: true}
		case held > 0: // and then perhaps held again: the first of those who wait may have met the next 429
			if err := sleep(ctx, c.spread(ctx, held)); err != nil {
				return err
			}
		case !reserved:
			if err := reserve(ctx, c.limiter); err != nil {
				return err
			}
			reserved = true
		default:
			return nil
		}
	}
}

// spread makes a wait that the server has asked for longer by a random delay, as far as ctx allows: all who wait would go out
// at once.
func (c *Client) spread(ctx context.Context, wait time.Duration) time.Duration {
	if longer := wait + c.config.Policy.delay(1); !tooLate(ctx, longer) {
		return longer
	}
	return wait
}

// holdBack keeps the next requests from going out after a 429: all of them when nothing remains of the app's rate limit, or
// else this client's requests for the same route.
func (c *Client) holdBack(req *Request, a *Answer) {
	switch {
	case !a.paced():
	case a.exhausted:
		c.allHeld.set("", min(a.RetryAfter, longestHold))
	default:
		c.held.set(req.Name(), min(a.RetryAfter, longestHold))
	}
}

// paced reports whether the server has refused the request for now and has said for how long.
func (a *Answer) paced() bool { return a.Status == http.StatusTooManyRequests && a.RetryAfter > 0 }

// counts reports whether an attempt counts among those that the policy allows. It does not when the server asks for a pause of
// a second or more: of 100 calls against a limit of 20 a second, most need more than three attempts. Without retries all count.
func (p Policy) counts(a *Answer) bool {
	return p.MaxAttempts == 1 || !a.paced() || a.RetryAfter < time.Second
}

// longestHold bounds how long one answer can keep a client from asking again. CometChat's limits are per minute.
const longestHold = time.Hour

// hold keeps requests back for as long as a server has asked to wait. The zero value holds nothing.
type hold struct {
	mu    sync.Mutex
	until map[string]time.Time // guarded by mu: by what is held
}

// set holds what is named for so long.
func (h *hold) set(name string, wait time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(h.until, func(_ string, until time.Time) bool { return !until.After(now) })
	if h.until == nil {
		h.until = map[string]time.Time{}
	}
	if until := now.Add(wait); until.After(h.until[name]) {
		h.until[name] = until
	}
}

// wait returns for how long the name is still held.
func (h *hold) wait(name string) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	if until, held := h.until[name]; held {
		return max(0, time.Until(until))
	}
	return 0
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
	if wait := untilRoom(limiter); wait > 0 && tooLate(ctx, wait) {
		return &NoRoomError{RetryAfter: wait}
	}
	err := limiter.Wait(ctx)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	return &NoRoomError{RetryAfter: untilRoom(limiter)} // other requests were faster
}

// untilRoom returns how long the limiter will have no room for a request.
func untilRoom(limiter *rate.Limiter) time.Duration {
	missing := max(0, 1-limiter.Tokens())
	nanoseconds := math.Round(missing / float64(limiter.Limit()) * float64(time.Second))
	return time.Duration(min(nanoseconds, math.MaxInt64/2)) // a float64 cannot hold MaxInt64
}
