// Command authtoken shows how to log in in production: your backend has its own login and hands out CometChat auth tokens.
// A client fetches its token from the backend and logs in to CometChat with it. The client never sees a key.
//
// The backend and the client run in this program and talk over HTTP. By default the program uses an emulator of CometChat
// inside the process. Set COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_API_KEY (a REST API key) to use CometChat itself;
// the user "go-authtoken-example" then stays in your app.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
)

const uid = "go-authtoken-example"

const usage = `usage: authtoken

authtoken shows how to log in in production: a backend makes an auth token with the REST API key, and a client fetches the
token and logs in with it.

By default it talks to an emulator of CometChat inside the process. Set COMETCHAT_APP_ID, COMETCHAT_REGION and
COMETCHAT_API_KEY to use CometChat itself; the user "go-authtoken-example" then stays in your app.
`

func main() {
	flag.Usage = func() { _, _ = fmt.Fprint(flag.CommandLine.Output(), usage) }
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "authtoken: unexpected argument %q; -h prints the help\n", flag.Arg(0))
		os.Exit(2)
	}
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "\nFailed:", err)
		os.Exit(1)
	}
}

// app is a CometChat app. Only the backend uses the key.
type app struct {
	id, apiKey      string
	client, backend []cometchat.Option
}

func run(ctx context.Context) error {
	a, stop, err := findApp()
	if err != nil {
		return err
	}
	defer stop()

	url, stopBackend, err := startBackend(ctx, a)
	if err != nil {
		return err
	}
	defer stopBackend()
	fmt.Println("\n1. The backend is running at " + url + ". Only the backend has the REST API key.")

	fmt.Println("\n2. The client fetches its auth token from the backend, with its session of the backend.")
	token, err := fetchToken(ctx, url, "session-of-"+uid)
	if err != nil {
		return err
	}
	fmt.Printf("   It got a token of %d characters. The backend has also created the user in CometChat.\n", len(token))

	fmt.Println("\n3. The client logs in to CometChat with the token.")
	client, err := cometchat.New(a.id, a.client...)
	if err != nil {
		return err
	}
	defer client.Close()
	user, err := client.LoginWithToken(ctx, token)
	if err != nil {
		return err
	}
	fmt.Printf("   Logged in as %s (%s).\n", user.Name, user.UID)

	fmt.Println("\n4. A client without a session of the backend gets no token.")
	_, err = fetchToken(ctx, url, "made-up-session")
	fmt.Println("  ", err)

	fmt.Println("\n5. The backend revokes the user's tokens. The client's next call ends the session.")
	if err := revoke(ctx, a); err != nil {
		return err
	}
	if _, err = client.VerifySession(ctx); !errors.Is(err, cometchat.ErrAuthTokenNotFound) {
		return fmt.Errorf("the session should have ended: %w", err)
	}
	fmt.Println("  ", err)
	return nil
}

// startBackend starts the server of an app. It has its own users and sessions, and hands out auth tokens to its users.
func startBackend(ctx context.Context, a app) (url string, stop func(), err error) {
	admin, err := cometchat.NewAdmin(a.id, a.apiKey, a.backend...)
	if err != nil {
		return "", nil, err
	}
	identify := func(r *http.Request) (string, error) {
		if r.Header.Get("Authorization") != "Bearer session-of-"+uid { // check your own session here
			return "", cometchat.ErrUnauthenticated
		}
		return uid, nil
	}
	describe := func(*http.Request, string) (*cometchat.User, error) {
		return &cometchat.User{Name: "Token Example"}, nil // describe your own user here
	}
	tokens, err := cometchat.TokenHandler(admin, identify, cometchat.WithNewUsers(describe))
	if err != nil {
		return "", nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/chat/token", tokens)

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		_ = server.Serve(listener) // until it is closed
		close(done)
	}()
	return "http://" + listener.Addr().String(), func() {
		_ = server.Close()
		<-done
		_ = admin.Close()
	}, nil
}

// fetchToken fetches an auth token from the backend, like a client, with a session of the backend.
func fetchToken(ctx context.Context, backend, session string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, backend+"/chat/token", nil)
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", "Bearer "+session)
	client := &http.Client{Timeout: time.Minute}
	defer client.CloseIdleConnections()
	resp, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var answer struct {
		AuthToken string `json:"authToken"`
		Error     struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return "", err
	}
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the backend answered %s: %s (%s)", resp.Status, answer.Error.Message, answer.Error.Code)
	}
	return answer.AuthToken, nil
}

// revoke logs the user out on every device. A backend does so after a change of the password, for example.
func revoke(ctx context.Context, a app) error {
	admin, err := cometchat.NewAdmin(a.id, a.apiKey, a.backend...)
	if err != nil {
		return err
	}
	defer admin.Close()
	return admin.FlushAuthTokens(ctx, uid)
}

// findApp returns the app that the environment names, or else an emulator.
func findApp() (a app, stop func(), err error) {
	id, region, key := os.Getenv("COMETCHAT_APP_ID"), os.Getenv("COMETCHAT_REGION"), os.Getenv("COMETCHAT_API_KEY")
	switch {
	case id != "" && region != "" && key != "":
		fmt.Printf("Talking to CometChat: app %s, region %s.\n", id, region)
		options := []cometchat.Option{cometchat.WithRegion(region), cometchat.WithEmulator("")}
		return app{id, key, options, options}, func() {}, nil
	case id != "" || region != "" || key != "":
		return app{}, nil, errors.New("set all of COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_API_KEY, or none")
	}
	emulator := cometchattest.NewServer()
	fmt.Printf("Talking to an emulator of CometChat inside this process, at %s. You need no account and no network.\n", emulator.URL)
	fmt.Println("Set COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_API_KEY to talk to CometChat itself.")
	return app{emulator.AppID, emulator.APIKey, emulator.Options(), emulator.AdminOptions()}, emulator.Close, nil
}
