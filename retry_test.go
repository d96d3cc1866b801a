package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errReset = errors.New("connection reset by peer")

func TestWhatIsRetried(t *testing.T) {
	t.Parallel()
	login := func(ctx context.Context, c *cometchat.Client) error {
		_, err := c.LoginWithToken(ctx, tokenOf(uid1))
		return err
	}
	create := func(ctx context.Context, c *cometchat.Client) error {
		_, err := c.CreateUser(ctx, &cometchat.User{UID: "u9", Name: "Nine"}, authKey)
		return err
	}
	for name, tc := range map[string]struct {
		call     func(context.Context, *cometchat.Client) error
		answer   httpmock.Responder
		attempts int
	}{
		"a login after 503":                          {login, respond(503, refusal("ERR_X", "x")), 3},
		"a login after a reset":                      {login, httpmock.NewErrorResponder(errReset), 3},
		"not a login after 401":                      {login, respond(401, tokenGone()), 1},
		"creating after 429, which is not processed": {create, respond(429, ""), 3},
		"not creating after 503":                     {create, respond(503, ""), 1},
		"not creating after a reset":                 {create, httpmock.NewErrorResponder(errReset), 1},
	} {
		inBubble(t, name, func(t *testing.T) {
			w := newWire()
			w.RegisterNoResponder(tc.answer)
			err := tc.call(t.Context(), w.client(t))
			require.Error(t, err)
			assert.Len(t, w.lines(), tc.attempts)
			assert.Equal(t, tc.attempts, asError(err).Attempts)
		})
	}
}

func TestCreateUserOverARealConnection(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		requests.Add(1)
		panic(http.ErrAbortHandler) // the request was read, and the connection drops
	}))
	defer s.Close()
	c, err := cometchat.New(appID, cometchat.WithAdminHost(s.URL), cometchat.WithClientHost(s.URL),
		cometchat.WithRetry(cometchat.RetryPolicy{BaseDelay: time.Microsecond}))
	require.NoError(t, err)
	defer func() { assert.NoError(t, c.Close()) }()
	_, err = c.CreateUser(t.Context(), &cometchat.User{UID: "u9", Name: "Nine"}, authKey)
	require.Error(t, err)
	assert.EqualValues(t, 1, requests.Load(), "the server may have created the user")

	requests.Store(0)
	_, err = c.UpdateUser(t.Context(), &cometchat.User{UID: "u9", Name: "Nine"}, authKey)
	require.Error(t, err)
	assert.EqualValues(t, 3, requests.Load(), "a repeated update does no harm")
}

func TestWaitsForTheNextAttempt(t *testing.T) {
	t.Parallel()
	inBubble(t, "do not begin when they would end too late", func(t *testing.T) {
		w := newWire()
		w.RegisterNoResponder(respond(429, refusal("ERR_TOO_MANY_REQUESTS", "slow down")).
			HeaderSet(http.Header{"Retry-After": {"60"}}))
		c := w.client(t)
		took := stopwatch()
		_, err := c.UpdateUser(t.Context(), &cometchat.User{UID: "a"}, authKey)
		require.ErrorIs(t, err, cometchat.ErrTooManyRequests)
		require.ErrorIs(t, err, context.DeadlineExceeded, "the reason")
		assert.Zero(t, took())
		assert.Equal(t, "cometchat: UpdateUser: slow down: the next attempt, in 1m0s, would be too late: "+
			"context deadline exceeded (ERR_TOO_MANY_REQUESTS, PUT /users/{uid}, HTTP 429, retry after 1m0s)", err.Error())
	})
	inBubble(t, "end with the context, and the error has the last answer and the reason", func(t *testing.T) {
		w := newWire()
		w.RegisterNoResponder(respond(429, "").HeaderSet(http.Header{"Retry-After": {"20"}}))
		ctx, cancel := context.WithCancel(t.Context())
		go func() { elapse(time.Second); cancel() }()
		took := stopwatch()
		_, err := w.client(t).UpdateUser(ctx, &cometchat.User{UID: "a"}, authKey)
		require.ErrorIs(t, err, cometchat.ErrTooManyRequests)
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, time.Second, took())
	})
}

// TestPassingTroubles checks that a read is retried after every answer of a gateway or a server in trouble, and a creation is not.
func TestPassingTroubles(t *testing.T) {
	t.Parallel()
	for _, first := range []struct {
		status int
		body   string
	}{
		{408, ""}, {500, ""}, {500, `{"error":{"code":"ERR_INTERNAL"}}`}, {502, "<html>"}, {503, ""}, {504, ""}, {520, ""}, {521, ""},
		{522, ""}, {523, ""}, {524, ""}, {527, ""}, {530, ""}, {200, "<html>"}, {200, ""}, {200, `{"data":{"uid":`}, {201, "OK"},
	} {
		inBubble(t, fmt.Sprint(first.status, " ", first.body), func(t *testing.T) {
			w := newWire()
			w.RegisterResponder("GET", adminHost+"/users/ada", respond(first.status, first.body).Then(respond(200, data(user("ada")))))
			_, err := w.admin(t).GetUser(t.Context(), "ada")
			require.NoError(t, err)
			assert.Len(t, w.lines(), 2)
			w.RegisterResponder("POST", adminHost+"/users", respond(first.status, first.body))
			_, err = w.admin(t).CreateUser(t.Context(), &cometchat.User{UID: "ada", Name: "Ada"})
			require.Error(t, err)
			assert.Len(t, w.lines(), 1, "the server may have created the user")
		})
	}
}

func TestWaitThatWouldEndTooLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		w.RegisterNoResponder(respond(429, "").HeaderSet(http.Header{
			"X-Rate-Limit-Remaining": {"0"}, "X-Rate-Limit-Reset": {fmt.Sprint(time.Now().Add(45 * time.Second).Unix())},
		}))
		took := stopwatch()
		_, err := w.admin(t).GetUser(t.Context(), "ada")
		require.ErrorIs(t, err, cometchat.ErrTooManyRequests)
		assert.Equal(t, 45*time.Second, asError(err).RetryAfter)
		assert.Len(t, w.lines(), 1)
		assert.Zero(t, took())
	})
}

// TestHeldBack checks that a 429 makes later calls wait too, instead of sending them in vain.
func TestHeldBack(t *testing.T) {
	t.Parallel()
	const otherURL = adminHost + "/users/bob"
	limited := func(header http.Header) httpmock.Responder {
		header.Set("Retry-After", "10")
		return respond(429, "").HeaderSet(header)
	}
	inBubble(t, "on the same route", func(t *testing.T) {
		w := newWire()
		w.RegisterResponder("GET", adminHost+"/users/ada", limited(http.Header{}).Then(respond(200, data(user("ada")))))
		w.answer("GET", otherURL, 200, data(user("bob")))
		w.answer("POST", adminHost+"/users", 200, data(user("new")))
		a := w.admin(t, atOnce)
		took := stopwatch()
		first := started(func() error { _, err := a.GetUser(t.Context(), "ada"); return err })
		_, err := a.CreateUser(t.Context(), &cometchat.User{UID: "new", Name: "New"})
		require.NoError(t, err)
		assert.Zero(t, took(), "another route is not held back")
		_, err = a.GetUser(t.Context(), "bob")
		require.NoError(t, err)
		assert.Equal(t, 10*time.Second, took().Round(time.Millisecond))
		require.NoError(t, <-first)
		_, err = a.GetUser(t.Context(), "bob")
		require.NoError(t, err)
		assert.Equal(t, 10*time.Second, took().Round(time.Millisecond), "the wait is over")
	})
	inBubble(t, "with a deadline before the end of the wait", func(t *testing.T) {
		w := newWire()
		w.RegisterNoResponder(respond(429, "").HeaderSet(http.Header{"Retry-After": {"60"}}))
		a := w.admin(t)
		_, err := a.GetUser(t.Context(), "ada")
		require.ErrorIs(t, err, cometchat.ErrTooManyRequests)
		_, err = a.GetUser(t.Context(), "bob")
		require.ErrorIs(t, err, cometchat.ErrTooManyRequests)
		assert.Equal(t, time.Minute, asError(err).RetryAfter)
		assert.Zero(t, asError(err).Attempts)
		require.ErrorContains(t, err, "CometChat has asked to wait")
		assert.Len(t, w.lines(), 1)
	})
	for name, tc := range map[string]struct {
		header http.Header
		waits  time.Duration
	}{
		"for this client only, while something remains":   {http.Header{"X-Rate-Limit-Remaining": {"5"}}, 0},
		"for all clients of a pool, when nothing remains": {http.Header{"X-Rate-Limit-Remaining": {"0"}}, 10 * time.Second},
	} {
		inBubble(t, name, func(t *testing.T) {
			w := newWire()
			w.loginWorks(uid1, uid2)
			p := w.pool(t, atOnce)
			for key, uid := range map[string]string{"one": uid1, "two": uid2} {
				_, err := p.Client(key).Login(t.Context(), uid, authKey)
				require.NoError(t, err)
			}
			w.RegisterResponder("GET", userURL, limited(tc.header).Then(respond(200, data(user("u9")))))
			took := stopwatch()
			first := started(func() error { return getUser(t, p.Client("one")) })
			require.NoError(t, getUser(t, p.Client("two")))
			assert.Equal(t, tc.waits, took().Round(time.Millisecond))
			require.NoError(t, <-first)
		})
	}
	inBubble(t, "until the caller gives up", func(t *testing.T) {
		w := newWire()
		w.RegisterNoResponder(limited(http.Header{}))
		a := w.admin(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		one := started(func() error { _, err := a.GetUser(ctx, "ada"); return err })
		two := started(func() error { _, err := a.GetUser(ctx, "bob"); return err })
		cancel()
		require.ErrorIs(t, <-one, context.Canceled)
		require.ErrorIs(t, <-two, context.Canceled)
		assert.Len(t, w.lines(), 1)
	})
}

// TestNameThatResolvesAMomentLater checks the retry after a failed name resolution, as when a container or a laptop starts.
func TestNameThatResolvesAMomentLater(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(answerAda))
	defer s.Close()
	var dials atomic.Int32
	transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if dials.Add(1) == 1 {
			return nil, &net.OpError{Op: "dial", Net: network, Err: &net.DNSError{Err: "no such host", Name: "app1.api-us.cometchat.io", IsNotFound: true}}
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}
	defer transport.CloseIdleConnections()
	a, err := cometchat.NewAdmin(appID, "key", cometchat.WithAdminHost(s.URL), cometchat.WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(t, err)
	defer a.Close()
	_, err = a.GetUser(t.Context(), "ada")
	require.NoError(t, err)
	_, err = a.CreateUser(t.Context(), &cometchat.User{UID: "ada", Name: "Ada"})
	require.NoError(t, err)
}
