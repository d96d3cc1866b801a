package rest_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat/internal/rest"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRateLimitHeaders(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		header http.Header
		want   *rest.RateLimit
	}{
		"none": {http.Header{}, nil},
		"one spelling": {
			http.Header{"X-Rate-Limit": {"100"}, "X-Rate-Limit-Remaining": {"7"}, "X-Rate-Limit-Reset": {"1700000000"}},
			&rest.RateLimit{Limit: 100, Remaining: 7, Reset: time.Unix(1700000000, 0)},
		},
		"the other spelling": {
			http.Header{"X-Ratelimit-Limit": {"100"}, "X-Ratelimit-Remaining": {"7"}, "X-Ratelimit-Reset": {"1700000000"}},
			&rest.RateLimit{Limit: 100, Remaining: 7, Reset: time.Unix(1700000000, 0)},
		},
		"nothing remains":        {http.Header{"X-Rate-Limit-Remaining": {"0"}}, &rest.RateLimit{}},
		"no numbers":             {http.Header{"X-Rate-Limit": {"many"}, "X-Ratelimit-Reset": {"1e9"}}, nil},
		"a number and a word":    {http.Header{"X-Rate-Limit": {"5"}, "X-Ratelimit-Reset": {"soon"}}, &rest.RateLimit{Limit: 5}},
		"a reset in the past":    {http.Header{"X-Rate-Limit-Reset": {"-5"}}, &rest.RateLimit{}},
		"a reset in far future":  {http.Header{"X-Rate-Limit-Reset": {"100000000000"}}, &rest.RateLimit{}},
		"a reset beyond numbers": {http.Header{"X-Rate-Limit-Reset": {"99999999999999999999"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := newClient(httpmock.NewStringResponder(200, "").HeaderSet(tc.header))
			a := do(t.Context(), c, get())
			assert.Equal(t, tc.want, a.RateLimit)
			assert.Equal(t, tc.want, c.LastRateLimit())
		})
	}
}

