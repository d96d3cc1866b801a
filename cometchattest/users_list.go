package cometchattest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// listUsers lists users for servers and, with a token, for clients. A client's list leaves out the caller and deactivated
// users.
func (s *Server) listUsers(c *call) (*envelope, error) {
	viewer, err := s.viewer(c)
	if err != nil {
		return nil, err
	}
	q := newQuery(c.r)
	matches, withTags := userFilter(q), q.flag("withTags")
	if c.token != nil {
		matches = s.clientFilter(q, viewer, matches)
	}
	all := s.store.Users(matches)
	sortUsers(q, all)
	return s.listSeen(q, viewer, all, withTags)
}

// userFilter reads which users to list.
func userFilter(q *query) func(*store.User) bool {
	found, within, status := searchFilter(q), cursorFilter(q), q.words("status", store.Available, store.Offline)
	role, roles, tags := q.words("role"), q.words("roles"), q.words("tags")
	only, with := q.flag("onlyDeactivated"), q.flag("withDeactivated")

	among := func(words []string, value string) bool { return len(words) == 0 || containsFold(words, value) }
	return func(u *store.User) bool {
		deactivated := u.DeactivatedAt != 0
		return (deactivated || !only) && (!deactivated || only || with) && found(u) && within(u) &&
			among(status, u.Status) && among(role, u.Role) && among(roles, u.Role) &&
			(len(tags) == 0 || slices.ContainsFunc(tags, func(tag string) bool { return slices.Contains(u.Tags, tag) }))
	}
}

// clientFilter adds the filters that only a client may use.
func (s *Server) clientFilter(q *query, viewer string, matches func(*store.User) bool) func(*store.User) bool {
	hideBlocked, friendsOnly, uids := q.flag("hideBlockedUsers"), q.flag("friendsOnly"), q.words("uids")
	return func(u *store.User) bool {
		return u.UID != viewer && u.DeactivatedAt == 0 && matches(u) &&
			(!hideBlocked || !s.store.EitherBlocked(viewer, u.UID)) &&
			(!friendsOnly || s.store.Friends(viewer, u.UID)) &&
			(len(uids) == 0 || containsFold(uids, u.UID))
	}
}

// searchFilter reads how a user's uid or name has to begin.
func searchFilter(q *query) func(*store.User) bool {
	key, in := strings.ToLower(q.values.Get("searchKey")), q.words("searchIn", "uid", "name")
	begins := func(field, value string) bool {
		return (len(in) == 0 || slices.Contains(in, field)) && strings.HasPrefix(strings.ToLower(value), key)
	}
	return func(u *store.User) bool { return begins("uid", u.UID) || begins("name", u.Name) }
}

// cursorFilter reads a page of users by cursor.
func cursorFilter(q *query) func(*store.User) bool {
	within := changedFilter(q)
	return func(u *store.User) bool { return within(u.ChangedAt()) }
}

// changedFilter reads a page by cursor: what changed after ("append") or before ("prepend") a time.
func changedFilter(q *query) func(changedAt int64) bool {
	affix := q.words("affix", "append", "prepend")
	at := q.number("updatedAt", 0, 0)
	if len(affix) == 0 {
		return func(int64) bool { return true }
	}
	if at == 0 {
		q.errs.Add("updatedAt", "field is required with affix.")
	}
	return func(changedAt int64) bool {
		if affix[0] == "append" {
			return changedAt > int64(at)
		}
		return changedAt < int64(at)
	}
}

// sortUsers sorts users as a client asks for. Without sortBy they stay in the order of their creation.
func sortUsers(q *query, users []*store.User) {
	by, order := q.words("sortBy", "name", "uid", "status"), q.words("sortOrder", "asc", "desc")
	if len(by) == 0 {
		return
	}
	key := map[string]func(*store.User) string{
		"name":   func(u *store.User) string { return strings.ToLower(u.Name) },
		"uid":    func(u *store.User) string { return u.UID },
		"status": func(u *store.User) string { return u.Status }, // "available" sorts before "offline"
	}[by[0]]
	slices.SortStableFunc(users, func(a, b *store.User) int { return cmp.Compare(key(a), key(b)) })
	if len(order) > 0 && order[0] == "desc" {
		slices.Reverse(users)
	}
}
