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

// begin has all subscribers know everything up to a message, the first time that such a message is known.
func (h *hub) begin(at uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.known {
		return
	}
	h.known, h.newest = true, max(h.newest, at)
	for _, box := range h.boxes {
		box.begin(at)
	}
}

// forget forgets which message is the newest: the next connection is another user's.
func (h *hub) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.known, h.newest = false, 0
	for _, box := range h.boxes {
		box.begin(0)
	}
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
	m.lacks = h.lacks
	if h.known {
		m.begin(h.newest)
	}
	if !h.live {
		m.behind = true // until the next connection
	}
	if i := slices.IndexFunc(h.boxes, func(b namedBox) bool { return name != "" && b.name == name }); i >= 0 {
		h.boxes[i].close(true)
		h.boxes[i].mailbox = m
		return
	}
	h.boxes = append(h.boxes, namedBox{name, m})
}

// remove ends the subscription of a listener, and what waits for it is dropped.
func (h *hub) remove(name string) { h.drop(func(b namedBox) bool { return b.name == name }) }

func (h *hub) drop(gone func(namedBox) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.boxes = slices.DeleteFunc(h.boxes, func(b namedBox) bool {
		if !gone(b) {
			return false
		}
		b.close(true)
		return true
	})
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
