package cometchat_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
)

func ExampleClient_Connect() {
	client, server, end := newExampleClient()
	defer end()
	ctx := context.Background()
	fmt.Println(errors.Is(client.Connect(ctx), cometchat.ErrNotLoggedIn))

	if _, err := client.Login(ctx, "cometchat-uid-1", server.AuthKey); err != nil {
		fmt.Println(err)
		return
	}
	if err := client.Connect(ctx); err != nil { // waits until the server has accepted the connection
		fmt.Println(err)
		return
	}
	fmt.Println(client.ConnectionStatus())

	_ = client.Disconnect() // the error is always nil
	fmt.Println(client.ConnectionStatus())
	// Output:
	// true
	// connected
	// disconnected
}

func ExampleClient_Events() {
	client, server, end := newExampleClient()
	defer end()
	ctx := context.Background()
	if _, err := client.Login(ctx, "cometchat-uid-1", server.AuthKey); err != nil {
		fmt.Println(err)
		return
	}
	events := client.Events(ctx) // before Connect, so that no event is missed
	if err := client.Connect(ctx); err != nil {
		fmt.Println(err)
		return
	}

	server.CloseSockets("cometchat-uid-1", 1011, "restarting") // the server has a problem
	connections := 0
	for e := range events {
		switch e := e.(type) {
		case cometchat.PresenceChanged:
			fmt.Println(e.User.Name, "is", e.Status)
		case cometchat.ConnectionChanged:
			fmt.Println(e.Status)
			if e.CloseCode != 0 {
				fmt.Println("the server said:", e.CloseCode, e.CloseReason)
				fmt.Println("the client connects again:", e.RetryIn > 0)
			}
			if e.Status == cometchat.Connected {
				connections++
			}
		}
		if connections == 2 {
			break
		}
	}
	// Output:
	// connecting
	// connected
	// disconnected
	// the server said: 1011 restarting
	// the client connects again: true
	// connecting
	// connected
}

func ExampleClient_AddUserListener() {
	server := cometchattest.NewServer()
	defer server.Close()
	ctx := context.Background()
	all := cometchat.WithPresence(cometchat.PresenceAllUsers())
	ada, err := cometchat.New(server.AppID, append(server.Options(), all)...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ada.Close()
	bob, err := cometchat.New(server.AppID, server.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer bob.Close()

	told := make(chan string)
	ada.AddUserListener("contacts", cometchat.UserListener{
		UserOnline:  func(u *cometchat.User) { told <- u.Name + " is here" },
		UserOffline: func(u *cometchat.User) { told <- u.Name + " has gone" },
	})
	_, adaErr := ada.Login(ctx, "cometchat-uid-1", server.AuthKey)
	_, bobErr := bob.Login(ctx, "cometchat-uid-2", server.AuthKey)
	if err := errors.Join(adaErr, bobErr, ada.Connect(ctx), bob.Connect(ctx)); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(<-told)
	_ = bob.Disconnect()
	fmt.Println(<-told)
	// Output:
	// George Alan is here
	// George Alan has gone
}

func ExampleClient_OnlineUserCount() {
	client, server, end := newExampleClient()
	defer end()
	ctx := context.Background()
	if _, err := client.Login(ctx, "cometchat-uid-1", server.AuthKey); err != nil {
		fmt.Println(err)
		return
	}
	if err := client.Connect(ctx); err != nil {
		fmt.Println(err)
		return
	}
	count, err := client.OnlineUserCount(ctx)
	fmt.Println(count, err)
	// Output: 1 <nil>
}

func ExampleWithAutoConnect() {
	server := cometchattest.NewServer()
	defer server.Close()
	ctx := context.Background()
	client, err := cometchat.New(server.AppID, append(server.Options(), cometchat.WithAutoConnect())...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	connected := make(chan bool)
	client.AddConnectionListener("status", cometchat.ConnectionListener{
		Connected:    func() { connected <- true },
		Disconnected: func(cometchat.ConnectionChanged) { connected <- false },
	})
	if _, err := client.Login(ctx, "cometchat-uid-1", server.AuthKey); err != nil { // does not wait for the connection
		fmt.Println(err)
		return
	}
	fmt.Println("connected:", <-connected)

	if err := client.Logout(ctx); err != nil { // ends the connection too
		fmt.Println(err)
		return
	}
	fmt.Println("connected:", <-connected)
	// Output:
	// connected: true
	// connected: false
}
