package cometchattest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/cometchat-go/cometchat/internal/lenient"
)

const (
	maxReaction  = 45  // characters
	maxReactions = 100 // on a page
)

// addReaction adds the reaction in the path. A second time has no effect.
func (s *Server) addReaction(c *call, m *store.Message, uid string) (*envelope, error) {
	reaction := c.r.PathValue("reaction")
	switch {
	case m.Category == store.CategoryAction || m.DeletedAt != 0:
		return nil, refuse(http.StatusBadRequest, "ERR_MESSAGE_ACTION_NOT_ALLOWED", "Nobody can react to the message %s.", m.ID)
	case utf8.RuneCountInString(reaction) > maxReaction:
		return nil, refuse(http.StatusBadRequest, "ERR_BAD_REQUEST", "The reaction is longer than %d characters.", maxReaction)
	case !m.MayReact(reaction):
		return nil, refuse(http.StatusBadRequest, "ERR_BAD_REQUEST", "The message has %d different reactions already.", store.MaxReactions)
	}
	if r := s.store.React(m, uid, reaction, c.now); r != nil {
		s.tellReaction(c, m, *r, "message_reaction_added", r.ReactedAt)
	}
	return s.answerMessage(m, uid), nil
}

// removeReaction removes the reaction in the path. A second time has no effect.
func (s *Server) removeReaction(c *call, m *store.Message, uid string) (*envelope, error) {
	if r := s.store.Unreact(m, uid, c.r.PathValue("reaction")); r != nil {
		s.tellReaction(c, m, *r, "message_reaction_removed", c.now.Unix())
	}
	return s.answerMessage(m, uid), nil
}

// reactionView is a reaction in the form of the API's answers.
type reactionView struct {
	ID        string          `json:"id"`
	MessageID string          `json:"messageId"`
	Reaction  string          `json:"reaction"`
	UID       string          `json:"uid"`
	ReactedAt int64           `json:"reactedAt"`
	ReactedBy json.RawMessage `json:"reactedBy"`
}

func (s *Server) viewReaction(m *store.Message, r store.Reaction, at int64) reactionView {
	return reactionView{r.ID, m.ID, r.Reaction, r.UID, at, s.store.UserEntity(r.UID, m.ConversationID).Entity}
}

// tellReaction sends the frame of a reaction to the live connections of everybody in the conversation, and reports it to the webhooks.
func (s *Server) tellReaction(c *call, m *store.Message, r store.Reaction, action string, at int64) {
	body, _ := lenient.Marshal(struct { // texts, numbers and JSON always marshal
		reactionView
		Action         string `json:"action"`
		ConversationID string `json:"conversationId"`
		ParentID       string `json:"parentId,omitempty"`
	}{s.viewReaction(m, r, at), action, m.ConversationID, m.ParentID})
	s.tell(c, m, r.UID, "reaction", body)
	s.report(action, func() any { return map[string]any{"reaction": s.viewReaction(m, r, at)} })
}

// listReactions lists the reactions to a message, or those that are the one in the path, the oldest first.
func (s *Server) listReactions(c *call, m *store.Message, _ string) (*envelope, error) {
	q := newQuery(c.r)
	limit := q.number("limit", maxReactions, maxReactions)
	id, hasID := q.count("id")
	backwards := slices.Contains(q.words("affix", "append", "prepend"), "prepend")
	if err := refuseFields(q.errs); err != nil {
		return nil, err
	}
	all := m.ReactionsLike(c.r.PathValue("reaction"))
	first, last := 0, len(all) // of the page
	if hasID && backwards {
		last = reactionsBefore(all, id)
	} else if hasID {
		first = reactionsBefore(all, id+1)
	}
	if backwards {
		first = max(0, last-limit)
	} else {
		last = min(len(all), first+limit)
	}
	rows := []reactionView{}
	for _, r := range all[first:last] {
		rows = append(rows, s.viewReaction(m, r, r.ReactedAt))
	}
	page := &meta{Current: &current{Limit: limit, Count: len(rows)}}
	if len(rows) > 0 && last < len(all) {
		page.Next = &position{Affix: "append", ID: rows[len(rows)-1].ID}
	}
	if len(rows) > 0 && first > 0 {
		page.Previous = &position{Affix: "prepend", ID: rows[0].ID}
	}
	return &envelope{Data: rows, Meta: page}, nil
}

// reactionsBefore returns how many of the reactions, whose ids grow, have a smaller id.
func reactionsBefore(reactions []store.Reaction, id int) int {
	n, _ := slices.BinarySearchFunc(reactions, id, func(r store.Reaction, id int) int {
		number, _ := strconv.Atoi(r.ID) // the store has made it
		return cmp.Compare(number, id)
	})
	return n
}
