// Command quickstart goes through the life of a session: it makes a client, logs a user in, reads the logged-in user, logs
// in once more, verifies the session with the server, and logs out.
//
// By default it talks to an emulator of CometChat, which it starts inside the process. Set COMETCHAT_APP_ID,
// COMETCHAT_REGION and COMETCHAT_AUTH_KEY to use CometChat itself; COMETCHAT_UID names the user.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
)

const usage = `usage: quickstart

quickstart goes through the life of a session: it makes a client, logs a user in, reads the logged-in user, logs in once more,
verifies the session with the server, and logs out.

By default it talks to an emulator of CometChat inside the process. Set COMETCHAT_APP_ID, COMETCHAT_REGION and
COMETCHAT_AUTH_KEY to use CometChat itself; COMETCHAT_UID names the user.
`

func main() {
	flag.Usage = func() { _, _ = fmt.Fprint(flag.CommandLine.Output(), usage) }
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "quickstart: unexpected argument %q; -h prints the help\n", flag.Arg(0))
		os.Exit(2)
	}
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "\nFailed:", err)
		os.Exit(1)
	}
}

// app is a CometChat app, and the user to log in.
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
		LoginSuccess:  func(u *cometchat.User) { fmt.Println("   (the listener is called: " + u.UID + " is logged in)") },
		LogoutSuccess: func() { fmt.Println("   (the listener is called: the user is logged out)") },
	})
	fmt.Println("   The client is ready. It has made no request.")

	fmt.Println("\n2. GetLoggedinUser: is a user logged in?")
	user, err := cometchat.GetLoggedinUser(ctx)
	if err != nil {
		return err
	}
	if user == nil {
		fmt.Println("   No user is logged in.")
	}

	fmt.Printf("\n3. Login: log %s in with the auth key.\n", a.uid)
	if err := login(ctx, a); err != nil {
		return err
	}

	fmt.Println("\n4. GetLoggedinUser again: the client keeps the session.")
	user, err = cometchat.GetLoggedinUser(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("   %s (%s) is logged in, role %q, status %q.\n", user.Name, user.UID, user.Role, user.Status)

	fmt.Println("\n5. Login once more: the client returns the session's user and makes no request.")
	if err := login(ctx, a); err != nil {
		return err
	}

	fmt.Println("\n6. VerifySession: is the session still valid for the server?")
	if _, err := client.VerifySession(ctx); err != nil {
		return err
	}
	fmt.Println("   It is valid.")

	fmt.Println("\n7. Logout.")
	if err := cometchat.Logout(ctx); err != nil {
		return err
	}
	user, err = cometchat.GetLoggedinUser(ctx)
	if err != nil {
		return err
	}
	if user == nil {
		fmt.Println("   No user is logged in any more.")
	}

	fmt.Println("\n8. An error: log in a user that does not exist.")
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

// findApp returns the app that the environment names, or else an emulator.
func findApp() (a app, stop func(), err error) {
	id, region, key := os.Getenv("COMETCHAT_APP_ID"), os.Getenv("COMETCHAT_REGION"), os.Getenv("COMETCHAT_AUTH_KEY")
	switch {
	case id != "" && region != "" && key != "":
		uid := os.Getenv("COMETCHAT_UID")
		if uid == "" {
			uid = "cometchat-uid-1"
		}
		fmt.Printf("Talking to CometChat: app %s, region %s.\n", id, region)
		return app{id, key, uid, []cometchat.Option{cometchat.WithRegion(region), cometchat.WithEmulator("")}}, func() {}, nil
	case id != "" || region != "" || key != "":
		return app{}, nil, fmt.Errorf("set all of COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_AUTH_KEY, or none")
	}
	emulator := cometchattest.NewServer()
	fmt.Printf("Talking to an emulator of CometChat inside this process, at %s. You need no account and no network.\n", emulator.URL)
	fmt.Println("Set COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_AUTH_KEY to talk to CometChat itself.")
	return app{emulator.AppID, emulator.AuthKey, "cometchat-uid-1", emulator.Options()}, emulator.Close, nil
}
