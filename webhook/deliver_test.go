package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat/webhook"
	"github.com/stretchr/testify/assert"
)

// answerTime is the documented time in which a delivery is answered.
const answerTime = 1500 * time.Millisecond

func TestDuplicates(t *testing.T) {
	t.Parallel()
	t.Run("one after the other", func(t *testing.T) {
		t.Parallel()
		var calls atomic.Int32
		h := newHandler(t, ok(&calls))
		for range 3 {
			assert.Equal(t, 200, deliver(h, connectionEvent(1)))
		}
		assert.Equal(t, int32(1), calls.Load())
		assert.Equal(t, 200, deliver(h, connectionEvent(2)))
		assert.Equal(t, int32(2), calls.Load())
	})
	t.Run("failed, then delivered again", func(t *testing.T) {
		t.Parallel()
		var calls atomic.Int32
		h := newHandler(t, func(context.Context, *webhook.Event) error {
			if calls.Add(1) < 3 {
				return errors.New("no")
			}
			return nil
		})
		for _, want := range []int{500, 500, 200, 200} {
			assert.Equal(t, want, deliver(h, connectionEvent(1)))
		}
		assert.Equal(t, int32(3), calls.Load())
	})
	for name, tc := range map[string]struct {
		err   error
		first int
	}{
		"at once":                      {nil, 200},
		"at once, and the first fails": {errors.New("no"), 500},
	} {
		inBubble(t, name, func(t *testing.T) {
			var calls atomic.Int32
			h := newHandler(t, func(context.Context, *webhook.Event) error {
				calls.Add(1)
				<-time.After(time.Second)
				return tc.err
			})
			const n = 50
			statuses := make(chan int, n)
			for range n {
				go func() { statuses <- deliver(h, connectionEvent(1)) }()
			}
			got := map[int]int{}
			for range n {
				got[<-statuses]++
			}
			assert.Equal(t, map[int]int{tc.first: 1, 503: n - 1}, got)
			assert.Equal(t, int32(1), calls.Load())
		})
	}
	inBubble(t, "many events at once", func(t *testing.T) {
		var calls atomic.Int32
		h := newHandler(t, ok(&calls))
		var wg sync.WaitGroup
		for i := range 400 {
			wg.Go(func() { assert.Contains(t, []int{200, 503}, deliver(h, connectionEvent(1+i%20))) })
		}
		wg.Wait()
		assert.Equal(t, int32(20), calls.Load())
	})
}

// TestRedelivery follows CometChat's documented schedule: an event is delivered again until the answer is 200, 10 and 30
// seconds after the first delivery.
func TestRedelivery(t *testing.T) {
	t.Parallel()
	no := errors.New("no")
	for _, tc := range []struct {
		takes    time.Duration // of the first call; later calls return at once
		returns  error
		statuses []int
		calls    int32
	}{
		{time.Second, nil, []int{200}, 1},
		{time.Second, no, []int{500, 200}, 2},
		{5 * time.Second, nil, []int{503, 200}, 1},
		{5 * time.Second, no, []int{503, 200}, 2},
		{15 * time.Second, nil, []int{503, 503, 200}, 1},
		{15 * time.Second, no, []int{503, 503, 200}, 2},
		{45 * time.Second, nil, []int{503, 503, 503}, 1},
		{45 * time.Second, no, []int{503, 503, 503}, 1}, // lost, as documented
	} {
		inBubble(t, fmt.Sprint(tc.takes, " ", tc.returns), func(t *testing.T) {
			var calls atomic.Int32
			h := newHandler(t, func(context.Context, *webhook.Event) error {
				if calls.Add(1) > 1 {
					return nil
				}
				<-time.After(tc.takes)
				return tc.returns
			})
			start := time.Now()
			var statuses []int
			for _, at := range []time.Duration{0, 10 * time.Second, 30 * time.Second} {
				<-time.After(time.Until(start.Add(at)))
				status := deliver(h, connectionEvent(1))
				assert.LessOrEqual(t, time.Since(start), at+answerTime)
				statuses = append(statuses, status)
				if status == 200 {
					break
				}
			}
			assert.Equal(t, tc.statuses, statuses)
			<-time.After(time.Minute)
			assert.Equal(t, tc.calls, calls.Load())
		})
	}
}

