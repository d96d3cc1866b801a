package cometchattest

import (
	"encoding/json"
	"slices"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// The page sizes of a client's lists of messages.
const (
	clientPerPage    = 30
	maxClientPerPage = 100
	serverPerPage    = 10 // of a server's lists that have no page numbers
	maxPages         = 1 << 20
)

// listMessages lists the messages of all conversations of the viewer or, for a server without a user, of everybody.
func (s *Server) listMessages(c *call) (*envelope, error) {
	viewer, err := s.viewer(c)
	if err != nil {
		return nil, err
	}
	q := newQuery(c.r)
	if q.flag("count") {
		return s.countMessages(q, viewer, s.store.Conversations(viewer))
	}
	rows, meta := s.messagePage(c, q, s.store.Messages(), viewer, serverPerPage)
	return s.answerMessages(q, rows, viewer, meta)
}

// listConversation lists the messages between the viewer and a user or, for a server without a user, all messages of the user.
func (s *Server) listConversation(c *call, u *store.User) (*envelope, error) {
	viewer, err := s.viewer(c)
	if err != nil {
		return nil, err
	}
	q := newQuery(c.r)
	messages, seenBy := s.store.Messages(), viewer
	conversation := s.store.Between(viewer, u.UID)
	switch {
	case viewer == "":
		seenBy = u.UID
	case conversation == nil:
		messages = nil
	default:
		messages = conversation.Messages()
	}
	if q.flag("count") {
		var counted []*store.Conversation
		if c := s.store.ConversationOf(viewer, u.UID); c != nil {
			counted = append(counted, c)
		}
		return s.countMessages(q, viewer, counted)
	}
	rows, cursor := s.messagePage(c, q, messages, seenBy, defaultPerPage)
	return s.answerMessages(q, rows, viewer, byCursor(cursor))
}

// listGroupMessages lists the messages of a group.
func (s *Server) listGroupMessages(c *call, g *store.Group, viewer string) (*envelope, error) {
	q, conversation := newQuery(c.r), g.Conversation()
	if q.flag("count") {
		return s.countMessages(q, viewer, []*store.Conversation{conversation})
	}
	rows, cursor := s.messagePage(c, q, conversation.Messages(), viewer, defaultPerPage)
	return s.answerMessages(q, rows, viewer, byCursor(cursor))
}

// listReplies lists the replies to a message.
func (s *Server) listReplies(c *call, m *store.Message, uid string) (*envelope, error) {
	q := newQuery(c.r)
	q.values.Del("hideReplies")
	replies := m.Replies()
	if q.flag("withParent") {
		replies = slices.Concat([]*store.Message{m}, replies)
	}
	rows, meta := s.messagePage(c, q, replies, uid, serverPerPage)
	return s.answerMessages(q, rows, uid, meta)
}

// messagePage returns the page of messages that the query asks for: those that the viewer sees and that match its filters.
func (s *Server) messagePage(c *call, q *query, messages []*store.Message, viewer string, otherwise int) ([]*store.Message, *meta) {
	limit := maxPerPage
	if c.token != nil {
		otherwise, limit = clientPerPage, maxClientPerPage
	}
	affix := "prepend"
	if words := q.words("affix", "append", "prepend"); len(words) > 0 {
		affix = words[0]
	}
	w := store.Window{Forward: affix == "append", Limit: q.size(otherwise, limit)}
	w.Skip = (q.number("page", 1, maxPages) - 1) * w.Limit
	w.ID, _ = q.count("id")
	sentAt, _ := q.count("sentAt")
	w.SentAt = int64(sentAt)
	matches := s.messageFilter(q, viewer)
	if len(q.errs) > 0 {
		return nil, nil // answerMessages refuses
	}
	rows, more := w.Page(messages, matches)
	m := &meta{Current: &current{Limit: w.Limit, Count: len(rows)}}
	if more {
		last := rows[0]
		if w.Forward {
			last = rows[len(rows)-1]
		}
		m.Next = &position{Affix: affix, SentAt: last.SentAt, ID: last.ID}
		if c.token != nil {
			m.Cursor = cursorOf(m) // the official SDK goes on only after a cursor
		}
	}
	return rows, m
}

// byCursor returns the meta of a page in the form of the list of one conversation.
func byCursor(m *meta) *meta {
	if m == nil {
		return nil
	}
	p := &pagination{Count: m.Current.Count, PerPage: m.Current.Limit, CurrentPage: 1, TotalPages: 1}
	if m.Next == nil {
		return &meta{Pagination: p}
	}
	p.TotalPages = 2 // the official SDK stops at 1
	return &meta{Pagination: p, Cursor: cursorOf(m)}
}

// cursorOf returns the position of the next page as a cursor.
func cursorOf(m *meta) map[string]any {
	return map[string]any{"id": json.Number(m.Next.ID), "affix": m.Next.Affix}
}

// viewOptions reads which parts of a message the answer shall have.
func viewOptions(q *query) store.ViewOptions {
	return store.ViewOptions{
		Tags: q.flag("withTags"), ThreadSubscribed: q.flag("withThreadSubscribed"), HideQuoted: q.flag("hideQuotedMessages"),
		MentionsTagInfo:   q.flag("mentionsWithTagInfo") || q.flag("mentionswithTagInfo"), // a page spells it so
		MentionsBlockInfo: q.flag("mentionsWithBlockedInfo"),
	}
}

// answerMessages answers with messages as the viewer sees them, or refuses the query.
func (s *Server) answerMessages(q *query, rows []*store.Message, viewer string, m *meta) (*envelope, error) {
	with := viewOptions(q)
	if err := refuseFields(q.errs); err != nil {
		return nil, err
	}
	views := make([]*store.MessageView, len(rows))
	for i, row := range rows {
		views[i] = s.store.View(row, viewer, with)
	}
	return &envelope{Data: views, Meta: m}, nil
}
