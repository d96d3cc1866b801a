package cometchattest

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// findUser finds an active user.
func (s *Server) findUser(uid string) (*user, *refusal) {
	if u, ok := s.active(uid); ok {
		return u, nil
	}
	return nil, refuse(http.StatusNotFound, "ERR_UID_NOT_FOUND",
		"The UID %s does not exist, please make sure you have created a user with this UID.", uid)
}

// inPath finds the user that the path names.
func (s *Server) inPath(c *call) (*user, *refusal) { return s.findUser(c.r.PathValue("uid")) }

func (s *Server) checkRole(f *userFields) *refusal {
	if f.Role == nil || s.roles == nil || s.roles[roleID(*f.Role)] {
		return nil
	}
	return refuse(http.StatusNotFound, "ERR_ROLE_NOT_FOUND", "The role %s does not exist.", *f.Role)
}

// createdUser is the answer to POST /users.
type createdUser struct {
	*user
	AuthToken string `json:"authToken,omitempty"`
}

func (s *Server) createUser(c *call) (*envelope, *refusal) {
	f, no := c.fields(true)
	if no != nil {
		return nil, no
	}
	if no := s.checkRole(f); no != nil {
		return nil, no
	}
	uid := strings.ToLower(*f.UID)
	if _, taken := s.users[uid]; taken { // by a deactivated user too
		return nil, refuse(http.StatusBadRequest, "ERR_UID_ALREADY_EXISTS", "The UID %s already exists.", uid)
	}
	u := &user{UID: uid, Role: defaultRole, Status: offline, CreatedAt: c.now.Unix()}
	f.Unset = nil // there is nothing to unset yet
	f.apply(u, c.now)
	u.UpdatedAt = 0 // absent until the first update
	s.put(u)
	answer := createdUser{user: u}
	if f.WithAuthToken {
		answer.AuthToken = s.tokens.mint(uid, c.now).AuthToken
	}
	return data(answer), nil
}

func (s *Server) updateUser(c *call) (*envelope, *refusal) {
	u, no := s.inPath(c)
	if no != nil {
		return nil, no
	}
	f, no := c.fields(false)
	if no != nil {
		return nil, no
	}
	if no := s.checkRole(f); no != nil {
		return nil, no
	}
	f.apply(u, c.now)
	return data(u), nil
}

func (s *Server) getUser(c *call) (*envelope, *refusal) {
	u, no := s.inPath(c)
	if no != nil {
		return nil, no
	}
	viewer, no := s.viewer(c)
	if no != nil {
		return nil, no
	}
	return data(s.seen(u, viewer)), nil
}

// viewer is the user that a call is made by, or on behalf of; "" for neither.
func (s *Server) viewer(c *call) (uid string, no *refusal) {
	if c.token != nil {
		return c.token.UID, nil
	}
	if uid = c.r.Header.Get("onBehalfOf"); uid == "" {
		return "", nil
	}
	u, no := s.findUser(uid)
	if no != nil {
		return "", no
	}
	return u.UID, nil
}

func (s *Server) deleteUser(c *call) (*envelope, *refusal) {
	var f struct {
		Permanent bool `json:"permanent"`
	}
	if no := c.decode(&f); no != nil {
		return nil, no
	}
	uid := strings.ToLower(c.r.PathValue("uid"))
	if _, ok := s.users[uid]; f.Permanent && ok { // a deactivated user too: nothing else frees its uid
		s.remove(uid)
	} else {
		u, no := s.inPath(c)
		if no != nil {
			return nil, no
		}
		s.deactivate(u, c.now)
	}
	return done("User with %s has been deleted successfully.", uid), nil
}

// deactivate makes a user one who does not exist, to the API, until the user is activated again.
func (s *Server) deactivate(u *user, now time.Time) {
	if u.DeactivatedAt == 0 {
		u.DeactivatedAt, u.Status = max(now.Unix(), 1), offline // 0 would be active, also by a clock that begins there
	}
	for _, t := range s.tokens.byUser[u.UID] {
		s.endSocketsOf(t, userGone)
	}
}

func (s *Server) activateUsers(c *call) (*envelope, *refusal) {
	return s.bulk(c, "uidsToActivate", "nonDeactivatedUids", func(u *user) { u.DeactivatedAt = 0 })
}

