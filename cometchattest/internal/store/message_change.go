package store

import (
	"encoding/json"
	"maps"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
)

// MessageEdit is what an edit changes. Each value in Data takes the place of the message's value. Nil tags stay as they are.
type MessageEdit struct {
	Data map[string]json.RawMessage
	Tags []string
}

// EditMessage changes m for the user by, or for [System]. It returns the action message that it keeps as the record of the edit.
func (s *Store) EditMessage(m *Message, e MessageEdit, by string, now time.Time) *Message {
	data := maps.Clone(m.Data)
	if data == nil {
		data = map[string]json.RawMessage{}
	}
	maps.Copy(data, e.Data)
	m.Data, m.mentions = data, mentions(data)
	if e.Tags != nil {
		m.Tags = e.Tags
	}
	m.EditedAt, m.EditedBy, m.UpdatedAt = now.Unix(), by, now.Unix()
	return s.sendAction("edited", m, by, now)
}

// DeleteMessage deletes m for the user by, or for [System]: the message loses its content, or is forgotten if permanent. It
// returns the action message that it keeps as the record of the deletion.
func (s *Store) DeleteMessage(m *Message, permanent bool, by string, now time.Time) *Message {
	m.Data, m.mentions, m.Tags, m.Reactions, m.Interacted = nil, nil, nil, nil, nil
	m.PinnedAt, m.PinnedBy, m.SavedBy = 0, "", nil
	m.DeletedAt, m.DeletedBy, m.UpdatedAt = max(now.Unix(), 1), by, now.Unix() // 0 means not deleted
	action := s.sendAction("deleted", m, by, now)
	if permanent {
		s.remove(m)
	}
	return action
}

// Moderate sets what the app's moderation says of m, which has not been deleted.
func (s *Store) Moderate(m *Message, status string, now time.Time) {
	s.changes++
	if m.Data == nil {
		m.Data = map[string]json.RawMessage{}
	}
	m.Data["moderation"], _ = json.Marshal(map[string]string{"status": status}) // texts always marshal
	m.UpdatedAt = now.Unix()
}

// sendAction keeps the record of what by has done to m, with m as it is now.
func (s *Store) sendAction(what string, m *Message, by string, now time.Time) *Message {
	on, _ := lenient.Marshal(s.View(m, "", ViewOptions{Tags: true})) // its Data was decoded from JSON
	receiver := m.Receiver
	if by == m.Receiver && !m.InGroup() {
		receiver = m.Sender
	}
	entities, _ := lenient.Marshal(map[string]Entity{
		"by": s.UserEntity(by, ""), "for": s.receiverEntity(m, receiver, ""), "on": {"message", on},
	})
	action, _ := json.Marshal(what) // a string always marshals
	sender := by
	if by == System && !m.InGroup() {
		sender = m.Sender // whose conversation it is
	}
	return s.SendMessage(Message{
		Sender: sender, ReceiverType: m.ReceiverType, Receiver: receiver, Category: CategoryAction, Type: "message",
		Data: map[string]json.RawMessage{"action": action, "entities": entities},
	}, now)
}
