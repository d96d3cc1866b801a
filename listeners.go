package cometchat

// ConnectionListener hears of the live connection. Any of its functions may be nil.
//
// The functions of a listener are called one at a time, in the order of the events, on a goroutine of the SDK. A slow function
// holds up neither the connection nor other listeners. The functions may call everything of the client, also Close and the
// removal of their own listener. A panic is logged, and the next event is told.
type ConnectionListener struct {
	// Connecting is called when an attempt to connect begins.
	Connecting func()
	// Connected is called when the server has accepted the client's session.
	Connected func()
	// Disconnected is called when the connection has ended, and when an attempt to connect has failed.
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
// listener's functions is called afterwards; a call that has begun goes on.
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
