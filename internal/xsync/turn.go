// Package xsync has what the SDK needs of concurrency beyond the package sync: a lock that a context can end the wait for,
// calls that concurrent callers share, and calls of functions that may panic.
package xsync

import "context"

// Turn lets one goroutine at a time do what takes requests or a store. It is no mutex: waiting for it ends with the context.
type Turn chan struct{} // has room for one value: whoever put it there has the turn

// NewTurn returns a Turn that nobody has.
func NewTurn() Turn { return make(Turn, 1) }

// Take waits for the turn, and returns ctx's error when that ends first. A free turn is taken even if ctx has ended, so that
// a logout always clears the session.
func (t Turn) Take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	default:
	}
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// End gives the turn to the next.
func (t Turn) End() { <-t }
