package store

import "strings"

// SetRoles makes these roles, and DefaultRole, the only roles that exist.
func (s *Store) SetRoles(roles []string) {
	s.changes++
	s.roles = map[string]bool{DefaultRole: true}
	for _, role := range roles {
		s.roles[strings.ToLower(role)] = true
	}
}

// HasRole reports whether a role exists.
func (s *Store) HasRole(role string) bool { return s.roles == nil || s.roles[RoleID(role)] }
