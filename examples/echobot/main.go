// Command echobot is a bot that answers each text with the same text, in the conversation, the group or the thread where it was
// told. It misses no message when its connection breaks, and it finds out what became of an answer that may be lost. bot.go has the
// whole bot.
//
// By default it talks to an emulator of CometChat, which it starts inside the process, and in which Ada writes to the bot. Set
// COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_AUTH_KEY to use CometChat itself; COMETCHAT_UID names the bot's user. The bot
// then runs until SIGINT (Ctrl-C) or SIGTERM. With -dir, it answers after a restart what it was told in between. Run one process for
// a user: two would both answer.
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
	"github.com/cometchat-go/cometchat/filestore"
)

const usage = `usage: echobot [-dir DIRECTORY]

echobot is a bot that answers each text with the same text, in the conversation, the group or the thread where it was told.

By default it talks to an emulator of CometChat inside the process, in which Ada writes to the bot. Set COMETCHAT_APP_ID,
COMETCHAT_REGION and COMETCHAT_AUTH_KEY to use CometChat itself; COMETCHAT_UID names the bot's user. Ctrl-C ends the bot.

`

func main() {
	dir := flag.String("dir", "", "with CometChat itself: keep the session and the position of the bot in this `directory`, so that\n"+
		"after a restart it answers what it was told in between (default: they are not kept)")
	flag.Usage = func() {
		_, _ = fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "echobot: unexpected argument %q; -h prints the help\n", flag.Arg(0))
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	b, err := findBot(*dir)
	switch {
	case err != nil:
	case b == nil:
		err = demonstrate(ctx, os.Stdout)
	default:
		fmt.Printf("Talking to CometChat as %s. Ctrl-C ends the bot.\n", b.uid)
		err = b.run(ctx, os.Stdout)
	}
	if err != nil && ctx.Err() == nil { // after a signal, what it has cut short is no failure
		fmt.Fprintln(os.Stderr, "\nFailed:", err)
		os.Exit(1)
	}
}

// findBot returns the bot of the app that the environment names, or nil if it names none.
func findBot(dir string) (*bot, error) {
	id, region, key := os.Getenv("COMETCHAT_APP_ID"), os.Getenv("COMETCHAT_REGION"), os.Getenv("COMETCHAT_AUTH_KEY")
	switch {
	case id == "" && region == "" && key == "":
		return nil, nil
	case id == "" || region == "" || key == "":
		return nil, errors.New("set all of COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_AUTH_KEY, or none")
	}
	b := &bot{appID: id, authKey: key, uid: cmp.Or(os.Getenv("COMETCHAT_UID"), "cometchat-uid-1")}
	b.options = []cometchat.Option{cometchat.WithRegion(region), cometchat.WithEmulator("")}
	if dir == "" {
		return b, nil
	}
	store, err := filestore.New(dir)
	b.options = append(b.options, cometchat.WithSessionStore(store))
	return b, err
}

// demonstrate runs a bot against an emulator. Ada writes to it, through the faults of a network and while it does not run.
func demonstrate(ctx context.Context, out io.Writer) error {
	server := cometchattest.NewServer()
	defer server.Close()
	server.AddUser(&cometchat.User{UID: "bot", Name: "Echo"})
	server.AddUser(&cometchat.User{UID: "ada", Name: "Ada"})
	_, _ = fmt.Fprintf(out, "Talking to an emulator of CometChat inside this process, at %s.\n\n", server.URL)
	tell := func(text string) { server.SendMessage("ada", "bot", text) }
	await := func(text string) {
		_, _ = server.WaitFor(ctx, func(m *cometchat.Message) bool { return m.Sender.UID == "bot" && m.Text == text })
	}
	store := cometchat.NewMemorySessionStore() // outlasts the bot, as a file does
	chapter := func(play func()) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		b := &bot{appID: server.AppID, authKey: server.AuthKey, uid: "bot", options: append(server.Options(), cometchat.WithSessionStore(store))}
		b.connected = func() {
			go func() {
				defer cancel()
				play()
			}()
		}
		return b.run(ctx, out)
	}

	err := chapter(func() {
		tell("Hello!")
		await("Hello!")
		server.DropSockets("bot") // the network breaks
		tell("Are you there?")
		await("Are you there?")
		server.InjectFault(cometchattest.Fault{Method: "POST", Path: "/messages", DropAfter: true, Times: 1})
		tell("The server's reply to your answer is going to be lost.")
		await("The server's reply to your answer is going to be lost.")
	})
	if err != nil || ctx.Err() != nil {
		return err
	}
	tell("You are not running.")
	_, _ = fmt.Fprintln(out, "\nAda writes meanwhile. The bot starts again.")
	return chapter(func() { await("You are not running.") })
}
