package cometchat

import (
	"log/slog"
	"slices"
	"sync"
)

// hub hands the events of a client to its subscribers.
type hub struct {
	logger *slog.Logger
	lacks  func() // called when a mailbox has room for messages that it has missed; it does not block

	mu     sync.Mutex
	boxes  []namedBox // guarded by mu, in the order of their subscription
	closed bool       // guarded by mu
	newest uint64     // guarded by mu: the newest message that is known
	known  bool       // guarded by mu: newest is known
	live   bool       // guarded by mu: messages arrive over a connection

	// For WithResume, nil without it: called when a subscriber has done with a message.
	moved func()
	uid   string // guarded by mu: whose messages they are
	left  *told  // guarded by mu: where the next subscriber goes on; nil: with the next message
	again bool   // guarded by mu: what comes after left may have been told before
}

// namedBox is the mailbox of a listener, or of a loop, which has no name.
type namedBox struct {
	name string
	*mailbox
}

// publish hands an event to all subscribers, in the same order to each. It does not wait.
func (h *hub) publish(e mail) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.newest = max(h.newest, e.id)
	for _, box := range h.boxes {
		box.put(e)
	}
}

// begin says what the subscribers have been told of a user's messages, the first time that it is known. again says that another
// process of the program has told them.
func (h *hub) begin(uid string, t told, again bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.known {
		return
	}
	h.known, h.uid, h.newest = true, uid, max(h.newest, t.newest())
	for _, box := range h.boxes {
		box.begin(t, again)
		if h.live {
			box.fallBehind(true)
		}
	}
	if len(h.boxes) == 0 && h.moved != nil {
		h.left, h.again = &t, again
	}
}

// position returns what all subscribers have been told of; ok is false if nobody knows.
func (h *hub) position() (uid string, t told, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case !h.known:
		return "", told{}, false
	case len(h.boxes) > 0:
		return h.uid, done(h.boxes), true
	case h.left != nil:
		return h.uid, *h.left, true
	}
	return "", told{}, false
}

// done returns what all subscribers have been told of; there is at least one.
func done(boxes []namedBox) told {
	t := boxes[0].done()
	for _, box := range boxes[1:] {
		other := box.done()
		t = t.and(&other)
	}
	return t
}

// knows has all subscribers know a message of this client without being told.
func (h *hub) knows(id uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.known || id == 0 {
		return
	}
	for _, box := range h.boxes {
		box.know(id)
	}
}

// begunFor reports whether begin has been called for this user. It forgets the messages of another.
func (h *hub) begunFor(uid string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.known && !sameUID(h.uid, uid) {
		h.known, h.newest, h.left = false, 0, nil
		for _, box := range h.boxes {
			box.forget()
		}
	}
	return h.known
}

func (h *hub) begun() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.known
}

// connected has all subscribers catch up: a new connection has been made. disconnected says that it is over.
func (h *hub) connected() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.live = true
	for _, box := range h.boxes {
		box.fallBehind(h.known)
	}
}

func (h *hub) disconnected() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.live = false
}

// confirm says that the connection has been good so far.
func (h *hub) confirm() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, box := range h.boxes {
		box.confirm()
	}
}

// all returns the mailboxes of all subscribers.
func (h *hub) all() []*mailbox {
	h.mu.Lock()
	defer h.mu.Unlock()
	boxes := make([]*mailbox, len(h.boxes))
	for i, box := range h.boxes {
		boxes[i] = box.mailbox
	}
	return boxes
}

// empty reports whether there is nobody who would hear.
func (h *hub) empty() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.boxes) == 0
}

// add subscribes a mailbox, in the place of one with the same name.
func (h *hub) add(name string, m *mailbox) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		m.close(true)
		return
	}
	m.lacks, m.moved = h.lacks, h.moved
	old := slices.IndexFunc(h.boxes, func(b namedBox) bool { return name != "" && b.name == name })
	if old >= 0 {
		h.boxes[old].close(true)
		if h.moved != nil && h.known {
			t := h.boxes[old].done()
			h.left, h.again = &t, false
		}
	}
	switch {
	case h.left != nil:
		m.begin(*h.left, h.again)
		m.behind, m.announce, h.left = true, true, nil
		h.lacks()
	case h.known:
		m.begin(toldUpTo(h.newest), false)
	}
	if !h.live {
		m.behind = true // until the next connection
	}
	if old >= 0 {
		h.boxes[old].mailbox = m
		return
	}
	h.boxes = append(h.boxes, namedBox{name, m})
}

// remove ends the subscription of a listener, and what waits for it is dropped.
func (h *hub) remove(name string) { h.drop(func(b namedBox) bool { return b.name == name }) }

func (h *hub) drop(gone func(namedBox) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := slices.Clone(h.boxes)
	h.boxes = slices.DeleteFunc(h.boxes, func(b namedBox) bool {
		if !gone(b) {
			return false
		}
		b.close(true)
		return true
	})
	if h.moved != nil && h.known && len(h.boxes) == 0 && len(before) > 0 {
		t := done(before)
		h.left, h.again = &t, false
	}
}

// close ends all subscriptions. What waits for the subscribers is still told.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, box := range h.boxes {
		box.close(false)
	}
	h.boxes = nil
}
