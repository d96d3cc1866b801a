package cometchat

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
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
	credential credential
	body       any  // sent as JSON; nil for none
	once       bool // must not take effect twice
}

// name is what error and log texts show of a request.
func (q *request) name() string { return q.method + " " + q.route }

// restClient is the one place that speaks HTTP. resty carries the bytes; what is retried, how an answer is read and what
// an error may show is decided here.
type restClient struct {
	resty      *resty.Client
	adminHost  string // base URL, as in https://app.api-us.cometchat.io/v3.0
	clientHost string
	logger     *slog.Logger
	retry      RetryPolicy
	budget     retryBudget
	rateLimit  atomic.Pointer[RateLimit] // what the newest answer that spoke of it said
	closeIdle  func()
}

func newRESTClient(cfg *config) *restClient {
	hc := http.Client{}
	closeIdle := func() {}
	if cfg.httpClient != nil {
		hc = *cfg.httpClient // resty writes into the client that it is given
	} else {
		hc.Transport = defaultTransport()
		if t, ok := hc.Transport.(*http.Transport); ok {
			closeIdle = t.CloseIdleConnections
		}
	}
	if hc.Transport == nil {
		hc.Transport = http.DefaultTransport
	}
	hc.Transport = &originGuard{next: hc.Transport, apiKeyTo: origin(cfg.adminHost), authTokenTo: origin(cfg.clientHost)}
	hc.Jar = nil // a cookie of one user must not go out with the next one's call
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	rc := resty.NewWithClient(&hc).
		SetLogger(silent{}).
		SetRetryCount(0).
		SetResponseBodyLimit(maxBodySize).
		SetHeaders(map[string]string{
			"Appid":        cfg.appID,
			"Sdk":          sdkName,
			"Resource":     platform + "-" + strings.ReplaceAll(Version, ".", "_") + "-" + newInstanceID("-"),
			"Accept":       "application/json",
			"Content-Type": "application/json",
			"User-Agent":   userAgent,
		})
	return &restClient{
		resty: rc, adminHost: cfg.adminHost, clientHost: cfg.clientHost,
		logger: cfg.logger, retry: cfg.retry, closeIdle: closeIdle,
	}
}

// defaultTransport is net/http's, with as many idle connections as a busy server needs (the default of two makes nearly
// every call of 256 goroutines dial anew) and a limit on waiting for an answer.
func defaultTransport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport // the program put its own there
	}
	t = t.Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 512, 256
	t.IdleConnTimeout = 50 * time.Second
	t.ResponseHeaderTimeout = 15 * time.Second
	return t
}

var errForeignHost = errors.New("refused to send a credential to a host that is not configured")

// originGuard refuses to send a credential anywhere but to its own host.
type originGuard struct {
	next                  http.RoundTripper
	apiKeyTo, authTokenTo string
}

func (g *originGuard) RoundTrip(r *http.Request) (*http.Response, error) {
	to := r.URL.Scheme + "://" + r.URL.Host
	_, withKey := r.Header[apiKeyHeader]
	_, withToken := r.Header[authTokenHeader]
	if withKey && to != g.apiKeyTo || withToken && to != g.authTokenTo {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, errForeignHost
	}
	return g.next.RoundTrip(r)
}

