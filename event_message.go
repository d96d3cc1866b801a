package cometchat

import "encoding/json"

// MessageReceived is a message of any kind, of another user, of the app, or of another device of the logged-in user. What this client
// has sent itself is not told. An edit, a deletion and a change of a group's members have events of their own.
type MessageReceived struct{ Message *Message }

// MessageEdited tells that a message was edited: Message is the message as it is now, and its EditedBy says by whom.
type MessageEdited struct{ Message *Message }

// MessageDeleted tells that a message was deleted: Message is what is left of it, and its DeletedBy says by whom.
type MessageDeleted struct{ Message *Message }

// MessageModerated tells what the app's moderation has decided about a message, also about one that this client has sent: see
// [Message.Moderation].
type MessageModerated struct{ Message *Message }

// MessagePinned tells that a message was pinned or unpinned in its conversation, by its PinnedBy.
type MessagePinned struct {
	Message *Message
	// Pinned is false if the message was unpinned.
	Pinned bool
}

// MessageSaved tells that the logged-in user has saved a message on another device, or removed it from the saved messages.
type MessageSaved struct {
	Message *Message
	// Saved is false if the message was removed.
	Saved bool
}

// ConversationPinned tells that a conversation was pinned or unpinned, by its PinnedBy: by the logged-in user on another device, or
// by the app.
type ConversationPinned struct {
	Conversation *Conversation
	// Pinned is false if the conversation was unpinned.
	Pinned bool
}

// Typing says who types, and to whom.
type Typing struct {
	// User is the user who types; never nil.
	User *User
	// Receiver is the group, or the logged-in user.
	Receiver Receiver
	// Metadata is the JSON that the sender gave; nil for none.
	Metadata json.RawMessage
}

// TypingChanged tells that a user has begun to type, or has ended.
type TypingChanged struct {
	Typing
	// Started is false if the user has ended.
	Started bool
}

// ReceiptReceived tells that messages have reached a user, or that the user has read them: the message of the receipt, and all
// before it in the conversation.
type ReceiptReceived struct{ Receipt }

// TransientMessage is what one user sends to another, or to a group, and nobody keeps.
type TransientMessage struct {
	// Sender is the user who sent it; never nil.
	Sender *User
	// Receiver is the group, or the logged-in user.
	Receiver Receiver
	// Data is the sender's JSON object.
	Data json.RawMessage
}

// TransientMessageReceived tells of a transient message.
type TransientMessageReceived struct{ TransientMessage }

// ReactionChanged tells that a user has reacted to a message, or has taken a reaction back.
type ReactionChanged struct {
	// Reaction is the reaction; its MessageID says to which message.
	Reaction *Reaction
	// Added is false if the user has taken it back.
	Added bool
	// Receiver is the group, or the logged-in user.
	Receiver Receiver
	// ConversationID is the id of the message's conversation, and ParentID the id of the message that it replies to; empty for a
	// message outside of a thread.
	ConversationID, ParentID string
}

// InteractionCompleted tells that a user has reached the goal of an interactive message.
type InteractionCompleted struct {
	MessageID string
	// User is the user who did; never nil.
	User *User
	// Receiver is the group, or the logged-in user.
	Receiver Receiver
	// Interactions are the elements that the user has used.
	Interactions []Interaction
}

func (MessageReceived) event()          {}
func (MessageEdited) event()            {}
func (MessageDeleted) event()           {}
func (MessageModerated) event()         {}
func (MessagePinned) event()            {}
func (MessageSaved) event()             {}
func (ConversationPinned) event()       {}
func (TypingChanged) event()            {}
func (ReceiptReceived) event()          {}
func (TransientMessageReceived) event() {}
func (ReactionChanged) event()          {}
func (InteractionCompleted) event()     {}