func (s *Server) deactivateUsers(c *call) (*envelope, *refusal) {
	return s.bulk(c, "uidsToDeactivate", "deactivatedUids", func(u *user) { s.deactivate(u, c.now) })
}

// bulk changes the users that a field of the body names, and answers with those that exist.
func (s *Server) bulk(c *call, field, answer string, change func(*user)) (*envelope, *refusal) {
	uids, no := c.uids(field)
	if no != nil {
		return nil, no
	}
	changed := slices.DeleteFunc(uids, func(uid string) bool { return s.users[uid] == nil })
	for _, uid := range changed {
		change(s.users[uid])
	}
	return data(map[string][]string{answer: changed}), nil
}

// usersWhere are the users that match, in the order of creation.
func (s *Server) usersWhere(matches func(*user) bool) []*user {
	all := slices.SortedFunc(maps.Values(s.users), func(a, b *user) int { return cmp.Compare(a.number, b.number) })
	return slices.DeleteFunc(all, func(u *user) bool { return !matches(u) })
}

// listUsers is for servers and, with a token, for clients, whose list leaves out the caller and those who are deactivated.
func (s *Server) listUsers(c *call) (*envelope, *refusal) {
	viewer, no := s.viewer(c)
	if no != nil {
		return nil, no
	}
	q := newQuery(c.r)
	matches, withTags := userFilter(q), q.flag("withTags")
	if c.token != nil {
		matches = s.clientFilter(q, viewer, matches)
	}
	all := s.usersWhere(matches)
	q.sort(all)
	some, meta := page(q, all)
	if no := q.flaws.refusal(); no != nil {
		return nil, no
	}
	items := make([]seenUser, len(some))
	for i, u := range some {
		copied := *u
		if !withTags {
			copied.Tags = nil
		}
		items[i] = s.seen(&copied, viewer)
	}
	return &envelope{Data: items, Meta: meta, Cursor: newestChange(some)}, nil
}

// userFilter reads which users are to be listed.
func userFilter(q *query) func(*user) bool {
	begins, within, status := q.search(), q.cursor(), q.words("status", available, offline)
	role, roles, tags := q.words("role"), q.words("roles"), q.words("tags")
	only, with := q.flag("onlyDeactivated"), q.flag("withDeactivated")

	among := func(words []string, value string) bool {
		return len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, value) })
	}
	return func(u *user) bool {
		gone := u.DeactivatedAt != 0
		return (gone || !only) && (!gone || only || with) && begins(u) && within(u) &&
			among(status, u.Status) && among(role, u.Role) && among(roles, u.Role) &&
			(len(tags) == 0 || slices.ContainsFunc(tags, func(tag string) bool { return slices.Contains(u.Tags, tag) }))
	}
}

// clientFilter reads what only a client may ask for.
func (s *Server) clientFilter(q *query, viewer string, matches func(*user) bool) func(*user) bool {
	hideBlocked, friendsOnly, uids := q.flag("hideBlockedUsers"), q.flag("friendsOnly"), q.words("uids")
	return func(u *user) bool {
		return u.UID != viewer && u.DeactivatedAt == 0 && matches(u) &&
			(!hideBlocked || !s.relations.strangers(viewer, u.UID)) &&
			(!friendsOnly || s.relations.friends[viewer][u.UID]) &&
			(len(uids) == 0 || slices.ContainsFunc(uids, func(uid string) bool { return strings.EqualFold(uid, u.UID) }))
	}
}

// sort puts users in the order that a client asks for; without a wish they stay as they are.
func (q *query) sort(users []*user) {
	by, order := q.words("sortBy", "name", "uid", "status"), q.words("sortOrder", "asc", "desc")
	if len(by) == 0 {
		return
	}
	value := map[string]func(*user) string{
		"name":   func(u *user) string { return strings.ToLower(u.Name) },
		"uid":    func(u *user) string { return u.UID },
		"status": func(u *user) string { return u.Status }, // "available" comes first by itself
	}[by[0]]
	slices.SortStableFunc(users, func(a, b *user) int { return cmp.Compare(value(a), value(b)) })
	if len(order) > 0 && order[0] == "desc" {
		slices.Reverse(users)
	}
}
