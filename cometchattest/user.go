package cometchattest

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cometchat-go/cometchat"
)

// The documented limits, in characters (tags: in number; metadata: in bytes).
const (
	maxName     = 100
	maxURL      = 3000
	maxTags     = 25
	maxMetadata = 5 << 10
)

const defaultRole = "default"

// REST's own word for a user who is online.
const available = "available"

// user is a user as the REST API answers it.
type user struct {
	UID           string          `json:"uid"`
	Name          string          `json:"name"`
	Avatar        string          `json:"avatar,omitempty"`
	Link          string          `json:"link,omitempty"`
	Role          string          `json:"role"`
	Status        string          `json:"status"`
	StatusMessage string          `json:"statusMessage,omitempty"`
	Metadata      json.RawMessage `json:"metadata,omitempty"`
	Tags          []string        `json:"tags,omitempty"`
	LastActiveAt  int64           `json:"lastActiveAt,omitempty"`
	CreatedAt     int64           `json:"createdAt"`
	UpdatedAt     int64           `json:"updatedAt,omitempty"`
}

func newUser(u *cometchat.User) *user {
	n := &user{
		UID: strings.ToLower(u.UID), Name: u.Name, Avatar: u.Avatar, Link: u.Link, Role: u.Role, Status: "offline",
		StatusMessage: u.StatusMessage, Metadata: slices.Clone(u.Metadata), Tags: slices.Clone(u.Tags),
		CreatedAt: time.Now().Unix(),
	}
	if n.Role == "" {
		n.Role = defaultRole
	}
	return n
}

// userFields is the body of a request that creates or updates a user; nil is a field that was not sent.
type userFields struct {
	UID           *string         `json:"uid"`
	Name          *string         `json:"name"`
	Avatar        *string         `json:"avatar"`
	Link          *string         `json:"link"`
	Role          *string         `json:"role"`
	StatusMessage *string         `json:"statusMessage"`
	Metadata      json.RawMessage `json:"metadata"`
	Tags          []string        `json:"tags"`
}

var uidForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

// flaws checks the fields that were sent, and that the required ones were. It is nil when there is nothing to say.
func (f *userFields) flaws(required bool) map[string][]string {
	flaws := map[string][]string{}
	say := func(field, text string) { flaws[field] = append(flaws[field], "The "+field+" "+text) }
	text := func(field string, value *string, limit int, required bool) {
		switch {
		case value == nil || strings.TrimSpace(*value) == "":
			if required {
				say(field, "field is required.")
			}
		case utf8.RuneCountInString(*value) > limit:
			say(field, "is too long.")
		}
	}
	text("uid", f.UID, maxName, required)
	text("name", f.Name, maxName, required)
	text("avatar", f.Avatar, maxURL, false)
	text("link", f.Link, maxURL, false)
	text("role", f.Role, maxName, false)
	if f.UID != nil && *f.UID != "" && !uidForm.MatchString(*f.UID) {
		say("uid", "may only contain letters, numbers, dashes and underscores.")
	}
	if len(f.Tags) > maxTags || slices.ContainsFunc(f.Tags, func(tag string) bool { return utf8.RuneCountInString(tag) > maxName }) {
		say("tags", "are too many or too long.")
	}
	if len(f.Metadata) > maxMetadata {
		say("metadata", "is larger than 5 KB.")
	} else if len(f.Metadata) > 0 && f.Metadata[0] != '{' && string(f.Metadata) != "null" {
		say("metadata", "must be an object.")
	}
	if len(flaws) == 0 {
		return nil
	}
	return flaws
}

// apply sets the fields that were sent; uid is not among them, for it never changes.
func (f *userFields) apply(u *user) {
	changed := false
	for _, field := range []struct{ to, from *string }{
		{&u.Name, f.Name},
		{&u.Avatar, f.Avatar},
		{&u.Link, f.Link},
		{&u.Role, f.Role},
		{&u.StatusMessage, f.StatusMessage},
	} {
		if field.from != nil {
			*field.to, changed = *field.from, true
		}
	}
	if len(f.Metadata) > 0 {
		u.Metadata, changed = f.Metadata, true
	}
	if f.Tags != nil {
		u.Tags, changed = f.Tags, true
	}
	if changed {
		u.UpdatedAt = time.Now().Unix()
	}
}
