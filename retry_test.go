package cometchat_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
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
		"a login, after 429":                       {login, respond(429, ""), 3},
		"a login, after 502":                       {login, respond(502, "<html>"), 3},
		"a login, after 503":                       {login, respond(503, refusal("ERR_X", "x")), 3},
		"a login, after 504":                       {login, respond(504, ""), 3},
		"a login, after a reset":                   {login, httpmock.NewErrorResponder(errReset), 3},
		"a login, after 500":                       {login, respond(500, ""), 3},
		"not a login after 400":                    {login, respond(400, refusal("ERR_BAD_REQUEST", "x")), 1},
		"not a login after 401":                    {login, respond(401, tokenGone()), 1},
		"not a login after an untrusted server":    {login, httpmock.NewErrorResponder(&tls.CertificateVerificationError{Err: errReset}), 1},
		"creating, after 429: it is not processed": {create, respond(429, ""), 3},
		"not creating after 500":                   {create, respond(500, ""), 1},
		"not creating after 502":                   {create, respond(502, ""), 1},
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
	inBubble(t, "is random, and doubles up to the longest", func(t *testing.T) {
		policy := cometchat.RetryPolicy{MaxAttempts: 5, BaseDelay: time.Second, MaxDelay: 3 * time.Second}
		var longest [4]time.Duration
		for range 50 {
			w := newWire()
			var last time.Time
			var waits []time.Duration
			w.RegisterNoResponder(func(*http.Request) (*http.Response, error) {
				waits = append(waits, time.Since(last))
				last = time.Now()
				return nil, errReset
			})
			_, err := w.client(t, cometchat.WithRetry(policy), cometchat.WithTimeout(time.Hour)).
				LoginWithToken(t.Context(), "t")
			require.ErrorIs(t, err, errReset)
			require.Len(t, waits, 5)
			for i, wait := range waits[1:] {
				longest[i] = max(longest[i], wait)
			}
		}
		for i, limit := range []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second} {
			assert.LessOrEqual(t, longest[i], limit)
			assert.Greater(t, longest[i], limit/2, "50 times random")
		}
	})
	inBubble(t, "gives way to the server's word, as seconds or as a date", func(t *testing.T) {
		for _, retryAfter := range []func() string{
			func() string { return "17" },
			func() string { return time.Now().Add(17 * time.Second).UTC().Format(http.TimeFormat) },
		} {
			w := newWire()
			w.RegisterResponder("PUT", meURL, respond(503, "").HeaderSet(http.Header{"Retry-After": {retryAfter()}}).
				Then(respond(200, data(meAnswer(uid1)))))
			took := stopwatch()
			_, err := w.client(t).LoginWithToken(t.Context(), "t")
			require.NoError(t, err)
			assert.InDelta(t, 17, took().Seconds(), 1, "a date has whole seconds")
		}
	})
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
	inBubble(t, "takes no nonsense for an answer", func(t *testing.T) {
		for _, retryAfter := range []string{"-5", "soon", "", "1e3"} {
			w := newWire()
			w.RegisterNoResponder(respond(429, "").HeaderSet(http.Header{"Retry-After": {retryAfter}}))
			_, err := w.client(t).UpdateUser(t.Context(), &cometchat.User{UID: "a"}, authKey)
			require.ErrorIs(t, err, cometchat.ErrTooManyRequests)
			assert.Zero(t, asError(err).RetryAfter)
			assert.Len(t, w.lines(), 3)
		}
	})
}

func TestRetryBudget(t *testing.T) {
	t.Parallel()
	inBubble(t, "an outage is not multiplied", func(t *testing.T) {
		w := newWire()
		w.RegisterNoResponder(httpmock.NewErrorResponder(errReset))
		c := w.client(t)
		for range 100 {
			_, err := c.LoginWithToken(t.Context(), "t")
			require.ErrorIs(t, err, errReset)
		}
		assert.Len(t, w.lines(), 100+20, "20 retries are shared by all")

		w.RegisterResponder("PUT", meURL, respond(200, data(meAnswer(uid1))))
		for range 10 { // ten successes earn one retry
			_, err := c.VerifySession(t.Context())
			if err != nil {
				_, err = c.LoginWithToken(t.Context(), "t")
			}
			require.NoError(t, err)
		}
		w.Reset()
		w.RegisterNoResponder(httpmock.NewErrorResponder(errReset))
		w.requests()
		for range 10 {
			_, err := c.LoginWithToken(t.Context(), "other")
			require.Error(t, err)
		}
		assert.Len(t, w.lines(), 10+1)
	})
	inBubble(t, "a retry that succeeds costs nothing", func(t *testing.T) {
		w := newWire()
		c := w.client(t)
		for i := range 100 {
			w.RegisterResponder("PUT", meURL, httpmock.NewErrorResponder(errReset).Then(respond(200, data(meAnswer(uid1)))))
			_, err := c.LoginWithToken(t.Context(), fmt.Sprint("t", i))
			require.NoError(t, err)
		}
		assert.Len(t, w.lines(), 200)
	})
	inBubble(t, "nor does one that the server asked for", func(t *testing.T) {
		w := newWire()
		w.RegisterNoResponder(respond(429, "").HeaderSet(http.Header{"Retry-After": {"1"}}))
		c := w.client(t)
		for range 30 {
			_, err := c.LoginWithToken(t.Context(), "t")
			require.Error(t, err)
		}
		assert.Len(t, w.lines(), 90)
	})
}
