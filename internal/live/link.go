package live

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// Link is a connection that comes back. It is safe for concurrent use. While it is not wanted, it has no goroutine; while it is
// wanted, it has one.
type Link struct {
	config Config
	status atomic.Int32   // written with mu
	tasks  sync.WaitGroup // the goroutines of its lives, and the goodbyes

	mu     sync.Mutex
	life   *life // guarded by mu; nil: nobody wants a connection
	closed bool  // guarded by mu
}

// life is the time in which a connection is wanted: from a Connect to a Disconnect or a final error.
type life struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	hurry  chan struct{} // has a value when the next attempt must not wait
	over   chan struct{} // closed when the life is over

	// Guarded by Link.mu.
	up      chan struct{} // closed while the socket is connected
	socket  *socket       // nil while it is not connected
	callers int           // of Connect who wait
	kept    bool          // the life goes on without callers
	last    error         // why the last attempt failed
	err     error         // why the life is over

	// Used by the goroutine of the life alone.
	failures int  // since a connection has proved good: it has answered a ping
	renewed  bool // the auth frame has been renewed since then
	refused  bool // the server has refused the auth frame, and it has not been renewed yet
	moved    bool // the last attempt has not proved good: the address may have changed
}

// NewLink returns a Link that is not connected.
func NewLink(config Config) *Link {
	config.Intervals = config.withDefaults()
	return &Link{config: config}
}

// Status returns the status. It does not wait.
func (l *Link) Status() Status { return Status(l.status.Load()) }

// Connect returns once the connection is there. It retries until ctx ends, and then returns the last cause. The first
// connection stays wanted when Connect has returned nil; until then, it is wanted as long as a caller waits.
func (l *Link) Connect(ctx context.Context) error {
	l.mu.Lock()
	life, err := l.want()
	if err != nil {
		l.mu.Unlock()
		return err
	}
	life.callers++
	up := life.up
	l.mu.Unlock()
	defer l.leave(life)
	select {
	case <-up:
		return nil
	case <-life.over:
		return life.err
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if life.last == nil {
		return ctx.Err()
	}
	return errors.Join(ctx.Err(), life.last)
}

// Keep wants a connection from now on, and does not wait for it.
func (l *Link) Keep() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	life, err := l.want()
	if err != nil {
		return err
	}
	l.keep(life)
	return nil
}

// keep has a life go on without callers. The caller holds mu.
func (l *Link) keep(li *life) {
	if !li.kept {
		li.kept = true
		l.config.Herd.joined()
	}
}

// want returns the life that is there, or begins one, and has it hurry. The caller holds mu.
func (l *Link) want() (*life, error) {
	if l.closed {
		return nil, ErrClosed
	}
	if l.life == nil {
		li := &life{hurry: make(chan struct{}, 1), over: make(chan struct{}), up: make(chan struct{})}
		li.ctx, li.cancel = context.WithCancelCause(context.Background())
		l.life = li
		l.tasks.Go(func() { l.live(li) })
		return li, nil
	}
	select {
	case l.life.hurry <- struct{}{}:
	default:
	}
	return l.life, nil
}

// leave ends a life that nobody waits for any more and that has never been connected.
func (l *Link) leave(li *life) {
	l.mu.Lock()
	defer l.mu.Unlock()
	li.callers--
	if li.callers == 0 && !li.kept && l.life == li {
		l.finish(li, li.last, Change{Err: li.last})
	}
}

// End ends the connection for good. It does not wait for the peer. err is told as the reason; nil for the program's own wish.
func (l *Link) End(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.life == nil {
		return
	}
	cause := err
	if cause == nil {
		cause = ErrDisconnected
	}
	l.finish(l.life, cause, Change{Err: err})
}

// Close ends the connection, and waits until no goroutine is left.
func (l *Link) Close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.End(ErrClosed)
	l.tasks.Wait()
}

// finish ends a life. The caller holds mu.
func (l *Link) finish(li *life, cause error, c Change) {
	l.life = nil
	li.err = cause
	if s := li.socket; s != nil {
		li.socket = nil
		s.left.Store(true)
		l.tasks.Go(func() { s.leave(cause) })
	}
	if li.kept {
		l.config.Herd.left()
	}
	li.cancel(cause)
	close(li.over)
	l.change(c)
}

// change tells of a new status. The caller holds mu.
func (l *Link) change(c Change) {
	l.status.Store(int32(c.Status))
	l.config.Changed(c)
}

// Send sends a frame. It fails with ErrNotConnected when there is no connection, and with the cause when the connection breaks.
func (l *Link) Send(frame []byte) error {
	l.mu.Lock()
	var s *socket
	if l.life != nil {
		s = l.life.socket
	}
	l.mu.Unlock()
	if s == nil {
		return ErrNotConnected
	}
	if err := s.write(frame); err != nil {
		return s.why(err)
	}
	return nil
}
