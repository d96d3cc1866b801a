package xsync

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
)

// ErrGoexit is the outcome of a function that ended its goroutine with runtime.Goexit.
var ErrGoexit = errors.New("a function given to the SDK ended its goroutine")

// PanicError is a panic as an error. Its text has the stack of the goroutine that panicked.
type PanicError struct {
	Value any
	stack []byte
}

func (p *PanicError) Error() string { return fmt.Sprintf("%v\n\n%s", p.Value, p.stack) }

// Unwrap returns the value of the panic if it is an error, and nil otherwise.
func (p *PanicError) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// capture calls f and then done, with a *PanicError when f panics and with ErrGoexit when f ends the goroutine.
func capture[T any](f func() (T, error), done func(T, error)) {
	var value T
	err := ErrGoexit
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{p, debug.Stack()}
		}
		done(value, err)
	}()
	value, err = f()
}

// Captured runs f in a goroutine of its own, and waits for its outcome or for the end of ctx. A panic of f is returned as a
// *PanicError, and the end of f's goroutine as ErrGoexit: the caller could recover from neither.
func Captured[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	ended := make(chan outcome, 1)
	go capture(f, func(value T, err error) { ended <- outcome{value, err} })
	select {
	case o := <-ended:
		return o.value, o.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
