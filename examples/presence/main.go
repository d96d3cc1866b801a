// Command presence shows the live connection of two users in one program: Ada hears when Bob comes online and goes offline,
// loses her connection, and gets it back by herself.
//
// By default it talks to an emulator of CometChat, which it starts inside the process, and which breaks Ada's connection. Set
// COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_AUTH_KEY to use CometChat itself: then nothing breaks the connection, and
// the users are those that each new app has, cometchat-uid-1 and cometchat-uid-2.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
)

const usage = `usage: presence

presence shows the live connection of two users in one program: Ada hears when Bob comes online and goes offline, loses her
connection, and gets it back by herself.

By default it talks to an emulator of CometChat inside the process. Set COMETCHAT_APP_ID, COMETCHAT_REGION and
COMETCHAT_AUTH_KEY to use CometChat itself, with the users cometchat-uid-1 and cometchat-uid-2.
`

func main() {
	flag.Usage = func() { _, _ = fmt.Fprint(flag.CommandLine.Output(), usage) }
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "presence: unexpected argument %q; -h prints the help\n", flag.Arg(0))
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout)
	stopped := ctx.Err() != nil // by a signal
	stop()
	switch {
	case stopped:
		fmt.Println("\nStopped. The connections are closed.")
	case err != nil:
		fmt.Fprintln(os.Stderr, "\nFailed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	a, stop, err := findApp()
	if err != nil {
		return err
	}
	defer stop()
	ada, adaName, err := a.login(ctx, a.ada, cometchat.WithPresence(cometchat.PresenceAllUsers()))
	if err != nil {
		return err
	}
	defer ada.Close()
	bob, bobName, err := a.login(ctx, a.bob)
	if err != nil {
		return err
	}
	defer bob.Close()

	next, unsubscribe := iter.Pull(ada.Events(ctx)) // Ada misses no event from now on
	defer unsubscribe()
	for _, chapter := range []struct {
		title string
		do    func(context.Context) error // nil: it cannot be done with this app
		ends  string                      // the last line
	}{
		{adaName + " connects.", ada.Connect, adaName + " is connected."},
		{bobName + " connects.", bob.Connect, bobName + " is online."},
		{bobName + " disconnects.", func(context.Context) error { return bob.Disconnect() }, bobName + " is offline."},
		{"The network breaks the connection of " + adaName + ".", a.breakNetwork, adaName + " is connected."},
		{bobName + " connects again.", bob.Connect, bobName + " is online."},
		{bobName + " logs out.", bob.Logout, bobName + " is offline."},
		{adaName + " logs out.", ada.Logout, adaName + " is disconnected."},
	} {
		if chapter.do == nil {
			continue
		}
		_, _ = fmt.Fprintf(out, "\n%s\n", chapter.title)
		if err := chapter.do(ctx); err != nil {
			return err
		}
		for line := ""; line != chapter.ends; {
			e, ok := next()
			if !ok {
				return context.Cause(ctx) // which has ended the events
			}
			if line, err = describe(adaName, e); err != nil {
				return err
			}
			if line != "" {
				_, _ = fmt.Fprintln(out, "  "+line)
			}
		}
	}
	return nil
}

// describe says what an event of Ada's is about; nothing for one that this story has no use for. It fails if she will not be connected any more.
func describe(ada string, e cometchat.Event) (string, error) {
	switch e := e.(type) {
	case cometchat.PresenceChanged:
		return fmt.Sprintf("%s is %s.", e.User.Name, e.Status), nil
	case cometchat.ConnectionChanged:
		line := fmt.Sprintf("%s is %v.", ada, e.Status)
		switch {
		case e.Err == nil:
			return line, nil
		case e.RetryIn == 0:
			return line, e.Err
		}
		return fmt.Sprintf("%s Her client connects again in %v. The reason: %v", line, e.RetryIn.Round(time.Millisecond), e.Err), nil
	}
	return "", nil
}

// app is a CometChat app with two users.
type app struct {
	id, authKey, ada, bob string
	options               []cometchat.Option
	breakNetwork          func(context.Context) error // breaks Ada's connection; nil for an app that is no emulator
}

// login returns a client, and the name of its user.
func (a *app) login(ctx context.Context, uid string, opts ...cometchat.Option) (*cometchat.Client, string, error) {
	client, err := cometchat.New(a.id, slices.Concat(a.options, opts)...)
	if err != nil {
		return nil, "", err
	}
	user, err := client.Login(ctx, uid, a.authKey)
	if err != nil {
		return nil, "", errors.Join(err, client.Close())
	}
	return client, user.Name, nil
}

// findApp returns the app that the environment names, or else an emulator.
func findApp() (a *app, stop func(), err error) {
	id, region, key := os.Getenv("COMETCHAT_APP_ID"), os.Getenv("COMETCHAT_REGION"), os.Getenv("COMETCHAT_AUTH_KEY")
	switch {
	case id != "" && region != "" && key != "":
		options := []cometchat.Option{cometchat.WithRegion(region), cometchat.WithEmulator("")}
		return &app{id, key, "cometchat-uid-1", "cometchat-uid-2", options, nil}, func() {}, nil
	case id != "" || region != "" || key != "":
		return nil, nil, errors.New("set all of COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_AUTH_KEY, or none")
	}
	emulator := cometchattest.NewServer()
	emulator.AddUser(&cometchat.User{UID: "ada", Name: "Ada"})
	emulator.AddUser(&cometchat.User{UID: "bob", Name: "Bob"})
	breakNetwork := func(context.Context) error {
		if emulator.DropSockets("ada") != 1 {
			return errors.New("there is no connection of Ada that could break")
		}
		return nil
	}
	return &app{emulator.AppID, emulator.AuthKey, "ada", "bob", emulator.Options(), breakNetwork}, emulator.Close, nil
}
