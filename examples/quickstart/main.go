// Command quickstart walks through a session with CometChat: it looks for one, logs in, reads who is logged in, logs in
// once more (which needs no request), and logs out.
//
// Without any setting it does so against the emulator, which it starts inside the process. With COMETCHAT_APP_ID,
// COMETCHAT_REGION and COMETCHAT_AUTH_KEY set it talks to CometChat itself, as the user COMETCHAT_UID.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "\nThat did not work:", err)
		os.Exit(1)
	}
}

// app is what an app has to know to log somebody in.
type app struct {
	id, authKey, uid string
	options          []cometchat.Option
}

func run(ctx context.Context) error {
	a, stop, err := findApp()
	if err != nil {
		return err
	}
	defer stop()

	fmt.Println("\n1. Init: make the client.")
	client, err := cometchat.Init(a.id, a.options...)
	if err != nil {
		return err
	}
	defer client.Close()
	client.AddLoginListener("quickstart", cometchat.LoginListener{
		LoginSuccess:  func(u *cometchat.User) { fmt.Println("   (a listener hears: logged in as " + u.UID + ")") },
		LogoutSuccess: func() { fmt.Println("   (a listener hears: logged out)") },
	})
	fmt.Println("   It is ready. Nothing was sent yet.")

	fmt.Println("\n2. GetLoggedinUser: is there a session already?")
	user, err := cometchat.GetLoggedinUser(ctx)
	if err != nil {
		return err
	}
	if user == nil {
		fmt.Println("   Nobody is logged in.")
	}

	fmt.Printf("\n3. Login: log %s in with the auth key.\n", a.uid)
	if err := login(ctx, a); err != nil {
		return err
	}

	fmt.Println("\n4. GetLoggedinUser again: the client remembers.")
	user, err = cometchat.GetLoggedinUser(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("   %s (%s) is logged in, role %q, status %q.\n", user.Name, user.UID, user.Role, user.Status)

	fmt.Println("\n5. Login once more: the session answers, without a request.")
	if err := login(ctx, a); err != nil {
		return err
	}

	fmt.Println("\n6. VerifySession: does the server agree?")
	if _, err := client.VerifySession(ctx); err != nil {
		return err
	}
	fmt.Println("   It does.")

	fmt.Println("\n7. Logout.")
	if err := cometchat.Logout(ctx); err != nil {
		return err
	}
	user, err = cometchat.GetLoggedinUser(ctx)
	if err != nil {
		return err
	}
	if user == nil {
		fmt.Println("   Nobody is logged in any more.")
	}

	fmt.Println("\n8. And an error: log in somebody who does not exist.")
	_, err = cometchat.Login(ctx, "no-such-user", a.authKey)
	fmt.Printf("   %v\n", err)
	return nil
}

func login(ctx context.Context, a app) error {
	start := time.Now()
	user, err := cometchat.Login(ctx, a.uid, a.authKey)
	if err != nil {
		return err
	}
	fmt.Printf("   Logged in as %s, in %v.\n", user.Name, time.Since(start).Round(time.Microsecond))
	return nil
}

// findApp takes the app from the environment, or else starts an emulator of one.
func findApp() (a app, stop func(), err error) {
	id, region, key := os.Getenv("COMETCHAT_APP_ID"), os.Getenv("COMETCHAT_REGION"), os.Getenv("COMETCHAT_AUTH_KEY")
	switch {
	case id != "" && region != "" && key != "":
		uid := os.Getenv("COMETCHAT_UID")
		if uid == "" {
			uid = "cometchat-uid-1"
		}
		fmt.Printf("Talking to CometChat: app %s, region %s.\n", id, region)
		return app{id, key, uid, []cometchat.Option{cometchat.WithRegion(region)}}, func() {}, nil
	case id != "" || region != "" || key != "":
		return app{}, nil, fmt.Errorf("set all of COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_AUTH_KEY, or none")
	}
	emulator := cometchattest.NewServer()
	fmt.Println("No COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_AUTH_KEY are set, so this talks to an emulator of CometChat")
	fmt.Printf("inside this process, at %s. No account and no network is needed.\n", emulator.URL)
	return app{emulator.AppID, emulator.AuthKey, "cometchat-uid-1", emulator.Options()}, emulator.Close, nil
}
