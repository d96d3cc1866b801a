package cometchattest

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/cometchat-go/cometchat/internal/lenient"
)

// The page sizes of lists of threads.
const (
	threadsPerPage       = 100
	clientThreadsPerPage = 30
)

// thread is a message with replies in a list of threads.
type thread struct {
	*store.MessageView
	UpdatedAt        int64     `json:"updatedAt"` // when the message or its replies last changed
	LastReply        lastReply `json:"lastReply"`
	UnreadReplyCount int       `json:"unreadReplyCount"`
}

// lastReply is a message that has null, or "", where other messages leave a field out.
type lastReply struct{ view *store.MessageView }

// MarshalJSON returns the message with these fields.
func (l lastReply) MarshalJSON() ([]byte, error) {
	fields := map[string]json.RawMessage{}
	for _, name := range []string{"editedAt", "deliveredAt", "readAt", "deletedAt"} {
		fields[name] = json.RawMessage("null")
	}
	for _, name := range []string{"editedBy", "muid"} {
		fields[name] = json.RawMessage(`""`)
	}
	raw, err := lenient.Marshal(l.view)
	if err != nil {
		return nil, err
	}
	present := map[string]json.RawMessage{}
	_ = json.Unmarshal(raw, &present) // it is an object
	maps.Copy(fields, present)
	return lenient.Marshal(fields)
}

// listThreads lists the threads of all conversations of the viewer.
func (s *Server) listThreads(c *call) (*envelope, error) { return s.threads(c, s.store.Messages()) }

// listUserThreads lists the threads of the viewer's conversation with a user.
func (s *Server) listUserThreads(c *call, u *store.User) (*envelope, error) {
	viewer, err := s.viewer(c)
	if err != nil {
		return nil, err
	}
	var messages []*store.Message
	if conversation := s.store.ConversationOf(viewer, u.UID); conversation != nil {
		messages = conversation.Messages()
	}
	return s.threads(c, messages)
}

// listGroupThreads lists the threads of a group.
func (s *Server) listGroupThreads(c *call, g *store.Group, _ string) (*envelope, error) {
	return s.threads(c, g.Conversation().Messages())
}

// threads lists those messages that have replies, the thread with the newest change first.
func (s *Server) threads(c *call, messages []*store.Message) (*envelope, error) {
	viewer, err := s.viewer(c)
	if err != nil {
		return nil, err
	}
	q := newQuery(c.r)
	otherwise := threadsPerPage
	if c.token != nil {
		otherwise = clientThreadsPerPage
	}
	limit, within, mine := q.size(otherwise, maxPerPage), threadWindow(q), q.flag("participatedByMe")
	with := viewOptions(q)
	with.ThreadSubscribed = viewer != ""
	if err := refuseFields(q.errs); err != nil {
		return nil, err
	}
	var parents []*store.Message
	for _, m := range messages {
		if len(m.Replies()) > 0 && within(m) && s.store.CanSee(viewer, m) && (!mine || participated(m, viewer)) {
			parents = append(parents, m)
		}
	}
	slices.SortFunc(parents, func(a, b *store.Message) int { return compareThreads(b, a) })
	rows := parents[:min(limit, len(parents))]
	if q.values.Get("affix") == "append" { // the page ends where the request begins
		rows = parents[len(parents)-len(rows):]
	}
	items := make([]thread, len(rows))
	for i, m := range rows {
		items[i] = s.thread(m, viewer, with)
	}
	return &envelope{Data: items, Meta: threadMeta(rows, len(parents), limit, cmp.Or(q.values.Get("affix"), "prepend"))}, nil
}

func threadMeta(rows []*store.Message, all, limit int, affix string) *meta {
	m := &meta{Current: &current{Limit: limit, Count: len(rows)}}
	if all > len(rows) {
		last := rows[len(rows)-1]
		if affix == "append" {
			last = rows[0]
		}
		m.Next = &position{Affix: affix, UpdatedAt: threadUpdatedAt(last), ID: last.ID}
	}
	return m
}

// threadWindow reads from where on the page is: threads before or, with append, after a time and, within it, an id.
func threadWindow(q *query) func(*store.Message) bool {
	forward := slices.Equal(q.words("affix", "append", "prepend"), []string{"append"})
	at, isAt := q.count("updatedAt")
	id, isID := q.count("id")
	return func(m *store.Message) bool {
		order := cmp.Compare(threadUpdatedAt(m), int64(at))
		if isID && order == 0 {
			order = cmp.Compare(m.Number(), id)
		}
		return !isAt || order < 0 && !forward || order > 0 && forward
	}
}

// compareThreads compares two threads by their last change.
func compareThreads(a, b *store.Message) int {
	return cmp.Or(cmp.Compare(threadUpdatedAt(a), threadUpdatedAt(b)), cmp.Compare(a.Number(), b.Number()))
}

// threadUpdatedAt returns when a message or its replies last changed.
func threadUpdatedAt(m *store.Message) int64 {
	replies := m.Replies()
	return max(m.UpdatedAt, replies[len(replies)-1].SentAt)
}

// participated reports whether a user has sent the message or a reply to it.
func participated(m *store.Message, uid string) bool {
	return m.Sender == uid || slices.ContainsFunc(m.Replies(), func(reply *store.Message) bool { return reply.Sender == uid })
}

// thread returns a message with replies as the viewer sees it.
func (s *Server) thread(m *store.Message, viewer string, with store.ViewOptions) thread {
	replies := m.Replies()
	view := s.store.View(m, viewer, with)
	return thread{
		MessageView: view, UpdatedAt: threadUpdatedAt(m), UnreadReplyCount: view.UnreadRepliesCount,
		LastReply: lastReply{s.store.View(replies[len(replies)-1], viewer, store.ViewOptions{HideQuoted: true})},
	}
}
