package cometchattest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// maxTokens is how many auth tokens of a user are valid: the newest.
const maxTokens = 100

// token is an auth token as the REST API answers it.
type token struct {
	UID       string `json:"uid"`
	AuthToken string `json:"authToken"`
	CreatedAt int64  `json:"createdAt"`
	device    device
}

// device is what a client says of itself; only lists of tokens show it.
type device struct {
	Platform  string `json:"platform,omitempty"`
	UserAgent string `json:"userAgent,omitempty"`
	AppInfo   string `json:"appInfo,omitempty"` // JSON inside a text: so lists have it
}

// deviceFields is the body of a request that says what device a token is used on; nil is a field that was not sent.
type deviceFields struct {
	Platform  *string         `json:"platform"`
	UserAgent *string         `json:"userAgent"`
	AppInfo   json.RawMessage `json:"appInfo"`
}

// device reads the body as what is said of a device.
func (c *call) device() (*deviceFields, *refusal) {
	var f deviceFields
	if no := c.decode(&f); no != nil {
		return nil, no
	}
	flaws := flaws{}
	if len(f.AppInfo) > 0 && f.AppInfo[0] != '{' && !isNull(f.AppInfo) {
		flaws.say("appInfo", "must be an object.")
	}
	return &f, flaws.refusal()
}

func (f *deviceFields) apply(d *device) {
	if f.Platform != nil {
		d.Platform = *f.Platform
	}
	if len(f.AppInfo) > 0 && !isNull(f.AppInfo) {
		// The official SDKs have their user agent in there.
		var info struct {
			UserAgent any `json:"userAgent"`
		}
		if json.Unmarshal(f.AppInfo, &info) == nil {
			if agent, ok := info.UserAgent.(string); ok {
				d.UserAgent = agent
			}
		}
		var text bytes.Buffer
		_ = json.Compact(&text, f.AppInfo) // it has been decoded: it is JSON
		d.AppInfo = text.String()
	}
	if f.UserAgent != nil {
		d.UserAgent = *f.UserAgent
	}
}

// tokens are the auth tokens that have not been revoked, those of deactivated users among them. They need the server's
// lock.
type tokens struct {
	byValue map[string]*token
	byUser  map[string][]*token // oldest first
	ended   func(*token)        // called for each that is revoked
}

func newTokens(ended func(*token)) *tokens {
	return &tokens{map[string]*token{}, map[string][]*token{}, ended}
}

// mint makes an auth token in the form of CometChat's: uid, "_", the time in ten digits, 30 hex digits.
func (ts *tokens) mint(uid string, now time.Time) *token {
	t := &token{UID: uid, AuthToken: fmt.Sprintf("%s_%010d%s", uid, now.Unix(), randomHex(30)), CreatedAt: now.Unix()}
	ts.add(t)
	return t
}

// add makes a token valid, and the oldest of too many invalid.
func (ts *tokens) add(t *token) {
	ts.byValue[t.AuthToken] = t
	ts.byUser[t.UID] = append(ts.byUser[t.UID], t)
	if len(ts.byUser[t.UID]) > maxTokens {
		ts.revoke(ts.byUser[t.UID][0])
	}
}

func (ts *tokens) revoke(t *token) {
	delete(ts.byValue, t.AuthToken)
	ts.byUser[t.UID] = slices.DeleteFunc(ts.byUser[t.UID], func(other *token) bool { return other == t })
	ts.ended(t)
}

// flush revokes every token of a lower-case uid.
func (ts *tokens) flush(uid string) {
	for _, t := range ts.byUser[uid] {
		delete(ts.byValue, t.AuthToken)
		ts.ended(t)
	}
	delete(ts.byUser, uid)
}

func (s *Server) createToken(c *call) (*envelope, *refusal) {
	u, no := s.inPath(c)
	if no != nil {
		return nil, no
	}
	var f struct {
		Force bool `json:"force"`
	}
	if no := c.decode(&f); no != nil {
		return nil, no
	}
	return data(s.tokens.mint(u.UID, c.now)), nil
}

// listedToken is a token as lists have it.
type listedToken struct {
	*token
	device
}

func (s *Server) listTokens(c *call) (*envelope, *refusal) {
	u, no := s.inPath(c)
	if no != nil {
		return nil, no
	}
	q := newQuery(c.r)
	some, meta := page(q, s.tokens.byUser[u.UID])
	if no := q.flaws.refusal(); no != nil {
		return nil, no
	}
	items := make([]listedToken, len(some))
	for i, t := range some {
		items[i] = listedToken{t, t.device}
	}
	return &envelope{Data: items, Meta: meta}, nil
}

func (s *Server) flushTokens(c *call) (*envelope, *refusal) {
	u, no := s.inPath(c)
	if no != nil {
		return nil, no
	}
	s.flush(u.UID)
	return done("Cleared Auth Tokens successfully for uid %s.", u.UID), nil
}

// tokenInPath finds the token that the path names, of the user that the path names.
func (s *Server) tokenInPath(c *call) (*token, *refusal) {
	u, no := s.inPath(c)
	if no != nil {
		return nil, no
	}
	value := c.r.PathValue("authToken")
	t, ok := s.tokens.byValue[value]
	switch {
	case !ok:
		return nil, refuse(http.StatusNotFound, "ERR_AUTH_TOKEN_NOT_FOUND", "The auth token %s does not exist.", value)
	case t.UID != u.UID:
		return nil, refuse(http.StatusForbidden, "ERR_AUTHTOKEN_NOT_ACCESSIBLE", "The auth token %s belongs to another user.", value)
	}
	return t, nil
}

func (s *Server) getToken(c *call) (*envelope, *refusal) {
	t, no := s.tokenInPath(c)
	return data(t), no
}

func (s *Server) updateToken(c *call) (*envelope, *refusal) {
	t, no := s.tokenInPath(c)
	if no != nil {
		return nil, no
	}
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil, refuse(http.StatusBadRequest, "ERR_BAD_REQUEST", "The body is missing.")
	}
	f, no := c.device()
	if no != nil {
		return nil, no
	}
	f.apply(&t.device)
	return data(t), nil
}

func (s *Server) deleteToken(c *call) (*envelope, *refusal) {
	t, no := s.tokenInPath(c)
	if no != nil {
		return nil, no
	}
	s.tokens.revoke(t)
	return done("The auth token of uid %s has been deleted successfully.", t.UID), nil
}
