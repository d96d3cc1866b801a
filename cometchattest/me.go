package cometchattest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"time"
)

// loggedInUser is the answer to PUT /me.
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
	return data(loggedInUser{
		user: u, AuthToken: c.token.AuthToken, JWT: s.jwt(u.UID, c.now), FAT: randomHex(32),
		WSChannel: wsChannel{Identity: "[" + s.AppID + "]" + u.UID, Secret: randomHex(32), Service: s.AppID},
	}), nil
}

// deleteMe ends the session of one token, and with it the token. That the real server does so is an assumption: nothing
// documents it.
func (s *Server) deleteMe(c *call) (*envelope, *refusal) {
	s.tokens.revoke(c.token)
	s.users[c.token.UID].Status = offline
	return done("User logged out successfully."), nil
}

// jwt makes the credential of the live connection, signed with HMAC-SHA-256 and valid for an hour.
func (s *Server) jwt(uid string, now time.Time) string {
	part := func(v map[string]any) string {
		raw, _ := json.Marshal(v) // maps of texts and numbers always marshal
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	signed := part(map[string]any{"alg": "HS256", "typ": "JWT"}) + "." +
		part(map[string]any{"iss": s.AppID, "uid": uid, "exp": now.Add(time.Hour).Unix()})
	mac := hmac.New(sha256.New, s.jwtKey)
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func randomHex(digits int) string {
	b := make([]byte, digits/2)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
