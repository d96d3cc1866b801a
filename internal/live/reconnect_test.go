package live_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/cometchat-go/cometchat/internal/live"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mishap is a way in which a connection fails, or an attempt to connect.
type mishap struct {
	name     string
	share    int  // how often it happens in 200 attempts
	connects bool // the client is connected before it fails
	happen   func(s *storm, p *peer)
	told     func(error) bool // whether the error says what has happened
}

// mishaps are all ways to fail. The two that a client notices by a wait alone are rare.
func mishaps() []mishap {
	all := []mishap{
		{"cut", 38, true, func(_ *storm, p *peer) { p.letIn() }, func(err error) bool {
			return err != nil && closeCode(err) == 0 && !errors.Is(err, live.ErrSilent)
		}},
		{"half-open", 1, true, func(s *storm, p *peer) { p.accept(); s.wait() }, isError(live.ErrSilent)},
		{"no auth answer", 1, false, func(s *storm, p *peer) { p.read(); s.wait() }, isError(live.ErrNoAnswer)},
		{"refused, then let in", 20, true, func(_ *storm, p *peer) {
			if strings.Contains(p.read(), "renewed") {
				p.say(accepted)
				p.pong()
				_ = p.Close(websocket.StatusPolicyViolation, "")
				return
			}
			p.say(refused)
			_ = p.Close(websocket.StatusPolicyViolation, "")
		}, isClose(1008)},
		{"accepted, then closed", 20, true, func(_ *storm, p *peer) {
			p.accept()
			_ = p.Close(websocket.StatusInternalError, "")
		}, isClose(1011)},
		{"cut before the auth answer", 20, false, func(_ *storm, p *peer) { p.read() }, func(err error) bool { return err != nil }},
		{"not opened", 10, false, nil, func(err error) bool {
			dial, ok := errors.AsType[*live.DialError](err)
			return ok && dial.Status == http.StatusServiceUnavailable
		}},
	}
	for _, code := range []websocket.StatusCode{1000, 1001, 1008, 1011, 4001, 4401} {
		all = append(all, mishap{fmt.Sprint("close with ", code), 15, true, func(_ *storm, p *peer) {
			p.letIn()
			_ = p.Close(code, "")
		}, isClose(int(code))})
	}
	return all
}

func isError(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func isClose(code int) func(error) bool {
	return func(err error) bool { return closeCode(err) == code }
}

func closeCode(err error) int {
	if closed, ok := errors.AsType[*live.ClosedError](err); ok {
		return closed.Code
	}
	return 0
}

func (p *peer) accept() {
	p.read()
	p.say(accepted)
}

// pong answers the first ping, which proves the connection good.
func (p *peer) pong() {
	p.read()
	p.say(pong)
}

func (p *peer) letIn() {
	p.accept()
	p.pong()
}

// deck returns n mishaps in a random order.
func deck(n int) []mishap {
	var all []mishap
	for len(all) < n {
		for _, m := range mishaps() {
			all = append(all, slices.Repeat([]mishap{m}, m.share)...)
		}
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] }) //nolint:gosec // it is no secret
	return all[:n]
}

// storm is a server whose connections fail one after the other, and what its client says about it.
type storm struct {
	*live.Link
	t       *testing.T
	deck    []mishap
	number  atomic.Int64  // of the mishap that happens now
	up      chan struct{} // has a value after a Connected
	over    chan struct{} // closed when the client is connected after the last mishap
	echo    chan string
	changes []live.Status // since the last Disconnected; Link calls changed one at a time

	mu      sync.Mutex
	waiting context.CancelFunc // guarded by mu: ends the wait of the connection before
}

// wait waits until the client connects again.
func (s *storm) wait() {
	ctx, cancel := context.WithCancel(context.Background())
	s.mu.Lock()
	s.waiting = cancel
	s.mu.Unlock()
	<-ctx.Done()
}

