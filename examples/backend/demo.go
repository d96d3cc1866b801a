package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/webhook"
)

// demonstrate starts the backend and plays its clients. The lines of the log are part of the story.
func demonstrate(ctx context.Context, stdout io.Writer, c config, listener net.Listener) (err error) {
	out := &lockedWriter{w: stdout}
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
	c.log = slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	end, err := serve(ctx, c, listener)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	url := urlOf(listener)
	client := &http.Client{Timeout: time.Minute}
	defer client.CloseIdleConnections()
	d := &demo{say, client, url}
	say("\n1. The backend is running at %s.", url)

	say("\n2. Ada signs up. The backend creates her CometChat user, welcomes her in the chat, and gives her a session cookie.")
	const body = `{"name":"ada","password":"a long password"}`
	if _, err = d.post(ctx, "/signup", body, http.StatusNoContent, nil); err != nil {
		return err
	}
	say("\n3. Later she logs in. A wrong password does not do.")
	if _, err = d.post(ctx, "/login", strings.Replace(body, "long", "wrong", 1), http.StatusUnauthorized, nil); err != nil {
		return err
	}
	login, err := d.post(ctx, "/login", body, http.StatusNoContent, nil)
	if err != nil {
		return err
	}
	cookie := http.Header{"Cookie": {login.cookie}}

	say("\n4. Her app gets an auth token with the cookie, and logs in to CometChat with the token.")
	answer, err := d.post(ctx, "/chat/token", "", http.StatusOK, cookie)
	if err != nil {
		return err
	}
	chat, err := logIn(ctx, c, answer.body, say)
	if err != nil {
		return err
	}
	defer chat.Close()

	say("\n5. Without the cookie there is no token, and a page of another site gets none with her cookie. The log warns of the page.")
	if _, err = d.post(ctx, "/chat/token", "", http.StatusUnauthorized, nil); err != nil {
		return err
	}
	foreign := http.Header{"Cookie": {login.cookie}, "Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}}
	if _, err = d.post(ctx, "/chat/token", "", http.StatusForbidden, foreign); err != nil {
		return err
	}

	say("\n6. CometChat delivers an event to the webhook, twice: it is handled once. Somebody else does not know the password.")
	for _, password := range []string{c.webhookPassword, c.webhookPassword, "a guess"} {
		if err = d.deliver(ctx, password); err != nil {
			return err
		}
	}

	if c.emulated { // CometChat itself does not reach this machine
		say("\n7. Ada mentions the helper. The emulator reports it to the webhook, and the helper answers.")
		if err = ask(ctx, chat, say); err != nil {
			return err
		}
	}

	say("\n8. The same backend with a mistyped API key: the clients learn nothing, and the log says what to do.")
	wrong := c
	wrong.apiKey = strings.Repeat("0", 40)
	if listener, err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	endWrong, err := serve(ctx, wrong, listener)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, endWrong()) }()
	d.url = urlOf(listener)
	if login, err = d.post(ctx, "/signup", body, http.StatusNoContent, nil); err != nil {
		return err
	}
	_, err = d.post(ctx, "/chat/token", "", http.StatusBadGateway, http.Header{"Cookie": {login.cookie}})
	return err
}

// lockedWriter lets the story and the log share the output.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer // guarded by mu
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// demo plays the clients of the backend.
type demo struct {
	say    func(format string, args ...any)
	client *http.Client
	url    string
}

type answer struct {
	cookie string // of a new session, as a client sends it back
	body   []byte
}

// post makes a request, and fails unless the answer has the status want.
func (d *demo) post(ctx context.Context, path, body string, want int, header http.Header) (*answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.url+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	maps.Copy(r.Header, header)
	return d.do(r, want)
}

// deliver delivers a message's event, as CometChat does.
func (d *demo) deliver(ctx context.Context, password string) error {
	r, err := webhook.NewRequest(ctx, d.url+"/webhooks/cometchat", webhookUsername, password, &webhook.Event{
		Trigger: "message_sent", AppID: "app", Webhook: "messages",
		Data: json.RawMessage(`{"message":{"id":"57","sender":"ada","receiver":"ben","receiverType":"user"}}`),
	})
	if err != nil {
		return err
	}
	want := http.StatusOK
	if password == "a guess" {
		want = http.StatusUnauthorized
	}
	_, err = d.do(r, want)
	return err
}

func (d *demo) do(r *http.Request, want int) (*answer, error) {
	resp, err := d.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	a := &answer{}
	if a.body, err = io.ReadAll(io.LimitReader(resp.Body, 1<<16)); err != nil {
		return nil, err
	}
	d.say("   POST %s: %s", r.URL.Path, resp.Status)
	if resp.StatusCode != want {
		return nil, fmt.Errorf("POST %s was answered with %s, not %d: %s", r.URL.Path, resp.Status, want, a.body)
	}
	for _, c := range resp.Cookies() {
		a.cookie = c.Name + "=" + c.Value
	}
	return a, nil
}

// logIn logs in to CometChat with the answer of /chat/token, and shows the messages that the user has.
func logIn(ctx context.Context, c config, body []byte, say func(string, ...any)) (*cometchat.Client, error) {
	var token struct{ AuthToken string }
	if err := json.Unmarshal(body, &token); err != nil {
		return nil, err
	}
	client, err := cometchat.New(c.appID, c.options...)
	if err != nil {
		return nil, err
	}
	user, err := client.LoginWithToken(ctx, token.AuthToken)
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	say("   Logged in to CometChat as %s.", user.Name)
	for m, err := range client.ListMessages(ctx, cometchat.MessagesRequest{}) {
		if err != nil {
			return nil, errors.Join(err, client.Close())
		}
		say("   %s: %s", m.Sender.Name, m.Text)
	}
	return client, nil
}

// ask mentions the helper, and waits for the answer.
func ask(ctx context.Context, chat *cometchat.Client, say func(string, ...any)) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	events := chat.Events(ctx)
	if err := chat.Connect(ctx); err != nil {
		return err
	}
	text := "Are you there, " + cometchat.Mention(helperUID) + "?"
	if _, err := chat.SendMessage(ctx, cometchat.NewTextMessage(cometchat.ToUser(helperUID), text)); err != nil {
		return err
	}
	for e := range events {
		if m, ok := e.(cometchat.MessageReceived); ok && m.Message.Sender.UID == helperUID {
			say("   %s: %s", m.Message.Sender.Name, m.Message.Text)
			return nil
		}
	}
	return fmt.Errorf("the helper did not answer: %w", context.Cause(ctx))
}
