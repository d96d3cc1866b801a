package store

import (
	"cmp"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// DefaultRole is the role of a user without any other role. It always exists.
const DefaultRole = "default"

// RoleID returns the id under which a role is kept: lower case, and DefaultRole for "".
func RoleID(role string) string { return cmp.Or(strings.ToLower(role), DefaultRole) }

// User is a user in the form of the REST API's answers.
type User struct {
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

	number int // position in the order of creation
}

// ChangedAt returns when the user was last updated, or else created, in Unix seconds.
func (u *User) ChangedAt() int64 { return max(u.CreatedAt, u.UpdatedAt) }

// UserFields are the fields of a request that creates or updates a user. A nil field was absent or null.
type UserFields struct {
	UID           *string          `json:"uid"`
	Name          *string          `json:"name"`
	Avatar        *string          `json:"avatar"`
	Link          *string          `json:"link"`
	Role          *string          `json:"role"`
	StatusMessage *string          `json:"statusMessage"`
	Metadata      *json.RawMessage `json:"metadata"`
	Tags          []string         `json:"tags"`
	Unset         []string         `json:"unset"`         // in an update: names of fields to empty
	WithAuthToken bool             `json:"withAuthToken"` // in a creation: the answer has an auth token; for the server
}

var idForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

// Check returns what is wrong with the fields. A creation requires uid and name; an update may leave them out, but a name
// that it has may not be blank.
func (f *UserFields) Check(creation bool) FieldErrors {
	errs := FieldErrors{}
	errs.checkID("uid", f.UID, creation)
	errs.checkText("name", f.Name, maxName, creation || f.Name != nil)
	errs.checkURL("avatar", f.Avatar)
	errs.checkURL("link", f.Link)
	errs.checkID("role", f.Role, false)
	errs.CheckTags(f.Tags)
	errs.checkMetadata(f.Metadata)
	for _, field := range f.Unset {
		if field != "avatar" && field != "link" && field != "metadata" {
			errs.Add("unset", "may only name avatar, link and metadata.")
			break
		}
	}
	return errs
}

func (e FieldErrors) checkText(field string, value *string, limit int, required bool) {
	switch {
	case value == nil || strings.TrimSpace(*value) == "":
		if required {
			e.Add(field, "field is required.")
		}
	case utf8.RuneCountInString(*value) > limit:
		e.Add(field, "is too long.")
	}
}

func (e FieldErrors) checkID(field string, value *string, required bool) {
	e.checkText(field, value, maxName, required)
	if value != nil && *value != "" && !idForm.MatchString(*value) {
		e.Add(field, "may only contain letters, numbers, dashes and underscores.")
	}
}

func (e FieldErrors) checkMetadata(value *json.RawMessage) {
	switch {
	case value == nil:
	case len(*value) > maxMetadata:
		e.Add("metadata", "is larger than 5 KB.")
	case (*value)[0] != '{':
		e.Add("metadata", "must be an object.")
	}
}

func (e FieldErrors) checkURL(field string, value *string) {
	e.checkText(field, value, maxURL, false)
	if value == nil || *value == "" {
		return
	}
	if u, err := url.Parse(*value); err != nil || u.Scheme == "" || u.Host == "" {
		e.Add(field, "must be a valid URL.")
	}
}

// update sets the fields that were sent, but for the uid, which never changes.
func (u *User) update(f *UserFields, now time.Time) {
	changed := len(f.Unset) > 0
	set := func(field, value *string) {
		if value != nil {
			*field, changed = *value, true
		}
	}
	set(&u.Name, f.Name)
	set(&u.Avatar, f.Avatar)
	set(&u.Link, f.Link)
	set(&u.StatusMessage, f.StatusMessage)
	if f.Role != nil {
		u.Role, changed = RoleID(*f.Role), true
	}
	if f.Metadata != nil {
		u.Metadata, changed = *f.Metadata, true
	}
	if f.Tags != nil {
		u.Tags, changed = f.Tags, true
	}
	for _, field := range f.Unset {
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
