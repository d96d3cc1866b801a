package cometchat

import (
	"context"
	"errors"
	"time"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// lifecycle is what the calls of a Client or an Admin have in common: how long one may take, and that Close ends it. Those
// of a Pool's clients end with that of the Pool.
type lifecycle struct {
	timeout time.Duration
	life    context.Context // ends with close
	close   context.CancelFunc
	flaw    *Error // why no call can be made; nil: calls can be made
}

// newLifecycle makes the lifecycle of a client whose pool has the lifecycle parent; nil for a client without a pool.
func newLifecycle(parent *lifecycle, timeout time.Duration) *lifecycle {
	life := context.Background()
	if parent != nil {
		life = parent.life
	}
	l := &lifecycle{timeout: timeout}
	l.life, l.close = context.WithCancel(life)
	return l
}

func (l *lifecycle) closed() bool { return l.life.Err() != nil }

// check refuses a call on a zero or closed value, and one with a nil context.
func (l *lifecycle) check(ctx context.Context, op string) error {
	switch {
	case l == nil:
		return newError(op, ErrNotInitialized, "the value was not made by Init, New, NewPool or NewAdmin")
	case l.closed():
		return newError(op, ErrClosed, "")
	case ctx == nil:
		return newError(op, ErrMissingParameters, "the context is nil")
	case l.flaw != nil:
		e := *l.flaw
		e.Op = op
		return &e
	}
	return nil
}

// begin opens a call. Its context ends with the caller's, after the timeout, and with close. end closes the call, and makes
// the caller's error of the call's.
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
			return withOp(op, err)
		}
		return l.failed(op, err)
	}, nil
}

// detached returns a context for what has to be done although the call's context may have ended. It ends after the timeout.
func (l *lifecycle) detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), l.timeout)
}

// failed names the operation in an error, and close as the cause if that was it.
func (l *lifecycle) failed(op string, err error) error {
	if l.closed() && errors.Is(err, context.Canceled) {
		return newError(op, ErrClosed, "it was closed during the call")
	}
	return withOp(op, err)
}

// newREST returns the client that carries the requests of this configuration.
func newREST(cfg *config) *rest.Client {
	return rest.New(rest.Config{
		Header: map[string]string{
			"Appid":        cfg.appID,
			"Sdk":          sdkName,
			"Accept":       "application/json",
			"Content-Type": "application/json",
			"User-Agent":   cfg.userAgent,
		},
		Resource:  newResource(),
		AdminHost: cfg.adminHost, ClientHost: cfg.clientHost,
		HTTPClient: cfg.httpClient, MaxConns: cfg.maxConns, Transport: cfg.transport, Shut: cfg.shut,
		Requests: cfg.requests, Per: cfg.per,
		Policy:    rest.Policy(cfg.retry),
		Attempted: tellAttempt(cfg.logger, cfg.observers),
	})
}
