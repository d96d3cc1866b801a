package store

// Conversation is a conversation of two users. It exists from its first message on, or since a user pinned it.
type Conversation struct {
	ID        string           `json:"conversationId"`
	CreatedAt int64            `json:"createdAt"`
	UpdatedAt int64            `json:"updatedAt"`
	Sides     map[string]*Side `json:"sides"` // by the uid of a member
	messages  []*Message       // in the order of their ids
}

// Side is what a conversation is to one member.
type Side struct {
	ReadTo      int      `json:"readTo,omitempty"`      // the id up to which the member has read
	DeliveredTo int      `json:"deliveredTo,omitempty"` // the id up to which the messages have reached the member
	HiddenTo    int      `json:"hiddenTo,omitempty"`    // the id up to which the member has deleted the conversation
	Tags        []string `json:"tags,omitempty"`
	PinnedAt    int64    `json:"pinnedAt,omitempty"` // 0: not pinned
}

// Conversation returns the conversation with this id, or nil.
func (s *Store) Conversation(id string) *Conversation { return s.conversations[id] }

// conversation returns a conversation of two users, which it creates if there is none.
func (s *Store) conversation(id, uid, other string, now int64) *Conversation {
	c := s.conversations[id]
	if c == nil {
		c = &Conversation{ID: id, CreatedAt: now, UpdatedAt: now, Sides: map[string]*Side{uid: {}, other: {}}}
		s.conversations[id] = c
	}
	return c
}

// hiddenTo returns the id up to which uid, who may be no member, has deleted the conversation.
func (c *Conversation) hiddenTo(uid string) int {
	if side := c.Sides[uid]; side != nil {
		return side.HiddenTo
	}
	return 0
}

// Messages returns the messages in the order of their ids. The slice is the store's own.
func (c *Conversation) Messages() []*Message { return c.messages }
