package store

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// User returns the user with this uid, deactivated or not, or nil.
func (s *Store) User(uid string) *User { return s.users[uid] }

// ActiveUser returns the user with this uid, or nil. To the API a deactivated user does not exist.
func (s *Store) ActiveUser(uid string) *User {
	if u := s.users[uid]; u != nil && u.DeactivatedAt == 0 {
		return u
	}
	return nil
}

// Users returns the users that match, in the order of their creation.
func (s *Store) Users(matches func(*User) bool) []*User {
	all := slices.SortedFunc(maps.Values(s.users), func(a, b *User) int { return cmp.Compare(a.number, b.number) })
	return slices.DeleteFunc(all, func(u *User) bool { return !matches(u) })
}

// PutUser adds u. If there is a user with this uid, u takes that user's place, with its position and its status.
func (s *Store) PutUser(u *User) {
	s.changes++
	if old := s.users[u.UID]; old != nil {
		u.number, u.Status = old.number, old.Status
	} else {
		s.created++
		u.number, u.Status = s.created, Offline
	}
	s.users[u.UID] = u
}

// CreateUser adds a user with these fields, but ignores Unset. The caller has checked the fields, and that the uid is free.
func (s *Store) CreateUser(f UserFields, now time.Time) *User {
	u := &User{UID: strings.ToLower(*f.UID), Role: DefaultRole, CreatedAt: now.Unix()}
	f.Unset = nil
	u.update(&f, now)
	u.UpdatedAt = 0 // absent until the first update
	s.PutUser(u)
	return u
}

// UpdateUser sets the fields of a user who exists. The caller has checked them.
func (s *Store) UpdateUser(uid string, f *UserFields, now time.Time) {
	s.changes++
	s.users[uid].update(f, now)
}

// RemoveUser removes a user with the user's tokens, relations and memberships; an unknown uid is fine. If friends have to see the user go
// offline, the caller ends the user's live connections first, with RevokeTokens.
func (s *Store) RemoveUser(uid string) {
	s.RevokeTokens(uid)
	s.removeRelations(uid)
	s.removeFromGroups(uid)
	delete(s.connections, uid)
	delete(s.users, uid)
}

// DeactivateUser hides a user who exists from the API until ActivateUser. Until then the server refuses the user's tokens.
// DeactivateUser returns these tokens, as their live connections have to end.
func (s *Store) DeactivateUser(uid string, now time.Time) (refused []*Token) {
	s.changes++
	if u := s.users[uid]; u.DeactivatedAt == 0 {
		u.DeactivatedAt, u.Status = max(now.Unix(), 1), Offline // 0 means active, even if the clock begins there
	}
	return s.tokensOf[uid]
}

// ActivateUser undoes DeactivateUser for a user who exists.
func (s *Store) ActivateUser(uid string) {
	s.changes++
	s.users[uid].DeactivatedAt = 0
}
