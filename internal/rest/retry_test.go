package rest_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat/internal/rest"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatIsRetried(t *testing.T) {
	t.Parallel()
	type row struct {
		answer       httpmock.Responder
		attempts     int
		attemptsOnce int // of a request that must not take effect twice
	}
	table := map[string]row{
		"429: the server has not processed it": {httpmock.NewStringResponder(429, ""), 3, 3},
		"a reset connection":                   {httpmock.NewErrorResponder(errReset), 3, 1},
		"a connection that could not be made": {
			httpmock.NewErrorResponder(&net.OpError{Op: "dial", Err: errReset}), 3, 3,
		},
		"a proxy that could not be reached": {
			httpmock.NewErrorResponder(&net.OpError{Op: "proxyconnect", Err: errReset}), 3, 3,
		},
		"a connection that could not be read": {httpmock.NewErrorResponder(&net.OpError{Op: "read", Err: errReset}), 3, 1},
		"a host that is not found, which may be for a moment": {
			httpmock.NewErrorResponder(&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}), 3, 3,
		},
		"https to a server of http": {httpmock.NewErrorResponder(http.ErrSchemeMismatch), 1, 1},
		"a server that is not trusted": {
			httpmock.NewErrorResponder(&tls.CertificateVerificationError{Err: errReset}), 1, 1,
		},
		"a success that was cut off":   {respondWith(200, brokenBody{}), 3, 1},
		"a 404 that was cut off":       {respondWith(404, brokenBody{}), 1, 1},
		"a 503 that was cut off":       {respondWith(503, brokenBody{}), 3, 1},
		"a success that was too large": {respondWith(200, &endless{}), 1, 1},
		"an error that was too large":  {respondWith(500, &endless{}), 1, 1},
	}
	for _, status := range []int{408, 500, 502, 503, 504, 520, 521, 522, 523, 524, 527, 530} { // a server or an edge in trouble
		table[fmt.Sprint(status)] = row{httpmock.NewStringResponder(status, ""), 3, 1}
	}
	for _, status := range []int{302, 400, 401, 403, 404, 405, 409, 501, 505, 511, 525} {
		table[fmt.Sprint(status)] = row{httpmock.NewStringResponder(status, ""), 1, 1}
	}
	for name, tc := range table {
		inBubble(t, name, func(t *testing.T) {
			for _, request := range []struct {
				*rest.Request
				attempts int
			}{{get(), tc.attempts}, {create(), tc.attemptsOnce}} {
				c, tr := newClient(tc.answer)
				a := do(t.Context(), c, request.Request)
				assert.False(t, a.Success())
				assert.Len(t, tr.take(), request.attempts, request.Op)
				assert.Equal(t, request.attempts, a.Attempts, request.Op)
				assert.NoError(t, a.Stopped, "the attempts tell")
			}
		})
	}
}

// brokenBody is a body that cannot be read.
type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, errReset }

func TestARetryThatSucceeds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, tr := newClient(httpmock.NewErrorResponder(errReset).Then(httpmock.NewStringResponder(200, "{}")))
		a := do(t.Context(), c, get())
		assert.True(t, a.Success())
		assert.Equal(t, 2, a.Attempts)
		assert.Len(t, tr.take(), 2)
	})
}

func TestDroppedConnections(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		requests.Add(1)
		panic(http.ErrAbortHandler) // the request was read, and the connection drops
	}))
	defer s.Close()
	config := newConfig(s.URL, s.URL)
	config.Policy.BaseDelay = time.Microsecond
	c := rest.New(config)
	defer c.Close()
	require.Error(t, do(t.Context(), c, create()).Err)
	assert.EqualValues(t, 1, requests.Swap(0), "the server may have carried it out")
	require.Error(t, do(t.Context(), c, get()).Err)
	assert.EqualValues(t, 3, requests.Load())
}

