package cometchat_test

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
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	hookUser     = "hook-user"
	hookPassword = "hook-password"
	// answerTime is the documented time in which a delivery is answered.
	answerTime = 1500 * time.Millisecond
)

type handleFunc = func(context.Context, *cometchat.WebhookEvent) error

func newWebhook(t *testing.T, handle handleFunc, opts ...cometchat.WebhookOption) http.Handler {
	t.Helper()
	h, err := cometchat.WebhookHandler(hookUser, hookPassword, handle, opts...)
	require.NoError(t, err)
	return h
}

// deliver sends a body as CometChat does, and returns the answer's status.
func deliver(h http.Handler, body string) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, delivery(body))
	return w.Code
}

func delivery(body string) *http.Request {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "Application/json") // with this capital
	r.SetBasicAuth(hookUser, hookPassword)
	return r
}

// ok handles everything, and counts.
func ok(calls *atomic.Int32) handleFunc {
	return func(context.Context, *cometchat.WebhookEvent) error {
		calls.Add(1)
		return nil
	}
}

func TestWebhookHandlerRefuses(t *testing.T) {
	t.Parallel()
	handle := ok(new(atomic.Int32))
	for name, tc := range map[string]struct {
		username, password string
		handle             handleFunc
		opt                cometchat.WebhookOption
		kind               error
		says               string
	}{
		"no username":             {"", "secret-pw", handle, nil, cometchat.ErrMissingParameters, "username is missing"},
		"a blank username":        {" ", "secret-pw", handle, nil, cometchat.ErrMissingParameters, "username is missing"},
		"no password":             {"u", "", handle, nil, cometchat.ErrMissingParameters, "password is missing"},
		"a blank password":        {"u", "\t", handle, nil, cometchat.ErrMissingParameters, "password is missing"},
		"a newline from a file":   {"u", "secret-pw\n", handle, nil, cometchat.ErrBadRequest, "password contains a control character"},
		"a colon in the username": {"u:v", "secret-pw", handle, nil, cometchat.ErrBadRequest, "colon"},
		"no function":             {"u", "secret-pw", nil, nil, cometchat.ErrMissingParameters, "function"},
		"a nil option":            {"u", "secret-pw", handle, nil, cometchat.ErrBadRequest, "option 1 is nil"},
		"a nil deduper":           {"u", "secret-pw", handle, cometchat.WithWebhookDeduper(nil), cometchat.ErrBadRequest, "deduper is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, err := cometchat.WebhookHandler(tc.username, tc.password, tc.handle, tc.opt)
			assert.Nil(t, h)
			require.ErrorIs(t, err, tc.kind)
			assert.Contains(t, err.Error(), tc.says)
			assert.NotContains(t, err.Error(), "secret-pw")
			assert.Equal(t, "WebhookHandler", asError(err).Op)
		})
	}
}

