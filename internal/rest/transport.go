package rest

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-resty/resty/v2"
)

// newResty makes a resty client that carries bytes and nothing else: resty's own cookies, redirects, retries and log lines are
// not safe with credentials.
func newResty(config *Config) (_ *resty.Client, shut func()) {
	hc := http.Client{}
	shut = func() {}
	switch {
	case config.HTTPClient != nil:
		hc = *config.HTTPClient // resty writes into the client that it is given
	case config.Transport != nil:
		hc.Transport, shut = config.Transport, config.Shut
	default:
		hc.Transport, shut = NewTransport(config.MaxConns)
	}
	if hc.Transport == nil {
		hc.Transport = http.DefaultTransport
	}
	hc.Transport = NewOriginGuard(hc.Transport, config.AdminHost, config.ClientHost)
	alone(&hc)
	return resty.NewWithClient(&hc).SetLogger(silent{}).SetRetryCount(0).SetHeaders(config.Header).SetPreRequestHook(setStream), shut
}

// alone has an HTTP client follow no redirect and keep no cookie: that of one user must not go out with the next one's call.
func alone(hc *http.Client) {
	hc.Jar = nil
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
}

// newSocketClient makes the HTTP client that opens live connections. They need a transport of their own, as they would use up
// MaxConns; a transport of the program's is used as it is.
func newSocketClient(config *Config) (hc *http.Client, shut func()) {
	hc, shut = &http.Client{Transport: config.Transport}, func() {}
	switch {
	case config.HTTPClient != nil:
		hc.Transport = config.HTTPClient.Transport
	case config.Transport == nil:
		hc.Transport, shut = NewTransport(0)
	}
	alone(hc)
	return hc, shut
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

// jwtOrigin is the key of a context whose value is the origin that a JWT may go to.
type jwtOrigin struct{}

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
	_, withJWT := r.Header[jwtHeader]
	if withKey && to != g.apiKeyTo || withToken && to != g.authTokenTo || withJWT && to != r.Context().Value(jwtOrigin{}) {
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