func TestHTTPToAServerOfHTTPS(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	assert.False(t, rest.IsSchemeMismatch(nil))
	assert.False(t, rest.IsSchemeMismatch(errReset))
	assert.True(t, rest.IsSchemeMismatch(fmt.Errorf("no answer: %w", http.ErrSchemeMismatch)))
	base := strings.Replace(s.URL, "https:", "http:", 1)
	c := rest.New(newConfig(base, base))
	defer c.Close()
	a := do(t.Context(), c, get())
	assert.Equal(t, 400, a.Status, "Go's server answers in http")

	base, _ = serveRaw(t, "\x15\x03\x01\x00\x02\x02\x16") // most servers send a TLS alert
	c = rest.New(newConfig(base, base))
	a = do(t.Context(), c, get())
	assert.True(t, rest.IsSchemeMismatch(a.Err), "%v", a.Err)
	assert.Equal(t, 1, a.Attempts)
}

func TestUnreachableServer(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	base := "http://" + l.Addr().String()
	require.NoError(t, l.Close()) // now nobody listens there
	config := newConfig(base, base)
	config.Policy.BaseDelay = time.Microsecond
	c := rest.New(config)
	defer c.Close()
	for _, req := range []*rest.Request{get(), create()} {
		a := do(t.Context(), c, req)
		require.ErrorAs(t, a.Err, new(*net.OpError))
		assert.Equal(t, 3, a.Attempts, req.Op)
	}
}

func TestBackOff(t *testing.T) {
	t.Parallel()
	inBubble(t, "is random, and doubles up to the longest", func(t *testing.T) {
		var longest [4]time.Duration
		shortest := [4]time.Duration{time.Hour, time.Hour, time.Hour, time.Hour}
		for range 50 {
			var last time.Time
			var waits []time.Duration
			c, _ := newClient(func(*http.Request) (*http.Response, error) {
				waits = append(waits, time.Since(last))
				last = time.Now()
				return nil, errReset
			}, func(config *rest.Config) {
				config.Policy = rest.Policy{MaxAttempts: 5, BaseDelay: time.Second, MaxDelay: 3 * time.Second}
			})
			require.ErrorIs(t, do(t.Context(), c, get()).Err, errReset)
			require.Len(t, waits, 5)
			for i, wait := range waits[1:] {
				longest[i], shortest[i] = max(longest[i], wait), min(shortest[i], wait)
			}
		}
		for i, limit := range []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second} {
			assert.LessOrEqual(t, longest[i], limit)
			assert.Greater(t, longest[i], limit/2, "50 times random")
			assert.Less(t, shortest[i], limit/2)
		}
	})
	inBubble(t, "does not overflow", func(t *testing.T) {
		c, tr := newClient(httpmock.NewErrorResponder(errReset), func(config *rest.Config) {
			config.Policy = rest.Policy{MaxAttempts: 20, BaseDelay: 1 << 61, MaxDelay: time.Second}
		})
		start := time.Now()
		do(t.Context(), c, get())
		assert.Len(t, tr.take(), 20)
		assert.LessOrEqual(t, time.Since(start), 19*time.Second)
	})
	inBubble(t, "gives way to Retry-After, in seconds or as a date", func(t *testing.T) {
		for _, status := range []int{429, 502, 503, 504} {
			for _, form := range []string{"17", "a date"} {
				value := form
				if form == "a date" {
					value = time.Now().Add(17 * time.Second).UTC().Format(http.TimeFormat)
				}
				c, _ := newClient(httpmock.NewStringResponder(status, "").HeaderSet(http.Header{"Retry-After": {value}}).
					Then(httpmock.NewStringResponder(200, "")))
				start := time.Now()
				a := do(t.Context(), c, get())
				assert.True(t, a.Success())
				assert.InDelta(t, 17, time.Since(start).Seconds(), 1, "a date has whole seconds")
			}
		}
	})
	inBubble(t, "is not made for one attempt", func(t *testing.T) {
		c, tr := newClient(httpmock.NewErrorResponder(errReset), func(config *rest.Config) { config.Policy.MaxAttempts = 1 })
		start := time.Now()
		do(t.Context(), c, get())
		assert.Len(t, tr.take(), 1)
		assert.Zero(t, time.Since(start))
	})
}

