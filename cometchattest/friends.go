package cometchattest

import (
	"net/http"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// maxFriendsAdded is how many friends a call may add.
const maxFriendsAdded = 25

func (s *Server) addFriends(c *call, u *store.User) (*envelope, error) {
	uids, err := c.decodeUIDs("accepted")
	if err != nil {
		return nil, err
	}
	if len(uids) > maxFriendsAdded {
		errs := store.FieldErrors{}
		errs.Add("accepted", "are too many.")
		return nil, refuseFields(errs)
	}
	return data(map[string]any{"accepted": s.relate(u, uids, "ERR_CANNOT_FORM_SELF_RELATION", func(other string) string {
		s.store.Befriend(u.UID, other)
		return "The user " + other + " has been added as a friend of " + u.UID + "."
	})}), nil
}

func (s *Server) removeFriends(c *call, u *store.User) (*envelope, error) {
	uids, err := c.decodeUIDs("friends")
	if err != nil {
		return nil, err
	}
	for _, uid := range uids {
		if !s.store.Friends(u.UID, uid) {
			return nil, refuse(http.StatusBadRequest, "ERR_NOT_A_FRIEND", "The user %s is not a friend of %s.", uid, u.UID)
		}
	}
	for _, uid := range uids {
		s.store.Unfriend(u.UID, uid)
	}
	return success("The friends of %s have been removed successfully.", u.UID), nil
}

func (s *Server) listFriends(c *call, u *store.User) (*envelope, error) {
	q := newQuery(c.r)
	found := searchFilter(q)
	return s.listRelated(q, u.UID, func(other *store.User) bool { return s.store.Friends(u.UID, other.UID) && found(other) })
}
