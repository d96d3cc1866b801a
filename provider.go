package cometchat

import (
	"context"
	"errors"

	"github.com/cometchat-go/cometchat/internal/redact"
	"github.com/cometchat-go/cometchat/internal/rest"
	"github.com/cometchat-go/cometchat/internal/xsync"
)

// providerOf marks the context that a client's token provider is called with.
type providerOf struct{ c *Client }

// withSession makes a call for the logged-in user. When the server says that the token of the session is gone, the call is
// retried: once with a token with which another call or client of the same user has replaced it, and once with a fresh token
// of the token provider. Without such a token the session ends.
func (c *Client) withSession(ctx context.Context, op string, call func(context.Context, *Session) error) (err error) {
	ctx, end, err := c.lifecycle().begin(ctx, op)
	if err != nil {
		return err
	}
	defer func() { err = end(err) }()
	s, err := c.sessions.get(ctx)
	if err != nil {
		return err
	}
	if s == nil {
		return c.notLoggedIn(op)
	}
	triedStored, triedProvider := false, c.provider == nil
	for {
		if err = call(ctx, s); !tokenGone(err) {
			return err
		}
		next, lost := c.successor(ctx, s, triedProvider)
		switch {
		case lost != nil || next == nil:
			return joinErr(err, lost)
		case next != s && triedStored:
			return err
		case next != s:
			triedStored = true
		case ctx.Value(providerOf{c}) != nil:
			return err // the provider would wait for itself
		default:
			if next, lost = c.refresh(ctx, op, s); lost != nil {
				return notRefreshed(err, lost)
			}
			triedProvider = true
		}
		s = next
	}
}

// asUser makes a call as the logged-in user; see withSession.
func (c *Client) asUser(ctx context.Context, op string, call func(context.Context, caller) error) error {
	return c.withSession(ctx, op, func(ctx context.Context, s *Session) error {
		return call(ctx, caller{rest: c.rest, uid: s.User.UID, credential: rest.AuthToken(s.AuthToken)})
	})
}

// notRefreshed makes the error of a call whose token is gone, and for which lost says why there is no other.
func notRefreshed(gone, lost error) error {
	if e, ok := errors.AsType[*Error](gone); ok && !tokenGone(lost) && !errors.Is(lost, ErrNotLoggedIn) {
		e.hint = "the session stays, and the next call tries again"
	}
	return joinErr(gone, lost)
}

// notLoggedIn makes the error of a call that needs a session.
func (c *Client) notLoggedIn(op string) error {
	e := newError(op, ErrNotLoggedIn, "")
	if c.provider != nil {
		e.hint = "call EnsureLoggedIn first, which logs in with the token provider"
	}
	return e
}

// successor returns the session to use after the server has refused the token of gone; nil when the session is over. With
// end, it ends gone if nothing has taken its place; without, it returns gone then.
func (c *Client) successor(ctx context.Context, gone *Session, end bool) (*Session, error) {
	defer c.listeners.deliver()
	if err := c.sessions.turn.Take(ctx); err != nil {
		return nil, err
	}
	defer c.sessions.turn.End()
	return c.succeed(ctx, gone, end)
}

// succeed is successor for a caller that has the turn.
func (c *Client) succeed(ctx context.Context, gone *Session, end bool) (next *Session, err error) {
	held := c.sessions.holds(gone)
	if end {
		detached, cancel := c.calls.detached(ctx)
		defer cancel()
		next, err = c.sessions.end(ctx, detached, gone)
	} else {
		next, err = c.sessions.next(ctx, gone)
	}
	if held && c.sessions.current.Load() == nobody {
		c.listeners.queue(loginEvent{what: loggedOut})
	}
	return next, err
}

// refresh replaces gone, whose token the server has refused, by a session with a fresh token of the token provider. Concurrent
// calls share it.
func (c *Client) refresh(ctx context.Context, op string, gone *Session) (*Session, error) {
	s, err := c.refreshes.Share(ctx, loginID{authToken: gone.AuthToken},
		func(ctx context.Context, f *xsync.Flight[loginID, *Session]) (*Session, error) {
			if s, err := c.replaceGone(ctx, f, op, gone, ""); s != nil || err != nil {
				return s, err
			}
			token, err := c.freshToken(ctx, op, gone.AuthToken)
			if err != nil {
				return nil, err
			}
			return c.replaceGone(ctx, f, op, gone, token)
		})
	if err != nil {
		return nil, flightFailed(op, err)
	}
	return s, nil
}

