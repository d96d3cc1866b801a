package cometchattest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

func (s *Server) checkRole(f *store.UserFields) error {
	if f.Role == nil || s.store.HasRole(*f.Role) {
		return nil
	}
	return refuse(http.StatusNotFound, "ERR_ROLE_NOT_FOUND", "The role %s does not exist.", *f.Role)
}

// createdUser is the answer to POST /users.
type createdUser struct {
	*store.User
	AuthToken string `json:"authToken,omitempty"`
}

func (s *Server) createUser(c *call) (*envelope, error) {
	f, err := c.decodeUser(true)
	if err != nil {
		return nil, err
	}
	if err := s.checkRole(f); err != nil {
		return nil, err
	}
	uid := strings.ToLower(*f.UID)
	if s.store.User(uid) != nil { // a deactivated user keeps its uid
		return nil, refuse(http.StatusBadRequest, "ERR_UID_ALREADY_EXISTS", "The UID %s already exists.", uid)
	}
	answer := createdUser{User: s.store.CreateUser(*f, c.now)}
	if f.WithAuthToken {
		answer.AuthToken = s.newToken(uid).AuthToken
	}
	return data(answer), nil
}

func (s *Server) updateUser(c *call, u *store.User) (*envelope, error) {
	f, err := c.decodeUser(false)
	if err != nil {
		return nil, err
	}
	if err := s.checkRole(f); err != nil {
		return nil, err
	}
	s.store.UpdateUser(u.UID, f, c.now)
	return data(u), nil
}

func (s *Server) getUser(c *call, u *store.User) (*envelope, error) {
	viewer, err := s.viewer(c)
	if err != nil {
		return nil, err
	}
	return data(s.seenBy(viewer, u)), nil
}

func (s *Server) deleteUser(c *call) (*envelope, error) {
	var f struct {
		Permanent bool `json:"permanent"`
	}
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	uid := strings.ToLower(c.r.PathValue("uid"))
	if f.Permanent && s.store.User(uid) != nil { // a deactivated user too: nothing else frees the uid
		s.removeUser(uid)
	} else {
		if _, err := s.findUser(c.r.PathValue("uid")); err != nil { // its error repeats the uid as it was sent
			return nil, err
		}
		s.deactivateUser(c, uid)
	}
	return success("User with %s has been deleted successfully.", uid), nil
}

func (s *Server) deactivateUser(c *call, uid string) {
	s.endConnections(s.store.DeactivateUser(uid, c.now), userGone)
}

func (s *Server) activateUsers(c *call) (*envelope, error) {
	return s.changeUsers(c, "uidsToActivate", "nonDeactivatedUids", s.store.ActivateUser)
}

func (s *Server) deactivateUsers(c *call) (*envelope, error) {
	return s.changeUsers(c, "uidsToDeactivate", "deactivatedUids", func(uid string) { s.deactivateUser(c, uid) })
}

// changeUsers calls change with the uids in a field of the body, and returns those that exist.
func (s *Server) changeUsers(c *call, field, answer string, change func(uid string)) (*envelope, error) {
	uids, err := c.decodeUIDs(field)
	if err != nil {
		return nil, err
	}
	existing := slices.DeleteFunc(uids, func(uid string) bool { return s.store.User(uid) == nil })
	for _, uid := range existing {
		change(uid)
	}
	return data(map[string][]string{answer: existing}), nil
}
