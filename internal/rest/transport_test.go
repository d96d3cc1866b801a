package rest_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat/internal/rest"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOriginGuard(t *testing.T) {
	t.Parallel()
	t.Run("sends a credential to its own host only", func(t *testing.T) {
		t.Parallel()
		key, token := http.Header{"Apikey": {"k"}}, http.Header{"Authtoken": {"t"}}
		for _, tc := range []struct {
			target  string
			header  http.Header
			allowed bool
		}{
			{"https://admin.example.com/v3.0/users", key, true},
			{"https://admin.example.com/elsewhere", key, true},
			{"https://client.example.com/v3.0/me", token, true},
			{"https://evil.example.com/v3.0/me", http.Header{}, true}, // there is no credential in it
			{"https://evil.example.com/v3.0/users", key, false},
			{"https://evil.example.com/v3.0/me", token, false},
			{"http://admin.example.com/v3.0/users", key, false},
			{"https://admin.example.com:8443/v3.0/users", key, false},
			{"https://admin.example.com.evil.org/v3.0/users", key, false},
			{"https://client.example.com/v3.0/users", key, false},
			{"https://admin.example.com/v3.0/me", token, false},
			{"https://admin.example.com/v3.0/me", http.Header{"Apikey": {"k"}, "Authtoken": {"t"}}, false},
		} {
			tr := &transport{responder: httpmock.NewStringResponder(200, "")}
			guard := rest.NewOriginGuard(tr, adminHost, clientHost)
			body := &closing{Reader: strings.NewReader("x")}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tc.target, body)
			require.NoError(t, err)
			r.Header = tc.header
			resp, err := guard.RoundTrip(r)
			assert.True(t, body.closed, "a transport closes the body")
			if tc.allowed {
				require.NoError(t, err, tc.target)
				require.NoError(t, resp.Body.Close())
				assert.Len(t, tr.take(), 1)
				continue
			}
			assert.Nil(t, resp)
			require.ErrorContains(t, err, "refused to send a credential", tc.target)
			assert.Empty(t, tr.take())
		}
	})
	t.Run("sends no credential to a host that cannot be read", func(t *testing.T) {
		t.Parallel()
		tr := &transport{responder: httpmock.NewStringResponder(200, "")}
		guard := rest.NewOriginGuard(tr, "://", "://")
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, adminHost, nil)
		require.NoError(t, err)
		r.Header.Set("apiKey", "k")
		_, err = guard.RoundTrip(r) //nolint:bodyclose // there is none
		require.Error(t, err)
		assert.Empty(t, tr.take())
	})
	t.Run("is in the way of every request, and its refusal is not retried", func(t *testing.T) {
		t.Parallel()
		c, tr := newClient(httpmock.NewStringResponder(200, ""), func(config *rest.Config) {
			config.ClientHost = "https://client.example.com"
		})
		req := get()
		req.Route = "@evil.example.com/me" // now client.example.com is the user of another host
		a := do(t.Context(), c, req)
		require.ErrorContains(t, a.Err, "refused to send a credential")
		assert.Equal(t, 1, a.Attempts)
		assert.Empty(t, tr.take())
	})
}

// closing is a body that knows whether it was closed.
type closing struct {
	*strings.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

// serve makes a client, with a transport of its own, of a handler behind a loopback socket. It counts the connections.
func serve(t *testing.T, h http.HandlerFunc, change ...func(*rest.Config)) (c *rest.Client, connections *atomic.Int32) {
	t.Helper()
	connections = &atomic.Int32{}
	s := httptest.NewUnstartedServer(h)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	config := newConfig(s.URL, s.URL)
	for _, f := range change {
		f(&config)
	}
	c = rest.New(config)
	t.Cleanup(c.Close)
	return c, connections
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var reached atomic.Bool
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) })
		a := do(t.Context(), c, create())
		require.NoError(t, a.Err)
		assert.Equal(t, status, a.Status)
		assert.Equal(t, 1, a.Attempts)
	}
	assert.False(t, reached.Load())
}

func TestCookiesAreNotKept(t *testing.T) {
	t.Parallel()
	var cookies atomic.Int32
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "" {
			cookies.Add(1)
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "user-a"}) //nolint:gosec // a test's cookie
	})
	for range 3 {
		require.True(t, new(do(t.Context(), c, get())).Success())
	}
	assert.Zero(t, cookies.Load())
}

