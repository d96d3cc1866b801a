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

// ReactionsLike returns the reactions to m, in the order of their ids: those that are the same as reaction, or all if it is "".
func (m *Message) ReactionsLike(reaction string) (all []Reaction) {
	for _, r := range m.Reactions {
		if reaction == "" || r.Reaction == reaction {
			all = append(all, r)
		}
	}
	return all
}

// loadReactions counts the reactions to a message that is loaded. A reaction without an id, as a person may write it, and one
// whose id is not larger than the one before get the next id.
func (s *Store) loadReactions(m *Message) {
	last := 0
	for i := range m.Reactions {
		id, err := strconv.Atoi(m.Reactions[i].ID)
		if err != nil || id <= last || id > maxNumber {
			id = max(s.reactions, last) + 1
		}
		m.Reactions[i].ID = strconv.Itoa(id)
		last, s.reactions = id, max(s.reactions, id)
	}
}

func (m *Message) reactionOf(uid, reaction string) int {
	return slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.UID == uid && r.Reaction == reaction })
}
