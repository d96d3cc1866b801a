package cometchattest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
)

func ExampleNewServer() {
	server := cometchattest.NewServer()
	defer server.Close()
	client, err := cometchat.New(server.AppID, server.Options()...)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	user, err := client.Login(context.Background(), "cometchat-uid-1", server.AuthKey)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.Name)
	// Output: Andrew Joseph
}

// Without a URL, clients reach the emulator through memory.
func ExampleNew() {
	server := cometchattest.New(cometchattest.WithAppID("my-app"))
	defer server.Close()
	admin, err := cometchat.NewAdmin(server.AppID, server.APIKey, server.AdminOptions()...)
	if err != nil {
		log.Fatal(err)
	}
	defer admin.Close()

	if _, err := admin.CreateUser(context.Background(), &cometchat.User{UID: "ada", Name: "Ada"}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(server.User("ada").Name)
	// Output: Ada
}

// A test can read the requests that came in.
func ExampleServer_Requests() {
	server := cometchattest.NewServer()
	defer server.Close()
	client, err := cometchat.New(server.AppID, server.Options()...)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if _, err := client.Login(context.Background(), "cometchat-uid-1", server.AuthKey); err != nil {
		log.Fatal(err)
	}

	for _, r := range server.Requests(cometchattest.To("POST", "/users/{uid}/auth_tokens")) {
		fmt.Println(r.Method, r.Path, r.Header.Get("sdk") != "")
	}
	// Output: POST /v3.0/users/cometchat-uid-1/auth_tokens true
}

// A session ends when the server revokes its token.
func ExampleServer_RevokeTokens() {
	server := cometchattest.NewServer()
	defer server.Close()
	client, err := cometchat.New(server.AppID, server.Options()...)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	ctx := context.Background()
	if _, err := client.LoginWithToken(ctx, server.CreateAuthToken("cometchat-uid-1")); err != nil {
		log.Fatal(err)
	}

	server.RevokeTokens("cometchat-uid-1")
	_, err = client.VerifySession(ctx)
	fmt.Println(errors.Is(err, cometchat.ErrAuthTokenNotFound))
	// Output: true
}

// The answer to the first request is lost, and the SDK retries.
func ExampleServer_InjectFault() {
	server := cometchattest.NewServer()
	defer server.Close()
	client, err := cometchat.New(server.AppID, append(server.Options(),
		cometchat.WithRetry(cometchat.RetryPolicy{BaseDelay: time.Millisecond}))...)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	fault := server.InjectFault(cometchattest.Fault{Method: http.MethodPut, Path: "/me", DropAfter: true, Times: 1})
	user, err := client.LoginWithToken(context.Background(), server.CreateAuthToken("cometchat-uid-1"))
	if err != nil {
		log.Fatal(err)
	}
	requests := server.Requests(cometchattest.To("PUT", "/me"))
	fmt.Println(user.Name, "after", len(requests), "requests, of which", fault.Count(), "failed")
	// Output: Andrew Joseph after 2 requests, of which 1 failed
}

func ExampleWithWebhook() {
	done := make(chan struct{})
	// The webhook that is tested: in a program with CometChat, a webhook.Handler.
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var event struct{ Trigger string }
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
			fmt.Println(err)
		}
		fmt.Println(event.Trigger)
		close(done)
	})
	server := cometchattest.New(cometchattest.WithWebhook(cometchattest.Webhook{Handler: handler}))
	defer server.Close()
	server.SendMessage("cometchat-uid-1", "cometchat-uid-2", "hi")
	<-done
	// Output:
	// message_sent
}
