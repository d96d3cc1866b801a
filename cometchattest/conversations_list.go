package cometchattest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// member is one side of a conversation.
type member struct {
	conversation *store.Conversation
	uid          string
}

// sidesOf returns the conversations of a user or, for a server without a user, those of each user, from the newest message back.
func (s *Server) sidesOf(uid string) (all []member) {
	if uid != "" {
		for _, c := range s.store.Conversations(uid) {
			all = append(all, member{c, uid})
		}
		return all
	}
	for _, u := range s.store.Users(func(*store.User) bool { return true }) {
		all = append(all, s.sidesOf(u.UID)...)
	}
	slices.SortStableFunc(all, func(a, b member) int {
		return cmp.Or(cmp.Compare(b.conversation.UpdatedAt, a.conversation.UpdatedAt), cmp.Compare(a.conversation.ID, b.conversation.ID))
	})
	return all
}

// listConversations lists the conversations of the viewer or, for a server without a user, of each user: a conversation of two users
// comes twice, unless the query has unique.
func (s *Server) listConversations(c *call) (*envelope, error) {
	uid, err := s.viewer(c)
	if err != nil {
		return nil, err
	}
	q := newQuery(c.r)
	otherwise, limit := defaultPerPage, maxPerPage
	if c.token != nil {
		otherwise, limit = clientPerPage, maxClientConversations
	}
	withTags, userTags, blockedInfo := q.flag("withTags"), q.flag("withUserAndGroupTags"), q.flag("withBlockedInfo")
	matches, unique, seen := s.conversationFilter(q), uid == "" && q.flag("unique"), map[string]bool{}
	all := slices.DeleteFunc(s.sidesOf(uid), func(m member) bool {
		leftOut := !matches(m) || unique && seen[m.conversation.ID]
		seen[m.conversation.ID] = true
		return leftOut
	})
	rows, meta := pageOf(q, all, otherwise, limit)
	if err := refuseFields(q.errs); err != nil {
		return nil, err
	}
	items := make([]conversation, len(rows))
	for i, row := range rows {
		item := s.conversationSeen(row.conversation, row.uid)
		if !withTags {
			item.Tags = nil
		}
		switch with := item.ConversationWith.(type) {
		case seenUser:
			if !blockedInfo {
				with = seenUser{User: with.User, Tags: with.Tags, ConversationID: with.ConversationID}
			}
			if !userTags {
				with.Tags = nil
			}
			item.ConversationWith = with
		case *store.GroupView:
			if !userTags {
				with.Tags = nil
			}
		}
		items[i] = item
	}
	return &envelope{Data: items, Meta: meta}, nil
}

// conversationFilter reads which conversations a list has.
func (s *Server) conversationFilter(q *query) func(member) bool {
	types, tags, userTags := q.words("conversationType", "user", "group"), q.words("tags"), q.words("userTags")
	groupTags, pinnedBy := q.words("groupTags"), q.words("pinnedBy", "me", "system")
	unread, blocked := q.flag("unread"), q.flag("includeBlockedUsers")
	hideAgentic, onlyAgentic := q.flag("hideAgentic"), q.flag("onlyAgentic")
	key := strings.ToLower(strings.TrimSpace(q.values.Get("searchKey")))
	among := func(wanted, has []string) bool {
		return len(wanted) == 0 || slices.ContainsFunc(has, func(tag string) bool { return slices.Contains(wanted, tag) })
	}
	return func(m member) bool {
		c, uid := m.conversation, m.uid
		side := c.Sides[uid]
		if !among(tags, side.Tags) || len(pinnedBy) > 0 && (side.PinnedAt == 0 || !slices.Contains(pinnedBy, "me")) ||
			unread && len(s.store.UnreadMessages(c, uid)) == 0 {
			return false
		}
		if g := s.store.Group(c.GUID); g != nil {
			return among(types, []string{"group"}) && len(userTags) == 0 && among(groupTags, g.Tags) && !onlyAgentic &&
				strings.Contains(strings.ToLower(g.Name), key)
		}
		with := s.userOrGone(c.Other(uid))
		agentic := with.Role == "@agentic"
		return among(types, []string{"user"}) && among(userTags, with.Tags) && len(groupTags) == 0 &&
			(blocked || s.store.BlockedAt(uid, with.UID) == 0) &&
			(!hideAgentic || !agentic) && (!onlyAgentic || agentic) && strings.Contains(strings.ToLower(with.Name), key)
	}
}
