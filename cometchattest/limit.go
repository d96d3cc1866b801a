package cometchattest

import (
	"net/http"
	"strconv"
	"time"
)

// limiter counts requests in fixed periods. It needs the server's lock.
type limiter struct {
	requests int
	per      time.Duration
	used     int
	ends     time.Time // of the period
}

// take counts a request and writes the headers of its answer. A nil limiter limits nothing.
func (l *limiter) take(now time.Time, header http.Header) *refusal {
	if l == nil {
		return nil
	}
	if !now.Before(l.ends) || l.ends.Sub(now) > l.per { // or the clock has been put back
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
	// Rounded up: who comes back at the time that was named must not be early.
	wait := int64((l.ends.Sub(now) + time.Second - 1) / time.Second)
	set(wait, "Retry-After")
	set(l.ends.Add(time.Second-1).Unix(), "X-Rate-Limit-Reset", "X-RateLimit-Reset")
	return refuse(http.StatusTooManyRequests, "ERR_TOO_MANY_REQUESTS", "Too many requests: retry after %d seconds.", wait)
}
