package store

import "time"

// MaxPins is how many messages of a conversation may be pinned, and MaxSaves how many messages a user may have saved.
const (
	MaxPins  = 100
	MaxSaves = 100
)

// Pin pins m. A message that is pinned already is pinned anew. It returns false if the conversation has MaxPins others.
func (s *Store) Pin(m *Message, uid string, now time.Time) bool {
	pinned := 0
	for _, other := range s.in(m).messages {
		if other != m && other.PinnedAt != 0 {
			pinned++
		}
	}
	if pinned >= MaxPins {
		return false
	}
	s.changes++
	m.PinnedAt, m.PinnedBy = now.Unix(), uid
	return true
}

// Unpin reports whether m was pinned.
func (s *Store) Unpin(m *Message) bool {
	if m.PinnedAt == 0 {
		return false
	}
	s.changes++
	m.PinnedAt, m.PinnedBy = 0, ""
	return true
}

// SaveMessage saves m for a user: saved reports whether it was not saved before. ok is false if the user has saved MaxSaves
// others.
func (s *Store) SaveMessage(m *Message, uid string, now time.Time) (saved, ok bool) {
	if m.SavedBy[uid] != 0 {
		return false, true
	}
	others := 0
	for _, other := range s.log {
		if other.SavedBy[uid] != 0 {
			others++
		}
	}
	if others >= MaxSaves {
		return false, false
	}
	s.changes++
	if m.SavedBy == nil {
		m.SavedBy = map[string]int64{}
	}
	m.SavedBy[uid] = now.Unix()
	return true, true
}

// UnsaveMessage reports whether the user had saved m.
func (s *Store) UnsaveMessage(m *Message, uid string) bool {
	if m.SavedBy[uid] == 0 {
		return false
	}
	s.changes++
	delete(m.SavedBy, uid)
	return true
}

// FlagMessage keeps a user's report of m, which takes the place of the user's earlier report.
func (s *Store) FlagMessage(m *Message, uid string, f Flag) {
	s.changes++
	if m.Flags == nil {
		m.Flags = map[string]Flag{}
	}
	m.Flags[uid] = f
}

// SubscribeThread makes a user follow the thread of m, or no longer.
func (s *Store) SubscribeThread(m *Message, uid string, on bool) {
	s.changes++
	m.Subscribe(uid, on)
}
