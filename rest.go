package cometchat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-resty/resty/v2"
)

const (
	apiKeyHeader    = "Apikey"
	authTokenHeader = "Authtoken"

	maxBodySize = 4 << 20 // bytes of an answer
)

// credential is the one credential that a request carries. Its header also decides the host: keys go to the admin API,
// tokens to the client API.
type credential struct{ header, value string }

// request is one call of the REST API.
type request struct {
	op         string // the method that the user called
	method     string
	route      string // the path with "{uid}" in it; error and log texts show this, not the path
	uid        string
	authToken  string // in the path
	query      url.Values
	credential credential
	onBehalfOf string // the uid that an admin acts as; "" is nobody
	body       any    // sent as JSON; nil for none
	once       bool   // must not take effect twice
}

// name is what error and log texts show of a request.
func (q *request) name() string { return q.method + " " + q.route }

// path fills in the route.
func (q *request) path() string {
	path := strings.Replace(q.route, "{uid}", url.PathEscape(q.uid), 1)
	if q.authToken != "" {
		path = strings.Replace(path, "{authToken}", url.PathEscape(q.authToken), 1)
	}
	if len(q.query) > 0 {
		path += "?" + q.query.Encode()
	}
	return path
}

// redactor knows the secrets that the request carries.
func (q *request) redactor() redactor { return newRedactor(q.credential.value, q.authToken) }

// restClient is the one place that speaks HTTP. resty carries the bytes; what is retried, how an answer is read and what
// an error may show is decided here.
type restClient struct {
	resty      *resty.Client
	adminHost  string // base URL, as in https://app.api-us.cometchat.io/v3.0
	clientHost string
	logger     *slog.Logger
	retry      RetryPolicy
	budget     retryBudget
	pace       *pace                     // nil: the SDK sets no limit of its own
	rateLimit  atomic.Pointer[RateLimit] // what the newest answer that spoke of it said
	closeIdle  func()
}

// do makes a request, again if need be, until an answer can be read.
func (r *restClient) do(ctx context.Context, req request, read func(body []byte) (problem string, cause error)) error {
	var body []byte
	if req.body != nil {
		var err error
		if body, err = json.Marshal(req.body); err != nil {
			return newError(req.op, ErrBadRequest, "the arguments cannot be written as JSON")
		}
	}
	var failure *Error
	for attempt := 1; ; attempt++ {
		if over := r.admit(ctx, req); over != nil {
			if failure == nil {
				return over
			}
			return also(failure, over)
		}
		start := time.Now()
		got, sent, err := r.attempt(ctx, req, body)
		failure = req.outcome(ctx, got, err, read)
		if failure != nil {
			failure.Attempts = attempt
		}
		r.log(ctx, req, got.status, failure, attempt, time.Since(start))
		if failure == nil {
			r.budget.succeeded(attempt)
			return nil
		}
		if !r.pause(ctx, failure, req, sent) {
			return failure
		}
	}
}

// attempt makes a request once; sent says that it may have reached the server, and is found out only for a request that
// must not take effect twice.
func (r *restClient) attempt(ctx context.Context, req request, body []byte) (got answer, sent bool, err error) {
	var trace *sendTrace
	if req.once {
		trace = &sendTrace{}
		ctx = trace.context(ctx)
	}
	base := r.clientHost
	if req.credential.header == apiKeyHeader {
		base = r.adminHost
	}
	q := r.resty.R().SetContext(ctx).SetHeader(req.credential.header, req.credential.value).
		SetDoNotParseResponse(true) // readAnswer reads and closes it, at less cost
	if body != nil {
		q.SetBody(bytes.NewReader(body)) // a []byte is copied twice
	}
	if req.onBehalfOf != "" {
		q.SetHeader("onBehalfOf", req.onBehalfOf)
	}
	resp, err := q.Execute(req.method, base+req.path())
	if err == nil {
		got, err = readAnswer(resp.RawResponse)
	}
	if got.rateLimit != nil {
		r.rateLimit.Store(got.rateLimit)
	}
	return got, trace.sent(err), err
}

// answer is what the server answered; its status is 0 when there was no answer.
type answer struct {
	status    int
	header    http.Header
	rateLimit *RateLimit // nil when the answer says nothing of it
	body      []byte
}

var errTooLarge = fmt.Errorf("the answer is larger than %d MiB", maxBodySize>>20)

// readAnswer reads an answer to its end, or to the limit, and closes it.
func readAnswer(resp *http.Response) (answer, error) {
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return answer{}, errors.New("the server wants to switch protocols") // its body would be the connection, without end
	}
	got := answer{status: resp.StatusCode, header: resp.Header, rateLimit: parseRateLimit(resp.Header)}
	var body bytes.Buffer
	body.Grow(int(min(max(resp.ContentLength, 0), maxBodySize)) + bytes.MinRead)
	n, err := body.ReadFrom(io.LimitReader(resp.Body, maxBodySize+1))
	if n > maxBodySize {
		return got, errTooLarge
	}
	got.body = body.Bytes()
	return got, err
}

// log writes one record an attempt, of an allow-list of facts.
func (r *restClient) log(ctx context.Context, req request, status int, failure *Error, attempt int, took time.Duration) {
	if !r.logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("op", req.op), slog.String("route", req.name()), slog.Int("attempt", attempt),
		slog.Duration("took", took),
	}
	if status != 0 {
		attrs = append(attrs, slog.Int("status", status))
	}
	if failure != nil {
		attrs = append(attrs, slog.String("error", failure.Error()))
	}
	r.logger.LogAttrs(ctx, slog.LevelDebug, "cometchat request", attrs...)
}

func (r *restClient) lastRateLimit() (limit RateLimit, ok bool) {
	if said := r.rateLimit.Load(); said != nil {
		return *said, true
	}
	return RateLimit{}, false
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
	if hasReset && reset > 0 && reset < farFuture { // seconds; anything else could not be written as JSON either
		said.Reset = time.Unix(reset, 0)
	}
	return said
}
