package rest

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"
)

// newResty makes a resty client that carries bytes and nothing else: resty's own cookies, redirects, retries and log lines are
// not safe with credentials.
func newResty(config *Config) (_ *resty.Client, closeIdle func()) {
	hc := http.Client{}
	closeIdle = func() {}
	switch {
	case config.HTTPClient != nil:
		hc = *config.HTTPClient // resty writes into the client that it is given
	case config.Transport != nil:
		hc.Transport, closeIdle = config.Transport, config.CloseIdle
	default:
		hc.Transport, closeIdle = NewTransport(config.MaxConns)
	}
	if hc.Transport == nil {
		hc.Transport = http.DefaultTransport
	}
	hc.Transport = NewOriginGuard(hc.Transport, config.AdminHost, config.ClientHost)
	hc.Jar = nil // a cookie of one user must not go out with the next one's call
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return resty.NewWithClient(&hc).SetLogger(silent{}).SetRetryCount(0).SetHeaders(config.Header), closeIdle
}

// NewTransport returns the SDK's own transport: net/http's, with as many idle connections as a busy server needs (the default
// of two makes nearly every call of 256 goroutines dial anew) and a limit on waiting for an answer. maxConns limits the
// connections to a host; 0 does not. closeIdle closes the idle connections.
func NewTransport(maxConns int) (_ http.RoundTripper, closeIdle func()) {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport, func() {} // the program put its own there
	}
	t = t.Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 512, 256
	t.IdleConnTimeout = 50 * time.Second
	t.ResponseHeaderTimeout = 15 * time.Second
	t.MaxConnsPerHost = maxConns
	return t, t.CloseIdleConnections
}

// OwnTransport reports whether the SDK makes a transport of its own when it is given none. It does not when the program has
// replaced http.DefaultTransport.
func OwnTransport() bool {
	_, ok := http.DefaultTransport.(*http.Transport)
	return ok
}

var errForeignHost = errors.New("refused to send a credential to a host that is not configured")

// NewOriginGuard returns a transport that refuses to send a credential anywhere but to its own host.
func NewOriginGuard(next http.RoundTripper, adminHost, clientHost string) http.RoundTripper {
	return &originGuard{next: next, apiKeyTo: originOf(adminHost), authTokenTo: originOf(clientHost)}
}

type originGuard struct {
	next                  http.RoundTripper
	apiKeyTo, authTokenTo origin
}

type origin struct{ scheme, host string }

// originOf returns the origin of a base URL that has been validated; of any other it is one that nothing matches.
func originOf(baseURL string) origin {
	u, err := url.Parse(baseURL)
	if err != nil {
		return origin{}
	}
	return origin{u.Scheme, strings.ToLower(u.Host)}
}

func (g *originGuard) RoundTrip(r *http.Request) (*http.Response, error) {
	to := origin{r.URL.Scheme, strings.ToLower(r.URL.Host)}
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

// silent keeps resty from writing to stderr: its lines quote URLs.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}
