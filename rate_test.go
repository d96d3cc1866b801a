package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRequestRate(t *testing.T) {
	t.Parallel()
	found := respond(200, data(user("u9")))
	inBubble(t, "is that of all clients of a pool", func(t *testing.T) {
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
		assert.Equal(t, 1500*time.Millisecond, took(), "ten at once, and the others every tenth of a second")
	})
	inBubble(t, "fails at once when it would be too late", func(t *testing.T) {
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
		require.NoError(t, getUser(t, c), "what was not made has used nothing up")
	})
	inBubble(t, "ends with its caller", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t, cometchat.WithRequestRate(2, 40*time.Second))
		w.RegisterResponder("GET", userURL, found)
		ctx, cancel := context.WithCancel(t.Context())
		call := started(func() error { _, err := c.GetUser(ctx, "u9"); return err })
		cancel()
		require.ErrorIs(t, <-call, context.Canceled)
		assert.Empty(t, w.lines())
		took := stopwatch()
		require.NoError(t, getUser(t, c))
		assert.Equal(t, 20*time.Second, took())
	})
	inBubble(t, "is not used up by those who are refused, however many at once", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t, cometchat.WithRequestRate(2, 2*time.Hour), cometchat.WithTimeout(time.Minute))
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 500 {
					err := asError(getUser(t, c))
					assert.Equal(t, "ERR_TOO_MANY_REQUESTS", code(err))
					assert.Equal(t, time.Hour, err.RetryAfter)
				}
			})
		}
		wg.Wait()
		assert.Empty(t, w.lines())
	})
	for _, tc := range []struct {
		n   int
		per time.Duration
	}{{1, math.MaxInt64}, {math.MaxInt, 1}, {1, 1}, {math.MaxInt, math.MaxInt64}} {
		inBubble(t, fmt.Sprintf("may be %d in %v", tc.n, tc.per), func(t *testing.T) {
			w := newWire()
			w.loginWorks(uid1)
			c := w.client(t, cometchat.WithRequestRate(tc.n, tc.per))
			took := stopwatch()
			_, err := c.LoginWithToken(t.Context(), tokenOf(uid1))
			require.NoError(t, err, "there is room for one")
			assert.Less(t, took(), time.Second)
			w.RegisterResponder("GET", userURL, found)
			if err = getUser(t, c); tc.n == 1 && tc.per > 1 {
				require.ErrorIs(t, err, cometchat.ErrTooManyRequests)
				assert.Greater(t, asError(err).RetryAfter, 100*365*24*time.Hour)
			} else {
				require.NoError(t, err)
			}
		})
	}
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
	inBubble(t, "is an admin's too, and its TokenHandler says so", func(t *testing.T) {
		w := newWire()
		w.loginWorks(uid1)
		a, err := cometchat.NewAdmin(appID, "key", cometchat.WithRegion("us"), cometchat.WithRequestRate(1, time.Hour),
			cometchat.WithHTTPClient(&http.Client{Transport: w}))
		require.NoError(t, err)
		defer func() { assert.NoError(t, a.Close()) }()
		h := cometchat.TokenHandler(a, func(*http.Request) (string, error) { return uid1, nil })
		for _, status := range []int{200, 503} {
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil))
			assert.Equal(t, status, answer.Code)
		}
	})
}
