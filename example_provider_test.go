package cometchat_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
)

func ExampleClient_EnsureLoggedIn() {
	server := cometchattest.NewServer()
	defer server.Close()
	ctx := context.Background()

	// In production the provider asks your server: see TokenProviderFromURL.
	fromYourServer := func(context.Context) (string, error) {
		fmt.Println("a token is needed")
		return server.CreateAuthToken("cometchat-uid-1"), nil
	}
	client, err := cometchat.New(server.AppID, append(server.Options(), cometchat.WithTokenProvider(fromYourServer))...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	for range 2 {
		user, err := client.EnsureLoggedIn(ctx)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("logged in:", user.Name)
	}
	// Output:
	// a token is needed
	// logged in: Andrew Joseph
	// logged in: Andrew Joseph
}

// The users of a gateway log in with tokens of a backend. The backend knows the gateway by a secret.
func ExampleTokenProviderFromURL() {
	server := cometchattest.NewServer()
	defer server.Close()
	ctx := context.Background()

	// The backend, in a program of its own.
	admin, err := cometchat.NewAdmin(server.AppID, server.APIKey, server.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer admin.Close()
	tokens, err := cometchat.TokenHandler(admin, func(r *http.Request) (uid string, err error) {
		if r.Header.Get("Authorization") != "Bearer secret-of-the-gateway" {
			return "", cometchat.ErrUnauthenticated
		}
		return r.Header.Get("X-User"), nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	backend := httptest.NewServer(tokens)
	defer backend.Close()

	// The gateway.
	type uidKey struct{}
	ask, err := cometchat.TokenProviderFromURL(backend.URL, nil, cometchat.WithTokenRequest(func(r *http.Request) error {
		r.Header.Set("Authorization", "Bearer secret-of-the-gateway")
		r.Header.Set("X-User", r.Context().Value(uidKey{}).(string))
		return nil
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	pool, err := cometchat.NewPool(server.AppID, append(server.Options(),
		cometchat.WithKeyAsUID(),
		cometchat.WithPoolTokenProvider(func(ctx context.Context, uid string) (string, error) {
			return ask(context.WithValue(ctx, uidKey{}, uid))
		}))...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Close()

	for _, uid := range []string{"cometchat-uid-1", "cometchat-uid-2"} {
		user, err := pool.Client(uid).EnsureLoggedIn(ctx)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("logged in:", user.Name)
	}
	// Output:
	// logged in: Andrew Joseph
	// logged in: George Alan
}
