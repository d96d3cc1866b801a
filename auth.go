package cometchat

import (
	"context"
	"errors"
	"runtime"
)

// Login logs a user in with an auth key and returns a copy of the user (POST /v3.0/users/{uid}/auth_tokens on the admin
// host, then PUT /v3.0/me). It is for development, as a key in a client lets anybody log in as anybody; in production
// use [Client.LoginWithToken].
//
// When the session is this user's already (case does not matter), or another client has put one of the user into the
// store, it is answered from that, with no request. Another user takes the session over once the login has succeeded; a
// login that fails leaves it as it was. Identical logins at the same time share their requests, within the timeout of the
// first, and go on as long as one caller waits.
//
// It fails with ErrMissingParameters, ErrInvalidUID or ErrBadRequest for unusable arguments and with ErrLoginInProgress
// while a different login runs, before any request; with ErrUIDNotFound, ErrAPIKeyNotFound, ErrInvalidAppID,
// ErrNoAccess or ErrTooManyRequests when the server refuses.
func (c *Client) Login(ctx context.Context, uid, authKey string) (*User, error) {
	const op = "Login"
	if err := checkUID(op, uid); err != nil {
		return nil, err
	}
	if err := checkSecret(op, "auth key", authKey, maxKeyLength); err != nil {
		return nil, err
	}
	return c.login(ctx, op, loginID{uid: foldUID(uid), authKey: authKey},
		func(ctx context.Context, body loginBody) (*Session, error) {
			minted, err := send(ctx, c.rest, request{
				op: op, method: "POST", route: "/users/{uid}/auth_tokens", uid: uid,
				credential: credential{apiKeyHeader, authKey}, body: body,
			}, func(m *mintedToken) string {
				if m.AuthToken == "" {
					return "the server's answer has no auth token"
				}
				return answerFlaw(m.UID, uid, m.AuthToken)
			})
			if err != nil {
				return nil, err
			}
			return c.signIn(ctx, op, minted.AuthToken, uid, body)
		})
}

// LoginWithToken logs in the user that an auth token belongs to and returns a copy of the user (PUT /v3.0/me). Your
// server makes the token with its REST API key and hands it to the client. Tokens do not expire by themselves.
//
// With the very token of the session, or of one that another client has put into the store, it is answered from that, with
// no request; otherwise it goes as with [Client.Login].
//
// It fails with ErrMissingParameters or ErrBadRequest for an unusable token and with ErrLoginInProgress while a different
// login runs, before any request; with ErrAuthTokenNotFound, ErrInvalidAppID or ErrTooManyRequests when the server
// refuses.
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

// login answers from the session, or has exchange make a new one; either way as one flight with identical logins.
func (c *Client) login(ctx context.Context, op string, id loginID,
	exchange func(context.Context, loginBody) (*Session, error),
) (*User, error) {
	if err := c.lifecycle().check(ctx, op); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, named(op, err)
	}
	// As in begin.
	defer runtime.KeepAlive(c)
	s, err := c.logins.share(ctx, op, id, func(f *loginFlight) (*Session, error) { //nolint:contextcheck // f is the context
		err := c.sessions.turn.take(f)
		var s *Session
		if err == nil {
			defer c.sessions.turn.end()
			defer f.land()
			s, err = c.establish(f, id, exchange)
		}
		if err != nil {
			err = c.calls.outcome(op, err)
			c.listeners.queue(loginEvent{what: loginFailed, err: err})
			return nil, err
		}
		c.listeners.queue(loginEvent{what: loginSucceeded, user: s.User})
		return s, nil
	})
	if err != nil {
		return nil, err
	}
	return s.User.clone(), nil
}

// establish returns the current session, that of the store, or the one that exchange makes, stored. The caller has the
// session's turn.
func (c *Client) establish(f *loginFlight, id loginID,
	exchange func(context.Context, loginBody) (*Session, error),
) (*Session, error) {
	s, err := c.sessions.get(f)
	if err != nil {
		return nil, err
	}
	if s != nil && id.isOf(s) {
		return s, nil
	}
	known, err := c.sessions.stored(f)
	if err != nil {
		return nil, err
	}
	if known != nil && id.isOf(known) && !c.sessions.isOver(known) {
		c.sessions.adopt(known) // another client of the store has logged the user in
		return known, nil
	}
	deviceID, err := c.sessions.deviceID(f)
	if err != nil {
		return nil, err
	}
	if s, err = exchange(f, newLoginBody(deviceID)); err != nil {
		return nil, err
	}
	if err := f.store(); err != nil {
		return nil, err
	}
	return c.sessions.replace(f, known, s)
}

// GetLoggedinUser returns a copy of the logged-in user, or nil and no error when nobody is logged in. It makes no
// request: the first call of a client reads the store, every other one is answered from memory. To ask the server, use
// [Client.VerifySession].
//
// It fails with ErrClosed after Close, and with the store's error when the store could not be read.
func (c *Client) GetLoggedinUser(ctx context.Context) (*User, error) {
	s, err := c.current(ctx, "GetLoggedinUser")
	if s == nil {
		return nil, err
	}
	return s.User.clone(), nil
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
		return "", newError(op, ErrNotLoggedIn, "")
	}
	return s.AuthToken, nil
}

// current returns the session, or nil: at once from memory, and only the first time with a call's whole ceremony.
func (c *Client) current(ctx context.Context, op string) (_ *Session, err error) {
	if calls := c.lifecycle(); calls != nil && !calls.closed.Load() {
		switch s := c.sessions.current.Load(); s {
		case nil:
		case nobody:
			return nil, nil
		default:
			return s, nil
		}
	}
	ctx, end, err := c.begin(ctx, op)
	if err != nil {
		return nil, err
	}
	defer func() { err = end(err) }()
	return c.sessions.get(ctx)
}

