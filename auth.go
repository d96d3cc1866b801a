package cometchat

import (
	"context"

	"github.com/cometchat-go/cometchat/internal/rest"
	"github.com/cometchat-go/cometchat/internal/xsync"
)

// Login logs a user in with an auth key and returns a copy of the user (POST /v3.0/users/{uid}/auth_tokens on the admin
// host, then PUT /v3.0/me). It is for development: a key in a client lets anybody log in as anybody. In production use
// [Client.LoginWithToken].
//
// If this user is already logged in, here or in the store, Login returns that session's user without a request; the case of
// the uid does not matter. A login of another user replaces the session once it has succeeded; a login that fails leaves the
// session as it was. Identical concurrent logins share their requests. These go on as long as one caller waits, within the
// client's timeout. If a login fails after the server has made the auth token, the next login with the same arguments uses
// this token.
//
// It fails before any request with ErrMissingParameters, ErrInvalidUID or ErrBadRequest for arguments that cannot be used and
// with ErrLoginInProgress while a different login runs. It fails with ErrUIDNotFound, ErrAPIKeyNotFound, ErrInvalidAppID,
// ErrNoAccess or ErrTooManyRequests when the server refuses.
func (c *Client) Login(ctx context.Context, uid, authKey string) (*User, error) {
	const op = "Login"
	if err := checkUID(op, uid); err != nil {
		return nil, err
	}
	if err := checkSecret(op, "auth key", authKey, maxKeyLength); err != nil {
		return nil, err
	}
	id := loginID{uid: foldUID(uid), authKey: authKey}
	return c.login(ctx, op, id, func(ctx context.Context, body loginBody) (*Session, error) {
		if token := c.sessions.unused.of(id); token != "" {
			if s, err := c.signIn(ctx, op, token, uid, body); !tokenGone(err) {
				return s, err
			}
		}
		token, err := c.mintToken(ctx, op, uid, authKey, body)
		if err != nil {
			return nil, err
		}
		c.sessions.unused = newUnusedToken(id, token)
		return c.signIn(ctx, op, token, uid, body)
	})
}

// Login is [Client.Login] of the default client; ErrNotInitialized before Init.
func Login(ctx context.Context, uid, authKey string) (*User, error) {
	c, err := initialized("Login")
	if err != nil {
		return nil, err
	}
	return c.Login(ctx, uid, authKey)
}

// mintToken has the server make an auth token for a user.
func (c *Client) mintToken(ctx context.Context, op, uid, authKey string, body loginBody) (string, error) {
	type mintedToken struct {
		UID       string `json:"uid"`
		AuthToken string `json:"authToken"`
	}
	minted, err := send(ctx, c.rest, rest.Request{
		Op: op, Method: "POST", Route: "/users/{uid}/auth_tokens", UID: uid, Credential: rest.APIKey(authKey), Body: body,
	}, func(m *mintedToken) string {
		if m.AuthToken == "" {
			return "the server's answer has no auth token"
		}
		return answerFlaw(m.UID, uid, m.AuthToken, "")
	})
	if err != nil {
		return "", err
	}
	return minted.AuthToken, nil
}

// LoginWithToken logs in the user that an auth token belongs to and returns a copy of the user (PUT /v3.0/me). Your server
// makes the token with its REST API key and hands it to the client. Tokens do not expire by themselves.
//
// If the token is that of the session, here or in the store, LoginWithToken returns the session's user without a request.
// Otherwise it works as [Client.Login] does.
//
// It fails before any request with ErrMissingParameters or ErrBadRequest for a token that cannot be used and with
// ErrLoginInProgress while a different login runs. It fails with ErrAuthTokenNotFound, ErrInvalidAppID or ErrTooManyRequests
// when the server refuses.
func (c *Client) LoginWithToken(ctx context.Context, authToken string) (*User, error) {
	const op = "LoginWithToken"
	if err := checkSecret(op, "auth token", authToken, maxTokenLength); err != nil {
		return nil, err
	}
	return c.login(ctx, op, loginID{authToken: authToken},
		func(ctx context.Context, body loginBody) (*Session, error) {
			return c.signIn(ctx, op, authToken, "", body)
		})
}

