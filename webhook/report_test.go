package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
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
	"github.com/stretchr/testify/require"
)

// listener hears what a handler logs and reports.
type listener struct {
	mu   sync.Mutex
	log  bytes.Buffer // guarded by mu
	errs []error      // guarded by mu
}

func (l *listener) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log.Write(p)
}

func (l *listener) options() []webhook.Option {
	return []webhook.Option{
		webhook.WithLogger(slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		webhook.WithOnError(func(_ *http.Request, err error) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.errs = append(l.errs, err)
		}),
	}
}

type record struct {
	Level   string `json:"level"`
	Msg     string `json:"msg"`
	Status  int    `json:"status"`
	Trigger string `json:"trigger"`
	Event   string `json:"event"`
	Remote  string `json:"remote"`
	Error   string `json:"error"`
}

// heard returns the records about failures, and the errors.
func (l *listener) heard(t *testing.T) (failures []record, errs []error) {
	t.Helper()
	for _, r := range l.records(t) {
		if r.Msg == "a webhook's delivery failed" {
			r.Msg = ""
			failures = append(failures, r)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return failures, l.errs
}

func (l *listener) records(t *testing.T) (records []record) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.log.String()) {
		var r record
		require.NoError(t, json.Unmarshal([]byte(line), &r))
		records = append(records, r)
	}
	return records
}

var errDown = errors.New("the table is down")

