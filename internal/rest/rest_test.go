package rest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat/internal/rest"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	adminHost  = "https://admin.example.com/v3.0"
	clientHost = "https://client.example.com/v3.0"
)

var errReset = errors.New("connection reset by peer")

// transport answers every request with its responder, and keeps the requests.
type transport struct {
	responder httpmock.Responder
	mu        sync.Mutex
	requests  []sent // guarded by mu
}

// sent is a request that the transport was given.
type sent struct {
	Method, URL string
	Header      http.Header
	Body        string
}

func (tr *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		_ = r.Body.Close()
	}
	tr.mu.Lock()
	tr.requests = append(tr.requests, sent{r.Method, r.URL.String(), r.Header.Clone(), string(body)})
	tr.mu.Unlock()
	return tr.responder(r)
}

// take returns the requests since the last call.
func (tr *transport) take() []sent {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	requests := tr.requests
	tr.requests = nil
	return requests
}

// newClient makes a client whose requests the responder answers. It makes three attempts.
func newClient(responder httpmock.Responder, change ...func(*rest.Config)) (*rest.Client, *transport) {
	tr := &transport{responder: responder}
	config := newConfig(adminHost, clientHost)
	config.HTTPClient = &http.Client{Transport: tr}
	for _, f := range change {
		f(&config)
	}
	return rest.New(config), tr
}

func newConfig(adminHost, clientHost string) rest.Config {
	return rest.Config{
		AdminHost: adminHost, ClientHost: clientHost,
		Policy:    rest.Policy{MaxAttempts: 3, BaseDelay: time.Second, MaxDelay: 10 * time.Second},
		Attempted: func(context.Context, *rest.Request, *rest.Answer, time.Duration) {},
	}
}

// noSpread makes waits as long as the server asks, and hardly longer.
func noSpread(config *rest.Config) { config.Policy.BaseDelay = 1 }

// get is a request that may be repeated.
func get() *rest.Request {
	return &rest.Request{Op: "GetUser", Method: http.MethodGet, Route: "/me", Credential: rest.AuthToken("a-token")}
}

// create is a request that must not take effect twice.
func create() *rest.Request {
	return &rest.Request{
		Op: "CreateUser", Method: http.MethodPost, Route: "/users", Credential: rest.APIKey("a-key"),
		Body: map[string]string{"uid": "u"}, Once: true,
	}
}

// do makes a request whose success has any body.
func do(ctx context.Context, c *rest.Client, req *rest.Request) rest.Answer {
	return c.Do(ctx, req, func([]byte) error { return nil })
}

// inBubble runs a subtest on fake time.
func inBubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

