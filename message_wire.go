package cometchat

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/cometchat-go/cometchat/internal/lenient"
)

// wireMessage is a message as CometChat writes it.
type wireMessage struct {
	ID               string          `json:"id"`
	MUID             string          `json:"muid,omitempty"`
	ConversationID   string          `json:"conversationId,omitempty"`
	ParentID         string          `json:"parentId,omitempty"`
	ParentMessageID  string          `json:"parentMessageId,omitempty"` // of other services than the REST API
	Sender           string          `json:"sender,omitempty"`
	ReceiverType     string          `json:"receiverType,omitempty"`
	Receiver         string          `json:"receiver,omitempty"`
	Category         string          `json:"category,omitempty"`
	Type             string          `json:"type,omitempty"`
	Data             wireData        `json:"data"`
	Tags             []string        `json:"tags,omitempty"`
	QuotedMessageID  string          `json:"quotedMessageId,omitempty"`
	QuotedMessage    *messageRow     `json:"quotedMessage,omitempty"`
	ReplyCount       int             `json:"replyCount,omitempty"`
	UnreadReplies    int             `json:"unreadRepliesCount,omitempty"`
	UnreadReplyCount int             `json:"unreadReplyCount,omitempty"` // in lists of threads
	LastReply        *messageRow     `json:"lastReply,omitempty"`
	ThreadSubscribed bool            `json:"threadSubscribed,omitempty"`
	Reactions        []ReactionCount `json:"reactions,omitempty"` // the schema has them here, the examples in data
	MyReceipt        *wireReceipt    `json:"myReceipt,omitempty"`
	SentAt           unixTime        `json:"sentAt,omitzero"`
	UpdatedAt        unixTime        `json:"updatedAt,omitzero"`
	DeliveredAt      unixTime        `json:"deliveredAt,omitzero"`
	ReadAt           unixTime        `json:"readAt,omitzero"`
	EditedAt         unixTime        `json:"editedAt,omitzero"`
	DeletedAt        unixTime        `json:"deletedAt,omitzero"`
	PinnedAt         unixTime        `json:"pinnedAt,omitzero"`
	SavedAt          unixTime        `json:"savedAt,omitzero"`
	EditedBy         string          `json:"editedBy,omitempty"`
	DeletedBy        string          `json:"deletedBy,omitempty"`
	PinnedBy         string          `json:"pinnedBy,omitempty"`
}

// wireReceipt is what is known of the logged-in user's receipt.
type wireReceipt struct {
	DeliveredAt unixTime `json:"deliveredAt,omitzero"`
	ReadAt      unixTime `json:"readAt,omitzero"`
}

// wireData is the data of a message.
type wireData struct {
	Text               string               `json:"text,omitempty"`
	URL                string               `json:"url,omitempty"`
	Attachments        []Attachment         `json:"attachments,omitempty"`
	CustomData         json.RawMessage      `json:"customData,omitempty"`
	SubType            string               `json:"subType,omitempty"`
	UpdateConversation bool                 `json:"updateConversation,omitempty"`
	SendNotification   bool                 `json:"sendNotification,omitempty"`
	InteractiveData    json.RawMessage      `json:"interactiveData,omitempty"`
	InteractionGoal    *InteractionGoal     `json:"interactionGoal,omitempty"`
	Interactions       []wireInteraction    `json:"interactions,omitempty"`
	AllowSender        bool                 `json:"allowSenderInteraction,omitempty"`
	Card               json.RawMessage      `json:"card,omitempty"`
	Metadata           json.RawMessage      `json:"metadata,omitempty"`
	Mentions           map[string]*wireUser `json:"mentions,omitempty"`
	Reactions          []ReactionCount      `json:"reactions,omitempty"`
	Moderation         *wireModeration      `json:"moderation,omitempty"`
	Resource           string               `json:"resource,omitempty"`
	Action             string               `json:"action,omitempty"`
	Entities           wireEntities         `json:"entities,omitzero"`
	Extras             *wireExtras          `json:"extras,omitempty"`
}

type wireInteraction struct {
	ElementID    string   `json:"elementId"`
	InteractedAt unixTime `json:"interactedAt"`
}

type wireModeration struct {
	Status string `json:"status"`
}

