package cometchattest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hookLog is a webhook that notes when each message was delivered, by its text.
type hookLog struct {
	answer func(attempt int) int // the status for the n-th delivery of a message, from 1 on

	begin time.Time

	mu    sync.Mutex
	got   map[string][]time.Duration // guarded by mu
	order []string                   // guarded by mu
}

// breaksOff is the status of an answer 200 that breaks off.
const breaksOff = -1

func newHookLog(answer func(attempt int) int) *hookLog {
	return &hookLog{answer: answer, begin: time.Now(), got: map[string][]time.Duration{}}
}

func (l *hookLog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Data struct {
			Message struct {
				Data struct{ Text string }
			}
		}
	}
	err := json.NewDecoder(r.Body).Decode(&body)
	l.mu.Lock()
	text := body.Data.Message.Data.Text
	l.got[text] = append(l.got[text], time.Since(l.begin))
	l.order = append(l.order, text)
	attempt := len(l.got[text])
	l.mu.Unlock()
	status := l.answer(attempt)
	if err != nil || status == breaksOff {
		w.Header().Set("Content-Length", "2")
		_, _ = w.Write([]byte("o")) // the connection breaks after it
		return
	}
	w.WriteHeader(status)
}

// at returns when each message was delivered.
func (l *hookLog) at() map[string][]time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.got)
}

// texts returns the messages in the order of their deliveries.
func (l *hookLog) texts() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.order)
}

func hooked(t *testing.T, h http.Handler, opts ...cometchattest.Option) *cometchattest.Server {
	t.Helper()
	return inMemory(t, append(opts, cometchattest.WithWebhook(cometchattest.Webhook{Handler: h}))...)
}

// TestWebhookRetries has the documented times of the attempts. A later event does not wait for a retry.
func TestWebhookRetries(t *testing.T) {
	t.Parallel()
	const s = time.Second
	for name, tc := range map[string]struct {
		answer func(int) int
		first  []time.Duration
	}{
		"answered at once":       {func(int) int { return 200 }, []time.Duration{0}},
		"answered late, in time": {func(int) int { <-time.After(1900 * time.Millisecond); return 200 }, []time.Duration{0}},
		"created is not OK":      {func(n int) int { return map[bool]int{true: 201, false: 200}[n == 1] }, []time.Duration{0, 10 * s}},
		"two failures":           {func(n int) int { return map[bool]int{true: 500, false: 200}[n <= 2] }, []time.Duration{0, 10 * s, 30 * s}},
		"given up":               {func(int) int { return 503 }, []time.Duration{0, 10 * s, 30 * s}},
		"a redirect":             {func(int) int { return 307 }, []time.Duration{0, 10 * s, 30 * s}},
		"an answer that breaks":  {func(int) int { return breaksOff }, []time.Duration{0, 10 * s, 30 * s}},
		"a handler that panics":  {func(int) int { panic(http.ErrAbortHandler) }, []time.Duration{0, 10 * s, 30 * s}},
		"an answer too late": {func(n int) int {
			if n == 1 {
				<-time.After(3 * s)
			}
			return 200
		}, []time.Duration{0, 10 * s}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newHookLog(tc.answer)
				server := hooked(t, l)
				server.SendMessage(uid(1), uid(2), "first")
				<-time.After(5 * s)
				server.SendMessage(uid(1), uid(2), "second")
				<-time.After(time.Hour)
				second := []time.Duration{}
				for _, at := range tc.first {
					second = append(second, at+5*s)
				}
				assert.Equal(t, map[string][]time.Duration{"first": tc.first, "second": second}, l.at())
			})
		})
	}
}

// TestWebhookOrder makes the first attempts in the order of the events, also while earlier deliveries are retried.
func TestWebhookOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newHookLog(func(n int) int { return map[bool]int{true: 500, false: 200}[n == 1] })
		server := hooked(t, l)
		var want []string
		for i := range 50 {
			want = append(want, fmt.Sprint(i))
			server.SendMessage(uid(1), uid(2), want[i])
		}
		<-time.After(time.Minute)
		assert.Equal(t, append(want, want...), l.texts(), "first all events, then all retries")
	})
}

// TestWebhookClock moves the server's clock, which is not that of the timers.
func TestWebhookClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := time.Unix(1_700_000_000, 0)
		l := newHookLog(func(int) int { return 500 })
		server := hooked(t, l, cometchattest.WithClock(func() time.Time { return now }))
		server.SendMessage(uid(1), uid(2), "x")
		<-time.After(time.Hour)
		assert.Len(t, l.at()["x"], 1, "the server's clock stands")
		server.Advance(9 * time.Second)
		synctest.Wait()
		assert.Len(t, l.at()["x"], 1)
		server.Advance(time.Second)
		synctest.Wait()
		assert.Len(t, l.at()["x"], 2)
		now = now.Add(20 * time.Second)
		status, _ := admin(t, server, "GET", "/users", "")
		assert.Equal(t, 200, status)
		synctest.Wait()
		assert.Len(t, l.at()["x"], 3, "a request makes it look at the clock")
	})
}

