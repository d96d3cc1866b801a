// Command authtoken shows the production flow: a backend with its own login hands out CometChat auth tokens, and a client
// fetches its token there and logs in to CometChat with it. The client never sees a key.
//
// Both run in this one program, and talk over HTTP as they would elsewhere. Without any setting CometChat is an emulator
// inside the process; with COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_API_KEY (a REST API key) it is CometChat
// itself, where the example leaves a user "go-authtoken-example" behind.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
)

const uid = "go-authtoken-example"

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "\nThat did not work:", err)
		os.Exit(1)
	}
}

// app is what there is to know of a CometChat app: the key is for the backend alone.
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
	fmt.Println("\n1. The backend is running at " + url + ". It alone has the REST API key.")

	fmt.Println("\n2. The client asks the backend for its auth token, as the user of its session there.")
	token, err := fetchToken(ctx, url, "session-of-"+uid)
	if err != nil {
		return err
	}
	fmt.Printf("   It got a token of %d characters. The backend has created the user in CometChat on the way.\n", len(token))

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

	fmt.Println("\n4. Somebody without a session at the backend gets nothing.")
	_, err = fetchToken(ctx, url, "made-up-session")
	fmt.Println("  ", err)

	fmt.Println("\n5. The backend revokes the user's tokens, and the client notices.")
	if err := revoke(ctx, a); err != nil {
		return err
	}
	if _, err = client.VerifySession(ctx); !errors.Is(err, cometchat.ErrAuthTokenNotFound) {
		return fmt.Errorf("the session should have ended: %w", err)
	}
	fmt.Println("  ", err)
	return nil
}

// startBackend starts the server of an app: it has users and sessions of its own, and hands out tokens to them.
func startBackend(ctx context.Context, a app) (url string, stop func(), err error) {
	admin, err := cometchat.NewAdmin(a.id, a.apiKey, a.backend...)
	if err != nil {
		return "", nil, err
	}
	identify := func(r *http.Request) (string, error) {
		if r.Header.Get("Authorization") != "Bearer session-of-"+uid { // your own sessions go here
			return "", errors.New("no such session")
		}
		return uid, nil
	}
	describe := func(*http.Request, string) (*cometchat.User, error) {
		return &cometchat.User{Name: "Token Example"}, nil // what you know of your user
	}
	mux := http.NewServeMux()
	mux.Handle("/chat/token", cometchat.TokenHandler(admin, identify, cometchat.WithNewUsers(describe)))

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

// fetchToken is what a client does: it asks its own backend, with its session there.
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
		return "", fmt.Errorf("the backend says %s: %s (%s)", resp.Status, answer.Error.Message, answer.Error.Code)
	}
	return answer.AuthToken, nil
}

// revoke logs the user out everywhere, as a backend does after a change of password.
func revoke(ctx context.Context, a app) error {
	admin, err := cometchat.NewAdmin(a.id, a.apiKey, a.backend...)
	if err != nil {
		return err
	}
	defer admin.Close()
	return admin.FlushAuthTokens(ctx, uid)
}

// findApp takes the app from the environment, or else starts an emulator of one.
func findApp() (a app, stop func(), err error) {
	id, region, key := os.Getenv("COMETCHAT_APP_ID"), os.Getenv("COMETCHAT_REGION"), os.Getenv("COMETCHAT_API_KEY")
	switch {
	case id != "" && region != "" && key != "":
		fmt.Printf("Talking to CometChat: app %s, region %s.\n", id, region)
		options := []cometchat.Option{cometchat.WithRegion(region)}
		return app{id, key, options, options}, func() {}, nil
	case id != "" || region != "" || key != "":
		return app{}, nil, errors.New("set all of COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_API_KEY, or none")
	}
	emulator := cometchattest.NewServer()
	fmt.Println("No COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_API_KEY are set, so this talks to an emulator of CometChat")
	fmt.Printf("inside this process, at %s. No account and no network is needed.\n", emulator.URL)
	return app{emulator.AppID, emulator.APIKey, emulator.Options(), emulator.AdminOptions()}, emulator.Close, nil
}
