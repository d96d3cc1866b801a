package cometchat

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/time/rate"
)

// WithRequestRate keeps to n requests in each period of this length, retries included, so that the app's rate limit is not
// used up: a request waits until there is room for it. After a pause up to n go out at once, and so in the first period up
// to twice as many. One that would have to wait past the deadline of its call fails at once, and is not made: with
// ErrTooManyRequests, and the wait as [Error.RetryAfter]. The clients of a [Pool] share the limit. n and per have to be
// positive. The default is no limit.
func WithRequestRate(n int, per time.Duration) Option {
	return func(c *config) error {
		if n <= 0 || per <= 0 {
			return fmt.Errorf("the request rate of %d in %v is not positive", n, per)
		}
		c.rate = rate.NewLimiter(rate.Limit(float64(n)/per.Seconds()), n)
		return nil
	}
}

// admit waits until the limit of WithRequestRate has room for a request. It returns an error, and takes no room, when that
// would be too late.
func (r *restClient) admit(ctx context.Context, req request) error {
	if r.rate == nil {
		return nil
	}
	room := r.rate.Reserve()
	wait := room.Delay()
	switch {
	case wait == 0:
		return nil
	case tooLate(ctx, wait):
		room.Cancel()
		e := newError(req.op, ErrTooManyRequests, "the limit of WithRequestRate has no room before the deadline; nothing was sent")
		e.RetryAfter, e.route = wait, req.name()
		return e
	}
	if err := sleep(ctx, wait); err != nil {
		room.Cancel()
		return &Error{Op: req.op, Message: "gave up waiting for room in the limit of WithRequestRate", err: err}
	}
	return nil
}
