package cometchat

import (
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/time/rate"
)

// TokenHandlerOption configures a [TokenHandler].
type TokenHandlerOption func(*tokenHandler) error

// tokenHandler holds what the http.Handler of TokenHandler needs.
type tokenHandler struct {
	admin     *Admin
	identify  func(*http.Request) (string, error)
	describe  func(*http.Request, string) (*User, error) // nil: do not create users
	onError   func(*http.Request, error)
	origins   *http.CrossOriginProtection
	crossSite rate.Sometimes // limits the records about requests of other origins, which any web page can cause
}

// WithNewUsers has the handler create a user whom CometChat does not know yet. describe returns the user to create, without a
// UID: the handler sets the uid that identify has returned, and uses the uid as the name if the user has none. With a nil
// describe, the user gets only a uid and a name. describe must not read the body of the request. After an error of describe
// the answer is 500.
func WithNewUsers(describe func(r *http.Request, uid string) (*User, error)) TokenHandlerOption {
	return func(h *tokenHandler) error {
		h.describe = describe
		if describe == nil {
			h.describe = func(*http.Request, string) (*User, error) { return &User{}, nil }
		}
		return nil
	}
}

// WithOnError has a [TokenHandler] call f for every request that gets no token, also for a request that is logged at debug
// level only. err is the cause: errors.Is finds [ErrUnauthenticated], the Err… values of the Admin's calls, and the errors of
// identify and describe. The credentials of the request are redacted in its text. f is called after the answer has been
// written, by the goroutine of the request: it must be safe for concurrent use, and should return soon. If f is nil,
// TokenHandler fails with ErrBadRequest.
func WithOnError(f func(r *http.Request, err error)) TokenHandlerOption {
	return func(h *tokenHandler) error {
		if f == nil {
			return errors.New("the function of WithOnError is nil")
		}
		h.onError = f
		return nil
	}
}

// WithTrustedOrigin allows the web pages of another origin to get tokens. origin is a scheme and a host, and a port if the
// page's URL has one: "https://app.example.com". It has to be the origin of your own web app, as it allows the page to act
// for whoever is logged in. The option may be given several times. If origin has another form, TokenHandler fails with
// ErrBadRequest.
//
// The option sends no CORS headers, and without them the browser does not show the answer to the page. Wrap the handler in one
// that sends them: docs/backend.md has the code, and the attributes that your session cookie needs.
func WithTrustedOrigin(origin string) TokenHandlerOption {
	return func(h *tokenHandler) error {
		if err := h.origins.AddTrustedOrigin(origin); err != nil {
			return fmt.Errorf("the trusted origin is not a scheme and a host, as in https://app.example.com: %w", err)
		}
		return nil
	}
}