func TestSlowHandle(t *testing.T) {
	t.Parallel()
	inBubble(t, "gets 503 in time, and while it is running", func(t *testing.T) {
		h := newHandler(t, func(ctx context.Context, _ *webhook.Event) error {
			<-time.After(5 * time.Second)
			assert.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
			return nil
		})
		start := time.Now()
		assert.Equal(t, 503, deliver(h, connectionEvent(1)))
		assert.Equal(t, answerTime, time.Since(start))
		assert.Equal(t, 503, deliver(h, connectionEvent(1)))
		assert.Equal(t, answerTime, time.Since(start), "the second answer does not wait")
		<-time.After(5 * time.Second)
		assert.Equal(t, 200, deliver(h, connectionEvent(1)))
	})
	inBubble(t, "stops with its context", func(t *testing.T) {
		h := newHandler(t, func(ctx context.Context, _ *webhook.Event) error {
			<-ctx.Done()
			return context.Cause(ctx)
		})
		assert.Contains(t, []int{500, 503}, deliver(h, connectionEvent(1)))
	})
	inBubble(t, "the sender goes away", func(t *testing.T) {
		handled := false
		h := newHandler(t, func(ctx context.Context, _ *webhook.Event) error {
			<-time.After(time.Second)
			handled = ctx.Err() == nil
			return ctx.Err()
		})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		h.ServeHTTP(httptest.NewRecorder(), delivery(connectionEvent(1)).WithContext(ctx))
		assert.True(t, handled)
		assert.Equal(t, 200, deliver(h, connectionEvent(1)))
	})
	inBubble(t, "a body that comes too late", func(t *testing.T) {
		var calls atomic.Int32
		h := newHandler(t, ok(&calls))
		r := delivery("")
		r.Body = io.NopCloser(slowReader{strings.NewReader(connectionEvent(1))})
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		assert.Equal(t, 503, w.Code)
		assert.Equal(t, "Service Unavailable\n", w.Body.String())
		<-time.After(time.Minute)
		assert.Zero(t, calls.Load())
		assert.Equal(t, 200, deliver(h, connectionEvent(1)), "the next delivery is handled")
		assert.Equal(t, int32(1), calls.Load())
	})
}

// slowReader takes a second for each read.
type slowReader struct{ io.Reader }

func (r slowReader) Read(p []byte) (int, error) {
	<-time.After(time.Second)
	return r.Reader.Read(p)
}

func TestPanic(t *testing.T) {
	t.Parallel()
	var none []int
	for _, after := range []time.Duration{0, 2 * time.Second} {
		for name, fail := range map[string]func(){
			"a value":       func() { panic("the value") },
			"nil":           func() { panic(nil) }, //nolint:govet // the panic with nil is the case to test
			"ErrAbort":      func() { panic(http.ErrAbortHandler) },
			"out of bounds": func() { _ = none[0] },
		} {
			inBubble(t, fmt.Sprintf("%s after %v", name, after), func(t *testing.T) {
				var logged bytes.Buffer
				server := &http.Server{ErrorLog: log.New(&logged, "", 0)} //nolint:gosec // it does not listen
				var calls atomic.Int32
				h := newHandler(t, func(context.Context, *webhook.Event) error {
					if calls.Add(1) == 1 {
						<-time.After(after)
						fail()
					}
					return nil
				})
				r := delivery(connectionEvent(1))
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), http.ServerContextKey, server)))
				if after == 0 {
					assert.Equal(t, 500, w.Code)
				} else {
					assert.Equal(t, 503, w.Code)
				}
				<-time.After(10 * time.Second)
				synctest.Wait()
				assert.Equal(t, 1, strings.Count(logged.String(), "cometchat: panic while handling a webhook's event: "))
				assert.Contains(t, logged.String(), "\ngoroutine")
				assert.Contains(t, logged.String(), "deliver_test.go", "the stack of the panic")
				assert.NotContains(t, logged.String(), hookPassword)
				assert.Equal(t, 200, deliver(h, connectionEvent(1)), "the next delivery is handled")
				assert.Equal(t, int32(2), calls.Load())
			})
		}
	}
	inBubble(t, "the end of its goroutine", func(t *testing.T) {
		var calls atomic.Int32
		h := newHandler(t, func(context.Context, *webhook.Event) error {
			if calls.Add(1) == 1 {
				runtime.Goexit()
			}
			return nil
		})
		assert.Equal(t, 503, deliver(h, connectionEvent(1)))
		assert.Equal(t, 200, deliver(h, connectionEvent(1)), "the next delivery is handled")
		assert.Equal(t, int32(2), calls.Load())
	})
}

// TestPanicWithoutServer replaces the log of the whole process, so it does not run in parallel.
func TestPanicWithoutServer(t *testing.T) {
	var logged bytes.Buffer
	before := log.Writer()
	log.SetOutput(&logged)
	defer log.SetOutput(before)
	h := newHandler(t, func(context.Context, *webhook.Event) error { panic("the value") })
	assert.Equal(t, 500, deliver(h, `{"trigger":"user_blocked"}`), "without an ID, too")
	assert.Contains(t, logged.String(), "the value\ngoroutine")
}
