package cometchat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat/internal/redact"
	"github.com/cometchat-go/cometchat/internal/rest"
)

// DefaultTimeout bounds a call, its retries included, unless WithTimeout or the context sets another bound.
const DefaultTimeout = 30 * time.Second

// Option configures a client made by [New] or [Init], a [Pool], or an [Admin]. They fail for a value that cannot be used and
// for an option that does not apply to them; the error names every bad option.
type Option func(*config) error

type config struct {
	appID      string
	region     string
	adminHost  string
	clientHost string
	emulator   string          // the base URL that takes the place of both hosts; "": they are used
	noEmulator bool            // WithEmulator("") has found no emulator in the environment
	insecure   map[string]bool // the hosts that plain http is allowed to; see hostKey
	store      SessionStore
	httpClient *http.Client
	timeout    time.Duration
	retry      RetryPolicy
	logger     *slog.Logger
	wrap       func(http.RoundTripper) http.RoundTripper // nil: the SDK's transport is used as it is
	transport  http.RoundTripper                         // what wrap has made; nil without it
	shut       func()                                    // closes the connections of what transport wraps
	observers  []func(Attempt)
	userAgent  string
	maxConns   int // 0: no limit
	requests   int // how many may go out per; 0: no limit
	per        time.Duration

	autoConnect bool
	presence    Presence
	resume      bool
	socketHost  string // host, or host and port; "": as the app's settings say

	provider     TokenProvider     // of a client
	poolProvider poolTokenProvider // of a pool
	keyAsUID     bool              // the key of a pool's client is the uid of its user
}

// noRegion is what WithRegion("") sets, so that newConfig does not report a missing region too.
const noRegion = "none"

// What options can be for.
type product int

const (
	forClient product = iota
	forPool
	forAdmin
)

// RetryPolicy says how often and how patiently a request is retried. A field that is zero has its default.
//
// A request is retried after 408, 500, 502 to 504, and an edge's 520 to 524, 527 and 530; after a failed connection, a host that
// does not resolve, or an answer that is cut off; and after an answer of 200 that is not JSON. The wait is a random part of a
// delay that doubles with each attempt, or what the server's Retry-After asks for. A request that would create something twice,
// such as CreateUser, is retried only after 429, or when no connection could be made. A certificate that is not trusted, and
// http in place of https, are never retried.
//
// A request is also retried after 429, once the server's Retry-After has passed, or without that header once the rate limit is
// reset. Until then the next requests wait too: all of the client's, or of the Pool's, when nothing remains of the app's rate
// limit, or else this client's requests for the same route. After the wait they go out spread over BaseDelay. A 429 that asks
// for a wait of a second or more does not count as an attempt, unless MaxAttempts is 1: calls that come faster than the server's
// limit take turns until their timeout.
//
// All attempts stay within the timeout of the call. When the next attempt would come too late, the call fails at once: to sit
// out a rate limit of a minute, a program needs a longer [WithTimeout]. Retries for which the server has named no wait share a
// budget of 20 among all calls of a client, or of the clients of a Pool. Successes refill the budget, so that retries do not
// make an outage worse.
type RetryPolicy struct {
	// MaxAttempts is how often a request is made at most, from 1 (no retry) to 10, without the 429s that do not count. The
	// default is 3.
	MaxAttempts int
	// BaseDelay is the longest wait before the second attempt, and the longest that is added to a wait which the server asks
	// for. It is up to 24 hours. The default is 200 ms.
	BaseDelay time.Duration
	// MaxDelay is the longest wait before any attempt, unless the server asks for a longer one. The default is 5 s.
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

// TokenProvider returns a fresh auth token of the client's user, for example from your server's [TokenHandler], as
// [TokenProviderFromURL] does; see [WithTokenProvider].
//
// ctx ends after the client's timeout, with the client, and when no call waits for the token any more. The provider must
// return soon after that, although nobody waits for it. Concurrent calls share one token; ctx has the values of the call that
// came first. The provider may call the client, Close included; a call that it makes with ctx is not given a fresh token.
// If such a call logs in or out, a [LoginListener] should make no call for the user: the listener and the provider could then
// wait for each other until the timeout.
type TokenProvider func(ctx context.Context) (authToken string, err error)

type poolTokenProvider func(ctx context.Context, key string) (authToken string, err error)

var (
	appIDForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)
	keyForm   = regexp.MustCompile(`^([0-9a-fA-F]{40}|emulator-(auth|api)-key-.*)$`) // of CometChat, or of cometchat-emulator
	// appIDPlaceholder is what the samples of CometChat's documentation leave to be filled in.
	appIDPlaceholder = regexp.MustCompile(`^[A-Z_]*APP_ID[A-Z_]*$`)
)

