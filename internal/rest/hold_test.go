package rest_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
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
		c, tr := newClient(tooMany(http.Header{}))
		a := within10s(t, c, get())
		assert.Equal(t, 429, a.Status)
		<-time.After(20 * time.Second)
		assertHeldBack(t, within10s(t, c, get()), 40*time.Second)
		assert.Len(t, tr.take(), 1)
		a = within10s(t, c, create())
		assert.True(t, a.Success(), "another route is free")
		a = within10s(t, c.Share(), get())
		assert.Equal(t, 429, a.Status, "another client is free")

		tr.responder = httpmock.NewStringResponder(200, "")
		start := time.Now()
		a = do(t.Context(), c, get())
		assert.True(t, a.Success())
		assert.Equal(t, 40*time.Second, time.Since(start), "without a deadline the request waits")
	})
	inBubble(t, "to every route of every client, when nothing remains of the rate limit", func(t *testing.T) {
		c, tr := newClient(tooMany(http.Header{"X-Rate-Limit-Remaining": {"0"}}))
		other := c.Share()
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
		assertHeldBack(t, within10s(t, c, get()), 54*time.Second) // the retry after 6 s was held back too
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
