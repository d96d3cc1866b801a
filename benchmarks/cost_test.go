//go:build !race

// The race detector makes everything several times dearer, so there is nothing to measure under it.

package benchmarks

import (
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// What the SDK may cost. A time is a property of the machine and of its mood as well: it is measured again before it
// counts as too long. Allocations are counted, and count at once.
const (
	maxLoginRatio       = 1.25
	maxExtraLoginAllocs = 40
	maxUserTime         = 200 * time.Nanosecond
	maxUserAllocs       = 3
	minUserGain         = 1.25 // in throughput, of a second goroutine; behind one lock there is none
	tries               = 8
)

// cost is that of one call, the server's side included.
type cost struct {
	best, median  time.Duration
	allocs, bytes float64
}

// compare measures both ways in turn, round by round, so that what else the machine does hits both alike.
func compare(t *testing.T, procs, rounds int, floor, sdk way) (ofFloor, ofSDK cost) {
	t.Helper()
	const calls = 50 // a round
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
	ways, costs := [2]way{floor, sdk}, [2]cost{}
	var times [2][]time.Duration
	for round := range rounds + 1 {
		for turn := range ways {
			i := (round + turn) % len(ways) // neither always comes second
			took, allocs, bytes := measure(t, calls, ways[i])
			if round == 0 {
				continue // connects, and fills the pools
			}
			times[i] = append(times[i], took)
			costs[i].allocs += allocs / float64(rounds)
			costs[i].bytes += bytes / float64(rounds)
		}
	}
	for i := range costs {
		slices.Sort(times[i])
		costs[i].best, costs[i].median = times[i][0], times[i][rounds/2]
	}
	return costs[0], costs[1]
}

// measure makes so many calls and returns what one of them took on average. All allocations of the process are counted,
// also those of the transport's goroutines and of the server: the server's are the same for both ways.
func measure(t *testing.T, calls int, w way) (took time.Duration, allocs, bytes float64) {
	t.Helper()
	ctx := t.Context()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	for range calls {
		if err := w.do(ctx); err != nil {
			t.Fatal(err)
		}
	}
	took = time.Since(start) / time.Duration(calls)
	runtime.ReadMemStats(&after)
	return took, float64(after.Mallocs-before.Mallocs) / float64(calls),
		float64(after.TotalAlloc-before.TotalAlloc) / float64(calls)
}

// TestLoginRatio holds a login with the SDK to what it may cost over the floor. The time that counts is that of the best
// round on one processor: the work of a login. With more processors it is for the most part the time that a sleeping one
// takes to wake up, which differs from one second to the next; that ratio is only logged.
func TestLoginRatio(t *testing.T) {
	logIn, sdkLogIn := waysToLogIn(t, newServer(t))
	floor, sdk := compare(t, runtime.GOMAXPROCS(0), 60, logIn, sdkLogIn)
	t.Logf("%d processors: floor %v, sdk %v at the median, ratio %.3f", runtime.GOMAXPROCS(0), floor.median, sdk.median,
		float64(sdk.median)/float64(floor.median))
	for try := 1; ; try++ {
		floor, sdk = compare(t, 1, 150, logIn, sdkLogIn)
		ratio, extra := float64(sdk.best)/float64(floor.best), sdk.allocs-floor.allocs
		t.Logf("one processor: floor %v (median %v), sdk %v (median %v), ratio %.3f", floor.best, floor.median, sdk.best,
			sdk.median, ratio)
		t.Logf("floor %.1f allocs, %.0f B; sdk %.1f allocs, %.0f B: %.1f allocs and %.0f B more", floor.allocs, floor.bytes,
			sdk.allocs, sdk.bytes, extra, sdk.bytes-floor.bytes)
		if extra > maxExtraLoginAllocs {
			t.Errorf("a login makes %.1f allocations more than by hand, over %d", extra, maxExtraLoginAllocs)
		}
		if ratio <= maxLoginRatio {
			return
		}
		if try == tries {
			t.Errorf("a login takes %.3f times as long as by hand, over %.2f, and so in all of %d tries", ratio,
				maxLoginRatio, tries)
		}
		if t.Failed() {
			return
		}
	}
}

// TestGetLoggedinUserCost holds the hot path to its limits, and to doing more in the same time with a second goroutine.
func TestGetLoggedinUserCost(t *testing.T) {
	roomyHeap(t)
	c, ctx := loggedIn(t), t.Context()
	allocs := testing.AllocsPerRun(1000, func() { _, _ = c.GetLoggedinUser(ctx) })
	if allocs > maxUserAllocs {
		t.Errorf("a call makes %.0f allocations, over %d", allocs, maxUserAllocs)
	}

	const tries, rounds, calls = 10, 500, 4_000 // a busy machine may have only one core to spare for seconds
	// burst has the goroutines make so many calls each, and returns how often one of them all was done.
	burst := func(goroutines int) time.Duration {
		var done sync.WaitGroup
		start := time.Now()
		for range goroutines {
			done.Go(func() {
				for range calls {
					if u, err := c.GetLoggedinUser(ctx); u == nil {
						t.Error("nobody is logged in:", err)
						return
					}
				}
			})
		}
		done.Wait()
		return time.Since(start) / time.Duration(goroutines*calls)
	}
	// The best of many short rounds is when the machine had nothing else to do.
	one, two := burst(1), burst(2)
	for range tries {
		for range rounds {
			one, two = min(one, burst(1)), min(two, burst(2))
		}
		t.Logf("a call takes %v and %.0f allocs; with two goroutines one is done every %v", one, allocs, two)
		gains := float64(one)/float64(two) >= minUserGain || runtime.GOMAXPROCS(0) == 1
		if one <= maxUserTime && gains {
			return
		}
	}
	t.Errorf("at best a call takes %v (at most %v is allowed), and with two goroutines one is done every %v (1/%v of that is due)",
		one, maxUserTime, two, minUserGain)
}
