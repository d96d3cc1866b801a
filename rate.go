package cometchat

import (
	"context"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// pace keeps requests to a rate. Only the first of those that wait has a reservation of the limiter's, which gives back no
// other than the newest when it is cancelled.
type pace struct {
	turn    turn // the first's; the others wait for it, in the order in which they came
	limiter *rate.Limiter
	mu      sync.Mutex // for reservations, which are made and counted as one
	queued  int        // guarded by mu: how many wait for their turn
}

// join queues a request, unless its wait would be too long for ctx, and returns how long that is.
func (p *pace) join(ctx context.Context) (wait time.Duration, tooLong bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if missing := float64(p.queued+1) - p.limiter.Tokens(); missing > 0 {
		nanoseconds := math.Round(missing / float64(p.limiter.Limit()) * float64(time.Second))
		wait = time.Duration(min(nanoseconds, math.MaxInt64/2)) // MaxInt64 itself is none that a float64 has
	}
	if wait > 0 && tooLate(ctx, wait) {
		return wait, true
	}
	p.queued++
	return wait, false
}

// wait waits for the room of a request that is queued. One that gives up uses up none.
func (p *pace) wait(ctx context.Context) error {
	err := p.turn.take(ctx)
	if err == nil {
		defer p.turn.end()
		err = ctx.Err() // a free turn is had all the same
	}
	room := p.leave(err == nil)
	if room == nil {
		return err
	}
	if delay := room.Delay(); delay > 0 {
		err = sleep(ctx, delay)
	}
	if err != nil {
		room.Cancel()
	}
	return err
}

// leave takes a request out of the queue, and if it goes on has room reserved for it.
func (p *pace) leave(goesOn bool) *rate.Reservation {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queued--
	if !goesOn {
		return nil
	}
	return p.limiter.Reserve()
}

// admit waits until the limit of WithRequestRate has room for a request. It returns an error, and takes no room, when that
// would be too late.
func (r *restClient) admit(ctx context.Context, req request) error {
	if r.pace == nil {
		return nil
	}
	if wait, tooLong := r.pace.join(ctx); tooLong {
		e := newError(req.op, ErrTooManyRequests, "the limit of WithRequestRate has no room before the deadline; nothing was sent")
		e.RetryAfter, e.route = wait, req.name()
		return e
	}
	if err := r.pace.wait(ctx); err != nil {
		return &Error{Op: req.op, Message: "gave up waiting for room in the limit of WithRequestRate", err: err}
	}
	return nil
}
