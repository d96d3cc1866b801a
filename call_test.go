package cometchat_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/iotest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// respondTo writes an answer with this status and body, as respond does.
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
		assert.InDelta(t, 10, took().Seconds(), 2, "attempts of 4 s each, and at most 10 s in total")
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
	require.NoError(t, l.Close()) // now no server listens there
	c, err := cometchat.New(appID, cometchat.WithAdminHost(base), cometchat.WithClientHost(base),
		cometchat.WithRetry(cometchat.RetryPolicy{BaseDelay: time.Millisecond}))
	require.NoError(t, err)
	defer func() { assert.NoError(t, c.Close()) }()

	_, err = c.Login(t.Context(), uid1, authKey)
	var op *net.OpError
	require.ErrorAs(t, err, &op, "the error has its cause")
	assert.Equal(t, 3, asError(err).Attempts)
	assert.Contains(t, err.Error(), "whether the server is running (FAILED_TO_FETCH, POST /users/{uid}/auth_tokens, 3 attempts)")

	_, err = c.CreateUser(t.Context(), &cometchat.User{UID: "a", Name: "a"}, authKey)
	require.Error(t, err)
	assert.Equal(t, 3, asError(err).Attempts, "a request that was not sent may be retried")
}

func TestUnknownHost(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.RegisterNoResponder(httpmock.NewErrorResponder(
		&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "app1.api-us.cometchat.io", IsNotFound: true}}))
	_, err := w.client(t).Login(t.Context(), uid1, authKey)
	require.ErrorContains(t, err, "check the app id, the region and the network")
	assert.Equal(t, 3, asError(err).Attempts, "the name may resolve a moment later")
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
	assert.Regexp(t, `^time=\S+ level=DEBUG msg="cometchat hosts" op=New adminHost=https://app1.api-us.cometchat.io/v3.0 `+
		`clientHost=https://app1.apiclient-us.cometchat.io/v3.0\ntime=\S+ level=DEBUG msg="cometchat request" op=Login route="POST /users/{uid}/auth_tokens" `+
		`attempt=1 took=\S+ status=404 error="cometchat: Login: no; .* HTTP 404\)"\n$`, log.String())

	log.Reset()
	level.Set(slog.LevelInfo)
	_, err = c.Login(t.Context(), uid1, authKey)
	require.NoError(t, err)
	assert.Empty(t, log.String(), "all records have level debug")
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
	assert.Panics(t, func() { _, _ = c2.LoginWithToken(t.Context(), tokenOf(uid1)) }, "the panic reaches the caller")
	broken = false
	_, err := c2.LoginWithToken(t.Context(), tokenOf(uid1))
	require.NoError(t, err, "the client still works")
	assert.Empty(t, h.take())
	broken = true
	assert.Panics(t, func() { _, _ = c2.GetUser(t.Context(), "u9") })
	broken = false
	_, err = c2.GetUser(t.Context(), "u9")
	require.NoError(t, err)
	broken = true
	assert.Panics(t, func() { _ = c2.Logout(t.Context()) })
	assertUID(t, c2, "") // Logout clears the session whatever happens
}

func TestOddAnswers(t *testing.T) {
	t.Parallel()
	cutOff := func(status int, header http.Header) httpmock.Responder {
		return func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF))}, nil
		}
	}
	for name, tc := range map[string]struct {
		answer           httpmock.Responder
		requests, status int
		code, says       string
	}{
		"101, whose body has no end":     {respond(101, ""), 3, 0, "FAILED_TO_FETCH", "switch protocols"},
		"429, cut off, with Retry-After": {cutOff(429, http.Header{"Retry-After": {"60"}}), 1, 429, "ERR_TOO_MANY_REQUESTS", "1m0s"},
		"404, cut off":                   {cutOff(404, http.Header{}), 1, 404, "FAILED_TO_FETCH", "unexpected EOF"},
		"200, cut off":                   {cutOff(200, http.Header{}), 3, 0, "FAILED_TO_FETCH", "unexpected EOF"},
		"204":                            {respond(204, ""), 3, 204, "FAILED_TO_FETCH", "documented JSON"},
		"302":                            {respond(302, ""), 1, 302, "FAILED_TO_FETCH", "the server redirects"},
		"no answer":                      {httpmock.NewErrorResponder(errReset), 3, 0, "FAILED_TO_FETCH", "connection reset"},
	} {
		inBubble(t, name, func(t *testing.T) {
			w := newWire()
			w.RegisterNoResponder(tc.answer)
			_, err := w.client(t).LoginWithToken(t.Context(), "t")
			require.ErrorContains(t, err, tc.says)
			assert.Equal(t, tc.code, code(err))
			assert.Equal(t, tc.status, asError(err).StatusCode)
			assert.Len(t, w.lines(), tc.requests)
		})
	}
}
