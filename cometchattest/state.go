package cometchattest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// stateVersion is the version of the form that Save writes.
const stateVersion = 1

// state is what a server knows, as Save writes it and a person may write it too.
type state struct {
	Version int          `json:"version"`
	Roles   []string     `json:"roles,omitzero"` // those that exist beside "default"; nil: every role does
	Users   []savedUser  `json:"users"`
	Tokens  []savedToken `json:"tokens,omitempty"`
	JWTKey  []byte       `json:"jwtKey,omitempty"`
}

// savedUser is a user with who is related to the user. That Ada is Bob's friend need not be said of Bob too.
type savedUser struct {
	user
	Friends []string         `json:"friends,omitempty"`
	Blocked map[string]int64 `json:"blocked,omitempty"` // the uids that the user has blocked, and when
}

type savedToken struct {
	token
	device
}

// Save writes what the server knows as JSON: users, roles, auth tokens, who is whose friend and who has blocked whom. It
// is for [Server.Load], and holds secrets.
func (s *Server) Save(w io.Writer) error {
	var raw bytes.Buffer
	e := json.NewEncoder(&raw)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false) // or metadata would outgrow its limit
	s.mu.Lock()
	err := e.Encode(s.state()) //nolint:gosec // that it holds secrets is documented
	s.mu.Unlock()
	if err == nil {
		_, err = w.Write(raw.Bytes())
	}
	if err != nil {
		return fmt.Errorf("the emulator's state could not be saved: %w", err)
	}
	return nil
}

func (s *Server) state() state {
	st := state{Version: stateVersion, JWTKey: s.jwtKey}
	if s.roles != nil {
		st.Roles = []string{}
	}
	for role := range s.roles {
		if role != defaultRole {
			st.Roles = append(st.Roles, role)
		}
	}
	slices.Sort(st.Roles)
	for _, u := range s.usersWhere(func(*user) bool { return true }) {
		st.Users = append(st.Users, savedUser{
			*u, slices.Sorted(maps.Keys(s.relations.friends[u.UID])), s.relations.blocked[u.UID],
		})
		for _, t := range s.tokens.byUser[u.UID] {
			st.Tokens = append(st.Tokens, savedToken{*t, t.device})
		}
	}
	return st
}

// Load puts what [Server.Save] has written, or a person in the same form, in the place of all that the server knows, and
// ends the live connections. Of a user only the uid is needed, of a token the uid and the authToken. When
// the state cannot be used it returns an error, and the server is as it was.
func (s *Server) Load(r io.Reader) error {
	if err := s.load(r); err != nil {
		return fmt.Errorf("the emulator's state could not be loaded: %w", err)
	}
	return nil
}

func (s *Server) load(r io.Reader) error {
	var st state
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&st); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something after the JSON")
	}
	if st.Version > stateVersion {
		return fmt.Errorf("it has the version %d, and this emulator reads up to %d", st.Version, stateVersion)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.time()
	users := map[string]*user{}
	for i := range st.Users {
		u := &st.Users[i].user
		u.UID, u.Role, u.number = strings.ToLower(u.UID), roleID(u.Role), i
		if isNull(u.Metadata) {
			u.Metadata = nil
		}
		var compact bytes.Buffer
		_ = json.Compact(&compact, u.Metadata) // it has been decoded; Save has made it longer with blanks
		u.Metadata = compact.Bytes()
		f := userFields{
			UID: &u.UID, Name: &u.Name, Avatar: &u.Avatar, Link: &u.Link, Role: &u.Role, Metadata: u.Metadata, Tags: u.Tags,
		}
		if u.Name == "" { // AddUser takes such a user too
			f.Name = nil
		}
		flaws := f.flaws(false)
		if u.UID == "" {
			flaws.say("uid", "field is required.")
		}
		if len(flaws) > 0 {
			return fmt.Errorf("user %d (%q): %v", i+1, u.UID, map[string][]string(flaws))
		}
		if users[u.UID] != nil {
			return fmt.Errorf("the uid %q is there twice", u.UID)
		}
		u.Status = offline // nobody is connected yet
		if u.CreatedAt == 0 {
			u.CreatedAt = now.Unix()
		}
		users[u.UID] = u
	}
	related := newRelations()
	for i := range st.Users {
		u := &st.Users[i]
		for _, friend := range u.Friends {
			if friend = strings.ToLower(friend); users[friend] == nil || friend == u.UID {
				return fmt.Errorf("the friend %q of %q is no other user", friend, u.UID)
			}
			related.befriend(u.UID, friend)
		}
		for other, at := range u.Blocked {
			if other = strings.ToLower(other); users[other] == nil || other == u.UID {
				return fmt.Errorf("the user %q, whom %q has blocked, is no other user", other, u.UID)
			}
			if related.blocked[u.UID] == nil {
				related.blocked[u.UID] = map[string]int64{}
			}
			related.blocked[u.UID][other] = max(at, 1)
		}
	}
	loaded := newTokens(s.tokenEnded)
	for i := range st.Tokens {
		t := &st.Tokens[i].token
		t.UID, t.device = strings.ToLower(t.UID), st.Tokens[i].device
		if users[t.UID] == nil || t.AuthToken == "" {
			return fmt.Errorf("the auth token %d is of no user, or is empty", i+1)
		}
		if loaded.byValue[t.AuthToken] != nil {
			return fmt.Errorf("the auth token %d is there twice", i+1)
		}
		if t.CreatedAt == 0 {
			t.CreatedAt = now.Unix()
		}
		loaded.add(t)
	}
	for k := range s.sockets {
		k.end(goingAway)
	}
	clear(s.sockets)
	clear(s.live)
	s.users, s.created, s.relations, s.tokens = users, len(users), related, loaded
	if len(st.JWTKey) > 0 {
		s.jwtKey = st.JWTKey
	}
	s.roles = nil
	if st.Roles != nil {
		WithRoles(st.Roles...)(s)
	}
	return nil
}
