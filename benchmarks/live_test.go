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

// audience hears of presence, in frames that it asks the server for.
type audience struct {
	conn    *websocket.Conn // the server's end
	frames  int             // that it asks for at once
	missing int             // only the goroutine of the listener uses it while frames come
	heard   chan struct{}
}

func newAudience(frames int) *audience { return &audience{frames: frames, heard: make(chan struct{})} }

func (a *audience) hear(u *cometchat.User) {
	if a.missing--; a.missing == 0 && u.UID == uid {
		a.heard <- struct{}{}
	}
}

// ask has the server send frames, and waits until the listener has heard all of them.
func (a *audience) ask(ctx context.Context) error {
	a.missing = a.frames
	for range a.frames {
		if err := a.conn.Write(ctx, websocket.MessageText, presenceFrame); err != nil {
			return err
		}
	}
	<-a.heard
	return nil
}

// presence compares the way of presence frames from the socket to a listener.
func presence(tb testing.TB, frames int) *comparison {
	tb.Helper()
	s := newLiveServer(tb)
	floor, sdk := newAudience(frames), newAudience(frames)

	bare, resp, err := websocket.Dial(tb.Context(), "ws"+strings.TrimPrefix(s.URL, "http"), nil)
	if err != nil {
		tb.Fatal(errors.Join(err, resp.Body.Close()))
	}
	tb.Cleanup(func() { _ = bare.CloseNow() })
	if err := bare.Write(tb.Context(), websocket.MessageText, []byte(`{"type":"auth"}`)); err != nil {
		tb.Fatal(err)
	}
	floor.conn = <-s.conns
	go readPresence(context.Background(), bare, floor.hear)

	c, err := cometchat.New(appID, cometchat.WithAdminHost(s.URL+"/v3.0"), cometchat.WithClientHost(s.URL+"/v3.0"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.Close() })
	c.AddUserListener("", cometchat.UserListener{UserOnline: sdk.hear})
	if _, err := c.LoginWithToken(tb.Context(), tokens[0]); err != nil {
		tb.Fatal(err)
	}
	if err := c.Connect(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	sdk.conn = <-s.conns
	return &comparison{
		goroutines: 1, turns: 20, calls: max(1, 400/frames), timeGoal: 1.4, extraAllocs: 10 * float64(frames),
		floor: floor.ask, sdk: sdk.ask,
	}
}

// readPresence is the floor: a loop that reads frames strictly and tells of those about presence. Its context cannot end, which
// spares coder/websocket twelve allocations a frame.
func readPresence(ctx context.Context, conn *websocket.Conn, hear func(*cometchat.User)) {
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
		hear(f.Body.User.user())
	}
}

// TestPresenceFrame waits for each frame before the next, TestPresenceFrames for a hundred.
func TestPresenceFrame(t *testing.T) { presence(t, 1).test(t) }

func TestPresenceFrames(t *testing.T) { presence(t, 100).test(t) }

func BenchmarkPresenceFrame(b *testing.B) { presence(b, 1).benchmark(b) }