func TestRetryAfterHeader(t *testing.T) {
	t.Parallel()
	const year = 365 * 24 * time.Hour
	inBubble(t, "is seconds or a date", func(t *testing.T) {
		date := func(in time.Duration) string { return time.Now().Add(in).UTC().Format(http.TimeFormat) }
		for value, want := range map[string]time.Duration{
			"17":                              17 * time.Second,
			"1.5":                             1500 * time.Millisecond,
			"0":                               0,
			date(time.Minute):                 time.Minute, // fake time begins with a whole second
			date(-time.Minute):                0,
			date(2 * year):                    year,
			strconv.Itoa(int(year.Seconds())): year,
			"99999999999":                     year, // longer than a time.Duration
			"99999999999999999999999":         year, // longer than an int
			strings.Repeat("9", 400):          year, // longer than a float64
			"-5":                              0,
			"soon":                            0,
			"":                                0,
			"1e3":                             0,
			"1.2.3":                           0,
			".":                               0,
			"0x10":                            0,
			"Inf":                             0,
			"NaN":                             0,
			"+5":                              0,
		} {
			c, _ := newClient(httpmock.NewStringResponder(400, "").HeaderSet(http.Header{"Retry-After": {value}}))
			a := do(t.Context(), c, get())
			assert.Equal(t, want, a.RetryAfter, "%q", value)
		}
		c, _ := newClient(httpmock.NewStringResponder(400, ""))
		a := do(t.Context(), c, get())
		assert.Zero(t, a.RetryAfter, "without the header")
	})
	inBubble(t, "a date counts from the server's own time", func(t *testing.T) {
		const date = "Tue, 24 Nov 1998 00:00:00 GMT"
		for _, header := range []http.Header{
			{"Retry-After": {"Tue, 24 Nov 1998 00:01:00 GMT"}, "Date": {date}},
			{"X-Rate-Limit-Reset": {"911865660"}, "Date": {date}},
		} {
			c, _ := newClient(httpmock.NewStringResponder(429, "").HeaderSet(header),
				func(config *rest.Config) { config.Policy.MaxAttempts = 1 })
			a := do(t.Context(), c, get())
			assert.Equal(t, time.Minute, a.RetryAfter, header)
		}
	})
	inBubble(t, "without it, a 429 asks to wait until the rate limit is reset", func(t *testing.T) {
		for _, tc := range []struct {
			status     int
			retryAfter string
			reset      time.Duration
			want       time.Duration
		}{
			{429, "", time.Minute, time.Minute},
			{429, "soon", time.Minute, time.Minute},
			{429, "5", time.Minute, 5 * time.Second},
			{429, "", 2 * year, year},
			{429, "", -time.Minute, 0},
			{503, "", time.Minute, 0},
		} {
			header := http.Header{"X-Rate-Limit-Reset": {strconv.FormatInt(time.Now().Add(tc.reset).Unix(), 10)}}
			if tc.retryAfter != "" {
				header.Set("Retry-After", tc.retryAfter)
			}
			c, _ := newClient(httpmock.NewStringResponder(tc.status, "").HeaderSet(header),
				func(config *rest.Config) { config.Policy.MaxAttempts = 1 })
			a := do(t.Context(), c, get())
			assert.Equal(t, tc.want, a.RetryAfter, "%+v", tc)
		}
	})
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	const limit = 4 << 20
	t.Run("a body up to the limit is read", func(t *testing.T) {
		t.Parallel()
		c, _ := newClient(respondWith(200, repeated(limit)))
		a := do(t.Context(), c, get())
		require.NoError(t, a.Err)
		assert.Len(t, a.Body, limit)
	})
	t.Run("a longer body is refused, and not asked for again", func(t *testing.T) {
		t.Parallel()
		c, tr := newClient(respondWith(200, repeated(limit+1)))
		a := do(t.Context(), c, get())
		require.ErrorAs(t, a.Err, new(*rest.TooLargeError))
		require.ErrorContains(t, a.Err, "larger than 4 MiB")
		assert.Equal(t, 200, a.Status)
		assert.Nil(t, a.Body)
		assert.False(t, a.Success())
		assert.Len(t, tr.take(), 1)
	})
	t.Run("no more than the limit is read", func(t *testing.T) {
		t.Parallel()
		body := &endless{}
		c, _ := newClient(respondWith(404, body))
		a := do(t.Context(), c, get())
		require.ErrorAs(t, a.Err, new(*rest.TooLargeError))
		assert.LessOrEqual(t, body.read, limit+1)
	})
	t.Run("a length that the header claims is not believed", func(t *testing.T) {
		t.Parallel()
		c, _ := newClient(func(r *http.Request) (*http.Response, error) {
			resp, err := respondWith(200, strings.NewReader("short"))(r)
			resp.ContentLength = 1 << 60
			return resp, err
		})
		a := do(t.Context(), c, get())
		assert.Equal(t, "short", string(a.Body))
		assert.LessOrEqual(t, cap(a.Body), 128<<10)
	})
	t.Run("a request may set another limit", func(t *testing.T) {
		t.Parallel()
		for size, fits := range map[int]bool{1 << 20: true, 1<<20 + 1: false} {
			c, _ := newClient(respondWith(200, repeated(size)))
			req := get()
			req.MaxBody = 1 << 20
			a := do(t.Context(), c, req)
			assert.Equal(t, fits, a.Success())
			if !fits {
				require.ErrorContains(t, a.Err, "larger than 1 MiB")
			}
		}
	})
}