// VerifySession asks the server whether the session still holds (PUT /v3.0/me), keeps the user as it is there now, and the
// time in the session's VerifiedAt, and returns a copy of the user. Only the server's word that the token is gone ends the
// session, and only when neither the store nor the token provider has another one: offline, it stays.
//
// It fails with ErrNotLoggedIn when nobody is logged in, and with ErrAuthTokenNotFound when the token is gone.
func (c *Client) VerifySession(ctx context.Context) (*User, error) {
	return c.refreshUser(ctx, "VerifySession", func(s *Session) (any, error) {
		return newLoginBody(s.DeviceID), nil
	})
}

// refreshUser makes PUT /me for the session, with the body that is made for it, and keeps the answer in the session.
func (c *Client) refreshUser(ctx context.Context, op string, body func(*Session) (any, error)) (*User, error) {
	var m *me
	err := c.withSession(ctx, op, func(ctx context.Context, s *Session) error {
		b, err := body(s)
		if err != nil {
			return err
		}
		if m, err = c.putMe(ctx, op, s.AuthToken, s.User.UID, b); err != nil {
			return err
		}
		return c.updateSession(ctx, s.AuthToken, m)
	})
	if err != nil {
		return nil, err
	}
	return m.user().clone(), nil
}

// updateSession puts the server's answer into the session, if it is still that of the token.
func (c *Client) updateSession(ctx context.Context, authToken string, m *me) error {
	if err := c.sessions.turn.take(ctx); err != nil {
		return err
	}
	defer c.sessions.turn.end()
	s, err := c.sessions.get(ctx)
	if err != nil || s == nil || s.AuthToken != authToken {
		return err
	}
	updated := *s
	m.updates(&updated)
	return c.sessions.update(ctx, &updated)
}

// Logout ends the session (DELETE /v3.0/me) and revokes nothing else: the auth key and the user's other tokens stay
// valid. The local session is cleared whatever the server says, and then what it said is returned; that the token is
// gone already is a success. The session stays only when the context ends while another login or logout is still running,
// and when the client has not read it yet and the store cannot be read: that can be tried again.
//
// Where clients share a store, one that another has given the user in place of a token that is gone is logged out as
// well; any other session that has come into the store meanwhile stays there, also when nobody is logged in here: it is
// somebody's, and a client ends no session that it has not had.
//
// When this client has no session, and what the store has is none that can be read, Logout discards that: it fails with
// ErrUnreadableSession, to say what it was, and the next login works.
//
// It fails with ErrNotLoggedIn when nobody is logged in.
func (c *Client) Logout(ctx context.Context) (err error) {
	const op = "Logout"
	ctx, end, err := c.begin(ctx, op)
	if err != nil {
		return err
	}
	defer func() { err = end(err) }()
	defer c.listeners.deliver()
	if err := c.sessions.turn.take(ctx); err != nil {
		return err
	}
	defer c.sessions.turn.end()

	s, err := c.sessions.get(ctx)
	if err == nil && s == nil {
		// What is unreadable in the store is in the way of every login, and may have come there since the first look.
		if _, err = c.sessions.stored(ctx); !errors.Is(err, ErrUnreadableSession) {
			return also(newError(op, ErrNotLoggedIn, ""), err)
		}
	}
	if err != nil && !errors.Is(err, ErrUnreadableSession) {
		return err // the token of a session that is deleted unread would stay valid, and nobody would know it
	}
	// Deferred, so that a panic of the transport's or the store's does not leave the session or keep its end a secret.
	defer c.listeners.queue(loginEvent{what: loggedOut})
	defer func() {
		detached, cancel := c.calls.detached(ctx)
		defer cancel()
		if err = c.calls.outcome(op, also(err, c.sessions.clear(detached, s))); err != nil {
			c.listeners.queue(loginEvent{what: logoutFailed, err: err})
		}
	}()
	if err != nil {
		return err
	}
	err = c.deleteMe(ctx, op, s)
	if tokenGone(err) {
		// Another process has had to log the user in again: that is what the user now logs out of.
		if stored, _ := c.sessions.stored(ctx); s.sameUser(stored) && stored.AuthToken != s.AuthToken {
			s = stored
			err = c.deleteMe(ctx, op, s)
		}
	}
	if tokenGone(err) {
		err = nil
	}
	return err
}

// Login is [Client.Login] of the default client; ErrNotInitialized before Init.
func Login(ctx context.Context, uid, authKey string) (*User, error) {
	c, err := initialized("Login")
	if err != nil {
		return nil, err
	}
	return c.Login(ctx, uid, authKey)
}

// LoginWithToken is [Client.LoginWithToken] of the default client; ErrNotInitialized before Init.
func LoginWithToken(ctx context.Context, authToken string) (*User, error) {
	c, err := initialized("LoginWithToken")
	if err != nil {
		return nil, err
	}
	return c.LoginWithToken(ctx, authToken)
}

// GetLoggedinUser is [Client.GetLoggedinUser] of the default client; ErrNotInitialized before Init.
func GetLoggedinUser(ctx context.Context) (*User, error) {
	c, err := initialized("GetLoggedinUser")
	if err != nil {
		return nil, err
	}
	return c.GetLoggedinUser(ctx)
}

// Logout is [Client.Logout] of the default client; ErrNotInitialized before Init.
func Logout(ctx context.Context) error {
	c, err := initialized("Logout")
	if err != nil {
		return err
	}
	return c.Logout(ctx)
}
