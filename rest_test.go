package cometchat_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// served makes a client of a handler behind a real loopback socket.
func served(t *testing.T, h http.HandlerFunc) *cometchat.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c, err := cometchat.New(appID, cometchat.WithAdminHost(s.URL+"/v3.0"), cometchat.WithClientHost(s.URL+"/v3.0"))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
}

func respondTo(w http.ResponseWriter, status int, body any) {
	resp, _ := respond(status, body)(nil)
	defer resp.Body.Close()
	w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(w, resp.Body)
}

func TestCallsEnd(t *testing.T) {
	t.Parallel()
	stall := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	inBubble(t, "with the client's timeout, retries included", func(t *testing.T) {
		c := newWire().client(t, cometchat.WithTimeout(10*time.Second),
			cometchat.WithHTTPClient(&http.Client{Transport: roundTripper(stall), Timeout: 4 * time.Second}))
		took := stopwatch()
		_, err := c.LoginWithToken(t.Context(), tokenOf(uid1))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.InDelta(t, 10, took().Seconds(), 2, "attempts of 4 s each, and no more than 10 s of them")
	})
	inBubble(t, "after 30 seconds by default", func(t *testing.T) {
		c := newWire().client(t, cometchat.WithHTTPClient(&http.Client{Transport: roundTripper(stall)}))
		took := stopwatch()
		_, err := c.CreateUser(t.Context(), &cometchat.User{UID: "a", Name: "a"}, authKey)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 30*time.Second, took())
		assert.Equal(t, "cometchat: CreateUser: no answer from app1.api-us.cometchat.io within 30s: context deadline exceeded (POST /users)",
			err.Error())
	})
	inBubble(t, "with the caller's deadline when that is earlier", func(t *testing.T) {
		c := newWire().client(t, cometchat.WithHTTPClient(&http.Client{Transport: roundTripper(stall)}))
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		took := stopwatch()
		_, err := c.UpdateUser(ctx, &cometchat.User{UID: "a", Name: "a"}, authKey)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 2*time.Second, took())
	})
	inBubble(t, "with the caller's cancellation", func(t *testing.T) {
		c := newWire().client(t, cometchat.WithHTTPClient(&http.Client{Transport: roundTripper(stall)}))
		ctx, cancel := context.WithCancel(t.Context())
		go func() { elapse(time.Second); cancel() }()
		_, err := c.UpdateUser(ctx, &cometchat.User{UID: "a", Name: "a"}, authKey)
		require.ErrorIs(t, err, context.Canceled)
		assert.Empty(t, code(err))
	})
}

func TestUnreachableServer(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	base := "http://" + l.Addr().String()
	require.NoError(t, l.Close()) // now nobody listens there
	c, err := cometchat.New(appID, cometchat.WithAdminHost(base), cometchat.WithClientHost(base),
		cometchat.WithRetry(cometchat.RetryPolicy{BaseDelay: time.Millisecond}))
	require.NoError(t, err)
	defer func() { assert.NoError(t, c.Close()) }()

	_, err = c.Login(t.Context(), uid1, authKey)
	var op *net.OpError
	require.ErrorAs(t, err, &op, "the cause is there")
	assert.Equal(t, 3, asError(err).Attempts)
	assert.Contains(t, err.Error(), "whether the server is running (FAILED_TO_FETCH, POST /users/{uid}/auth_tokens, 3 attempts)")

	_, err = c.CreateUser(t.Context(), &cometchat.User{UID: "a", Name: "a"}, authKey)
	require.Error(t, err)
	assert.Equal(t, 3, asError(err).Attempts, "what was not sent can be sent again")
}

func TestUnknownHost(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.RegisterNoResponder(httpmock.NewErrorResponder(
		&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "app1.api-us.cometchat.io", IsNotFound: true}}))
	_, err := w.client(t).Login(t.Context(), uid1, authKey)
	require.ErrorContains(t, err, "check the app id, the region and the network")
	assert.Equal(t, 3, asError(err).Attempts, "it may be there a moment later")
}

func TestMaxConnsWithATransportOfTheProgram(t *testing.T) { // not parallel: http.DefaultTransport belongs to the process
	old := http.DefaultTransport
	http.DefaultTransport = newWire()
	defer func() { http.DefaultTransport = old }()
	_, err := cometchat.New(appID, cometchat.WithRegion("us"), cometchat.WithMaxConns(1))
	require.ErrorContains(t, err, "WithMaxConns cannot limit what the program has put into http.DefaultTransport")
}

