// Command persist logs a user in and keeps the session in a directory. When you run it again, it finds the session there
// and makes no request.
//
//	go run ./examples/persist
//	go run ./examples/persist
//	go run ./examples/persist -logout
//
// By default the directory is cometchat/{appID} in your configuration directory; -dir names another one.
//
// By default the program logs in to an emulator of CometChat, which it starts inside the process. The emulator forgets the
// login when the program ends, but the session stays in the directory: reading it needs no server. Set COMETCHAT_APP_ID,
// COMETCHAT_REGION and COMETCHAT_AUTH_KEY to use CometChat itself; COMETCHAT_UID names the user.
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

const usage = `usage: persist [-dir DIRECTORY] [-logout]

persist logs a user in and keeps the session in a directory. When you run it again, it finds the session there and makes no
request. With -logout it logs the user out.

By default it talks to an emulator of CometChat inside the process. Set COMETCHAT_APP_ID, COMETCHAT_REGION and
COMETCHAT_AUTH_KEY to use CometChat itself; COMETCHAT_UID names the user.

`

func main() {
	dir := flag.String("dir", "", "keep the session in this `directory` (default: cometchat/{appID} in your configuration directory)")
	logout := flag.Bool("logout", false, "log out and remove the session")
	flag.Usage = func() {
		_, _ = fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "persist: unexpected argument %q; -h prints the help\n", flag.Arg(0))
		os.Exit(2)
	}
	if err := run(context.Background(), *dir, *logout); err != nil {
		fmt.Fprintln(os.Stderr, "\nFailed:", err)
		os.Exit(1)
	}
}

// app is a CometChat app, and the user to log in.
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
		fmt.Printf("Nobody was logged in. Now %s (%s) is logged in. Run the program once more.\n", user.Name, user.UID)
		return nil
	}
	session, err := store.Load(ctx, a.id+"/session") // only for the date; a program needs no access to the session
	if err != nil {
		return err
	}
	fmt.Printf("%s (%s) is logged in already, since %s. Finding that out took %v and no request.\n",
		user.Name, user.UID, session.CreatedAt.Local().Format(time.DateTime), took.Round(time.Microsecond))
	fmt.Println("Use -logout to log out.")
	return nil
}

// findApp returns the app that the environment names, or else an emulator.
func findApp() (a app, stop func(), err error) {
	id, region, key := os.Getenv("COMETCHAT_APP_ID"), os.Getenv("COMETCHAT_REGION"), os.Getenv("COMETCHAT_AUTH_KEY")
	uid := os.Getenv("COMETCHAT_UID")
	if uid == "" {
		uid = "cometchat-uid-1"
	}
	switch {
	case id != "" && region != "" && key != "":
		return app{id, key, uid, []cometchat.Option{cometchat.WithRegion(region), cometchat.WithEmulator("")}}, func() {}, nil
	case id != "" || region != "" || key != "":
		return app{}, nil, errors.New("set all of COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_AUTH_KEY, or none")
	}
	emulator := cometchattest.NewServer()
	return app{emulator.AppID, emulator.AuthKey, uid, emulator.Options()}, emulator.Close, nil
}
