package cometchat

import (
	"sync"
	"time"
)

const (
	// typingPause is how long a StartTyping keeps another one for the same receiver from sending anything.
	typingPause = 5 * time.Second
	// typingEnds is how long after the last StartTyping the receiver is told that the user has ended.
	typingEnds = 10 * time.Second
)

// typist knows to whom the user types.
type typist struct {
	turn sync.Mutex // of one who tells a receiver: what is told last is true

	mu   sync.Mutex
	open map[Receiver]*typingTo // guarded by mu; the ids are in lower case
}

type typingTo struct {
	told time.Time   // when the receiver was last told
	last time.Time   // when the user last typed
	ends *time.Timer // tells that the user has ended
}

// begin has the receiver told that the user types, unless it was told less than typingPause ago. It has ended called when the user does
// not go on.
func (t *typist) begin(to Receiver, tell func() error, ended func()) error {
	t.turn.Lock()
	defer t.turn.Unlock()
	if t.goesOn(to) {
		return nil
	}
	if err := tell(); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	typing := t.open[to]
	if typing == nil {
		if t.open == nil {
			t.open = map[Receiver]*typingTo{}
		}
		typing = &typingTo{ends: time.AfterFunc(typingEnds, ended)}
		t.open[to] = typing
	}
	typing.told, typing.last = now, now
	typing.ends.Reset(typingEnds)
	return nil
}

// goesOn reports whether the receiver need not be told again that the user types.
func (t *typist) goesOn(to Receiver) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	typing := t.open[to]
	if typing == nil || time.Since(typing.told) >= typingPause {
		return false
	}
	typing.last = time.Now()
	typing.ends.Reset(typingEnds)
	return true
}

// end has the receiver told that the user has ended, if it knows that the user types, and if the user has not typed for a time.
func (t *typist) end(to Receiver, idle time.Duration, tell func() error) error {
	t.turn.Lock()
	defer t.turn.Unlock()
	if !t.remove(to, idle) {
		return nil
	}
	return tell()
}

func (t *typist) remove(to Receiver, idle time.Duration) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	typing := t.open[to]
	if typing == nil || time.Since(typing.last) < idle {
		return false
	}
	typing.ends.Stop()
	delete(t.open, to)
	return true
}

// forget forgets all receivers: the connection that told them is over.
func (t *typist) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, typing := range t.open {
		typing.ends.Stop()
	}
	t.open = nil
}
