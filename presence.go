package cometchat

import (
	"errors"
	"slices"
	"strings"
)

// Presence says whose presence a client hears of: [PresenceAllUsers], [PresenceFriends] or [PresenceRoles]. The zero Presence is
// nobody's.
type Presence struct {
	subscription string // the word of the auth frame
	roles        []string
}

// PresenceAllUsers is the presence of all users of the app.
func PresenceAllUsers() Presence { return Presence{subscription: "ALL_USERS"} }

// PresenceFriends is the presence of the user's friends.
func PresenceFriends() Presence { return Presence{subscription: "FRIENDS"} }

// PresenceRoles is the presence of all users with one of these roles. It needs at least one role.
func PresenceRoles(roles ...string) Presence {
	return Presence{subscription: "ROLES", roles: slices.Clone(roles)}
}

// flaw says why the presence cannot be subscribed to; nil if it can.
func (p Presence) flaw() error {
	blank := func(role string) bool { return strings.TrimSpace(role) == "" }
	if p.subscription == "ROLES" && (len(p.roles) == 0 || slices.ContainsFunc(p.roles, blank)) {
		return errors.New("PresenceRoles has no role, or a blank one")
	}
	return nil
}