// newConfig applies the options and fills in the defaults. Its error matches the Err… value of each flaw.
func newConfig(op, appID string, opts []Option, of product) (*config, error) {
	var flaws []*Error
	switch {
	case strings.TrimSpace(appID) == "":
		flaws = append(flaws, newError(op, ErrMissingParameters, "the app id is missing"))
	case !appIDForm.MatchString(appID):
		flaws = append(flaws, newError(op, ErrInvalidAppID, "the app id is not 1 to 100 letters, digits, - and _"))
	case keyForm.MatchString(appID):
		flaw := newError(op, ErrInvalidAppID, "the app id looks like a key")
		flaw.hint = "are the app id and the key swapped?"
		flaws = append(flaws, flaw)
	case appIDPlaceholder.MatchString(appID):
		flaws = append(flaws, newError(op, ErrInvalidAppID,
			"the app id %s is a placeholder: put your app's id from the CometChat dashboard there", appID))
	}
	c := &config{appID: appID, timeout: DefaultTimeout, userAgent: userAgent, logger: slog.New(slog.DiscardHandler)}
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
	if c.region == "" && c.emulator == "" && (c.adminHost == "" || of != forAdmin && c.clientHost == "") {
		missing := "the region is missing: use WithRegion"
		if c.noEmulator {
			missing += ", or name an emulator in " + emulatorVariable + ", which is not set"
		}
		flaws = append(flaws, newError(op, ErrMissingParameters, "%s", missing))
	}
	if c.region == noRegion && c.noEmulator {
		flaws = append(flaws, newError(op, ErrMissingParameters, "%s, which may name an emulator in place of the region, is not set", emulatorVariable))
	}
	if len(flaws) > 0 {
		return nil, joinFlaws(op, flaws)
	}
	if c.emulator != "" {
		c.adminHost, c.clientHost = c.emulator, c.emulator
	}
	if c.adminHost == "" {
		c.adminHost = "https://" + strings.ToLower(appID) + ".api-" + c.region + ".cometchat.io/" + apiVersion
	}
	if c.clientHost == "" {
		c.clientHost = "https://" + strings.ToLower(appID) + ".apiclient-" + c.region + ".cometchat.io/" + apiVersion
	}
	if c.store == nil {
		c.store = NewMemorySessionStore()
	}
	if c.wrap != nil {
		own, shut := rest.NewTransport(c.maxConns)
		if c.transport, c.shut = c.wrap(own), shut; c.transport == nil {
			return nil, newError(op, ErrBadRequest,
				"the function of WithTransport has returned nil: let it return a transport that calls its argument")
		}
	}
	hosts := []any{"op", op, "adminHost", c.adminHost}
	if of != forAdmin {
		hosts = append(hosts, "clientHost", c.clientHost)
	}
	c.logger.Debug("cometchat hosts", hosts...)
	return c, nil
}

// positions returns where the positions of WithResume are kept; nil without the option, and with a store that cannot keep them.
func (c *config) positions() PositionStore {
	store, ok := c.store.(PositionStore)
	if !ok || !c.resume {
		return nil
	}
	return store
}

// misfits names the options that are for another product, that do not go together, or that need another option.
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
		{of == forAdmin && (c.autoConnect || c.resume || c.presence.subscription != "" || c.socketHost != ""), "an admin has no live connection"},
		{c.resume && c.store != nil && c.positions() == nil, "WithResume needs a session store that is a PositionStore too"},
		{of != forPool && c.keyAsUID, "WithKeyAsUID is for a pool, whose clients have keys"},
		{c.emulator != "" && (c.adminHost != "" || c.clientHost != ""),
			"WithEmulator sets both hosts: leave out WithAdminHost and WithClientHost"},
		{c.wrap != nil && c.httpClient != nil,
			"WithTransport cannot wrap the transport of WithHTTPClient: wrap it before you give it"},
		{c.maxConns != 0 && c.httpClient != nil,
			"WithMaxConns cannot limit the transport of WithHTTPClient: set its MaxConnsPerHost"},
	} {
		if m.found {
			misfits = append(misfits, m.what)
		}
	}
	for _, h := range []struct{ which, base string }{
		{"admin", c.adminHost}, {"client", c.clientHost}, {"emulator's", c.emulator},
	} {
		if flaw := plainFlaw(h.which, h.base, c.insecure); flaw != "" {
			misfits = append(misfits, flaw)
		}
	}
	return misfits
}

// joinFlaws makes one Error of several. It reads as one sentence and matches whatever each of them matches.
func joinFlaws(op string, flaws []*Error) *Error {
	if len(flaws) == 1 {
		return flaws[0]
	}
	messages, matches := make([]string, len(flaws)), make([]error, len(flaws))
	for i, flaw := range flaws {
		messages[i], matches[i] = flaw.Message, flaw
	}
	text := strings.Join(messages, "; ")
	return &Error{
		Op: op, Code: flaws[0].Code, Message: "bad options", err: &redact.Error{Text: text, Err: errors.Join(matches...)},
	}
}