func (s *storm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if s.waiting != nil {
		s.waiting()
	}
	s.mu.Unlock()
	number := int(s.number.Load())
	if number < len(s.deck) && s.deck[number].happen == nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if !assert.NoError(s.t, err) {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	p := &peer{Conn: conn, t: s.t}
	if number < len(s.deck) {
		s.deck[number].happen(s, p)
		return
	}
	p.accept()
	for frame := p.read(); frame != ""; frame = p.read() {
		if strings.Contains(frame, "ping") {
			frame = pong
		}
		p.say(frame)
	}
}

// changed checks each change of the status.
func (s *storm) changed(c live.Change) {
	assert.Equal(s.t, c.Status, s.Status())
	s.changes = append(s.changes, c.Status)
	number := int(s.number.Load())
	switch {
	case c.Status == live.Connected && number == len(s.deck):
		close(s.over)
	case c.Status == live.Connected:
		select {
		case s.up <- struct{}{}:
		default:
		}
	case c.Status == live.Disconnected && number < len(s.deck):
		m, want := s.deck[number], []live.Status{live.Connecting, live.Disconnected}
		if m.connects {
			want = []live.Status{live.Connecting, live.Connected, live.Disconnected}
		}
		assert.Equal(s.t, want, s.changes, "%d: %s", number, m.name)
		assert.True(s.t, m.told(c.Err), "%d: %s: %v", number, m.name, c.Err)
		s.changes = s.changes[:0]
		s.number.Add(1)
	}
}

// rage connects a link, has n mishaps happen to it, and returns the heap that is in use while it is connected at the end.
func rage(t *testing.T, n int) (inUse int) {
	t.Helper()
	s := &storm{t: t, deck: deck(n), up: make(chan struct{}, 1), over: make(chan struct{}), echo: make(chan string, 1)}
	server := httptest.NewServer(s)
	defer server.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	s.Link = live.NewLink(live.Config{
		HTTPClient: &http.Client{Transport: transport}, Changed: s.changed, Received: func(frame []byte) { s.echo <- string(frame) },
		Final: func(error) bool { return false },
		Endpoint: func(_ context.Context, renew, _ bool) (live.Endpoint, error) {
			auth := "first"
			if renew {
				auth = "renewed"
			}
			return live.Endpoint{URL: "ws" + strings.TrimPrefix(server.URL, "http"), Auth: []byte(auth)}, nil
		},
		Intervals: live.Intervals{
			Auth: 200 * time.Millisecond, Pong: 200 * time.Millisecond, FirstWait: 10 * time.Microsecond, MaxWait: 100 * time.Microsecond,
		},
	})
	defer s.Close()
	require.NoError(t, s.Keep())
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for over := false; !over; {
		select {
		case <-s.up:
			_ = s.Connect(canceled) // ends nothing; changed would see it
		case <-s.over:
			over = true
		}
	}
	require.NoError(t, s.Connect(t.Context()))
	_ = s.Connect(canceled)
	require.NoError(t, s.Send([]byte(`"still there"`)))
	assert.Equal(t, `"still there"`, <-s.echo)
	inUse = heap()
	s.End(nil)
	assert.Equal(t, live.Disconnected, s.Status())
	return inUse
}

// TestReconnects has 1,000 connections in a row fail on real sockets. It is not parallel: it measures the process.
func TestReconnects(t *testing.T) { //nolint:paralleltest // see above
	reconnects := 1_000
	if testing.Short() {
		reconnects = 100
	}
	before := rage(t, 20)
	goroutines, files := runtime.NumGoroutine(), openFiles()
	start := time.Now()
	grown := rage(t, reconnects) - before
	t.Logf("%d reconnects took %v; the heap has grown by %.1f KiB", reconnects, time.Since(start).Round(time.Millisecond),
		float64(grown)/(1<<10))
	assert.Less(t, grown, 256<<10)
	assert.Eventually(t, func() bool {
		return runtime.NumGoroutine() <= goroutines+1 && openFiles() <= files // one more: Eventually's own
	}, 5*time.Second, time.Millisecond, "goroutines or open files are left")
}

// heap returns how many bytes are in use.
func heap() int {
	runtime.GC()
	runtime.GC() // collects what the first one has taken out of pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc) //nolint:gosec // it is no exabyte
}

// openFiles returns how many files the process has open; 0 where no list of them exists.
func openFiles() int {
	files, _ := os.ReadDir("/proc/self/fd")
	return len(files)
}
