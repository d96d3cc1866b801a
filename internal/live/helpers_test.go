package live_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/cometchat-go/cometchat/internal/live"
	"github.com/stretchr/testify/require"
)

const (
	accepted = `{"type":"auth","body":{"code":"200","status":"OK"}}`
	refused  = `{"type":"auth","body":{"code":"401","status":"ERROR"}}`
	pong     = `{"action":"pong","ack":"true"}`
)

// peer is the server's end of a socket.
type peer struct {
	*websocket.Conn
	t *testing.T
}

func (p *peer) read() string {
	_, frame, err := p.Read(context.Background())
	if err != nil {
		return ""
	}
	return string(frame)
}

func (p *peer) say(frame string) {
	_ = p.Write(context.Background(), websocket.MessageText, []byte(frame))
}

// answerPings answers pings until the connection is over.
func (p *peer) answerPings() {
	for {
		switch frame := p.read(); {
		case frame == "":
			return
		case strings.Contains(frame, "ping"):
			p.say(pong)
		}
	}
}

// world is a server in memory, and a link to it.
type world struct {
	*live.Link
	serve func(n int, p *peer) // the nth connection, from 1

	mu      sync.Mutex
	dials   int
	refuse  func(n int) error // nil: every dial succeeds
	changes []string
	frames  []string
	renewed int
	moved   int
	serving sync.WaitGroup
	gone    bool // the endpoint fails for good
	config  live.Config
}

// pipes is a listener in memory.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}
func (l pipes) Close() error   { close(l.done); return nil }
func (l pipes) Addr() net.Addr { return &net.UnixAddr{} }

// inBubble runs a test with a world, in a synctest bubble. Time passes only when everything waits.
func inBubble(t *testing.T, name string, serve func(n int, p *peer), test func(t *testing.T, w *world)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := &world{serve: serve}
			w.start(t)
			test(t, w)
		})
	})
}

func (w *world) start(t *testing.T) {
	t.Helper()
	listener := pipes{make(chan net.Conn), make(chan struct{})}
	var count int
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.serving.Add(1)
		defer w.serving.Done()
		conn, err := websocket.Accept(rw, r, nil)
		if err != nil {
			return
		}
		w.mu.Lock()
		count++
		n := count
		w.mu.Unlock()
		p := &peer{Conn: conn, t: t}
		w.serve(n, p)
		_ = conn.CloseNow()
	})}
	go func() { _ = server.Serve(listener) }()
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		w.mu.Lock()
		w.dials++
		n, refuse := w.dials, w.refuse
		w.mu.Unlock()
		if refuse != nil {
			if err := refuse(n); err != nil {
				return nil, err
			}
		}
		here, there := net.Pipe()
		select {
		case listener.conns <- there:
			return here, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}
	w.config.HTTPClient = &http.Client{Transport: transport}
	if w.config.Endpoint == nil {
		w.config.Endpoint = func(_ context.Context, renew, moved bool) (live.Endpoint, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			if renew {
				w.renewed++
			}
			if moved {
				w.moved++
			}
			if w.gone {
				return live.Endpoint{}, errGone
			}
			return live.Endpoint{URL: "ws://chat.example/", Auth: fmt.Appendf(nil, `{"type":"auth","jwt":%d}`, w.renewed)}, nil
		}
	}
	w.config.Final = func(err error) bool { return errors.Is(err, errGone) }
	w.config.Changed = func(c live.Change) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.changes = append(w.changes, describe(c))
	}
	w.config.Received = func(frame []byte) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.frames = append(w.frames, string(frame))
	}
	w.Link = live.NewLink(w.config)
	t.Cleanup(func() {
		w.Close()
		_ = server.Close()
		transport.CloseIdleConnections()
		w.serving.Wait()
	})
}

var errGone = errors.New("the token is gone")

func describe(c live.Change) string {
	text := map[live.Status]string{live.Disconnected: "disconnected", live.Connecting: "connecting", live.Connected: "connected"}[c.Status]
	if closed, ok := errors.AsType[*live.ClosedError](c.Err); ok {
		text += fmt.Sprintf(" %d %s", closed.Code, closed.Reason)
	} else if c.Err != nil {
		text += " (" + c.Err.Error() + ")"
	}
	if c.RetryIn > 0 {
		text += ", retries"
	}
	return text
}

// take returns the changes since the last take.
func (w *world) take() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := strings.Join(w.changes, "; ")
	w.changes = nil
	return taken
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// connect connects, and forgets the changes.
func (w *world) connect(t *testing.T) {
	t.Helper()
	require.NoError(t, w.Connect(t.Context()))
	w.take()
}

// letIn accepts the auth frame and answers pings.
func letIn(_ int, p *peer) {
	p.read()
	p.say(accepted)
	p.answerPings()
}
