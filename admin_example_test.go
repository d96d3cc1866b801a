package cometchat_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
)

// newExampleAdmin starts an emulator, and returns an Admin for it.
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

	// A person signs up:
	if _, err := admin.EnsureUser(ctx, &cometchat.User{UID: "ada", Name: "Ada"}); err != nil {
		fmt.Println(err)
		return
	}
	// Their app needs an auth token to log in:
	token, err := admin.CreateAuthToken(ctx, "ada")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(token) // never prints the token itself; that is token.Token
	// They change their password:
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
		Avatar: new(""),     // clear
	}) // all other fields stay as they are
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
		if r.Header.Get("Authorization") == "Bearer my-own-session" { // check your own session here
			return "cometchat-uid-1", nil
		}
		return "", cometchat.ErrUnauthenticated // nobody is logged in; any other error is a fault of this server
	}
	handler, err := cometchat.TokenHandler(admin, identify)
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("/chat/token", handler)

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
