package store

import (
	"slices"
	"strconv"
	"time"
)

// MaxReactions is how many different reactions a message may have.
const MaxReactions = 25

// React adds a user's reaction to m. It returns nil if the user has reacted like this already. The caller has checked MayReact.
func (s *Store) React(m *Message, uid, reaction string, now time.Time) *Reaction {
	if m.reactionOf(uid, reaction) >= 0 {
		return nil
	}
	s.changes++
	s.reactions++
	m.Reactions = append(m.Reactions, Reaction{strconv.Itoa(s.reactions), reaction, uid, now.Unix()})
	return &m.Reactions[len(m.Reactions)-1]
}

// Unreact removes a user's reaction to m, and returns it, or nil if there is none.
func (s *Store) Unreact(m *Message, uid, reaction string) *Reaction {
	i := m.reactionOf(uid, reaction)
	if i < 0 {
		return nil
	}
	s.changes++
	removed := m.Reactions[i]
	m.Reactions = slices.Delete(m.Reactions, i, i+1)
	return &removed
}

// MayReact reports whether m has room for a reaction: a message has at most MaxReactions different ones.
func (m *Message) MayReact(reaction string) bool {
	different := map[string]bool{reaction: true}
	for _, r := range m.Reactions {
		different[r.Reaction] = true
	}
	return len(different) <= MaxReactions
}

func (m *Message) reactionOf(uid, reaction string) int {
	return slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.UID == uid && r.Reaction == reaction })
}
