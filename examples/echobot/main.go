// Command echobot is a bot that answers each text with the same text, in the conversation, the group or the thread where it was
// told. It misses no message when its connection breaks, and it finds out what became of an answer that may be lost.
//
// By default it talks to an emulator of CometChat, which it starts inside the process, and in which Ada writes to the bot. Set
// COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_AUTH_KEY to use CometChat itself; COMETCHAT_UID names the bot's user. The bot
// then runs until SIGINT (Ctrl-C) or SIGTERM.
package main

import (
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

const usage = `usage: echobot

echobot is a bot that answers each text with the same text, in the conversation, the group or the thread where it was told.

By default it talks to an emulator of CometChat inside the process, in which Ada writes to the bot. Set COMETCHAT_APP_ID,
COMETCHAT_REGION and COMETCHAT_AUTH_KEY to use CometChat itself; COMETCHAT_UID names the bot's user. Ctrl-C ends the bot.
`

func main() {
	flag.Usage = func() { _, _ = fmt.Fprint(flag.CommandLine.Output(), usage) }
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "echobot: unexpected argument %q; -h prints the help\n", flag.Arg(0))
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	a, err := findApp(os.Stdout)
	if err == nil {
		err = run(ctx, os.Stdout, a)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "\nFailed:", err)
		os.Exit(1)
	}
}

// app is a CometChat app with the bot's user.
type app struct {
	id, authKey, uid string
	options          []cometchat.Option
	play             func(end func()) // begins what happens in an emulator, and ends the bot afterwards
	close            func()
}

// findApp returns the app that the environment names, or else an emulator.
func findApp(out io.Writer) (*app, error) {
	id, region, key := os.Getenv("COMETCHAT_APP_ID"), os.Getenv("COMETCHAT_REGION"), os.Getenv("COMETCHAT_AUTH_KEY")
	switch {
	case id != "" && region != "" && key != "":
		uid := os.Getenv("COMETCHAT_UID")
		if uid == "" {
			uid = "cometchat-uid-1"
		}
		_, _ = fmt.Fprintf(out, "Talking to CometChat: app %s, region %s, as %s. Ctrl-C ends the bot.\n", id, region, uid)
		options := []cometchat.Option{cometchat.WithRegion(region), cometchat.WithEmulator("")}
		return &app{id, key, uid, options, func(func()) {}, func() {}}, nil
	case id != "" || region != "" || key != "":
		return nil, errors.New("set all of COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_AUTH_KEY, or none")
	}
	server := cometchattest.NewServer()
	server.AddUser(&cometchat.User{UID: "bot", Name: "Echo"})
	server.AddUser(&cometchat.User{UID: "ada", Name: "Ada"})
	_, _ = fmt.Fprintf(out, "Talking to an emulator of CometChat inside this process, at %s.\n", server.URL)
	play := func(end func()) {
		go func() {
			defer end()
			tell(server, "Hello!")
			server.DropSockets("bot") // the network breaks
			tell(server, "Are you there?")
			server.InjectFault(cometchattest.Fault{Method: "POST", Path: "/messages", DropAfter: true, Times: 1})
			tell(server, "The server's reply to your next request is going to be lost.")
		}()
	}
	return &app{server.AppID, server.AuthKey, "bot", server.Options(), play, server.Close}, nil
}

// tell has Ada write to the bot, and waits for the answer.
func tell(server *cometchattest.Server, text string) {
	server.SendMessage("ada", "bot", text)
	_, _ = server.WaitFor(context.Background(), func(m *cometchat.Message) bool { return m.Sender.UID == "bot" && m.Text == text })
}
