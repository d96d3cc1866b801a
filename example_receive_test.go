package cometchat_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
)

// newExamplePair returns two clients of one emulator, Andrew's and George's, whose users are logged in.
func newExamplePair(ctx context.Context) (andrew, george *cometchat.Client, end func()) {
	server := cometchattest.NewServer()
	var clients []*cometchat.Client
	for _, uid := range []string{"cometchat-uid-1", "cometchat-uid-2"} {
		client, err := cometchat.New(server.AppID, server.Options()...)
		if err != nil {
			panic(err)
		}
		if _, err := client.Login(ctx, uid, server.AuthKey); err != nil {
			panic(err)
		}
		clients = append(clients, client)
	}
	return clients[0], clients[1], func() {
		for _, client := range clients {
			_ = client.Close()
		}
		server.Close()
	}
}

func ExampleClient_AddMessageListener() {
	ctx := context.Background()
	andrew, george, end := newExamplePair(ctx)
	defer end()

	told := make(chan string)
	george.AddMessageListener("inbox", cometchat.MessageListener{
		MessageReceived: func(m *cometchat.Message) {
			told <- m.Sender.Name + " says: " + m.Text
			if err := george.MarkAsRead(ctx, m); err != nil {
				told <- err.Error()
			}
		},
		MessageEdited: func(m *cometchat.Message) { told <- m.Sender.Name + " has corrected: " + m.Text },
	})
	andrew.AddMessageListener("receipts", cometchat.MessageListener{
		ReceiptReceived: func(r cometchat.Receipt) { told <- r.User.Name + ": " + string(r.Kind) },
	})
	for _, client := range []*cometchat.Client{andrew, george} {
		if err := client.Connect(ctx); err != nil {
			fmt.Println(err)
			return
		}
	}

	sent, err := andrew.SendMessage(ctx, cometchat.NewTextMessage(cometchat.ToUser("cometchat-uid-2"), "Hello"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(<-told)
	fmt.Println(<-told)
	if _, err := andrew.EditMessage(ctx, sent.ID, cometchat.MessageEdit{Text: "Hello!"}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(<-told)
	// Output:
	// Andrew Joseph says: Hello
	// George Alan: read
	// Andrew Joseph has corrected: Hello!
}

func ExampleClient_StartTyping() {
	ctx := context.Background()
	andrew, george, end := newExamplePair(ctx)
	defer end()
	told := make(chan string)
	george.AddMessageListener("typing", cometchat.MessageListener{
		TypingStarted: func(t cometchat.Typing) { told <- t.User.Name + " types" },
		TypingEnded:   func(t cometchat.Typing) { told <- t.User.Name + " has ended" },
	})
	for _, client := range []*cometchat.Client{andrew, george} {
		if err := client.Connect(ctx); err != nil {
			fmt.Println(err)
			return
		}
	}

	to := cometchat.ToUser("cometchat-uid-2")
	for range 3 { // with each key: George is told once
		if err := andrew.StartTyping(ctx, to, nil); err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Println(<-told)
	if err := andrew.EndTyping(ctx, to, nil); err != nil { // else it ends by itself after 10 seconds
		fmt.Println(err)
		return
	}
	fmt.Println(<-told)
	// Output:
	// Andrew Joseph types
	// Andrew Joseph has ended
}

func ExampleClient_SendTransientMessage() {
	ctx := context.Background()
	andrew, george, end := newExamplePair(ctx)
	defer end()
	told := make(chan json.RawMessage)
	george.AddMessageListener("hearts", cometchat.MessageListener{
		TransientMessageReceived: func(m cometchat.TransientMessage) { told <- m.Data },
	})
	for _, client := range []*cometchat.Client{andrew, george} {
		if err := client.Connect(ctx); err != nil {
			fmt.Println(err)
			return
		}
	}

	err := andrew.SendTransientMessage(ctx, cometchat.ToUser("cometchat-uid-2"), map[string]string{"reaction": "heart"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(<-told))
	// Output:
	// {"reaction":"heart"}
}

func ExampleClient_AddGroupListener() {
	ctx := context.Background()
	andrew, george, end := newExamplePair(ctx)
	defer end()
	told := make(chan string)
	andrew.AddGroupListener("doorman", cometchat.GroupListener{
		GroupMemberJoined: func(e cometchat.GroupMemberChanged) { told <- e.Member.Name + " has joined " + e.Group.Name },
		GroupMemberLeft:   func(e cometchat.GroupMemberChanged) { told <- e.Member.Name + " has left" },
	})
	if err := andrew.Connect(ctx); err != nil {
		fmt.Println(err)
		return
	}
	_, _, err := andrew.CreateGroup(ctx, cometchat.NewGroup{GUID: "hikers", Name: "Hikers", Type: cometchat.GroupPublic})
	if err != nil {
		fmt.Println(err)
		return
	}

	if _, err := george.JoinGroup(ctx, "hikers", ""); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(<-told)
	if err := george.LeaveGroup(ctx, "hikers"); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(<-told)
	// Output:
	// George Alan has joined Hikers
	// George Alan has left
}
