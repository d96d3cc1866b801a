package cometchat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// DefaultTimeout bounds a call, its retries included, unless WithTimeout or the context says otherwise.
const DefaultTimeout = 30 * time.Second

// Option configures a client made by [New] or [Init], a [Pool], or an [Admin]. A value that cannot be used makes them fail,
// as does an option that is for another of them; they name every bad option, not the first.
type Option func(*config) error

type config struct {
	appID      string
	region     string
	adminHost  string
	clientHost string
	store      SessionStore
	httpClient *http.Client
	timeout    time.Duration
	retry      RetryPolicy
	logger     *slog.Logger
	maxConns   int   // 0: no limit
	pace       *pace // nil: no limit

	provider     TokenProvider     // of a client
	poolProvider poolTokenProvider // of a pool
	idleTimeout  time.Duration     // of a pool; 0: for ever
}

// What options can be for.
type product int

const (
	forClient product = iota
	forPool
	forAdmin
)

// WithRegion names the region that the app was created in: "us", "eu" or "in", in any case. It is required unless both
// WithAdminHost and WithClientHost are given.
func WithRegion(region string) Option {
	return func(c *config) error {
		c.region = strings.ToLower(strings.TrimSpace(region))
		switch c.region {
		case "us", "eu", "in":
			return nil
		case "":
			c.region = "none"
		}
		return fmt.Errorf("the region %q is not us, eu or in; for another host use WithAdminHost and WithClientHost",
			newRedactor().short(region)) // somebody may have put a key there
	}
}

// WithAdminHost sends the calls that carry a key to another base URL, given in full, as in
// "https://chat.example.com/v3.0": nothing is added to it. Plain http is refused except to localhost, 127.0.0.0/8 and
// ::1.
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

// WithSessionStore keeps the session in s instead of in the client's own memory. A client given a store that holds its
// session is logged in from the start. A [SharedSessionStore] may be given to several clients, in several processes.
func WithSessionStore(s SessionStore) Option {
	return func(c *config) error {
		if s == nil {
			return errors.New("the session store is nil")
		}
		c.store = s
		return nil
	}
}

// WithHTTPClient makes requests through h: its transport (proxy, TLS, a test's mock) and its timeout for an attempt are
// used as they are. h itself is not changed. Its cookie jar and redirect policy are not used: no cookie is kept and no
// redirect is followed. Close leaves h's connections alone.
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
// [DefaultTimeout]; d has to be positive. Without WithHTTPClient, an attempt also ends when no answer begins within 15
// seconds.
func WithTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return fmt.Errorf("the timeout %v is not positive", d)
		}
		c.timeout = d
		return nil
	}
}

// WithRetry replaces the default [RetryPolicy]. Retries are on by default; RetryPolicy{MaxAttempts: 1} turns them off.
func WithRetry(p RetryPolicy) Option {
	return func(c *config) (err error) {
		c.retry, err = p.withDefaults()
		return err
	}
}

// WithLogger logs one record for each attempt at a request, at debug level: the operation, the route, the status and how
// long it took, and never a secret. The default logs nothing.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) error {
		if l == nil {
			return errors.New("the logger is nil")
		}
		c.logger = l
		return nil
	}
}

// WithMaxConns limits the connections to each of the two hosts, busy and idle ones, to n: a request waits for a free one,
// within its call's deadline. The clients of a [Pool] share them. n has to be positive, and WithHTTPClient, whose transport
// has a limit of its own, cannot be used with it. The default is no limit.
func WithMaxConns(n int) Option {
	return func(c *config) error {
		if n <= 0 {
			return fmt.Errorf("the limit of %d connections is not positive", n)
		}
		c.maxConns = n
		return nil
	}
}

// WithTokenProvider has the client ask p for a fresh auth token when the server says that the session's is gone, log in
// with that, and make the call again, once: a token that is revoked does not end the session, then. Calls at the same
// time share one token and one login. That login is no event for a [LoginListener].
//
// The call fails with ErrAuthTokenNotFound, and wraps what went wrong, when that does not work. The session stays when p
// fails or panics, hands back the token that was refused, or has one of another user, and when the server cannot be
// reached: the next call tries again. It ends when the server refuses the fresh token too.
//
// [NewPool] takes [WithPoolTokenProvider] instead.
func WithTokenProvider(p TokenProvider) Option {
	return func(c *config) error {
		if p == nil {
			return errors.New("the token provider is nil")
		}
		c.provider = p
		return nil
	}
}

var (
	appIDForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)
	// appIDPlaceholder is what the samples of CometChat's documentation leave to be filled in.
	appIDPlaceholder = regexp.MustCompile(`^[A-Z_]*APP_ID[A-Z_]*$`)
)

