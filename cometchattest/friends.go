package cometchattest

import "net/http"

// maxFriendsAdded is how many friends may be added in one call.
const maxFriendsAdded = 25

// addFriends answers POST /users/{uid}/friends.
func (s *Server) addFriends(c *call) (*envelope, *refusal) {
	u, no := s.inPath(c)
	if no != nil {
		return nil, no
	}
	uids, no := c.uids("accepted")
	if no != nil {
		return nil, no
	}
	if len(uids) > maxFriendsAdded {
		flaws := flaws{}
		flaws.say("accepted", "are too many.")
		return nil, flaws.refusal()
	}
	return data(map[string]any{"accepted": s.each(u, uids, "ERR_CANNOT_FORM_SELF_RELATION", func(other *user) string {
		s.relations.befriend(u.UID, other.UID)
		return "The user " + other.UID + " has been added as a friend of " + u.UID + "."
	})}), nil
}

func (s *Server) removeFriends(c *call) (*envelope, *refusal) {
	u, no := s.inPath(c)
	if no != nil {
		return nil, no
	}
	uids, no := c.uids("friends")
	if no != nil {
		return nil, no
	}
	for _, uid := range uids {
		if !s.relations.friends[u.UID][uid] {
			return nil, refuse(http.StatusBadRequest, "ERR_NOT_A_FRIEND", "The user %s is not a friend of %s.", uid, u.UID)
		}
	}
	for _, uid := range uids {
		s.relations.unfriend(u.UID, uid)
	}
	return done("The friends of %s have been removed successfully.", u.UID), nil
}

func (s *Server) listFriends(c *call) (*envelope, *refusal) {
	u, no := s.inPath(c)
	if no != nil {
		return nil, no
	}
	q := newQuery(c.r)
	begins := q.search()
	return s.listRelated(q, u.UID, func(other *user) bool { return s.relations.friends[u.UID][other.UID] && begins(other) })
}