func TestTold(t *testing.T) {
	t.Parallel()
	quoting := func(r *http.Request) error {
		_, password, _ := r.BasicAuth()
		return fmt.Errorf("%w: %s %q", errDown, password, r.Header.Get("Authorization"))
	}
	for name, tc := range map[string]struct {
		change  func(*http.Request)
		handle  func(*http.Request) error
		deduper *deduper
		status  int
		want    record
		is      error
		says    string
	}{
		"a wrong password": {
			change: func(r *http.Request) { r.SetBasicAuth(hookUser, "canary-wrong") },
			status: 401, want: record{Level: "WARN", Status: 401}, is: webhook.ErrUnauthorized, says: "compare them",
		},
		"no password": {
			change: func(r *http.Request) { r.Header.Del("Authorization") },
			status: 401, want: record{Level: "WARN", Status: 401}, is: webhook.ErrUnauthorized, says: "is Basic Auth turned on",
		},
		"another method": {
			change: func(r *http.Request) { r.Method = http.MethodGet },
			status: 405, want: record{Level: "DEBUG", Status: 405}, says: "not POST",
		},
		"no JSON": {
			change: func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("canary-body=1")) },
			status: 400, want: record{Level: "WARN", Status: 400}, says: "not a JSON object",
		},
		"a broken body": {
			change: func(r *http.Request) {
				r.Body = io.NopCloser(io.MultiReader(strings.NewReader("canary-body"), broken{}))
			},
			status: 400, want: record{Level: "WARN", Status: 400}, is: io.ErrUnexpectedEOF, says: "could not be read",
		},
		"too long": {
			change: func(r *http.Request) { r.Body = io.NopCloser(endless{}) },
			status: 413, want: record{Level: "WARN", Status: 413}, says: "longer than 1 MiB",
		},
		"an error of handle": {
			handle: quoting,
			status: 500, want: record{Level: "WARN", Status: 500, Trigger: "t"}, is: errDown, says: "could not be handled: the table is down: [redacted]",
		},
		"a panic of handle": {
			handle: func(r *http.Request) error { panic(quoting(r)) },
			status: 500, want: record{Level: "WARN", Status: 500, Trigger: "t"}, is: errDown, says: "panicked",
		},
		"a panic of handle that is a text": {
			handle: func(*http.Request) error { panic("boo") },
			status: 500, want: record{Level: "WARN", Status: 500, Trigger: "t"}, says: "panicked: boo",
		},
		"a deduper that cannot begin": {
			deduper: &deduper{beginErr: errDown},
			status:  503, want: record{Level: "WARN", Status: 503, Trigger: "t"}, is: errDown, says: "did not begin",
		},
		"a deduper that cannot end": {
			deduper: &deduper{first: true, doneErr: errDown},
			status:  200, want: record{Level: "WARN", Status: 200, Trigger: "t"}, is: errDown, says: "did not end",
		},
		"a hostile trigger": {
			change: func(r *http.Request) {
				r.Body = io.NopCloser(strings.NewReader(`{"trigger":"x\nlevel=ERROR \u2028` + strings.Repeat("y", 1<<19) + `"}`))
			},
			handle: func(*http.Request) error { return errDown },
			status: 500, want: record{Level: "WARN", Status: 500, Trigger: "x\nlevel=ERROR \u2028" + strings.Repeat("y", 85)}, is: errDown, says: "down",
		},
		"success": {status: 200},
	} {
		inBubble(t, name, func(t *testing.T) { // on a slow machine, the long trigger takes more than 1.5 seconds
			r := delivery(`{"trigger":"t","id":"e1","data":{"text":"canary-body"}}`)
			r.URL.Path, r.URL.RawQuery = "/hostile\nlevel=ERROR/canary-path", "key=canary-query"
			if tc.change != nil {
				tc.change(r)
			}
			var l listener
			opts := l.options()
			if tc.deduper != nil {
				opts = append(opts, webhook.WithDeduper(tc.deduper))
			}
			server := &http.Server{ErrorLog: log.New(io.Discard, "", 0)} //nolint:gosec // it does not listen
			r = r.WithContext(context.WithValue(r.Context(), http.ServerContextKey, server))
			w := httptest.NewRecorder()
			newHandler(t, func(context.Context, *webhook.Event) error {
				if tc.handle == nil {
					return nil
				}
				return tc.handle(r)
			}, opts...).ServeHTTP(w, r)
			assert.Equal(t, tc.status, w.Code)

			records, errs := l.heard(t)
			if tc.want.Level == "" {
				assert.Empty(t, records)
				assert.Empty(t, errs)
				return
			}
			require.Len(t, records, 1)
			require.Len(t, errs, 1)
			got := records[0]
			assert.Contains(t, got.Error, tc.says)
			assert.NotEmpty(t, got.Remote)
			assert.Equal(t, strings.HasPrefix(tc.want.Trigger, "t"), got.Event != "", "the ID of the event")
			got.Error, got.Remote, got.Event = "", "", ""
			assert.Equal(t, tc.want, got)
			if tc.is != nil {
				require.ErrorIs(t, errs[0], tc.is)
			}
			for _, told := range []string{l.log.String(), fmt.Sprintf("%+v", errs[0])} {
				for _, secret := range []string{"canary", hookPassword, "aG9vay11c2VyOm"} { // the beginning of the header's base64
					assert.NotContains(t, told, secret)
				}
			}
		})
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestToldOfTime(t *testing.T) {
	t.Parallel()
	inBubble(t, "a slow handle that succeeds", func(t *testing.T) {
		var l listener
		h := newHandler(t, func(context.Context, *webhook.Event) error { <-time.After(5 * time.Second); return nil }, l.options()...)
		assert.Equal(t, 503, deliver(h, connectionEvent(1)))
		<-time.After(10 * time.Second)
		records, errs := l.heard(t)
		require.Len(t, records, 1)
		assert.Equal(t, "WARN", records[0].Level)
		assert.Contains(t, records[0].Error, "within 1.5s")
		require.ErrorIs(t, errs[0], context.DeadlineExceeded)
	})
	inBubble(t, "a slow handle that fails in the end", func(t *testing.T) {
		var l listener
		h := newHandler(t, func(context.Context, *webhook.Event) error { <-time.After(5 * time.Second); return errDown }, l.options()...)
		assert.Equal(t, 503, deliver(h, connectionEvent(1)))
		synctest.Wait()
		assert.Equal(t, 503, deliver(h, connectionEvent(1)))
		<-time.After(10 * time.Second)
		_, errs := l.heard(t)
		require.Len(t, errs, 3)
		require.ErrorIs(t, errs[0], context.DeadlineExceeded)
		require.ErrorContains(t, errs[1], "is being handled")
		require.ErrorIs(t, errs[2], errDown)
	})
	inBubble(t, "a handle that ends its goroutine", func(t *testing.T) {
		var l listener
		h := newHandler(t, func(context.Context, *webhook.Event) error { runtime.Goexit(); return nil }, l.options()...)
		assert.Equal(t, 503, deliver(h, connectionEvent(1)))
		synctest.Wait()
		_, errs := l.heard(t)
		require.Len(t, errs, 1)
		require.ErrorIs(t, errs[0], context.DeadlineExceeded)
	})
	inBubble(t, "a handle that changes its event", func(t *testing.T) {
		var l listener
		d := &deduper{first: true}
		var id string
		h := newHandler(t, func(_ context.Context, e *webhook.Event) error {
			id = e.ID
			for range 5 {
				<-time.After(time.Second)
				e.ID, e.Trigger = e.ID+"x", e.Trigger+"x"
			}
			return errDown
		}, append(l.options(), webhook.WithDeduper(d))...)
		assert.Equal(t, 503, deliver(h, connectionEvent(1)))
		<-time.After(10 * time.Second)
		synctest.Wait()
		records, _ := l.heard(t)
		require.Len(t, records, 2)
		for _, r := range records {
			assert.Equal(t, [2]string{id, "user_connection_status_changed"}, [2]string{r.Event, r.Trigger})
		}
		assert.Equal(t, []string{id + " false <nil>"}, d.done)
	})
	inBubble(t, "a body that comes too late", func(t *testing.T) {
		var l listener
		r := delivery("")
		r.Body = io.NopCloser(slowReader{strings.NewReader(connectionEvent(1))})
		newHandler(t, ok(new(atomic.Int32)), l.options()...).ServeHTTP(httptest.NewRecorder(), r)
		<-time.After(time.Minute)
		_, errs := l.heard(t)
		require.Len(t, errs, 1)
		require.ErrorIs(t, errs[0], context.DeadlineExceeded)
		require.ErrorContains(t, errs[0], "the body came after")
	})
	inBubble(t, "strangers do not fill the log", func(t *testing.T) {
		var l listener
		h := newHandler(t, ok(new(atomic.Int32)), l.options()...)
		for range 3 {
			for range 50 {
				h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), "POST", "/", nil))
			}
			<-time.After(2 * time.Second)
		}
		records, errs := l.heard(t)
		assert.Len(t, records, 12)
		assert.Len(t, errs, 150)
	})
}

// TestPanicOfOnError runs both ways to the function: the goroutine of the delivery, and that of the time limit.
func TestPanicOfOnError(t *testing.T) {
	t.Parallel()
	for name, takes := range map[string]time.Duration{"at once": 0, "when time is up": 5 * time.Second} {
		inBubble(t, name, func(t *testing.T) {
			var logged bytes.Buffer
			server := &http.Server{ErrorLog: log.New(&logged, "", 0)} //nolint:gosec // it does not listen
			h := newHandler(t, func(context.Context, *webhook.Event) error { <-time.After(takes); return errDown },
				webhook.WithOnError(func(*http.Request, error) { panic("the value") }))
			r := delivery(connectionEvent(1))
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), http.ServerContextKey, server)))
			<-time.After(10 * time.Second)
			synctest.Wait()
			assert.Equal(t, map[bool]int{true: 500, false: 503}[takes == 0], w.Code)
			assert.Contains(t, logged.String(), "panic while reporting a webhook's failure: the value\ngoroutine")
		})
	}
}
