package cometchat

import (
	"log/slog"
	"slices"
	"sync"
)

// ConnectionListener hears of the live connection. Any of its functions may be nil.
//
// The functions of a listener are called one at a time, in the order of the events, on a goroutine of the SDK. A slow function
// holds up neither the connection nor other listeners. The functions may call everything of the client, also Close and the
// removal of their own listener. A panic is logged, and the next event is told.
type ConnectionListener struct {
	// Connecting is called when the client begins to connect.
	Connecting func()
	// Connected is called when the server has accepted the client's session.
	Connected func()
	// Disconnected is called when there is no connection any more, or when an attempt to connect has failed.
	Disconnected func(ConnectionChanged)
}

// UserListener hears of the presence of users: see [WithPresence]. Any of its functions may be nil. They are called as those of a
// [ConnectionListener] are; a listener that is too slow misses events, of which the client's logger says how many.
type UserListener struct {
	UserOnline  func(*User)
	UserOffline func(*User)
}

// AddConnectionListener registers l for changes of the live connection, replacing any connection listener with this id. It
// makes no request, and may be called before Connect.
func (c *Client) AddConnectionListener(id string, l ConnectionListener) {
	c.listen("connection", id, func(e Event) {
		changed, ok := e.(ConnectionChanged)
		switch {
		case !ok:
		case changed.Status == Connecting:
			call(l.Connecting)
		case changed.Status == Connected:
			call(l.Connected)
		case l.Disconnected != nil:
			l.Disconnected(changed)
		}
	})
}

// RemoveConnectionListener removes the connection listener with this id. It does nothing when there is none. None of the
// listener's functions is called afterwards, except that one that is running ends.
func (c *Client) RemoveConnectionListener(id string) { c.unlisten("connection", id) }

// AddUserListener registers l for the presence of users, replacing any user listener with this id. It makes no request, and may
// be called before Connect.
func (c *Client) AddUserListener(id string, l UserListener) {
	c.listen("user", id, func(e Event) {
		presence, ok := e.(PresenceChanged)
		switch {
		case !ok:
		case presence.Status == StatusOnline:
			call1(l.UserOnline, presence.User)
		default:
			call1(l.UserOffline, presence.User)
		}
	})
}

// RemoveUserListener removes the user listener with this id, as [Client.RemoveConnectionListener] does.
func (c *Client) RemoveUserListener(id string) { c.unlisten("user", id) }

func (c *Client) listen(kind, id string, hear func(Event)) {
	if c.lifecycle() != nil {
		c.events.add(kind+" "+id, newListener(hear, c.events.logger))
	}
}

func (c *Client) unlisten(kind, id string) {
	if c.lifecycle() != nil {
		c.events.remove(kind + " " + id)
	}
}

func call(f func()) {
	if f != nil {
		f()
	}
}

func call1[T any](f func(T), value T) {
	if f != nil {
		f(value)
	}
}

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
