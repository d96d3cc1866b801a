package cometchat

import (
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/cometchat-go/cometchat/internal/xsync"
)

// maxMail is how many events may wait for one subscriber before events are dropped, or messages are left for a catch-up.
const maxMail = 1024

// mail is an event on its way to a subscriber.
type mail struct {
	Event        // nil for a message that is not told, since this client has sent it
	id    uint64 // of the message in the history that tells of it; 0 for an event that the history does not have
}

// mailbox holds the events that wait for one subscriber.
type mailbox struct {
	notify func() // called when there is something to take; it does not block
	lacks  func() // called when the mailbox has room for messages that it has missed; it does not block
	moved  func() // called when the subscriber has done with a message; it does not block. nil: nobody wants to know

	mu      sync.Mutex
	mail    []mail // guarded by mu: oldest first
	inHand  uint64 // guarded by mu: the id of the mail that was taken last
	dropped int    // guarded by mu: since the last EventsDropped
	closed  bool   // guarded by mu: nothing more comes

	// The messages that the subscriber knows; see catchup.go. Guarded by mu.
	told     told
	behind   bool   // messages come by a catch-up, not as they arrive
	announce bool   // the catch-up ends with CaughtUp
	again    bool   // the messages of the catch-up may have been told before
	cursor   uint64 // where the next page of the catch-up begins
	waiting  []mail // arrived while a page was fetched
	missed   bool   // more arrived than could wait
}

// droppable reports whether an event may be lost without lasting harm.
func droppable(e Event) bool {
	switch e.(type) {
	case ConnectionChanged, CaughtUp, Gap:
		return false
	}
	return true
}

// put adds an event. It does not wait. Once events are dropped, they are dropped until half of the mailbox is free: the
// subscriber is told once of the whole spell. A message is never dropped: the mailbox is behind from then on.
func (m *mailbox) put(e mail) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.closed:
	case e.id == 0:
		m.putOther(e)
	case m.behind && len(m.waiting) < maxMail:
		m.waiting = append(m.waiting, e)
	case m.behind:
		m.missed = true
	case m.told.has(e.id):
	case len(m.mail) >= maxMail:
		m.behind, m.missed, m.cursor = true, true, m.told.complete
	default:
		m.told.add(e.id)
		m.append(e)
	}
}

// putOther adds an event that the history does not have. The caller holds mu, as do the callers of the next methods.
func (m *mailbox) putOther(e mail) {
	room := maxMail
	if m.dropped > 0 {
		room = maxMail / 2
	}
	if droppable(e.Event) && len(m.mail) >= room {
		m.dropped++
		return
	}
	m.append(e)
}

func (m *mailbox) append(e mail) {
	if m.dropped > 0 {
		m.mail = append(m.mail, mail{Event: EventsDropped{m.dropped}})
		m.dropped = 0
	}
	m.mail = append(m.mail, e)
	m.notify()
}

// take removes the oldest event and returns it, or nil if there is none. over says that there will be none.
func (m *mailbox) take() (e Event, over bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.inHand > 0 && m.moved != nil {
		m.moved()
	}
	m.inHand = 0
	switch {
	case len(m.mail) > 0:
		e, m.inHand = m.mail[0].Event, m.mail[0].id
		m.mail[0] = mail{}
		m.mail = m.mail[1:]
	case m.dropped > 0:
		e, m.dropped = EventsDropped{m.dropped}, 0
	default:
		m.mail = nil // frees its memory
		over = m.closed
	}
	if m.behind && len(m.mail) == maxMail/2 {
		m.lacks()
	}
	return e, over
}

// close ends the mailbox. The events that wait stay, unless drop says otherwise.
func (m *mailbox) close(drop bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	if drop {
		hand := m.inHand
		m.inHand = 0 // it may still be handled
		m.told = m.told.without(m.pending())
		m.inHand, m.mail, m.dropped = hand, nil, 0
	}
	m.notify()
}

// handled says that the subscriber has done with the event that it took last.
func (m *mailbox) handled() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inHand = 0
}

// pending returns the messages that the subscriber has not done with. The caller holds mu.
func (m *mailbox) pending() (ids []uint64) {
	if m.inHand > 0 {
		ids = append(ids, m.inHand)
	}
	for _, e := range m.mail {
		if e.id > 0 {
			ids = append(ids, e.id)
		}
	}
	return ids
}

// loop is a mailbox that a range loop reads.
type loop struct {
	mailbox
	ready  chan struct{} // has a value when the loop should look
	ranged atomic.Bool
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
