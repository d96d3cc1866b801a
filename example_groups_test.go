package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
)

// newExampleGroup starts an emulator with the group hikers, of which cometchat-uid-1 is the owner and cometchat-uid-2 a moderator. It
// returns a client of uid.
func newExampleGroup(uid string) (client *cometchat.Client, server *cometchattest.Server, end func()) {
	client, server, end = newExampleClient()
	server.AddGroup(cometchat.NewGroup{
		GUID: "hikers", Name: "Hikers", Type: cometchat.GroupPassword, Password: new("up the hill"), Owner: "cometchat-uid-1",
		Members: cometchat.NewGroupMembers{Moderators: []string{"cometchat-uid-2"}},
	})
	if _, err := client.Login(context.Background(), uid, server.AuthKey); err != nil {
		panic(err)
	}
	return client, server, end
}

func ExampleClient_CreateGroup() {
	client, server, end := newExampleClient()
	defer end()
	ctx := context.Background()
	if _, err := client.Login(ctx, "cometchat-uid-1", server.AuthKey); err != nil {
		fmt.Println(err)
		return
	}
	group, outcomes, err := client.CreateGroup(ctx, cometchat.NewGroup{
		GUID: "hikers", Name: "Hikers", Type: cometchat.GroupPassword, Password: new("up the hill"),
		Members: cometchat.NewGroupMembers{Moderators: []string{"cometchat-uid-2"}, Participants: []string{"cometchat-uid-3", "nobody"}},
	})
	switch {
	case errors.Is(err, cometchat.ErrGUIDAlreadyExists):
		fmt.Println("there is a group with this guid")
		return
	case err != nil:
		fmt.Println(err)
		return
	}
	fmt.Println(group, "has", group.MembersCount, "members")
	for uid, err := range outcomes {
		if errors.Is(err, cometchat.ErrUIDNotFound) {
			fmt.Println("there is no user", uid)
		}
	}
	// Output:
	// Hikers (hikers) has 3 members
	// there is no user nobody
}

func ExampleClient_JoinGroup() {
	client, _, end := newExampleGroup("cometchat-uid-3")
	defer end()
	ctx := context.Background()
	for _, password := range []string{"down the hill", "up the hill", ""} {
		group, err := client.JoinGroup(ctx, "hikers", password)
		switch {
		case errors.Is(err, cometchat.ErrAlreadyJoined):
			fmt.Println("nothing to do")
		case errors.Is(err, cometchat.ErrWrongGroupPassword):
			fmt.Println("the password is wrong")
		case errors.Is(err, cometchat.ErrBanned), errors.Is(err, cometchat.ErrNotPermitted):
			fmt.Println("the group is closed for this user")
		case err != nil:
			fmt.Println(err)
		default:
			fmt.Println("joined", group)
		}
	}
	// Output:
	// the password is wrong
	// joined Hikers (hikers)
	// nothing to do
}

func ExampleClient_UpdateGroup() {
	client, _, end := newExampleGroup("cometchat-uid-1")
	defer end()
	group, err := client.UpdateGroup(context.Background(), "hikers", cometchat.GroupUpdate{
		Name: new("Hikers of the north"),
		Icon: new(""), // removes the icon; what is nil stays
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(group.Name)
	// Output: Hikers of the north
}

func ExampleClient_AddGroupMembers() {
	client, _, end := newExampleGroup("cometchat-uid-1")
	defer end()
	outcomes, err := client.AddGroupMembers(context.Background(), "hikers", cometchat.NewGroupMembers{
		Participants: []string{"cometchat-uid-2", "cometchat-uid-3", "nobody"},
		Banned:       []string{"cometchat-uid-5"},
	})
	if err != nil {
		fmt.Println(err) // outcomes says which uids are left
	}
	for _, uid := range slices.Sorted(maps.Keys(outcomes)) {
		switch err := outcomes[uid]; {
		case errors.Is(err, cometchat.ErrAlreadyJoined):
			fmt.Println(uid, "was a member before")
		case err != nil:
			fmt.Println(uid, "was not added:", errors.Is(err, cometchat.ErrUIDNotFound))
		default:
			fmt.Println(uid, "is done")
		}
	}
	// Output:
	// cometchat-uid-2 was a member before
	// cometchat-uid-3 is done
	// cometchat-uid-5 is done
	// nobody was not added: true
}

func ExampleClient_BanGroupMember() {
	client, server, end := newExampleGroup("cometchat-uid-2")
	defer end()
	ctx := context.Background()
	server.JoinGroup("hikers", "cometchat-uid-3")

	fmt.Println(client.BanGroupMember(ctx, "hikers", "cometchat-uid-3"))
	err := client.BanGroupMember(ctx, "hikers", "cometchat-uid-1") // a moderator cannot ban the owner
	fmt.Println(errors.Is(err, cometchat.ErrNotPermitted))
	for user, err := range client.ListBannedGroupMembers(ctx, "hikers", cometchat.BannedGroupMembersRequest{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(user.UID, "is banned")
	}
	// Output:
	// <nil>
	// true
	// cometchat-uid-3 is banned
}

func ExampleClient_ListGroupMembers() {
	client, server, end := newExampleGroup("cometchat-uid-1")
	defer end()
	server.JoinGroup("hikers", "cometchat-uid-3")

	request := cometchat.GroupMembersRequest{Scopes: []string{cometchat.ScopeAdmin, cometchat.ScopeModerator}}
	for member, err := range client.ListGroupMembers(context.Background(), "hikers", request) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(member.Name, member.Scope)
	}
	// Output:
	// Andrew Joseph admin
	// George Alan moderator
}
