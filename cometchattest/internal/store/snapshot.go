package store

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// snapshotVersion is the version of the form that Save writes.
const snapshotVersion = 1

// snapshot is the form that Save writes. A seed is what Load reads.
type snapshot struct {
	Version       int             `json:"version"`
	Keys          Keys            `json:"keys,omitzero"`
	Roles         []any           `json:"roles,omitzero"` // the roles beside DefaultRole; nil: every role exists
	Users         []savedUser     `json:"users"`
	Tokens        []savedToken    `json:"tokens,omitempty"`
	Groups        []*Group        `json:"groups,omitempty"`
	Conversations []*Conversation `json:"conversations,omitempty"`
	Messages      []*Message      `json:"messages,omitempty"`
	JWTKey        []byte          `json:"jwtKey,omitempty"`
}

// Keys are the keys of the app. The server has them; a store only saves and loads them. An empty key is absent.
type Keys struct {
	AuthKey string `json:"authKey,omitempty"`
	APIKey  string `json:"apiKey,omitempty"`
}

// savedUser is a user with the user's relations.
type savedUser struct {
	User
	Friends []string         `json:"friends,omitempty"`
	Blocked map[string]int64 `json:"blocked,omitempty"` // the uids that the user has blocked, and since when
}

type savedToken struct {
	Token
	Device
}

// Save writes the store and the app's keys as indented JSON, for Load. Live connections are not in it.
func (s *Store) Save(w io.Writer, keys Keys) error {
	saved := snapshot{
		Version: snapshotVersion, Keys: keys, JWTKey: s.JWTKey, Roles: s.savedRoles(), Groups: s.savedGroups(), Conversations: s.savedConversations(), Messages: s.log,
	}
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
// there is none in text. It returns the app's keys in text. A user needs only a uid, a token a uid and an authToken. Nobody is
// connected afterwards. An error says the line, what the line is about, and the field; the store is as it was then.
func (s *Store) Load(text []byte, now time.Time) (Keys, error) {
	from, err := readSeed(text)
	if err != nil {
		return Keys{}, err
	}
	loaded := New()
	loaded.messages, loaded.changes, loaded.Keep = s.messages, s.changes+1, s.Keep
	if loaded.JWTKey = from.JWTKey; len(from.JWTKey) == 0 {
		loaded.JWTKey = s.JWTKey
	}
	for _, load := range []func(*seed, time.Time) error{
		loaded.loadRoles, loaded.loadUsers, loaded.loadRelations, loaded.loadTokens, loaded.loadGroups, loaded.loadConversations, loaded.loadMessages,
	} {
		if err := load(from, now); err != nil {
			return Keys{}, err
		}
	}
	*s = *loaded
	return from.keys, nil
}

func (s *Store) loadUsers(from *seed, now time.Time) error {
	before := map[string]*seedUser{}
	for i := range from.users {
		u := &from.users[i]
		if errs := u.normalize(now); len(errs) > 0 {
			first := slices.Sorted(maps.Keys(errs))[0]
			return u.wrong(u.field(first), "%s", errs.text())
		}
		if first := before[u.UID]; first != nil {
			return u.wrong(u.field("uid"), "the uid is there twice, first in line %d", first.field("uid").line())
		}
		before[u.UID] = u
		user := u.User // a pointer into from would keep its text in memory
		s.PutUser(&user)
	}
	return nil
}

// normalize fills in what a person may leave out. It returns what is wrong with the fields.
func (u *User) normalize(now time.Time) FieldErrors {
	u.UID, u.Role = strings.ToLower(u.UID), RoleID(u.Role)
	u.Metadata = compacted(u.Metadata)
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
	if u.CreatedAt == 0 {
		u.CreatedAt = now.Unix()
	}
	return errs
}

func (s *Store) loadRelations(from *seed, _ time.Time) error {
	another := func(u *seedUser, uid string) bool { return s.users[uid] != nil && uid != u.UID }
	for i := range from.users {
		u := &from.users[i]
		for i, friend := range u.Friends {
			if friend = strings.ToLower(friend); !another(u, friend) {
				return u.wrong(u.field("friends").element(i), "the friend %q is not the uid of another user", friend)
			}
			s.Befriend(u.UID, friend)
		}
		for _, other := range slices.Sorted(maps.Keys(u.Blocked)) {
			uid := strings.ToLower(other)
			if !another(u, uid) {
				return u.wrong(u.field("blocked").field(other), "the blocked %q is not the uid of another user", uid)
			}
			s.Block(u.UID, uid, time.Unix(int64(u.Blocked[other]), 0))
		}
	}
	return nil
}

func (s *Store) loadTokens(from *seed, now time.Time) error {
	before := map[string]*seedToken{}
	for i := range from.tokens {
		t := &from.tokens[i]
		t.UID = strings.ToLower(t.UID)
		switch {
		case t.AuthToken == "":
			return t.wrong(t.value, "the authToken is missing")
		case s.users[t.UID] == nil:
			return t.wrong(t.field("uid"), "no user has the uid %q", t.UID)
		case before[t.AuthToken] != nil:
			return t.wrong(t.field("authToken"), "the authToken is there twice, first in line %d",
				before[t.AuthToken].field("authToken").line())
		}
		before[t.AuthToken] = t
		if t.Token.CreatedAt == 0 {
			t.Token.CreatedAt = now.Unix()
		}
		token := t.Token
		s.addToken(&token)
	}
	for i := range from.users {
		u := &from.users[i]
		if other := before[u.AuthToken]; other != nil && other.UID != u.UID {
			return u.wrong(u.field("authToken"), "the authToken belongs to another user, in line %d", other.line())
		} else if other == nil && u.AuthToken != "" {
			token := Token{UID: u.UID, AuthToken: u.AuthToken, CreatedAt: u.User.CreatedAt}
			before[u.AuthToken] = &seedToken{entry: u.entry, Token: token}
			s.addToken(&token)
		}
	}
	return nil
}
