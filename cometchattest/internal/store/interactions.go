package store

import (
	"encoding/json"
	"slices"
	"time"
)

// Interact records that a user has used elements of an interactive message. It reports whether that completes the goal of the
// message for the user.
func (s *Store) Interact(m *Message, uid string, elements []string, now time.Time) (completed bool) {
	s.changes++
	before := m.GoalCompleted(uid)
	if m.Interacted == nil {
		m.Interacted = map[string][]Element{}
	}
	for _, id := range elements {
		if !m.used(uid, id) {
			m.Interacted[uid] = append(m.Interacted[uid], Element{id, now.Unix()})
		}
	}
	return !before && m.GoalCompleted(uid)
}

func (m *Message) used(uid, element string) bool {
	return slices.ContainsFunc(m.Interacted[uid], func(e Element) bool { return e.ElementID == element })
}

// GoalCompleted reports whether a user has used the elements that are the goal of an interactive message.
func (m *Message) GoalCompleted(uid string) bool {
	var goal struct {
		Type       string   `json:"type"`
		ElementIDs []string `json:"elementIds"`
	}
	_ = json.Unmarshal(m.Data["interactionGoal"], &goal) // what cannot be read is no goal
	used := func(id string) bool { return m.used(uid, id) }
	switch goal.Type {
	case "anyAction":
		return len(m.Interacted[uid]) > 0
	case "anyOf":
		return slices.ContainsFunc(goal.ElementIDs, used)
	case "allOf":
		return len(goal.ElementIDs) > 0 && !slices.ContainsFunc(goal.ElementIDs, func(id string) bool { return !used(id) })
	}
	return false
}
