package cometchat

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"
)

// The categories of a [Message]. A later version of CometChat may have more.
const (
	CategoryMessage     = "message"
	CategoryCustom      = "custom"
	CategoryInteractive = "interactive"
	CategoryCard        = "card"
	CategoryAction      = "action"
	CategoryCall        = "call"
	CategoryAgentic     = "agentic"
)

// The types of a message of [CategoryMessage]. The type of a custom or interactive message is the app's own.
const (
	TypeText  = "text"
	TypeImage = "image"
	TypeVideo = "video"
	TypeAudio = "audio"
	TypeFile  = "file"
)

// The values of [Message.Moderation].
const (
	ModerationPending     = "pending"
	ModerationApproved    = "approved"
	ModerationDisapproved = "disapproved"
	ModerationUnmoderated = "unmoderated"
)

// Message is a message of any kind: a text, media, a custom or interactive message, or what the server says about an edit, a
// deletion or a group. Category and Type say which.
//
// A *Message that a call returns belongs to the caller. A *Message of an event is shared by all who hear of the event: read it
// only, and change a [Message.Clone]. As JSON a Message is what the server sent.
type Message struct {
	// ID identifies the message: digits, which grow with each message of the app.
	ID string
	// MUID is the id that the sender has chosen; see [OutgoingMessage.MUID].
	MUID string
	// ConversationID is the id of the conversation, "group_hikers" for example.
	ConversationID string
	// ParentID is the id of the message that this one replies to in a thread; empty for a message outside of a thread.
	ParentID string
	// Sender is the user who sent the message; never nil. It has only a UID if the server said no more.
	Sender *User
	// Receiver is whom the message was sent to. ReceiverUser or ReceiverGroup is what the server said of the receiver, and nil if
	// it said nothing.
	Receiver      Receiver
	ReceiverUser  *User
	ReceiverGroup *Group
	// Category is one of the Category… constants, and Type one of the Type… constants, or the app's own.
	Category, Type string
	// Text is the text, the caption of media, or the conversation text of a custom message.
	Text string
	// Attachments are the files of a media message.
	Attachments []Attachment
	// CustomData is the JSON object of a custom message, and SubType its subtype. UpdateConversation says whether the message
	// becomes the conversation's last message, and SendNotification whether it was pushed.
	CustomData         json.RawMessage
	SubType            string
	UpdateConversation bool
	SendNotification   bool
	// Interactive is what only an interactive message has; nil for others.
	Interactive *Interactive
	// Card is the JSON object of a card message; nil for others.
	Card json.RawMessage
	// Action is what a message of CategoryAction tells; nil for others.
	Action *Action
	// Metadata is the app's JSON object; nil when there is none. Extensions put their results into it.
	Metadata json.RawMessage
	// Tags come with a message just sent or edited, and in lists on request.
	Tags []string
	// Mentions are the users whom the text mentions, ordered by uid.
	Mentions []*User
	// Reactions are the reactions, each with its count.
	Reactions []ReactionCount
	// QuotedMessageID is the id of the message that this one quotes, and Quoted that message, if the server sent it.
	QuotedMessageID string
	Quoted          *Message
	// ReplyCount is how many replies the thread of this message has, UnreadReplyCount how many of them the user has not read, and
	// LastReply the newest; only lists of threads have the last two. ThreadSubscribed says whether the user follows the thread.
	ReplyCount, UnreadReplyCount int
	LastReply                    *Message
	ThreadSubscribed             bool
	// Moderation is one of the Moderation… constants: ModerationUnmoderated if the server said nothing.
	Moderation string
	// SentAt and UpdatedAt are when the message was sent and last changed. The other times are zero if it has not happened.
	// DeliveredAt and ReadAt are about a message that the logged-in user has sent; DeliveredToMeAt and ReadByMeAt about one that
	// the user has received.
	SentAt, UpdatedAt           time.Time
	DeliveredAt, ReadAt         time.Time
	DeliveredToMeAt, ReadByMeAt time.Time
	EditedAt, DeletedAt         time.Time
	PinnedAt, SavedAt           time.Time
	// EditedBy, DeletedBy and PinnedBy are the uids of who did it; [AppUID] is the app.
	EditedBy, DeletedBy, PinnedBy string
	// Resource names the client that sent the message; empty for a message of a server.
	Resource string
	// MayRepeat says that the program may have been told of this message before, in an earlier process.
	MayRepeat bool
	// Raw is the message as the server sent it, with the fields that Message does not have.
	Raw json.RawMessage
}

// Attachment is a file of a media message.
type Attachment struct {
	// URL is where the file is. It may be valid for a limited time only.
	URL string `json:"url,omitempty"`
	// Name, Extension and MimeType describe the file, as in "cat.png", "png" and "image/png".
	Name      string `json:"name,omitempty"`
	Extension string `json:"extension,omitempty"`
	MimeType  string `json:"mimeType,omitempty"`
	// Size is in bytes; 0 when it is unknown.
	Size int64 `json:"size,omitempty"`
}

// Interactive is what an interactive message has.
type Interactive struct {
	// Data is the JSON object that describes the form, the card, or what the app has made.
	Data json.RawMessage
	// Goal says when the interaction is complete.
	Goal InteractionGoal
	// Interactions are what the logged-in user has done with the message.
	Interactions []Interaction
	// AllowSenderInteraction says whether the sender may interact too.
	AllowSenderInteraction bool
}