// LoginWithToken is [Client.LoginWithToken] of the default client; ErrNotInitialized before Init.
func LoginWithToken(ctx context.Context, authToken string) (*User, error) {
	c, err := initialized("LoginWithToken")
	if err != nil {
		return nil, err
	}
	return c.LoginWithToken(ctx, authToken)
}

// exchangeFunc makes a new session at the server. It returns nil and no error if its token is gone and the login goes on.
type exchangeFunc func(context.Context, loginBody) (*Session, error)

// login uses the session that is there, or has exchange make a new one. Identical logins share it.
func (c *Client) login(ctx context.Context, op string, id loginID, exchange exchangeFunc) (*User, error) {
	if err := c.lifecycle().check(ctx, op); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, withOp(op, err)
	}
	if id.uid != "" && c.sessions.isForeign(id.uid) {
		return nil, c.sessions.foreign(op, "the uid is that of")
	}
	s, err := c.logins.Share(ctx, id, func(ctx context.Context, f *xsync.Flight[loginID, *Session]) (*Session, error) {
		return c.inTurn(ctx, op, func() (*Session, error) { return c.establish(ctx, f, op, id, exchange) })
	})
	if err != nil {
		return nil, flightFailed(op, err)
	}
	return s.User.clone(), nil
}

// inTurn runs a step of a login while it has the turn, and tells the listeners of its session or its failure.
func (c *Client) inTurn(ctx context.Context, op string, step func() (*Session, error)) (*Session, error) {
	if err := c.sessions.turn.Take(ctx); err != nil {
		return nil, c.loginFailure(op, err)
	}
	defer c.sessions.turn.End()
	s, err := step()
	if err != nil {
		return nil, c.loginFailure(op, err)
	}
	if s != nil {
		c.listeners.queue(loginEvent{what: loginSucceeded, user: s.User})
		c.conn.begin()
	}
	return s, nil
}

// loginFailure makes the error of a login, and tells the listeners of it.
func (c *Client) loginFailure(op string, err error) error {
	err = c.calls.failed(op, err)
	c.listeners.queue(loginEvent{what: loginFailed, err: err})
	return err
}

// establish returns the current session, the session of the store, or a new session, which it stores; nil if exchange returns
// nil. The caller has the turn.
func (c *Client) establish(ctx context.Context, f *xsync.Flight[loginID, *Session], op string, id loginID, exchange exchangeFunc,
) (s *Session, err error) {
	defer func() {
		if s != nil || err != nil { // otherwise the login goes on, and more callers may join it
			f.Seal()
		}
	}()
	s, known, err := c.sessions.find(ctx, id)
	if s != nil || err != nil {
		return s, err
	}
	deviceID, err := c.sessions.deviceID(ctx)
	if err != nil {
		return nil, err
	}
	began := c.sessions.begin()
	if s, err = exchange(ctx, newLoginBody(deviceID)); s == nil {
		return nil, err
	}
	if c.sessions.isForeign(s.User.UID) {
		c.sessions.provided = ""
		return nil, c.sessions.foreign(op, "the auth token is that of")
	}
	if err := f.Commit(); err != nil {
		return nil, err
	}
	stored, err := c.sessions.replace(ctx, known, s)
	if stored == s {
		c.sessions.newest = began
		if c.sessions.unused.of(id) != "" {
			c.sessions.unused = unusedToken{}
		}
		c.sessions.provided = "" // the provider's user may be another by now
	}
	return stored, err
}

