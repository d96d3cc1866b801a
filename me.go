package cometchat

import (
	"context"
	"errors"
	"time"
)

// mintedToken is the answer to POST /users/{uid}/auth_tokens.
type mintedToken struct {
	UID       string `json:"uid"`
	AuthToken string `json:"authToken"`
}

// me is the answer to PUT /me: the user, and what the session needs.
type me struct {
	wireUser
	AuthToken string `json:"authToken"`
	JWT       string `json:"jwt"`
}

// updates puts the answer, which has just come, into a session. A token or JWT that it leaves out stays.
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
	return send(ctx, c.rest, request{
		op: op, method: "PUT", route: "/me", credential: credential{authTokenHeader, authToken}, body: body,
	}, func(m *me) string { return answerFlaw(m.UID, wantUID, m.AuthToken) })
}

// signIn makes a session of an auth token.
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
	return c.rest.do(ctx, request{
		op: op, method: "DELETE", route: "/me", credential: credential{authTokenHeader, s.AuthToken},
	}, acknowledged)
}

// tokenGone reports whether the server refused the auth token that the request carried.
func tokenGone(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == codeAuthTokenNotFound
}
