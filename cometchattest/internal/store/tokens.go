package store

import (
	"fmt"
	"slices"
	"time"
)

// maxTokens is how many auth tokens of a user are valid: the newest.
const maxTokens = 100

// Token returns the token with this value, or nil. It may belong to a deactivated user.
func (s *Store) Token(authToken string) *Token { return s.tokens[authToken] }

// Tokens returns the tokens of a user, the oldest first.
func (s *Store) Tokens(uid string) []*Token { return s.tokensOf[uid] }

// CreateToken makes an auth token in CometChat's form: the uid, "_", the time in ten digits, 30 hexadecimal digits. It
// returns the tokens that ended too: the oldest of more than 100.
func (s *Store) CreateToken(uid string, now time.Time) (t *Token, ended []*Token) {
	t = &Token{UID: uid, AuthToken: fmt.Sprintf("%s_%010d%s", uid, now.Unix(), RandomHex(30)), CreatedAt: now.Unix()}
	return t, s.addToken(t)
}

func (s *Store) addToken(t *Token) (ended []*Token) {
	s.changes++
	s.tokens[t.AuthToken] = t
	s.tokensOf[t.UID] = append(s.tokensOf[t.UID], t)
	if len(s.tokensOf[t.UID]) > maxTokens {
		ended = []*Token{s.tokensOf[t.UID][0]}
		s.RevokeToken(ended[0])
	}
	return ended
}

// RevokeToken makes a token invalid.
func (s *Store) RevokeToken(t *Token) {
	s.changes++
	delete(s.tokens, t.AuthToken)
	s.tokensOf[t.UID] = slices.DeleteFunc(s.tokensOf[t.UID], func(other *Token) bool { return other == t })
}

// Logout revokes a token, and makes its user offline unless another live connection remains.
func (s *Store) Logout(t *Token) {
	s.RevokeToken(t)
	if !s.Connected(t.UID) {
		s.users[t.UID].Status = Offline
	}
}

// RevokeTokens makes every token of a user invalid, and the user offline. It returns the tokens.
func (s *Store) RevokeTokens(uid string) (ended []*Token) {
	s.changes++
	ended = s.tokensOf[uid]
	for _, t := range ended {
		delete(s.tokens, t.AuthToken)
	}
	delete(s.tokensOf, uid)
	if u := s.users[uid]; u != nil {
		u.Status = Offline
	}
	return ended
}

// UpdateDevice sets the fields of a token's device. The caller has checked them.
func (s *Store) UpdateDevice(t *Token, f *DeviceFields) {
	s.changes++
	t.Device.update(f)
}
