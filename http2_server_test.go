package cometchat_test

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// childVariable is set in a process that a test has started to run itself again.
const childVariable = "COMETCHAT_TEST_CHILD"

// inChild runs a test again in a process of its own, with these variables in its environment: net/http reads the trusted
// certificates and the proxies once. It returns true in that process.
func inChild(t *testing.T, env ...string) bool {
	t.Helper()
	if os.Getenv(childVariable) != "" {
		return true
	}
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^"+t.Name()+"$", "-test.v", //nolint:gosec // it is this program
		fmt.Sprint("-test.short=", testing.Short()))
	cmd.Env = append(append(os.Environ(), childVariable+"=yes"), env...)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	require.NoError(t, err)
	return false
}

// countingServer is a server that counts its connections.
type countingServer struct {
	*httptest.Server
	made, open atomic.Int32
}

// newCountingServer returns a server, which the test must start. It is closed at the end of the test.
func newCountingServer(t *testing.T, h http.HandlerFunc) *countingServer {
	t.Helper()
	s := &countingServer{Server: httptest.NewUnstartedServer(h)}
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			s.made.Add(1)
			s.open.Add(1)
		case http.StateClosed:
			s.open.Add(-1)
		default:
		}
	}
	s.Config.ErrorLog = silentLog
	t.Cleanup(s.Close)
	return s
}

// assertClosed asserts that a server has no connection two seconds after Close.
func (s *countingServer) assertClosed(t *testing.T) {
	t.Helper()
	assert.Eventually(t, func() bool { return s.open.Load() == 0 }, 2*time.Second, time.Millisecond)
}

// newHTTP2Server starts a server that speaks HTTP/2 over TLS.
func newHTTP2Server(t *testing.T, h http.HandlerFunc, change ...func(*httptest.Server)) *countingServer {
	t.Helper()
	s := newCountingServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Error("not HTTP/2: ", r.Proto)
		}
		h(w, r)
	})
	s.EnableHTTP2 = true
	for _, f := range change {
		f(s.Server)
	}
	s.StartTLS()
	return s
}

// relay carries the connections to a server, until it swallows what they send. New connections work again.
type relay struct {
	net.Listener
	swallows atomic.Pointer[atomic.Bool] // of the connections since the last swallow
	carries  sync.WaitGroup
}

func newRelay(t *testing.T, to net.Addr) *relay {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	r := &relay{Listener: l}
	r.swallows.Store(&atomic.Bool{})
	r.carries.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := new(net.Dialer).DialContext(context.Background(), "tcp", to.String())
			if err != nil {
				_ = client.Close()
				continue
			}
			swallow := r.swallows.Load()
			for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
				r.carries.Go(func() {
					defer func() { _ = way[1].Close() }()
					_, _ = io.Copy(swallower{way[1], swallow}, way[0])
				})
			}
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		r.carries.Wait()
	})
	return r
}

// swallow makes the present connections dead: they stay open, and nothing comes through.
func (r *relay) swallow() { r.swallows.Swap(&atomic.Bool{}).Store(true) }

type swallower struct {
	io.Writer
	swallow *atomic.Bool
}

func (s swallower) Write(p []byte) (int, error) {
	if s.swallow.Load() {
		return len(p), nil
	}
	return s.Writer.Write(p)
}

// The HTTP/2 frames of a server, each with its type, its flags and its stream.
func frame(kind, flags byte, stream uint32, payload string) string {
	header := binary.BigEndian.AppendUint32(nil, uint32(len(payload))<<8|uint32(kind)) //nolint:gosec // a test's payload is short
	return string(binary.BigEndian.AppendUint32(append(header, flags), stream)) + payload
}

func refusedStream(stream uint32) string { return frame(3, 0, stream, "\x00\x00\x00\x07") }

// goAway says that the server has processed no request.
func goAway(uint32) string { return frame(7, 0, 0, "\x00\x00\x00\x00\x00\x00\x00\x00") }

// processed answers with the user in its DATA frame, after a HEADERS frame of ":status: 200".
func processed(stream uint32) string {
	return frame(1, 4, stream, "\x88") + frame(0, 1, stream, `{"data":{"uid":"ada","name":"Ada"}}`)
}

// serveFrames answers the first request of all connections with the first of the answers, and so on.
func serveFrames(t *testing.T, answers ...func(stream uint32) string) (base string) {
	t.Helper()
	certificates := newHTTP2Server(t, nil).TLS.Certificates
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certificates, NextProtos: []string{"h2"}})
	require.NoError(t, err)
	var mu sync.Mutex
	answer := func(stream uint32) string {
		mu.Lock()
		defer mu.Unlock()
		next := answers[0]
		answers = answers[1:]
		return next(stream)
	}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() { converse(conn, answer) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		conns.Wait()
	})
	return "https://" + l.Addr().String()
}

// converse reads the frames of a client, and answers each HEADERS frame.
func converse(conn net.Conn, answer func(stream uint32) string) {
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, frame(4, 0, 0, "")) // SETTINGS
	var preface [24]byte
	_, err := io.ReadFull(conn, preface[:])
	for err == nil {
		var header [9]byte
		if _, err = io.ReadFull(conn, header[:]); err != nil {
			return
		}
		if _, err = io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint32(header[:])>>8)); err != nil {
			return
		}
		if header[3] == 1 {
			_, err = io.WriteString(conn, answer(binary.BigEndian.Uint32(header[5:])))
		}
	}
}