// newConfig applies the options and fills in the rest. Its error matches the Err… value of each flaw.
func newConfig(op, appID string, opts []Option, of product) (*config, error) {
	var flaws []*Error
	switch {
	case strings.TrimSpace(appID) == "":
		flaws = append(flaws, newError(op, ErrMissingParameters, "the app id is missing"))
	case !appIDForm.MatchString(appID):
		flaws = append(flaws, newError(op, ErrInvalidAppID, "the app id is not 1 to 100 letters, digits, - and _"))
	case appIDPlaceholder.MatchString(appID):
		flaws = append(flaws, newError(op, ErrInvalidAppID,
			"the app id %s is a placeholder: put your app's id from the CometChat dashboard there", appID))
	}
	c := &config{appID: appID, timeout: DefaultTimeout, logger: slog.New(slog.DiscardHandler)}
	c.retry, _ = RetryPolicy{}.withDefaults()
	for i, opt := range opts {
		err := fmt.Errorf("option %d is nil", i+1)
		if opt != nil {
			err = opt(c)
		}
		if err != nil {
			flaws = append(flaws, newError(op, ErrBadRequest, "%v", err))
		}
	}
	for _, misfit := range c.misfits(of) {
		flaws = append(flaws, newError(op, ErrBadRequest, "%s", misfit))
	}
	if c.region == "" && (c.adminHost == "" || of != forAdmin && c.clientHost == "") {
		flaws = append(flaws, newError(op, ErrMissingParameters, "the region is missing: use WithRegion"))
	}
	if len(flaws) > 0 {
		return nil, joinFlaws(op, flaws)
	}
	if c.adminHost == "" {
		c.adminHost = "https://" + appID + ".api-" + c.region + ".cometchat.io/" + apiVersion
	}
	if c.clientHost == "" {
		c.clientHost = "https://" + appID + ".apiclient-" + c.region + ".cometchat.io/" + apiVersion
	}
	if c.store == nil {
		c.store = NewMemorySessionStore()
	}
	return c, nil
}

// misfits says which options are for something else, or do not go together.
func (c *config) misfits(of product) []string {
	var misfits []string
	for _, m := range []struct {
		found bool
		what  string
	}{
		{of == forAdmin && c.store != nil, "an admin has no session to store"},
		{of == forAdmin && (c.provider != nil || c.poolProvider != nil), "an admin has no auth token to provide"},
		{of == forPool && c.provider != nil,
			"a pool does not know whose token WithTokenProvider would provide: use WithPoolTokenProvider"},
		{of == forClient && c.poolProvider != nil, "WithPoolTokenProvider is for a pool: use WithTokenProvider"},
		{of != forPool && c.idleTimeout != 0, "WithIdleTimeout is for a pool"},
		{c.maxConns != 0 && c.httpClient != nil,
			"WithMaxConns cannot limit the transport of WithHTTPClient: set its MaxConnsPerHost"},
		{c.maxConns != 0 && c.httpClient == nil && !ownTransport(),
			"WithMaxConns cannot limit what the program has put into http.DefaultTransport"},
	} {
		if m.found {
			misfits = append(misfits, m.what)
		}
	}
	return misfits
}

// joinFlaws makes one Error of several: it reads as one sentence and matches what each of them matches.
func joinFlaws(op string, flaws []*Error) *Error {
	if len(flaws) == 1 {
		return flaws[0]
	}
	messages, matches := make([]string, len(flaws)), make([]error, len(flaws))
	for i, flaw := range flaws {
		messages[i], matches[i] = flaw.Message, flaw
	}
	text := strings.Join(messages, "; ")
	return &Error{Op: op, Code: flaws[0].Code, Message: "bad options", err: &retold{text, errors.Join(matches...)}}
}