func TestWhatEndsTheRetries(t *testing.T) {
	t.Parallel()
	wait := func(seconds string) httpmock.Responder {
		return httpmock.NewStringResponder(429, "").HeaderSet(http.Header{"Retry-After": {seconds}})
	}
	inBubble(t, "a deadline before the next attempt, at once", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c, tr := newClient(wait("60"))
		start := time.Now()
		a := do(ctx, c, get())
		assert.Equal(t, 429, a.Status)
		assert.Equal(t, time.Minute, a.RetryAfter)
		require.ErrorIs(t, a.Stopped, context.DeadlineExceeded)
		require.ErrorContains(t, a.Stopped, "1m0s")
		assert.Zero(t, time.Since(start))
		assert.Len(t, tr.take(), 1)
	})
	inBubble(t, "a context that ends while waiting", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		c, tr := newClient(wait("20"))
		start := time.Now()
		a := do(ctx, c, get())
		assert.Equal(t, 429, a.Status)
		require.ErrorIs(t, a.Stopped, context.Canceled)
		assert.Equal(t, time.Second, time.Since(start))
		assert.Len(t, tr.take(), 1)
	})
	inBubble(t, "a context that ends during an attempt", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c, tr := newClient(func(r *http.Request) (*http.Response, error) {
			cancel()
			return nil, r.Context().Err()
		})
		a := do(ctx, c, get())
		require.ErrorIs(t, a.Err, context.Canceled)
		require.ErrorIs(t, a.Stopped, context.Canceled)
		assert.Len(t, tr.take(), 1)
	})
}

func TestRetryBudget(t *testing.T) {
	t.Parallel()
	inBubble(t, "an outage is not multiplied", func(t *testing.T) {
		outage := httpmock.NewErrorResponder(errReset)
		c, tr := newClient(outage)
		var a rest.Answer
		for range 100 {
			a = do(t.Context(), c, get())
			require.ErrorIs(t, a.Err, errReset)
		}
		assert.Len(t, tr.take(), 100+20, "20 retries are shared by all")
		require.ErrorContains(t, a.Stopped, "too many calls have failed lately")

		tr.responder = httpmock.NewStringResponder(200, "")
		for range 10 { // ten successes earn one retry
			require.True(t, new(do(t.Context(), c, get())).Success())
		}
		tr.responder = outage
		tr.take()
		for range 10 {
			do(t.Context(), c, get())
		}
		assert.Len(t, tr.take(), 10+1)
	})
	inBubble(t, "a success with a flaw earns nothing", func(t *testing.T) {
		outage := httpmock.NewErrorResponder(errReset)
		c, tr := newClient(outage)
		for range 20 {
			do(t.Context(), c, get())
		}
		tr.responder = httpmock.NewStringResponder(200, "")
		for range 100 {
			c.Do(t.Context(), get(), func([]byte) error { return errors.New("a flaw") })
		}
		tr.responder = outage
		tr.take()
		do(t.Context(), c, get())
		assert.Len(t, tr.take(), 1)
	})
	inBubble(t, "a retry that succeeds costs nothing", func(t *testing.T) {
		c, tr := newClient(nil)
		for i := range 100 {
			tr.responder = httpmock.NewErrorResponder(errReset).Then(httpmock.NewStringResponder(200, ""))
			require.True(t, new(do(t.Context(), c, get())).Success(), fmt.Sprint(i))
		}
		assert.Len(t, tr.take(), 200)
	})
	inBubble(t, "a retry that the server asked for costs nothing", func(t *testing.T) {
		c, tr := newClient(httpmock.NewStringResponder(503, "").HeaderSet(http.Header{"Retry-After": {"1"}}))
		for range 30 {
			do(t.Context(), c, get())
		}
		assert.Len(t, tr.take(), 90)
	})
	inBubble(t, "a 429 without a Retry-After costs as much as any other failure", func(t *testing.T) {
		c, tr := newClient(httpmock.NewStringResponder(429, ""))
		for range 100 {
			do(t.Context(), c, get())
		}
		assert.Len(t, tr.take(), 100+20)
	})
}
