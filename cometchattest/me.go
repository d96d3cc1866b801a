package cometchattest

import (
	"crypto/rand"
	"encoding/hex"
)

// loggedInUser is the answer to PUT and GET /me.
type loggedInUser struct {
	*user
	AuthToken string    `json:"authToken"`
	WSChannel wsChannel `json:"wsChannel"`
	JWT       string    `json:"jwt"`
	FAT       string    `json:"fat"`
}

type wsChannel struct {
	Identity string `json:"identity"`
	Secret   string `json:"secret"`
	Service  string `json:"service"`
}

// putMe is a login, or an update of the caller's own user, or both: the body tells by the fields that it has.
func (s *Server) putMe(c *call) (*envelope, *refusal) {
	f, no := c.fields(false)
	if no != nil {
		return nil, no
	}
	device, no := c.device()
	if no != nil {
		return nil, no
	}
	f.Role, f.Unset = nil, nil // these need a key
	u := s.users[c.token.UID]
	f.apply(u, c.now)
	device.apply(&c.token.device)
	u.Status, u.LastActiveAt = available, c.now.Unix()
	return data(s.loggedIn(c)), nil
}

func (s *Server) getMe(c *call) (*envelope, *refusal) { return data(s.loggedIn(c)), nil }

// loggedIn is the caller, with what a client needs of the session.
func (s *Server) loggedIn(c *call) loggedInUser {
	u := s.users[c.token.UID]
	return loggedInUser{
		user: u, AuthToken: c.token.AuthToken, JWT: s.jwt(c.token, c.now), FAT: randomHex(32),
		WSChannel: wsChannel{Identity: "[" + s.AppID + "]" + u.UID, Secret: randomHex(32), Service: s.AppID},
	}
}

// deleteMe ends the session of one token, and with it the token. That the real server does so is an assumption: nothing
// documents it.
func (s *Server) deleteMe(c *call) (*envelope, *refusal) {
	s.endSocketsOf(c.token, loggedOut)
	s.tokens.revoke(c.token)
	if u := s.users[c.token.UID]; !s.connected(u.UID) { // on another device
		u.Status = offline
	}
	return done("User logged out successfully."), nil
}

func randomHex(digits int) string {
	b := make([]byte, digits/2)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
