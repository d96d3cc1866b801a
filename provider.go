package cometchat

import (
	"context"
)

// providerOf marks the context of what asks a client's token provider.
type providerOf struct{ c *Client }

// withSession makes a call for the logged-in user. When the server says that the token of the session is gone, it is made
// again with another one, if that can be had: once with a token that another call or client of the same user has put in
// its place already, and once with one of the token provider's. Otherwise the session ends.
func (c *Client) withSession(ctx context.Context, op string, call func(context.Context, *Session) error) (err error) {
	ctx, end, err := c.begin(ctx, op)
	if err != nil {
		return err
	}
	defer func() { err = end(err) }()
	s, err := c.sessions.get(ctx)
	if err != nil {
		return err
	}
	if s == nil {
		return newError(op, ErrNotLoggedIn, "")
	}
	found, asked := false, c.provider == nil // what need not be tried any more
	for {
		if err = call(ctx, s); !tokenGone(err) {
			return err
		}
		next, lost := c.succeed(ctx, s, asked)
		switch {
		case lost != nil || next == nil:
			return also(err, lost)
		case next != s && found:
			return err
		case next != s:
			found = true
		case ctx.Value(providerOf{c}) != nil:
			return err // it would wait for itself
		default:
			if next, lost = c.refresh(ctx, op, s); lost != nil {
				return also(err, lost)
			}
			asked = true
		}
		s = next
	}
}

// succeed returns the session to go on with when the token of gone is gone; see sessionKeeper.succession.
func (c *Client) succeed(ctx context.Context, gone *Session, end bool) (*Session, error) {
	defer c.listeners.deliver()
	if err := c.sessions.turn.take(ctx); err != nil {
		return nil, err
	}
	defer c.sessions.turn.end()
	return c.succession(ctx, gone, end)
}

// succession is that of the keeper, and has the listeners told of the end of the session, which is deleted also when ctx has
// ended. The caller has the session's turn.
func (c *Client) succession(ctx context.Context, gone *Session, end bool) (*Session, error) {
	detached, cancel := c.calls.detached(ctx)
	defer cancel()
	next, ended, err := c.sessions.succession(ctx, detached, gone, end)
	if ended {
		c.listeners.queue(loginEvent{what: loggedOut})
	}
	return next, err
}

// refresh returns a session with a fresh token of the provider's in the place of gone, whose token is gone. Calls at the
// same time share it.
func (c *Client) refresh(ctx context.Context, op string, gone *Session) (*Session, error) {
	return c.refreshes.share(ctx, op, loginID{authToken: gone.AuthToken}, func(f *loginFlight) (*Session, error) { //nolint:contextcheck // f is the context
		// Whoever comes when the flight before has just landed need not ask again.
		if s := c.sessions.current.Load(); s.AuthToken != gone.AuthToken {
			return successor(op, s, gone)
		}
		token, err := c.freshToken(f, op, gone)
		if p, ok := err.(*panicError); ok { //nolint:errorlint // not one that the provider has recovered from, and wraps
			f.panicked.Store(p)
		}
		if err != nil {
			return nil, err
		}
		if err := c.sessions.turn.take(f); err != nil {
			return nil, err
		}
		defer c.sessions.turn.end()
		defer f.land()
		if s := c.sessions.current.Load(); s.AuthToken != gone.AuthToken {
			return successor(op, s, gone)
		}
		return c.replaceGone(f, op, gone, token)
	})
}

// successor returns s, the session that has taken the place of gone, if it is one of the same user.
func successor(op string, s, gone *Session) (*Session, error) {
	if !gone.sameUser(s) {
		return nil, newError(op, ErrNotLoggedIn, "the session has ended meanwhile")
	}
	return s, nil
}

// freshToken asks the provider for another token than that of gone. It holds nothing meanwhile: the provider may take its
// time, and call the client.
func (c *Client) freshToken(ctx context.Context, op string, gone *Session) (string, error) {
	token, err := captured(ctx, func() (string, error) {
		token, err := c.provider(context.WithValue(ctx, providerOf{c}, true))
		if err != nil {
			return "", providerFailed(op, "the token provider failed", newRedactor(gone.AuthToken, token).cause(err))
		}
		return token, nil
	})
	switch {
	case err != nil:
		return "", err
	case token == gone.AuthToken:
		return "", providerFailed(op, "the token provider has handed back the token that was refused", nil)
	}
	if flaw := checkSecret(op, "auth token of the token provider", token, maxTokenLength); flaw != nil {
		return "", flaw
	}
	return token, nil
}

func providerFailed(op, message string, err error) *Error {
	return &Error{Op: op, Code: codeTokenProvider, Message: message, err: err}
}

// replaceGone logs in with a fresh token, and stores the session in the place of gone. The caller has the session's turn.
func (c *Client) replaceGone(f *loginFlight, op string, gone *Session, token string) (*Session, error) {
	s, err := c.signIn(f, op, token, gone.User.UID, newLoginBody(gone.DeviceID))
	if tokenGone(err) { // the fresh one as well: there is nothing left to go on with
		_, lost := c.succession(f, gone, true)
		return nil, also(err, lost)
	}
	if err != nil {
		return nil, err
	}
	if err := f.store(); err != nil {
		return nil, err
	}
	swapped, err := c.sessions.swapCurrent(f, gone, s)
	if swapped || err != nil {
		return s, err
	}
	// Another client was faster, to log in or out; its session is the one for both, or there is none.
	if s, err = c.succession(f, gone, false); err == nil {
		s, err = successor(op, s, gone)
	}
	return s, err
}
