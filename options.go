package cometchat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat/internal/redact"
)

// WithRegion names the region that the app was created in: "us", "eu" or "in", in upper or lower case. It is required unless
// WithAdminHost and WithClientHost are both given, or WithEmulator.
func WithRegion(region string) Option {
	return func(c *config) error {
		c.region = strings.ToLower(strings.TrimSpace(region))
		switch c.region {
		case "us", "eu", "in":
			return nil
		case "":
			c.region = noRegion
		}
		return fmt.Errorf("the region %q is not us, eu or in; for another host use WithAdminHost and WithClientHost",
			redact.New().Short(region)) // somebody may have put a key there
	}
}

// WithAdminHost sends the calls that carry a key to another base URL. Give the URL in full, as in
// "https://chat.example.com/v3.0": nothing is added to it. Plain http is refused except to localhost, 127.0.0.0/8 and ::1, and to a host
// that [WithInsecureHost] names.
func WithAdminHost(baseURL string) Option {
	return func(c *config) (err error) {
		c.adminHost, err = parseHost("admin", baseURL)
		return err
	}
}

// WithClientHost sends the calls that carry an auth token to another base URL, given as for [WithAdminHost].
func WithClientHost(baseURL string) Option {
	return func(c *config) (err error) {
		c.clientHost, err = parseHost("client", baseURL)
		return err
	}
}

// WithEmulator sends all calls to an emulator of CometChat (package cometchattest, or the program cometchat-emulator) instead
// of CometChat. Name its host and port: "localhost:8443" stands for the base URL http://localhost:8443/v3.0. A URL, such as
// "https://localhost:8443", is accepted too if it has nothing after the host. No region is needed then.
//
// WithEmulator("") takes the host from the environment variable COMETCHAT_EMULATOR_HOST. If the variable is not set, or is
// empty, the option has no effect: the same program talks to the emulator in tests and to CometChat in production. Nothing
// else in this package reads the environment, except the proxies and the certificates that net/http reads there.
//
// It cannot be used with WithAdminHost or WithClientHost. Plain http to a host that is not loopback needs [WithInsecureHost].
func WithEmulator(host string) Option {
	return func(c *config) (err error) {
		if host != "" {
			c.emulator, err = parseEmulator("emulator's host", host)
		} else if named := os.Getenv(emulatorVariable); named != "" {
			c.emulator, err = parseEmulator("emulator's host in "+emulatorVariable, named)
		} else {
			c.noEmulator = true
		}
		return err
	}
}

// WithInsecureHost allows plain http to exactly this host: a name or an IP address, without a port, in upper or lower case.
// It may be given several times.
//
// The risk: keys, auth tokens and messages go over the network in the clear, and everybody on the way can read them, change
// them, and act as your users. Use it for an emulator in a container next to the program, as in
// WithInsecureHost("cometchat-emulator"), and never for a host that is reached over a network that you do not control.
// Loopback hosts do not need it.
func WithInsecureHost(host string) Option {
	return func(c *config) error {
		if !hostNameForm.MatchString(host) && net.ParseIP(host) == nil {
			return errors.New("the insecure host is not a host's name or IP address, without a scheme and a port")
		}
		if c.insecure == nil {
			c.insecure = map[string]bool{}
		}
		c.insecure[hostKey(host)] = true
		return nil
	}
}

// WithSessionStore keeps the session in s. The default is the client's own memory. A client is logged in from the start when
// the store has its session. Several clients, in several processes, may use the same [SharedSessionStore].
func WithSessionStore(s SessionStore) Option {
	return func(c *config) error {
		if s == nil {
			return errors.New("the session store is nil")
		}
		c.store = s
		return nil
	}
}

