package store

import (
	"cmp"
	"strings"
)

// DefaultRole is the role of a user without any other role. It always exists.
const DefaultRole = "default"

// RoleID returns the id under which a role is kept: lower case, and DefaultRole for "".
func RoleID(role string) string { return cmp.Or(strings.ToLower(role), DefaultRole) }

// SetRoles makes these roles, and DefaultRole, the only roles that exist.
func (s *Store) SetRoles(roles []string) {
	s.roles = map[string]bool{DefaultRole: true}
	for _, role := range roles {
		s.roles[strings.ToLower(role)] = true
	}
}

// HasRole reports whether a role exists.
func (s *Store) HasRole(role string) bool { return s.roles == nil || s.roles[RoleID(role)] }
