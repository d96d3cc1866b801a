package xsync_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat/internal/xsync"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const timeout = time.Minute

type (
	flights = xsync.Flights[string, int]
	flight  = xsync.Flight[string, int]
	work    = func(context.Context, *flight) (int, error)
)

func newFlights() *flights { return xsync.NewFlights[string, int](timeout, func() {}) }

// result is what a call of Share came to.
type result struct {
	value    int
	err      error
	panicked any
}

// share calls Share in a goroutine, lets the goroutine run until it waits, and returns the channel of the result.
func share(ctx context.Context, fs *flights, key string, w work) <-chan result {
	results := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			r.panicked = recover()
			results <- r
		}()
		r.value, r.err = fs.Share(ctx, key, w)
	}()
	synctest.Wait()
	return results
}

// returns is work that takes a second and ends early with its context.
func returns(value int) work {
	return func(ctx context.Context, _ *flight) (int, error) {
		select {
		case <-time.After(time.Second):
			return value, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// notCalled is work that must not run.
func notCalled(t *testing.T) work {
	t.Helper()
	return func(context.Context, *flight) (int, error) {
		t.Error("this work ran")
		return 0, nil
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	inBubble(t, "callers with the same key share one flight", func(t *testing.T) {
		fs := newFlights()
		calls := []<-chan result{share(t.Context(), fs, "a", returns(7))}
		for range 9 {
			calls = append(calls, share(t.Context(), fs, "a", notCalled(t)))
		}
		for _, call := range calls {
			assert.Equal(t, result{value: 7}, <-call)
		}
		assert.Equal(t, result{value: 8}, <-share(t.Context(), fs, "a", returns(8)), "a later call has a flight of its own")
	})
	inBubble(t, "callers share an error", func(t *testing.T) {
		fs := newFlights()
		first := share(t.Context(), fs, "a", func(context.Context, *flight) (int, error) {
			<-time.After(time.Second)
			return 1, errDisk
		})
		second := share(t.Context(), fs, "a", notCalled(t))
		assert.Equal(t, result{value: 1, err: errDisk}, <-first)
		assert.Equal(t, result{value: 1, err: errDisk}, <-second)
	})
	inBubble(t, "a call with another key gets ErrBusy at once", func(t *testing.T) {
		fs := newFlights()
		first := share(t.Context(), fs, "a", returns(7))
		assert.Equal(t, result{err: xsync.ErrBusy}, <-share(t.Context(), fs, "b", notCalled(t)))
		assert.Equal(t, result{value: 7}, <-first)
		assert.Equal(t, result{value: 8}, <-share(t.Context(), fs, "b", returns(8)))
	})
	inBubble(t, "the work gets the values of the first caller's context, and the timeout", func(t *testing.T) {
		type name struct{}
		fs, start := newFlights(), time.Now()
		ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), name{}, "first"), time.Hour)
		defer cancel()
		call := share(ctx, fs, "a", func(ctx context.Context, _ *flight) (int, error) {
			assert.Equal(t, "first", ctx.Value(name{}))
			<-ctx.Done()
			return 0, ctx.Err()
		})
		assert.Equal(t, result{err: context.DeadlineExceeded}, <-call)
		assert.Equal(t, timeout, time.Since(start))
	})
	inBubble(t, "settled has returned before the callers return", func(t *testing.T) {
		settled := 0
		var fs *flights
		fs = xsync.NewFlights[string, int](timeout, func() {
			if settled++; settled == 1 {
				next := <-share(t.Context(), fs, "b", returns(8))
				assert.Equal(t, result{value: 8}, next, "the next flight may start already")
			}
			<-time.After(time.Second)
		})
		start := time.Now()
		assert.Equal(t, result{value: 7}, <-share(t.Context(), fs, "a", returns(7)))
		assert.Equal(t, 2, settled, "settled is called once for each flight")
		assert.Equal(t, 4*time.Second, time.Since(start))
	})
}

func TestCallersThatGiveUp(t *testing.T) {
	t.Parallel()
	inBubble(t, "the flight goes on for the remaining callers", func(t *testing.T) {
		fs := newFlights()
		ctx, cancel := context.WithCancel(t.Context())
		first := share(ctx, fs, "a", returns(7))
		second := share(t.Context(), fs, "a", notCalled(t))
		cancel()
		assert.Equal(t, result{err: context.Canceled}, <-first)
		assert.Equal(t, result{value: 7}, <-second)
	})
	inBubble(t, "the last caller cancels the flight and makes room for another", func(t *testing.T) {
		fs := newFlights()
		ctx, cancel := context.WithCancel(t.Context())
		canceled, release := make(chan struct{}), make(chan struct{})
		first := share(ctx, fs, "a", func(ctx context.Context, f *flight) (int, error) {
			<-ctx.Done()
			close(canceled)
			<-release // slow to notice
			assert.Equal(t, context.Canceled, f.Commit(), "it is too late to commit")
			return 0, ctx.Err()
		})
		second := share(ctx, fs, "a", notCalled(t))
		cancel()
		assert.Equal(t, result{err: context.Canceled}, <-first)
		assert.Equal(t, result{err: context.Canceled}, <-second)
		<-canceled
		assert.Equal(t, result{value: 8}, <-share(t.Context(), fs, "b", returns(8)))
		close(release)
	})
	inBubble(t, "after Commit they wait for the outcome", func(t *testing.T) {
		fs, start := newFlights(), time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		work := func(ctx context.Context, f *flight) (int, error) {
			if err := f.Commit(); err != nil {
				return 0, err
			}
			return returns(7)(ctx, f)
		}
		first, second := share(ctx, fs, "a", work), share(ctx, fs, "a", notCalled(t))
		cancel()
		assert.Equal(t, result{value: 7}, <-first)
		assert.Equal(t, result{value: 7}, <-second)
		assert.Equal(t, time.Second, time.Since(start))
	})
	inBubble(t, "once the work is done they get its outcome, and do not wait for settled", func(t *testing.T) {
		release := make(chan struct{})
		fs := xsync.NewFlights[string, int](timeout, func() { <-release })
		ctx, cancel := context.WithCancel(t.Context())
		call := share(ctx, fs, "a", func(context.Context, *flight) (int, error) { return 7, nil })
		assert.Empty(t, call, "the caller waits for settled")
		cancel()
		assert.Equal(t, result{value: 7}, <-call)
		close(release)
	})
}

func TestSeal(t *testing.T) {
	t.Parallel()
	inBubble(t, "later calls start a flight of their own", func(t *testing.T) {
		fs := newFlights()
		sealed := func(ctx context.Context, f *flight) (int, error) {
			f.Seal()
			return returns(7)(ctx, f)
		}
		first := share(t.Context(), fs, "a", sealed)
		second := share(t.Context(), fs, "a", returns(8))
		assert.Equal(t, result{value: 7}, <-first)
		assert.Equal(t, result{value: 8}, <-second)
	})
	inBubble(t, "a sealed flight leaves the next one alone", func(t *testing.T) {
		fs := newFlights()
		release := make(chan struct{})
		first := share(t.Context(), fs, "a", func(_ context.Context, f *flight) (int, error) {
			f.Seal()
			<-release
			f.Seal()
			return 7, nil
		})
		second := share(t.Context(), fs, "b", returns(8))
		close(release)
		assert.Equal(t, result{value: 7}, <-first)
		third := share(t.Context(), fs, "b", notCalled(t))
		assert.Equal(t, result{value: 8}, <-second)
		assert.Equal(t, result{value: 8}, <-third)
	})
}

func TestClose(t *testing.T) {
	t.Parallel()
	inBubble(t, "cancels the flight, and no other starts", func(t *testing.T) {
		fs, start := newFlights(), time.Now()
		call := share(t.Context(), fs, "a", returns(7))
		fs.Close()
		assert.Equal(t, result{err: context.Canceled}, <-call)
		assert.Zero(t, time.Since(start))
		assert.Equal(t, result{err: xsync.ErrClosed}, <-share(t.Context(), fs, "a", notCalled(t)))
		fs.Close()
		fs.Wait()
	})
	inBubble(t, "Wait waits until no work runs, sealed and abandoned flights included", func(t *testing.T) {
		fs := newFlights()
		ctx, cancel := context.WithCancel(t.Context())
		slow := func(context.Context, *flight) (int, error) { <-time.After(time.Second); return 7, nil }
		call := share(ctx, fs, "a", slow)
		cancel()
		assert.Equal(t, result{err: context.Canceled}, <-call)
		fs.Close()
		start := time.Now()
		fs.Wait()
		assert.Equal(t, time.Second, time.Since(start))
	})
}

func TestWorkThatPanics(t *testing.T) {
	t.Parallel()
	// assertPanicked asserts that a call panicked with a *PanicError of errDisk.
	assertPanicked := func(t *testing.T, r result) {
		t.Helper()
		panicked, ok := r.panicked.(*xsync.PanicError)
		require.True(t, ok, "got %+v", r)
		assert.Equal(t, errDisk, panicked.Value)
		require.ErrorIs(t, panicked, errDisk)
	}
	fails := func(context.Context, *flight) (int, error) { <-time.After(time.Second); panic(errDisk) }
	inBubble(t, "panics in each caller, and the next flight works", func(t *testing.T) {
		fs := newFlights()
		first, second := share(t.Context(), fs, "a", fails), share(t.Context(), fs, "a", notCalled(t))
		assertPanicked(t, <-first)
		assertPanicked(t, <-second)
		assert.Equal(t, result{value: 8}, <-share(t.Context(), fs, "a", returns(8)))
	})
	inBubble(t, "a recovered panic that the work wraps is an error", func(t *testing.T) {
		fs := newFlights()
		r := <-share(t.Context(), fs, "a", func(ctx context.Context, _ *flight) (int, error) {
			_, err := xsync.Captured(ctx, func() (int, error) { panic(errDisk) })
			return 0, fmt.Errorf("could not write: %w", err)
		})
		assert.Nil(t, r.panicked)
		require.ErrorIs(t, r.err, errDisk)
	})
	inBubble(t, "work that ends its goroutine returns ErrGoexit to each caller", func(t *testing.T) {
		fs := newFlights()
		exits := func(context.Context, *flight) (int, error) {
			<-time.After(time.Second)
			runtime.Goexit()
			return 0, nil
		}
		first, second := share(t.Context(), fs, "a", exits), share(t.Context(), fs, "a", notCalled(t))
		assert.Equal(t, result{err: xsync.ErrGoexit}, <-first)
		assert.Equal(t, result{err: xsync.ErrGoexit}, <-second)
		assert.Equal(t, result{value: 8}, <-share(t.Context(), fs, "a", returns(8)))
	})
	inBubble(t, "a panic of settled panics in each caller", func(t *testing.T) {
		broken := true
		fs := xsync.NewFlights[string, int](timeout, func() {
			if broken {
				panic(errDisk)
			}
		})
		first, second := share(t.Context(), fs, "a", returns(7)), share(t.Context(), fs, "a", notCalled(t))
		assertPanicked(t, <-first)
		assertPanicked(t, <-second)
		broken = false
		assert.Equal(t, result{value: 8}, <-share(t.Context(), fs, "a", returns(8)))
	})
	inBubble(t, "a settled that ends its goroutine changes no outcome", func(t *testing.T) {
		fs := xsync.NewFlights[string, int](timeout, runtime.Goexit)
		assert.Equal(t, result{value: 7}, <-share(t.Context(), fs, "a", returns(7)))
	})
}

func TestPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, shared := xsync.Patience(t.Context())
		assert.False(t, shared, "nobody waits for the context of no flight")
		flights := xsync.NewFlights[string, time.Duration](time.Minute, func() {})
		begun := time.Now()
		work := func(ctx context.Context, _ *xsync.Flight[string, time.Duration]) (time.Duration, error) {
			<-time.After(time.Second) // until all callers are there
			latest, shared := xsync.Patience(ctx)
			assert.True(t, shared)
			return latest.Sub(begun), ctx.Err()
		}
		for _, tc := range []struct{ first, second, latest time.Duration }{
			{10 * time.Second, 20 * time.Second, 20 * time.Second},
			{20 * time.Second, 10 * time.Second, 20 * time.Second},
			{10 * time.Second, time.Hour, time.Minute},
		} {
			begun = time.Now()
			got := make(chan time.Duration, 2)
			for _, d := range []time.Duration{tc.first, tc.second} {
				ctx, cancel := context.WithTimeout(t.Context(), d)
				defer cancel()
				go func() {
					latest, err := flights.Share(ctx, "key", work)
					assert.NoError(t, err)
					got <- latest
				}()
				synctest.Wait()
			}
			assert.Equal(t, []time.Duration{tc.latest, tc.latest}, []time.Duration{<-got, <-got})
		}
	})
}