func TestGivenHTTPClient(t *testing.T) {
	t.Parallel()
	t.Run("is not modified", func(t *testing.T) {
		t.Parallel()
		tr, jar := &transport{responder: httpmock.NewStringResponder(200, "")}, &countingJar{}
		given := &http.Client{Transport: tr, Timeout: time.Minute, Jar: jar}
		c, _ := newClient(nil, func(config *rest.Config) { config.HTTPClient = given })
		require.True(t, new(do(t.Context(), c, get())).Success())
		assert.Equal(t, &http.Client{Transport: tr, Timeout: time.Minute, Jar: jar}, given)
		assert.Zero(t, jar.calls.Load(), "its cookie jar is not used")
		assert.Len(t, tr.take(), 1)
	})
	inBubble(t, "its timeout ends an attempt", func(t *testing.T) {
		c, tr := newClient(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}, func(config *rest.Config) { config.HTTPClient.Timeout = 4 * time.Second })
		start := time.Now()
		a := do(t.Context(), c, get())
		require.Error(t, a.Err)
		assert.Len(t, tr.take(), 3)
		assert.InDelta(t, 12, time.Since(start).Seconds(), 3, "three attempts of 4 s, and at most 3 s between them")
	})
	t.Run("keeps its idle connections", func(t *testing.T) {
		t.Parallel()
		given := &http.Client{Transport: &http.Transport{}}
		defer given.CloseIdleConnections()
		c, connections := serve(t, func(http.ResponseWriter, *http.Request) {}, func(config *rest.Config) {
			config.HTTPClient = given
		})
		for range 2 {
			do(t.Context(), c, get())
			c.Close()
		}
		assert.EqualValues(t, 1, connections.Load())
	})
}

type countingJar struct{ calls atomic.Int32 }

func (j *countingJar) SetCookies(*url.URL, []*http.Cookie) { j.calls.Add(1) }
func (j *countingJar) Cookies(*url.URL) []*http.Cookie     { j.calls.Add(1); return nil }

func TestOwnTransport(t *testing.T) {
	t.Parallel()
	t.Run("reuses its connections, after long errors too", func(t *testing.T) {
		t.Parallel()
		c, connections := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(strings.Repeat("x", 64<<10)))
		})
		for range 20 {
			a := do(t.Context(), c, get())
			assert.Equal(t, 404, a.Status)
		}
		assert.EqualValues(t, 1, connections.Load())
	})
	t.Run("keeps the connections of a busy server", func(t *testing.T) {
		t.Parallel()
		const calls = 32
		var together sync.WaitGroup
		c, connections := serve(t, func(http.ResponseWriter, *http.Request) {
			together.Done()
			together.Wait() // so that each request needs a connection of its own
		})
		for range 3 {
			together.Add(calls)
			var wg sync.WaitGroup
			for range calls {
				wg.Go(func() { assert.True(t, new(do(t.Context(), c, get())).Success()) })
			}
			wg.Wait()
		}
		assert.LessOrEqual(t, connections.Load(), int32(calls+8), "few are dialed anew")
	})
	t.Run("opens as many connections as MaxConns", func(t *testing.T) {
		t.Parallel()
		c, connections := serve(t, func(http.ResponseWriter, *http.Request) {}, func(config *rest.Config) { config.MaxConns = 1 })
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				a := do(t.Context(), c, get())
				assert.NoError(t, a.Err)
			})
		}
		wg.Wait()
		assert.EqualValues(t, 1, connections.Load())
	})
}

func TestWrappedTransport(t *testing.T) {
	t.Parallel()
	tr, closed := &transport{responder: httpmock.NewStringResponder(200, "")}, false
	c, _ := newClient(nil, func(config *rest.Config) {
		config.HTTPClient, config.Transport = nil, tr
		config.Shut = func() { closed = true }
		config.ClientHost = "https://client.example.com"
	})
	req := get()
	req.Path = ".evil.example/users" // client.example.com.evil.example is another host
	a := do(t.Context(), c, req)
	require.ErrorContains(t, a.Err, "refused to send a credential", "the guard comes before the wrapper")
	assert.Empty(t, tr.take())
	req.Path = "/users?a=b"
	a = do(t.Context(), c, req)
	assert.True(t, a.Success())
	assert.Equal(t, "https://client.example.com/users?a=b", tr.take()[0].URL)
	c.Close()
	assert.True(t, closed)
}

// TestDefaultTransportOfTheProgram checks that nothing of http.DefaultTransport comes into the SDK's own transport.
func TestDefaultTransportOfTheProgram(t *testing.T) { // not parallel: http.DefaultTransport is the process's
	tr := &transport{responder: httpmock.NewStringResponder(200, "")}
	old := http.DefaultTransport
	http.DefaultTransport = tr
	defer func() { http.DefaultTransport = old }()
	c, connections := serve(t, func(http.ResponseWriter, *http.Request) {})
	require.True(t, new(do(t.Context(), c, get())).Success())
	assert.EqualValues(t, 1, connections.Load())
	assert.Empty(t, tr.take())

	c, _ = newClient(nil, func(config *rest.Config) { config.HTTPClient = &http.Client{} })
	require.True(t, new(do(t.Context(), c, get())).Success())
	assert.Len(t, tr.take(), 1, "a given client has the transport that net/http gives it")
}
