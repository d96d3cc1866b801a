package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
)

// The examples use an emulator, so they run without an account. With an account, copy the id, the region and the keys of your app
// from the dashboard:
//
//	cometchat.Init("2379614bd4db65dd", cometchat.WithRegion("us"))

func Example() {
	server := cometchattest.NewServer()
	defer server.Close()
	ctx := context.Background()

	client, err := cometchat.Init(server.AppID, server.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	user, err := cometchat.GetLoggedinUser(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	if user == nil { // nobody is logged in yet
		user, err = cometchat.Login(ctx, "cometchat-uid-1", server.AuthKey)
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Println("logged in:", user.Name)

	if err := cometchat.Logout(ctx); err != nil {
		fmt.Println(err)
	}
	// Output: logged in: Andrew Joseph
}

func ExampleInit() {
	client, err := cometchat.Init("2379614bd4db65dd", cometchat.WithRegion("us"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	fmt.Println(cometchat.IsInitialized(), cometchat.Default() == client)
	// Output: true true
}

func ExampleNew() {
	_, err := cometchat.New("", cometchat.WithRegion("mars"))
	fmt.Println(errors.Is(err, cometchat.ErrMissingParameters))
	fmt.Println(err)
	// Output:
	// true
	// cometchat: New: bad options: the app id is missing; the region "mars" is not us, eu or in; for another host use WithAdminHost and WithClientHost (MISSING_PARAMETERS)
}

// newExampleClient starts an emulator, and returns a client of it.
func newExampleClient() (client *cometchat.Client, server *cometchattest.Server, end func()) {
	server = cometchattest.NewServer()
	client, err := cometchat.New(server.AppID, server.Options()...)
	if err != nil {
		panic(err)
	}
	return client, server, func() {
		_ = client.Close()
		server.Close()
	}
}

func ExampleClient_Login() {
	client, server, end := newExampleClient()
	defer end()
	user, err := client.Login(context.Background(), "cometchat-uid-1", server.AuthKey)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(user.UID, user.Status)
	// Output: cometchat-uid-1 online
}

func ExampleClient_LoginWithToken() {
	client, server, end := newExampleClient()
	defer end()
	ctx := context.Background()

	// In production your server creates the token after it has authenticated the user, and sends it to the app: see TokenHandler.
	authToken := server.CreateAuthToken("cometchat-uid-2")

	user, err := client.LoginWithToken(ctx, authToken)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(user.Name)
	// Output: George Alan
}

func ExampleClient_GetLoggedinUser() {
	client, server, end := newExampleClient()
	defer end()
	ctx := context.Background()

	user, err := client.GetLoggedinUser(ctx)
	fmt.Println(user == nil, err)

	if _, err := client.Login(ctx, "cometchat-uid-1", server.AuthKey); err != nil {
		fmt.Println(err)
		return
	}
	user, err = client.GetLoggedinUser(ctx)
	fmt.Println(user.Name, err)
	// Output:
	// true <nil>
	// Andrew Joseph <nil>
}

func ExampleClient_Logout() {
	client, server, end := newExampleClient()
	defer end()
	ctx := context.Background()
	if _, err := client.Login(ctx, "cometchat-uid-1", server.AuthKey); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(client.Logout(ctx))
	fmt.Println(errors.Is(client.Logout(ctx), cometchat.ErrNotLoggedIn))
	// Output:
	// <nil>
	// true
}

func ExampleClient_AddLoginListener() {
	client, server, end := newExampleClient()
	defer end()
	ctx := context.Background()
	client.AddLoginListener("audit", cometchat.LoginListener{
		LoginSuccess:  func(u *cometchat.User) { fmt.Println("logged in:", u.UID) },
		LoginFailure:  func(err error) { fmt.Println("no such user:", errors.Is(err, cometchat.ErrUIDNotFound)) },
		LogoutSuccess: func() { fmt.Println("logged out") },
	})
	_, _ = client.Login(ctx, "nobody", server.AuthKey)
	_, _ = client.Login(ctx, "cometchat-uid-1", server.AuthKey)
	_ = client.Logout(ctx)
	// Output:
	// no such user: true
	// logged in: cometchat-uid-1
	// logged out
}

func ExampleClient_VerifySession() {
	client, server, end := newExampleClient()
	defer end()
	ctx := context.Background()
	if _, err := client.Login(ctx, "cometchat-uid-1", server.AuthKey); err != nil {
		fmt.Println(err)
		return
	}
	server.RevokeTokens("cometchat-uid-1")

	_, err := client.VerifySession(ctx)
	if errors.Is(err, cometchat.ErrAuthTokenNotFound) {
		user, _ := client.GetLoggedinUser(ctx)
		fmt.Println("the session has ended:", user == nil)
	}
	// Output: the session has ended: true
}

func ExampleClient_CreateUser() {
	client, server, end := newExampleClient()
	defer end()
	user, err := client.CreateUser(context.Background(), &cometchat.User{
		UID: "superhero7", Name: "Captain Marvel", Tags: []string{"avenger"},
	}, server.AuthKey)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(user.UID, user.Role, user.Tags)
	// Output: superhero7 default [avenger]
}

func ExampleClient_UpdateCurrentUserDetails() {
	client, server, end := newExampleClient()
	defer end()
	ctx := context.Background()
	if _, err := client.Login(ctx, "cometchat-uid-1", server.AuthKey); err != nil {
		fmt.Println(err)
		return
	}
	user, err := client.UpdateCurrentUserDetails(ctx, &cometchat.User{StatusMessage: "at lunch"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(user.Name, "is", user.StatusMessage)
	// Output: Andrew Joseph is at lunch
}

func ExampleError() {
	client, server, end := newExampleClient()
	defer end()
	_, err := client.Login(context.Background(), "nobody", server.AuthKey)

	var e *cometchat.Error
	if errors.As(err, &e) {
		fmt.Println(e.Op, e.Code, e.StatusCode)
	}
	switch {
	case errors.Is(err, cometchat.ErrUIDNotFound):
		fmt.Println("create the user first")
	case errors.Is(err, cometchat.ErrTooManyRequests):
		fmt.Println("come back in", e.RetryAfter)
	}
	// Output:
	// Login ERR_UID_NOT_FOUND 404
	// create the user first
}

func ExampleWithSessionStore() {
	server := cometchattest.NewServer()
	defer server.Close()
	ctx := context.Background()
	store := cometchat.NewMemorySessionStore() // package filestore has a store on disk
	options := append(server.Options(), cometchat.WithSessionStore(store))

	first, err := cometchat.New(server.AppID, options...)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _ = first.Login(ctx, "cometchat-uid-1", server.AuthKey)
	_ = first.Close()

	second, err := cometchat.New(server.AppID, options...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer second.Close()
	user, _ := second.GetLoggedinUser(ctx)
	fmt.Println("still logged in:", user.Name)
	// Output: still logged in: Andrew Joseph
}

// profiles is the part of Client that a program needs. A test can implement it without CometChat.
type profiles interface {
	GetUser(ctx context.Context, uid string) (*cometchat.User, error)
}

type fakeProfiles map[string]*cometchat.User

func (f fakeProfiles) GetUser(_ context.Context, uid string) (*cometchat.User, error) {
	return f[uid], nil
}

func greet(ctx context.Context, p profiles, uid string) string {
	u, err := p.GetUser(ctx, uid)
	if err != nil {
		return "hello, stranger"
	}
	return "hello, " + u.Name
}

// A small interface of your own lets you test your program without CometChat. Package cometchattest has a whole emulator for tests
// that need more.
func ExampleClient_interface() {
	var _ profiles = (*cometchat.Client)(nil)
	fmt.Println(greet(context.Background(), fakeProfiles{"a": {Name: "Ada"}}, "a"))
	// Output: hello, Ada
}

func ExampleNewPool() {
	server := cometchattest.NewServer()
	defer server.Close()
	ctx := context.Background()

	pool, err := cometchat.NewPool(server.AppID, append(server.Options(),
		cometchat.WithMaxConns(64),
		cometchat.WithRequestRate(1000, time.Minute),
	)...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Close()

	for _, uid := range []string{"cometchat-uid-1", "cometchat-uid-2"} {
		if _, err := pool.Client(uid).Login(ctx, uid, server.AuthKey); err != nil {
			fmt.Println(err)
			return
		}
	}
	user, err := pool.Client("cometchat-uid-2").GetLoggedinUser(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(user.Name)
	// Output: George Alan
}

func ExamplePool_Forget() {
	server := cometchattest.NewServer()
	defer server.Close()
	ctx := context.Background()
	pool, err := cometchat.NewPool(server.AppID, server.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Close()
	client := pool.Client("cometchat-uid-1")
	if _, err := client.Login(ctx, "cometchat-uid-1", server.AuthKey); err != nil {
		fmt.Println(err)
		return
	}

	// The user has gone away for now: free the client, and keep the session.
	pool.Forget("cometchat-uid-1")
	_, err = client.GetLoggedinUser(ctx)
	fmt.Println("closed:", errors.Is(err, cometchat.ErrClosed))

	// The user is back: a new client has the session.
	user, err := pool.Client("cometchat-uid-1").GetLoggedinUser(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("still logged in:", user.Name)
	// Output:
	// closed: true
	// still logged in: Andrew Joseph
}

func ExampleWithTokenProvider() {
	server := cometchattest.NewServer()
	defer server.Close()
	ctx := context.Background()

	// In production the provider asks your server for an auth token of its user: see TokenHandler.
	fromYourServer := func(context.Context) (string, error) {
		return server.CreateAuthToken("cometchat-uid-1"), nil
	}
	client, err := cometchat.New(server.AppID, append(server.Options(), cometchat.WithTokenProvider(fromYourServer))...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	if _, err := client.Login(ctx, "cometchat-uid-1", server.AuthKey); err != nil {
		fmt.Println(err)
		return
	}

	server.RevokeTokens("cometchat-uid-1") // now the client's token is invalid, and its next call asks the provider for another
	user, err := client.GetUser(ctx, "cometchat-uid-2")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(user.Name)
	// Output: George Alan
}
