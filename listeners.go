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
// [ConnectionListener] are. The values are shared by all who hear of them: read them only, and change a Clone.
//
// What happens to the members of a group is for a [GroupListener], although it is a message of the group.
type MessageListener struct {
	// MessageReceived is called for a message of any kind: its Category and Type say which.
	MessageReceived func(*Message)
	// MessageEdited and MessageDeleted are called with the message as it is now.
	MessageEdited, MessageDeleted func(*Message)
	// MessageModerated is called when the app's moderation has decided about a message: see [Message.Moderation].
	MessageModerated func(*Message)

	TypingStarted, TypingEnded     func(Typing)
	ReceiptReceived                func(Receipt)
	ReactionAdded, ReactionRemoved func(ReactionChanged)
	TransientMessageReceived       func(TransientMessage)
	// MessageSaved and MessageUnsaved are about the logged-in user's own saved messages, on another device.
	MessagePinned, MessageUnpinned, MessageSaved, MessageUnsaved func(*Message)
	InteractionCompleted                                         func(InteractionCompleted)
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

// GroupListener hears of the members of groups: see [GroupMemberChanged]. Any of its functions may be nil. They are called as those
// of a [ConnectionListener] are. The values are shared by all who hear of them: read them only.
type GroupListener struct {
	GroupMemberJoined, GroupMemberLeft                        func(GroupMemberChanged)
	MemberAddedToGroup                                        func(GroupMemberChanged)
	GroupMemberKicked, GroupMemberBanned, GroupMemberUnbanned func(GroupMemberChanged)
	GroupMemberScopeChanged                                   func(GroupMemberChanged)
}

// AddGroupListener registers l for the members of groups, replacing any group listener with this id. It makes no request, and may be
// called before Connect.
func (c *Client) AddGroupListener(id string, l GroupListener) { c.listen("group", id, l.hear) }

// RemoveGroupListener removes the group listener with this id, as [Client.RemoveConnectionListener] does.
func (c *Client) RemoveGroupListener(id string) { c.unlisten("group", id) }

func (l *GroupListener) hear(e Event) {
	changed, ok := e.(GroupMemberChanged)
	if !ok {
		return
	}
	switch changed.Action {
	case MemberJoined:
		call1(l.GroupMemberJoined, changed)
	case MemberLeft:
		call1(l.GroupMemberLeft, changed)
	case MemberAdded:
		call1(l.MemberAddedToGroup, changed)
	case MemberKicked:
		call1(l.GroupMemberKicked, changed)
	case MemberBanned:
		call1(l.GroupMemberBanned, changed)
	case MemberUnbanned:
		call1(l.GroupMemberUnbanned, changed)
	case MemberScopeChanged:
		call1(l.GroupMemberScopeChanged, changed)
	}
}

// ConversationListener hears which conversations are pinned: see [ConversationPinned]. Any of its functions may be nil. They are
// called as those of a [ConnectionListener] are. The values are shared by all who hear of them: read them only.
type ConversationListener struct {
	ConversationPinned, ConversationUnpinned func(*Conversation)
}

// AddConversationListener registers l for conversations, replacing any conversation listener with this id. It makes no request, and
// may be called before Connect.
func (c *Client) AddConversationListener(id string, l ConversationListener) {
	c.listen("conversation", id, func(e Event) {
		if e, ok := e.(ConversationPinned); ok {
			call1(either(e.Pinned, l.ConversationPinned, l.ConversationUnpinned), e.Conversation)
		}
	})
}

// RemoveConversationListener removes the conversation listener with this id, as [Client.RemoveConnectionListener] does.
func (c *Client) RemoveConversationListener(id string) { c.unlisten("conversation", id) }

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