// WithHTTPClient makes requests through h, in place of the SDK's own transport. The transport of h (proxy, TLS, a test's mock) and
// its timeout for one attempt are used as they are; without a transport, h uses http.DefaultTransport. Its cookie jar and
// redirect policy are not used: the SDK keeps no cookie and follows no redirect. h itself is not changed, and Close leaves its
// connections open.
//
// Without this option nothing that a program puts into http.DefaultTransport has an effect: a mock such as httpmock needs
// WithHTTPClient(&http.Client{Transport: mock}), or WithHTTPClient(http.DefaultClient) after httpmock.Activate.
//
// The SDK's own transport speaks HTTP/2 and HTTP/1.1, with TLS 1.2 or later, and takes a proxy from HTTPS_PROXY, HTTP_PROXY and
// NO_PROXY, but never for loopback. A connection has 5 seconds to be made, and 5 for TLS. A header of more than 256 KiB is an
// error. A silent HTTP/2 connection is pinged after 4 seconds, and dropped when the answer takes 4 more. At most 256 idle
// connections to a host stay open, for 50 seconds.
func WithHTTPClient(h *http.Client) Option {
	return func(c *config) error {
		if h == nil {
			return errors.New("the HTTP client is nil")
		}
		c.httpClient = h
		return nil
	}
}

// WithTimeout bounds each call, its retries included, when the context has no earlier deadline. The default is
// [DefaultTimeout]; d must be positive. Without WithHTTPClient, an attempt also ends when it has no connection after 5 seconds, or
// when no answer begins within 15 seconds.
func WithTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return fmt.Errorf("the timeout %v is not positive", d)
		}
		c.timeout = d
		return nil
	}
}

// WithRetry replaces the default [RetryPolicy]. RetryPolicy{MaxAttempts: 1} turns retries off.
func WithRetry(p RetryPolicy) Option {
	return func(c *config) (err error) {
		c.retry, err = p.withDefaults()
		return err
	}
}

// WithLogger logs one record for each attempt at a request, at debug level: the operation, the route, the status and the
// duration, and never a secret. When the client, pool or admin is made, one record at debug level names the hosts. The
// [TokenHandler] of an Admin also logs each request that gets no token. The default logs nothing.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) error {
		if l == nil {
			return errors.New("the logger is nil")
		}
		c.logger = l
		return nil
	}
}

// WithObserver calls f after each attempt at a request, with its facts: for metrics and traces, for example. Each retry is
// an attempt of its own; a call that fails before its request has none. With several WithObserver options, every f is called,
// in the order of the options. f must not be nil.
//
// The goroutine of the call calls f and waits for it: f must return soon, must be safe for concurrent use, and must not call
// the client. No field of an [Attempt] has a secret.
func WithObserver(f func(Attempt)) Option {
	return func(c *config) error {
		if f == nil {
			return errors.New("the observer is nil")
		}
		c.observers = append(c.observers, f)
		return nil
	}
}

// WithTransport wraps the SDK's own transport in a transport of yours, for tracing, metrics or signatures, for example. The
// connections and limits of the SDK's transport stay. wrap is called once, when the client, pool or admin is made. Its result
// gets each attempt at a request, with the credential, and must be safe for concurrent use. With several WithTransport options,
// each wraps the result of the option before it.
//
// The SDK checks that a credential goes to no other host before your transport gets the request. Close closes the connections
// of the SDK's transport, which carries no request afterwards. WithTransport cannot be used with WithHTTPClient. New, NewPool and NewAdmin fail with
// ErrBadRequest if wrap is nil or returns nil.
func WithTransport(wrap func(http.RoundTripper) http.RoundTripper) Option {
	return func(c *config) error {
		if wrap == nil {
			return errors.New("the function of WithTransport is nil")
		}
		inner := c.wrap
		c.wrap = func(next http.RoundTripper) http.RoundTripper {
			if inner != nil {
				if next = inner(next); next == nil {
					return nil
				}
			}
			return wrap(next)
		}
		return nil
	}
}

