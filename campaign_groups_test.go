package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cometchat-go/cometchat"
)

// campaignGroups has the calls of TestCampaign about groups. Each has a group of its own, which is in a known state before the call.
var campaignGroups = []campaignCall{
	{name: "Client.CreateGroup", session: true, once: true, do: func(ctx context.Context, a *actor) error {
		guid := a.newGUID()
		g, outcomes, err := a.client.CreateGroup(ctx, cometchat.NewGroup{
			GUID: guid, Name: "Made", Type: cometchat.GroupPublic, Members: cometchat.NewGroupMembers{Participants: []string{a.friend}},
		})
		if err == nil && (g.GUID != guid || outcomes[a.friend] != nil || !a.hasMembers(guid, a.uid, a.friend)) {
			a.failf("the group is %v, with the outcomes %v", g, outcomes)
		}
		return err
	}},
	{name: "Client.GetGroup", session: true, do: func(ctx context.Context, a *actor) error {
		guid := a.newGroup(a.friend)
		g, err := a.client.GetGroup(ctx, guid)
		if err == nil && (g.GUID != guid || g.Owner != a.friend || g.MembersCount != 2 || g.Scope != cometchat.ScopeParticipant) {
			a.failf("the group is %+v", g)
		}
		return err
	}},
	{name: "Client.GetGroup of nothing", session: true, wants: cometchat.ErrGUIDNotFound, do: func(ctx context.Context, a *actor) error {
		_, err := a.client.GetGroup(ctx, "nothing")
		return err
	}},
	{name: "Client.UpdateGroup", session: true, do: func(ctx context.Context, a *actor) error {
		guid, text := a.newGroup(a.uid), a.newText()
		g, err := a.client.UpdateGroup(ctx, guid, cometchat.GroupUpdate{Description: &text})
		if err == nil && (g.Description != text || a.emulator.Group(guid).Description != text) {
			a.failf("the description is %q, not %q", g.Description, text)
		}
		return err
	}},
	{name: "Client.UpdateGroup of another user", session: true, wants: cometchat.ErrNotPermitted, do: func(ctx context.Context, a *actor) error {
		_, err := a.client.UpdateGroup(ctx, a.newGroup(a.friend), cometchat.GroupUpdate{Name: new("Mine")})
		return err
	}},
	{name: "Client.DeleteGroup", session: true, done: cometchat.ErrGUIDNotFound, do: func(ctx context.Context, a *actor) error {
		guid := a.newGroup(a.uid)
		err := a.client.DeleteGroup(ctx, guid)
		if err == nil && a.emulator.Group(guid) != nil {
			a.failf("the group is still there")
		}
		return err
	}},
	{name: "Client.JoinGroup", session: true, done: cometchat.ErrAlreadyJoined, do: func(ctx context.Context, a *actor) error {
		guid := a.newGroup(a.friend)
		a.emulator.KickGroupMember(guid, a.uid)
		g, err := a.client.JoinGroup(ctx, guid, "")
		if err == nil && !g.HasJoined {
			a.failf("the group is %+v", g)
		}
		return a.leavesMembers(guid, err, a.uid, a.friend)
	}},
	{name: "Client.LeaveGroup", session: true, done: cometchat.ErrNotJoined, do: func(ctx context.Context, a *actor) error {
		guid := a.newGroup(a.friend)
		return a.leavesMembers(guid, a.client.LeaveGroup(ctx, guid), a.friend)
	}},
	{name: "Client.TransferGroupOwnership", session: true, once: true, do: func(ctx context.Context, a *actor) error {
		guid := a.newGroup(a.uid)
		err := a.client.TransferGroupOwnership(ctx, guid, a.friend)
		if err == nil && a.emulator.Group(guid).Owner != a.friend {
			a.failf("the owner is %s", a.emulator.Group(guid).Owner)
		}
		return err
	}},
	{name: "Client.AddGroupMembers", session: true, do: func(ctx context.Context, a *actor) error {
		guid := a.newGroup(a.uid)
		outcomes, err := a.client.AddGroupMembers(ctx, guid, cometchat.NewGroupMembers{Participants: []string{uid2, "nobody"}})
		if err == nil && (outcomes[uid2] != nil && !errors.Is(outcomes[uid2], cometchat.ErrAlreadyJoined) || // a retry may find it done
			!errors.Is(outcomes["nobody"], cometchat.ErrUIDNotFound)) {
			a.failf("the outcomes are %v", outcomes)
		}
		return a.leavesMembers(guid, err, a.uid, a.friend, uid2)
	}},
	{name: "Client.KickGroupMember", session: true, done: cometchat.ErrNotJoined, do: func(ctx context.Context, a *actor) error {
		guid := a.newGroup(a.uid)
		return a.leavesMembers(guid, a.client.KickGroupMember(ctx, guid, a.friend), a.uid)
	}},
	{name: "Client.BanGroupMember", session: true, done: cometchat.ErrBanned, do: func(ctx context.Context, a *actor) error {
		guid := a.newGroup(a.uid)
		return a.leavesMembers(guid, a.client.BanGroupMember(ctx, guid, a.friend), a.uid)
	}},
	{name: "Client.UnbanGroupMember", session: true, done: cometchat.ErrNotBanned, do: func(ctx context.Context, a *actor) error {
		guid := a.newGroup(a.uid)
		err := a.client.UnbanGroupMember(ctx, guid, uid1)
		if err == nil {
			a.emulator.JoinGroup(guid, uid1) // panics for a banned user
		}
		return err
	}},
	{name: "Client.UpdateGroupMemberScope", session: true, done: cometchat.ErrSameScope, do: func(ctx context.Context, a *actor) error {
		guid := a.newGroup(a.uid)
		err := a.client.UpdateGroupMemberScope(ctx, guid, a.friend, cometchat.ScopeModerator)
		if err == nil && a.emulator.GroupMembers(guid)[1].Scope != cometchat.ScopeModerator {
			a.failf("the scope is %v", a.emulator.GroupMembers(guid)[1])
		}
		return err
	}},
	{name: "Client.ListGroupMembers", session: true, do: func(ctx context.Context, a *actor) error {
		return a.membersAre(a.client.ListGroupMembers(ctx, a.newGroup(a.uid), cometchat.GroupMembersRequest{Limit: 1}), a.uid, a.friend)
	}},
	{name: "Client.ListBannedGroupMembers", session: true, do: func(ctx context.Context, a *actor) error {
		return a.membersAre(a.client.ListBannedGroupMembers(ctx, a.newGroup(a.uid), cometchat.BannedGroupMembersRequest{}), uid1)
	}},
	{name: "Client.ListGroups", session: true, do: func(ctx context.Context, a *actor) error {
		guid := a.newGroup(a.friend)
		var guids []string
		for g, err := range a.client.ListGroups(ctx, cometchat.GroupsRequest{JoinedOnly: true, SearchKeyword: guid}) {
			if err != nil {
				return err
			}
			guids = append(guids, g.GUID)
		}
		if !slices.Equal(guids, []string{guid}) {
			a.failf("the groups are %v", guids)
		}
		return nil
	}},
	{name: "Client.OnlineGroupMemberCount", session: true, do: func(ctx context.Context, a *actor) error {
		guid := a.newGroup(a.friend)
		counts, err := a.client.OnlineGroupMemberCount(ctx, []string{guid})
		if online, ok := counts[guid]; err == nil && (!ok || online > 1) { // the server may not know yet that the actor is offline
			a.failf("the counts are %v", counts)
		}
		return err
	}},
}

