package cometchat_test

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestHTTP2 uses the SDK's own transport over TLS and HTTP/2, as CometChat's hosts speak it.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		t.Skip("the system decides which certificates are trusted")
	}
	trusted := filepath.Join(t.TempDir(), "trusted.pem")
	certificate := newHTTP2Server(t, nil).Certificate() // all servers of httptest have this one
	require.NoError(t, os.WriteFile(trusted, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}), 0o600))
	if !inChild(t, "SSL_CERT_FILE="+trusted, "SSL_CERT_DIR="+filepath.Dir(trusted)) {
		return
	}
	for name, test := range map[string]func(*testing.T){
		"a call on a dead connection succeeds on a new one":              testDeadConnection,
		"a stream that the server resets is retried":                     testResets,
		"a request that the server has not processed is retried":         testUnprocessed,
		"many calls share few connections":                               testManyCalls,
		"Close leaves no connection, with calls under way":               testCloseDuringCalls,
		"Close leaves no connection, with a handshake under way":         testCloseDuringHandshake,
		"a header that is too long is an error":                          testHeaderLimit,
		"a server without TLS 1.2 is refused":                            testTLSVersion,
		"a server that does not answer is given up after the time limit": testSilentServer,
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); test(t) })
	}
}

// adminOf returns an admin whose calls go to this base URL. It is closed at the end of the test.
func adminOf(t *testing.T, base string, opts ...cometchat.Option) *cometchat.Admin {
	t.Helper()
	a, err := cometchat.NewAdmin(appID, apiKey, append([]cometchat.Option{cometchat.WithAdminHost(base), atOnce}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, a.Close()) })
	return a
}

func getAda(t *testing.T, a *cometchat.Admin) error {
	t.Helper()
	_, err := a.GetUser(t.Context(), "ada")
	return err
}

func answerAda(w http.ResponseWriter, _ *http.Request) { respondTo(w, 200, data(user("ada"))) }

// hastened divides the intervals of the SDK's transport by ten.
var hastened = cometchat.WithTransport(func(next http.RoundTripper) http.RoundTripper {
	tr := next.(*http.Transport)
	tr.HTTP2.SendPingTimeout /= 10
	tr.HTTP2.PingTimeout /= 10
	tr.ResponseHeaderTimeout /= 10
	return tr
})

func testDeadConnection(t *testing.T) {
	t.Helper()
	s := newHTTP2Server(t, answerAda)
	r := newRelay(t, s.Listener.Addr())
	a := adminOf(t, "https://"+r.Addr().String(), hastened)
	require.NoError(t, getAda(t, a))
	r.swallow()
	took := stopwatch()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { assert.NoError(t, getAda(t, a)) })
	}
	wg.Wait()
	assert.Less(t, took(), cometchat.DefaultTimeout/10)
}

func testResets(t *testing.T) {
	t.Helper()
	var requests atomic.Int32
	s := newHTTP2Server(t, func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1)%2 == 1 {
			panic(http.ErrAbortHandler)
		}
		answerAda(w, r)
	})
	a := adminOf(t, s.URL)
	for range 10 {
		require.NoError(t, getAda(t, a))
	}
	assert.EqualValues(t, 20, requests.Load())
	assert.EqualValues(t, 1, s.made.Load(), "the connection stays")
}

func testUnprocessed(t *testing.T) {
	t.Helper()
	for name, refuse := range map[string]func(stream uint32) string{"REFUSED_STREAM": refusedStream, "GOAWAY": goAway} {
		a := adminOf(t, serveFrames(t, processed, refuse, processed))
		require.NoError(t, getAda(t, a), name)
		_, err := a.CreateUser(t.Context(), &cometchat.User{UID: "ada", Name: "Ada"})
		require.NoError(t, err, name)
	}
}

func testManyCalls(t *testing.T) {
	t.Helper()
	for name, tc := range map[string]struct {
		opts []cometchat.Option
		warm bool
		most int32
	}{
		"a connection that is there":               {nil, true, 1},
		"with WithMaxConns, also if there is none": {[]cometchat.Option{cometchat.WithMaxConns(4)}, false, 12},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newHTTP2Server(t, answerAda)
			a := adminOf(t, s.URL, tc.opts...)
			if tc.warm {
				require.NoError(t, getAda(t, a))
			}
			var wg sync.WaitGroup
			for range 200 {
				wg.Go(func() { assert.NoError(t, getAda(t, a)) })
			}
			wg.Wait()
			assert.LessOrEqual(t, s.made.Load(), tc.most)
		})
	}
}

func testCloseDuringCalls(t *testing.T) {
	t.Helper()
	const calls = 20
	begun := make(chan struct{}, calls)
	s := newHTTP2Server(t, func(_ http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		<-r.Context().Done()
	})
	a := adminOf(t, s.URL)
	var wg sync.WaitGroup
	for range calls {
		wg.Go(func() { assert.ErrorIs(t, getAda(t, a), cometchat.ErrClosed) })
	}
	for range calls {
		<-begun
	}
	assert.Positive(t, s.open.Load())
	require.NoError(t, a.Close())
	wg.Wait()
	s.assertClosed(t)
}

func testCloseDuringHandshake(t *testing.T) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { assert.NoError(t, l.Close()) }()
	a := adminOf(t, "https://"+l.Addr().String())
	called := make(chan error, 1)
	go func() { called <- getAda(t, a) }()
	conn, err := l.Accept()
	require.NoError(t, err)
	defer func() { assert.NoError(t, conn.Close()) }()
	require.NoError(t, a.Close())
	require.ErrorIs(t, <-called, cometchat.ErrClosed)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(2*time.Second)))
	_, err = io.Copy(io.Discard, conn)
	assert.NotErrorIs(t, err, os.ErrDeadlineExceeded, "the connection is still open")
}

func testHeaderLimit(t *testing.T) {
	t.Helper()
	var size atomic.Int64
	s := newHTTP2Server(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", int(size.Load())))
		answerAda(w, r)
	})
	size.Store(200 << 10)
	require.NoError(t, getAda(t, adminOf(t, s.URL)))
	size.Store(300 << 10)
	require.ErrorContains(t, getAda(t, adminOf(t, s.URL)), "could not get a whole answer")
}

func testTLSVersion(t *testing.T) {
	t.Helper()
	s := newHTTP2Server(t, answerAda, func(s *httptest.Server) {
		s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11} //nolint:gosec // it is to be refused
	})
	require.ErrorContains(t, getAda(t, adminOf(t, s.URL)), "protocol version not supported")
}

func testSilentServer(t *testing.T) {
	t.Helper()
	var requests atomic.Int32
	s := newHTTP2Server(t, func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) == 1 {
			<-r.Context().Done() // and answers pings meanwhile
			return
		}
		answerAda(w, r)
	})
	took := stopwatch()
	require.NoError(t, getAda(t, adminOf(t, s.URL, hastened)))
	assert.Less(t, took(), cometchat.DefaultTimeout/10)
}
