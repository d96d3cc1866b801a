package cometchattest_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
)

func TestRateLimit(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := started(t, clock.option(), cometchattest.WithRateLimit(3, 90*time.Second+time.Millisecond))
	header := headers{"appid": s.AppID, "apikey": s.APIKey}
	send := func(path string) (int, http.Header, object) { return exchange(t, s, "GET", path, "", header) }
	says := func(h http.Header, limit, remaining, retryAfter, reset string) {
		t.Helper()
		for name, want := range map[string]string{
			"X-Rate-Limit": limit, "X-RateLimit-Limit": limit,
			"X-Rate-Limit-Remaining": remaining, "X-RateLimit-Remaining": remaining,
			"Retry-After": retryAfter, "X-Rate-Limit-Reset": reset, "X-RateLimit-Reset": reset,
		} {
			assert.Equal(t, want, h.Get(name), name)
		}
	}
	status, got, _ := send("/v3/users")
	assert.Equal(t, 200, status)
	says(got, "3", "2", "", "")
	clock.pass(30 * time.Second)
	status, got, _ = send("/v3/nothing")
	assert.Equal(t, 404, status)
	says(got, "3", "1", "", "")
	_, got, _ = send("/v3/users/nobody")
	says(got, "3", "0", "", "")

	status, got, answer := send("/v3/users") // 60.001 seconds before the period ends
	assertRefused(t, status, answer, 429, "ERR_TOO_MANY_REQUESTS", "61 seconds")
	says(got, "3", "0", "61", "1795521691")
	clock.pass(60 * time.Second)
	status, got, _ = send("/v3/users") // the last millisecond
	assert.Equal(t, 429, status)
	says(got, "3", "0", "1", "1795521691")
	clock.pass(time.Millisecond)
	status, got, _ = send("/v3/users")
	assert.Equal(t, 200, status, "a new period")
	says(got, "3", "2", "", "")
	clock.pass(-24 * time.Hour)
	status, got, _ = send("/v3/users")
	assert.Equal(t, 200, status, "a clock that is put back begins a new period too")
	says(got, "3", "2", "", "")
	s.Advance(2 * time.Minute)
	_, got, _ = send("/v3/users")
	says(got, "3", "2", "", "")
}

func TestConcurrentRequestsAndTheRateLimit(t *testing.T) {
	t.Parallel()
	s := started(t, cometchattest.WithRateLimit(10, time.Hour))
	var allowed atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 4 {
				if status, _ := admin(t, s, "GET", "/users", ""); status == http.StatusOK {
					allowed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, 10, allowed.Load())
}

func TestNoRateLimit(t *testing.T) {
	t.Parallel()
	_, header, _ := exchange(t, started(t), "GET", "/v3/users", "", nil)
	for name := range header {
		assert.NotContains(t, name, "Rate")
	}
	for _, bad := range []struct {
		requests int
		per      time.Duration
	}{{0, time.Second}, {-1, time.Second}, {1, 0}, {1, -time.Second}} {
		assert.Panics(t, func() { cometchattest.WithRateLimit(bad.requests, bad.per) })
	}
}
