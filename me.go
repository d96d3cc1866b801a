package cometchat

import (
	"context"
	"errors"
	"time"

	"github.com/cometchat-go/cometchat/internal/rest"
	"github.com/cometchat-go/cometchat/internal/xsync"
)

// me is the answer to PUT /me: the user, and what the session needs.
type me struct {
	wireUser
	AuthToken string `json:"authToken"`
	JWT       string `json:"jwt"`
	// Settings come with some answers, and spare a request for them.
	Settings *appSettings `json:"settings"`
}

// updates puts a new answer into a session. The session keeps its token and its JWT where the answer has none.
func (m *me) updates(s *Session) {
	s.User, s.VerifiedAt = m.user(), time.Now().UTC()
	if m.AuthToken != "" {
		s.AuthToken = m.AuthToken
	}
	if m.JWT != "" {
		s.JWT = m.JWT
	}
}

// putMe makes PUT /me with an auth token, and checks that the answer is about wantUID.
func (c *Client) putMe(ctx context.Context, op, authToken, wantUID string, body any) (*me, error) {
	m, err := send(ctx, c.rest, rest.Request{
		Op: op, Method: "PUT", Route: "/me", Credential: rest.AuthToken(authToken), Body: body,
	}, func(m *me) string { return answerFlaw(m.UID, wantUID, m.AuthToken, m.JWT) })
	if err == nil {
		c.live.settings.put(m.Settings)
	}
	return m, err
}

// signIn exchanges an auth token for a session.
func (c *Client) signIn(ctx context.Context, op, authToken, wantUID string, body loginBody) (*Session, error) {
	m, err := c.putMe(ctx, op, authToken, wantUID, body)
	if err != nil {
		return nil, err
	}
	s := &Session{AppID: c.sessions.appID, DeviceID: body.DeviceID, AuthToken: authToken}
	m.updates(s)
	s.CreatedAt = s.VerifiedAt
	return s, nil
}

// deleteMe makes DELETE /me for a session.
func (c *Client) deleteMe(ctx context.Context, op string, s *Session) error {
	return acknowledge(ctx, c.rest, rest.Request{
		Op: op, Method: "DELETE", Route: "/me", Credential: rest.AuthToken(s.AuthToken),
	})
}

// tokenGone reports whether the server refused the auth token that the request carried.
func tokenGone(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == codeAuthTokenNotFound
}

// flightFailed makes the caller's error of the error of a shared login.
func flightFailed(op string, err error) error {
	var e *Error
	switch {
	case errors.As(err, &e):
		return err
	case errors.Is(err, xsync.ErrClosed):
		return newError(op, ErrClosed, "")
	case errors.Is(err, xsync.ErrBusy):
		return newError(op, ErrLoginInProgress, "")
	case errors.Is(err, xsync.ErrGoexit):
		return &Error{Op: op, Message: "a function given to the SDK ended the goroutine of the login"}
	}
	return &Error{Op: op, Message: "gave up waiting for the login", err: err}
}
