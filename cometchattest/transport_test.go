package cometchattest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inMemory starts an emulator in a bubble. It is closed at the end of the test, after the clients.
func inMemory(t *testing.T, opts ...cometchattest.Option) *cometchattest.Server {
	t.Helper()
	s := cometchattest.New(opts...)
	t.Cleanup(s.Close)
	return s
}

func inMemoryClient(t *testing.T, s *cometchattest.Server, opts ...cometchat.Option) *cometchat.Client {
	t.Helper()
	c, err := cometchat.New(s.AppID, append(s.Options(), opts...)...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
}

// TestRetryAfterOnTheClockOfABubble waits out a rate limit without waiting.
func TestRetryAfterOnTheClockOfABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t, cometchattest.WithRateLimit(2, 20*time.Second))
		c := inMemoryClient(t, s)
		begin := time.Now()
		_, err := c.Login(t.Context(), uid(1), s.AuthKey)
		require.NoError(t, err)
		assert.Zero(t, time.Since(begin), "the two requests of a login are within the limit")
		_, err = c.VerifySession(t.Context())
		require.NoError(t, err)
		// The SDK adds a random part of its policy's 200 ms.
		assert.InDelta(t, 20.1, time.Since(begin).Seconds(), 0.1, "the SDK has waited for the next period")
		assert.Len(t, s.Requests(), 4, "one was refused")
	})
}

// TestFaultsInMemory has the faults that need more than an answer.
func TestFaultsInMemory(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault cometchattest.Fault
		took  time.Duration
	}{
		"a delay":                   {cometchattest.Fault{Delay: 5 * time.Second}, 5 * time.Second},
		"a drop before the request": {cometchattest.Fault{DropBefore: true}, 0},
		"a drop after the request":  {cometchattest.Fault{DropAfter: true, Delay: time.Second}, time.Second},
		"a truncated answer":        {cometchattest.Fault{Truncate: true}, 0},
		"a limit":                   {cometchattest.Fault{Status: 429, Header: http.Header{"Retry-After": {"7"}}}, 7 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := inMemory(t)
				c := inMemoryClient(t, s, cometchat.WithRetry(cometchat.RetryPolicy{BaseDelay: 1, MaxDelay: 1}))
				tc.fault.Method, tc.fault.Path, tc.fault.Times = "PUT", "/me", 1
				fault, begin := s.InjectFault(tc.fault), time.Now()
				_, err := c.Login(t.Context(), uid(1), s.AuthKey)
				require.NoError(t, err)
				assert.Equal(t, 1, fault.Count())
				assert.InDelta(t, tc.took, time.Since(begin), float64(time.Millisecond))
			})
		})
	}
}

func TestALiveConnectionInMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t)
		watcher := connected(t, s, s.CreateAuthToken(uid(2)), "w", "ALL_USERS")
		l := connected(t, s, s.CreateAuthToken(uid(1)), "d", "")
		watcher.told(uid(1), "online")
		time.Sleep(25 * time.Hour)
		l.quiet()
		status, answer := me(t, s, s.CreateAuthToken(uid(1)), "")
		assert.Equal(t, "available", data(t, status, answer)["status"])
		s.DropSockets(uid(1))
		watcher.told(uid(1), "offline")
	})
}

// TestAClientThatDoesNotRead loses its connection, and does not delay the answers to senders.
func TestAClientThatDoesNotRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t)
		connected(t, s, s.CreateAuthToken(uid(2)), "d", "")
		begin := time.Now()
		for range 3 {
			status, answer := call(t, s, "POST", "/v3/messages",
				`{"receiver":"cometchat-uid-2","receiverType":"user","category":"message","type":"text","data":{"text":"`+
					strings.Repeat("x", 9<<10)+`"}}`, headers{"apikey": s.APIKey, "onBehalfOf": uid(1)})
			require.Equal(t, http.StatusOK, status, "%v", answer)
		}
		assert.Zero(t, time.Since(begin))
		time.Sleep(999 * time.Millisecond)
		assert.Equal(t, "available", must(t, s, "GET", "/users/cometchat-uid-2", "")["status"])
		time.Sleep(2 * time.Millisecond)
		assert.Equal(t, "offline", must(t, s, "GET", "/users/cometchat-uid-2", "")["status"])
	})
}

// TestAClientThatReadsTooSlowly loses its connection when too many frames wait for it, although it reads.
func TestAClientThatReadsTooSlowly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t)
		slow := connected(t, s, s.CreateAuthToken(uid(2)), "d", "")
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		ended := make(chan error, 1)
		go func() {
			for {
				if _, _, err := slow.conn.Read(ctx); err != nil {
					ended <- err
					return
				}
				time.Sleep(time.Second / 2) // a frame has a second to be read
			}
		}()
		s.Deliver(uid(2), cometchattest.MaxQueued+10) // some are on their way, or read
		assert.Equal(t, websocket.StatusTryAgainLater, websocket.CloseStatus(<-ended))
	})
}

func TestTransport(t *testing.T) {
	t.Parallel()
	s := started(t)
	first, second := s.Transport(), s.Transport()
	assert.Same(t, first, second)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://whatever.test/healthz", http.NoBody)
	require.NoError(t, err)
	resp, err := s.Transport().RoundTrip(r)
	require.NoError(t, err, "a server that listens has a transport too")
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	s.Close()
	_, err = s.Transport().RoundTrip(r) //nolint:bodyclose // there is no answer
	require.ErrorContains(t, err, "the emulator is closed")

	closed := cometchattest.New()
	closed.Close()
	_, err = closed.Transport().RoundTrip(r) //nolint:bodyclose // there is no answer
	require.ErrorContains(t, err, "the emulator is closed")
}
