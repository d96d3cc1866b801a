//go:build unix && !race

// The race detector changes what a call costs. Only Unix systems tell the processor time of a process.

package benchmarks

import (
	"context"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	rounds = 9

	// A test fails only this far above its goal: the time of a call is also a property of the machine.
	tolerance = 1.5
)

// call is one call, by the floor or by the SDK.
type call func(context.Context) error

// comparison is the same call by the floor and by the SDK.
type comparison struct {
	floor, sdk  call
	goroutines  int     // that call at the same time
	turns       int     // of each side in a round; many short turns, so that a busy machine disturbs both sides alike
	calls       int     // in a turn, of all goroutines together
	collect     bool    // garbage between turns, outside of the measured time
	timeGoal    float64 // the SDK's time over the floor's
	extraAllocs float64 // that a call of the SDK may make
}

func (c *comparison) sides() [2]call { return [2]call{c.floor, c.sdk} }

// test prints what a call of the SDK takes over one of the floor, and holds it to the goals.
func (c *comparison) test(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	var allocs [2]float64
	for i, do := range c.sides() {
		c.burst(ctx, t, do, c.goroutines) // opens the connections
		allocs[i] = testing.AllocsPerRun(1000, func() { _ = do(ctx) })
	}
	extra := allocs[1] - allocs[0]
	t.Logf("allocations: %.0f, the floor %.0f; %.0f more, limit %.0f", allocs[1], allocs[0], extra, c.extraAllocs)
	if extra > c.extraAllocs {
		t.Errorf("a call makes %.0f allocations more than the floor, over %.0f", extra, c.extraAllocs)
	}

	ratios, times := c.measure(t)
	ratio, limit := median(ratios), tolerance*c.timeGoal
	t.Logf("time: %.2f × the floor (rounds from %.2f to %.2f), goal %.2f; a call takes %.0f ns, the floor %.0f ns", ratio,
		slices.Min(ratios), slices.Max(ratios), c.timeGoal, median(times[1]), median(times[0]))
	if ratio > limit {
		t.Errorf("a call takes %.2f × the time of the floor, over %.2f", ratio, limit)
	}
}

// measure returns each round's ratio, and its times of a call in nanoseconds. A ratio compares two times of the same moment.
// So the median of the ratios stays true when the machine's load changes between rounds; a ratio of two medians would not.
func (c *comparison) measure(t *testing.T) (ratios []float64, times [2][]float64) {
	t.Helper()
	clock := wallTime // goroutines that wait for each other are slow too
	if c.goroutines == 1 {
		clock = processorTime // what other programs use does not count
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	}
	if c.collect {
		defer debug.SetGCPercent(debug.SetGCPercent(-1))
	}
	for range rounds {
		var took [2]time.Duration
		for turn := range 2 * c.turns {
			side := (turn + turn/2) % 2 // 0110…: neither is always the second
			if c.collect {
				runtime.GC()
			}
			start := clock()
			c.burst(t.Context(), t, c.sides()[side], c.calls)
			took[side] += clock() - start
		}
		ratios = append(ratios, float64(took[1])/float64(took[0]))
		for side := range times {
			times[side] = append(times[side], float64(took[side])/float64(c.turns*c.calls))
		}
	}
	return ratios, times
}

// benchmark measures each side on its own.
func (c *comparison) benchmark(b *testing.B) {
	b.Helper()
	for i, name := range []string{"floor", "sdk"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			c.burst(b.Context(), b, c.sides()[i], b.N)
		})
	}
}

// burst makes so many calls, spread over the goroutines.
func (c *comparison) burst(ctx context.Context, tb testing.TB, do call, calls int) {
	tb.Helper()
	var group sync.WaitGroup
	for i := range c.goroutines {
		group.Go(func() {
			for range (calls + i) / c.goroutines {
				if err := do(ctx); err != nil {
					tb.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}

var started = time.Now()

func wallTime() time.Duration { return time.Since(started) }

// processorTime is what this process has used of all processors.
func processorTime() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used) // fails for other arguments only
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func median(values []float64) float64 {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}