// origin is the scheme and host of a base URL that has been validated.
func origin(baseURL string) string {
	u, err := url.Parse(baseURL)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// silent keeps resty from writing to stderr: its lines quote URLs.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}

// send makes a request and reads the "data" of the answer. flaw says what is wrong with the data, or ""; nil accepts any.
func send[T any](ctx context.Context, r *restClient, req request, flaw func(*T) string) (*T, error) {
	var data *T
	err := r.do(ctx, req, func(body []byte) (problem string, cause error) {
		var answer struct {
			Data *T `json:"data"`
		}
		if err := json.Unmarshal(body, &answer); err != nil {
			return "the server's answer is not the documented JSON; is it CometChat at this host, or a proxy in between?", err
		}
		if data = answer.Data; data == nil {
			return "the server's answer has no data", nil
		}
		if flaw != nil {
			return flaw(data), nil
		}
		return "", nil
	})
	if err != nil {
		return nil, err
	}
	return data, nil
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
	for attempt := 1; ; attempt++ {
		start := time.Now()
		resp, sent, err := r.attempt(ctx, req, body)
		failure := req.outcome(ctx, resp, err, read)
		if failure != nil {
			failure.Attempts = attempt
		}
		r.log(ctx, req, resp, failure, attempt, time.Since(start))
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
func (r *restClient) attempt(ctx context.Context, req request, body []byte) (resp *resty.Response, sent bool, err error) {
	var trace *sendTrace
	if req.once {
		trace = &sendTrace{}
		ctx = trace.context(ctx)
	}
	base := r.clientHost
	if req.credential.header == apiKeyHeader {
		base = r.adminHost
	}
	q := r.resty.R().SetContext(ctx).SetHeader(req.credential.header, req.credential.value)
	if body != nil {
		q.SetBody(body)
	}
	resp, err = q.Execute(req.method, base+strings.Replace(req.route, "{uid}", url.PathEscape(req.uid), 1))
	if err == nil {
		if limit, ok := parseRateLimit(resp.Header()); ok {
			r.rateLimit.Store(&limit)
		}
	}
	return resp, trace.sent(err), err
}

// outcome is nil when the answer is a success that could be read.
func (q *request) outcome(ctx context.Context, resp *resty.Response, err error,
	read func([]byte) (string, error),
) *Error {
	if err != nil {
		return q.noAnswer(ctx, resp, err)
	}
	if resp.StatusCode() < 200 || resp.StatusCode() > 299 {
		return q.refused(resp)
	}
	problem, cause := read(resp.Body())
	if problem == "" {
		return nil
	}
	return &Error{
		Op: q.op, Code: codeFailedToFetch, Message: problem, StatusCode: resp.StatusCode(), route: q.name(),
		err: newRedactor(q.credential.value).cause(cause),
	}
}

// log writes one record an attempt, of an allow-list of facts.
func (r *restClient) log(ctx context.Context, req request, resp *resty.Response, failure *Error, attempt int, took time.Duration) {
	if !r.logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("op", req.op), slog.String("route", req.name()), slog.Int("attempt", attempt),
		slog.Duration("took", took),
	}
	if resp != nil && resp.StatusCode() != 0 {
		attrs = append(attrs, slog.Int("status", resp.StatusCode()))
	}
	if failure != nil {
		attrs = append(attrs, slog.String("error", failure.Error()))
	}
	r.logger.LogAttrs(ctx, slog.LevelDebug, "cometchat request", attrs...)
}

// noAnswer makes the Error for a request that got no answer, or not a whole one.
func (q *request) noAnswer(ctx context.Context, resp *resty.Response, err error) *Error {
	e := &Error{Op: q.op, route: q.name(), err: newRedactor(q.credential.value).cause(err)}
	var dns *net.DNSError
	switch {
	case ctx.Err() != nil:
		e.Message = "gave up waiting for CometChat"
		if !errors.Is(err, ctx.Err()) {
			e.err = errors.Join(ctx.Err(), e.err)
		}
	case errors.Is(err, resty.ErrResponseBodyTooLarge):
		e.Code, e.Message = codeFailedToFetch, fmt.Sprintf("the answer is larger than %d MiB", maxBodySize>>20)
		e.StatusCode = resp.StatusCode()
	case errors.As(err, &dns) && dns.IsNotFound:
		e.Code, e.Message = codeFailedToFetch, "there is no such host; check the app id, the region and the network"
	default:
		e.Code, e.Message = codeFailedToFetch, "could not get an answer from CometChat"
	}
	return e
}

// refused makes the Error for an answer with a status that is no success.
func (q *request) refused(resp *resty.Response) *Error {
	redact := newRedactor(q.credential.value)
	status := resp.StatusCode()
	e := &Error{Op: q.op, StatusCode: status, RetryAfter: retryAfter(resp.Header(), time.Now()), route: q.name()}
	e.RateLimit, _ = parseRateLimit(resp.Header())

	var envelope struct {
		Error struct {
			Code       string          `json:"code"`
			Message    string          `json:"message"`
			DevMessage string          `json:"devMessage"`
			Source     string          `json:"source"`
			Details    json.RawMessage `json:"details"`
		} `json:"error"`
	}
	if err := json.Unmarshal(resp.Body(), &envelope); err == nil && envelope.Error.Code != "" {
		said := envelope.Error
		e.Code, e.Message, e.DevMessage = redact.text(said.Code), redact.text(said.Message), redact.text(said.DevMessage)
		e.Source, e.Details = redact.text(said.Source), redact.json(said.Details)
		if e.Message == "" {
			e.Message = "the server refused the request and did not say why"
		}
		return e
	}

	e.Code = codeFailedToFetch
	switch {
	case status == http.StatusTooManyRequests:
		e.Code, e.Message = codeTooManyRequests, "too many requests"
	case status >= 300 && status < 400:
		e.Message = "the server redirects elsewhere, and credentials are not sent there; check the host"
	default:
		e.Message = "the server answered with an error, and not in the form of the API"
	}
	if piece := redact.snippet(resp.Body()); piece != "" {
		e.Message += ": " + strconv.Quote(piece)
	}
	return e
}

// parseRateLimit reads the rate-limit headers in both documented spellings; ok is false when there are none.
func parseRateLimit(h http.Header) (limit RateLimit, ok bool) {
	number := func(names ...string) int64 {
		for _, name := range names {
			if n, err := strconv.ParseInt(h.Get(name), 10, 64); err == nil {
				ok = true
				return n
			}
		}
		return 0
	}
	limit.Limit = int(number("X-Rate-Limit", "X-Ratelimit-Limit"))
	limit.Remaining = int(number("X-Rate-Limit-Remaining", "X-Ratelimit-Remaining"))
	if reset := number("X-Rate-Limit-Reset", "X-Ratelimit-Reset"); reset != 0 {
		limit.Reset = time.Unix(reset, 0)
	}
	return limit, ok
}
