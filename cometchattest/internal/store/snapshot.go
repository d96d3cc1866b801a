package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// snapshotVersion is the version of the form that Save writes.
const snapshotVersion = 1

// snapshot is the form of a saved store. A person may write it too.
type snapshot struct {
	Version int          `json:"version"`
	Keys    Keys         `json:"keys,omitzero"`
	Roles   []string     `json:"roles,omitzero"` // the roles beside DefaultRole; nil: every role exists
	Users   []savedUser  `json:"users"`
	Tokens  []savedToken `json:"tokens,omitempty"`
	JWTKey  []byte       `json:"jwtKey,omitempty"`
}

// Keys are the keys of the app. The server has them; a store only saves and loads them. An empty key is absent.
type Keys struct {
	AuthKey string `json:"authKey,omitempty"`
	APIKey  string `json:"apiKey,omitempty"`
}

// savedUser is a user with the user's relations. A friendship may stand with one of the two friends alone.
type savedUser struct {
	User
	Friends []string         `json:"friends,omitempty"`
	Blocked map[string]int64 `json:"blocked,omitempty"` // the uids that the user has blocked, and since when
}

type savedToken struct {
	Token
	Device
}

// Save writes the store and the app's keys as indented JSON, for Load. Messages and live connections are not in it.
func (s *Store) Save(w io.Writer, keys Keys) error {
	saved := snapshot{Version: snapshotVersion, Keys: keys, JWTKey: s.JWTKey}
	if s.roles != nil {
		saved.Roles = []string{}
	}
	for role := range s.roles {
		if role != DefaultRole {
			saved.Roles = append(saved.Roles, role)
		}
	}
	slices.Sort(saved.Roles)
	for _, u := range s.Users(func(*User) bool { return true }) {
		saved.Users = append(saved.Users, savedUser{*u, slices.Sorted(maps.Keys(s.friends[u.UID])), s.blocked[u.UID]})
		for _, t := range s.tokensOf[u.UID] {
			saved.Tokens = append(saved.Tokens, savedToken{*t, t.Device})
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false) // escaped metadata could exceed its limit
	return e.Encode(saved) //nolint:gosec // Server.Save documents that the file holds secrets
}

// Load replaces what the store holds by what Save, or a person, wrote: all but the count of messages, and the JWTKey if
// there is none in r. It returns the app's keys in r. A user needs only a uid, a token a uid and an authToken. Nobody is
// connected afterwards. After an error the store is as it was.
func (s *Store) Load(r io.Reader, now time.Time) (Keys, error) {
	saved, err := readSnapshot(r)
	if err != nil {
		return Keys{}, err
	}
	loaded := New()
	loaded.messages, loaded.changes = s.messages, s.changes+1
	if loaded.JWTKey = saved.JWTKey; len(saved.JWTKey) == 0 {
		loaded.JWTKey = s.JWTKey
	}
	if saved.Roles != nil {
		loaded.SetRoles(saved.Roles)
	}
	if err := loaded.loadUsers(saved.Users, now); err != nil {
		return Keys{}, err
	}
	if err := loaded.loadRelations(saved.Users); err != nil {
		return Keys{}, err
	}
	if err := loaded.loadTokens(saved.Tokens, now); err != nil {
		return Keys{}, err
	}
	*s = *loaded
	return saved.Keys, nil
}

func readSnapshot(r io.Reader) (*snapshot, error) {
	var saved snapshot
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&saved); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is something after the JSON")
	}
	if saved.Version > snapshotVersion {
		return nil, fmt.Errorf("it has version %d, but this emulator reads versions up to %d", saved.Version, snapshotVersion)
	}
	if k := saved.Keys; k.AuthKey != "" && k.AuthKey == k.APIKey {
		return nil, errors.New("authKey and apiKey have to differ, as they give different rights")
	}
	return &saved, nil
}

func (s *Store) loadUsers(users []savedUser, now time.Time) error {
	for i := range users {
		u := &users[i].User
		if err := u.normalize(now); err != nil {
			return fmt.Errorf("user %d (%q): %w", i+1, u.UID, err)
		}
		if s.users[u.UID] != nil {
			return fmt.Errorf("the uid %q is there twice", u.UID)
		}
		s.PutUser(u)
	}
	return nil
}

// normalize checks a loaded user and fills in what a person may leave out.
func (u *User) normalize(now time.Time) error {
	u.UID, u.Role = strings.ToLower(u.UID), RoleID(u.Role)
	var compact bytes.Buffer
	// Save has indented the metadata, which may then exceed its limit. The error is nil: u was decoded from JSON.
	_ = json.Compact(&compact, u.Metadata)
	if u.Metadata = compact.Bytes(); string(u.Metadata) == "null" {
		u.Metadata = nil
	}
	f := UserFields{UID: &u.UID, Avatar: &u.Avatar, Link: &u.Link, Role: &u.Role, Tags: u.Tags}
	if u.Name != "" { // Server.AddUser takes a user without a name
		f.Name = &u.Name
	}
	if len(u.Metadata) > 0 {
		f.Metadata = &u.Metadata
	}
	errs := f.Check(false)
	if u.UID == "" {
		errs.Add("uid", "field is required.")
	}
	if len(errs) > 0 {
		return fmt.Errorf("%v", map[string][]string(errs))
	}
	if u.CreatedAt == 0 {
		u.CreatedAt = now.Unix()
	}
	return nil
}

func (s *Store) loadRelations(users []savedUser) error {
	for i := range users {
		u := &users[i]
		for _, friend := range u.Friends {
			if friend = strings.ToLower(friend); s.users[friend] == nil || friend == u.UID {
				return fmt.Errorf("%q cannot be a friend of %q: it is not the uid of another user", friend, u.UID)
			}
			s.Befriend(u.UID, friend)
		}
		for other, at := range u.Blocked {
			if other = strings.ToLower(other); s.users[other] == nil || other == u.UID {
				return fmt.Errorf("%q cannot be blocked by %q: it is not the uid of another user", other, u.UID)
			}
			s.Block(u.UID, other, time.Unix(at, 0))
		}
	}
	return nil
}

func (s *Store) loadTokens(tokens []savedToken, now time.Time) error {
	for i := range tokens {
		t := &tokens[i].Token
		t.UID, t.Device = strings.ToLower(t.UID), tokens[i].Device
		if s.users[t.UID] == nil || t.AuthToken == "" {
			return fmt.Errorf("auth token %d is empty, or its uid is unknown", i+1)
		}
		if s.tokens[t.AuthToken] != nil {
			return fmt.Errorf("auth token %d is there twice", i+1)
		}
		if t.CreatedAt == 0 {
			t.CreatedAt = now.Unix()
		}
		s.addToken(t)
	}
	return nil
}
