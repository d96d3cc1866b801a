package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cometchat-go/cometchat"
)

func ExampleAdmin_CreateGroup() {
	admin, end := newExampleAdmin()
	defer end()
	group, outcomes, err := admin.CreateGroup(context.Background(), cometchat.NewGroup{
		GUID: "hikers", Name: "Hikers", Type: cometchat.GroupPrivate, Owner: "cometchat-uid-1",
		Members: cometchat.NewGroupMembers{Moderators: []string{"cometchat-uid-2"}, Participants: []string{"nobody"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(group, "belongs to", group.Owner)
	for uid, err := range outcomes {
		if errors.Is(err, cometchat.ErrUIDNotFound) {
			fmt.Println("there is no user", uid)
		}
	}
	// Output:
	// Hikers (hikers) belongs to cometchat-uid-1
	// there is no user nobody
}

// A backend has the members of a team in its own database, and makes the members of the group the same.
func ExampleAdmin_SyncGroupMembers() {
	admin, end := newExampleAdmin()
	defer end()
	ctx := context.Background()
	team := cometchat.NewGroup{GUID: "team", Name: "Team", Type: cometchat.GroupPrivate, Owner: "cometchat-uid-1"}
	if _, err := admin.EnsureGroup(ctx, team); err != nil {
		fmt.Println(err)
		return
	}
	for _, members := range [][]string{
		{"cometchat-uid-2", "cometchat-uid-3", "nobody"}, {"cometchat-uid-3", "cometchat-uid-4"}, {"cometchat-uid-3", "cometchat-uid-4"},
	} {
		outcomes, err := admin.SyncGroupMembers(ctx, "team", cometchat.NewGroupMembers{Participants: members})
		if err != nil {
			fmt.Println(err) // call it again to go on
			return
		}
		fmt.Println(len(outcomes), "changes")
		for _, uid := range slices.Sorted(maps.Keys(outcomes)) {
			if err := outcomes[uid]; err != nil {
				fmt.Println("not", uid, errors.Is(err, cometchat.ErrUIDNotFound))
			}
		}
	}
	// Output:
	// 3 changes
	// not nobody true
	// 2 changes
	// 0 changes
}

func ExampleAdmin_PlanGroupMembers() {
	admin, end := newExampleAdmin()
	defer end()
	ctx := context.Background()
	if _, _, err := admin.CreateGroup(ctx, cometchat.NewGroup{
		GUID: "team", Name: "Team", Type: cometchat.GroupPrivate, Owner: "cometchat-uid-1",
		Members: cometchat.NewGroupMembers{Participants: []string{"cometchat-uid-2", "cometchat-uid-3"}},
	}); err != nil {
		fmt.Println(err)
		return
	}
	plan, err := admin.PlanGroupMembers(ctx, "team", cometchat.NewGroupMembers{
		Moderators: []string{"cometchat-uid-3"}, Participants: []string{"cometchat-uid-4"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("add", plan.Add.Participants, "make moderators", plan.Rescope.Moderators, "kick", plan.Kick)
	// Output:
	// add [cometchat-uid-4] make moderators [cometchat-uid-3] kick [cometchat-uid-2]
}

func ExampleAdmin_AddFriends() {
	admin, end := newExampleAdmin()
	defer end()
	ctx := context.Background()
	outcomes, err := admin.AddFriends(ctx, "cometchat-uid-1", []string{"cometchat-uid-2", "nobody"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(errors.Is(outcomes["nobody"], cometchat.ErrUIDNotFound))
	for friend, err := range admin.ListFriends(ctx, "cometchat-uid-1", cometchat.FriendsRequest{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(friend.Name)
	}
	// Output:
	// true
	// George Alan
}

func ExampleAdmin_CreateRole() {
	admin, end := newExampleAdmin()
	defer end()
	ctx := context.Background()
	role, err := admin.CreateRole(ctx, &cometchat.Role{
		ID: "teacher", Name: "Teacher", Settings: cometchat.RoleSettings{SendMessagesTo: cometchat.RoleFriendsOnly},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	user, err := admin.UpdateUser(ctx, "cometchat-uid-1", cometchat.UserUpdate{Role: new(role.ID)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(user.Name, "is a", user.Role)
	// Output:
	// Andrew Joseph is a teacher
}

// A chat from another system moves to CometChat: the users before the messages, which keep their times.
func ExampleAdmin_ImportMessages() {
	admin, end := newExampleAdmin()
	defer end()
	ctx := context.Background()
	if _, err := admin.ImportUsers(ctx, []*cometchat.User{{UID: "ada", Name: "Ada"}, {UID: "ben", Name: "Ben"}}); err != nil {
		fmt.Println(err)
		return
	}
	text := cometchat.OutgoingMessage{To: cometchat.ToUser("ben"), Text: "The engine works.", MUID: "old-4711"}
	messages := []*cometchat.ImportedMessage{{OutgoingMessage: text, Sender: "ada", SentAt: time.Date(2020, 5, 1, 12, 0, 0, 0, time.UTC)}}
	for range 2 { // an import may be repeated
		outcomes, err := admin.ImportMessages(ctx, messages)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(outcomes[0] == nil, errors.Is(outcomes[0], cometchat.ErrMUIDAlreadyExists))
	}
	// Output:
	// true false
	// false true
}
