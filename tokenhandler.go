package cometchat

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// TokenHandlerOption configures a [TokenHandler].
type TokenHandlerOption func(*tokenHandler)

// WithNewUsers has the handler create a user whom CometChat does not know yet. describe says what to create; what it
// returns gets the uid that identify found, and that for a name if it has none. A nil describe stands for one that says
// nothing more. describe must not read the body of the request, and with WithTokenCache it may be called when the client
// has gone: others may be waiting for the same user. An error of it is answered with 500.
func WithNewUsers(describe func(r *http.Request, uid string) (*User, error)) TokenHandlerOption {
	return func(h *tokenHandler) {
		h.describe = describe
		if describe == nil {
			h.describe = func(*http.Request, string) (*User, error) { return &User{}, nil }
		}
	}
}

// WithTokenCache has the handler give out a user's last token again for so long, instead of making one for each request;
// requests at the same time share one. Without it each device gets a token of its own, as CometChat advises, since push
// notifications go to the last device of a token.
//
// A token is forgotten when a method of the [Admin] revokes tokens of its user, or learns that one is gone. A client whose
// token was refused asks with "Cache-Control: no-cache", and gets a new one. Without a positive ttl, only requests at the
// same time share a token. The cache holds up to 100,000 tokens, and begins anew past that; the Admin keeps it as long as
// it lives itself, so make a handler once.
func WithTokenCache(ttl time.Duration) TokenHandlerOption {
	return func(h *tokenHandler) { h.cache = &tokenCache{ttl: ttl, tokens: map[string]cachedToken{}} }
}

// TokenHandler returns the endpoint at which your users' clients get their auth tokens: mount it behind your own
// authentication. A POST is answered with {"uid":…,"authToken":…}, and is never to be cached. Whose token it is, identify
// alone decides, from your session or whatever else you trust of the request; nothing in the body is looked at. An error of
// identify, or no uid, is answered with 401.
//
// What goes wrong is answered as {"error":{"code":…,"message":…}} without any internals: 404 when CometChat does not know
// the user (see [WithNewUsers]), 502 when it fails or refuses, 503 with Retry-After when the rate limit is used up, 504
// when it takes too long; 405 for anything but a POST; and 500 when the fault is on this side: identify is nil or gave a
// uid that cannot be one, or the Admin is nil or closed.
//
// The handler is safe for concurrent use. identify may be called for several requests at once.
func TokenHandler(a *Admin, identify func(*http.Request) (uid string, err error), opts ...TokenHandlerOption) http.Handler {
	h := &tokenHandler{admin: a, identify: identify}
	for _, opt := range opts {
		if opt != nil {
			opt(h)
		}
	}
	if h.cache != nil && a != nil && a.caches != nil {
		a.caches.add(h.cache)
	}
	return h
}

type tokenHandler struct {
	admin    *Admin
	identify func(*http.Request) (string, error)
	describe func(*http.Request, string) (*User, error) // nil: do not create users
	cache    *tokenCache                                // nil: make a token for each request
}

// tokenAnswer is what the handler answers; one of its halves.
type tokenAnswer struct {
	UID       string       `json:"uid,omitempty"`
	AuthToken string       `json:"authToken,omitempty"`
	Error     *tokenNotice `json:"error,omitempty"`
}

type tokenNotice struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (h *tokenHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		refuseToken(w, http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "Ask with POST.")
		return
	}
	if h.identify == nil {
		refuseToken(w, http.StatusInternalServerError, "INTERNAL", "Something is wrong here.")
		return
	}
	uid, err := h.identify(r)
	if err != nil || strings.TrimSpace(uid) == "" {
		refuseToken(w, http.StatusUnauthorized, "UNAUTHORIZED", "Log in first.")
		return
	}
	token, err := h.token(r, uid)
	if err != nil {
		h.explain(w, err)
		return
	}
	writeToken(w, http.StatusOK, tokenAnswer{UID: token.UID, AuthToken: token.Token})
}

// explain answers a failure in the words of this endpoint: CometChat's are for its owner.
func (h *tokenHandler) explain(w http.ResponseWriter, err error) {
	e, _ := errors.AsType[*Error](err)
	_, undescribed := errors.AsType[*describeError](err)
	switch {
	case errors.Is(err, ErrTooManyRequests) && !undescribed:
		wait := 1.0
		if e != nil {
			wait = max(wait, math.Ceil(e.RetryAfter.Seconds()))
		}
		w.Header().Set("Retry-After", strconv.Itoa(int(wait)))
		refuseToken(w, http.StatusServiceUnavailable, "BUSY", "Too many requests; try again later.")
	case undescribed, e != nil && e.Attempts == 0 && e.Code != "":
		refuseToken(w, http.StatusInternalServerError, "INTERNAL", "Something is wrong here.")
	case errors.Is(err, ErrUIDNotFound), errors.Is(err, ErrUIDAlreadyExists): // the latter: it exists, deactivated
		refuseToken(w, http.StatusNotFound, "USER_NOT_FOUND", "The chat service does not know this user.")
	case errors.Is(err, context.DeadlineExceeded) && (e == nil || e.StatusCode == 0):
		refuseToken(w, http.StatusGatewayTimeout, "TIMEOUT", "The chat service did not answer in time.")
	default:
		refuseToken(w, http.StatusBadGateway, "BAD_GATEWAY", "The chat service failed.")
	}
}

