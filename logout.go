package cometchat

import (
	"context"
	"errors"
)

// Logout ends the session (DELETE /v3.0/me) and revokes nothing else: the auth key and the user's other tokens stay valid.
// It clears the local session whatever the server answers, and returns the server's error; a token that is gone already is
// a success. The session stays only in two cases, where Logout can be tried again: the context ends while another login or
// logout is still running, or the client has not read the session yet and the store cannot be read.
//
// Clients that share a store: Logout also ends a session of the same user with which another client has replaced a token that
// is gone. It leaves any other session in the store, also when nobody is logged in here, because another client has begun that
// session.
//
// When this client has no session and the store has a record that cannot be read, Logout discards the record and fails with
// ErrUnreadableSession. The next login works.
//
// It fails with ErrNotLoggedIn when nobody is logged in.
func (c *Client) Logout(ctx context.Context) (err error) {
	const op = "Logout"
	ctx, end, err := c.lifecycle().begin(ctx, op)
	if err != nil {
		return err
	}
	defer func() { err = end(err) }()
	defer c.listeners.deliver()
	if err := c.sessions.turn.Take(ctx); err != nil {
		return err
	}
	defer c.sessions.turn.End()

	c.sessions.provided = "" // the next login may be of another user
	s, err := c.sessions.get(ctx)
	if err == nil && s == nil {
		// An unreadable record keeps every login from working, and may have come into the store since the first look.
		if _, err = c.sessions.stored(ctx); !errors.Is(err, ErrUnreadableSession) {
			return joinErr(newError(op, ErrNotLoggedIn, ""), err)
		}
	}
	if err != nil && !errors.Is(err, ErrUnreadableSession) {
		return err // the token of a session that is deleted unread would stay valid, and nobody would know it
	}
	return c.endSession(ctx, op, s, err)
}

// Logout is [Client.Logout] of the default client; ErrNotInitialized before Init.
func Logout(ctx context.Context) error {
	c, err := initialized("Logout")
	if err != nil {
		return err
	}
	return c.Logout(ctx)
}

// endSession ends the session s at the server and then here, also when a transport or a store panics. unreadable is the
// reason why there is no s, but a record to discard. The caller has the turn.
func (c *Client) endSession(ctx context.Context, op string, s *Session, unreadable error) (err error) {
	defer c.listeners.queue(loginEvent{what: loggedOut})
	defer func() {
		detached, cancel := c.calls.detached(ctx)
		defer cancel()
		lost := c.sessions.clear(detached, s)
		if e, ok := errors.AsType[*Error](unreadable); ok && lost == nil {
			err = &Error{
				Code: codeSessionStore, Message: "the stored session could not be read and has been discarded: log in again", err: e.err,
			}
		}
		if err = c.calls.failed(op, joinErr(err, lost)); err != nil {
			c.listeners.queue(loginEvent{what: logoutFailed, err: err})
		}
	}()
	if unreadable != nil {
		return unreadable
	}
	c.conn.link.End(nil) // before the server closes it, which would be a broken connection
	err = c.deleteMe(ctx, op, s)
	if tokenGone(err) {
		// Another client may have had to log the user in again: the user logs out of that session.
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
