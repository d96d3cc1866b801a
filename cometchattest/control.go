package cometchattest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
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

// DeleteUser removes a user, revokes the user's auth tokens and ends the user's live connections. An unknown uid is fine.
func (s *Server) DeleteUser(uid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removeUser(strings.ToLower(uid))
}

// Users returns all users, active and deactivated, in the order of their creation. The values are copies.
func (s *Server) Users() []*cometchat.User {
	s.mu.Lock()
	defer s.mu.Unlock()
	var users []*cometchat.User
	for _, u := range s.store.Users(func(*store.User) bool { return true }) {
		raw, err := lenient.Marshal(u)
		user := &cometchat.User{UID: u.UID, Name: u.Name}
		if err == nil { // AddUser takes metadata that is not JSON
			_ = json.Unmarshal(raw, user) // raw has the form of the API
		}
		users = append(users, user)
	}
	return users
}

// MakeFriends makes two users friends of each other, as the REST API does. If one of the uids is unknown, nothing happens.
func (s *Server) MakeFriends(uid, other string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	uid, other = strings.ToLower(uid), strings.ToLower(other)
	if s.store.User(uid) != nil && s.store.User(other) != nil && uid != other {
		s.store.Befriend(uid, other)
	}
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
// REST API does.
func (s *Server) RevokeTokens(uid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revokeTokens(strings.ToLower(uid))
}

// DropSockets breaks the live connections of these users, or of everybody if there are no uids, without a close frame, as a
// failing network does. It returns how many it broke. Clients may connect again at once.
func (s *Server) DropSockets(uids ...string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	dropped := s.socketsWhere(func(k *socket) bool {
		return len(uids) == 0 || k.token != nil && containsFold(uids, k.token.UID)
	})
	s.disconnect(dropped, broken)
	return len(dropped)
}

// InjectFault makes the coming requests that f selects fail as f says, until remove is called or f.Times is used up. If
// several faults select a request, the one that was injected first takes effect. InjectFault panics if f.Status is neither
// 0 nor from 200 to 999.
func (s *Server) InjectFault(f Fault) (remove func()) {
	if f.Status != 0 && (f.Status < 200 || f.Status > 999) {
		panic("cometchattest: InjectFault needs a status from 200 to 999")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	injected := s.faults.add(f)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.faults.remove(injected)
	}
}

// Requests returns the requests that came in and that every function in match accepts, the oldest first. Refused requests
// are among them, and so is the GET request that opens a live connection. The server keeps the newest 10,000.
func (s *Server) Requests(match ...func(Request) bool) []Request {
	s.mu.Lock()
	requests := slices.Clone(s.requests)
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

// Save writes the app's keys, users, roles, auth tokens, friends and blocked users as JSON, for [Server.Load]. The JSON holds
// secrets. Save fails if w fails, or if AddUser was given metadata that is not JSON.
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
// connections. A user needs only a uid, an auth token only uid and authToken. If r cannot be read or used, Load returns an
// error and changes nothing.
//
// If r has keys, Load sets AuthKey and APIKey, except a key that [WithKeys] has set. Then call Load before a client uses the
// server, and before another goroutine reads these fields.
func (s *Server) Load(r io.Reader) error {
	raw, err := io.ReadAll(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys store.Keys
	if err == nil {
		keys, err = s.store.Load(bytes.NewReader(raw), s.time())
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