// wireExtras are the scopes of a change of scope.
type wireExtras struct {
	Scope struct {
		Old string `json:"old"`
		New string `json:"new"`
	} `json:"scope"`
}

// wireEntities are the users, the group and the message that a message is about.
type wireEntities struct {
	Sender   wireEntity  `json:"sender,omitzero"`
	Receiver wireEntity  `json:"receiver,omitzero"`
	By       wireEntity  `json:"by,omitzero"`
	On       wireSubject `json:"on,omitzero"`
	For      wireEntity  `json:"for,omitzero"`
}

// wireSubject is the message or the user that something was done to.
type wireSubject struct {
	message *Message
	user    *User
}

// UnmarshalJSON never fails: what cannot be read is nothing.
func (s *wireSubject) UnmarshalJSON(data []byte) error {
	*s = wireSubject{}
	var typed struct {
		EntityType string `json:"entityType"`
	}
	_, _ = lenient.Unmarshal(data, &typed) // what cannot be read has no type
	if typed.EntityType == "message" {
		var e struct {
			Entity messageRow `json:"entity"`
		}
		_, _ = lenient.Unmarshal(data, &e)
		s.message = e.Entity.Message
		return nil
	}
	var e wireEntity
	_, _ = lenient.Unmarshal(data, &e)
	s.user = e.Entity.asUser()
	return nil
}

// readMessage returns nil for what is no message. The message keeps raw.
func readMessage(raw json.RawMessage) *Message {
	var w wireMessage
	if _, err := lenient.Unmarshal(raw, &w); err != nil || w.ID == "" {
		return nil
	}
	return w.message(raw)
}

// messageRow is a message within an answer. It is nil where the answer has something else, such as null or {}.
type messageRow struct{ *Message }

// UnmarshalJSON reads a message with an id; what has none leaves the row without a message.
func (r *messageRow) UnmarshalJSON(data []byte) error {
	r.Message = readMessage(bytes.Clone(data))
	return nil
}

func (r *messageRow) message() *Message {
	if r == nil {
		return nil
	}
	return r.Message
}

// message returns the message, which keeps raw.
func (w *wireMessage) message(raw json.RawMessage) *Message {
	d := &w.Data
	m := &Message{
		ID: w.ID, MUID: w.MUID, ConversationID: w.ConversationID, ParentID: cmp.Or(w.ParentID, w.ParentMessageID),
		Sender: d.Entities.Sender.Entity.asUser(), Receiver: Receiver{w.ReceiverType, w.Receiver},
		ReceiverUser: d.Entities.Receiver.Entity.asUser(), ReceiverGroup: d.Entities.Receiver.Entity.asGroup(),
		Category: w.Category, Type: w.Type, Text: d.Text, Attachments: d.attachments(),
		CustomData: notNull(d.CustomData), SubType: d.SubType, UpdateConversation: d.UpdateConversation, SendNotification: d.SendNotification,
		Card: notNull(d.Card), Metadata: notNull(d.Metadata), Tags: w.Tags, Mentions: d.mentions(),
		QuotedMessageID: w.QuotedMessageID, Quoted: w.QuotedMessage.message(),
		ReplyCount: w.ReplyCount, UnreadReplyCount: cmp.Or(w.UnreadReplyCount, w.UnreadReplies),
		LastReply: w.LastReply.message(), ThreadSubscribed: w.ThreadSubscribed,
		Moderation: ModerationUnmoderated, SentAt: w.SentAt.Time, UpdatedAt: w.UpdatedAt.Time,
		DeliveredAt: w.DeliveredAt.Time, ReadAt: w.ReadAt.Time, EditedAt: w.EditedAt.Time, DeletedAt: w.DeletedAt.Time,
		PinnedAt: w.PinnedAt.Time, SavedAt: w.SavedAt.Time, EditedBy: w.EditedBy, DeletedBy: w.DeletedBy, PinnedBy: w.PinnedBy,
		Resource: d.Resource, Raw: raw,
	}
	if m.Sender == nil {
		m.Sender = &User{UID: w.Sender}
	}
	if m.Reactions = d.Reactions; m.Reactions == nil {
		m.Reactions = w.Reactions
	}
	if m.QuotedMessageID == "" && m.Quoted != nil {
		m.QuotedMessageID = m.Quoted.ID
	}
	if d.Moderation != nil && d.Moderation.Status != "" {
		m.Moderation = d.Moderation.Status
	}
	if w.MyReceipt != nil {
		m.DeliveredToMeAt, m.ReadByMeAt = w.MyReceipt.DeliveredAt.Time, w.MyReceipt.ReadAt.Time
	}
	switch w.Category {
	case CategoryInteractive:
		m.Interactive = d.interactive()
	case CategoryAction:
		m.Action = d.action()
		m.takeActors()
	}
	return m
}

