package store

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Conversation is a conversation of two users, which exists from its first message on, or since a user pinned it, or that of a
// group, which exists as long as the group.
type Conversation struct {
	ID        string           `json:"conversationId"`
	GUID      string           `json:"guid,omitempty"` // of the group; empty for two users
	CreatedAt int64            `json:"createdAt"`
	UpdatedAt int64            `json:"updatedAt"`
	Sides     map[string]*Side `json:"sides"` // by the uid of a member

	messages []*Message // in the order of their ids
}

// Side is what a conversation is to one member.
type Side struct {
	ReadTo      int      `json:"readTo,omitempty"`      // the id up to which the member has read
	DeliveredTo int      `json:"deliveredTo,omitempty"` // the id up to which the messages have reached the member
	HiddenTo    int      `json:"hiddenTo,omitempty"`    // the id up to which the member has deleted the conversation
	Tags        []string `json:"tags,omitempty"`
	PinnedAt    int64    `json:"pinnedAt,omitempty"` // 0: not pinned
}

// Conversation returns the conversation of two users, or else of a group, with this id, or nil.
func (s *Store) Conversation(id string) *Conversation {
	if c := s.conversations[id]; c != nil {
		return c
	}
	if guid, isGroup := strings.CutPrefix(id, groupPrefix); isGroup && s.groups[guid] != nil {
		return s.groups[guid].conversation
	}
	return nil
}

// Between returns the conversation of two users, or nil.
func (s *Store) Between(uid, other string) *Conversation {
	return s.conversations[ConversationID(uid, other)]
}

// in returns the conversation that a message, which is kept, is in.
func (s *Store) in(m *Message) *Conversation {
	if m.InGroup() {
		return s.groups[m.Receiver].conversation
	}
	return s.conversations[m.ConversationID]
}

// ConversationOf returns the conversation of two users if the user uid has it: it has a message that uid has not deleted, or uid
// has pinned it. Otherwise it returns nil.
func (s *Store) ConversationOf(uid, other string) *Conversation {
	if c := s.conversations[ConversationID(uid, other)]; c != nil && uid != other && c.of(uid) {
		return c
	}
	return nil
}

// Conversations returns the conversations of a user: the pinned ones first, the newest pin first, then those with the newest
// message.
func (s *Store) Conversations(uid string) (all []*Conversation) {
	for _, c := range s.conversations {
		if c.Sides[uid] != nil && len(c.Sides) > 1 && c.of(uid) {
			all = append(all, c)
		}
	}
	for _, g := range s.groups {
		if g.Members[uid] != nil && g.conversation.of(uid) {
			all = append(all, g.conversation)
		}
	}
	slices.SortFunc(all, func(a, b *Conversation) int {
		return cmp.Or(
			cmp.Compare(b.Sides[uid].PinnedAt, a.Sides[uid].PinnedAt), cmp.Compare(b.UpdatedAt, a.UpdatedAt),
			cmp.Compare(b.newest(), a.newest()), cmp.Compare(a.ID, b.ID),
		)
	})
	return all
}

// conversation returns a conversation of two users, which it creates if there is none.
func (s *Store) conversation(id, uid, other string, now int64) *Conversation {
	c := s.conversations[id]
	if c == nil {
		c = &Conversation{ID: id, CreatedAt: now, UpdatedAt: now, Sides: map[string]*Side{uid: {}, other: {}}}
		s.conversations[id] = c
	}
	return c
}

// of reports whether a member has the conversation, and has not deleted it.
func (c *Conversation) of(uid string) bool {
	side := c.Sides[uid]
	return side.PinnedAt != 0 || c.newest() > side.HiddenTo
}

// newest returns the id of the newest message, or 0.
func (c *Conversation) newest() int {
	if len(c.messages) == 0 {
		return 0
	}
	return c.messages[len(c.messages)-1].number
}

// hiddenTo returns the id up to which uid, who may be no member, has deleted the conversation.
func (c *Conversation) hiddenTo(uid string) int {
	if side := c.Sides[uid]; side != nil {
		return side.HiddenTo
	}
	return 0
}

// Other returns the member with whom the member uid has the conversation.
func (c *Conversation) Other(uid string) string {
	for other := range c.Sides {
		if other != uid {
			return other
		}
	}
	return uid
}

// Messages returns the messages in the order of their ids. The slice is the store's own.
func (c *Conversation) Messages() []*Message { return c.messages }

// Last returns the newest message that a member has and that is no action message, or nil.
func (c *Conversation) Last(uid string) *Message {
	for _, m := range slices.Backward(c.messages) {
		if m.number <= c.hiddenTo(uid) {
			return nil
		}
		if m.Category != CategoryAction {
			return m
		}
	}
	return nil
}

// TagConversation replaces a member's tags of a conversation.
func (s *Store) TagConversation(c *Conversation, uid string, tags []string) {
	s.changes++
	c.Sides[uid].Tags = tags
}

// StartConversation returns the conversation of two users, which it creates if there is none.
func (s *Store) StartConversation(uid, other string, now time.Time) *Conversation {
	s.changes++
	return s.conversation(ConversationID(uid, other), uid, other, now.Unix())
}

// PinConversation pins a conversation for the user uid. A conversation that is pinned stays as it is.
func (s *Store) PinConversation(c *Conversation, uid string, now time.Time) {
	s.changes++
	if side := c.Sides[uid]; side.PinnedAt == 0 {
		side.PinnedAt = max(now.Unix(), 1) // 0 means not pinned
	}
}

// UnpinConversation undoes PinConversation.
func (s *Store) UnpinConversation(c *Conversation, uid string) {
	s.changes++
	c.Sides[uid].PinnedAt = 0
}

// HideConversation deletes a conversation for one member, until its next message.
func (s *Store) HideConversation(c *Conversation, uid string) {
	s.changes++
	to := c.newest()
	*c.Sides[uid] = Side{ReadTo: to, DeliveredTo: to, HiddenTo: to}
}

// RemoveMessages forgets all messages of a conversation.
func (s *Store) RemoveMessages(c *Conversation) {
	for len(c.messages) > 0 {
		s.remove(c.messages[len(c.messages)-1])
	}
}
