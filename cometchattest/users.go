package cometchattest

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
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

// seenUser is a user as another one sees it.
type seenUser struct {
	*user
	ConversationID string `json:"conversationId,omitempty"`
}

func (s *Server) getUser(c *call) (*envelope, *refusal) {
	u, no := s.inPath(c)
	if no != nil {
		return nil, no
	}
	seen := seenUser{user: u}
	if viewer := c.r.Header.Get("onBehalfOf"); viewer != "" && c.key != "" {
		v, no := s.findUser(viewer)
		if no != nil {
			return nil, no
		}
		seen.ConversationID = min(u.UID, v.UID) + "_user_" + max(u.UID, v.UID)
	}
	return data(seen), nil
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
		u.deactivate(c.now)
	}
	return done("User with %s has been deleted successfully.", uid), nil
}

func (s *Server) activateUsers(c *call) (*envelope, *refusal) {
	return s.bulk(c, "uidsToActivate", "nonDeactivatedUids", func(u *user) { u.DeactivatedAt = 0 })
}

func (s *Server) deactivateUsers(c *call) (*envelope, *refusal) {
	return s.bulk(c, "uidsToDeactivate", "deactivatedUids", func(u *user) { u.deactivate(c.now) })
}

// bulk changes the users that a field of the body names, and answers with those that exist.
func (s *Server) bulk(c *call, field, answer string, change func(*user)) (*envelope, *refusal) {
	body := map[string]any{}
	if no := c.decode(&body); no != nil {
		return nil, no
	}
	flaws := flaws{}
	uids, ok := body[field].([]any)
	if !ok || len(uids) == 0 {
		flaws.say(field, "field is required.")
	}
	changed := []string{}
	for _, value := range uids {
		uid, ok := value.(string)
		if !ok {
			flaws.say(field, "must be a list of uids.")
			break
		}
		uid = strings.ToLower(uid)
		if _, exists := s.users[uid]; exists && !slices.Contains(changed, uid) {
			changed = append(changed, uid)
		}
	}
	if no := flaws.refusal(); no != nil {
		return nil, no
	}
	for _, uid := range changed {
		change(s.users[uid])
	}
	return data(map[string][]string{answer: changed}), nil
}

func (s *Server) listUsers(c *call) (*envelope, *refusal) {
	q := newQuery(c.r)
	matches, withTags := userFilter(q), q.flag("withTags")
	all := slices.SortedFunc(maps.Values(s.users), func(a, b *user) int { return cmp.Compare(a.number, b.number) })
	some, meta := page(q, slices.DeleteFunc(all, func(u *user) bool { return !matches(u) }))
	if no := q.flaws.refusal(); no != nil {
		return nil, no
	}
	answer := &envelope{Meta: meta}
	items := make([]user, len(some))
	for i, u := range some {
		items[i] = *u
		if !withTags {
			items[i].Tags = nil
		}
		if answer.Cursor == nil {
			answer.Cursor = &cursor{Affix: "prepend"}
		}
		answer.Cursor.UpdatedAt = max(answer.Cursor.UpdatedAt, u.CreatedAt, u.UpdatedAt)
	}
	answer.Data = items
	return answer, nil
}

// userFilter reads which users are to be listed.
func userFilter(q *query) func(*user) bool {
	key, in := strings.ToLower(q.values.Get("searchKey")), q.words("searchIn", "uid", "name")
	status := q.words("status", available, offline)
	role, roles, tags := q.words("role"), q.words("roles"), q.words("tags")
	only, with := q.flag("onlyDeactivated"), q.flag("withDeactivated")

	begins := func(field, value string) bool {
		return (len(in) == 0 || slices.Contains(in, field)) && strings.HasPrefix(strings.ToLower(value), key)
	}
	among := func(words []string, value string) bool {
		return len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, value) })
	}
	return func(u *user) bool {
		gone := u.DeactivatedAt != 0
		return (gone || !only) && (!gone || only || with) &&
			(begins("uid", u.UID) || begins("name", u.Name)) &&
			among(status, u.Status) && among(role, u.Role) && among(roles, u.Role) &&
			(len(tags) == 0 || slices.ContainsFunc(tags, func(tag string) bool { return slices.Contains(u.Tags, tag) }))
	}
}
