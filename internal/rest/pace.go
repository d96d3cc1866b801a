package rest

import (
	"context"
	"fmt"
	"math"
	"time"

	"golang.org/x/time/rate"
)

// NoRoomError is the Err of a request that the client's own limit has no room for before the deadline. Nothing was sent.
type NoRoomError struct {
	RetryAfter time.Duration // when there will be room
}

func (e *NoRoomError) Error() string {
	return fmt.Sprintf("no room for the request in %v", e.RetryAfter)
}

// newLimiter returns a limiter of n requests in each period per; nil for no limit.
func newLimiter(n int, per time.Duration) *rate.Limiter {
	if n == 0 {
		return nil
	}
	per = min(per, math.MaxInt64/2) // x/time's waits would overflow
	return rate.NewLimiter(rate.Limit(float64(n)/per.Seconds()), n)
}

// admit waits until the limiter has room for a request. It returns a NoRoomError at once when that would be too late, and
// ctx's error when ctx ends first.
func admit(ctx context.Context, limiter *rate.Limiter) error {
	if limiter == nil {
		return nil
	}
	err := limiter.Wait(ctx)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	missing := max(0, 1-limiter.Tokens())
	nanoseconds := math.Round(missing / float64(limiter.Limit()) * float64(time.Second))
	return &NoRoomError{time.Duration(min(nanoseconds, math.MaxInt64/2))} // a float64 cannot hold MaxInt64
}
