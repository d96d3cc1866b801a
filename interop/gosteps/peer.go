package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/cometchat-go/cometchat"
)

// peer is a client that another process controls: it reads a command from each line, and writes what happens as lines of JSON.
type peer struct {
	emulator *emulator
	client   *cometchat.Client

	mu  sync.Mutex // guards out
	out *json.Encoder
}

// line is the answer to a command, or an event.
type line struct {
	Done  string `json:"done,omitempty"` // the command
	Error string `json:"error,omitempty"`
	Event string `json:"event,omitempty"` // named as in the JavaScript SDK
	Value any    `json:"value,omitzero"`
}

func (p *peer) write(l line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.out.Encode(l) // the other process is gone: its last line is about to be read
}

// runPeer runs a client until in ends.
func runPeer(ctx context.Context, in io.Reader, out io.Writer) error {
	e, err := newEmulator()
	if err != nil {
		return err
	}
	p := &peer{emulator: e, out: json.NewEncoder(out)}
	p.client, err = cometchat.New(e.appID, e.options(cometchat.NewMemorySessionStore())...)
	if err != nil {
		return err
	}
	p.client.AddLoginListener("interop", cometchat.LoginListener{LogoutSuccess: func() { p.write(line{Event: "logoutSuccess"}) }})
	var telling sync.WaitGroup
	events := p.client.Events(ctx)
	telling.Go(func() {
		for event := range events {
			p.tell(event)
		}
	})
	defer telling.Wait()
	defer p.client.Close()
	commands := bufio.NewScanner(in)
	for commands.Scan() {
		l := line{Done: commands.Text()}
		value, err := p.do(ctx, commands.Text())
		if l.Value = value; err != nil {
			l.Error = err.Error()
		}
		p.write(l)
	}
	return commands.Err()
}

// do does what a command says.
func (p *peer) do(ctx context.Context, command string) (value string, err error) {
	verb, argument, _ := strings.Cut(command, " ")
	switch verb {
	case "login":
		_, err = p.client.Login(ctx, argument, p.emulator.authKey)
	case "logout":
		err = p.client.Logout(ctx)
	case "connect":
		err = p.client.Connect(ctx)
	case "disconnect":
		err = p.client.Disconnect()
	case "status":
		value = p.client.ConnectionStatus().String()
	case "count":
		var count int
		count, err = p.client.OnlineUserCount(ctx)
		value = fmt.Sprint(count)
	case "user":
		var u *cometchat.User
		if u, err = p.client.GetLoggedinUser(ctx); u != nil {
			value = u.UID
		}
	case "files", "conversations", "unread", "markread":
		value, err = p.doMessages(ctx, verb, argument)
	case "talk", "text", "transient", "mark", "read":
		value, err = p.doTalk(ctx, verb, argument)
	case "group":
		err = p.doGroup(ctx, argument)
	case "say", "type", "rest", "receive", "see", "react", "edit", "delete":
		err = p.doChat(ctx, verb, argument)
	default:
		err = fmt.Errorf("there is no command %q", command)
	}
	return value, err
}

// tell writes an event with its name in the JavaScript SDK.
func (p *peer) tell(event cometchat.Event) {
	switch e := event.(type) {
	case cometchat.ConnectionChanged:
		names := map[cometchat.ConnectionStatus]string{
			cometchat.Connecting: "inConnecting", cometchat.Connected: "onConnected", cometchat.Disconnected: "onDisconnected",
		}
		p.write(line{Event: names[e.Status]})
	case cometchat.PresenceChanged:
		names := map[string]string{cometchat.StatusOnline: "onUserOnline", cometchat.StatusOffline: "onUserOffline"}
		p.write(line{Event: names[e.Status], Value: e.User.UID})
	default:
		if h := viewEvent(event); h.Event != "" {
			p.write(line{Event: h.Event, Value: h.Value})
		} else {
			p.write(line{Event: strings.TrimPrefix(fmt.Sprintf("%T", event), "cometchat.")})
		}
	}
}
