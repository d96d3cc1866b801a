package webhook

import (
	"encoding/json"
	"time"

	"github.com/cometchat-go/cometchat"
)

// MessageSent is the payload of "message_sent", and of the legacy "after_message".
type MessageSent struct {
	// Message is the message; never nil.
	Message *cometchat.Message
	// MessageID is the id of the message; never empty.
	MessageID string
	// Sender is the user who sent the message; nil if CometChat did not say.
	Sender *cometchat.User
	// Receiver is a uid if ReceiverType is "user", and a guid if it is "group".
	Receiver, ReceiverType string
	// SentAt is in seconds; zero if CometChat did not send it.
	SentAt time.Time
}

// MessageEdited is the payload of "message_edited".
type MessageEdited struct {
	// Message is the message after the edit; never nil.
	Message *cometchat.Message
	// MessageID is the id of the message; never empty.
	MessageID string
	// By is the user who edited the message; nil if CometChat did not say.
	By *cometchat.User
	// EditedAt is in seconds; zero if CometChat did not send it.
	EditedAt time.Time
}

// MessageDeleted is the payload of "message_deleted".
type MessageDeleted struct {
	// Message is what is left of the message, its id at least; never nil.
	Message *cometchat.Message
	// MessageID is the id of the message; never empty.
	MessageID string
	// By is the user who deleted the message; nil if CometChat did not say.
	By *cometchat.User
	// DeletedAt is in seconds; zero if CometChat did not send it.
	DeletedAt time.Time
}

// UserMentioned is the payload of "user_mentioned".
type UserMentioned struct {
	// Message is the message; never nil.
	Message *cometchat.Message
	// MessageID is the id of the message; never empty.
	MessageID string
	// Sender is the user who sent the message; nil if CometChat did not say.
	Sender *cometchat.User
	// Users are the users whom the message mentions, in the order of their uids.
	Users []*cometchat.User
	// SentAt is in seconds; zero if CometChat did not send it.
	SentAt time.Time
}

// MessageModerated is the payload of "moderation_engine_approved", "moderation_engine_blocked" and
// "moderation_manual_approved".
type MessageModerated struct {
	// Message is the message; never nil.
	Message *cometchat.Message
	// MessageID is the id of the message; never empty.
	MessageID string
	// Sender is the user who sent the message; nil if CometChat did not say.
	Sender *cometchat.User
	// Status is "approved" or "disapproved"; empty if CometChat did not send it.
	Status string
}

// ModerationFailed is the payload of "moderation_engine_failed": the moderation came to no decision.
type ModerationFailed struct {
	// Message is the message; never nil.
	Message *cometchat.Message
	// MessageID is the id of the message; never empty.
	MessageID string
	// Sender is the user who sent the message; nil if CometChat did not say.
	Sender *cometchat.User
}

// message is a message as CometChat writes it.
type message struct {
	ID           string `json:"id"`
	Sender       string `json:"sender"`
	Receiver     string `json:"receiver"`
	ReceiverType string `json:"receiverType"`
	Type         string `json:"type"`
	SentAt       at     `json:"sentAt"`
	EditedAt     at     `json:"editedAt"`
	EditedBy     string `json:"editedBy"`
	DeletedAt    at     `json:"deletedAt"`
	DeletedBy    string `json:"deletedBy"`
	Data         struct {
		Mentions   json.RawMessage `json:"mentions"`
		Moderation struct {
			Status string `json:"status"`
		} `json:"moderation"`
		Entities map[string]struct {
			Entity json.RawMessage `json:"entity"`
		} `json:"entities"`
	} `json:"data"`

	json json.RawMessage
}

// newMessage returns nil if data is not the JSON of a message with an id.
func newMessage(data json.RawMessage) *message {
	m := read[message](data)
	if m.ID == "" {
		return nil
	}
	m.json = data
	return m
}

// typed returns the message as the rest of the SDK has it.
func (m *message) typed() *cometchat.Message { return read[cometchat.Message](m.json) }

// entity returns the user in one of the entities, or else the user with this uid; nil if there is neither.
func (m *message) entity(name, uid string) *cometchat.User {
	return readUser(object(m.Data.Entities[name].Entity), uid)
}

// from returns the sender.
func (m *message) from() *cometchat.User { return m.entity("sender", m.Sender) }

// subject returns what an action message is about, or the message itself if it is no action.
func (m *message) subject() *message {
	if on := newMessage(m.Data.Entities["on"].Entity); on != nil {
		return on
	}
	return m
}

func newMessageSent(e *Event) any {
	data := e.Data
	if e.Trigger != "after_message" {
		data = jsonFields(data)["message"]
	}
	if m := newMessage(data); m != nil {
		return &MessageSent{m.typed(), m.ID, m.from(), m.Receiver, m.ReceiverType, m.SentAt.Time}
	}
	return nil
}

func newMessageEdited(e *Event) any {
	action := newMessage(jsonFields(e.Data)["message"])
	if action == nil {
		return nil
	}
	m := action.subject()
	return &MessageEdited{m.typed(), m.ID, action.entity("by", m.EditedBy), m.EditedAt.Time}
}

func newMessageDeleted(e *Event) any {
	action := newMessage(jsonFields(e.Data)["message"])
	if action == nil {
		return nil
	}
	m := action.subject()
	return &MessageDeleted{m.typed(), m.ID, action.entity("by", m.DeletedBy), m.DeletedAt.Time}
}

func newUserMentioned(e *Event) any {
	if m := newMessage(jsonFields(e.Data)["message"]); m != nil {
		return &UserMentioned{m.typed(), m.ID, m.from(), readUsers(m.Data.Mentions), m.SentAt.Time}
	}
	return nil
}

func newMessageModerated(e *Event) any {
	if m := newMessage(jsonFields(e.Data)["message"]); m != nil {
		return &MessageModerated{m.typed(), m.ID, m.from(), m.Data.Moderation.Status}
	}
	return nil
}

// newModerationFailed reads both forms: one page of CometChat's has a "message", another one a "resource".
func newModerationFailed(e *Event) any {
	data := jsonFields(e.Data)
	m := newMessage(data["resource"])
	if m == nil {
		m = newMessage(data["message"])
	}
	if m == nil {
		return nil
	}
	return &ModerationFailed{m.typed(), m.ID, m.from()}
}