// TestWebhookClose closes the server while a delivery is being made and others wait. The bubble fails if a goroutine is left.
func TestWebhookClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newHookLog(func(int) int { return 500 })
		server := hooked(t, l)
		server.SendMessage(uid(1), uid(2), "waits for a retry")
		synctest.Wait()
		hanging := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		other := hooked(t, hanging)
		other.SendMessage(uid(1), uid(2), "is being delivered")
		synctest.Wait()
		begin := time.Now()
		server.Close()
		other.Close()
		assert.Zero(t, time.Since(begin))
		server.SendMessage(uid(1), uid(2), "after the end")
		<-time.After(time.Hour)
		assert.Equal(t, map[string][]time.Duration{"waits for a retry": {0}}, l.at())
	})
}

// TestWebhookOverNetwork delivers to a URL, with and without a password, and to several webhooks.
func TestWebhookOverNetwork(t *testing.T) {
	t.Parallel()
	type request struct {
		path, user, password string
		auth                 bool
		body                 map[string]any
	}
	got := make(chan request, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		q := request{path: r.Method + " " + r.URL.Path + " " + r.Header.Get("Content-Type")}
		q.user, q.password, q.auth = r.BasicAuth()
		_ = json.NewDecoder(r.Body).Decode(&q.body)
		got <- q
	}))
	t.Cleanup(receiver.Close)
	var failed atomic.Value
	heard := make(chan struct{})
	server := cometchattest.NewServer(
		cometchattest.WithAppID("app"), cometchattest.WithRegion("eu"),
		cometchattest.WithWebhook(cometchattest.Webhook{URL: receiver.URL + "/a", Username: "u", Password: "p", ID: "one"}),
		cometchattest.WithWebhook(cometchattest.Webhook{URL: "http://127.0.0.1:1/secret?token=secret"}),
		cometchattest.WithObserver(func(e cometchattest.Event) {
			if e.Kind == "webhook" && e.Host == "127.0.0.1:1" {
				failed.Store(e)
				close(heard)
			}
		}),
	)
	t.Cleanup(server.Close)
	server.SendMessage(uid(1), uid(2), "hi")
	q := <-got
	assert.Equal(t, "POST /a application/json", q.path)
	assert.Equal(t, []any{"u", "p", true}, []any{q.user, q.password, q.auth})
	assert.Equal(t, []any{"message_sent", "app", "eu", "one"}, []any{q.body["trigger"], q.body["appId"], q.body["region"], q.body["webhook"]})
	<-heard
	e, _ := failed.Load().(cometchattest.Event)
	assert.Equal(t, []any{"message_sent", "/secret", 0}, []any{e.What, e.Path, e.Status})
	assert.Contains(t, e.Reason, "refused")
	assert.NotContains(t, fmt.Sprint(e), "token=secret")
}

func TestWebhookMistakes(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "localhost:8080/x", "ftp://localhost/x", "http:///x", "http://[::1/x", "/webhooks"} {
		assert.Panics(t, func() { cometchattest.WithWebhook(cometchattest.Webhook{URL: url})(&cometchattest.Server{}) }, url)
	}
	require.NotPanics(t, func() {
		cometchattest.New(cometchattest.WithWebhook(cometchattest.Webhook{URL: "https://example.com"})).Close()
	})
}

// TestWebhookOfWhatFails sends nothing for a call that is refused or that changes nothing.
func TestWebhookOfWhatFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newHookLog(func(int) int { return 200 })
		server := hooked(t, l)
		c := inMemoryClient(t, server)
		_, err := c.Login(t.Context(), uid(1), server.AuthKey)
		require.NoError(t, err)
		_, err = c.SendMessage(t.Context(), cometchat.NewTextMessage(cometchat.ToUser("nobody"), "x"))
		require.Error(t, err)
		_, err = c.JoinGroup(t.Context(), "nothing", "")
		require.Error(t, err)
		server.AddGroup(cometchat.NewGroup{GUID: "club", Owner: uid(1)})
		outcomes, err := c.AddGroupMembers(t.Context(), "club", cometchat.NewGroupMembers{Participants: []string{"nobody"}, Banned: []string{uid(1)}})
		require.NoError(t, err)
		assert.Len(t, outcomes, 2)
		synctest.Wait()
		assert.Empty(t, l.texts())
	})
}
