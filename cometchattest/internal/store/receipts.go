package store

import (
	"maps"
	"math"
	"slices"
	"time"
)

// receiptList is the receipts of a message in the form of the API's answers.
type receiptList struct {
	Data []recipientReceipt `json:"data"`
}

type recipientReceipt struct {
	Recipient *User `json:"recipient"`
	Receipt
}

// setReceipts tells the sender of m about the receiver, and a receiver about itself.
func (s *Store) setReceipts(v *MessageView, m *Message, uid string, list bool) {
	if uid == m.Sender {
		r := s.receiptOfAll(m)
		v.DeliveredAt, v.ReadAt = r.DeliveredAt, r.ReadAt
	} else if r, ok := m.Receipts[uid]; ok {
		v.MyReceipt = &r
	}
	if !list {
		return
	}
	v.Receipts = &receiptList{Data: []recipientReceipt{}}
	for _, uid := range slices.Sorted(maps.Keys(m.Receipts)) {
		if u := s.users[uid]; u != nil {
			v.Receipts.Data = append(v.Receipts.Data, recipientReceipt{u, m.Receipts[uid]})
		}
	}
}

// receiptOfAll returns when m reached its receiver, or the last member of its group, and when that one read it.
func (s *Store) receiptOfAll(m *Message) (all Receipt) {
	if !m.InGroup() {
		return m.Receipts[m.Receiver]
	}
	read, delivered := true, true
	for uid, side := range s.in(m).Sides {
		if uid == m.Sender {
			continue
		}
		r := m.Receipts[uid] // who joined later has none
		all.DeliveredAt, all.ReadAt = max(all.DeliveredAt, r.DeliveredAt), max(all.ReadAt, r.ReadAt)
		delivered, read = delivered && side.DeliveredTo >= m.number, read && side.ReadTo >= m.number
	}
	if !delivered {
		all.DeliveredAt = 0
	}
	if !read {
		all.ReadAt = 0
	}
	return all
}

// MarkRead records that a member has read the conversation, and so received it, up to and including the message with the number
// to.
func (s *Store) MarkRead(c *Conversation, uid string, to int, now time.Time) {
	s.MarkDelivered(c, uid, to, now)
	side := c.Sides[uid]
	for _, m := range c.received(uid, side.ReadTo, to) {
		r := m.Receipts[uid]
		r.ReadAt = max(now.Unix(), 1) // 0 means not yet
		m.setReceipt(uid, r)
	}
	side.ReadTo = max(side.ReadTo, min(to, c.newest()))
}

// MarkDelivered records that the conversation has reached a member up to and including the message with the number to.
func (s *Store) MarkDelivered(c *Conversation, uid string, to int, now time.Time) {
	s.changes++
	side := c.Sides[uid]
	for _, m := range c.received(uid, side.DeliveredTo, to) {
		m.setReceipt(uid, Receipt{DeliveredAt: max(now.Unix(), 1)})
	}
	side.DeliveredTo = max(side.DeliveredTo, min(to, c.newest()))
}

// MarkUnread makes the message with the number from, and those after it, unread for a member again.
func (s *Store) MarkUnread(c *Conversation, uid string, from int) {
	s.changes++
	side := c.Sides[uid]
	for _, m := range c.received(uid, from-1, side.ReadTo) {
		m.setReceipt(uid, Receipt{DeliveredAt: m.Receipts[uid].DeliveredAt})
	}
	side.ReadTo = max(0, min(side.ReadTo, from-1))
}

// received returns the messages to a member after the number after and up to the number to.
func (c *Conversation) received(uid string, after, to int) (messages []*Message) {
	for _, m := range c.after(after) {
		if m.number <= to && m.SentTo(uid) && m.Category != CategoryAction {
			messages = append(messages, m)
		}
	}
	return messages
}

// after returns the messages with larger numbers.
func (c *Conversation) after(number int) []*Message {
	at, found := search(c.messages, number)
	if found {
		at++
	}
	return c.messages[at:]
}

func (m *Message) setReceipt(uid string, r Receipt) {
	if m.Receipts == nil {
		m.Receipts = map[string]Receipt{}
	}
	m.Receipts[uid] = r
}

// Unread reports whether m counts as unread for the user uid, whom it was sent to.
func (s *Store) Unread(m *Message, uid string) bool {
	side := s.in(m).Sides[uid]
	return side != nil && m.SentTo(uid) && m.Sender != uid && m.Category != CategoryAction && m.DeletedAt == 0 &&
		m.number > side.ReadTo && s.CanSee(uid, m)
}

// UnreadMessages returns the messages of a conversation that a member has not read.
func (s *Store) UnreadMessages(c *Conversation, uid string) (unread []*Message) {
	for _, m := range c.after(c.Sides[uid].ReadTo) {
		if s.Unread(m, uid) {
			unread = append(unread, m)
		}
	}
	return unread
}

// ReachedAll returns the largest id of a message in a group that has reached all members but its sender or, if read, that they have
// read, and 0 if there is none.
func (s *Store) ReachedAll(c *Conversation, read bool) int {
	const all = math.MaxInt - 1
	last, first, second := "", all, all // the member who is least far, how far, and how far the next one is
	for uid, side := range c.Sides {
		reached := side.DeliveredTo
		if read {
			reached = side.ReadTo
		}
		if reached < first {
			last, first, second = uid, reached, first
		} else {
			second = min(second, reached)
		}
	}
	at, _ := search(c.messages, second+1) // two members or more lack a later message
	for _, m := range slices.Backward(c.messages[:at]) {
		if m.Category != CategoryAction && (m.number <= first || m.Sender == last) {
			return m.number
		}
	}
	return 0
}
