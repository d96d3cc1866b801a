package cometchat

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// lifecycle is what the calls of a Client, of all clients of a Pool, and of an Admin have in common: how long one may take,
// and that Close ends it.
type lifecycle struct {
	timeout time.Duration
	life    context.Context // ends with close
	end     context.CancelFunc
	closed  atomic.Bool
}

func newLifecycle(timeout time.Duration) *lifecycle {
	l := &lifecycle{timeout: timeout}
	l.life, l.end = context.WithCancel(context.Background())
	return l
}

// close ends what is running; it reports whether it was the first to.
func (l *lifecycle) close() bool {
	if l == nil || l.closed.Swap(true) {
		return false
	}
	l.end()
	return true
}

// check refuses what no call can be made with.
func (l *lifecycle) check(ctx context.Context, op string) error {
	switch {
	case l == nil:
		return newError(op, ErrNotInitialized, "this was not made by Init, New, NewPool or NewAdmin")
	case l.closed.Load():
		return newError(op, ErrClosed, "")
	case ctx == nil:
		return newError(op, ErrMissingParameters, "the context is nil")
	}
	return nil
}

// begin opens a call: its context ends with the caller's, after the timeout, and with close. end closes it, and makes of
// the outcome what the caller gets.
func (l *lifecycle) begin(ctx context.Context, op string) (_ context.Context, end func(error) error, err error) {
	if err := l.check(ctx, op); err != nil {
		return nil, nil, err
	}
	call, cancel := context.WithTimeout(ctx, l.timeout)
	stop := context.AfterFunc(l.life, cancel)
	return call, func(err error) error {
		stop()
		cancel()
		if ctx.Err() != nil {
			return named(op, err)
		}
		return l.outcome(op, err)
	}, nil
}

// detached is the context of what has to be done although the one of the call may have ended: it ends after the timeout.
func (l *lifecycle) detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), l.timeout)
}

// outcome names the operation that failed, and close as the cause where it was.
func (l *lifecycle) outcome(op string, err error) error {
	if l.closed.Load() && errors.Is(err, context.Canceled) {
		return newError(op, ErrClosed, "it was closed during the call")
	}
	return named(op, err)
}