func TestWebhookStatuses(t *testing.T) {
	t.Parallel()
	const event = `{"trigger":"t","data":{}}`
	fail := func(context.Context, *cometchat.WebhookEvent) error { return errors.New("internal-detail") }
	for name, tc := range map[string]struct {
		method string
		body   io.Reader
		handle handleFunc
		status int
	}{
		"handled":                {"POST", strings.NewReader(event), nil, 200},
		"handle fails":           {"POST", strings.NewReader(event), fail, 500},
		"GET":                    {"GET", nil, nil, 405},
		"PUT":                    {"PUT", strings.NewReader(event), nil, 405},
		"HEAD":                   {"HEAD", nil, nil, 405},
		"no body":                {"POST", nil, nil, 400},
		"no JSON":                {"POST", strings.NewReader(`trigger=t`), nil, 400},
		"cut JSON":               {"POST", strings.NewReader(event[:9]), nil, 400},
		"more than JSON":         {"POST", strings.NewReader(event + "}"), nil, 400},
		"null":                   {"POST", strings.NewReader(`null`), nil, 400},
		"a list":                 {"POST", strings.NewReader(`[` + event + `]`), nil, 400},
		"no trigger":             {"POST", strings.NewReader(`{"data":{}}`), nil, 400},
		"a trigger of no kind":   {"POST", strings.NewReader(`{"trigger":{}}`), nil, 400},
		"deep JSON":              {"POST", strings.NewReader(strings.Repeat(`[`, 20_000)), nil, 400},
		"a broken connection":    {"POST", iotest.ErrReader(io.ErrUnexpectedEOF), nil, 400},
		"one that breaks late":   {"POST", io.MultiReader(strings.NewReader(event), iotest.ErrReader(io.ErrUnexpectedEOF)), nil, 400},
		"exactly as long":        {"POST", strings.NewReader(event + strings.Repeat(" ", 1<<20-len(event))), nil, 200},
		"one byte too long":      {"POST", strings.NewReader(event + strings.Repeat(" ", 1<<20-len(event)+1)), nil, 413},
		"endless":                {"POST", endless{}, nil, 413},
		"no data, strange types": {"POST", strings.NewReader(`{"trigger":"t","appId":5,"region":[],"webhook":{}}`), nil, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			handle := ok(&calls)
			if tc.handle != nil {
				handle = tc.handle
			}
			r := httptest.NewRequestWithContext(t.Context(), tc.method, "/", tc.body)
			r.SetBasicAuth(hookUser, hookPassword)
			w := httptest.NewRecorder()
			newWebhook(t, handle).ServeHTTP(w, r)
			assert.Equal(t, tc.status, w.Code)
			if tc.status == 200 {
				assert.Equal(t, int32(1), calls.Load())
				assert.Empty(t, w.Body.String())
				return
			}
			assert.Zero(t, calls.Load())
			assert.Equal(t, http.StatusText(tc.status)+"\n", w.Body.String(), "and nothing internal")
			assert.Equal(t, tc.status == 405, w.Header().Get("Allow") == "POST")
		})
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, strings.Repeat(" ", len(p))), nil }

func TestWebhookCredentials(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	h := newWebhook(t, ok(&calls))
	basic := func(username, password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(username, password) }
	}
	header := func(value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", value) }
	}
	first := ""
	for name, set := range map[string]func(*http.Request){
		"none":                      func(*http.Request) {},
		"a wrong username":          basic("other", hookPassword),
		"a wrong password":          basic(hookUser, "other"),
		"both wrong":                basic("other", "other"),
		"both empty":                basic("", ""),
		"swapped":                   basic(hookPassword, hookUser),
		"another case":              basic(hookUser, strings.ToUpper(hookPassword)),
		"the beginning":             basic(hookUser, hookPassword[:5]),
		"more than the password":    basic(hookUser, hookPassword+"x"),
		"the colon in another spot": basic("hook", "user:"+hookPassword),
		"a scheme that is not it":   header("Bearer " + hookPassword),
		"no base64":                 header("Basic %%%"),
	} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/", strings.NewReader(connectionEvent(1)))
		set(r)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		assert.Equal(t, 401, w.Code, name)
		assert.Equal(t, `Basic realm="webhook", charset="UTF-8"`, w.Header().Get("WWW-Authenticate"), name)
		answer := fmt.Sprint(w.Header(), w.Body)
		if first == "" {
			first = answer
		}
		assert.Equal(t, first, answer, "%s: the answer tells which part is wrong", name)
		assert.NotContains(t, answer, hookUser)
	}
	assert.Zero(t, calls.Load())
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		assert.NotContains(t, fmt.Sprintf(verb, h), "hook-", "neither name nor password is printed")
	}
}

