package cometchat

import (
	"context"
	"errors"

	"github.com/cometchat-go/cometchat/internal/xsync"
)

// EnsureLoggedIn returns a copy of the logged-in user. If nobody is logged in, here or in the store, it asks the token provider
// for an auth token (see [WithTokenProvider]) and logs in with the token as [Client.LoginWithToken] does (PUT /v3.0/me). Call it
// before the calls of a user: it makes no request while there is a session.
//
// Concurrent calls share the token and the login, which go on as long as one caller waits, within the client's timeout. If the
// login fails after the provider has returned a token, the next call uses this token, unless Logout is called or another login
// succeeds before, or the server says that the token is gone: a token that nobody uses takes the place of another. If
// another client of the store logs in while the provider runs, its session is used. A [LoginListener] hears of the login as of
// any other, and hears nothing of a call that finds a session in memory.
//
// Without a session it fails with ErrNotLoggedIn if the client has no token provider, or if the provider itself makes the call
// with its context. It fails with ErrLoginInProgress while a Login or LoginWithToken runs; these fail so while EnsureLoggedIn
// runs. When the provider fails, or returns a token that cannot be sent, the code of the error is "ERR_TOKEN_PROVIDER";
// [errors.Is] finds the provider's error, and [Error.RetryAfter] is that of the provider's error if it is an [Error]. A panic
// of the provider panics in each caller. When the server refuses the login, it fails as LoginWithToken does: with
// ErrAuthTokenNotFound if the server does not know the token. For the client of a pool with [WithKeyAsUID] it also fails with
// ErrOtherUser.
func (c *Client) EnsureLoggedIn(ctx context.Context) (*User, error) {
	const op = "EnsureLoggedIn"
	s, err := c.current(ctx, op)
	if s == nil && err == nil {
		s, err = c.shareProvided(ctx, op)
	}
	if err != nil {
		return nil, err
	}
	return s.User.clone(), nil
}

// EnsureLoggedIn is [Client.EnsureLoggedIn] of the default client; ErrNotInitialized before Init.
func EnsureLoggedIn(ctx context.Context) (*User, error) {
	c, err := initialized("EnsureLoggedIn")
	if err != nil {
		return nil, err
	}
	return c.EnsureLoggedIn(ctx)
}

// shareProvided finds a session, or makes one with the token provider. Concurrent calls share the work.
func (c *Client) shareProvided(ctx context.Context, op string) (*Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, withOp(op, err)
	}
	if ctx.Value(providerOf{c}) != nil {
		return nil, newError(op, ErrNotLoggedIn, "the token provider cannot wait for the login that waits for its token")
	}
	s, err := c.logins.Share(ctx, loginID{}, func(ctx context.Context, f *xsync.Flight[loginID, *Session]) (*Session, error) {
		s, err := c.inTurn(ctx, op, func() (*Session, error) { return c.withoutProvider(ctx, f, op) })
		if s != nil || err != nil {
			return s, err
		}
		if c.provider == nil {
			return nil, c.noProvider(op)
		}
		token, err := c.freshToken(ctx, op, "")
		if _, panicked := err.(*xsync.PanicError); panicked { //nolint:errorlint // a panic that the provider wraps is an error
			return nil, err
		}
		if err != nil {
			return nil, c.loginFailure(op, err)
		}
		return c.inTurn(ctx, op, func() (*Session, error) {
			c.sessions.provided = token
			return c.establish(ctx, f, op, loginID{}, func(ctx context.Context, body loginBody) (*Session, error) {
				return c.signInProvided(ctx, op, body)
			})
		})
	})
	if err != nil {
		return nil, flightFailed(op, err)
	}
	return s, nil
}

// withoutProvider returns the session that is there, or a session with the unused token of the provider; nil if there is neither.
// The caller has the turn.
func (c *Client) withoutProvider(ctx context.Context, f *xsync.Flight[loginID, *Session], op string) (*Session, error) {
	if c.sessions.provided == "" {
		s, _, err := c.sessions.find(ctx, loginID{})
		if s != nil || err != nil || c.provider == nil {
			f.Seal() // what comes after this turn may undo the outcome
		}
		return s, err
	}
	return c.establish(ctx, f, op, loginID{}, func(ctx context.Context, body loginBody) (*Session, error) {
		s, err := c.signInProvided(ctx, op, body)
		if tokenGone(err) {
			return nil, nil // the provider has another
		}
		return s, err
	})
}

// signInProvided exchanges the unused token of the provider for a session. The caller has the turn.
func (c *Client) signInProvided(ctx context.Context, op string, body loginBody) (*Session, error) {
	s, err := c.signIn(ctx, op, c.sessions.provided, "", body)
	if e, ok := errors.AsType[*Error](err); ok && tokenGone(err) {
		c.sessions.provided = ""
		e.hint = "the token provider returned this token: check that it returns a new token of this app, and that the user is not deactivated"
	}
	return s, err
}

func (c *Client) noProvider(op string) error {
	option := "WithTokenProvider"
	if c.pooled {
		option = "WithPoolTokenProvider"
	}
	e := newError(op, ErrNotLoggedIn, "nobody is logged in, and there is no token provider")
	e.hint = "call Login or LoginWithToken first, or give a token provider with " + option
	return e
}
