package cometchat_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
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
		"a login, after 503":                       {login, respond(503, refusal("ERR_X", "x")), 3},
		"a login, after a reset":                   {login, httpmock.NewErrorResponder(errReset), 3},
		"not a login after 401":                    {login, respond(401, tokenGone()), 1},
		"creating, after 429: it is not processed": {create, respond(429, ""), 3},
		"not creating after 503":                   {create, respond(503, ""), 1},
		"not creating after a reset":               {create, httpmock.NewErrorResponder(errReset), 1},
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
	assert.EqualValues(t, 3, requests.Load(), "to set the same again does no harm")
}

func TestBackOff(t *testing.T) {
	t.Parallel()
	inBubble(t, "does not wait for what would be too late", func(t *testing.T) {
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
	inBubble(t, "ends with the context, and the error has the last answer and the reason", func(t *testing.T) {
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
