package cometchat

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
)

// Role is a role of users: [User.Role] is the ID of one. As JSON a Role has the names and the form of CometChat's REST API, with
// times in Unix seconds.
type Role struct {
	// ID identifies the role: at most 100 letters, digits, "-" and "_". The server lower-cases it.
	ID string `json:"role,omitempty"`
	// Name has at most 100 characters, and Description at most 255.
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
	// Metadata is the JSON object that the app stores with the role; nil when there is none.
	Metadata json.RawMessage `json:"metadata,omitempty"`
	// Settings say what the users with this role see and do.
	Settings  RoleSettings `json:"settings,omitzero"`
	CreatedAt time.Time    `json:"createdAt,omitzero"`
	UpdatedAt time.Time    `json:"updatedAt,omitzero"`
}

// RoleSettings say whom the users with a role may list, and to whom they may send messages: RoleAll or RoleFriendsOnly. An empty
// field leaves it to the server.
type RoleSettings struct {
	ListUsers      string `json:"listUsers,omitempty"`
	SendMessagesTo string `json:"sendMessagesTo,omitempty"`
}

// The values of the fields of [RoleSettings].
const (
	RoleAll         = "all"
	RoleFriendsOnly = "friendsOnly"
)

// plainRole is a Role without its methods: encoding/json sees the fields.
type plainRole Role

// wireRole is a role as the REST API writes it: its times hide those of the Role.
type wireRole struct {
	plainRole
	CreatedAt unixTime `json:"createdAt,omitzero"`
	UpdatedAt unixTime `json:"updatedAt,omitzero"`
}

func (w *wireRole) role() *Role {
	r := Role(w.plainRole)
	r.CreatedAt, r.UpdatedAt, r.Metadata = w.CreatedAt.Time, w.UpdatedAt.Time, notNull(r.Metadata)
	return &r
}

// MarshalJSON writes r as CometChat's REST API does.
func (r Role) MarshalJSON() ([]byte, error) {
	return lenient.Marshal(wireRole{plainRole(r), unixTime{r.CreatedAt}, unixTime{r.UpdatedAt}})
}

// UnmarshalJSON reads a role as CometChat's REST API writes it. A field of another form than documented is left empty.
func (r *Role) UnmarshalJSON(data []byte) error {
	var w wireRole
	if _, err := lenient.Unmarshal(data, &w); err != nil {
		return err
	}
	*r = *w.role()
	return nil
}

// RoleUpdate says what [Admin.UpdateRole] changes of a role. A nil field changes nothing. A Description, Metadata or Settings that is
// set and empty removes the value. The limits are those of [Role].
type RoleUpdate struct {
	// Name cannot be removed.
	Name        *string
	Description *string
	Metadata    json.RawMessage
	Settings    *RoleSettings
}

// roleChange is the body of the request that updates a role.
type roleChange struct {
	Name        *string         `json:"name,omitempty"`
	Description *string         `json:"description,omitempty"`
	Metadata    json.RawMessage `json:"metadata,omitempty"`
	Settings    *RoleSettings   `json:"settings,omitempty"`
	Unset       []string        `json:"unset,omitempty"`
}

// body checks the update and makes the request's body of it. The API removes some fields only by their name in "unset".
func (up RoleUpdate) body(op string) (*roleChange, error) {
	if up.Name == nil && up.Description == nil && up.Metadata == nil && up.Settings == nil {
		return nil, newError(op, ErrMissingParameters, "the update changes nothing")
	}
	if up.Name != nil && strings.TrimSpace(*up.Name) == "" {
		return nil, newError(op, ErrMissingParameters, "the role's name cannot be removed")
	}
	change := &roleChange{Name: up.Name, Description: up.Description, Metadata: up.Metadata, Settings: up.Settings}
	if change.Description != nil && *change.Description == "" {
		change.Description, change.Unset = nil, append(change.Unset, "description")
	}
	if change.Metadata != nil && isNoJSON(change.Metadata) {
		change.Metadata, change.Unset = nil, append(change.Unset, "metadata")
	}
	settings := RoleSettings{}
	if change.Settings != nil {
		if settings = *change.Settings; settings == (RoleSettings{}) {
			change.Settings, change.Unset = nil, append(change.Unset, "settings")
		}
	}
	return change, checkRoleFields(op, &Role{
		Name: valueOf(up.Name), Description: valueOf(up.Description), Metadata: change.Metadata, Settings: settings,
	})
}

// checkNewRole checks a role that is to be created.
func checkNewRole(op string, r *Role) error {
	if r == nil {
		return newError(op, ErrMissingParameters, "the role is nil")
	}
	if err := checkRoleID(op, r.ID); err != nil {
		return err
	}
	if strings.TrimSpace(r.Name) == "" {
		return newError(op, ErrMissingParameters, "the role's name is missing")
	}
	return checkRoleFields(op, r)
}

// checkRoleID refuses the id of a role that is too long or not safe in a path. The server checks the documented alphabet.
func checkRoleID(op, role string) error {
	switch {
	case strings.TrimSpace(role) == "":
		return newError(op, ErrMissingParameters, "the role is missing")
	case role == "." || role == "..":
		return newError(op, ErrBadRequest, "the role is a dot segment")
	}
	if flaw := textFlaw(role, maxUIDLength); flaw != "" {
		return newError(op, ErrBadRequest, "the role %s", flaw)
	}
	return nil
}

func checkRoleFields(op string, r *Role) error {
	for _, f := range []struct{ name, value string }{
		{"listUsers", r.Settings.ListUsers}, {"sendMessagesTo", r.Settings.SendMessagesTo},
	} {
		if f.value != "" && f.value != RoleAll && f.value != RoleFriendsOnly {
			return newError(op, ErrBadRequest, "the setting %s %.50q is not %s or %s", f.name, f.value, RoleAll, RoleFriendsOnly)
		}
	}
	if flaw := textFlaw(r.Name, maxNameLength); flaw != "" {
		return newError(op, ErrBadRequest, "the role's name %s", flaw)
	}
	return checkMetadata(op, r.Metadata)
}

// roleFlaw says what is wrong with a role of an answer that should be about the role want (any role if empty); "" if nothing is.
func roleFlaw(role, want string) string {
	switch {
	case role == "":
		return "the server's answer has no role"
	case want != "" && !sameUID(role, want):
		return "the server's answer is about another role"
	}
	return ""
}
