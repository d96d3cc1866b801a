package cometchattest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// listGroups lists groups. For a user these are the public ones, those with a password, and those that the user has joined.
func (s *Server) listGroups(c *call) (*envelope, error) {
	viewer, err := s.viewer(c)
	if err != nil {
		return nil, err
	}
	q := newQuery(c.r)
	matches, withTags := groupFilter(q, viewer), q.flag("withTags")
	all := s.store.Groups(matches)
	sortGroups(q, all)
	rows, meta := page(q, all)
	if err := refuseFields(q.errs); err != nil {
		return nil, err
	}
	items := make([]*store.GroupView, len(rows))
	newest := &cursor{Affix: "prepend"}
	for i, g := range rows {
		if items[i] = s.store.ViewGroup(g, viewer); !withTags {
			items[i].Tags = nil
		}
		newest.UpdatedAt = max(newest.UpdatedAt, g.ChangedAt())
	}
	if len(rows) == 0 {
		newest = nil
	}
	return &envelope{Data: items, Meta: meta, Cursor: newest}, nil
}

// groupFilter reads which groups to list.
func groupFilter(q *query, viewer string) func(*store.Group) bool {
	within, joined := changedFilter(q), q.flag("hasJoined")
	types := append(q.words("type", store.Public, store.Private, store.Password), q.words("types", store.Public, store.Private, store.Password)...)
	tags, in := q.words("tags"), q.words("searchIn", "guid", "name")
	key := strings.ToLower(strings.TrimSpace(q.values.Get("searchKey")))
	if joined && viewer == "" {
		q.errs.Add("hasJoined", "needs the onBehalfOf header.")
	}
	found := func(field, value string) bool {
		return (len(in) == 0 || slices.Contains(in, field)) && strings.Contains(strings.ToLower(value), key)
	}
	return func(g *store.Group) bool {
		member := g.Rank(viewer) != store.RankNone
		return (member || g.Type != store.Private) && (!joined || member) && within(g.ChangedAt()) &&
			(len(types) == 0 || slices.Contains(types, g.Type)) && (found("guid", g.GUID) || found("name", g.Name)) &&
			(len(tags) == 0 || slices.ContainsFunc(tags, func(tag string) bool { return slices.Contains(g.Tags, tag) }))
	}
}

// sortGroups sorts groups as the query asks for. Without sortBy they stay in the order of their creation.
func sortGroups(q *query, groups []*store.Group) {
	by, order := q.words("sortBy", "name", "guid", "createdAt"), q.words("sortOrder", "asc", "desc")
	if len(by) == 0 {
		return
	}
	slices.SortStableFunc(groups, map[string]func(a, b *store.Group) int{
		"name":      func(a, b *store.Group) int { return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) },
		"guid":      func(a, b *store.Group) int { return cmp.Compare(a.GUID, b.GUID) },
		"createdAt": func(a, b *store.Group) int { return cmp.Compare(a.CreatedAt, b.CreatedAt) },
	}[by[0]])
	if len(order) > 0 && order[0] == "desc" {
		slices.Reverse(groups)
	}
}

// groupMember is a user in the lists of a group.
type groupMember struct {
	*store.User
	Tags     []string `json:"tags,omitempty"`
	Scope    string   `json:"scope,omitempty"`
	JoinedAt int64    `json:"joinedAt,omitempty"`
	IsBanned bool     `json:"isBanned,omitempty"`
}

// listMembers lists the members of a group, those who joined first before the others.
func (s *Server) listMembers(c *call, g *store.Group, _ string) (*envelope, error) {
	q := newQuery(c.r)
	scopes := q.words("scopes", store.Admin, store.Moderator, store.Participant)
	return s.listOfGroup(q, func(uid string) (groupMember, bool) {
		m := g.Members[uid]
		if m == nil || len(scopes) > 0 && !slices.Contains(scopes, m.Scope) {
			return groupMember{}, false
		}
		return groupMember{Scope: m.Scope, JoinedAt: m.JoinedAt}, true
	})
}

// listBanned lists the users who are banned from a group. They were participants, for who asks by scope.
func (s *Server) listBannedMembers(c *call, g *store.Group, _ string) (*envelope, error) {
	q := newQuery(c.r)
	scopes := q.words("scopes", store.Admin, store.Moderator, store.Participant)
	return s.listOfGroup(q, func(uid string) (groupMember, bool) {
		banned := g.Banned[uid] != 0 && (len(scopes) == 0 || slices.Contains(scopes, store.Participant))
		return groupMember{IsBanned: true, Scope: store.Participant}, banned
	})
}

// listOfGroup lists the active users whom of selects.
func (s *Server) listOfGroup(q *query, of func(uid string) (groupMember, bool)) (*envelope, error) {
	found, status := searchFilter(q), q.words("status", store.Available, store.Offline)
	var all []groupMember
	for _, u := range s.store.Users(func(u *store.User) bool { return u.DeactivatedAt == 0 && found(u) }) {
		m, selected := of(u.UID)
		if !selected || len(status) > 0 && !slices.Contains(status, u.Status) {
			continue
		}
		m.User, m.Tags = u, u.Tags
		all = append(all, m)
	}
	slices.SortStableFunc(all, func(a, b groupMember) int { return cmp.Compare(a.JoinedAt, b.JoinedAt) })
	rows, meta := page(q, all)
	if err := refuseFields(q.errs); err != nil {
		return nil, err
	}
	users := make([]*store.User, len(rows))
	for i, row := range rows {
		users[i] = row.User
	}
	return &envelope{Data: rows, Meta: meta, Cursor: newestChange(users)}, nil
}
