//go:build unix && !race

package benchmarks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/cometchat-go/cometchat"
)

const (
	acceptedFrame = `{"appId":"` + appID + `","type":"auth","body":{"code":"200","status":"OK"}}`
	pongFrame     = `{"action":"pong","ack":"true"}`
)

var presenceFrame = []byte(`{"appId":"` + appID + `","deviceId":"","type":"presence","sender":"` + uid + `","body":{` +
	`"action":"online","user":{` + userFields + `},"timestamp":1690000400}}`)

// messageFrame is a frame of some 660 bytes with this message id: the SDK tells of each message once.
func messageFrame(id int) []byte {
	const user = `"name":"Andrew Joseph","avatar":"https://example.com/a.webp","status":"online","role":"default"`
	return fmt.Appendf(nil, `{"appId":"`+appID+`","deviceId":"other","type":"message","sender":"cometchat-uid-2","receiver":"`+uid+`",`+
		`"receiverType":"user","body":{"id":"%d","muid":"m-1","conversationId":"`+uid+`_user_cometchat-uid-2","sender":"cometchat-uid-2",`+
		`"receiverType":"user","receiver":"`+uid+`","category":"message","type":"text","data":{"text":"Hello, how are you?",`+
		`"entities":{"sender":{"entity":{"uid":"cometchat-uid-2",`+user+`},"entityType":"user"},`+
		`"receiver":{"entity":{"uid":"`+uid+`",`+user+`},"entityType":"user"}}},"sentAt":1700000000,"updatedAt":1700000000}}`, id)
}

// liveServer lets every live connection in.
type liveServer struct {
	*httptest.Server
	conns chan *websocket.Conn // those that have been let in
}

func newLiveServer(tb testing.TB) *liveServer {
	tb.Helper()
	s := &liveServer{conns: make(chan *websocket.Conn, 1)}
	s.Server = httptest.NewServer(s)
	tb.Cleanup(s.Close)
	return s
}

func (s *liveServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/":
		if conn, err := websocket.Accept(w, r, nil); err == nil {
			s.serve(conn) //nolint:contextcheck // the floor has no context that can end
			_ = conn.CloseNow()
		}
	case "/v3.0/settings":
		host, port, _ := net.SplitHostPort(r.Host)
		_, _ = fmt.Fprintf(w, `{"data":{"CHAT_HOST":%q,"CHAT_WSS_PORT":%s}}`, host, port) //nolint:gosec // it is the key of a WebSocket, and no page
	case "/v3.0/messages":
		_, _ = fmt.Fprint(w, `{"data":[],"meta":{}}`)
	default:
		answer(w, r)
	}
}

func (s *liveServer) serve(conn *websocket.Conn) {
	ctx := context.Background()
	if _, _, err := conn.Read(ctx); err != nil {
		return
	}
	_ = conn.Write(ctx, websocket.MessageText, []byte(acceptedFrame))
	s.conns <- conn
	for {
		if _, _, err := conn.Read(ctx); err != nil {
			return
		}
		_ = conn.Write(ctx, websocket.MessageText, []byte(pongFrame))
	}
}

// audience hears of frames that it asks the server for.
type audience struct {
	conn    *websocket.Conn // the server's end
	frames  int             // that it asks for at once
	frame   func(n int) []byte
	asked   int
	missing int // only the goroutine of the listener uses it while frames come
	heard   chan struct{}
}

func newAudience(frames int, frame func(int) []byte) *audience {
	return &audience{frames: frames, frame: frame, heard: make(chan struct{})}
}

func (a *audience) hear(from string) {
	if a.missing--; a.missing == 0 && from != "" {
		a.heard <- struct{}{}
	}
}

// ask has the server send frames, and waits until the listener has heard all of them.
func (a *audience) ask(ctx context.Context) error {
	a.missing = a.frames
	for range a.frames {
		a.asked++
		if err := a.conn.Write(ctx, websocket.MessageText, a.frame(a.asked)); err != nil {
			return err
		}
	}
	<-a.heard
	return nil
}

