package rest_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat/internal/rest"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tooMany answers requests for /me with a 429 that asks to wait a minute, and every other request with a success.
func tooMany(header http.Header) httpmock.Responder {
	header.Set("Retry-After", "60")
	return func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/me") {
			return httpmock.NewStringResponder(429, "").HeaderSet(header)(r)
		}
		return httpmock.NewStringResponse(200, ""), nil
	}
}

// within10s makes a request that has ten seconds.
func within10s(t *testing.T, c *rest.Client, req *rest.Request) rest.Answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return do(ctx, c, req)
}

// assertHeldBack asserts that a request was not sent, because of a 429 before it.
func assertHeldBack(t *testing.T, a rest.Answer, retryAfter time.Duration) {
	t.Helper()
	noRoom, ok := errors.AsType[*rest.NoRoomError](a.Err)
	require.True(t, ok, "%+v", a)
	assert.True(t, noRoom.ByServer)
	assert.Equal(t, retryAfter, noRoom.RetryAfter)
	assert.Zero(t, a.Attempts)
}

func TestA429HoldsBackLaterRequests(t *testing.T) {
	t.Parallel()
	inBubble(t, "to the same route, until the wait is over", func(t *testing.T) {
		c, tr := newClient(tooMany(http.Header{}), noSpread)
		a := within10s(t, c, get())
		assert.Equal(t, 429, a.Status)
		<-time.After(20 * time.Second)
		assertHeldBack(t, within10s(t, c, get()), 40*time.Second)
		assert.Len(t, tr.take(), 1)
		a = within10s(t, c, create())
		assert.True(t, a.Success(), "another route is free")
		a = within10s(t, c.Share(""), get())
		assert.Equal(t, 429, a.Status, "another client is free")

		tr.responder = httpmock.NewStringResponder(200, "")
		start := time.Now()
		a = do(t.Context(), c, get())
		assert.True(t, a.Success())
		assert.Equal(t, 40*time.Second, time.Since(start).Round(time.Millisecond), "without a deadline the request waits")
	})
	inBubble(t, "to every route of every client, when nothing remains of the rate limit", func(t *testing.T) {
		c, tr := newClient(tooMany(http.Header{"X-Rate-Limit-Remaining": {"0"}}))
		other := c.Share("")
		a := within10s(t, c, get())
		assert.Equal(t, 429, a.Status)
		assert.Len(t, tr.take(), 1)
		assertHeldBack(t, within10s(t, c, create()), time.Minute)
		assertHeldBack(t, within10s(t, other, get()), time.Minute)
		assertHeldBack(t, within10s(t, other, create()), time.Minute)
		assert.Empty(t, tr.take())
		assert.Equal(t, 0, other.LastRateLimit().Remaining, "the clients share the newest rate limit")
		<-time.After(time.Minute)
		a = within10s(t, other, create())
		assert.True(t, a.Success())
	})
	inBubble(t, "and a shorter wait later does not end it early", func(t *testing.T) {
		c, tr := newClient(tooMany(http.Header{}))
		answers := make(chan rest.Answer, 1)
		slow := httpmock.NewStringResponder(429, "").HeaderSet(http.Header{"Retry-After": {"1"}}).Delay(5 * time.Second)
		tr.responder = slow
		go func() { answers <- within10s(t, c, get()) }()
		synctest.Wait()
		tr.responder = tooMany(http.Header{})
		within10s(t, c, get())
		<-answers
		assertHeldBack(t, within10s(t, c, get()), 55*time.Second)
	})
	inBubble(t, "for an hour at most, whatever the server asks for", func(t *testing.T) {
		c, tr := newClient(httpmock.NewStringResponder(429, "").HeaderSet(http.Header{"Retry-After": {"99999999"}}))
		a := within10s(t, c, get())
		assert.Equal(t, 365*24*time.Hour, a.RetryAfter)
		assertHeldBack(t, within10s(t, c, get()), time.Hour)
		assert.Len(t, tr.take(), 1)
		<-time.After(time.Hour)
		within10s(t, c, get())
		assert.Len(t, tr.take(), 1)
	})
	inBubble(t, "which end with their context", func(t *testing.T) {
		c, tr := newClient(tooMany(http.Header{}))
		within10s(t, c, get())
		tr.take()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		a := do(ctx, c, get())
		require.ErrorIs(t, a.Err, context.Canceled)
		assert.Empty(t, tr.take())
	})
	inBubble(t, "but a 429 without a wait, and a 503 with one, hold nothing back", func(t *testing.T) {
		for _, answer := range []httpmock.Responder{
			httpmock.NewStringResponder(429, ""),
			httpmock.NewStringResponder(503, "").HeaderSet(http.Header{"Retry-After": {"60"}}),
		} {
			c, tr := newClient(answer)
			within10s(t, c, get())
			tr.take()
			within10s(t, c, get())
			assert.NotEmpty(t, tr.take())
		}
	})
}

