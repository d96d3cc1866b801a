package cometchattest

import (
	"cmp"
	"encoding/json"
	"net/url"
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

// REST's own words for who is online and who is not.
const (
	available = "available"
	offline   = "offline"
)

// online is the word of live connections for available.
const online = "online"

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
	DeactivatedAt int64           `json:"deactivatedAt,omitempty"` // 0: the user is active

	number int // in the order of creation, which is that of lists
}

func newUser(u *cometchat.User, now time.Time) *user {
	return &user{
		UID: strings.ToLower(u.UID), Name: u.Name, Avatar: u.Avatar, Link: u.Link, Role: roleID(u.Role), Status: offline,
		StatusMessage: u.StatusMessage, Metadata: slices.Clone(u.Metadata), Tags: slices.Clone(u.Tags),
		CreatedAt: now.Unix(),
	}
}

// changedAt is when the user was created or last changed.
func (u *user) changedAt() int64 { return max(u.CreatedAt, u.UpdatedAt) }

// roleID is how the server keeps the id of a role.
func roleID(role string) string { return cmp.Or(strings.ToLower(role), defaultRole) }

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
	Unset         []string        `json:"unset"`         // of an update
	WithAuthToken bool            `json:"withAuthToken"` // of a creation
}

// fields reads the body as the fields of a user; an empty body has none.
func (c *call) fields(required bool) (*userFields, *refusal) {
	var f userFields
	if no := c.decode(&f); no != nil {
		return nil, no
	}
	return &f, f.flaws(required).refusal()
}

// isNull tells whether a field is there and null, which is as if it had not been sent.
func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

var idForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

// flaws checks the fields that were sent, and that the required ones were.
func (f *userFields) flaws(required bool) flaws {
	flaws := flaws{}
	text := func(field string, value *string, limit int, required bool) {
		switch {
		case value == nil || strings.TrimSpace(*value) == "":
			if required {
				flaws.say(field, "field is required.")
			}
		case utf8.RuneCountInString(*value) > limit:
			flaws.say(field, "is too long.")
		}
	}
	id := func(field string, value *string, required bool) {
		text(field, value, maxName, required)
		if value != nil && *value != "" && !idForm.MatchString(*value) {
			flaws.say(field, "may only contain letters, numbers, dashes and underscores.")
		}
	}
	id("uid", f.UID, required)
	text("name", f.Name, maxName, required || f.Name != nil) // an update may leave it out, and not empty
	link := func(field string, value *string) {
		text(field, value, maxURL, false)
		if value == nil || *value == "" {
			return
		}
		if u, err := url.Parse(*value); err != nil || u.Scheme == "" || u.Host == "" {
			flaws.say(field, "must be a valid URL.")
		}
	}
	link("avatar", f.Avatar)
	link("link", f.Link)
	id("role", f.Role, false)
	flaws.ofTags(f.Tags)
	if len(f.Metadata) > maxMetadata {
		flaws.say("metadata", "is larger than 5 KB.")
	} else if len(f.Metadata) > 0 && f.Metadata[0] != '{' && !isNull(f.Metadata) {
		flaws.say("metadata", "must be an object.")
	}
	for _, field := range f.Unset {
		if field != "avatar" && field != "link" && field != "metadata" {
			flaws.say("unset", "may only name avatar, link and metadata.")
			break
		}
	}
	return flaws
}

// ofTags checks the tags of a user or a message.
func (f flaws) ofTags(tags []string) {
	tooLong := func(tag string) bool { return utf8.RuneCountInString(tag) > maxName }
	if len(tags) > maxTags || slices.ContainsFunc(tags, tooLong) {
		f.say("tags", "are too many or too long.")
	}
}

// apply sets the fields that were sent; uid is not among them, for it never changes.
func (f *userFields) apply(u *user, now time.Time) {
	changed := false
	for _, field := range []struct{ to, from *string }{
		{&u.Name, f.Name},
		{&u.Avatar, f.Avatar},
		{&u.Link, f.Link},
		{&u.StatusMessage, f.StatusMessage},
	} {
		if field.from != nil {
			*field.to, changed = *field.from, true
		}
	}
	if f.Role != nil {
		u.Role, changed = roleID(*f.Role), true
	}
	if len(f.Metadata) > 0 && !isNull(f.Metadata) {
		u.Metadata, changed = f.Metadata, true
	}
	if f.Tags != nil {
		u.Tags, changed = f.Tags, true
	}
	for _, field := range f.Unset {
		changed = true
		switch field {
		case "avatar":
			u.Avatar = ""
		case "link":
			u.Link = ""
		case "metadata":
			u.Metadata = nil
		}
	}
	if changed {
		u.UpdatedAt = now.Unix()
	}
}
