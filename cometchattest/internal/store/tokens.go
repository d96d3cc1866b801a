package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// maxTokens is how many auth tokens of a user are valid: the newest.
const maxTokens = 100

// Token is an auth token in the form of the REST API's answers.
type Token struct {
	UID       string `json:"uid"`
	AuthToken string `json:"authToken"`
	CreatedAt int64  `json:"createdAt"`
	Device    Device `json:"-"`
}

// Device is what a client says about its installation.
type Device struct {
	Platform  string `json:"platform,omitempty"`
	UserAgent string `json:"userAgent,omitempty"`
	AppInfo   string `json:"appInfo,omitempty"` // an object as JSON text, as lists of tokens show it
}

// DeviceFields are the fields of a request that describes a device. A nil field was absent or null.
type DeviceFields struct {
	Platform  *string          `json:"platform"`
	UserAgent *string          `json:"userAgent"`
	AppInfo   *json.RawMessage `json:"appInfo"`
}

// Check returns what is wrong with the fields.
func (f *DeviceFields) Check() FieldErrors {
	errs := FieldErrors{}
	if f.AppInfo != nil && (*f.AppInfo)[0] != '{' {
		errs.Add("appInfo", "must be an object.")
	}
	return errs
}

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
	delete(s.tokens, t.AuthToken)
	s.tokensOf[t.UID] = slices.DeleteFunc(s.tokensOf[t.UID], func(other *Token) bool { return other == t })
}

// RevokeTokens makes every token of a user invalid, and the user offline. It returns the tokens.
func (s *Store) RevokeTokens(uid string) (ended []*Token) {
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
	d := &t.Device
	if f.Platform != nil {
		d.Platform = *f.Platform
	}
	if f.AppInfo != nil {
		// The official SDKs send their user agent inside of appInfo.
		var info struct {
			UserAgent any `json:"userAgent"`
		}
		_ = json.Unmarshal(*f.AppInfo, &info) // it is an object
		if agent, ok := info.UserAgent.(string); ok {
			d.UserAgent = agent
		}
		var text bytes.Buffer
		_ = json.Compact(&text, *f.AppInfo) // it is JSON
		d.AppInfo = text.String()
	}
	if f.UserAgent != nil {
		d.UserAgent = *f.UserAgent
	}
}
