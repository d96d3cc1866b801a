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

// typist remembers to whom the user types.
type typist struct {
	mu   sync.Mutex
	open map[Receiver]*typingTo // guarded by mu
}

type typingTo struct {
	told time.Time   // when the receiver was last told
	ends *time.Timer // tells that the user has ended
}

// begin reports whether the receiver has to be told that the user types. It has ended called when the user does not go on.
func (t *typist) begin(to Receiver, ended func()) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := t.open[to]; now != nil {
		now.ends.Reset(typingEnds)
		if time.Since(now.told) < typingPause {
			return false
		}
		now.told = time.Now()
		return true
	}
	if t.open == nil {
		t.open = map[Receiver]*typingTo{}
	}
	t.open[to] = &typingTo{time.Now(), time.AfterFunc(typingEnds, func() {
		if t.end(to) {
			ended()
		}
	})}
	return true
}

// end reports whether the receiver has been told that the user types, and forgets it.
func (t *typist) end(to Receiver) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.open[to]
	if now == nil {
		return false
	}
	now.ends.Stop()
	delete(t.open, to)
	return true
}

// forget forgets all receivers: a server that has lost the connection tells them by itself.
func (t *typist) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, now := range t.open {
		now.ends.Stop()
	}
	t.open = nil
}