func TestLogger(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := newWire()
	w.loginWorks(uid1)
	w.answer("POST", tokensURL("nope"), 404, refusal("ERR_UID_NOT_FOUND", "no"))
	level := new(slog.LevelVar)
	level.Set(slog.LevelDebug)
	c := w.client(t, cometchat.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: level}))))
	_, err := c.Login(t.Context(), "nope", authKey)
	require.Error(t, err)
	assert.Regexp(t, `^time=\S+ level=DEBUG msg="cometchat request" op=Login route="POST /users/{uid}/auth_tokens" `+
		`attempt=1 took=\S+ status=404 error="cometchat: Login: no; .* HTTP 404\)"\n$`, log.String())

	log.Reset()
	level.Set(slog.LevelInfo)
	_, err = c.Login(t.Context(), uid1, authKey)
	require.NoError(t, err)
	assert.Empty(t, log.String(), "all of it is debugging")
}

func TestTransportThatPanics(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	h := listen(c)
	broken := true
	w.RegisterNoResponder(func(*http.Request) (*http.Response, error) { return nil, errors.New("unused") })
	w.RegisterResponder("GET", clientHost+"/users/u9", respond(200, data(user("u9"))))
	deaf := roundTripper(func(r *http.Request) (*http.Response, error) {
		if broken {
			panic("transport")
		}
		return w.RoundTrip(r)
	})
	store := cometchat.NewMemorySessionStore()
	c2 := w.client(t, cometchat.WithHTTPClient(&http.Client{Transport: deaf}), cometchat.WithSessionStore(store))
	assert.Panics(t, func() { _, _ = c2.LoginWithToken(t.Context(), tokenOf(uid1)) }, "the caller sees it")
	broken = false
	_, err := c2.LoginWithToken(t.Context(), tokenOf(uid1))
	require.NoError(t, err, "and the client goes on working")
	assert.Empty(t, h.take())
	broken = true
	assert.Panics(t, func() { _, _ = c2.GetUser(t.Context(), "u9") })
	broken = false
	_, err = c2.GetUser(t.Context(), "u9")
	require.NoError(t, err)
	broken = true
	assert.Panics(t, func() { _ = c2.Logout(t.Context()) })
	assertUID(t, c2, "") // a logout clears, come what may
}

// raw serves one answer, byte for byte, to every request, and counts them.
func raw(t *testing.T, answer string, opts ...cometchat.Option) (c *cometchat.Client, requests *atomic.Int32) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	requests = &atomic.Int32{}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer func() { _ = conn.Close() }()
				r, err := http.ReadRequest(bufio.NewReader(conn))
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, r.Body)
				requests.Add(1)
				_, _ = io.WriteString(conn, answer)
				if strings.HasPrefix(answer, "HTTP/1.1 101") {
					_, _ = io.Copy(io.Discard, conn) // hold it
				}
			})
		}
	})
	base := "http://" + l.Addr().String()
	c, err = cometchat.New(appID, append(opts, cometchat.WithAdminHost(base), cometchat.WithClientHost(base),
		cometchat.WithRetry(cometchat.RetryPolicy{BaseDelay: time.Microsecond}))...)
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, c.Close())
		_ = l.Close()
		wg.Wait()
	})
	return c, requests
}

func TestOddAnswers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer           string
		requests, status int
		code, says       string
	}{
		"101 has no end": {
			"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", 3, 0, "FAILED_TO_FETCH", "switch protocols",
		},
		"429, cut off: its word still holds": {
			"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 60\r\nContent-Length: 100\r\n\r\n{\"err", 1, 429, "ERR_TOO_MANY_REQUESTS", "1m0s",
		},
		"404, cut off": {"HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\n{", 1, 404, "FAILED_TO_FETCH", "unexpected EOF"},
		"200, cut off": {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", 3, 0, "FAILED_TO_FETCH", "unexpected EOF"},
		"204":          {"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", 3, 204, "FAILED_TO_FETCH", "documented JSON"},
		"302":          {"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", 1, 302, "FAILED_TO_FETCH", "the server redirects"},
		"not HTTP":     {"SSH-2.0-OpenSSH_9.2\r\n", 3, 0, "FAILED_TO_FETCH", "malformed HTTP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, requests := raw(t, tc.answer, cometchat.WithTimeout(20*time.Second))
			_, err := c.LoginWithToken(t.Context(), "t")
			require.ErrorContains(t, err, tc.says)
			assert.Equal(t, tc.code, code(err))
			assert.Equal(t, tc.status, asError(err).StatusCode)
			assert.EqualValues(t, tc.requests, requests.Load())
		})
	}
}

func TestLogoutAnsweredWithNothing(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	w.answer("DELETE", meURL, 204, "")
	require.NoError(t, c.Logout(t.Context()))
	_, err := c.Login(t.Context(), uid1, authKey)
	require.NoError(t, err)
	w.answer("DELETE", meURL, 200, "<html>welcome</html>")
	require.ErrorContains(t, c.Logout(t.Context()), "proxy in between")
}

func TestEnvelopeWithAnOddField(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	w.answer("GET", clientHost+"/users/u9", 401, `{"error":{"code":"AUTH_ERR_AUTH_TOKEN_NOT_FOUND","message":["gone"],"source":5}}`)
	_, err := c.GetUser(t.Context(), "u9")
	require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
	assertUID(t, c, "")
}
