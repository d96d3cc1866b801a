package rest_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat/internal/rest"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// paced sets the limit of requests.
func paced(n int, per time.Duration) func(*rest.Config) {
	return func(config *rest.Config) { config.Requests, config.Per = n, per }
}

func TestPace(t *testing.T) {
	t.Parallel()
	ok := httpmock.NewStringResponder(200, "")
	inBubble(t, "requests wait for room", func(t *testing.T) {
		c, tr := newClient(ok, paced(10, time.Second))
		start := time.Now()
		var wg sync.WaitGroup
		for range 25 {
			wg.Go(func() { a := do(t.Context(), c, get()); assert.NoError(t, a.Err) })
		}
		wg.Wait()
		assert.Equal(t, 1500*time.Millisecond, time.Since(start), "ten at once, and each of the rest a tenth of a second later")
		assert.Len(t, tr.take(), 25)
	})
	inBubble(t, "a request without room before its deadline fails at once", func(t *testing.T) {
		c, tr := newClient(ok, paced(2, time.Hour))
		do(t.Context(), c, get())
		do(t.Context(), c, get())
		tr.take()
		ctx, cancel := context.WithTimeout(t.Context(), 29*time.Minute)
		defer cancel()
		start := time.Now()
		a := do(ctx, c, get())
		noRoom, ok := errors.AsType[*rest.NoRoomError](a.Err)
		require.True(t, ok, "%v", a.Err)
		assert.Equal(t, 30*time.Minute, noRoom.RetryAfter)
		assert.Contains(t, noRoom.Error(), "30m0s")
		assert.Zero(t, a.Attempts)
		assert.Zero(t, time.Since(start))
		assert.Empty(t, tr.take())

		<-time.After(30 * time.Minute)
		a = do(t.Context(), c, get())
		assert.True(t, a.Success(), "a request that was not made uses nothing up")
	})
	inBubble(t, "a wait for room ends with the context, and uses nothing up", func(t *testing.T) {
		c, tr := newClient(ok, paced(2, 40*time.Second))
		do(t.Context(), c, get())
		do(t.Context(), c, get())
		tr.take()
		ctx, cancel := context.WithCancel(t.Context())
		answers := make(chan rest.Answer, 1)
		go func() { answers <- do(ctx, c, get()) }()
		synctest.Wait()
		cancel()
		a := <-answers
		assert.Equal(t, context.Canceled, a.Err)
		assert.Zero(t, a.Attempts)
		assert.Empty(t, tr.take())
		start := time.Now()
		a = do(t.Context(), c, get())
		assert.True(t, a.Success())
		assert.Equal(t, 20*time.Second, time.Since(start))
	})
	inBubble(t, "a refused request uses nothing up, however many are refused at once", func(t *testing.T) {
		c, tr := newClient(ok, paced(2, 2*time.Hour))
		do(t.Context(), c, get())
		do(t.Context(), c, get())
		tr.take()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 500 {
					a := do(ctx, c, get())
					noRoom, ok := errors.AsType[*rest.NoRoomError](a.Err)
					if assert.True(t, ok) {
						assert.Equal(t, time.Hour, noRoom.RetryAfter)
					}
				}
			})
		}
		wg.Wait()
		assert.Empty(t, tr.take())
	})
	inBubble(t, "a retry without room ends with the last answer", func(t *testing.T) {
		c, tr := newClient(httpmock.NewStringResponder(503, "busy"), paced(1, time.Hour))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		a := do(ctx, c, get())
		assert.Equal(t, 503, a.Status)
		assert.Equal(t, "busy", string(a.Body))
		assert.Equal(t, 1, a.Attempts)
		require.ErrorAs(t, a.Stopped, new(*rest.NoRoomError))
		assert.Len(t, tr.take(), 1)
	})
	inBubble(t, "nothing is sent with an ended context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		c, tr := newClient(ok, paced(1, time.Second))
		a := do(ctx, c, get())
		require.ErrorIs(t, a.Err, context.Canceled)
		assert.Empty(t, tr.take())
	})
	for _, tc := range []struct {
		n   int
		per time.Duration
	}{{1, math.MaxInt64}, {math.MaxInt, 1}, {1, 1}, {math.MaxInt, math.MaxInt64}} {
		inBubble(t, fmt.Sprintf("may be %d in %v", tc.n, tc.per), func(t *testing.T) {
			c, _ := newClient(ok, paced(tc.n, tc.per))
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			start := time.Now()
			a := do(ctx, c, get())
			require.True(t, a.Success(), "there is room for one request: %v", a.Err)
			assert.Less(t, time.Since(start), time.Second)
			a = do(ctx, c, get())
			if tc.n > 1 || tc.per == 1 {
				require.True(t, a.Success())
				return
			}
			noRoom, ok := errors.AsType[*rest.NoRoomError](a.Err)
			require.True(t, ok, "%v", a.Err)
			assert.Greater(t, noRoom.RetryAfter, 100*365*24*time.Hour)
		})
	}
}