// limited answers like a server that takes this many requests in each second and needs 30 ms for an answer.
func limited(perSecond int, whenFull http.Header) httpmock.Responder {
	var mu sync.Mutex
	used, begun := 0, time.Time{}
	whenFull.Set("Retry-After", "1")
	return func(r *http.Request) (*http.Response, error) {
		<-time.After(30 * time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		if time.Since(begun) >= time.Second {
			used, begun = 0, time.Now()
		}
		if used++; used > perSecond {
			return httpmock.NewStringResponder(429, "").HeaderSet(whenFull)(r)
		}
		return httpmock.NewStringResponse(200, ""), nil
	}
}

// TestCrowdAgainstARateLimit checks how requests go out after a wait that the server has asked for.
func TestCrowdAgainstARateLimit(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		clients  int
		whenFull http.Header
	}{
		"one client, nothing remains": {1, http.Header{"X-Rate-Limit-Remaining": {"0"}}},
		"one client, one route":       {1, http.Header{}},
		"a pool, nothing remains":     {10, http.Header{"X-Rate-Limit-Remaining": {"0"}}},
		"a pool, one route":           {10, http.Header{}},
	} {
		inBubble(t, name, func(t *testing.T) {
			const calls = 100
			first, tr := newClient(limited(20, tc.whenFull), func(config *rest.Config) {
				config.Policy.BaseDelay = 200 * time.Millisecond
			})
			clients := []*rest.Client{first}
			for len(clients) < tc.clients {
				clients = append(clients, first.Share(""))
			}
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			start := time.Now()
			var wg sync.WaitGroup
			for i := range calls {
				wg.Go(func() {
					a := do(ctx, clients[i%len(clients)], create())
					assert.True(t, a.Success(), "%+v", a)
				})
			}
			wg.Wait()
			assert.Less(t, time.Since(start), 6*time.Second)
			assert.Less(t, len(tr.take()), 3*calls)
		})
	}
	inBubble(t, "requests that wait go out one after the other", func(t *testing.T) {
		for _, status := range []int{429, 503} {
			var mu sync.Mutex
			at := map[time.Time]bool{}
			full := true
			c, _ := newClient(func(r *http.Request) (*http.Response, error) {
				mu.Lock()
				defer mu.Unlock()
				if full {
					return httpmock.NewStringResponder(status, "").HeaderSet(http.Header{"Retry-After": {"1"}})(r)
				}
				at[time.Now()] = true
				return httpmock.NewStringResponse(200, ""), nil
			})
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() { assert.True(t, new(do(t.Context(), c, get())).Success()) })
			}
			synctest.Wait()
			mu.Lock()
			full = false
			mu.Unlock()
			wg.Wait()
			assert.Len(t, at, 10, "ten different times")
		}
	})
	inBubble(t, "a deadline leaves no room for a random delay", func(t *testing.T) {
		c, tr := newClient(limited(0, http.Header{}).Then(httpmock.NewStringResponder(200, "")))
		ctx, cancel := context.WithTimeout(t.Context(), 1031*time.Millisecond)
		defer cancel()
		assert.True(t, new(do(ctx, c, get())).Success())
		assert.Len(t, tr.take(), 2)
	})
	inBubble(t, "429s that ask for a wait do not count as attempts, other failures do", func(t *testing.T) {
		full := httpmock.NewStringResponder(429, "").HeaderSet(http.Header{"Retry-After": {"1"}})
		broken := httpmock.NewStringResponder(502, "")
		c, tr := newClient(full.Then(full).Then(broken).Then(full).Then(broken).Then(full).Then(broken))
		a := do(t.Context(), c, get())
		assert.Equal(t, 502, a.Status)
		assert.Equal(t, 7, a.Attempts)
		assert.Len(t, tr.take(), 7)
	})
	inBubble(t, "a 429 that asks for less than a second counts", func(t *testing.T) {
		c, tr := newClient(httpmock.NewStringResponder(429, "").HeaderSet(http.Header{"Retry-After": {"0.9"}}))
		do(t.Context(), c, get())
		assert.Len(t, tr.take(), 3)
	})
	inBubble(t, "MaxAttempts of 1 allows no retry", func(t *testing.T) {
		c, tr := newClient(tooMany(http.Header{}), func(config *rest.Config) { config.Policy.MaxAttempts = 1 })
		do(t.Context(), c, get())
		assert.Len(t, tr.take(), 1)
	})
}
