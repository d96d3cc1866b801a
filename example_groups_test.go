package cometchat_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/cometchat-go/cometchat"
)

func ExampleClient_CreateGroup() {
	client := cometchat.Default()
	group, outcomes, err := client.CreateGroup(context.Background(), cometchat.NewGroup{
		GUID: "hikers", Name: "Hikers", Type: cometchat.GroupPassword, Password: new("up the hill"),
		Members: cometchat.NewGroupMembers{Moderators: []string{"ada"}, Participants: []string{"ben", "zoe"}},
	})
	switch {
	case errors.Is(err, cometchat.ErrGUIDAlreadyExists):
		fmt.Println("there is a group with this guid")
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println(group)
	}
	for uid, err := range outcomes {
		if err != nil {
			fmt.Println(uid, "is no member:", err)
		}
	}
}

func ExampleClient_JoinGroup() {
	client := cometchat.Default()
	group, err := client.JoinGroup(context.Background(), "hikers", "up the hill")
	switch {
	case errors.Is(err, cometchat.ErrAlreadyJoined):
		fmt.Println("nothing to do")
	case errors.Is(err, cometchat.ErrWrongGroupPassword):
		fmt.Println("ask for the password again")
	case errors.Is(err, cometchat.ErrBanned), errors.Is(err, cometchat.ErrNotPermitted):
		fmt.Println("the group is closed for this user")
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println("joined", group)
	}
}

func ExampleClient_UpdateGroup() {
	client := cometchat.Default()
	group, err := client.UpdateGroup(context.Background(), "hikers", cometchat.GroupUpdate{
		Name: new("Hikers of the north"),
		Icon: new(""), // removes the icon; what is nil stays
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(group.Name)
}

func ExampleClient_AddGroupMembers() {
	client := cometchat.Default()
	outcomes, err := client.AddGroupMembers(context.Background(), "hikers", cometchat.NewGroupMembers{
		Participants: []string{"ada", "ben"},
		Banned:       []string{"eve"},
	})
	for uid, err := range outcomes {
		if err != nil && !errors.Is(err, cometchat.ErrAlreadyJoined) {
			fmt.Println(uid, err)
		}
	}
	if err != nil { // the uids without an outcome have not been added
		fmt.Println(err)
	}
}

func ExampleClient_ListGroupMembers() {
	client := cometchat.Default()
	request := cometchat.GroupMembersRequest{Scopes: []string{cometchat.ScopeAdmin, cometchat.ScopeModerator}}
	for member, err := range client.ListGroupMembers(context.Background(), "hikers", request) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(member.Name, member.Scope, member.JoinedAt)
	}
}