// newGUID returns a guid that this actor has not used before.
func (a *actor) newGUID() string { return fmt.Sprintf("%s-group-%04d", a.uid, a.left) }

// newGroup adds a group of the user and the friend, of whom owner owns it. uid1 is banned.
func (a *actor) newGroup(owner string) (guid string) {
	g := cometchat.NewGroup{GUID: a.newGUID(), Owner: owner, Members: cometchat.NewGroupMembers{Banned: []string{uid1}}}
	for _, uid := range []string{a.uid, a.friend} {
		if uid != owner {
			g.Members.Participants = append(g.Members.Participants, uid)
		}
	}
	a.emulator.AddGroup(g)
	return g.GUID
}

// hasMembers reports whether the server has exactly these members of a group.
func (a *actor) hasMembers(guid string, uids ...string) bool {
	var members []string
	for _, m := range a.emulator.GroupMembers(guid) {
		members = append(members, m.UID)
	}
	slices.Sort(uids)
	slices.Sort(members)
	return slices.Equal(uids, members)
}

// leavesMembers checks that a call that has succeeded has left these members in a group.
func (a *actor) leavesMembers(guid string, err error, uids ...string) error {
	if err == nil && !a.hasMembers(guid, uids...) {
		a.failf("the members are %v", a.emulator.GroupMembers(guid))
	}
	return err
}

// membersAre checks that a list has exactly these users.
func (a *actor) membersAre(list func(func(*cometchat.GroupMember, error) bool), uids ...string) error {
	var listed []string
	for m, err := range list {
		if err != nil {
			return err
		}
		listed = append(listed, m.UID)
	}
	slices.Sort(listed)
	slices.Sort(uids)
	if !slices.Equal(listed, uids) {
		a.failf("the list is %v, not %v", listed, uids)
	}
	return nil
}
