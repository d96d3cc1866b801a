package webhook

import (
	"strings"
	"time"

	"github.com/cometchat-go/cometchat"
)

// GroupChanged is the payload of "group_created", "group_updated", "group_deleted" and "group_owner_transferred".
type GroupChanged struct {
	// Action is "created", "updated", "deleted" or "owner_transferred".
	Action string
	// Group is the group; never nil.
	Group *cometchat.Group
	// GUID is the id of the group; never empty.
	GUID string
	// Owner is the uid of the group's owner, and OldOwner that of the owner before a transfer; each is empty if CometChat did
	// not say.
	Owner, OldOwner string
	// Members are the first members of a group that was created, in the order of their uids.
	Members []*cometchat.User
	// At is when a group was created, or else when the group changed last, in seconds; zero if CometChat did not send it.
	At time.Time
}

// GroupMembersChanged is the payload of "group_member_added", "group_member_joined", "group_member_left",
// "group_member_kicked", "group_member_removed", "group_member_banned", "group_member_unbanned" and
// "group_member_scope_changed".
type GroupMembersChanged struct {
	// Action is what happened to the members: the trigger without "group_member_", such as "scope_changed".
	Action string
	// Group is the group; never nil.
	Group *cometchat.Group
	// GUID is the id of the group; never empty.
	GUID string
	// Members are the members to whom it happened, in the order of their uids; never empty.
	Members []GroupMember
	// By is the user who did it; nil if the members did it themselves, as in "joined" and "left".
	By *cometchat.User
	// At is when the group changed last, in seconds. It can be older than the event; zero if CometChat did not send it.
	At time.Time
}

// GroupMember is a user in a [GroupMembersChanged].
type GroupMember struct {
	// User is the member; never nil.
	User *cometchat.User
	// Scope is "admin", "moderator" or "participant", and OldScope is the scope before a change. Both are empty unless the
	// scope has changed.
	Scope, OldScope string
}

// group is a group as CometChat writes it.
type group struct {
	GUID      string `json:"guid"`
	Owner     string `json:"owner"`
	OldOwner  string `json:"oldOwner"`
	CreatedAt at     `json:"createdAt"`
	UpdatedAt at     `json:"updatedAt"`
}

func newGroupChanged(e *Event) any {
	data := jsonFields(e.Data)
	g := read[group](data["group"])
	if g.GUID == "" {
		return nil
	}
	c := &GroupChanged{
		strings.TrimPrefix(e.Trigger, "group_"), read[cometchat.Group](data["group"]), g.GUID, g.Owner, g.OldOwner, readUsers(data["members"]), g.UpdatedAt.Time,
	}
	if c.Action == "created" {
		c.At = g.CreatedAt.Time
	}
	return c
}

func newGroupMembersChanged(e *Event) any {
	data := jsonFields(e.Data)
	g, users := read[group](data["group"]), usersJSON(data["members"])
	if g.GUID == "" || len(users) == 0 {
		return nil
	}
	c := &GroupMembersChanged{
		Action: strings.TrimPrefix(e.Trigger, "group_member_"), Group: read[cometchat.Group](data["group"]), GUID: g.GUID,
		By: readUser(data["by"], ""), At: g.UpdatedAt.Time,
	}
	for _, u := range users {
		fields := jsonFields(u.json)
		c.Members = append(c.Members, GroupMember{u.user, jsonText(fields["scope"]), jsonText(fields["oldScope"])})
	}
	return c
}
