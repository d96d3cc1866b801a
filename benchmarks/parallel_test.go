//go:build unix && !race

package benchmarks

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
)

const busyGoroutines = 256

// getUsers compares a busy client with resty alone, over a transport with the same settings.
func getUsers(tb testing.TB, floorServer, sdkServer *server) *comparison {
	tb.Helper()
	f, c := newFloor(tb, floorServer), loggedIn(tb, sdkServer)
	return &comparison{
		goroutines: busyGoroutines, turns: 2, calls: 4 * busyGoroutines, timeGoal: 1 / 0.95, extraAllocs: 10,
		floor: func(ctx context.Context) error {
			_, err := f.getUser(ctx, tokens[0], uid)
			return err
		},
		sdk: func(ctx context.Context) error {
			_, err := c.GetUser(ctx, uid)
			return err
		},
	}
}

func TestGetUserFrom256Goroutines(t *testing.T) {
	s := newServer(t)
	s.Config.Handler = togetherFirst(busyGoroutines)
	c := getUsers(t, newServer(t), s)
	c.test(t)
	testConnections(t, s, c)
}

// togetherFirst answers the first n requests for a user together: then n connections are open. The transport has to keep
// them, as each new connection replaces a lost one.
func togetherFirst(n int) http.Handler {
	var came atomic.Int64
	var all sync.WaitGroup
	all.Add(n)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && came.Add(1) <= int64(n) {
			all.Done()
			all.Wait()
		}
		answer(w, r)
	})
}

// testConnections counts the new connections of nine rounds. The median counts: on a very busy machine net/http gives up
// many connections at once, when the goroutines that write to them report the end of the request 50 ms late.
func testConnections(t *testing.T, s *server, c *comparison) {
	t.Helper()
	var opened []float64
	for range rounds {
		before := s.connections.Load()
		c.burst(t.Context(), t, c.sdk, c.calls)
		opened = append(opened, float64(s.connections.Load()-before))
	}
	const limit = busyGoroutines * 5 / 4
	needed := busyGoroutines + median(opened)
	t.Logf("connections: %.0f for %d goroutines and %d calls, limit %d; %d since the start", needed, busyGoroutines, c.calls,
		limit, s.connections.Load())
	if needed > limit {
		t.Errorf("%d calls need %.0f connections, over %d", c.calls, needed, limit)
	}
}

func BenchmarkGetUserFrom256Goroutines(b *testing.B) {
	s := newServer(b)
	getUsers(b, s, s).benchmark(b)
}
