//go:build unix && !race

package benchmarks

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
)

var errNobody = errors.New("nobody is logged in")

// loggedinUsers compares GetLoggedinUser with a copy of the user.
func loggedinUsers(tb testing.TB, goroutines int) *comparison {
	tb.Helper()
	before := debug.SetGCPercent(-1)
	tb.Cleanup(func() { debug.SetGCPercent(before) })
	c := loggedIn(tb, newServer(tb))
	u, err := c.GetLoggedinUser(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return &comparison{
		goroutines: goroutines, turns: 40, calls: 10_000, collect: true, timeGoal: 1.1,
		floor: func(context.Context) error {
			if copyUser(u) == nil {
				return errNobody
			}
			return nil
		},
		sdk: func(ctx context.Context) error {
			if u, err := c.GetLoggedinUser(ctx); u == nil {
				return errors.Join(errNobody, err)
			}
			return nil
		},
	}
}

func TestGetLoggedinUser(t *testing.T) { loggedinUsers(t, 1).test(t) }

func TestGetLoggedinUserFromTwoGoroutines(t *testing.T) { loggedinUsers(t, 2).test(t) }

func BenchmarkGetLoggedinUser(b *testing.B) {
	for _, goroutines := range []int{1, 2} {
		b.Run(fmt.Sprint(goroutines), loggedinUsers(b, goroutines).benchmark)
	}
}

const busyGoroutines = 256

// getUsers compares a busy client with resty alone, over a transport with the same settings.
func getUsers(tb testing.TB, floorServer, sdkServer *server) *comparison {
	tb.Helper()
	f, c := newFloor(tb, floorServer), loggedIn(tb, sdkServer)
	return &comparison{
		goroutines: busyGoroutines, turns: 3, calls: 4 * busyGoroutines, timeGoal: 1 / 0.95, extraAllocs: 10,
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

// togetherFirst answers the first n requests for a user together: n connections are open then. The transport has to keep
// them; every further one is a connection that it did not keep.
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

func TestGetUserFrom256Goroutines(t *testing.T) {
	floorServer, sdkServer := newServer(t), newServer(t)
	for _, s := range []*server{floorServer, sdkServer} {
		s.Config.Handler = togetherFirst(busyGoroutines)
	}
	getUsers(t, floorServer, sdkServer).test(t)
	byFloor, bySDK := floorServer.connections.Load(), sdkServer.connections.Load()
	const limit = busyGoroutines * 5 / 4
	t.Logf("connections: %d, the floor %d; limit %d", bySDK, byFloor, limit)
	if bySDK > limit {
		t.Errorf("the SDK has made %d connections for %d goroutines, over %d", bySDK, busyGoroutines, limit)
	}
}

func BenchmarkGetUserFrom256Goroutines(b *testing.B) {
	s := newServer(b)
	getUsers(b, s, s).benchmark(b)
}
