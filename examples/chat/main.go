// Command chat is a chat in a terminal: the list of conversations, their history, new messages, receipts, typing and presence.
//
//	go run ./examples/chat
//	go run ./examples/chat -emulator URL -uid bob
//
// The first command starts an emulator of CometChat inside the process, and prints the second command, for another terminal:
// there Bob answers Ada. -emulator also takes the address of the program cometchat-emulator. Set COMETCHAT_APP_ID,
// COMETCHAT_REGION and COMETCHAT_AUTH_KEY to use CometChat itself.
//
// A line is a message. A line that ends with "\" goes on in the next line; the other user sees meanwhile that this user is typing.
// A line that begins with "/" is a command: /help lists them. Single keys are not read: the terminal would need a mode that
// the standard library cannot set.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
)

const usage = `usage: chat [-uid UID] [-emulator URL]

chat is a chat in a terminal: the list of conversations, their history, new messages, receipts, typing and presence.

By default it starts an emulator of CometChat inside the process, and prints a command for a second terminal. Set
COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_AUTH_KEY to use CometChat itself.

`

func main() {
	uid := flag.String("uid", "", "log in as the user with this `UID` (default: ada in the program's own emulator, else cometchat-uid-1)")
	emulator := flag.String("emulator", "", "use the emulator at this `URL`, http://localhost:8443 for example")
	flag.Usage = func() {
		_, _ = fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "chat: unexpected argument %q; -h prints the help\n", flag.Arg(0))
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	a, err := findApp(os.Stdout, *emulator, *uid)
	if err == nil {
		err = run(ctx, a, os.Stdin, newScreen(os.Stdout))
		a.close()
	}
	if err != nil && ctx.Err() == nil { // after a signal, what it has cut short is no failure
		fmt.Fprintln(os.Stderr, "\nFailed:", err)
		os.Exit(1)
	}
}

// app is a CometChat app with the user of this terminal.
type app struct {
	id, authKey, uid string
	options          []cometchat.Option
	close            func()
}

// The app of the program cometchat-emulator, and of the emulator that this program starts.
const (
	emulatorApp = "emulator-app"
	emulatorKey = "emulator-auth-key-for-development-only"
)

// findApp returns the app that the environment names, or that of the emulator, or else starts an emulator.
func findApp(out io.Writer, emulator, uid string) (*app, error) {
	id, region, key := os.Getenv("COMETCHAT_APP_ID"), os.Getenv("COMETCHAT_REGION"), os.Getenv("COMETCHAT_AUTH_KEY")
	options := []cometchat.Option{cometchat.WithEmulator(emulator)}
	switch {
	case id != "" && region != "" && key != "":
		options = append(options, cometchat.WithRegion(region))
	case id != "" || region != "" || key != "":
		return nil, errors.New("set all of COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_AUTH_KEY, or none")
	case emulator != "":
		id, key = emulatorApp, emulatorKey
	default:
		server := cometchattest.NewServer(cometchattest.WithAppID(emulatorApp), cometchattest.WithKeys(emulatorKey, ""))
		server.AddUser(&cometchat.User{UID: "ada", Name: "Ada"})
		server.AddUser(&cometchat.User{UID: "bob", Name: "Bob"})
		server.SendMessage("bob", "ada", "Hello Ada, I am in the other terminal.")
		_, _ = fmt.Fprintf(out, "An emulator of CometChat runs inside this process. In a second terminal, run\n\n"+
			"    go run ./examples/chat -emulator %s -uid bob\n\n", server.URL)
		return &app{emulatorApp, emulatorKey, cmp.Or(uid, "ada"), server.Options(), server.Close}, nil
	}
	return &app{id, key, cmp.Or(uid, "cometchat-uid-1"), options, func() {}}, nil
}
