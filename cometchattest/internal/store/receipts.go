package store

import (
	"maps"
	"slices"
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
		r := m.Receipts[m.Receiver]
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

// Unread reports whether m counts as unread for the user uid, whom it was sent to.
func (s *Store) Unread(m *Message, uid string) bool {
	return m.Receiver == uid && m.Sender != uid && m.Category != CategoryAction && m.DeletedAt == 0 &&
		m.number > s.conversations[m.ConversationID].Sides[uid].ReadTo && s.CanSee(uid, m)
}
