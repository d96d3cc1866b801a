// Package cometchattest is an emulator of CometChat, for tests and demonstrations without an account or a network: like
// [net/http/httptest], it serves on the loopback interface, and a test needs one line to have it.
//
// It keeps users and auth tokens, answers the calls of package cometchat with the documented answers, and says no with
// the documented codes: for an unknown user, key, token or app, for missing and malformed fields, for a token that has
// been revoked. Where CometChat documents no HTTP status for a code, the emulator has chosen the customary one.
//
// It knows the calls that authentication needs, on one address for both API hosts: POST /users, GET and PUT
// /users/{uid}, POST /users/{uid}/auth_tokens, PUT and DELETE /me, under /v3.0 and /v3. Everything else answers
// ERR_API_NOT_FOUND. There is no live connection and no rate limit.
package cometchattest

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/cometchat-go/cometchat"
)

// Server is a running emulator. Its methods are safe for concurrent use.
type Server struct {
	// AppID, Region, AuthKey (what a client logs in with during development) and APIKey (what a server uses) are what
	// the server accepts; URL is where it listens. They are not to be changed.
	AppID, Region, AuthKey, APIKey, URL string

	http   *httptest.Server
	jwtKey []byte

	mu     sync.Mutex
	users  map[string]*user  // guarded by mu; by lower-case uid
	tokens map[string]string // guarded by mu; auth token to uid
}

// Option configures a [Server].
type Option func(*Server)

// WithAppID gives the emulated app another id than "emulator-app".
func WithAppID(appID string) Option { return func(s *Server) { s.AppID = appID } }

// NewServer starts an emulator with the five users that every new CometChat app has, cometchat-uid-1 to
// cometchat-uid-5, and keys of its own. The caller has to Close it. It panics when it cannot listen on the loopback
// interface, as [httptest.NewServer] does.
func NewServer(opts ...Option) *Server {
	s := &Server{
		AppID: "emulator-app", Region: "us", AuthKey: randomHex(40), APIKey: randomHex(40),
		jwtKey: []byte(rand.Text()), users: map[string]*user{}, tokens: map[string]string{},
	}
	for _, opt := range opts {
		opt(s)
	}
	for i, name := range []string{"Andrew Joseph", "George Alan", "Nancy Grace", "Susan Marie", "John Paul"} {
		uid := "cometchat-uid-" + string(rune('1'+i))
		s.AddUser(&cometchat.User{
			UID: uid, Name: name, Role: defaultRole,
			Avatar: "https://assets.cometchat.io/sampleapp/v2/users/" + uid + ".webp",
		})
	}
	s.http = httptest.NewServer(s.handler())
	s.URL = s.http.URL
	return s
}

// Close stops the server and waits for the requests that are being answered.
func (s *Server) Close() { s.http.Close() }

// Options returns what makes a [cometchat.Client] for s.AppID talk to s.
func (s *Server) Options() []cometchat.Option {
	base := s.URL + "/v3.0"
	return []cometchat.Option{
		cometchat.WithRegion(s.Region), cometchat.WithAdminHost(base), cometchat.WithClientHost(base),
	}
}

// AddUser adds a user, or replaces the one with this uid, whose auth tokens stay valid.
func (s *Server) AddUser(u *cometchat.User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[strings.ToLower(u.UID)] = newUser(u)
}

// DeleteUser removes a user and revokes the user's auth tokens; an unknown uid is fine.
func (s *Server) DeleteUser(uid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoke(uid)
	delete(s.users, strings.ToLower(uid))
}

// CreateAuthToken makes an auth token for a user as an app's server would with the REST API key, and returns "" for an
// unknown uid.
func (s *Server) CreateAuthToken(uid string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.users[strings.ToLower(uid)]
	if !ok {
		return ""
	}
	return s.mint(u.UID, time.Now())
}

// RevokeTokens makes every auth token of a user invalid, as a flush through the REST API does.
func (s *Server) RevokeTokens(uid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoke(uid)
}

// mint makes an auth token in the form of CometChat's: uid, "_", the time in ten digits, 30 hex digits. It needs the lock
// held.
func (s *Server) mint(uid string, now time.Time) string {
	token := fmt.Sprintf("%s_%d%s", uid, now.Unix(), randomHex(30))
	s.tokens[token] = uid
	return token
}

// revoke needs the lock held.
func (s *Server) revoke(uid string) {
	maps.DeleteFunc(s.tokens, func(_, owner string) bool { return owner == strings.ToLower(uid) })
}