// The values of [InteractionGoal.Type].
const (
	GoalNone      = "none"
	GoalAnyAction = "anyAction"
	GoalAnyOf     = "anyOf"
	GoalAllOf     = "allOf"
)

// InteractionGoal says when the interaction with a message is complete.
type InteractionGoal struct {
	// Type is one of the Goal… constants.
	Type string `json:"type"`
	// ElementIDs are the elements that GoalAnyOf and GoalAllOf are about.
	ElementIDs []string `json:"elementIds"`
}

// Interaction is an element of an interactive message that a user has used.
type Interaction struct {
	ElementID string
	At        time.Time
}

// The values of [Action.Action].
const (
	ActionEdited       = "edited"
	ActionDeleted      = "deleted"
	ActionJoined       = "joined"
	ActionLeft         = "left"
	ActionAdded        = "added"
	ActionKicked       = "kicked"
	ActionBanned       = "banned"
	ActionUnbanned     = "unbanned"
	ActionScopeChanged = "scopeChanged"
)

// Action is what a message of [CategoryAction] tells: that a message was edited or deleted, or what happened in a group.
type Action struct {
	// Action is one of the Action… constants, or one that this version does not know.
	Action string
	// By is the user who did it; nil if the server did not say it.
	By *User
	// OnMessage is the message that was edited or deleted, as it is now; OnUser is the user to whom it was done. The other one is
	// nil, as are both where there is none.
	OnMessage *Message
	OnUser    *User
	// ForUser or ForGroup is where it happened.
	ForUser  *User
	ForGroup *Group
	// OldScope and NewScope are the member's scopes before and after ActionScopeChanged.
	OldScope, NewScope string
}

// ReactionCount is a reaction to a message, and how many users have reacted so.
type ReactionCount struct {
	// Reaction is the emoji.
	Reaction string `json:"reaction"`
	Count    int    `json:"count"`
	// ReactedByMe says whether the logged-in user is one of them.
	ReactedByMe bool `json:"reactedByMe,omitempty"`
}

// ReplyTo returns the receiver of an answer to m: the group, or the sender. For a message that the logged-in user has sent to
// another user, answer m.Receiver instead.
func (m *Message) ReplyTo() Receiver {
	if m.Receiver.IsGroup() {
		return m.Receiver
	}
	return ToUser(m.Sender.UID)
}

// Mentioned reports whether the text mentions the user with this uid.
func (m *Message) Mentioned(uid string) bool {
	return slices.ContainsFunc(m.Mentions, func(u *User) bool { return sameUID(u.UID, uid) })
}

// String describes the message on one line, as in `message 812 from ada to group hikers: "hi"`. A text of more than 100
// characters is cut.
func (m Message) String() string {
	text := "message " + m.ID
	if m.Sender != nil && m.Sender.UID != "" {
		text += " from " + m.Sender.UID
	}
	if m.Receiver.ID != "" {
		text += " to " + m.Receiver.String()
	}
	switch said := m.Text; {
	case m.Action != nil:
		text += ": " + m.Action.Action
	case said == "":
		text += ": " + m.Category + " " + m.Type
	case utf8.RuneCountInString(said) > 100:
		text += ": \"" + string([]rune(said)[:100]) + "…\""
	default:
		text += ": \"" + said + "\""
	}
	return oneLine(text)
}

// Clone returns a copy that shares nothing with m.
func (m *Message) Clone() *Message {
	if m == nil {
		return nil
	}
	c := *m
	c.Sender, c.ReceiverUser, c.ReceiverGroup = cloneUser(m.Sender), cloneUser(m.ReceiverUser), m.ReceiverGroup.clone()
	c.Attachments, c.Tags, c.Reactions = slices.Clone(m.Attachments), slices.Clone(m.Tags), slices.Clone(m.Reactions)
	c.CustomData, c.Card, c.Metadata = bytes.Clone(m.CustomData), bytes.Clone(m.Card), bytes.Clone(m.Metadata)
	c.Quoted, c.LastReply, c.Raw = m.Quoted.Clone(), m.LastReply.Clone(), bytes.Clone(m.Raw)
	c.Mentions = slices.Clone(m.Mentions)
	for i, u := range c.Mentions {
		c.Mentions[i] = u.clone()
	}
	if m.Interactive != nil {
		i := *m.Interactive
		i.Data, i.Goal.ElementIDs = bytes.Clone(i.Data), slices.Clone(i.Goal.ElementIDs)
		i.Interactions = slices.Clone(i.Interactions)
		c.Interactive = &i
	}
	if m.Action != nil {
		a := *m.Action
		a.By, a.OnUser, a.ForUser = cloneUser(a.By), cloneUser(a.OnUser), cloneUser(a.ForUser)
		a.OnMessage, a.ForGroup = a.OnMessage.Clone(), a.ForGroup.clone()
		c.Action = &a
	}
	return &c
}

// mayRepeat returns a copy of a message of the history that may have been told before.
func (m *Message) mayRepeat() *Message {
	c := *m
	c.MayRepeat = true
	if m.Action != nil && m.Action.OnMessage != nil {
		a, on := *m.Action, *m.Action.OnMessage
		on.MayRepeat = true
		a.OnMessage, c.Action = &on, &a
	}
	return &c
}

func cloneUser(u *User) *User {
	if u == nil {
		return nil
	}
	return u.clone()
}
