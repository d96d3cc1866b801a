package xsync

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// The errors of Share for a call that ran no work.
var (
	ErrClosed = errors.New("the flights are closed")
	ErrBusy   = errors.New("a flight with another key is running")
)

// Flights is where concurrent callers meet who want the same work done. One flight runs at a time. (x/sync's singleflight
// crashes the process when the work panics, as a user's store may, and goes on when the last caller has given up.)
type Flights[K comparable, V any] struct {
	timeout time.Duration
	settled func() // called after each flight, when the next may start already
	mu      sync.Mutex
	current *Flight[K, V]  // guarded by mu; nil when no flight can be joined
	closed  bool           // guarded by mu
	running sync.WaitGroup // Add only under mu and when not closed
}

// NewFlights returns Flights whose work may take as long as timeout. settled is called after each flight, before its callers
// return.
func NewFlights[K comparable, V any](timeout time.Duration, settled func()) *Flights[K, V] {
	return &Flights[K, V]{timeout: timeout, settled: settled}
}

// Flight is work that is running, for one caller or several.
type Flight[K comparable, V any] struct {
	flights    *Flights[K, V]
	key        K
	ctx        context.Context
	cancel     context.CancelFunc
	waiting    int           // guarded by Flights.mu: callers that still wait
	patience   time.Time     // guarded by Flights.mu: the latest deadline of a caller
	committing bool          // guarded by Flights.mu: the work is at what cannot be undone
	landed     chan struct{} // closed when value and err are set
	done       chan struct{} // closed when settled has returned too

	value    V
	err      error
	panicked atomic.Pointer[PanicError] // of the work, set before landed is closed, or of settled, before done is
}

// Share runs work, or joins the flight that runs for the same key, and waits for the outcome or for the end of ctx. work gets
// a context of its own, with the values of the first caller's; it ends after the timeout, with Close, and when no caller
// waits any more. A panic of work or settled panics in each caller.
//
// Without an outcome the error is ErrClosed, ErrBusy while work for another key runs, or that of ctx.
func (fs *Flights[K, V]) Share(ctx context.Context, key K, work func(context.Context, *Flight[K, V]) (V, error)) (V, error) {
	var none V
	f, err := fs.join(ctx, key, work)
	if err != nil {
		return none, err
	}
	select {
	case <-f.done:
	case <-ctx.Done():
		if !fs.leave(f) {
			return none, ctx.Err()
		}
		<-f.landed
	}
	if p := f.panicked.Load(); p != nil {
		panic(p)
	}
	return f.value, f.err
}

func (fs *Flights[K, V]) join(ctx context.Context, key K, work func(context.Context, *Flight[K, V]) (V, error),
) (*Flight[K, V], error) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f := fs.current
	switch {
	case fs.closed:
		return nil, ErrClosed
	case f != nil && f.key != key:
		return nil, ErrBusy
	case f != nil:
		f.join(ctx)
		return f, nil
	}
	shared, cancel := context.WithTimeout(context.WithoutCancel(ctx), fs.timeout) //nolint:gosec // finish calls cancel
	f = &Flight[K, V]{
		flights: fs, key: key, ctx: shared, cancel: cancel, landed: make(chan struct{}), done: make(chan struct{}),
	}
	f.join(ctx)
	fs.current = f
	fs.running.Add(1)
	go func() {
		growStack(0)
		capture(func() (V, error) { return work(context.WithValue(shared, patienceKey{}, f.latest), f) }, f.land)
	}()
	return f, nil
}

// join adds a caller. The caller of join holds Flights.mu.
func (f *Flight[K, V]) join(ctx context.Context) {
	f.waiting++
	deadline, ok := ctx.Deadline()
	if latest, _ := f.ctx.Deadline(); !ok || deadline.After(latest) {
		deadline = latest
	}
	if deadline.After(f.patience) {
		f.patience = deadline
	}
}

// latest returns the latest deadline of a caller.
func (f *Flight[K, V]) latest() time.Time {
	f.flights.mu.Lock()
	defer f.flights.mu.Unlock()
	return f.patience
}

// patienceKey is the key of a context whose value is a func() time.Time.
type patienceKey struct{}

// Patience returns the latest deadline of the callers for whom the work with this context is done: what comes later helps nobody.
// It is no deadline of the context, as another caller may still join. ok is false for the context of no flight.
func Patience(ctx context.Context) (deadline time.Time, ok bool) {
	patience, ok := ctx.Value(patienceKey{}).(func() time.Time)
	if !ok {
		return time.Time{}, false
	}
	return patience(), true
}

// growStack grows the stack of a new goroutine at once to what a request needs. Otherwise the stack grows, and is copied, twice
// on the way down to the socket: a tenth of the processor's work for a login.
//
//go:noinline
func growStack(i int) byte {
	var room [14 << 10]byte
	return room[i]
}

// land sets the outcome, and has it settled.
func (f *Flight[K, V]) land(value V, err error) {
	defer close(f.done)
	f.value, f.err = value, err
	if p, ok := err.(*PanicError); ok { //nolint:errorlint // a panic that the work has recovered from, and wraps, is an error
		f.panicked.Store(p)
	}
	f.finish()
	capture(func() (V, error) { f.flights.settled(); return value, nil }, func(_ V, err error) {
		if p, ok := err.(*PanicError); ok { //nolint:errorlint // capture makes it
			f.panicked.Store(p)
		}
	})
}

func (f *Flight[K, V]) finish() {
	f.flights.mu.Lock()
	defer f.flights.mu.Unlock()
	f.cancel()
	f.seal()
	close(f.landed)
	f.flights.running.Done()
}

// leave gives up on a flight for one caller. The last caller's leaving cancels the flight, and makes room for another. It
// reports whether that comes too late, as the work is done or committing: then its outcome counts, or a Login would fail
// although it has logged in.
func (fs *Flights[K, V]) leave(f *Flight[K, V]) (tooLate bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	select {
	case <-f.landed:
		return true
	default:
	}
	if f.waiting--; f.waiting > 0 || f.committing {
		return f.committing
	}
	f.cancel()
	f.seal()
	return false
}

// Seal lets no more callers join: what comes next may undo the outcome. The next Share starts a flight of its own.
func (f *Flight[K, V]) Seal() {
	f.flights.mu.Lock()
	defer f.flights.mu.Unlock()
	f.seal()
}

// seal is Seal for a caller that holds mu.
func (f *Flight[K, V]) seal() {
	if f.flights.current == f {
		f.flights.current = nil
	}
}

// Commit announces that the work comes to what cannot be undone: from now on callers wait for the outcome, whatever becomes
// of their contexts. It fails with the context's error when every caller has given up already.
func (f *Flight[K, V]) Commit() error {
	f.flights.mu.Lock()
	defer f.flights.mu.Unlock()
	f.committing = f.ctx.Err() == nil
	return f.ctx.Err()
}

// Close cancels the flight that runs, and lets none start any more. It does not wait: see Wait.
func (fs *Flights[K, V]) Close() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.closed = true
	if fs.current != nil {
		fs.current.cancel()
	}
}

// Wait waits until no work runs. Call it after Close.
func (fs *Flights[K, V]) Wait() { fs.running.Wait() }