// GetLoggedinUser returns a copy of the logged-in user, or nil and no error when nobody is logged in. It makes no request.
// The first call of a client reads the store, every later call the memory. To ask the server, use [Client.VerifySession].
//
// It fails with ErrClosed after Close, and with the store's error when the store could not be read.
func (c *Client) GetLoggedinUser(ctx context.Context) (*User, error) {
	s, err := c.current(ctx, "GetLoggedinUser")
	if s == nil {
		return nil, err
	}
	return s.User.clone(), nil
}

// GetLoggedinUser is [Client.GetLoggedinUser] of the default client; ErrNotInitialized before Init.
func GetLoggedinUser(ctx context.Context) (*User, error) {
	c, err := initialized("GetLoggedinUser")
	if err != nil {
		return nil, err
	}
	return c.GetLoggedinUser(ctx)
}

// AuthToken returns the auth token of the session, a secret. It makes no request.
//
// It fails with ErrNotLoggedIn when nobody is logged in, with ErrClosed after Close, and with the store's error when the
// store could not be read.
func (c *Client) AuthToken(ctx context.Context) (string, error) {
	const op = "AuthToken"
	s, err := c.current(ctx, op)
	if err != nil {
		return "", err
	}
	if s == nil {
		return "", c.notLoggedIn(op)
	}
	return s.AuthToken, nil
}

// current returns the session or nil: from memory at once, or else, the first time, from the store within a call.
func (c *Client) current(ctx context.Context, op string) (_ *Session, err error) {
	if calls := c.lifecycle(); calls != nil && !calls.closed() {
		switch s := c.sessions.current.Load(); s {
		case nil:
		case nobody:
			return nil, nil
		default:
			return s, nil
		}
	}
	ctx, end, err := c.lifecycle().begin(ctx, op)
	if err != nil {
		return nil, err
	}
	defer func() { err = end(err) }()
	return c.sessions.get(ctx)
}

// VerifySession asks the server whether the session is still valid (PUT /v3.0/me) and returns a copy of the user. It keeps
// the user as the server has it now, and the time in the session's VerifiedAt. Only the server's answer that the token is
// gone ends the session, and only when neither the store nor the token provider has another token. Without a network the
// session stays.
//
// It fails with ErrNotLoggedIn when nobody is logged in, and with ErrAuthTokenNotFound when the token is gone.
func (c *Client) VerifySession(ctx context.Context) (*User, error) {
	return c.verifySession(ctx, "VerifySession")
}

func (c *Client) verifySession(ctx context.Context, op string) (*User, error) {
	return c.refreshUser(ctx, op, func(s *Session) (any, error) {
		return newLoginBody(s.DeviceID), nil
	})
}

// refreshUser makes PUT /me for the session, with a body made from the session, and keeps the answer in the session.
func (c *Client) refreshUser(ctx context.Context, op string, body func(*Session) (any, error)) (*User, error) {
	var m *me
	err := c.withSession(ctx, op, func(ctx context.Context, s *Session) error {
		b, err := body(s)
		if err != nil {
			return err
		}
		began := c.sessions.begin()
		if m, err = c.putMe(ctx, op, s.AuthToken, s.User.UID, b); err != nil {
			return err
		}
		return c.updateSession(ctx, s.AuthToken, m, began)
	})
	if err != nil {
		return nil, err
	}
	return m.user().clone(), nil
}

// updateSession puts the server's answer into the session if the session still has this token, and no newer answer. began is
// the number of the request.
func (c *Client) updateSession(ctx context.Context, authToken string, m *me, began uint64) error {
	if err := c.sessions.turn.Take(ctx); err != nil {
		return err
	}
	defer c.sessions.turn.End()
	s, err := c.sessions.get(ctx)
	if err != nil || s == nil || s.AuthToken != authToken || began < c.sessions.newest {
		return err
	}
	updated := *s
	m.updates(&updated)
	if err = c.sessions.update(ctx, &updated); err == nil {
		c.sessions.newest = began
	}
	return err
}
