package cometchat_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRequestRate(t *testing.T) {
	t.Parallel()
	found := respond(200, data(user("u9")))
	inBubble(t, "is shared by the clients of a pool", func(t *testing.T) {
		w := newWire()
		w.loginWorks(uid1)
		p := w.pool(t, cometchat.WithRequestRate(10, time.Second))
		took := stopwatch()
		var wg sync.WaitGroup
		for i := range 25 {
			wg.Go(func() {
				_, err := p.Client(strconv.Itoa(i)).LoginWithToken(t.Context(), tokenOf(uid1))
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		assert.Equal(t, 1500*time.Millisecond, took(), "ten at once, and each of the rest a tenth of a second later")
	})
	inBubble(t, "makes a call without room before its deadline fail at once", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t, cometchat.WithRequestRate(2, time.Hour))
		ctx, cancel := context.WithTimeout(t.Context(), 29*time.Minute)
		defer cancel()
		took := stopwatch()
		_, err := c.GetUser(ctx, "u9")
		require.ErrorIs(t, err, cometchat.ErrTooManyRequests)
		assert.Equal(t, 30*time.Minute, asError(err).RetryAfter)
		assert.Zero(t, asError(err).Attempts)
		assert.Zero(t, took())
		assert.Empty(t, w.lines())
		assertUID(t, c, uid1)

		elapse(30 * time.Minute)
		w.RegisterResponder("GET", userURL, found)
		require.NoError(t, getUser(t, c), "a request that was not made uses nothing up")
	})
	inBubble(t, "counts retries, and keeps the server's answer", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t, cometchat.WithRequestRate(3, time.Hour), cometchat.WithRetry(cometchat.RetryPolicy{BaseDelay: 1}))
		w.answer("GET", userURL, 503, "")
		err := getUser(t, c)
		assert.Len(t, w.lines(), 1)
		assert.Equal(t, 503, asError(err).StatusCode)
		require.ErrorIs(t, errors.Unwrap(err), cometchat.ErrTooManyRequests)
		assert.Contains(t, err.Error(), "the limit of WithRequestRate has no room")
	})
	inBubble(t, "applies to an admin too, and its TokenHandler answers 503", func(t *testing.T) {
		w := newWire()
		w.loginWorks(uid1)
		a, err := cometchat.NewAdmin(appID, "key", cometchat.WithRegion("us"), cometchat.WithRequestRate(1, time.Hour),
			cometchat.WithHTTPClient(&http.Client{Transport: w}))
		require.NoError(t, err)
		defer func() { assert.NoError(t, a.Close()) }()
		h, err := cometchat.TokenHandler(a, func(*http.Request) (string, error) { return uid1, nil })
		require.NoError(t, err)
		for _, status := range []int{200, 503} {
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil))
			assert.Equal(t, status, answer.Code)
		}
	})
}

// TestCrowdAgainstARateLimit lets the clients of a pool make a hundred calls at once where the server takes twenty a second.
func TestCrowdAgainstARateLimit(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes five seconds")
	}
	s := cometchattest.NewServer(cometchattest.WithRateLimit(20, time.Second))
	defer s.Close()
	p, err := cometchat.NewPool(s.AppID, s.Options()...)
	require.NoError(t, err)
	defer func() { assert.NoError(t, p.Close()) }()
	var clients [10]*cometchat.Client
	for i := range clients {
		clients[i] = p.Client(strconv.Itoa(i))
		_, err := clients[i].LoginWithToken(t.Context(), s.CreateAuthToken(uid1))
		require.NoError(t, err)
	}
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			_, err := clients[i%len(clients)].GetUser(t.Context(), uid2)
			assert.NoError(t, err)
		})
	}
	wg.Wait()
}
