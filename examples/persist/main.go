// Command persist logs a user in, and is logged in already when it is run again: the session is kept in a directory, and
// the second run is answered from there, without a request.
//
//	go run ./examples/persist
//	go run ./examples/persist
//	go run ./examples/persist -logout
//
// The directory is that of the app in the user's configuration directory, unless -dir names another.
//
// Without any setting the login is one with the emulator, which this starts inside the process; it forgets the login when
// the program ends, but the session lasts, as it would without a network. With COMETCHAT_APP_ID, COMETCHAT_REGION and
// COMETCHAT_AUTH_KEY set it talks to CometChat itself, as the user COMETCHAT_UID.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/cometchat-go/cometchat/filestore"
)

func main() {
	dir := flag.String("dir", "", "keep the session in this `directory` (default: that of the app in the user's configuration)")
	logout := flag.Bool("logout", false, "log out, and forget the session")
	flag.Parse()
	if err := run(context.Background(), *dir, *logout); err != nil {
		fmt.Fprintln(os.Stderr, "\nThat did not work:", err)
		os.Exit(1)
	}
}

// app is what an app has to know to log somebody in.
type app struct {
	id, authKey, uid string
	options          []cometchat.Option
}

func run(ctx context.Context, dir string, logout bool) error {
	a, stop, err := findApp()
	if err != nil {
		return err
	}
	defer stop()
	if dir == "" {
		if dir, err = filestore.DefaultDir(a.id); err != nil {
			return err
		}
	}
	store, err := filestore.New(dir)
	if err != nil {
		return err
	}
	fmt.Println("Sessions are kept in", dir)

	client, err := cometchat.New(a.id, append(a.options, cometchat.WithSessionStore(store))...)
	if err != nil {
		return err
	}
	defer client.Close()
	if logout {
		if err := client.Logout(ctx); err != nil {
			return err
		}
		fmt.Println("Logged out. The next run has to log in again.")
		return nil
	}

	start := time.Now()
	user, err := client.GetLoggedinUser(ctx)
	took := time.Since(start)
	if err != nil {
		return err
	}
	if user == nil {
		if user, err = client.Login(ctx, a.uid, a.authKey); err != nil {
			return err
		}
		fmt.Printf("Nobody was logged in. Now %s (%s) is; run this once more.\n", user.Name, user.UID)
		return nil
	}
	session, err := store.Load(ctx, a.id+"/session") // for its date; a program has no need of it
	if err != nil {
		return err
	}
	fmt.Printf("%s (%s) is logged in already, since %s. No request was made, and it took %v.\n",
		user.Name, user.UID, session.CreatedAt.Local().Format(time.DateTime), took.Round(time.Microsecond))
	fmt.Println("With -logout this ends.")
	return nil
}

// findApp takes the app from the environment, or else starts an emulator of one.
func findApp() (a app, stop func(), err error) {
	id, region, key := os.Getenv("COMETCHAT_APP_ID"), os.Getenv("COMETCHAT_REGION"), os.Getenv("COMETCHAT_AUTH_KEY")
	uid := os.Getenv("COMETCHAT_UID")
	if uid == "" {
		uid = "cometchat-uid-1"
	}
	switch {
	case id != "" && region != "" && key != "":
		return app{id, key, uid, []cometchat.Option{cometchat.WithRegion(region)}}, func() {}, nil
	case id != "" || region != "" || key != "":
		return app{}, nil, errors.New("set all of COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_AUTH_KEY, or none")
	}
	emulator := cometchattest.NewServer()
	return app{emulator.AppID, emulator.AuthKey, uid, emulator.Options()}, emulator.Close, nil
}
