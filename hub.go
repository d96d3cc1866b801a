package cometchat

import (
	"log/slog"
	"slices"
	"sync"
)

// hub hands the events of a client to its subscribers.
type hub struct {
	logger *slog.Logger

	mu     sync.Mutex
	boxes  []namedBox // guarded by mu, in the order of their subscription
	closed bool       // guarded by mu
}

// namedBox is the mailbox of a listener, or of a loop, which has no name.
type namedBox struct {
	name string
	*mailbox
}

// publish hands an event to all subscribers, in the same order to each. It does not wait.
func (h *hub) publish(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, box := range h.boxes {
		box.put(e)
	}
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
