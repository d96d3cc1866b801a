package cometchattest

import (
	"net/http"
	"strconv"
	"time"
)

// limiter counts requests in fixed periods. Guarded by Server.mu.
type limiter struct {
	requests int
	per      time.Duration
	used     int
	ends     time.Time // of the period
}

// take counts a request, sets the headers of its answer, and refuses it if it is one too many. A nil limiter allows all.
func (l *limiter) take(now time.Time, header http.Header) error {
	if l == nil {
		return nil
	}
	if !now.Before(l.ends) || l.ends.Sub(now) > l.per { // the second: the clock was put back
		l.used, l.ends = 0, now.Add(l.per)
	}
	over := l.used == l.requests
	if !over {
		l.used++
	}
	set := func(value int64, names ...string) {
		for _, name := range names {
			header.Set(name, strconv.FormatInt(value, 10))
		}
	}
	set(int64(l.requests), "X-Rate-Limit", "X-RateLimit-Limit")
	set(int64(l.requests-l.used), "X-Rate-Limit-Remaining", "X-RateLimit-Remaining")
	if !over {
		return nil
	}
	// Rounded up, so that a client that retries at this time is not early.
	wait := int64((l.ends.Sub(now) + time.Second - 1) / time.Second)
	set(wait, "Retry-After")
	set(l.ends.Add(time.Second-1).Unix(), "X-Rate-Limit-Reset", "X-RateLimit-Reset")
	return refuse(http.StatusTooManyRequests, "ERR_TOO_MANY_REQUESTS", "Too many requests: retry after %d seconds.", wait)
}
