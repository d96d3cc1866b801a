package cometchattest

import (
	"net/http"
	"slices"
	"strings"
)

// outcome is what became of one uid of many.
type outcome struct {
	Success bool   `json:"success"`
	Message string `json:"message,omitempty"`
	Error   any    `json:"error,omitempty"`
}

// uids reads a field of the body that lists uids, and lower-cases them.
func (c *call) uids(field string) ([]string, *refusal) {
	body := map[string]any{}
	if no := c.decode(&body); no != nil {
		return nil, no
	}
	flaws := flaws{}
	values, ok := body[field].([]any)
	if !ok || len(values) == 0 {
		flaws.say(field, "field is required.")
	}
	uids := []string{}
	for _, value := range values {
		uid, ok := value.(string)
		if !ok {
			flaws.say(field, "must be a list of uids.")
			break
		}
		if uid = strings.ToLower(uid); !slices.Contains(uids, uid) {
			uids = append(uids, uid)
		}
	}
	return uids, flaws.refusal()
}

// each does something with each of the uids, and answers for each how it went. One that fails does not fail the others.
func (s *Server) each(me *user, uids []string, notMyself string, do func(*user) string) map[string]outcome {
	outcomes := map[string]outcome{}
	for _, uid := range uids {
		other, no := s.findUser(uid)
		if no == nil && other == me {
			no = refuse(http.StatusBadRequest, notMyself, "The user %s cannot do this to itself.", uid)
		}
		if no != nil {
			outcomes[uid] = outcome{Error: map[string]string{"code": no.code, "message": no.message}}
			continue
		}
		outcomes[uid] = outcome{Success: true, Message: do(other)}
	}
	return outcomes
}

// acting finds the user whose relations a call is about: the one in its path, or the one whose token it carries.
func (s *Server) acting(c *call) (*user, *refusal) {
	if c.token != nil {
		return s.users[c.token.UID], nil
	}
	return s.inPath(c)
}

func (s *Server) blockUsers(c *call) (*envelope, *refusal) {
	return s.changeBlocked(c, func(me, other *user) string {
		s.relations.block(me.UID, other.UID, c.now)
		return "The user with UID " + other.UID + " has been blocked successfully."
	})
}

func (s *Server) unblockUsers(c *call) (*envelope, *refusal) {
	return s.changeBlocked(c, func(me, other *user) string {
		delete(s.relations.blocked[me.UID], other.UID)
		return "The user with UID " + other.UID + " has been unblocked successfully."
	})
}

func (s *Server) changeBlocked(c *call, change func(me, other *user) string) (*envelope, *refusal) {
	me, no := s.acting(c)
	if no != nil {
		return nil, no
	}
	uids, no := c.uids("blockedUids")
	if no != nil {
		return nil, no
	}
	return data(s.each(me, uids, "ERR_CANNOT_BLOCK_SELF", func(other *user) string { return change(me, other) })), nil
}

func (s *Server) listBlocked(c *call) (*envelope, *refusal) {
	me, no := s.acting(c)
	if no != nil {
		return nil, no
	}
	q := newQuery(c.r)
	begins, direction := q.search(), "both"
	for _, word := range q.words("direction", "both", "blockedByMe", "hasBlockedMe") {
		direction = word
	}
	return s.listRelated(q, me.UID, func(other *user) bool {
		byMe := direction != "hasBlockedMe" && s.relations.blocked[me.UID][other.UID] != 0
		byThem := direction != "blockedByMe" && s.relations.blocked[other.UID][me.UID] != 0
		return (byMe || byThem) && begins(other)
	})
}

// listRelated lists active users as the viewer sees them. These lists have their cursor inside of meta.
func (s *Server) listRelated(q *query, viewer string, matches func(*user) bool) (*envelope, *refusal) {
	some, meta := page(q, s.usersWhere(func(u *user) bool { return u.DeactivatedAt == 0 && matches(u) }))
	if no := q.flaws.refusal(); no != nil {
		return nil, no
	}
	items := make([]seenUser, len(some))
	for i, u := range some {
		items[i] = s.seen(u, viewer)
	}
	meta.Cursor = newestChange(some)
	return &envelope{Data: items, Meta: meta}, nil
}