// TestCompressedAnswers has a transport leave answers compressed, as a caller's own may.
func TestCompressedAnswers(t *testing.T) {
	t.Parallel()
	const text = `{"data":1}`
	var gzipped, deflated bytes.Buffer
	for _, w := range []io.WriteCloser{gzip.NewWriter(&gzipped), zlib.NewWriter(&deflated)} {
		_, err := io.WriteString(w, text)
		require.NoError(t, err)
		require.NoError(t, w.Close())
	}
	for name, tc := range map[string]struct {
		encoding, body string
		attempts       int
		says           string // "" for an answer that can be read
	}{
		"none":                  {"", text, 1, ""},
		"identity":              {"identity", text, 1, ""},
		"gzip":                  {" GZIP ", gzipped.String(), 1, ""},
		"x-gzip":                {"x-gzip", gzipped.String(), 1, ""},
		"deflate":               {"deflate", deflated.String(), 1, ""},
		"gzip, which it is not": {"gzip", text, 3, "invalid header"},
		"an unknown one":        {"br", "...", 1, `compression is unknown: "br"`},
	} {
		inBubble(t, name, func(t *testing.T) {
			c, tr := newClient(httpmock.NewStringResponder(200, tc.body).HeaderSet(http.Header{"Content-Encoding": {tc.encoding}}))
			a := do(t.Context(), c, get())
			assert.Len(t, tr.take(), tc.attempts)
			assert.Equal(t, 200, a.Status)
			if tc.says != "" {
				require.ErrorContains(t, a.Err, tc.says)
				return
			}
			require.NoError(t, a.Err)
			assert.Equal(t, text, string(a.Body))
		})
	}
	t.Run("the limit counts what comes out", func(t *testing.T) {
		t.Parallel()
		var bomb bytes.Buffer
		w := gzip.NewWriter(&bomb)
		_, err := io.Copy(w, repeated(5<<20))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		c, _ := newClient(httpmock.NewStringResponder(200, bomb.String()).HeaderSet(http.Header{"Content-Encoding": {"gzip"}}))
		a := do(t.Context(), c, get())
		require.ErrorAs(t, a.Err, new(*rest.TooLargeError))
	})
}

// endless is a body that has no end.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) { e.read += len(p); return len(p), nil }

// serveRaw answers every connection with these bytes, and counts the requests.
func serveRaw(t *testing.T, answer string) (base string, requests *atomic.Int32) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	requests = &atomic.Int32{}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer func() { _ = conn.Close() }()
				r, err := http.ReadRequest(bufio.NewReader(conn))
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, r.Body)
				requests.Add(1)
				_, _ = io.WriteString(conn, answer)
				if strings.HasPrefix(answer, "HTTP/1.1 101") {
					_, _ = io.Copy(io.Discard, conn) // keep the connection open
				}
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		wg.Wait()
	})
	return "http://" + l.Addr().String(), requests
}

func TestOddAnswers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer           string
		requests, status int
		retryAfter       time.Duration
		says             string
	}{
		"101, whose body has no end": {
			"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", 3, 0, 0, "switch protocols",
		},
		"429, cut off, with Retry-After": {
			"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 60\r\nContent-Length: 100\r\n\r\n{\"err", 1, 429, time.Minute, "unexpected EOF",
		},
		"404, cut off": {"HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\n{", 1, 404, 0, "unexpected EOF"},
		"200, cut off": {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", 3, 200, 0, "unexpected EOF"},
		"a header of 300 KiB": {
			"HTTP/1.1 200 OK\r\nX-Long: " + strings.Repeat("x", 300<<10) + "\r\n\r\n{}", 3, 0, 0, "headers exceeded 262144 bytes",
		},
		"not HTTP": {"SSH-2.0-OpenSSH_9.2\r\n", 3, 0, 0, "malformed HTTP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base, requests := serveRaw(t, tc.answer)
			config := newConfig(base, base)
			config.Policy.BaseDelay = time.Microsecond
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			c := rest.New(config)
			defer c.Close()
			a := do(ctx, c, get())
			require.ErrorContains(t, a.Err, tc.says)
			assert.Equal(t, tc.status, a.Status)
			assert.Equal(t, tc.retryAfter, a.RetryAfter)
			assert.EqualValues(t, tc.requests, requests.Load())
			assert.Equal(t, tc.requests, a.Attempts)
		})
	}
}
