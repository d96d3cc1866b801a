package store

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The categories of messages that the store treats in its own way.
const (
	CategoryAction      = "action" // the record of an edit, of a deletion, or of a change of the members of a group
	CategoryInteractive = "interactive"
)

// System is the uid of the app itself, which acts when a server names no user. It is no user of the store.
const System = "app_system"

// Message is a message as the store keeps and saves it. [Store.View] makes the answer for one viewer of it.
type Message struct {
	ID             string                     `json:"id"`
	MUID           string                     `json:"muid,omitempty"`
	ConversationID string                     `json:"conversationId"`
	Sender         string                     `json:"sender"`
	ReceiverType   string                     `json:"receiverType"`
	Receiver       string                     `json:"receiver"`
	Category       string                     `json:"category"`
	Type           string                     `json:"type"`
	Data           map[string]json.RawMessage `json:"data,omitempty"` // what the sender wrote; of an action message, all of its data
	Tags           []string                   `json:"tags,omitempty"`
	ParentID       string                     `json:"parentId,omitempty"`        // the message that this one replies to
	QuotedID       string                     `json:"quotedMessageId,omitempty"` // the message that this one quotes
	SentAt         int64                      `json:"sentAt"`
	UpdatedAt      int64                      `json:"updatedAt"`
	EditedAt       int64                      `json:"editedAt,omitempty"`
	EditedBy       string                     `json:"editedBy,omitempty"`
	DeletedAt      int64                      `json:"deletedAt,omitempty"` // the message is deleted, but its place is kept
	DeletedBy      string                     `json:"deletedBy,omitempty"`

	Reactions   []Reaction           `json:"reactions,omitempty"` // the oldest first
	PinnedAt    int64                `json:"pinnedAt,omitempty"`  // 0: not pinned
	PinnedBy    string               `json:"pinnedBy,omitempty"`
	SavedBy     map[string]int64     `json:"savedBy,omitempty"`     // since when, by uid
	Flags       map[string]Flag      `json:"flags,omitempty"`       // by the uid of the user who flagged it
	Subscribers map[string]bool      `json:"subscribers,omitempty"` // by uid: see ThreadSubscribed
	Receipts    map[string]Receipt   `json:"receipts,omitempty"`    // by the uid of a receiver
	Interacted  map[string][]Element `json:"interacted,omitempty"`  // by uid

	number   int        // the ID
	replies  []*Message // in the order of their ids
	mentions []string   // uids
}

// Reaction is a user's reaction to a message.
type Reaction struct {
	ID        string `json:"id"`
	Reaction  string `json:"reaction"`
	UID       string `json:"uid"`
	ReactedAt int64  `json:"reactedAt"`
}

// Flag is a user's report of a message.
type Flag struct {
	ReasonID  string `json:"reasonId"`
	Remark    string `json:"remark,omitempty"`
	FlaggedAt int64  `json:"flaggedAt"`
}

// Receipt says when a message reached a receiver, and when the receiver read it. 0 means not yet.
type Receipt struct {
	DeliveredAt int64 `json:"deliveredAt,omitempty"`
	ReadAt      int64 `json:"readAt,omitempty"`
}

// Element is an element of an interactive message that a user has used.
type Element struct {
	ElementID    string `json:"elementId"`
	InteractedAt int64  `json:"interactedAt"`
}

// SendMessage keeps m with the next id, its conversation and its times, and returns it. The caller has checked m.
func (s *Store) SendMessage(m Message, now time.Time) *Message {
	s.changes++
	s.messages++
	m.number = s.messages
	m.ID, m.ConversationID = strconv.Itoa(m.number), m.conversationID()
	m.SentAt, m.UpdatedAt = now.Unix(), now.Unix()
	if parent := s.Message(m.ParentID); parent != nil {
		for _, uid := range append(mentions(m.Data), m.Sender) {
			parent.Subscribe(uid, true)
		}
	}
	s.add(&m)
	s.trim()
	return &m
}

// HasMUID reports whether a message that is kept has this MUID.
func (s *Store) HasMUID(muid string) bool {
	return slices.ContainsFunc(s.log, func(m *Message) bool { return m.MUID == muid })
}

// trim forgets the oldest messages if there are too many.
func (s *Store) trim() {
	for len(s.log) > s.Keep {
		s.remove(s.log[0])
	}
}