func refuseToken(w http.ResponseWriter, status int, code, message string) {
	writeToken(w, status, tokenAnswer{Error: &tokenNotice{code, message}})
}

func writeToken(w http.ResponseWriter, status int, answer tokenAnswer) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) //nolint:gosec // the token is what it is for; the client may have gone
}

// token returns a token for the user, from the cache if there is one.
func (h *tokenHandler) token(r *http.Request, uid string) (*AuthToken, error) {
	if h.cache == nil {
		return h.mint(r.Context(), r, uid)
	}
	fresh := strings.Contains(strings.ToLower(strings.Join(r.Header.Values("Cache-Control"), ",")), "no-cache")
	return h.cache.get(r.Context(), uid, fresh, func(ctx context.Context) (*AuthToken, error) { return h.mint(ctx, r, uid) })
}

// mint makes a token, and the user first if that is wanted.
func (h *tokenHandler) mint(ctx context.Context, r *http.Request, uid string) (*AuthToken, error) {
	token, err := h.admin.CreateAuthToken(ctx, uid)
	if h.describe == nil || !errors.Is(err, ErrUIDNotFound) {
		return token, err
	}
	u, err := h.describe(r.WithContext(ctx), uid)
	if err != nil {
		return nil, &describeError{err}
	}
	created := User{}
	if u != nil {
		created = *u
	}
	if created.UID = uid; created.Name == "" {
		created.Name = uid
	}
	if _, err := h.admin.EnsureUser(ctx, &created); err != nil {
		return nil, err
	}
	return h.admin.CreateAuthToken(ctx, uid)
}

// describeError is an error of the function given to WithNewUsers.
type describeError struct{ err error }

func (e *describeError) Error() string { return "a new user could not be described: " + e.err.Error() }

// tokenCaches are the caches that an Admin tells of revoked tokens.
type tokenCaches struct {
	mu   sync.Mutex
	list []*tokenCache // guarded by mu
}

func (cs *tokenCaches) add(c *tokenCache) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.list = append(cs.list, c)
}

func (cs *tokenCaches) forget(uid string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, c := range cs.list {
		c.forget(uid)
	}
}

const maxCachedTokens = 100_000

// tokenCache keeps the last token of each user for a while.
type tokenCache struct {
	ttl     time.Duration
	flights singleflight.Group
	mu      sync.Mutex
	tokens  map[string]cachedToken // guarded by mu; by folded uid
	forgot  int                    // guarded by mu: how often tokens were forgotten
}

type cachedToken struct {
	token *AuthToken
	until time.Time
}

// get returns the cached token, or has one made; requests for the same user share one, each waiting with its own context.
// One that asks for a fresh token does not join those that have been waiting before.
func (c *tokenCache) get(ctx context.Context, uid string, fresh bool,
	mint func(context.Context) (*AuthToken, error),
) (*AuthToken, error) {
	uid = foldUID(uid)
	c.mu.Lock()
	cached, forgot := c.tokens[uid], c.forgot
	c.mu.Unlock()
	if !fresh && cached.token != nil && time.Now().Before(cached.until) {
		return cached.token, nil
	}
	if fresh {
		c.flights.Forget(uid)
	}
	detached := context.WithoutCancel(ctx) // the calls that are made with it have a timeout of their own
	outcome := c.flights.DoChan(uid, func() (any, error) {
		minted, err := captured(detached, func() (*AuthToken, error) { return mint(detached) })
		if err != nil {
			return nil, err
		}
		c.keep(uid, minted, forgot)
		return minted, nil
	})
	select {
	case made := <-outcome:
		if p, ok := errors.AsType[*panicError](made.Err); ok {
			if p.value == http.ErrAbortHandler { //nolint:errorlint // as net/http compares it
				panic(p.value)
			}
			panic(p)
		}
		token, _ := made.Val.(*AuthToken)
		return token, made.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// keep caches a token, unless tokens have been forgotten since it was asked for: it may be one of them.
func (c *tokenCache) keep(uid string, token *AuthToken, forgot int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.forgot != forgot {
		return
	}
	now := time.Now()
	if _, known := c.tokens[uid]; !known && len(c.tokens) >= maxCachedTokens {
		maps.DeleteFunc(c.tokens, func(_ string, t cachedToken) bool { return !now.Before(t.until) })
		if len(c.tokens) >= maxCachedTokens {
			clear(c.tokens)
		}
	}
	c.tokens[uid] = cachedToken{token, now.Add(c.ttl)}
}

func (c *tokenCache) forget(uid string) {
	uid = foldUID(uid)
	c.flights.Forget(uid)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forgot++
	delete(c.tokens, uid)
}
