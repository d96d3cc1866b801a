package cometchat

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
)

// TokenHandlerOption configures a [TokenHandler].
type TokenHandlerOption func(*tokenHandler)

// WithNewUsers has the handler create a user whom CometChat does not know yet. describe returns the user to create, without a
// UID: the handler sets the uid that identify has returned, and uses the uid as the name if the user has none. With a nil
// describe, the user gets only a uid and a name. describe must not read the body of the request. After an error of describe
// the answer is 500.
func WithNewUsers(describe func(r *http.Request, uid string) (*User, error)) TokenHandlerOption {
	return func(h *tokenHandler) {
		h.describe = describe
		if describe == nil {
			h.describe = func(*http.Request, string) (*User, error) { return &User{}, nil }
		}
	}
}

// TokenHandler returns the endpoint from which your users' clients get their auth tokens. Mount it behind your own
// authentication. The answer to a POST is {"uid":…,"authToken":…}, which must not be cached; each request makes a token of its
// own, as CometChat advises for each device. identify alone decides whose token it is, from your session or another part of
// the request that you trust. The handler does not read the body. When identify returns an error or no uid, the answer is 401.
//
// The answer to any other failure is {"error":{"code":…,"message":…}}, without internals: 404 when CometChat does not know the
// user (see [WithNewUsers]); 502 when CometChat fails or refuses; 503 with Retry-After when the rate limit is used up; 504 when
// CometChat takes too long; 405 for any method but POST; and 500 when the fault is on this side: identify is nil or returned a
// malformed uid, or the Admin is nil or closed.
//
// The handler is safe for concurrent use, and calls identify concurrently.
func TokenHandler(a *Admin, identify func(*http.Request) (uid string, err error), opts ...TokenHandlerOption) http.Handler {
	h := &tokenHandler{admin: a, identify: identify}
	for _, opt := range opts {
		if opt != nil {
			opt(h)
		}
	}
	return h
}

type tokenHandler struct {
	admin    *Admin
	identify func(*http.Request) (string, error)
	describe func(*http.Request, string) (*User, error) // nil: do not create users
}

// tokenAnswer is the body of an answer: either the token or the error.
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
	token, err := h.mint(r, uid)
	if err != nil {
		h.explain(w, err)
		return
	}
	writeToken(w, http.StatusOK, tokenAnswer{UID: token.UID, AuthToken: token.Token})
}

// explain answers a failure in words of this endpoint: CometChat's own words are not for the client.
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
	case errors.Is(err, ErrUIDNotFound), errors.Is(err, ErrUIDAlreadyExists): // the user exists and is deactivated
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

// mint makes a token, and before it the user where WithNewUsers allows it.
func (h *tokenHandler) mint(r *http.Request, uid string) (*AuthToken, error) {
	ctx := r.Context()
	token, err := h.admin.CreateAuthToken(ctx, uid)
	if h.describe == nil || !errors.Is(err, ErrUIDNotFound) {
		return token, err
	}
	u, err := h.describe(r, uid)
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

// describeError is an error of the describe function of WithNewUsers.
type describeError struct{ err error }

func (e *describeError) Error() string { return "a new user could not be described: " + e.err.Error() }