// add puts a message, whose id is the largest, into all lists.
func (s *Store) add(m *Message) {
	m.mentions = mentions(m.Data)
	if parent := s.Message(m.ParentID); parent != nil {
		parent.replies = append(parent.replies, m)
	}
	if !m.InGroup() {
		s.conversation(m.ConversationID, m.Sender, m.Receiver, m.SentAt)
	}
	c := s.in(m)
	s.log, c.messages = append(s.log, m), append(c.messages, m)
	c.UpdatedAt = max(c.UpdatedAt, m.SentAt)
}

// remove forgets a message.
func (s *Store) remove(m *Message) {
	s.changes++
	s.log = without(s.log, m)
	c := s.in(m)
	c.messages = without(c.messages, m)
	if parent := s.Message(m.ParentID); parent != nil {
		parent.replies = without(parent.replies, m)
	}
}

// without returns messages, which are in the order of their ids, without m.
func without(messages []*Message, m *Message) []*Message {
	i, found := search(messages, m.number)
	switch {
	case !found:
		return messages
	case i == 0: // the oldest goes first when there are too many: nothing is moved
		messages[0] = nil
		return messages[1:]
	default:
		return slices.Delete(messages, i, i+1)
	}
}

// search returns where the message with this number is, or would be.
func search(messages []*Message, number int) (at int, found bool) {
	return slices.BinarySearchFunc(messages, number, func(m *Message, number int) int { return cmp.Compare(m.number, number) })
}

// Message returns the message with this id, or nil.
func (s *Store) Message(id string) *Message {
	number, err := strconv.Atoi(id)
	if err != nil {
		return nil
	}
	if i, found := search(s.log, number); found {
		return s.log[i]
	}
	return nil
}

// MessageAfter returns the first message whose id is larger, or nil. The id "" is smaller than all.
func (s *Store) MessageAfter(id string) *Message {
	number, _ := strconv.Atoi(id)
	if i, _ := search(s.log, number+1); i < len(s.log) {
		return s.log[i]
	}
	return nil
}

// InGroup reports whether m is in the conversation of a group.
func (m *Message) InGroup() bool { return m.ReceiverType == "group" }

// SentTo reports whether m was sent to the user uid. A message in a group is sent to all members but its sender.
func (m *Message) SentTo(uid string) bool {
	return !m.InGroup() && m.Receiver == uid || m.InGroup() && m.Sender != uid
}

func (m *Message) conversationID() string {
	if m.InGroup() {
		return GroupConversationID(m.Receiver)
	}
	return ConversationID(m.Sender, m.Receiver)
}

// CanSee reports whether a message is in a conversation of the user uid, who has not deleted it for himself. The uid "" is a
// server, which sees all.
func (s *Store) CanSee(uid string, m *Message) bool {
	isIn := uid == m.Sender || uid == m.Receiver
	if m.InGroup() {
		isIn = s.groups[m.Receiver].Members[uid] != nil
	}
	return uid == "" || isIn && m.number > s.in(m).hiddenTo(uid)
}

// Subscribe makes a user follow the thread of m, or no longer.
func (m *Message) Subscribe(uid string, on bool) {
	if m.Subscribers == nil {
		m.Subscribers = map[string]bool{}
	}
	m.Subscribers[uid] = on
}

// ThreadSubscribed reports whether a user follows the thread of m. The sender does until he unsubscribes.
func (m *Message) ThreadSubscribed(uid string) bool {
	on, said := m.Subscribers[uid]
	return on || !said && uid == m.Sender
}

// Mentions returns the uids of the users that the text mentions, each once.
func (m *Message) Mentions() []string { return m.mentions }

var mentionForm = regexp.MustCompile(`<@uid:([A-Za-z0-9_-]{1,100})>`)

func mentions(data map[string]json.RawMessage) (uids []string) {
	var text string
	if raw := data["text"]; len(raw) == 0 || json.Unmarshal(raw, &text) != nil {
		return nil
	}
	return MentionsIn(text)
}

// MentionsIn returns the uids that a text mentions, each once.
func MentionsIn(text string) (uids []string) {
	for _, found := range mentionForm.FindAllStringSubmatch(text, -1) {
		if uid := strings.ToLower(found[1]); !slices.Contains(uids, uid) {
			uids = append(uids, uid)
		}
	}
	return uids
}

// ConversationID returns the id of the conversation of two users.
func ConversationID(uid, other string) string { return min(uid, other) + "_user_" + max(uid, other) }
