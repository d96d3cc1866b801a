package cometchat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
)

// Conversation is what the logged-in user sees of the messages exchanged with another user or in a group. It exists once a
// message was sent in it, or the user has pinned it.
//
// A *Conversation that a call returns belongs to the caller. As JSON a Conversation is what the server sent.
type Conversation struct {
	// ID is the id of the conversation, "group_hikers" for example.
	ID string
	// Type is ReceiverUser for a conversation with another user, and ReceiverGroup for the conversation of a group.
	Type string
	// With is the other user or the group; a message to With is a message in this conversation. Its ID is empty if the server
	// did not say whom the conversation is with.
	With Receiver
	// WithUser or WithGroup is what the server said of With. The other field is nil, as are both where the server said nothing.
	WithUser  *User
	WithGroup *Group
	// LastMessage is the newest message; nil when there is none, or when it was deleted.
	LastMessage *Message
	// UnreadCount is how many messages the user has not read, and UnreadMentionsCount how many of them mention the user.
	UnreadCount, UnreadMentionsCount int
	// LastReadMessageID and LatestMessageID are the ids of the last message that the user has read, and of the newest message;
	// empty when the server did not send them.
	LastReadMessageID, LatestMessageID string
	// Tags are the tags that the user has given the conversation. Lists have them only on request.
	Tags []string
	// PinnedAt is when the conversation was pinned, by the user whose uid is PinnedBy; "app_system" is the app. PinnedAt is zero
	// for a conversation that is not pinned.
	PinnedAt time.Time
	PinnedBy string
	// CreatedAt and UpdatedAt are zero when the server did not send them.
	CreatedAt, UpdatedAt time.Time
	// Raw is the conversation as the server sent it, with the fields that Conversation does not have.
	Raw json.RawMessage
}

// String describes the conversation on one line, as in "conversation with user bob, 3 unread".
func (c Conversation) String() string {
	text := "conversation " + c.ID
	if c.With.ID != "" {
		text = "conversation with " + c.With.String()
	}
	if c.UnreadCount > 0 {
		text += fmt.Sprintf(", %d unread", c.UnreadCount)
	}
	return oneLine(text)
}

// wireConversation is a conversation as CometChat writes it.
type wireConversation struct {
	ID             string     `json:"conversationId"`
	Type           string     `json:"conversationType,omitempty"`
	With           *wireParty `json:"conversationWith,omitempty"`
	LastMessage    messageRow `json:"lastMessage,omitzero"`
	Unread         int        `json:"unreadMessageCount"`
	UnreadMentions int        `json:"unreadMentionsCount"`
	LastRead       string     `json:"lastReadMessageId,omitempty"`
	Latest         string     `json:"latestMessageId,omitempty"`
	Tags           []string   `json:"tags,omitempty"`
	PinnedAt       unixTime   `json:"pinnedAt,omitzero"`
	PinnedBy       string     `json:"pinnedBy,omitempty"`
	CreatedAt      unixTime   `json:"createdAt,omitzero"`
	UpdatedAt      unixTime   `json:"updatedAt,omitzero"`
}

// conversation returns the conversation, which keeps raw.
func (w *wireConversation) conversation(raw json.RawMessage) *Conversation {
	c := &Conversation{
		ID: w.ID, Type: w.Type, With: Receiver{Type: w.Type}, LastMessage: w.LastMessage.Message,
		UnreadCount: w.Unread, UnreadMentionsCount: w.UnreadMentions, LastReadMessageID: w.LastRead, LatestMessageID: w.Latest,
		Tags: w.Tags, PinnedAt: w.PinnedAt.Time, PinnedBy: w.PinnedBy, CreatedAt: w.CreatedAt.Time, UpdatedAt: w.UpdatedAt.Time,
		Raw: raw,
	}
	c.WithUser, c.WithGroup = w.With.asUser(), w.With.asGroup()
	guid, isGroup := strings.CutPrefix(w.ID, "group_")
	switch {
	case c.WithGroup != nil:
		c.With = ToGroup(c.WithGroup.GUID)
	case c.WithUser != nil:
		c.With = ToUser(c.WithUser.UID)
	case isGroup && w.Type != ReceiverUser:
		c.With = ToGroup(guid)
	}
	if c.Type == "" {
		c.Type = c.With.Type
	}
	return c
}

// conversationRow is a conversation within an answer. It is nil where the answer has something else, such as null or {}.
type conversationRow struct{ *Conversation }

// UnmarshalJSON reads a conversation with an id; what has none leaves the row without a conversation. Some examples of the
// documentation have a list of one conversation in its place.
func (r *conversationRow) UnmarshalJSON(data []byte) error {
	r.Conversation = nil
	var list []json.RawMessage
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		if err := json.Unmarshal(data, &list); err != nil || len(list) != 1 {
			return err
		}
		data = list[0]
	}
	var w wireConversation
	if _, err := lenient.Unmarshal(data, &w); err == nil && w.ID != "" {
		r.Conversation = w.conversation(bytes.Clone(data))
	}
	return nil
}

func (r *conversationRow) conversation() *Conversation { return r.Conversation }

// flaw says what is wrong with an answer that has to have a conversation; "" if nothing is.
func (r *conversationRow) flaw() string {
	if r.Conversation == nil {
		return "the server's answer has no conversation"
	}
	return ""
}

// UnmarshalJSON reads a conversation as CometChat writes it. A field of another form than documented is left empty; Raw has it.
func (c *Conversation) UnmarshalJSON(data []byte) error {
	var w wireConversation
	if _, err := lenient.Unmarshal(data, &w); err != nil {
		return err
	}
	*c = *w.conversation(bytes.Clone(data))
	return nil
}

// MarshalJSON writes the conversation as the server sent it: changes to the fields are not in it. A conversation that no server
// has sent is written with its fields, and with WithUser or WithGroup as whom it is with.
func (c Conversation) MarshalJSON() ([]byte, error) {
	if c.Raw != nil {
		return c.Raw, nil
	}
	w := wireConversation{
		ID: c.ID, Type: c.Type, LastMessage: messageRow{c.LastMessage}, Unread: c.UnreadCount, UnreadMentions: c.UnreadMentionsCount,
		LastRead: c.LastReadMessageID, Latest: c.LatestMessageID, Tags: c.Tags, PinnedAt: unixTime{c.PinnedAt}, PinnedBy: c.PinnedBy,
		CreatedAt: unixTime{c.CreatedAt}, UpdatedAt: unixTime{c.UpdatedAt},
	}
	written := struct {
		wireConversation
		With any `json:"conversationWith,omitempty"`
	}{wireConversation: w}
	switch {
	case c.WithGroup != nil:
		written.With = c.WithGroup
	case c.WithUser != nil:
		written.With = c.WithUser
	case c.With.ID != "" && c.With.IsGroup():
		written.With = Group{GUID: c.With.ID}
	case c.With.ID != "":
		written.With = User{UID: c.With.ID}
	}
	return lenient.Marshal(written)
}
