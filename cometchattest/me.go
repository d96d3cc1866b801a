package cometchattest

import (
	"maps"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// loggedInUser is the answer to PUT and GET /me.
type loggedInUser struct {
	*store.User
	AuthToken string    `json:"authToken"`
	WSChannel wsChannel `json:"wsChannel"`
	JWT       string    `json:"jwt"`
	FAT       string    `json:"fat"`

	Settings map[string]any `json:"settings,omitempty"`
}

type wsChannel struct {
	Identity string `json:"identity"`
	Secret   string `json:"secret"`
	Service  string `json:"service"`
}

// putMe is a login, an update of the caller's own user, or both, depending on the fields of the body.
func (s *Server) putMe(c *call, u *store.User) (*envelope, error) {
	var f struct {
		store.UserFields
		store.DeviceFields
	}
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	errs := f.UserFields.Check(false)
	maps.Copy(errs, f.DeviceFields.Check())
	if err := refuseFields(errs); err != nil {
		return nil, err
	}
	f.Role, f.Unset = nil, nil // these need a key
	s.store.UpdateUser(u.UID, &f.UserFields, c.now)
	s.store.UpdateDevice(c.token, &f.DeviceFields)
	s.store.Login(u.UID, c.now)
	return s.getMe(c, u)
}

// getMe returns the caller with what a client needs for its session.
func (s *Server) getMe(c *call, u *store.User) (*envelope, error) {
	me := loggedInUser{
		User: u, AuthToken: c.token.AuthToken, JWT: s.newJWT(c.token, c.now), FAT: store.RandomHex(32),
		WSChannel: wsChannel{Identity: "[" + s.AppID + "]" + u.UID, Secret: store.RandomHex(32), Service: s.AppID},
	}
	if s.settingsInLogin {
		me.Settings = s.settings(c)
	}
	return data(me), nil
}

// deleteMe is a logout: it ends the caller's auth token. No documentation says that the real server does so; it is an
// assumption.
func (s *Server) deleteMe(c *call) (*envelope, error) {
	s.endConnections([]*store.Token{c.token}, loggedOut)
	s.store.Logout(c.token)
	return success("User logged out successfully."), nil
}
