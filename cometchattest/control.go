package cometchattest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/cometchat-go/cometchat/internal/lenient"
)

// AddUser adds a user, or replaces the user with this uid, whose auth tokens stay valid. The user is active and may have
// any role.
func (s *Server) AddUser(u *cometchat.User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store.PutUser(&store.User{
		UID: strings.ToLower(u.UID), Name: u.Name, Avatar: u.Avatar, Link: u.Link, Role: store.RoleID(u.Role),
		StatusMessage: u.StatusMessage, Metadata: slices.Clone(u.Metadata), Tags: slices.Clone(u.Tags),
		CreatedAt: s.time().Unix(),
	})
}

// known returns the uid of a user, deactivated or not, in the form of the store. It panics in the name of the method if there
// is no such user. The caller holds s.mu.
func (s *Server) known(method, uid string) string {
	u := s.store.User(strings.ToLower(uid))
	if u == nil {
		panic(fmt.Sprintf("cometchattest: %s: no user has the uid %q", method, uid))
	}
	return u.UID
}

// DeleteUser removes a user, revokes the user's auth tokens and ends the user's live connections. It panics if no user has
// this uid.
func (s *Server) DeleteUser(uid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removeUser(s.known("DeleteUser", uid))
}

// User returns a copy of the user with this uid, active or deactivated, or nil if there is none.
func (s *Server) User(uid string) *cometchat.User {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.store.User(strings.ToLower(uid)); u != nil {
		return copied(u)
	}
	return nil
}

// Users returns all users, active and deactivated, in the order of their creation. The values are copies.
func (s *Server) Users() []*cometchat.User {
	s.mu.Lock()
	defer s.mu.Unlock()
	var users []*cometchat.User
	for _, u := range s.store.Users(func(*store.User) bool { return true }) {
		users = append(users, copied(u))
	}
	return users
}

func copied(u *store.User) *cometchat.User {
	user := &cometchat.User{UID: u.UID, Name: u.Name}
	if raw, err := lenient.Marshal(u); err == nil { // AddUser takes metadata that is not JSON
		_ = json.Unmarshal(raw, user) // raw has the form of the API
	}
	return user
}

// MakeFriends makes two users friends of each other, as the REST API does. It panics if no user has one of the uids, or if both
// are the same.
func (s *Server) MakeFriends(uid, other string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	uid, other = s.known("MakeFriends", uid), s.known("MakeFriends", other)
	if uid == other {
		panic(fmt.Sprintf("cometchattest: MakeFriends: %q cannot be its own friend", uid))
	}
	s.store.Befriend(uid, other)
}

// CreateAuthToken makes an auth token for a user, as an app's server would with the REST API key. It returns "" if the uid
// is unknown or deactivated.
func (s *Server) CreateAuthToken(uid string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.activeUser(uid)
	if u == nil {
		return ""
	}
	return s.newToken(u.UID).AuthToken
}

// RevokeTokens makes every auth token of a user invalid and ends the user's live connections, as flushing them through the
// REST API does. It panics if no user has this uid.
func (s *Server) RevokeTokens(uid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revokeTokens(s.known("RevokeTokens", uid))
}

// InjectFault makes the coming requests that f selects fail as f says, until f.Times is used up or the fault is removed. If
// several faults select a request, the one that was injected first takes effect. InjectFault panics if f could never happen:
// if no call of the server has f.Method and f.Path, if f does nothing, or if a field is out of its range.
func (s *Server) InjectFault(f Fault) *Injected {
	if wrong := f.check(); wrong != "" {
		panic("cometchattest: the Fault for InjectFault " + wrong)
	}
	f.Header = f.Header.Clone()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults.add(&Injected{
		server: s, times: f.Times, fault: f, matches: To(f.Method, f.Path),
		random: rand.New(rand.NewPCG(f.Seed, f.Seed)), //nolint:gosec // its decisions have to be repeatable
	})
}

// Requests returns the requests that came in and that every function in match accepts, the oldest first. Refused requests
// are among them, and so is the GET request that opens a live connection. The server keeps the newest 10,000, or fewer if they
// take more than 16 MiB, as requests with long headers do.
func (s *Server) Requests(match ...func(Request) bool) []Request {
	s.mu.Lock()
	requests := s.requests.all()
	s.mu.Unlock()
	for i := range requests {
		requests[i].Header = requests[i].Header.Clone()
	}
	return slices.DeleteFunc(requests, func(r Request) bool {
		return slices.ContainsFunc(match, func(accepts func(Request) bool) bool { return !accepts(r) })
	})
}

// Changes returns a number that grows with each change of what [Server.Save] writes. A program that keeps the state in a file
// saves again when the number is another one. The number may grow without a change, but not by a request that only reads.
func (s *Server) Changes() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.store.Changes()
}

// Save writes the app's keys, users, roles, auth tokens, friends, blocked users, groups, messages and conversations as JSON,
// for [Server.Load]. The JSON holds secrets. Save fails if w fails, or if AddUser was given metadata that is not JSON.
func (s *Server) Save(w io.Writer) error {
	var saved bytes.Buffer
	s.mu.Lock()
	err := s.store.Save(&saved, store.Keys{AuthKey: s.AuthKey, APIKey: s.APIKey})
	s.mu.Unlock()
	if err == nil {
		_, err = w.Write(saved.Bytes())
	}
	if err != nil {
		return fmt.Errorf("the emulator's state could not be saved: %w", err)
	}
	return nil
}

// Load replaces all that the server knows by the JSON in r, from [Server.Save] or written by hand, and ends the live
// connections. A user needs only a uid, a group only a guid, an auth token only uid and authToken. A user may have the fields of the API's answers,
// of which authToken makes an auth token. Times may be numbers or texts, as for the SDK. If r cannot be read or used, Load
// changes nothing and returns an error that says the line, the user and the field.
//
// If r has keys, Load sets AuthKey and APIKey, except a key that [WithKeys] has set. Then call Load before a client uses the
// server, and before another goroutine reads these fields.
func (s *Server) Load(r io.Reader) error {
	raw, err := io.ReadAll(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys store.Keys
	if err == nil {
		keys, err = s.store.Load(raw, s.time())
	}
	if err != nil {
		return fmt.Errorf("the emulator's state could not be loaded: %w", err)
	}
	if !s.keysSet.auth {
		s.AuthKey = cmp.Or(keys.AuthKey, s.AuthKey)
	}
	if !s.keysSet.api {
		s.APIKey = cmp.Or(keys.APIKey, s.APIKey)
	}
	for k := range s.sockets {
		k.end(goingAway)
	}
	clear(s.sockets)
	return nil
}
