package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
)

// newExampleAdmin makes an Admin of a new emulator.
func newExampleAdmin() (admin *cometchat.Admin, end func()) {
	server := cometchattest.NewServer()
	admin, err := cometchat.NewAdmin(server.AppID, server.APIKey, server.AdminOptions()...)
	if err != nil {
		panic(err)
	}
	return admin, func() {
		_ = admin.Close()
		server.Close()
	}
}

func ExampleAdmin() {
	admin, end := newExampleAdmin()
	defer end()
	ctx := context.Background()

	// When somebody signs up:
	if _, err := admin.EnsureUser(ctx, &cometchat.User{UID: "ada", Name: "Ada"}); err != nil {
		fmt.Println(err)
		return
	}
	// When their client asks for it:
	token, err := admin.CreateAuthToken(ctx, "ada")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(token) // does not show it; token.Token is it
	// When they change their password:
	fmt.Println(admin.FlushAuthTokens(ctx, "ada"))
	// Output:
	// auth token of "ada"
	// <nil>
}

func ExampleAdmin_ListUsers() {
	admin, end := newExampleAdmin()
	defer end()
	for user, err := range admin.ListUsers(context.Background(), cometchat.UserFilter{SearchKeyword: "cometchat-uid"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(user.UID, user.Name)
	}
	// Output:
	// cometchat-uid-1 Andrew Joseph
	// cometchat-uid-2 George Alan
	// cometchat-uid-3 Nancy Grace
	// cometchat-uid-4 Susan Marie
	// cometchat-uid-5 John Paul
}

func ExampleAdmin_UpdateUser() {
	admin, end := newExampleAdmin()
	defer end()
	user, err := admin.UpdateUser(context.Background(), "cometchat-uid-1", cometchat.UserUpdate{
		Name:   new("Andy"), // set
		Avatar: new(""),     // removed
	}) // the rest stays
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s %q %s\n", user.Name, user.Avatar, user.Role)
	// Output: Andy "" default
}

func ExampleTokenHandler() {
	admin, end := newExampleAdmin()
	defer end()

	identify := func(r *http.Request) (uid string, err error) {
		if r.Header.Get("Authorization") == "Bearer my-own-session" { // your sessions, in your way
			return "cometchat-uid-1", nil
		}
		return "", errors.New("not logged in")
	}
	mux := http.NewServeMux()
	mux.Handle("/chat/token", cometchat.TokenHandler(admin, identify))

	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/chat/token", nil)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Print(w.Code, " ", w.Body)

	r.Header.Set("Authorization", "Bearer my-own-session")
	w = httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Println(w.Code)
	// Output:
	// 401 {"error":{"code":"UNAUTHORIZED","message":"Log in first."}}
	// 200
}
