package live

import (
	"errors"
	"time"
)

// live connects, again and again until there is a socket or the life is over.
func (l *Link) live(li *life) {
	for l.connecting(li) {
		s, err := l.attempt(li)
		if err == nil {
			if l.connected(li, s) {
				// Connecting needs a large stack, which a goroutine keeps; reading does not.
				l.tasks.Go(func() { l.listen(li, s) })
			}
			return
		}
		if !l.again(li, err) {
			return
		}
	}
}

// listen reads from a socket until it is over, and then has the life go on.
func (l *Link) listen(li *life, s *socket) {
	if err := s.run(); l.again(li, err) {
		l.tasks.Go(func() { l.live(li) })
	}
}

// again tells that there is no connection, waits, and reports whether the life goes on.
func (l *Link) again(li *life, err error) bool {
	wait, again := l.lost(li, err)
	if !again {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-li.hurry:
	case <-li.ctx.Done():
	}
	return true
}

// connecting reports whether the life goes on.
func (l *Link) connecting(li *life) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.life != li {
		return false
	}
	l.change(Change{Status: Connecting})
	return true
}

// attempt makes a socket. If the server refuses the auth frame, it has the frame renewed, once.
func (l *Link) attempt(li *life) (*socket, error) {
	if err := l.config.Herd.Enter(li.ctx); err != nil {
		return nil, err
	}
	defer l.config.Herd.Exit()
	moved := li.moved
	li.moved = true
	for {
		to, err := l.config.Endpoint(li.ctx, li.refused, moved)
		if err != nil {
			if li.ctx.Err() == nil && l.config.Final(err) {
				err = finalError{err}
			}
			return nil, err
		}
		li.renewed, li.refused = li.renewed || li.refused, false
		s, err := dial(li.ctx, &l.config, to, func() { li.failures, li.renewed, li.moved = 0, false, false })
		if _, refused := errors.AsType[*RefusedError](err); !refused {
			return s, err
		}
		if li.renewed {
			return nil, finalError{err}
		}
		li.refused, moved = true, false
	}
}

// finalError is an error that another attempt cannot change.
type finalError struct{ error }

func (e finalError) Unwrap() error { return e.error }

// connected reports whether the life goes on, with its socket.
func (l *Link) connected(li *life, s *socket) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.life != li {
		s.left.Store(true)
		l.tasks.Go(func() { s.leave(li.err) })
		return false
	}
	l.keep(li)
	li.socket, li.last = s, nil
	close(li.up)
	l.change(Change{Status: Connected})
	return true
}

// lost tells that there is no connection, and why. It returns the wait before the next attempt, if there is one.
func (l *Link) lost(li *life, err error) (wait time.Duration, again bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.life != li {
		return 0, false
	}
	if li.socket != nil {
		li.socket, li.up = nil, make(chan struct{})
	}
	if final, ok := errors.AsType[finalError](err); ok {
		l.finish(li, final.error, Change{Err: final.error})
		return 0, false
	}
	li.last = err
	select {
	case <-li.hurry: // of a Connect that came before this failure
	default:
	}
	wait = l.config.Herd.wait(li.failures, l.config.Intervals)
	li.failures++
	l.change(Change{Err: err, RetryIn: wait})
	return wait, true
}
