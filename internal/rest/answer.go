package rest

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxBodySize is the most that is read of an answer, in bytes, unless the request sets another limit.
const maxBodySize = 4 << 20

// TooLargeError is the Err of an answer whose body is longer than the limit.
type TooLargeError struct{ limit int }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the answer is larger than %d MiB", e.limit>>20)
}

// ErrGarbled is matched by the Flaw of an answer that is not the API's: the request may be retried.
var ErrGarbled = errors.New("the body is not the API's JSON")

// errEncoding is the Err of an answer in a compression that cannot be read.
var errEncoding = errors.New("the answer's compression is unknown")

// Answer is what came of a request: facts, which the caller makes an error or a value of.
type Answer struct {
	Base       string // the base URL that the request was for
	Status     int    // 0 when no answer began
	Header     http.Header
	Body       []byte
	RetryAfter time.Duration // what the server asked to wait; 0 when it did not
	RateLimit  *RateLimit    // nil when the answer says nothing of it
	exhausted  bool          // the answer says that nothing remains of the rate limit
	Attempts   int           // how often the request was made
	Took       time.Duration // since the call began
	Err        error         // why there is no whole answer
	Flaw       error         // what the caller's reader found wrong with the body of a success
	Stopped    error         // why the request was not retried, where Status, Err and Attempts do not tell
}

// Success reports whether the answer is a whole one with a status of success.
func (a *Answer) Success() bool { return a.Err == nil && a.Status >= 200 && a.Status <= 299 }

// RateLimit is what the server said about the rate limit of the app.
type RateLimit struct {
	Limit     int
	Remaining int
	Reset     time.Time
}

// readAnswer reads an answer to its end, or to the limit, and closes it.
func readAnswer(resp *http.Response, limit int) Answer {
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return Answer{Err: errors.New("the server wants to switch protocols")} // its body would be the connection, without end
	}
	a := Answer{Status: resp.StatusCode, Header: resp.Header}
	a.RateLimit, a.exhausted = parseRateLimit(resp.Header)
	a.RetryAfter = retryAfter(resp.StatusCode, resp.Header, a.RateLimit)
	reader, err := decompressed(resp)
	if err != nil {
		a.Err = err
		return a
	}
	var body bytes.Buffer
	const believed = 64 << 10 // of the length that a server announces: memory follows what comes
	body.Grow(int(min(max(resp.ContentLength, 0), believed)) + bytes.MinRead)
	n, err := body.ReadFrom(io.LimitReader(reader, int64(limit)+1))
	if n > int64(limit) {
		a.Err = &TooLargeError{limit}
		return a
	}
	a.Body, a.Err = body.Bytes(), err
	return a
}

// decompressed returns a reader of the body. A caller's own transport may leave an answer compressed.
func decompressed(resp *http.Response) (io.Reader, error) {
	switch encoding := strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
		return resp.Body, nil
	case "gzip", "x-gzip":
		return gzip.NewReader(resp.Body)
	case "deflate":
		return zlib.NewReader(resp.Body)
	default:
		return nil, fmt.Errorf("%w: %.50q", errEncoding, encoding)
	}
}

// parseRateLimit reads the rate-limit headers in both documented spellings, and reports whether nothing remains. The limit is
// nil without such a header.
func parseRateLimit(h http.Header) (limit *RateLimit, exhausted bool) {
	number := func(names ...string) (n int64, ok bool) {
		for _, name := range names {
			if values := h[name]; len(values) > 0 { // a failing Get and ParseInt would allocate on every answer
				n, err := strconv.ParseInt(values[0], 10, 64)
				return n, err == nil
			}
		}
		return 0, false
	}
	most, hasLimit := number("X-Rate-Limit", "X-Ratelimit-Limit")
	remaining, hasRemaining := number("X-Rate-Limit-Remaining", "X-Ratelimit-Remaining")
	reset, hasReset := number("X-Rate-Limit-Reset", "X-Ratelimit-Reset")
	if !hasLimit && !hasRemaining && !hasReset {
		return nil, false
	}
	limit = &RateLimit{Limit: int(most), Remaining: int(remaining)}
	const farFuture = 1e11
	if hasReset && reset > 0 && reset < farFuture { // seconds; a later time could not be written as JSON either
		limit.Reset = time.Unix(reset, 0)
	}
	return limit, hasRemaining && remaining <= 0
}

// retryAfter returns how long the server asks to wait: as the Retry-After header says, in seconds or as a date, or else, after
// a 429, until the rate limit is reset. Times are measured against the server's own clock.
func retryAfter(status int, h http.Header, limit *RateLimit) time.Duration {
	value := h.Get("Retry-After")
	if value != "" && strings.Trim(value, "0123456789.") == "" {
		if seconds, err := strconv.ParseFloat(value, 64); err == nil || errors.Is(err, strconv.ErrRange) {
			return time.Duration(min(seconds, longestWait.Seconds()) * float64(time.Second))
		}
	}
	until, err := http.ParseTime(value)
	if err != nil {
		if status != http.StatusTooManyRequests || limit == nil || limit.Reset.IsZero() {
			return 0
		}
		until = limit.Reset
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(max(until.Sub(now), 0), longestWait)
}

// longestWait bounds what a server may ask for, so that times do not overflow.
const longestWait = 365 * 24 * time.Hour
