package cometchat

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// loginFlights is where concurrent logins of a client meet, and in a second one its calls that need a fresh token. (x/sync's
// singleflight crashes the process when what it runs panics, as a user's store may; and it cannot tell when the last caller
// has lost interest.)
type loginFlights struct {
	timeout time.Duration
	settled func() // called after each login, when another may start already
	mu      sync.Mutex
	current *loginFlight   // guarded by mu; nil when no login runs
	closed  bool           // guarded by mu
	running sync.WaitGroup // Add only under mu and when not closed
}

// loginFlight is a login that is running, for one caller or several. It is the context of its work too.
type loginFlight struct {
	context.Context
	flights *loginFlights
	id      loginID
	cancel  context.CancelFunc
	waiting int           // guarded by loginFlights.mu: callers that still wait
	until   time.Time     // guarded by loginFlights.mu: how long the most patient caller waits; zero is for ever
	storing bool          // guarded by loginFlights.mu: the session is being stored, which cannot be undone
	landed  chan struct{} // closed when there is an outcome
	done    chan struct{} // closed when the listeners have been told of it too

	// The outcome, to be read when landed is closed; a panic of a listener, when done is.
	session  *Session
	err      error
	panicked atomic.Pointer[panicError]
}

// Format names what it is for every verb: stores, transports and loggers get it as their context, and it holds the credentials.
func (f *loginFlight) Format(s fmt.State, verb rune) { formatText(s, verb, f.String()) }

func (f *loginFlight) String() string { return "context of a login" }

// share runs work, or joins the flight that is running it, and waits for the outcome or for the end of ctx. work gets a
// context of its own, which ends after the timeout, with close, and when no caller waits any more.
func (fs *loginFlights) share(ctx context.Context, op string, id loginID,
	work func(*loginFlight) (*Session, error),
) (*Session, error) {
	f, err := fs.join(ctx, op, id, work)
	if err != nil {
		return nil, err
	}
	select {
	case <-f.done:
	case <-ctx.Done():
		if !fs.leave(f) {
			return nil, &Error{Op: op, Message: "gave up waiting for the login", err: ctx.Err()}
		}
		<-f.landed
	}
	if p := f.panicked.Load(); p != nil {
		panic(p)
	}
	return f.session, f.err
}

func (fs *loginFlights) join(ctx context.Context, op string, id loginID,
	work func(*loginFlight) (*Session, error),
) (*loginFlight, error) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.closed {
		return nil, newError(op, ErrClosed, "")
	}
	f := fs.current
	if f != nil && f.id != id {
		return nil, newError(op, ErrLoginInProgress, "")
	}
	deadline, bounded := ctx.Deadline()
	if f != nil {
		f.waiting++
		if !bounded || !f.until.IsZero() && deadline.After(f.until) {
			f.until = deadline
		}
		return f, nil
	}
	shared, cancel := context.WithTimeout(context.WithoutCancel(ctx), fs.timeout)
	f = &loginFlight{
		Context: shared, flights: fs, id: id, cancel: cancel, waiting: 1, until: deadline,
		landed: make(chan struct{}), done: make(chan struct{}),
	}
	fs.current = f
	fs.running.Add(1)
	go func() {
		defer close(f.done)
		defer f.capture(op)
		defer fs.settled()
		defer fs.finish(f)
		defer f.capture(op)
		growStack(0)
		f.session, f.err = work(f)
	}()
	return f, nil
}

// growStack grows the stack of a new goroutine at once to what a request needs. On the way down to the socket it would
// otherwise grow, and be copied, two times, which is a twentieth of the time of a login on the loopback interface.
//
//go:noinline
func growStack(i int) byte {
	var room [10 << 10]byte
	return room[i]
}

// leave gives up on a flight for one caller; without any the flight is called off and no longer in the way. It reports
// whether that comes too late, as the outcome is there or about to be: then it counts, or Login would fail and have
// logged in.
func (fs *loginFlights) leave(f *loginFlight) (tooLate bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	select {
	case <-f.landed:
		return true
	default:
	}
	if f.waiting--; f.waiting > 0 || f.storing {
		return f.storing // a store that is interrupted may have kept the session or not
	}
	f.cancel()
	fs.forget(f)
	return false
}

func (fs *loginFlights) finish(f *loginFlight) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f.cancel()
	fs.forget(f)
	close(f.landed)
	fs.running.Done()
}

// forget makes room for another login. The caller holds mu.
func (fs *loginFlights) forget(f *loginFlight) {
	if fs.current == f {
		fs.current = nil
	}
}

// land lets nobody join any more: from here on, what comes next may undo the outcome.
func (f *loginFlight) land() {
	f.flights.mu.Lock()
	defer f.flights.mu.Unlock()
	f.flights.forget(f)
}

// store announces that the session is stored next; it fails when every caller has given up, as none then expects to be
// logged in.
func (f *loginFlight) store() error {
	f.flights.mu.Lock()
	defer f.flights.mu.Unlock()
	f.storing = f.Err() == nil
	return f.Err()
}

// close calls off what runs, and lets nothing start any more; running tells when it has ended.
func (fs *loginFlights) close() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.closed = true
	if fs.current != nil {
		fs.current.cancel()
	}
}

// flightOf is the key under which the context of a flight has the flight.
type flightOf struct{}

// Value has the flight too, for tooLate.
func (f *loginFlight) Value(key any) any {
	if key == (flightOf{}) {
		return f
	}
	return f.Context.Value(key)
}

// patience is how long the most patient caller waits; zero is for ever. It is no Deadline: a store or provider may take
// that for good when it begins, and whoever joins may be more patient.
func (f *loginFlight) patience() time.Time {
	f.flights.mu.Lock()
	defer f.flights.mu.Unlock()
	return f.until
}

// capture keeps a panic for the callers: this goroutine is ours, and they could not recover from it.
func (f *loginFlight) capture(op string) {
	if value := recover(); value != nil {
		f.panicked.Store(&panicError{value, debug.Stack()})
	} else if f.session == nil && f.err == nil && f.panicked.Load() == nil {
		f.err = &Error{Op: op, Message: "a function given to the SDK ended the goroutine of the login"}
	}
}

// captured runs a function of the user's in a goroutine of its own, and waits for it or for the end of ctx. It makes an
// error of a panic, and of the end of the goroutine, which nobody could recover from.
func captured[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		o := outcome{err: &Error{Code: codeFailedToFetch, Message: "a function given to the SDK ended its goroutine"}}
		defer func() {
			if value := recover(); value != nil {
				o.err = &panicError{value, debug.Stack()}
			}
			done <- o
		}()
		o.value, o.err = f()
	}()
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// panicError is the panic of a listener, store, transport or provider, raised again in each caller with the stack of the first.
type panicError struct {
	value any
	stack []byte
}

func (p *panicError) Error() string { return fmt.Sprintf("%v\n\n%s", p.value, p.stack) }

func (p *panicError) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