func TestWebhookDuplicates(t *testing.T) {
	t.Parallel()
	t.Run("one after the other", func(t *testing.T) {
		t.Parallel()
		var calls atomic.Int32
		h := newWebhook(t, ok(&calls))
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
		h := newWebhook(t, func(context.Context, *cometchat.WebhookEvent) error {
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
	inBubble(t, "at once", func(t *testing.T) {
		var calls atomic.Int32
		h := newWebhook(t, func(context.Context, *cometchat.WebhookEvent) error {
			calls.Add(1)
			<-time.After(time.Second)
			return nil
		})
		deliverAtOnce(t, h, 50, map[int]int{200: 50})
		assert.Equal(t, int32(1), calls.Load())
	})
	inBubble(t, "at once, and the first fails", func(t *testing.T) {
		var calls atomic.Int32
		h := newWebhook(t, func(context.Context, *cometchat.WebhookEvent) error {
			if calls.Add(1) == 1 {
				<-time.After(time.Second)
				return errors.New("no")
			}
			return nil
		})
		deliverAtOnce(t, h, 10, map[int]int{500: 1, 200: 9})
		assert.Equal(t, int32(2), calls.Load(), "another takes over, and the rest wait for that")
	})
	inBubble(t, "many events at once", func(t *testing.T) {
		var calls atomic.Int32
		h := newWebhook(t, ok(&calls))
		var wg sync.WaitGroup
		for i := range 400 {
			wg.Go(func() { assert.Equal(t, 200, deliver(h, connectionEvent(1+i%20))) })
		}
		wg.Wait()
		assert.Equal(t, int32(20), calls.Load())
	})
}

// deliverAtOnce delivers one event n times at once, and asserts how often there was which answer.
func deliverAtOnce(t *testing.T, h http.Handler, n int, want map[int]int) {
	t.Helper()
	statuses := make(chan int, n)
	for range n {
		go func() { statuses <- deliver(h, connectionEvent(1)) }()
	}
	got := map[int]int{}
	for range n {
		got[<-statuses]++
	}
	assert.Equal(t, want, got)
}

func TestWebhookSlowHandle(t *testing.T) {
	t.Parallel()
	inBubble(t, "goes on, and then the event was handled", func(t *testing.T) {
		var calls atomic.Int32
		h := newWebhook(t, func(ctx context.Context, _ *cometchat.WebhookEvent) error {
			calls.Add(1)
			<-time.After(5 * time.Second)
			assert.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
			return nil
		})
		start := time.Now()
		assert.Equal(t, 503, deliver(h, connectionEvent(1)))
		assert.Equal(t, answerTime, time.Since(start))
		assert.Equal(t, 503, deliver(h, connectionEvent(1)), "still being handled")
		assert.Equal(t, 2*answerTime, time.Since(start))
		<-time.After(10 * time.Second)
		again := time.Now()
		assert.Equal(t, 200, deliver(h, connectionEvent(1)))
		assert.Zero(t, time.Since(again))
		assert.Equal(t, int32(1), calls.Load())
	})
	inBubble(t, "goes on, and fails", func(t *testing.T) {
		var calls atomic.Int32
		h := newWebhook(t, func(ctx context.Context, _ *cometchat.WebhookEvent) error {
			if calls.Add(1) == 1 {
				<-time.After(2 * time.Second)
				return ctx.Err()
			}
			return nil
		})
		assert.Equal(t, 503, deliver(h, connectionEvent(1)))
		<-time.After(10 * time.Second)
		assert.Equal(t, 200, deliver(h, connectionEvent(1)))
		assert.Equal(t, int32(2), calls.Load())
	})
	inBubble(t, "a redelivery gets the outcome that it waited for", func(t *testing.T) {
		h := newWebhook(t, func(context.Context, *cometchat.WebhookEvent) error {
			<-time.After(2 * time.Second)
			return nil
		})
		assert.Equal(t, 503, deliver(h, connectionEvent(1)))
		assert.Equal(t, 200, deliver(h, connectionEvent(1)))
	})
	inBubble(t, "stops with its context", func(t *testing.T) {
		h := newWebhook(t, func(ctx context.Context, _ *cometchat.WebhookEvent) error {
			<-ctx.Done()
			return context.Cause(ctx)
		})
		assert.Contains(t, []int{500, 503}, deliver(h, connectionEvent(1)))
	})
	inBubble(t, "the sender goes away", func(t *testing.T) {
		handled := false
		h := newWebhook(t, func(ctx context.Context, _ *cometchat.WebhookEvent) error {
			<-time.After(time.Second)
			handled = ctx.Err() == nil
			return ctx.Err()
		})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, delivery(connectionEvent(1)).WithContext(ctx))
		assert.Equal(t, 503, w.Code)
		<-time.After(time.Second)
		synctest.Wait()
		assert.True(t, handled)
		assert.Equal(t, 200, deliver(h, connectionEvent(1)))
	})
	inBubble(t, "a body that comes too late", func(t *testing.T) {
		var calls atomic.Int32
		r := delivery("")
		r.Body = io.NopCloser(slowReader{strings.NewReader(connectionEvent(1))})
		w := httptest.NewRecorder()
		newWebhook(t, ok(&calls)).ServeHTTP(w, r)
		assert.Equal(t, 503, w.Code)
		synctest.Wait()
		assert.Zero(t, calls.Load())
	})
}

type slowReader struct{ io.Reader }

func (r slowReader) Read(p []byte) (int, error) {
	<-time.After(time.Second)
	return r.Reader.Read(p)
}

func TestWebhookPanic(t *testing.T) {
	t.Parallel()
	t.Run("is the server's to see, and forgotten", func(t *testing.T) {
		t.Parallel()
		var none []int
		for name, fail := range map[string]func(){
			"a value":  func() { panic(http.ErrAbortHandler) },
			"nil":      func() { panic(nil) }, //nolint:govet // what a panic with nil does is the point
			"an index": func() { _ = none[0] },
		} {
			var calls atomic.Int32
			h := newWebhook(t, func(context.Context, *cometchat.WebhookEvent) error {
				if calls.Add(1) == 1 {
					fail()
				}
				return nil
			})
			assert.Panics(t, func() { deliver(h, connectionEvent(1)) }, name)
			assert.Equal(t, 200, deliver(h, connectionEvent(1)), name)
			assert.Equal(t, int32(2), calls.Load())
		}
		h := newWebhook(t, func(context.Context, *cometchat.WebhookEvent) error { panic(http.ErrAbortHandler) })
		assert.PanicsWithValue(t, http.ErrAbortHandler, func() { deliver(h, connectionEvent(1)) })
	})
	t.Run("the end of its goroutine", func(t *testing.T) {
		t.Parallel()
		var calls atomic.Int32
		h := newWebhook(t, func(context.Context, *cometchat.WebhookEvent) error {
			if calls.Add(1) == 1 {
				runtime.Goexit()
			}
			return nil
		})
		assert.Equal(t, 500, deliver(h, connectionEvent(1)))
		assert.Equal(t, 200, deliver(h, connectionEvent(1)))
	})
	inBubble(t, "too late", func(t *testing.T) {
		var logged bytes.Buffer
		server := &http.Server{ErrorLog: log.New(&logged, "", 0)} //nolint:gosec // it does not listen
		var calls atomic.Int32
		h := newWebhook(t, func(context.Context, *cometchat.WebhookEvent) error {
			if calls.Add(1) == 1 {
				<-time.After(2 * time.Second)
				panic("too late")
			}
			return nil
		})
		w := httptest.NewRecorder()
		h.ServeHTTP(w, delivery(connectionEvent(1)).WithContext(context.WithValue(t.Context(), http.ServerContextKey, server)))
		assert.Equal(t, 503, w.Code)
		assert.Equal(t, 200, deliver(h, connectionEvent(1)), "a redelivery that waited for it handles the event")
		synctest.Wait()
		assert.Contains(t, logged.String(), "too late\ngoroutine")
		assert.Contains(t, logged.String(), "webhook_test.go", "the stack of the panic")
		assert.NotContains(t, logged.String(), hookPassword)
	})
}

func TestWebhookMemory(t *testing.T) {
	t.Parallel()
	t.Run("is bounded", func(t *testing.T) {
		t.Parallel()
		const limit = 10_000
		var calls atomic.Int32
		h := newWebhook(t, ok(&calls))
		for i := range limit + 1 {
			require.Equal(t, 200, deliver(h, connectionEvent(1+i)))
		}
		deliver(h, connectionEvent(2))
		assert.Equal(t, int32(limit+1), calls.Load(), "the oldest that is remembered")
		deliver(h, connectionEvent(1))
		assert.Equal(t, int32(limit+2), calls.Load(), "the oldest is forgotten")
	})
	inBubble(t, "ends after an hour", func(t *testing.T) {
		var calls atomic.Int32
		h := newWebhook(t, ok(&calls))
		deliver(h, connectionEvent(1))
		<-time.After(time.Hour - time.Nanosecond)
		deliver(h, connectionEvent(1))
		assert.Equal(t, int32(1), calls.Load())
		<-time.After(time.Nanosecond)
		deliver(h, connectionEvent(1))
		assert.Equal(t, int32(2), calls.Load())
	})
	inBubble(t, "keeps what is being handled", func(t *testing.T) {
		var calls atomic.Int32
		h := newWebhook(t, func(context.Context, *cometchat.WebhookEvent) error {
			calls.Add(1)
			<-time.After(2 * time.Hour)
			return nil
		})
		assert.Equal(t, 503, deliver(h, connectionEvent(1)))
		<-time.After(time.Hour)
		assert.Equal(t, 503, deliver(h, connectionEvent(1)))
		<-time.After(time.Hour)
		assert.Equal(t, 200, deliver(h, connectionEvent(1)))
		assert.Equal(t, int32(1), calls.Load())
	})
}

// deduper is one of the user's.
type deduper struct {
	first    bool
	beginErr error
	doneErr  error
	done     []string
}

func (d *deduper) Begin(context.Context, string) (bool, error) { return d.first, d.beginErr }

func (d *deduper) Done(ctx context.Context, id string, handled bool) error {
	d.done = append(d.done, fmt.Sprintf("%s %t %v", id, handled, ctx.Err()))
	return d.doneErr
}

func TestWithWebhookDeduper(t *testing.T) {
	t.Parallel()
	id := received(t, connectionEvent(1)).ID
	fails := errors.New("redis://secret@host is down")
	for name, tc := range map[string]struct {
		deduper deduper
		err     error
		status  int
		calls   int32
		done    []string
	}{
		"handled":            {deduper{first: true}, nil, 200, 1, []string{id + " true <nil>"}},
		"failed":             {deduper{first: true}, fails, 500, 1, []string{id + " false <nil>"}},
		"handled before":     {deduper{}, nil, 200, 0, nil},
		"it cannot say":      {deduper{first: true, beginErr: fails}, nil, 503, 0, nil},
		"it cannot remember": {deduper{first: true, doneErr: fails}, nil, 200, 1, []string{id + " true <nil>"}},
	} {
		var calls atomic.Int32
		h := newWebhook(t, func(context.Context, *cometchat.WebhookEvent) error {
			calls.Add(1)
			return tc.err
		}, cometchat.WithWebhookDeduper(&tc.deduper))
		assert.Equal(t, tc.status, deliver(h, connectionEvent(1)), name)
		assert.Equal(t, tc.calls, calls.Load(), name)
		assert.Equal(t, tc.done, tc.deduper.done, name)
	}
	var calls atomic.Int32
	d := &deduper{}
	h := newWebhook(t, ok(&calls), cometchat.WithWebhookDeduper(d))
	assert.Equal(t, 200, deliver(h, `{"trigger":"user_blocked"}`))
	assert.Equal(t, int32(1), calls.Load(), "it is not asked about an event without an ID")
	assert.Empty(t, d.done)
}

// TestWebhookServed goes through a real server: what it makes of a panic, and of a body that is too long.
func TestWebhookServed(t *testing.T) {
	t.Parallel()
	h := newWebhook(t, func(_ context.Context, e *cometchat.WebhookEvent) error {
		if e.Trigger == "panic" {
			panic(http.ErrAbortHandler)
		}
		return nil
	})
	s := httptest.NewServer(h)
	defer s.Close()
	for body, want := range map[string]int{
		connectionEvent(1):          200,
		`{"trigger":"panic"}`:       0,
		strings.Repeat(" ", 2<<20):  413,
		`{"trigger":"t","data":[]}`: 200,
	} {
		r := delivery(body)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, r.Body)
		require.NoError(t, err)
		r.SetBasicAuth(hookUser, hookPassword)
		answer, err := s.Client().Do(r)
		if want == 0 {
			require.Error(t, err)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, want, answer.StatusCode)
		require.NoError(t, answer.Body.Close())
	}
}

func assertUsers(t *testing.T, users []*cometchat.User, atLeast int) {
	t.Helper()
	assert.GreaterOrEqual(t, len(users), atLeast)
	for _, u := range users {
		if assert.NotNil(t, u) {
			assert.NotEmpty(t, u.UID)
		}
	}
}
