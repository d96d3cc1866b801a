package store

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// Role is a role in the form of the REST API's answers.
type Role struct {
	Role        string          `json:"role"`
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Metadata    json.RawMessage `json:"metadata,omitempty"`
	Settings    *RoleSettings   `json:"settings,omitempty"`
	CreatedAt   int64           `json:"createdAt,omitempty"`
	UpdatedAt   int64           `json:"updatedAt,omitempty"`
}

// RoleSettings say what the users with a role may do. The emulator keeps them, and does not act on them.
type RoleSettings struct {
	ListUsers      string `json:"listUsers,omitempty"`
	SendMessagesTo string `json:"sendMessagesTo,omitempty"`
}

// RoleFields are the fields of a request that creates or updates a role. A nil field was absent or null.
type RoleFields struct {
	Role        *string          `json:"role"`
	Name        *string          `json:"name"`
	Description *string          `json:"description"`
	Metadata    *json.RawMessage `json:"metadata"`
	Settings    *RoleSettings    `json:"settings"`
	Unset       []string         `json:"unset"` // in an update: names of fields to empty
}

// Check returns what is wrong with the fields. A creation requires role and name; an update may leave them out, but a name that it
// has may not be blank.
func (f *RoleFields) Check(creation bool) FieldErrors {
	errs := FieldErrors{}
	errs.checkID("role", f.Role, creation)
	errs.checkText("name", f.Name, maxName, creation || f.Name != nil)
	errs.checkText("description", f.Description, maxDescription, false)
	errs.checkMetadata(f.Metadata)
	if f.Settings != nil {
		for name, value := range map[string]string{"listUsers": f.Settings.ListUsers, "sendMessagesTo": f.Settings.SendMessagesTo} {
			if value != "" && value != "all" && value != "friendsOnly" {
				errs.Add("settings."+name, "must be all or friendsOnly.")
			}
		}
	}
	if slices.ContainsFunc(f.Unset, func(field string) bool {
		return !slices.Contains([]string{"settings", "description", "metadata"}, field)
	}) {
		errs.Add("unset", "may only name settings, description and metadata.")
	}
	return errs
}

// maxDescription is the documented limit of the description of a role.
const maxDescription = 255

// SetRoles makes these roles, and DefaultRole, the only roles that exist.
func (s *Store) SetRoles(roles []string) {
	s.changes++
	s.roles = map[string]*Role{DefaultRole: {Role: DefaultRole, Name: DefaultRole}}
	for _, role := range roles {
		id := strings.ToLower(role)
		s.roles[id] = &Role{Role: id, Name: role}
	}
}

// HasRole reports whether a role exists.
func (s *Store) HasRole(role string) bool { return s.roles == nil || s.roles[RoleID(role)] != nil }

// Role returns the role with this id, or nil. While every role exists, it knows DefaultRole alone.
func (s *Store) Role(id string) *Role {
	if s.roles == nil && id == DefaultRole {
		return &Role{Role: DefaultRole, Name: DefaultRole}
	}
	return s.roles[id]
}

// Roles returns the roles by the time of their creation, and then by their ids.
func (s *Store) Roles() []*Role {
	if s.roles == nil {
		return []*Role{s.Role(DefaultRole)}
	}
	return slices.SortedFunc(maps.Values(s.roles), func(a, b *Role) int {
		return cmp.Or(cmp.Compare(a.CreatedAt, b.CreatedAt), cmp.Compare(a.Role, b.Role))
	})
}

// CreateRole adds a role with these fields, which the caller has checked. From then on only the listed roles exist.
func (s *Store) CreateRole(f *RoleFields, now time.Time) *Role {
	if s.roles == nil {
		s.SetRoles(nil)
	}
	r := &Role{Role: strings.ToLower(*f.Role), CreatedAt: now.Unix()}
	s.roles[r.Role] = r
	s.UpdateRole(r.Role, f, now)
	r.UpdatedAt = 0 // absent until the first update
	return r
}

// UpdateRole sets the fields of a role that exists. The caller has checked them.
func (s *Store) UpdateRole(id string, f *RoleFields, now time.Time) {
	if s.roles == nil {
		s.SetRoles(nil)
	}
	s.changes++
	r := s.roles[id]
	if f.Name != nil {
		r.Name = *f.Name
	}
	if f.Description != nil {
		r.Description = *f.Description
	}
	if f.Metadata != nil {
		r.Metadata = *f.Metadata
	}
	if f.Settings != nil {
		r.Settings = f.Settings
	}
	for _, field := range f.Unset {
		switch field {
		case "description":
			r.Description = ""
		case "metadata":
			r.Metadata = nil
		case "settings":
			r.Settings = nil
		}
	}
	r.UpdatedAt = now.Unix()
}

// RemoveRole removes a role. The users who have it keep it.
func (s *Store) RemoveRole(id string) {
	s.changes++
	delete(s.roles, id)
}

// savedRoles returns the roles beside DefaultRole for a snapshot; nil if every role exists. A role that has nothing but its id is a text.
func (s *Store) savedRoles() (saved []any) {
	if s.roles == nil {
		return nil
	}
	saved = []any{}
	for _, r := range s.Roles() {
		switch bare := r.Role == strings.ToLower(r.Name) && r.CreatedAt == 0 && r.UpdatedAt == 0; {
		case bare && r.Role == DefaultRole:
		case bare:
			saved = append(saved, r.Role)
		default:
			saved = append(saved, r)
		}
	}
	return saved
}

// seedRole is a role in a seed: an id, or an object.
type seedRole struct{ role Role }

func (r *seedRole) UnmarshalJSON(raw []byte) error {
	if raw[0] == '{' {
		return json.Unmarshal(raw, &r.role)
	}
	return json.Unmarshal(raw, &r.role.Role)
}

// loadRoles takes over the roles of a seed.
func (s *Store) loadRoles(from *seed, _ time.Time) error {
	if from.Roles == nil {
		return nil
	}
	s.SetRoles(nil)
	for _, r := range from.Roles {
		r.role.Name = cmp.Or(r.role.Name, r.role.Role)
		r.role.Role = strings.ToLower(r.role.Role)
		s.roles[r.role.Role] = &r.role
	}
	return nil
}
