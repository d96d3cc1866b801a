package store

import (
	"encoding/json"
	"strconv"
	"time"
)

// Message is a message in the form of the REST API's answers and of live connections.
type Message struct {
	ID             string                     `json:"id"`
	MUID           string                     `json:"muid,omitempty"`
	ConversationID string                     `json:"conversationId"`
	Sender         string                     `json:"sender"`
	ReceiverType   string                     `json:"receiverType"`
	Receiver       string                     `json:"receiver"`
	Category       string                     `json:"category"`
	Type           string                     `json:"type"`
	Data           map[string]json.RawMessage `json:"data"`
	SentAt         int64                      `json:"sentAt"`
	UpdatedAt      int64                      `json:"updatedAt"`
	Tags           []string                   `json:"tags,omitempty"`
}

// SendMessage returns m as it was sent: with the next id, its conversation and its times. The store only counts it.
func (s *Store) SendMessage(m Message, now time.Time) *Message {
	s.messages++
	m.ID, m.ConversationID = strconv.Itoa(s.messages), ConversationID(m.Sender, m.Receiver)
	m.SentAt, m.UpdatedAt = now.Unix(), now.Unix()
	return &m
}

// ConversationID returns the id of the conversation of two users.
func ConversationID(uid, other string) string { return min(uid, other) + "_user_" + max(uid, other) }