// parseHost checks a base URL and returns it without a slash at its end. which names the host for an error.
func parseHost(which, baseURL string) (string, error) {
	const given = "-" // so that a host that is refused does not count as one that is missing
	u, err := url.Parse(strings.TrimSpace(baseURL))
	if err != nil {
		return given, fmt.Errorf("the %s host is not a URL", which)
	}
	port, perr := strconv.ParseUint(u.Port(), 10, 16)
	switch {
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return given, fmt.Errorf("the %s host has to be a full URL, as in https://chat.example.com/%s", which, apiVersion)
	case strings.HasSuffix(u.Host, ":") || u.Port() != "" && (perr != nil || port == 0):
		return given, fmt.Errorf("the %s host has a port that is not from 1 to 65535", which)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return given, fmt.Errorf("the %s host has to be a URL without user, query and fragment", which)
	case u.Path != "" && path.Clean(u.Path) != strings.TrimRight(u.Path, "/") && strings.Trim(u.Path, "/") != "":
		return given, fmt.Errorf("the %s host has a path with empty or dot segments", which)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return given, fmt.Errorf("the %s host is plain http, which would send credentials in the clear: use https", which)
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

type poolTokenProvider func(ctx context.Context, key string) (authToken string, err error)

// WithPoolTokenProvider is [WithTokenProvider] for the clients of a [Pool]: p is given the key of the one that needs a
// token. It should not get that through another client of the pool: when both need a token at once, the providers wait for
// each other until the timeout.
func WithPoolTokenProvider(p func(ctx context.Context, key string) (authToken string, err error)) Option {
	return func(c *config) error {
		if p == nil {
			return errors.New("the token provider is nil")
		}
		c.poolProvider = p
		return nil
	}
}

// WithIdleTimeout has a [Pool] let go of clients that it has not been asked for in this time, or at the latest in twice
// this time. What it lets go of is memory, not a login: the session stays in its store. A client that somebody still holds,
// or that is in a call, stays the one of its key; any other goes, with its login listeners, and is made again when it is
// asked for. d has to be positive. Without this option, a pool keeps its clients until it is closed.
func WithIdleTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return fmt.Errorf("the idle timeout %v is not positive", d)
		}
		c.idleTimeout = d
		return nil
	}
}

// TokenProvider returns a fresh auth token of the logged-in user, as from your server's [TokenHandler]; see
// [WithTokenProvider].
//
// ctx has the client's timeout, and ends with the client, and when no call waits for the token any more. When it ends the
// provider has to return soon, though nobody waits for it then. Its values are those of the first call that needs the
// token, whoever shares it later. The provider may call the client, Close included; such a call made with ctx is not given a
// fresh token itself.
type TokenProvider func(ctx context.Context) (authToken string, err error)

// WithRequestRate keeps to n requests in each period of this length, retries included, so that the app's rate limit is not
// used up: a request waits until there is room for it. After a pause up to n go out at once, and so in the first period up
// to twice as many. One that would have to wait past the deadline of its call fails at once, and is not made: with
// ErrTooManyRequests, and the wait as [Error.RetryAfter]. The clients of a [Pool] share the limit. n and per have to be
// positive. The default is no limit.
func WithRequestRate(n int, per time.Duration) Option {
	return func(c *config) error {
		if n <= 0 || per <= 0 {
			return fmt.Errorf("the request rate of %d in %v is not positive", n, per)
		}
		c.pace = &pace{turn: newTurn(), limiter: rate.NewLimiter(rate.Limit(float64(n)/per.Seconds()), n)}
		return nil
	}
}

// RetryPolicy says how often and how patiently a request is made again. A field that is zero has its default.
//
// Made again is a request that was answered 429 (after the Retry-After that the server asked for), 502, 503 or 504, or
// whose connection failed, after a random part of a delay that doubles each time. A request that would create something
// twice (CreateUser) is made again only when the server cannot have acted on it. All of it stays within the timeout of
// the call: what the server's Retry-After would carry past it fails at once, so a program that is to sit out a rate limit
// of a minute needs a longer [WithTimeout]. The retries that the server did not ask for share a budget of 20 among all
// calls of a client, or of the clients of a Pool, which successes refill, so that an outage is not made worse.
type RetryPolicy struct {
	// MaxAttempts counts the first attempt too: 1 is no retry, 10 the most. The default is 3.
	MaxAttempts int
	// BaseDelay is the longest wait before the second attempt, up to 24 hours. The default is 200 ms.
	BaseDelay time.Duration
	// MaxDelay is the longest wait before any attempt, unless the server names a longer one. The default is 5 s.
	MaxDelay time.Duration
}

const maxAttemptsLimit = 10

func (p RetryPolicy) withDefaults() (RetryPolicy, error) {
	if p.MaxAttempts < 0 || p.MaxAttempts > maxAttemptsLimit {
		return p, fmt.Errorf("the retry policy's MaxAttempts is %d, not from 0 to %d", p.MaxAttempts, maxAttemptsLimit)
	}
	const longest = 24 * time.Hour
	if min(p.BaseDelay, p.MaxDelay) < 0 || max(p.BaseDelay, p.MaxDelay) > longest {
		return p, fmt.Errorf("the retry policy has a delay that is negative or over %v", longest)
	}
	if p.MaxAttempts == 0 {
		p.MaxAttempts = 3
	}
	if p.BaseDelay == 0 {
		p.BaseDelay = 200 * time.Millisecond
	}
	if p.MaxDelay == 0 {
		p.MaxDelay = max(5*time.Second, p.BaseDelay)
	}
	return p, nil
}
