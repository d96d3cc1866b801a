package cometchattest

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// findGroup finds a group by a guid in any case.
func (s *Server) findGroup(guid string) (*store.Group, error) {
	if g := s.store.Group(strings.ToLower(guid)); g != nil {
		return g, nil
	}
	return nil, refuse(http.StatusNotFound, "ERR_GUID_NOT_FOUND",
		"The group with guid %s does not exist, please make sure you have created a group with this guid.", guid)
}

// ofGroup adapts a handler of a call about the group in its path. uid is the user who makes the call, or on whose behalf a server
// makes it, and "" if the server names no user. The call is refused if the rank of the user is lower than rank.
func ofGroup(rank store.Rank, answer func(s *Server, c *call, g *store.Group, uid string) (*envelope, error)) handler {
	return func(s *Server, c *call) (*envelope, error) {
		uid, err := s.viewer(c)
		if err != nil {
			return nil, err
		}
		g, err := s.findGroup(c.r.PathValue("guid"))
		if err == nil {
			err = checkRank(g, uid, rank)
		}
		if err != nil {
			return nil, err
		}
		return answer(s, c, g, uid)
	}
}

// checkRank refuses a user whose rank in a group is lower than rank.
func checkRank(g *store.Group, uid string, rank store.Rank) error {
	switch has := g.Rank(uid); {
	case has >= rank:
		return nil
	case has == store.RankNone:
		return refuse(http.StatusForbidden, "ERR_GROUP_NOT_JOINED", "The user %s is not a member of the group %s.", uid, g.GUID)
	case rank == store.RankModerator:
		return refuse(http.StatusForbidden, "ERR_GROUP_NO_MODERATOR_SCOPE", "The user %s is not a moderator of the group %s.", uid, g.GUID)
	default:
		return refuse(http.StatusForbidden, "ERR_GROUP_NO_ADMIN_SCOPE", "The user %s is not an admin of the group %s.", uid, g.GUID)
	}
}

// createGroup creates a group, perhaps with members. Without a user and without an owner in the body, the app owns it.
func (s *Server) createGroup(c *call) (*envelope, error) {
	uid, err := s.viewer(c)
	if err != nil {
		return nil, err
	}
	var f struct {
		store.GroupFields
		Members *memberFields `json:"members"`
	}
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	errs := f.Check(true)
	if f.Members != nil {
		f.Members.check(errs)
	}
	if err := refuseFields(errs); err != nil {
		return nil, err
	}
	owner := cmp.Or(uid, store.System)
	switch {
	case s.store.Group(strings.ToLower(*f.GUID)) != nil:
		return nil, refuse(http.StatusBadRequest, "ERR_GUID_ALREADY_EXISTS", "The group with guid %s already exists.", *f.GUID)
	case *f.Type == store.Password && (f.Password == nil || *f.Password == ""):
		return nil, refuse(http.StatusBadRequest, "ERR_EMPTY_GROUP_PASS", "A group of type password needs a password.")
	case f.Owner != nil && *f.Owner != "" && uid == "":
		u, err := s.findUser(*f.Owner)
		if err != nil {
			return nil, err
		}
		owner = u.UID
	}
	g := s.store.CreateGroup(f.GroupFields, owner, c.now)
	var outcomes map[string]map[string]uidResult
	if f.Members != nil {
		outcomes = s.addAll(c, g, f.Members, uid)
	}
	s.reportCreation(g)
	answer := createdGroup{GroupView: s.store.ViewGroup(g, uid)}
	if outcomes != nil {
		answer.Members = data(outcomes)
	}
	return data(answer), nil
}

// createdGroup is the answer to a creation, with the outcomes for the members in the request.
type createdGroup struct {
	*store.GroupView
	Members *envelope `json:"members,omitempty"`
}

// getGroup answers with a group. A private group is for its members alone.
func (s *Server) getGroup(_ *call, g *store.Group, uid string) (*envelope, error) {
	if g.Type == store.Private && g.Rank(uid) == store.RankNone {
		return nil, checkRank(g, uid, store.RankParticipant)
	}
	return data(s.store.ViewGroup(g, uid)), nil
}

// updateGroup changes the fields of a group. A server without a user may change the owner too.
func (s *Server) updateGroup(c *call, g *store.Group, uid string) (*envelope, error) {
	var f store.GroupFields
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	if err := refuseFields(f.Check(false)); err != nil {
		return nil, err
	}
	kind, password := cmp.Or(value(f.Type), g.Type), g.Password
	if f.Password != nil {
		password = *f.Password
	}
	if kind == store.Password && password == "" {
		return nil, refuse(http.StatusBadRequest, "ERR_EMPTY_GROUP_PASS", "A group of type password needs a password.")
	}
	if owner := value(f.Owner); owner != "" && uid == "" {
		if err := s.transfer(c, g, owner, uid); err != nil {
			return nil, err
		}
	}
	s.store.UpdateGroup(g, &f, cmp.Or(uid, store.System), c.now)
	s.reportGroup("group_updated", g)
	return data(s.store.ViewGroup(g, uid)), nil
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// deleteGroup removes a group with its messages. No frame of it is documented.
func (s *Server) deleteGroup(_ *call, g *store.Group, _ string) (*envelope, error) {
	s.reportGroup("group_deleted", g)
	s.store.RemoveGroup(g)
	return success("Group with guid %s has been deleted successfully.", g.GUID), nil
}

// transferGroup gives a group to one of its members. Only its owner may do that.
func (s *Server) transferGroup(c *call, g *store.Group, uid string) (*envelope, error) {
	var f struct {
		Owner string `json:"owner"`
	}
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	if f.Owner == "" {
		return nil, refuseFields(store.FieldErrors{"owner": {"The owner field is required."}})
	}
	if err := s.transfer(c, g, f.Owner, uid); err != nil {
		return nil, err
	}
	return success("The ownership of the group %s has been transferred to the user %s.", g.GUID, g.Owner), nil
}

// transfer gives a group to a member for the user by, or for a server without a user.
func (s *Server) transfer(c *call, g *store.Group, owner, by string) error {
	u, err := s.findUser(owner)
	switch {
	case err != nil:
		return err
	case by != "" && u.UID == by:
		return refuse(http.StatusBadRequest, "ERR_GROUP_NO_SELF_ACTION", "The user %s owns the group %s already.", by, g.GUID)
	}
	if _, err := memberOf(g, u.UID); err != nil {
		return err
	}
	if old := g.Owner; u.UID != old {
		s.store.SetOwner(g, u.UID, cmp.Or(by, store.System), c.now)
		s.reportOwner(g, old)
	}
	return nil
}

// memberOf refuses a user who is no member.
func memberOf(g *store.Group, uid string) (*store.Member, error) {
	if m := g.Members[uid]; m != nil {
		return m, nil
	}
	return nil, refuse(http.StatusBadRequest, "ERR_NOT_A_MEMBER", "The user %s is not a member of the group %s.", uid, g.GUID)
}
