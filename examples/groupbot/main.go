// Command groupbot is a bot that moderates groups: it welcomes new members, and removes the member whom "/kick UID" names, if the
// member who asks for it ranks above. It misses nothing when its connection breaks. bot.go has the whole bot.
//
// By default it talks to an emulator of CometChat, which it starts inside the process, and in which Ada, Bob and Carol are in a
// group. Set COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_AUTH_KEY to use CometChat itself; COMETCHAT_UID names the bot's user,
// who has to be an admin of the groups. The bot then runs until SIGINT (Ctrl-C) or SIGTERM. With -dir, it does after a restart what
// there was to do in between.
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

const usage = `usage: groupbot [-dir DIRECTORY]

groupbot is a bot that moderates groups: it welcomes new members, and removes the member whom "/kick UID" names, if the member
who asks for it ranks above.

By default it talks to an emulator of CometChat inside the process, in which three users are in a group. Set COMETCHAT_APP_ID,
COMETCHAT_REGION and COMETCHAT_AUTH_KEY to use CometChat itself; COMETCHAT_UID names the bot's user, who has to be an admin of
the groups. Ctrl-C ends the bot.

`

func main() {
	dir := flag.String("dir", "", "with CometChat itself: keep the session and the position of the bot in this `directory`, so that\n"+
		"after a restart it does what there was to do in between (default: they are not kept)")
	flag.Usage = func() {
		_, _ = fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "groupbot: unexpected argument %q; -h prints the help\n", flag.Arg(0))
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

// demonstrate runs the bot in a group of Ada, who owns it, Bob, who joins, and Carol, who is a participant.
func demonstrate(ctx context.Context, out io.Writer) error {
	server := cometchattest.NewServer()
	defer server.Close()
	_, _ = fmt.Fprintf(out, "Talking to an emulator of CometChat inside this process, at %s.\n\n", server.URL)
	users := map[string]*cometchat.Client{"ada": nil, "bob": nil, "carol": nil, "bot": nil}
	for uid := range users {
		server.AddUser(&cometchat.User{UID: uid, Name: uid})
		client, err := cometchat.New(server.AppID, server.Options()...)
		if err != nil {
			return err
		}
		defer client.Close()
		if _, err := client.Login(ctx, uid, server.AuthKey); err != nil {
			return err
		}
		users[uid] = client
	}
	_, _, err := users["ada"].CreateGroup(ctx, cometchat.NewGroup{
		GUID: "hikers", Name: "Hikers", Type: cometchat.GroupPublic,
		Members: cometchat.NewGroupMembers{Admins: []string{"bot"}, Participants: []string{"carol"}},
	})
	if err != nil {
		return err
	}
	// await waits until the bot says a text, for the nth time.
	await := func(text string, n int) error {
		_, err := server.WaitFor(ctx, func(m *cometchat.Message) bool {
			if m.Sender.UID == "bot" && m.Text == text {
				n--
			}
			return n == 0
		})
		return err
	}
	ask := func(uid, command string) error {
		_, err := users[uid].SendMessage(ctx, cometchat.NewTextMessage(cometchat.ToGroup("hikers"), command))
		return err
	}
	join := func() error {
		_, err := users["bob"].JoinGroup(ctx, "hikers", "")
		return err
	}
	play := func() error {
		for _, step := range []func() error{
			join,
			func() error { return await("Welcome, bob!", 1) },
			func() error { return ask("carol", "/kick bob") },
			func() error { return await("You may not have bob removed: you do not rank above.", 1) },
			func() error { return ask("ada", "/kick bob") },
			func() error { return await("bob is removed.", 1) },
			func() error { server.DropSockets("bot"); return join() }, // the network breaks, and Bob comes back
			func() error { return await("Welcome, bob!", 2) },
		} {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	played := make(chan error, 1)
	b := &bot{appID: server.AppID, authKey: server.AuthKey, uid: "bot", options: server.Options()}
	b.connected = func() {
		go func() {
			played <- play()
			cancel()
		}()
	}
	if err := b.run(ctx, out); err != nil {
		return err
	}
	return <-played
}