// takeActors fills in the sender and the receiver of an action message from its action: the server says no more of them elsewhere.
func (m *Message) takeActors() {
	a := m.Action
	if a.By != nil && m.Sender.Name == "" && sameUID(a.By.UID, m.Sender.UID) {
		m.Sender = a.By.clone()
	}
	if m.ReceiverUser == nil && a.ForUser != nil && m.Receiver == ToUser(a.ForUser.UID) {
		m.ReceiverUser = a.ForUser.clone()
	}
	if m.ReceiverGroup == nil && a.ForGroup != nil && m.Receiver == ToGroup(a.ForGroup.GUID) {
		m.ReceiverGroup = a.ForGroup.clone()
	}
}

// attachments returns the files of a media message. A message of an older app has only the URL of one.
func (d *wireData) attachments() []Attachment {
	if len(d.Attachments) == 0 && d.URL != "" {
		return []Attachment{{URL: d.URL}}
	}
	return d.Attachments
}

func (d *wireData) mentions() []*User {
	var users []*User
	for uid, w := range d.Mentions {
		if w != nil {
			u := w.user()
			u.UID = cmp.Or(u.UID, uid)
			users = append(users, u)
		}
	}
	slices.SortFunc(users, func(a, b *User) int { return strings.Compare(a.UID, b.UID) })
	return users
}

func (d *wireData) interactive() *Interactive {
	i := &Interactive{
		Data: notNull(d.InteractiveData), Goal: InteractionGoal{Type: GoalNone}, AllowSenderInteraction: d.AllowSender,
	}
	if d.InteractionGoal != nil && d.InteractionGoal.Type != "" {
		i.Goal = *d.InteractionGoal
	}
	for _, done := range d.Interactions {
		i.Interactions = append(i.Interactions, Interaction{done.ElementID, done.InteractedAt.Time})
	}
	return i
}

func (d *wireData) action() *Action {
	e := &d.Entities
	a := &Action{
		Action: d.Action, By: e.By.Entity.asUser(), OnMessage: e.On.message, OnUser: e.On.user,
		ForUser: e.For.Entity.asUser(), ForGroup: e.For.Entity.asGroup(),
	}
	if d.Extras != nil {
		a.OldScope, a.NewScope = d.Extras.Scope.Old, d.Extras.Scope.New
	}
	return a
}

// UnmarshalJSON reads a message as CometChat writes it. A field of another form than documented is left empty; Raw has it.
func (m *Message) UnmarshalJSON(data []byte) error {
	var w wireMessage
	if _, err := lenient.Unmarshal(data, &w); err != nil {
		return err
	}
	*m = *w.message(bytes.Clone(data))
	return nil
}

// MarshalJSON writes the message as the server sent it: changes to the fields are not in it. A message that no server has sent
// is written with its ids, its text and its times.
func (m Message) MarshalJSON() ([]byte, error) {
	if m.Raw != nil {
		return m.Raw, nil
	}
	w := wireMessage{
		ID: m.ID, MUID: m.MUID, ConversationID: m.ConversationID, ParentID: m.ParentID,
		ReceiverType: m.Receiver.Type, Receiver: m.Receiver.ID, Category: m.Category, Type: m.Type,
		Data: wireData{Text: m.Text, Attachments: m.Attachments, CustomData: m.CustomData, Metadata: m.Metadata},
		Tags: m.Tags, SentAt: unixTime{m.SentAt}, UpdatedAt: unixTime{m.UpdatedAt},
	}
	if m.Sender != nil {
		w.Sender = m.Sender.UID
	}
	return lenient.Marshal(w)
}