// sameUserOr returns s, which has taken the place of gone, or ErrNotLoggedIn if s is not a session of the same user.
func sameUserOr(op string, s, gone *Session) (*Session, error) {
	if !gone.sameUser(s) {
		return nil, newError(op, ErrNotLoggedIn, "the session has ended meanwhile")
	}
	return s, nil
}

// freshToken asks the provider for another token than the refused one, which may be empty. It holds no turn meanwhile: the
// provider may take its time, and call the client.
func (c *Client) freshToken(ctx context.Context, op, refused string) (string, error) {
	token, err := xsync.Captured(ctx, func() (string, error) {
		token, err := c.provider(context.WithValue(ctx, providerOf{c}, true))
		if err != nil {
			return "", providerFailed(op, "the token provider failed", redact.New(refused, token).Cause(err))
		}
		return token, nil
	})
	switch {
	case errors.Is(err, xsync.ErrGoexit):
		return "", providerFailed(op, "the token provider ended its goroutine", nil)
	case err != nil && err == ctx.Err(): //nolint:errorlint // an error of the provider that wraps it says more
		return "", &Error{Op: op, Message: "gave up waiting for the token provider", err: err}
	case err != nil:
		return "", err
	case refused != "" && token == refused:
		return "", providerFailed(op, "the token provider returned the token that was refused", nil)
	}
	if flaw := checkSecret(op, "auth token of the token provider", token, maxTokenLength); flaw != nil {
		return "", providerFailed(op, flaw.(*Error).Message, nil) //nolint:errorlint // checkSecret wraps nothing
	}
	return token, nil
}

// providerFailed makes the error of a token provider. A wait that the provider's own error asks for is its wait too.
func providerFailed(op, message string, err error) *Error {
	e := &Error{Op: op, Code: codeTokenProvider, Message: message, err: err}
	if cause, ok := errors.AsType[*Error](err); ok {
		e.RetryAfter = cause.RetryAfter
	}
	return e
}

// replaceGone logs in with a fresh token, and stores the session in the place of gone. Without a fresh token it uses the unused
// token of the provider, and returns nil if there is none that works.
func (c *Client) replaceGone(ctx context.Context, f *xsync.Flight[loginID, *Session], op string, gone *Session, fresh string,
) (s *Session, err error) {
	if err := c.sessions.turn.Take(ctx); err != nil {
		return nil, err
	}
	defer c.sessions.turn.End()
	defer func() {
		if s != nil || err != nil { // otherwise the refresh goes on, and more callers may join it
			f.Seal()
		}
	}()
	if s := c.sessions.current.Load(); s.AuthToken != gone.AuthToken { // the flight before this one may have replaced gone just now
		return sameUserOr(op, s, gone)
	}
	if fresh != "" {
		c.sessions.provided = fresh
	}
	token := c.sessions.provided
	if token == "" {
		return nil, nil
	}
	began := c.sessions.begin()
	s, err = c.signIn(ctx, op, token, "", newLoginBody(gone.DeviceID))
	refused := tokenGone(err)
	if refused || err == nil && !gone.sameUser(s) {
		c.sessions.provided = ""
		switch {
		case fresh == "":
			return nil, nil
		case refused: // no other token is left
			_, lost := c.succeed(ctx, gone, true)
			return nil, joinErr(err, lost)
		}
		return nil, newError(op, ErrOtherUser, "the token provider returned a token of another user")
	}
	if err != nil {
		return nil, err
	}
	if err := f.Commit(); err != nil {
		return nil, err
	}
	swapped, err := c.sessions.swapCurrent(ctx, gone, s)
	if swapped {
		c.sessions.newest = began
		c.sessions.provided = ""
	}
	if swapped || err != nil {
		return s, err
	}
	// Another client was faster, to log in or out. Both clients then use its session, or none.
	if s, err = c.succeed(ctx, gone, false); err == nil {
		s, err = sameUserOr(op, s, gone)
	}
	return s, err
}
