package store

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxNumber is the largest id of a message that Load takes, so that later ids stay exact in every client.
const maxNumber = min(1<<52, math.MaxInt)

// seedMessage is a message in a seed. A person may leave out all but sender, receiver and data.
type seedMessage struct {
	entry
	Message
	SentAt    seconds `json:"sentAt"`
	UpdatedAt seconds `json:"updatedAt"`
	EditedAt  seconds `json:"editedAt"`
	DeletedAt seconds `json:"deletedAt"`
}

type seedConversation struct {
	entry
	Conversation
}

func (s *seed) readMessages(list value) error {
	entries, err := list.entries("message")
	s.messages = make([]seedMessage, len(entries))
	for i, e := range entries {
		m := &s.messages[i]
		m.entry = e
		if err := e.into(m); err != nil {
			return err
		}
		m.Message.SentAt, m.Message.UpdatedAt = int64(m.SentAt), int64(m.UpdatedAt)
		m.Message.EditedAt, m.Message.DeletedAt = int64(m.EditedAt), int64(m.DeletedAt)
	}
	return err
}

func (s *seed) readConversations(list value) error {
	entries, err := list.entries("conversation")
	s.conversations = make([]seedConversation, len(entries))
	for i, e := range entries {
		c := &s.conversations[i]
		c.entry = e
		if err := e.into(c); err != nil {
			return err
		}
	}
	return err
}

// savedConversations returns the conversations of two users ordered by id, and then those of the groups.
func (s *Store) savedConversations() (saved []*Conversation) {
	for _, id := range slices.Sorted(maps.Keys(s.conversations)) {
		saved = append(saved, s.conversations[id])
	}
	for _, g := range s.savedGroups() {
		saved = append(saved, g.conversation)
	}
	return saved
}

func (s *Store) loadConversations(from *seed, _ time.Time) error {
	for i := range from.conversations {
		c := &from.conversations[i]
		if c.GUID != "" {
			if err := s.loadGroupSides(c); err != nil {
				return err
			}
			continue
		}
		members := slices.Sorted(maps.Keys(c.Sides))
		if len(members) == 0 || len(members) > 2 || c.ID != ConversationID(members[0], members[len(members)-1]) {
			return c.wrong(c.field("sides"), "the sides must be those of the two users of the conversationId")
		}
		if s.conversations[c.ID] != nil {
			return c.wrong(c.field("conversationId"), "the conversationId is there twice")
		}
		for uid, side := range c.Sides {
			if side == nil {
				c.Sides[uid] = &Side{}
			}
		}
		conversation := c.Conversation // a pointer into from would keep its text in memory
		s.conversations[c.ID] = &conversation
	}
	return nil
}

func (s *Store) loadMessages(from *seed, now time.Time) error {
	last := 0
	for i := range from.messages {
		seeded := &from.messages[i]
		m := seeded.Message
		m.number = last + 1
		if m.ID != "" {
			var err error
			if m.number, err = strconv.Atoi(m.ID); err != nil || m.number <= last || m.number > maxNumber {
				return seeded.wrong(seeded.field("id"), "the id %q must be a number larger than that of the message before", m.ID)
			}
		}
		if m.Sender == "" || m.Receiver == "" {
			return seeded.wrong(seeded.value, "the sender or the receiver is missing")
		}
		last = m.number
		m.complete(now)
		if m.InGroup() && s.groups[m.Receiver] == nil {
			return seeded.wrong(seeded.field("receiver"), "no group has the guid %q", m.Receiver)
		}
		s.loadReactions(&m)
		s.add(&m)
	}
	s.messages = max(s.messages, last)
	s.trim()
	return nil
}

// complete fills in what a person may leave out.
func (m *Message) complete(now time.Time) {
	fill := func(field *string, otherwise string) {
		if *field == "" {
			*field = otherwise
		}
	}
	fill(&m.Category, "message")
	fill(&m.Type, "text")
	if m.ReceiverType != "group" {
		m.ReceiverType = "user"
	}
	m.Sender, m.Receiver = strings.ToLower(m.Sender), strings.ToLower(m.Receiver)
	m.ID, m.ConversationID = strconv.Itoa(m.number), m.conversationID()
	if m.SentAt == 0 {
		m.SentAt = now.Unix()
	}
	m.UpdatedAt = max(m.UpdatedAt, m.SentAt)
}
