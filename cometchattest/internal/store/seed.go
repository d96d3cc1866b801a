package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/cometchat-go/cometchat/internal/lenient"
)

// seed is what Load reads: a snapshot, or what a person wrote. Its users may have the fields of the API's answers.
type seed struct {
	Version       int        `json:"version"`
	Keys          ignored    `json:"keys"` // see keys
	Roles         []seedRole `json:"roles"`
	Users         ignored    `json:"users"`         // see users
	Tokens        ignored    `json:"tokens"`        // see tokens
	Groups        ignored    `json:"groups"`        // see groups
	Conversations ignored    `json:"conversations"` // see conversations
	Messages      ignored    `json:"messages"`      // see messages
	JWTKey        []byte     `json:"jwtKey"`
	keys          Keys
	users         []seedUser
	tokens        []seedToken
	groups        []seedGroup
	conversations []seedConversation
	messages      []seedMessage
}

// seedUser is a user in a seed. A friendship may stand with one of the two friends alone.
type seedUser struct {
	entry
	User
	CreatedAt     seconds  `json:"createdAt"`
	UpdatedAt     seconds  `json:"updatedAt"`
	LastActiveAt  seconds  `json:"lastActiveAt"`
	DeactivatedAt seconds  `json:"deactivatedAt"`
	Friends       []string `json:"friends"`
	Blocked       since    `json:"blocked"`
	AuthToken     string   `json:"authToken"` // a token of the user, beside those in the list

	// What the API's answers say about the user and somebody else, or about a login.
	ConversationID ignored `json:"conversationId"`
	HasBlockedMe   ignored `json:"hasBlockedMe"`
	BlockedByMe    ignored `json:"blockedByMe"`
	BlockedByMeAt  ignored `json:"blockedByMeAt"`
	BlockedAt      ignored `json:"blockedAt"`
	Scope          ignored `json:"scope"`
	JoinedAt       ignored `json:"joinedAt"`
	JWT            ignored `json:"jwt"`
	FAT            ignored `json:"fat"`
	WSChannel      ignored `json:"wsChannel"`
}

type seedToken struct {
	entry
	Token
	Device
	CreatedAt seconds `json:"createdAt"`
}

// ignored is a field that may have any value.
type ignored struct{}

func (ignored) UnmarshalJSON([]byte) error { return nil }

// seconds is a time in Unix seconds, read from any form in which servers write times.
type seconds int64

func (s *seconds) UnmarshalJSON(raw []byte) error {
	t, ok := lenient.Time(raw)
	if !ok {
		return errors.New(`must be a time, such as 1700000000 or "2024-05-01T10:00:00Z"`)
	}
	if *s = 0; !t.IsZero() {
		*s = seconds(t.Unix())
	}
	return nil
}

// since has times by uid.
type since map[string]seconds

func (s *since) UnmarshalJSON(raw []byte) error {
	if json.Unmarshal(raw, (*map[string]seconds)(s)) != nil {
		return errors.New(`must have a time for each uid, such as {"bob": 1700000000}`)
	}
	return nil
}

// readSeed reads a text. Its errors say the line, what the line is about, and the field.
func readSeed(text []byte) (*seed, error) {
	top, err := parse(text)
	if err != nil {
		return nil, err
	}
	if kind := Kind(top.raw); kind != "an object" {
		return nil, fmt.Errorf(`line %d: there must be an object with the field "users", not %s`, top.line(), kind)
	}
	var s seed
	for name, inner := range top.all() {
		if flaw := inner.flawAs(name, &s); flaw != "" {
			return nil, fmt.Errorf("line %d: %s", inner.line(), flaw)
		}
		switch strings.ToLower(name) {
		case "version":
			if s.Version > snapshotVersion {
				err = fmt.Errorf("line %d: it has version %d, but this emulator reads versions up to %d",
					inner.line(), s.Version, snapshotVersion)
			}
		case "keys":
			err = s.readKeys(inner)
		case "roles":
			err = s.checkRoles(inner)
		case "users":
			err = s.readUsers(inner)
		case "tokens":
			err = s.readTokens(inner)
		case "groups":
			err = s.readGroups(inner)
		case "conversations":
			err = s.readConversations(inner)
		case "messages":
			err = s.readMessages(inner)
		}
		if err != nil {
			return nil, err
		}
	}
	return &s, nil
}

func (s *seed) readKeys(object value) error {
	if kind := Kind(object.raw); kind != "an object" {
		return fmt.Errorf("line %d: the keys must be an object, not %s", object.line(), kind)
	}
	if err := (entry{value: object, place: "keys"}).into(&s.keys); err != nil {
		return err
	}
	if s.keys.AuthKey != "" && s.keys.AuthKey == s.keys.APIKey {
		return fmt.Errorf("line %d: authKey and apiKey have to differ, as they give different rights", object.line())
	}
	return nil
}

func (s *seed) checkRoles(list value) error {
	for i, role := range s.Roles {
		errs := FieldErrors{}
		if errs.checkID("role", &role.role.Role, true); len(errs) > 0 {
			return fmt.Errorf("line %d: role %q: %s", list.element(i).line(), role.role.Role, errs.text())
		}
	}
	return nil
}

func (s *seed) readUsers(list value) error {
	entries, err := list.entries("user")
	s.users = make([]seedUser, len(entries))
	for i, e := range entries {
		u := &s.users[i]
		u.entry = e
		if err := e.into(u); err != nil {
			return err
		}
		u.User.CreatedAt, u.User.UpdatedAt = int64(u.CreatedAt), int64(u.UpdatedAt)
		u.User.LastActiveAt, u.User.DeactivatedAt = int64(u.LastActiveAt), int64(u.DeactivatedAt)
	}
	return err
}

func (s *seed) readTokens(list value) error {
	entries, err := list.entries("auth token")
	s.tokens = make([]seedToken, len(entries))
	for i, e := range entries {
		t := &s.tokens[i]
		t.entry = e
		if err := e.into(t); err != nil {
			return err
		}
		t.Token.CreatedAt, t.Token.Device = int64(t.CreatedAt), t.Device
	}
	return err
}