// listening compares the way of frames from the socket to a listener. read is the floor's.
func listening(tb testing.TB, frames int, frame func(int) []byte,
	read func(context.Context, *websocket.Conn, func(string)), subscribe func(*cometchat.Client, func(string)),
) *comparison {
	tb.Helper()
	s := newLiveServer(tb)
	floor, sdk := newAudience(frames, frame), newAudience(frames, frame)

	bare, resp, err := websocket.Dial(tb.Context(), "ws"+strings.TrimPrefix(s.URL, "http"), nil)
	if err != nil {
		tb.Fatal(errors.Join(err, resp.Body.Close()))
	}
	tb.Cleanup(func() { _ = bare.CloseNow() })
	if err := bare.Write(tb.Context(), websocket.MessageText, []byte(`{"type":"auth"}`)); err != nil {
		tb.Fatal(err)
	}
	floor.conn = <-s.conns
	go read(context.Background(), bare, floor.hear)

	c, err := cometchat.New(appID, cometchat.WithAdminHost(s.URL+"/v3.0"), cometchat.WithClientHost(s.URL+"/v3.0"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.Close() })
	subscribe(c, sdk.hear)
	if _, err := c.LoginWithToken(tb.Context(), tokens[0]); err != nil {
		tb.Fatal(err)
	}
	if err := c.Connect(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	sdk.conn = <-s.conns
	return &comparison{
		goroutines: 1, turns: 8, calls: max(1, 400/frames), timeGoal: 1.4, extraAllocs: 10 * float64(frames),
		floor: floor.ask, sdk: sdk.ask,
	}
}

// presence compares frames about presence.
func presence(tb testing.TB, frames int) *comparison {
	tb.Helper()
	frame := func(int) []byte { return presenceFrame }
	return listening(tb, frames, frame, readPresence, func(c *cometchat.Client, hear func(string)) {
		c.AddUserListener("", cometchat.UserListener{UserOnline: func(u *cometchat.User) { hear(u.UID) }})
	})
}

// messages compares messages.
func messages(tb testing.TB, frames int) *comparison {
	tb.Helper()
	c := listening(tb, frames, messageFrame, readMessages, func(c *cometchat.Client, hear func(string)) {
		c.AddMessageListener("", cometchat.MessageListener{MessageReceived: func(m *cometchat.Message) { hear(m.Sender.UID) }})
	})
	c.extraAllocs = 20 * float64(frames)
	return c
}

// readPresence is the floor: a loop that reads frames strictly and tells of those about presence. Its context cannot end, which
// spares coder/websocket twelve allocations a frame.
func readPresence(ctx context.Context, conn *websocket.Conn, hear func(uid string)) {
	for {
		_, frame, err := conn.Read(ctx)
		if err != nil {
			return
		}
		var f struct {
			Type     string `json:"type"`
			DeviceID string `json:"deviceId"`
			Body     struct {
				Action    string    `json:"action"`
				User      floorUser `json:"user"`
				Timestamp unix      `json:"timestamp"`
			} `json:"body"`
		}
		if json.Unmarshal(frame, &f) != nil {
			return
		}
		if f.Type == "auth" {
			continue
		}
		hear(f.Body.User.user().UID)
	}
}

// readMessages is the floor for messages, with the fields that readPresence leaves out.
func readMessages(ctx context.Context, conn *websocket.Conn, hear func(sender string)) {
	for {
		_, frame, err := conn.Read(ctx)
		if err != nil {
			return
		}
		var f struct {
			Type         string       `json:"type"`
			DeviceID     string       `json:"deviceId"`
			Sender       string       `json:"sender"`
			Receiver     string       `json:"receiver"`
			ReceiverType string       `json:"receiverType"`
			Body         floorMessage `json:"body"`
		}
		if json.Unmarshal(frame, &f) != nil {
			return
		}
		if f.Type == "auth" {
			continue
		}
		hear(f.Body.Data.Entities.Sender.Entity.user().UID)
	}
}

// TestPresenceFrame waits for each frame before the next, TestPresenceFrames for a hundred.
func TestPresenceFrame(t *testing.T) { presence(t, 1).test(t) }

func TestPresenceFrames(t *testing.T) { presence(t, 100).test(t) }

func BenchmarkPresenceFrame(b *testing.B) { presence(b, 1).benchmark(b) }

func TestMessageFrame(t *testing.T) { messages(t, 1).test(t) }

func TestMessageFrames(t *testing.T) { messages(t, 100).test(t) }

func BenchmarkMessageFrame(b *testing.B) { messages(b, 1).benchmark(b) }