// WithAppInfo adds "name/version" to the User-Agent of every request, so that a proxy's or the server's log shows which
// program it was. Each has 1 to 64 visible ASCII characters without parentheses and slashes. The version may be empty; the
// slash is then left out too. The default is the SDK's own name and version.
func WithAppInfo(name, version string) Option {
	return func(c *config) error {
		if !appInfoForm.MatchString(name) || version != "" && !appInfoForm.MatchString(version) {
			return errors.New("the app's name and version have to be 1 to 64 visible ASCII characters each, without parentheses and slashes")
		}
		c.userAgent = userAgent + " " + name
		if version != "" {
			c.userAgent += "/" + version
		}
		return nil
	}
}

// WithMaxConns limits the connections to each of the two hosts, busy and idle ones, to n. The clients of a [Pool] share the
// limit. n must be positive. The default is no limit: a burst of calls that finds no connection dials one for each call. It
// cannot be used with WithHTTPClient, whose transport has a limit of its own.
//
// Over HTTP/2, as CometChat speaks it, hundreds of requests share a connection, so that a limit of 4 serves a busy program. There
// a connection that takes no more requests does not count. Over HTTP/1.1, a request waits for a free connection within its call's
// deadline.
func WithMaxConns(n int) Option {
	return func(c *config) error {
		if n <= 0 {
			return fmt.Errorf("the limit of %d connections is not positive", n)
		}
		c.maxConns = n
		return nil
	}
}

// WithRequestRate limits the client to n requests in each period of length per, retries included, so that the app's rate
// limit is not used up. A request waits until the limit has room, as it waits after a 429 (see [RetryPolicy]). After a pause up to n requests go out at once, so the first
// period may see up to twice n. A request that would have to wait past the deadline of its call is not made: the call fails
// at once with ErrTooManyRequests, and [Error.RetryAfter] is the wait. The clients of a [Pool] share the limit. n and per must
// be positive. The default is no limit.
func WithRequestRate(n int, per time.Duration) Option {
	return func(c *config) error {
		if n <= 0 || per <= 0 {
			return fmt.Errorf("the request rate of %d in %v is not positive", n, per)
		}
		c.requests, c.per = n, per
		return nil
	}
}

// WithTokenProvider has the client ask p for a fresh auth token in two cases. [Client.EnsureLoggedIn] logs in with the token when
// nobody is logged in. And when the server says that the session's token is gone, the client logs in with the fresh token and
// retries the call, once, so that a revoked token does not end the session. Concurrent calls share one token and one login. A
// [LoginListener] does not hear of a login after which a call is retried.
//
// When such a retry does not work, the call fails with ErrAuthTokenNotFound, which wraps the reason. The session stays when p
// fails or panics, when p returns the refused token or one of another user, and when the server cannot be reached: the next call
// tries again. The session ends when the server refuses the fresh token too.
//
// [TokenProviderFromURL] makes a provider that asks your server. [NewPool] takes [WithPoolTokenProvider] instead.
func WithTokenProvider(p TokenProvider) Option {
	return func(c *config) error {
		if p == nil {
			return errors.New("the token provider is nil")
		}
		c.provider = p
		return nil
	}
}

// WithPoolTokenProvider is [WithTokenProvider] for the clients of a [Pool]: p is given the key of the client that needs a
// token. p should not use another client of the pool for that: two providers could then wait for each other until the
// timeout.
func WithPoolTokenProvider(p func(ctx context.Context, key string) (authToken string, err error)) Option {
	return func(c *config) error {
		if p == nil {
			return errors.New("the token provider is nil")
		}
		c.poolProvider = p
		return nil
	}
}

// WithKeyAsUID says that the key of each client of a [Pool] is the uid of its user, in upper or lower case, and that the client
// must never serve another user. A login that would log another user in fails with [ErrOtherUser], and changes nothing: Login
// fails before any request, LoginWithToken and EnsureLoggedIn after the server has named the user. If the store has another
// user's session for the key, each call that needs the session fails with ErrOtherUser too, Logout included; the record stays in
// the store. No such error names the other user.
//
// The calls of the client of a key that cannot be a uid fail with ErrMissingParameters, if the key is empty, or ErrInvalidUID.
// The option is for [NewPool] alone.
func WithKeyAsUID() Option {
	return func(c *config) error {
		c.keyAsUID = true
		return nil
	}
}
