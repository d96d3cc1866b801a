package cometchattest

import (
	"cmp"
	"net/http"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// maxAddedMembers is how many users a call may add to a group, or ban.
const maxAddedMembers = 25

// memberFields are lists of uids in a request that adds members.
type memberFields struct {
	Admins       []string `json:"admins"`
	Moderators   []string `json:"moderators"`
	Participants []string `json:"participants"`
	UsersToBan   []string `json:"usersToBan"`
}

func (f *memberFields) count() int {
	return len(f.Admins) + len(f.Moderators) + len(f.Participants) + len(f.UsersToBan)
}

func (f *memberFields) check(errs store.FieldErrors) {
	if f.count() > maxAddedMembers {
		errs.Add("members", "may name at most 25 users.")
	}
}

// joinOrAdd is a join if a client calls it, and adds members if a server does.
func (s *Server) joinOrAdd(c *call) (*envelope, error) {
	if c.token == nil {
		return ofGroup(store.RankAdmin, (*Server).addMembers)(s, c)
	}
	return ofGroup(store.RankNone, (*Server).joinGroup)(s, c)
}

// joinGroup makes the user a member, and answers with the action message of it.
func (s *Server) joinGroup(c *call, g *store.Group, uid string) (*envelope, error) {
	var f struct {
		Password string `json:"password"`
	}
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	err := checkJoin(g, uid)
	switch {
	case err != nil:
		return nil, err
	case g.Type == store.Private:
		return nil, refuse(http.StatusForbidden, "ERR_GROUP_JOIN_NOT_ALLOWED", "The group %s is private: a member has to add the user.", g.GUID)
	case g.Type == store.Password && f.Password == "":
		return nil, refuse(http.StatusBadRequest, "ERR_EMPTY_GROUP_PASS", "The password of the group %s is missing.", g.GUID)
	case g.Type == store.Password && f.Password != g.Password:
		return nil, refuse(http.StatusForbidden, "ERR_WRONG_GROUP_PASS", "The password of the group %s is wrong.", g.GUID)
	}
	s.store.AddMember(g, uid, store.Participant, c.now)
	action := s.record(c, g, store.GroupAction{Action: "joined", By: uid})
	s.reportMembers("joined", g, "", uid)
	return s.answerMessage(action, uid), nil
}

// checkJoin refuses a user who cannot become a member.
func checkJoin(g *store.Group, uid string) error {
	switch {
	case g.Banned[uid] != 0:
		return refuse(http.StatusForbidden, "ERR_BANNED_GROUPMEMBER", "The user %s is banned from the group %s.", uid, g.GUID)
	case g.Members[uid] != nil:
		return refuse(http.StatusBadRequest, "ERR_ALREADY_JOINED", "The user %s is a member of the group %s already.", uid, g.GUID)
	}
	return nil
}

// leaveGroup ends the user's membership. The owner has to give the group away before.
func (s *Server) leaveGroup(c *call, g *store.Group, uid string) (*envelope, error) {
	switch g.Rank(uid) {
	case store.RankServer:
		return nil, refuse(http.StatusBadRequest, "ERR_BAD_REQUEST", "The onBehalfOf header has to say who leaves the group.")
	case store.RankOwner:
		return nil, refuse(http.StatusForbidden, "ERR_OWNER_EXIT_FORBIDDEN",
			"The owner has to transfer the ownership of the group %s before leaving it.", g.GUID)
	default:
		s.store.RemoveMember(g, uid)
		s.record(c, g, store.GroupAction{Action: "left", By: uid})
		s.reportMembers("left", g, "", uid)
		return success("The user %s has left the group %s.", uid, g.GUID), nil
	}
}

// addMembers adds users, and bans users, with an outcome for each.
func (s *Server) addMembers(c *call, g *store.Group, uid string) (*envelope, error) {
	var f memberFields
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	errs := store.FieldErrors{}
	if f.check(errs); f.count() == 0 {
		errs.Add("participants", "field, or another list of uids, is required.")
	}
	if err := refuseFields(errs); err != nil {
		return nil, err
	}
	outcomes := s.addAll(c, g, &f, uid)
	var added []string
	for _, list := range []string{"admins", "moderators", "participants"} {
		added = append(added, succeeded(outcomes[list])...)
	}
	if len(added) > 0 {
		s.reportMembers("added", g, cmp.Or(uid, store.System), added...)
	}
	if banned := succeeded(outcomes["usersToBan"]); len(banned) > 0 {
		s.reportMembers("banned", g, cmp.Or(uid, store.System), banned...)
	}
	return data(outcomes), nil
}

// addAll adds and bans users. It returns an outcome for each uid, in the list that it stands in. A user in several lists counts in
// the first of admins, moderators, participants, usersToBan.
func (s *Server) addAll(c *call, g *store.Group, f *memberFields, by string) map[string]map[string]uidResult {
	outcomes, seen := map[string]map[string]uidResult{}, map[string]bool{}
	for _, list := range []struct {
		name, scope string
		uids        []string
	}{
		{"admins", store.Admin, f.Admins}, {"moderators", store.Moderator, f.Moderators},
		{"participants", store.Participant, f.Participants}, {"usersToBan", "", f.UsersToBan},
	} {
		results := map[string]uidResult{}
		outcomes[list.name] = results
		for _, uid := range list.uids {
			u := s.activeUser(uid)
			if u != nil && seen[u.UID] {
				continue
			} else if u != nil {
				seen[u.UID] = true
			}
			results[uid] = s.addOne(c, g, uid, list.scope, by)
		}
	}
	return outcomes
}

// addOne adds a user with a scope or, without one, bans the user.
func (s *Server) addOne(c *call, g *store.Group, uid, scope, by string) uidResult {
	u, err := s.findUser(uid)
	switch {
	case err != nil:
	case scope != "":
		err = checkJoin(g, u.UID)
	default:
		err = checkBan(g, u.UID, by)
	}
	if err != nil {
		return newResult(nil, err)
	}
	action := store.GroupAction{Action: "added", By: cmp.Or(by, store.System), On: u.UID}
	if scope != "" {
		s.store.AddMember(g, u.UID, scope, c.now)
		return uidResult{Success: true, Data: s.answerMessage(s.record(c, g, action), by).Data}
	}
	member := g.Members[u.UID] != nil
	s.store.Ban(g, u.UID, c.now)
	if action.Action = "banned"; member { // nobody misses a user who was no member
		s.record(c, g, action)
	}
	return uidResult{Success: true}
}

// ofMember adapts a handler of a call by which the user by changes what another user is to the group. The call is refused if
// the rank of by is lower than a moderator's.
func ofMember(answer func(s *Server, c *call, g *store.Group, by, on string) (*envelope, error)) handler {
	return ofGroup(store.RankModerator, func(s *Server, c *call, g *store.Group, by string) (*envelope, error) {
		u, err := s.findUser(c.r.PathValue("uid"))
		if err != nil {
			return nil, err
		}
		return answer(s, c, g, by, u.UID)
	})
}

// changeScope gives a member another scope.
func (s *Server) changeScope(c *call, g *store.Group, by string) (*envelope, error) {
	f := struct {
		Scope string `json:"scope"`
	}{store.Participant}
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	if store.ScopeRank(f.Scope) == store.RankNone {
		return nil, refuseFields(store.FieldErrors{"scope": {"The scope must be admin, moderator or participant."}})
	}
	u, err := s.findUser(c.r.PathValue("uid"))
	if err != nil {
		return nil, err
	}
	return s.setScope(c, g, by, u.UID, f.Scope)
}

// setScope gives the member on a scope. A user may do that to members of a lower rank, up to the user's own scope.
func (s *Server) setScope(c *call, g *store.Group, by, on, scope string) (*envelope, error) {
	m, err := memberOf(g, on)
	rank := g.Rank(by)
	switch {
	case err != nil:
		return nil, err
	case by == on:
		return nil, selfAction(g, by)
	case rank < store.RankModerator || rank <= g.Rank(on) || rank < store.ScopeRank(scope):
		return nil, refuse(http.StatusForbidden, "ERR_GROUP_NO_SCOPE_CLEARANCE",
			"The user %s may not make the user %s %s of the group %s.", by, on, scope, g.GUID)
	case m.Scope == scope:
		return nil, refuse(http.StatusBadRequest, "ERR_SAME_SCOPE", "The user %s is %s of the group %s already.", on, scope, g.GUID)
	}
	old := m.Scope
	s.store.SetScope(g, on, scope)
	s.record(c, g, store.GroupAction{Action: "scopeChanged", By: cmp.Or(by, store.System), On: on, OldScope: old, NewScope: scope})
	s.reportScope(g, cmp.Or(by, store.System), on, old)
	return data(map[string]any{"guid": g.GUID, "uid": on, "scope": scope, "joinedAt": m.JoinedAt}), nil
}

func selfAction(g *store.Group, uid string) error {
	return refuse(http.StatusForbidden, "ERR_GROUP_NO_SELF_ACTION", "The user %s cannot do this to itself in the group %s.", uid, g.GUID)
}

// checkClearance refuses to remove a member whose rank is not lower than that of the user by.
func checkClearance(g *store.Group, on, by string) error {
	switch {
	case on == by:
		return selfAction(g, by)
	case g.Rank(by) <= g.Rank(on):
		return refuse(http.StatusForbidden, "ERR_GROUP_NO_CLEARANCE", "The user %s has no rights over the user %s in the group %s.", by, on, g.GUID)
	}
	return nil
}

// checkBan refuses a ban of the user on by the user by.
func checkBan(g *store.Group, on, by string) error {
	if g.Banned[on] != 0 {
		return refuse(http.StatusBadRequest, "ERR_ALREADY_BANNED", "The user %s is banned from the group %s already.", on, g.GUID)
	}
	return checkClearance(g, on, by)
}

// kickMember ends a membership. The user may join again.
func (s *Server) kickMember(c *call, g *store.Group, by, on string) (*envelope, error) {
	_, err := memberOf(g, on)
	if err == nil {
		err = checkClearance(g, on, by)
	}
	if err != nil {
		return nil, err
	}
	s.store.RemoveMember(g, on)
	s.record(c, g, store.GroupAction{Action: "kicked", By: cmp.Or(by, store.System), On: on})
	s.reportMembers("kicked", g, cmp.Or(by, store.System), on)
	return success("The member with %s has been kicked from the Group with %s.", on, g.GUID), nil
}

// banMember ends a membership. The user cannot join again until unbanned.
func (s *Server) banMember(c *call, g *store.Group, by, on string) (*envelope, error) {
	err := checkBan(g, on, by)
	if err == nil {
		_, err = memberOf(g, on)
	}
	if err != nil {
		return nil, err
	}
	s.store.Ban(g, on, c.now)
	s.record(c, g, store.GroupAction{Action: "banned", By: cmp.Or(by, store.System), On: on})
	s.reportMembers("banned", g, cmp.Or(by, store.System), on)
	return success("The member with %s has been banned from the Group with %s.", on, g.GUID), nil
}

// unbanMember lets a user join again.
func (s *Server) unbanMember(c *call, g *store.Group, by, on string) (*envelope, error) {
	if g.Banned[on] == 0 {
		return nil, refuse(http.StatusBadRequest, "ERR_NOT_A_BANNED_USER", "The user %s is not banned from the group %s.", on, g.GUID)
	}
	s.store.Unban(g, on)
	s.record(c, g, store.GroupAction{Action: "unbanned", By: cmp.Or(by, store.System), On: on})
	s.reportMembers("unbanned", g, cmp.Or(by, store.System), on)
	return success("The member with %s has been unbanned from the Group with %s.", on, g.GUID), nil
}

// record keeps the action message of a change of a group's members. It delivers the message to the members and to the users whom
// it is about.
func (s *Server) record(c *call, g *store.Group, a store.GroupAction) *store.Message {
	m := s.store.RecordAction(g, a, c.now)
	s.deliverMessage(c, m, a.On)
	return m
}
