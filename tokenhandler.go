package cometchat

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// TokenHandler returns the endpoint from which your users' clients get their auth tokens. Mount it behind your own
// authentication. The answer to a POST is {"uid":…,"authToken":…}, which must not be cached; each request makes a token of its
// own, as CometChat advises for each device (POST /v3.0/users/{uid}/auth_tokens). The handler does not read the body.
//
// identify alone decides whose token it is, from your session or another part of the request that you trust. Its error says
// what is wrong: [ErrUnauthenticated], also wrapped, that nobody is logged in; an error with a method StatusCode() int is
// answered with this status if it is from 400 to 599. Any other error is a fault of your server, as is an empty uid without an
// error.
//
// The answer to a request without success is {"error":{"code":…,"message":…}}, without internals:
//
//   - 401 UNAUTHORIZED: nobody is logged in
//   - 403 CROSS_SITE: a web page of another origin made the request; see [WithTrustedOrigin]. A program, which sends neither
//     Origin nor Sec-Fetch-Site, is not concerned
//   - 404 USER_NOT_FOUND: CometChat does not know the user (see [WithNewUsers]), or the user is deactivated
//   - 405 METHOD_NOT_ALLOWED: it is not a POST. The handler does not answer the preflight (OPTIONS) of a browser either
//   - 500 INTERNAL: a fault of your server: of identify, of the function of WithNewUsers, a malformed uid, a closed Admin
//   - 502 BAD_GATEWAY: CometChat fails or refuses, because the API key is wrong for example
//   - 503 BUSY, with Retry-After: the rate limit is used up
//   - 504 TIMEOUT: CometChat takes too long
//   - the status of identify's error, with the status in words as the code: 403 FORBIDDEN
//
// The logger of the Admin (see [WithLogger]) gets a record of each, with the cause and no secret, at warn level. What is
// ordinary has the debug level: 401, 405 except for a browser's preflight, and a client that has gone away. Of the preflights
// and the requests of other origins, the logger gets the first ten and then at most one each second. [WithOnError] hears of all.
//
// TokenHandler makes no request. It fails with ErrMissingParameters if a is nil or not made by [NewAdmin], or if identify is
// nil; and with ErrBadRequest if an option is nil or fails. The handler is safe for concurrent use, and calls identify
// concurrently.
func TokenHandler(a *Admin, identify func(*http.Request) (uid string, err error), opts ...TokenHandlerOption) (http.Handler, error) {
	const op = "TokenHandler"
	var flaws []*Error
	if a.lifecycle() == nil {
		flaws = append(flaws, newError(op, ErrMissingParameters, "the Admin is nil or not made by NewAdmin"))
	}
	if identify == nil {
		flaws = append(flaws, newError(op, ErrMissingParameters, "the function to identify users is nil"))
	}
	h := &tokenHandler{
		admin: a, identify: identify, onError: func(*http.Request, error) {},
		origins: http.NewCrossOriginProtection(), crossSite: rate.Sometimes{First: 10, Interval: time.Second},
	}
	for i, opt := range opts {
		err := fmt.Errorf("option %d is nil", i+1)
		if opt != nil {
			err = opt(h)
		}
		if err != nil {
			flaws = append(flaws, newError(op, ErrBadRequest, "%v", err))
		}
	}
	if len(flaws) > 0 {
		return nil, joinFlaws(op, flaws)
	}
	return h, nil
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
	uid, no := h.identified(r)
	var token *AuthToken
	if no == nil {
		var err error
		if token, err = h.mint(r, uid); err != nil {
			no = refusalOf(err)
		}
	}
	if no == nil {
		writeToken(w, http.StatusOK, tokenAnswer{UID: token.UID, AuthToken: token.Token})
		return
	}
	no.setHeader(w.Header())
	writeToken(w, no.status, tokenAnswer{Error: &tokenNotice{no.code, no.message}})
	h.tell(r, uid, no)
}

// identified returns whose token the request gets, or why it gets none.
func (h *tokenHandler) identified(r *http.Request) (uid string, no *tokenRefusal) {
	switch {
	case r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "":
		return "", refusedPreflight(r.Header.Get("Origin"))
	case r.Method != http.MethodPost:
		return "", wrongMethod
	}
	if err := h.origins.Check(r); err != nil {
		return "", refusedOrigin(r.Header.Get("Origin"), err)
	}
	uid, err := h.identify(r)
	switch {
	case err != nil:
		return "", refusedByIdentify(err)
	case strings.TrimSpace(uid) == "":
		return "", refusedByIdentify(errors.New("it returned neither a uid nor an error"))
	}
	return uid, nil
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

func writeToken(w http.ResponseWriter, status int, answer tokenAnswer) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) //nolint:gosec // the token is what it is for; the client may have gone
}
