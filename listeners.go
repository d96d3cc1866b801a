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

// MessageListener hears of messages and of what happens to them. Any of its functions may be nil. They are called as those of a
// [ConnectionListener] are. The values are shared by all who hear of them: read them only.
type MessageListener struct {
	MessageReceived, MessageEdited, MessageDeleted, MessageModerated func(*Message)
	TypingStarted, TypingEnded                                       func(Typing)
	ReceiptReceived                                                  func(Receipt)
	ReactionAdded, ReactionRemoved                                   func(ReactionChanged)
	TransientMessageReceived                                         func(TransientMessage)
	MessagePinned, MessageUnpinned, MessageSaved, MessageUnsaved     func(*Message)
	InteractionCompleted                                             func(InteractionCompleted)
}

// AddMessageListener registers l for messages, replacing any message listener with this id. It makes no request, and may be called
// before Connect.
func (c *Client) AddMessageListener(id string, l MessageListener) { c.listen("message", id, l.hear) }

// RemoveMessageListener removes the message listener with this id, as [Client.RemoveConnectionListener] does.
func (c *Client) RemoveMessageListener(id string) { c.unlisten("message", id) }

func (l *MessageListener) hear(e Event) {
	switch e := e.(type) {
	case MessageReceived:
		call1(l.MessageReceived, e.Message)
	case MessageEdited:
		call1(l.MessageEdited, e.Message)
	case MessageDeleted:
		call1(l.MessageDeleted, e.Message)
	case MessageModerated:
		call1(l.MessageModerated, e.Message)
	case MessagePinned:
		call1(either(e.Pinned, l.MessagePinned, l.MessageUnpinned), e.Message)
	case MessageSaved:
		call1(either(e.Saved, l.MessageSaved, l.MessageUnsaved), e.Message)
	case TypingChanged:
		call1(either(e.Started, l.TypingStarted, l.TypingEnded), e.Typing)
	case ReactionChanged:
		call1(either(e.Added, l.ReactionAdded, l.ReactionRemoved), e)
	case ReceiptReceived:
		call1(l.ReceiptReceived, e.Receipt)
	case TransientMessageReceived:
		call1(l.TransientMessageReceived, e.TransientMessage)
	case InteractionCompleted:
		call1(l.InteractionCompleted, e)
	}
}

func either[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

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
