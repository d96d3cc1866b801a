package cometchat_test

import (
	"bufio"
	"context"
	"crypto/sha1" //nolint:gosec // RFC 6455 has it
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// flood is a server that sends many presence frames over its first live connection as fast as it can, about the users 0, 1, 2 and
// so on, and then a frame of the type "end". It refuses further connections.
type flood struct {
	frames int
	begun  atomic.Bool
}

func (f *flood) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/":
		if f.begun.Swap(true) {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if conn, rw, err := http.NewResponseController(w).Hijack(); err == nil {
			f.pour(conn, rw, r.Header.Get("Sec-WebSocket-Key"))
			_ = conn.Close()
		}
	case "/v3.0/settings":
		host, port, _ := net.SplitHostPort(r.Host)
		number, _ := strconv.Atoi(port)
		_ = json.NewEncoder(w).Encode(data(object{"CHAT_HOST": host, "CHAT_WSS_PORT": number}))
	case "/v3.0/messages":
		_ = json.NewEncoder(w).Encode(data([]any{}))
	default:
		_ = json.NewEncoder(w).Encode(data(meAnswer(uid1)))
	}
}

// pour speaks as much of the WebSocket protocol as a flood needs.
func (f *flood) pour(conn net.Conn, rw *bufio.ReadWriter, key string) {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // RFC 6455 has it
	_, _ = fmt.Fprintf(rw, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: %s\r\n\r\n", base64.StdEncoding.EncodeToString(sum[:]))
	say := func(frame string) {
		const text, length16 = 0x81, 126
		_, _ = rw.Write([]byte{text, length16})
		_ = binary.Write(rw, binary.BigEndian, uint16(len(frame))) //nolint:gosec // frames are short
		_, _ = rw.WriteString(frame)
	}
	say(`{"type":"auth","body":{"code":"200","status":"OK"}}`)
	for i := range f.frames {
		say(fmt.Sprintf(`{"type":"presence","body":{"action":"online","user":{"uid":"%d","name":"A name"},"timestamp":1700000000}}`, i))
	}
	_ = rw.Flush()
	_, _ = io.Copy(io.Discard, conn) // until the client goes
}

// missed is a log that adds up how many events the listeners have missed.
type missed struct {
	slog.Handler
	events atomic.Int64
}

func (m *missed) Enabled(context.Context, slog.Level) bool { return true }

func (m *missed) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if strings.Contains(r.Message, "too slow") && a.Key == "events" {
			m.events.Add(a.Value.Int64())
		}
		return true
	})
	return nil
}

// order checks that users come in the order of their numbers, and counts those that do not come.
type order struct {
	t            *testing.T
	next, passed int
}

func (o *order) hear(u *cometchat.User) {
	number, err := strconv.Atoi(u.UID)
	if err != nil || number < o.next {
		assert.Fail(o.t, "out of order", "%q after %d", u.UID, o.next-1)
	}
	o.passed += number - o.next
	o.next = number + 1
}

// TestFlood has many presence frames come to two loops and three listeners, one of each slow. Each is told each frame, in order,
// or how many frames it has missed.
func TestFlood(t *testing.T) {
	t.Parallel()
	sent := 20_000
	if *full {
		sent = 100_000
	}
	server := httptest.NewServer(&flood{frames: sent})
	defer server.Close()
	log := &missed{}
	c, err := cometchat.New(appID, cometchat.WithAdminHost(server.URL+"/v3.0"), cometchat.WithClientHost(server.URL+"/v3.0"),
		cometchat.WithLogger(slog.New(log)))
	require.NoError(t, err)
	defer func() { assert.NoError(t, c.Close()) }()
	_, err = c.LoginWithToken(t.Context(), tokenOf(uid1))
	require.NoError(t, err)

	allSent := make(chan struct{}) // the slow subscribers wait for it
	var calls atomic.Int64
	for i := range 3 {
		o := &order{t: t}
		c.AddUserListener(fmt.Sprint(i), cometchat.UserListener{UserOnline: func(u *cometchat.User) {
			if i == 2 {
				<-allSent
			}
			o.hear(u)
			calls.Add(1)
		}})
	}
	quick, slow := c.Events(t.Context()), c.Events(t.Context())
	start := time.Now()
	require.NoError(t, c.Connect(t.Context()))
	heard, dropped := 0, 0
	count := func(name string, events func(func(cometchat.Event) bool)) {
		o := &order{t: t}
		heard, dropped = 0, 0
		for e := range events {
			switch e := e.(type) {
			case cometchat.PresenceChanged:
				o.hear(e.User)
				heard++
				assert.Equal(t, dropped, o.passed, "%s: EventsDropped counts the missing events", name)
			case cometchat.EventsDropped:
				dropped += e.Count
			}
			if heard+dropped >= sent {
				break
			}
		}
		t.Logf("%s: %d events, %d dropped", name, heard, dropped)
		assert.Equal(t, sent, heard+dropped, name)
	}
	count("a loop", quick)
	t.Logf("%d frames took %v", sent, time.Since(start).Round(time.Millisecond))
	close(allSent)
	count("a slow loop", slow)
	assert.Positive(t, dropped)
	assert.Eventually(t, func() bool { return calls.Load()+log.events.Load() == int64(3*sent) }, time.Minute, time.Millisecond)
	t.Logf("three listeners: %d calls, %d dropped", calls.Load(), log.events.Load())
	assert.Positive(t, log.events.Load())
}
