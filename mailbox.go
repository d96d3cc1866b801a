package cometchat

import (
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/cometchat-go/cometchat/internal/xsync"
)

// maxMail is how many events may wait for one subscriber before events are dropped.
const maxMail = 1024

// mailbox holds the events that wait for one subscriber.
type mailbox struct {
	notify func() // called when there is something to take; it does not block

	mu      sync.Mutex
	mail    []Event // guarded by mu: oldest first
	dropped int     // guarded by mu: since the last EventsDropped
	closed  bool    // guarded by mu: nothing more comes
}

// droppable reports whether an event may be lost without lasting harm.
func droppable(e Event) bool {
	switch e.(type) {
	case PresenceChanged, UnknownEvent:
		return true
	}
	return false
}

// put adds an event. It does not wait. Once events are dropped, they are dropped until half of the mailbox is free: the
// subscriber is told once of the whole spell.
func (m *mailbox) put(e Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	room := maxMail
	if m.dropped > 0 {
		room = maxMail / 2
	}
	switch {
	case m.closed:
		return
	case droppable(e) && len(m.mail) >= room:
		m.dropped++
		return
	}
	if m.dropped > 0 {
		m.mail = append(m.mail, EventsDropped{m.dropped})
		m.dropped = 0
	}
	m.mail = append(m.mail, e)
	m.notify()
}

// take removes the oldest event and returns it, or nil if there is none. over says that there will be none.
func (m *mailbox) take() (e Event, over bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case len(m.mail) > 0:
		e, m.mail[0] = m.mail[0], nil
		m.mail = m.mail[1:]
	case m.dropped > 0:
		e, m.dropped = EventsDropped{m.dropped}, 0
	default:
		m.mail = nil // frees its memory
		over = m.closed
	}
	return e, over
}

// close ends the mailbox. The events that wait stay, unless drop says otherwise.
func (m *mailbox) close(drop bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	if drop {
		m.mail, m.dropped = nil, 0
	}
	m.notify()
}

// loop is a mailbox that a range loop reads.
type loop struct {
	mailbox
	ready chan struct{} // has a value when the loop should look
}

func newLoop() *loop {
	l := &loop{ready: make(chan struct{}, 1)}
	l.notify = func() {
		select {
		case l.ready <- struct{}{}:
		default:
		}
	}
	return l
}

// next waits for an event. It returns nil when there will be none.
func (l *loop) next() Event {
	for {
		if e, over := l.take(); e != nil || over {
			return e
		}
		<-l.ready
	}
}

// newListener returns a mailbox whose events are handed to hear. A panic of hear is logged, and ends nothing else.
func newListener(hear func(Event), logger *slog.Logger) *mailbox {
	m := &mailbox{}
	worker := &xsync.Worker{Step: func() bool {
		e, _ := m.take()
		if e == nil {
			return false
		}
		defer func() {
			if value := recover(); value != nil {
				logger.Error("a listener panicked", "panic", value, "stack", string(debug.Stack()))
			}
		}()
		if dropped, ok := e.(EventsDropped); ok {
			logger.Warn("a listener is too slow: it misses events", "events", dropped.Count)
		}
		hear(e)
		return true
	}}
	m.notify = worker.Wake
	return m
}