func TestDo(t *testing.T) {
	t.Parallel()
	t.Run("returns the facts of a success", func(t *testing.T) {
		t.Parallel()
		c, tr := newClient(httpmock.NewStringResponder(200, `{"data":1}`).HeaderSet(http.Header{"X-Any": {"v"}}))
		var read []byte
		a := c.Do(t.Context(), get(), func(body []byte) error { read = body; return nil })
		assert.True(t, a.Success())
		assert.Equal(t, "v", a.Header.Get("X-Any"))
		a.Header = nil
		assert.Equal(t, rest.Answer{Base: clientHost, Status: 200, Body: []byte(`{"data":1}`), Attempts: 1, Took: a.Took}, a)
		assert.Equal(t, a.Body, read)
		assert.Len(t, tr.take(), 1)
	})
	t.Run("returns the flaw that the reader found, and does not retry", func(t *testing.T) {
		t.Parallel()
		c, tr := newClient(httpmock.NewStringResponder(200, `{}`))
		a := c.Do(t.Context(), get(), func([]byte) error { return errReset })
		assert.True(t, a.Success())
		assert.Equal(t, errReset, a.Flaw)
		assert.Len(t, tr.take(), 1)
	})
	inBubble(t, "retries when the body is not the API's", func(t *testing.T) {
		garbled := func([]byte) error { return fmt.Errorf("a proxy's page: %w", rest.ErrGarbled) }
		c, tr := newClient(httpmock.NewStringResponder(200, "<html>"))
		a := c.Do(t.Context(), get(), garbled)
		require.ErrorIs(t, a.Flaw, rest.ErrGarbled)
		assert.Len(t, tr.take(), 3)
		c.Do(t.Context(), create(), garbled)
		assert.Len(t, tr.take(), 1, "the server may have carried it out")
	})
	t.Run("gives the reader successes only", func(t *testing.T) {
		t.Parallel()
		for status, isSuccess := range map[int]bool{200: true, 201: true, 204: true, 299: true, 300: false, 304: false, 404: false} {
			c, _ := newClient(httpmock.NewStringResponder(status, `{}`))
			read := false
			a := c.Do(t.Context(), get(), func([]byte) error { read = true; return nil })
			assert.Equal(t, isSuccess, a.Success(), status)
			assert.Equal(t, isSuccess, read, status)
			assert.Equal(t, status, a.Status)
		}
	})
	t.Run("sends nothing when the body cannot be written", func(t *testing.T) {
		t.Parallel()
		c, tr := newClient(httpmock.NewStringResponder(200, `{}`))
		req := create()
		req.Body = map[string]any{"metadata": func() {}}
		a := do(t.Context(), c, req)
		require.ErrorIs(t, a.Err, rest.ErrUnwritable)
		assert.Zero(t, a.Attempts)
		assert.False(t, a.Success())
		assert.Empty(t, tr.take())
	})
	inBubble(t, "tells how long the call took, waits included", func(t *testing.T) {
		slow := httpmock.NewStringResponder(200, "").Delay(3 * time.Second)
		c, _ := newClient(httpmock.NewStringResponder(429, "").HeaderSet(http.Header{"Retry-After": {"5"}}).Then(slow), noSpread)
		a := do(t.Context(), c, get())
		assert.Equal(t, 8*time.Second, a.Took.Round(time.Millisecond))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		c, _ = newClient(httpmock.NewStringResponder(429, "").HeaderSet(http.Header{"Retry-After": {"6"}}), noSpread)
		a = do(ctx, c, get())
		assert.Equal(t, 2, a.Attempts)
		assert.Equal(t, 6*time.Second, a.Took.Round(time.Millisecond))
	})
	t.Run("sends the whole body with each attempt", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c, tr := newClient(httpmock.NewStringResponder(429, ""))
			do(t.Context(), c, create())
			requests := tr.take()
			require.Len(t, requests, 3)
			for _, r := range requests {
				assert.JSONEq(t, `{"uid":"u"}`, r.Body)
			}
		})
	})
}

func TestAttempted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type attempt struct {
			op            string
			number        int
			status        int
			flaw, stopped error
			took          time.Duration
		}
		var attempts []attempt
		slow := func(status int) httpmock.Responder {
			return httpmock.NewStringResponder(status, "").Delay(3 * time.Second)
		}
		c, _ := newClient(slow(503).Then(slow(502)).Then(slow(200)), func(config *rest.Config) {
			config.Attempted = func(_ context.Context, req *rest.Request, a *rest.Answer, took time.Duration) {
				attempts = append(attempts, attempt{req.Op, a.Attempts, a.Status, a.Flaw, a.Stopped, took})
			}
		})
		c.Do(t.Context(), get(), func([]byte) error { return errReset })
		assert.Equal(t, []attempt{
			{"GetUser", 1, 503, nil, nil, 3 * time.Second},
			{"GetUser", 2, 502, nil, nil, 3 * time.Second},
			{"GetUser", 3, 200, errReset, nil, 3 * time.Second},
		}, attempts, "once for each attempt")
	})
}

func TestLastRateLimit(t *testing.T) {
	t.Parallel()
	remaining := func(n string) httpmock.Responder {
		return httpmock.NewStringResponder(200, "").HeaderSet(http.Header{"X-Rate-Limit-Remaining": {n}})
	}
	c, _ := newClient(remaining("5").Then(remaining("4")).Then(httpmock.NewStringResponder(200, "")))
	assert.Nil(t, c.LastRateLimit(), "before the first answer")
	for _, want := range []int{5, 4, 4} {
		require.True(t, new(do(t.Context(), c, get())).Success())
		assert.Equal(t, want, c.LastRateLimit().Remaining)
	}
}

// respondWith returns a responder of an answer with this body, which is read at most once.
func respondWith(status int, body io.Reader) httpmock.Responder {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(body), Request: r}, nil
	}
}

func repeated(n int) io.Reader { return bytes.NewReader(bytes.Repeat([]byte("x"), n)) }

func TestRequestsInParallel(t *testing.T) {
	t.Parallel()
	c, tr := newClient(httpmock.NewStringResponder(200, "{}").HeaderSet(http.Header{"X-Rate-Limit": {"9"}}))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				a := do(t.Context(), c, create())
				assert.True(t, a.Success())
				assert.Equal(t, 9, c.LastRateLimit().Limit)
			}
		})
	}
	wg.Wait()
	requests := tr.take()
	assert.Len(t, requests, 80)
	for _, r := range requests {
		assert.JSONEq(t, `{"uid":"u"}`, r.Body)
	}
}
