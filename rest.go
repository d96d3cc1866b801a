package cometchat

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-resty/resty/v2"
)

// Version is the version of this package.
const Version = "0.1.0"

// What the SDK calls itself on the wire. The shape is that of the official SDKs; the words are ours.
const (
	platform   = "GO"
	sdkName    = "go@" + Version
	appVersion = "v" + Version
	userAgent  = "cometchat-go/" + Version
	apiVersion = "v3.0"
)

const (
	apiKeyHeader    = "Apikey"
	authTokenHeader = "Authtoken"

	maxBodySize = 4 << 20 // bytes of an answer
)

// loginBody is what every login, by key or token, tells the server about this installation.
type loginBody struct {
	Platform string  `json:"platform"`
	DeviceID string  `json:"deviceId"`
	AppInfo  appInfo `json:"appInfo"`
}

type appInfo struct {
	Version    string `json:"version"`
	APIVersion string `json:"apiVersion"`
	UserAgent  string `json:"userAgent"`
}

func newLoginBody(deviceID string) loginBody {
	return loginBody{platform, deviceID, appInfo{appVersion, apiVersion, userAgent}}
}

// newInstanceID returns a random UUID, sep, and the time in milliseconds, as the JavaScript SDK names instances.
func newInstanceID(sep string) string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x%s%d", b[:4], b[4:6], b[6:8], b[8:10], b[10:], sep, time.Now().UnixMilli())
}

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

// send makes a request and reads the "data" of the answer. flaw says what is wrong with the data, or ""; nil accepts any.
func send[T any](ctx context.Context, r *restClient, req request, flaw func(*T) string) (*T, error) {
	type envelope struct {
		Data *T `json:"data"`
	}
	e, err := exchange(ctx, r, req, func(e *envelope) string {
		switch {
		case e.Data == nil:
			return "the server's answer has no data"
		case flaw != nil:
			return flaw(e.Data)
		}
		return ""
	})
	if err != nil {
		return nil, err
	}
	return e.Data, nil
}

// exchange makes a request and reads the whole answer.
func exchange[E any](ctx context.Context, r *restClient, req request, flaw func(*E) string) (*E, error) {
	e := new(E)
	return e, r.do(ctx, req, func(body []byte) (problem string, cause error) {
		if err := json.Unmarshal(body, e); err != nil {
			return notTheAPI, err
		}
		return flaw(e), nil
	})
}

// acknowledged reads the answer to a request that asks for nothing but to be carried out: it may be empty.
func acknowledged(body []byte) (problem string, cause error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return "", nil
	}
	var envelope struct {
		Data struct {
			Success *bool `json:"success"`
		} `json:"data"`
	}
	err := json.Unmarshal(body, &envelope)
	_, otherForm := errors.AsType[*json.UnmarshalTypeError](err)
	switch success := envelope.Data.Success; {
	case err != nil && !otherForm:
		return notTheAPI, err
	case success != nil && !*success:
		return "the server says that it has not done it", nil
	}
	return "", nil
}

const notTheAPI = "the server's answer is not the documented JSON; is it CometChat at this host, or a proxy in between?"

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

// outcome is nil when the answer is a success that could be read.
func (q *request) outcome(ctx context.Context, got answer, err error, read func([]byte) (string, error)) *Error {
	if err != nil {
		return q.noAnswer(ctx, got, err)
	}
	if got.status < 200 || got.status > 299 {
		return q.refused(got)
	}
	problem, cause := read(got.body)
	if problem == "" {
		return nil
	}
	e := q.failure(got)
	e.Message, e.err = problem, q.redactor().cause(cause)
	return e
}

// failure makes an Error with the facts of an answer.
func (q *request) failure(got answer) *Error {
	e := &Error{Op: q.op, Code: codeFailedToFetch, StatusCode: got.status, route: q.name()}
	if got.header != nil {
		e.RetryAfter = retryAfter(got.header, time.Now())
	}
	if got.rateLimit != nil {
		e.RateLimit = *got.rateLimit
	}
	return e
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

// noAnswer makes the Error for a request that got no answer, or not a whole one.
func (q *request) noAnswer(ctx context.Context, got answer, err error) *Error {
	e := q.failure(got)
	e.err = q.redactor().cause(err)
	if got.status < 300 && !errors.Is(err, errTooLarge) {
		e.StatusCode = 0 // the half of a success is no answer
	}
	var dns *net.DNSError
	switch {
	case ctx.Err() != nil:
		e.Code, e.Message = "", "gave up waiting for CometChat"
		if !errors.Is(err, ctx.Err()) {
			e.err = errors.Join(ctx.Err(), e.err)
		}
	case errors.Is(err, errTooLarge):
		e.Message = "the answer is of no use"
	case errors.As(err, &dns) && dns.IsNotFound:
		e.Message = "there is no such host; check the app id, the region and the network"
	default:
		e.Message = "could not get a whole answer from CometChat"
	}
	if got.status == http.StatusTooManyRequests && e.Code != "" {
		e.Code = codeTooManyRequests
	}
	return e
}

// refused makes the Error for an answer with a status that is no success.
func (q *request) refused(got answer) *Error {
	redact := q.redactor()
	e := q.failure(got)

	var envelope struct {
		Error struct {
			Code       string          `json:"code"`
			Message    string          `json:"message"`
			DevMessage string          `json:"devMessage"`
			Source     string          `json:"source"`
			Details    json.RawMessage `json:"details"`
		} `json:"error"`
	}
	err := json.Unmarshal(got.body, &envelope)
	if _, odd := errors.AsType[*json.UnmarshalTypeError](err); (err == nil || odd) && envelope.Error.Code != "" {
		said := envelope.Error
		e.Code, e.Source = redact.short(said.Code), redact.short(said.Source)
		e.Message, e.DevMessage = redact.short(said.Message), redact.short(said.DevMessage)
		if len(said.Details) <= window {
			e.Details = redact.json(said.Details)
		}
		if e.Message == "" {
			e.Message = "the server refused the request and did not say why"
		}
		return e
	}

	switch {
	case got.status == http.StatusTooManyRequests:
		e.Code, e.Message = codeTooManyRequests, "too many requests"
	case got.status >= 300 && got.status < 400:
		e.Message = "the server redirects, and credentials are not sent after it; check the host"
	default:
		e.Message = "the server answered with an error, and not in the form of the API"
	}
	if piece := redact.snippet(got.body); piece != "" {
		e.Message += ": " + strconv.Quote(piece)
	}
	return e
}

// refusedItem makes the Error for one of the many that a request was about, when the request itself has succeeded.
func (q *request) refusedItem(code, message string) *Error {
	redact := q.redactor()
	e := &Error{Op: q.op, Code: redact.short(code), Message: redact.short(message), StatusCode: http.StatusOK, route: q.name()}
	if e.Message == "" {
		e.Message = "the server refused this one and did not say why"
	}
	return e
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
