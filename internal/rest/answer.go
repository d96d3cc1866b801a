package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxBodySize is the most that is read of an answer, in bytes.
const maxBodySize = 4 << 20

// ErrTooLarge is the Err of an answer whose body is longer than the limit.
var ErrTooLarge = fmt.Errorf("the answer is larger than %d MiB", maxBodySize>>20)

// Answer is what came of a request: facts, which the caller makes an error or a value of.
type Answer struct {
	Status     int // 0 when no answer began
	Header     http.Header
	Body       []byte
	RetryAfter time.Duration // what the server asked to wait; 0 when it did not
	RateLimit  *RateLimit    // nil when the answer says nothing of it
	Attempts   int           // how often the request was made
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
func readAnswer(resp *http.Response) Answer {
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return Answer{Err: errors.New("the server wants to switch protocols")} // its body would be the connection, without end
	}
	a := Answer{
		Status: resp.StatusCode, Header: resp.Header,
		RetryAfter: retryAfter(resp.Header, time.Now()), RateLimit: parseRateLimit(resp.Header),
	}
	var body bytes.Buffer
	body.Grow(int(min(max(resp.ContentLength, 0), maxBodySize)) + bytes.MinRead)
	n, err := body.ReadFrom(io.LimitReader(resp.Body, maxBodySize+1))
	if n > maxBodySize {
		a.Err = ErrTooLarge
		return a
	}
	a.Body, a.Err = body.Bytes(), err
	return a
}

// parseRateLimit reads the rate-limit headers in both documented spellings; it is nil when there are none.
func parseRateLimit(h http.Header) *RateLimit {
	number := func(names ...string) (n int64, ok bool) {
		for _, name := range names {
			if values := h[name]; len(values) > 0 { // a failing Get and ParseInt would allocate on every answer
				n, err := strconv.ParseInt(values[0], 10, 64)
				return n, err == nil
			}
		}
		return 0, false
	}
	limit, hasLimit := number("X-Rate-Limit", "X-Ratelimit-Limit")
	remaining, hasRemaining := number("X-Rate-Limit-Remaining", "X-Ratelimit-Remaining")
	reset, hasReset := number("X-Rate-Limit-Reset", "X-Ratelimit-Reset")
	if !hasLimit && !hasRemaining && !hasReset {
		return nil
	}
	said := &RateLimit{Limit: int(limit), Remaining: int(remaining)}
	const farFuture = 1e11
	if hasReset && reset > 0 && reset < farFuture { // seconds; a later time could not be written as JSON either
		said.Reset = time.Unix(reset, 0)
	}
	return said
}

// retryAfter reads the header of that name: seconds, or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	values := h["Retry-After"]
	if len(values) == 0 {
		return 0
	}
	if seconds, err := strconv.Atoi(values[0]); err == nil || errors.Is(err, strconv.ErrRange) {
		const longest = int(time.Hour * 24 * 365 / time.Second)
		return time.Duration(min(max(seconds, 0), longest)) * time.Second
	}
	if at, err := http.ParseTime(values[0]); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
