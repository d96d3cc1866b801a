package cometchat

import (
	"context"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// CreateUser creates a user with an auth key (POST /v3.0/users on the admin host) and returns it as the server stored
// it. u needs a UID and a Name; the fields marked as never sent are not sent. It needs no session and changes none.
// Use it in development; in production create users on your server, with a REST API key.
//
// It fails with ErrMissingParameters, ErrInvalidUID or ErrBadRequest before any request; with ErrUIDAlreadyExists,
// ErrAPIKeyNotFound, ErrNoAccess or ErrBadRequest when the server refuses. Once the request was written it is made
// again only if the server answers 429, for it must not create a user twice.
func (c *Client) CreateUser(ctx context.Context, u *User, authKey string) (*User, error) {
	const op = "CreateUser"
	if err := checkNewUser(op, u); err != nil {
		return nil, err
	}
	if err := checkSecret(op, "auth key", authKey, maxKeyLength); err != nil {
		return nil, err
	}
	return c.userCall(ctx, rest.Request{
		Op: op, Method: "POST", Route: "/users", Once: true,
		Credential: rest.APIKey(authKey), Body: u.settable(),
	}, u.UID)
}

// UpdateUser changes a user with an auth key (PUT /v3.0/users/{uid} on the admin host) and returns it as the server
// stored it. Empty fields of u are left as they are on the server. It needs no session and changes none, not even that
// of the same user. Use it in development; in production update users on your server, with a REST API key.
//
// It fails with ErrMissingParameters, ErrInvalidUID or ErrBadRequest before any request; with ErrUIDNotFound,
// ErrAPIKeyNotFound, ErrNoAccess or ErrBadRequest when the server refuses.
func (c *Client) UpdateUser(ctx context.Context, u *User, authKey string) (*User, error) {
	const op = "UpdateUser"
	if err := checkUser(op, u); err != nil {
		return nil, err
	}
	if err := checkSecret(op, "auth key", authKey, maxKeyLength); err != nil {
		return nil, err
	}
	return c.userCall(ctx, rest.Request{
		Op: op, Method: "PUT", Route: "/users/{uid}", UID: u.UID,
		Credential: rest.APIKey(authKey), Body: u.settable(),
	}, u.UID)
}

// UpdateCurrentUserDetails changes the logged-in user (PUT /v3.0/me), keeps the result in the session and returns it.
// Empty fields of u are left as they are; u.UID may be empty, and otherwise has to be that of the session. The server
// does not let users change their own role.
//
// It fails with ErrNotLoggedIn, ErrMissingParameters, ErrInvalidUID or ErrBadRequest before any request, with
// ErrBadRequest when the server refuses a field, and with ErrAuthTokenNotFound when the session's token is gone, which ends
// the session unless there is another one (see [WithTokenProvider]).
func (c *Client) UpdateCurrentUserDetails(ctx context.Context, u *User) (*User, error) {
	const op = "UpdateCurrentUserDetails"
	if u == nil {
		return nil, newError(op, ErrMissingParameters, "the user is nil")
	}
	if u.UID != "" {
		if err := checkUID(op, u.UID); err != nil {
			return nil, err
		}
	}
	if err := checkUserFields(op, u); err != nil {
		return nil, err
	}
	return c.refreshUser(ctx, op, func(s *Session) (any, error) {
		if u.UID != "" && !sameUID(u.UID, s.User.UID) {
			return nil, newError(op, ErrInvalidUID, "the uid is not that of the logged-in user")
		}
		return u.settable(), nil
	})
}

// GetUser returns the user with this uid, as the logged-in user sees it (GET /v3.0/users/{uid}).
//
// It fails with ErrMissingParameters or ErrInvalidUID for an unusable uid and with ErrNotLoggedIn, before any request;
// with ErrUIDNotFound when there is no such user or it is deactivated; and with ErrAuthTokenNotFound when the session's
// token is gone, which ends the session unless there is another one (see [WithTokenProvider]).
func (c *Client) GetUser(ctx context.Context, uid string) (*User, error) {
	const op = "GetUser"
	if err := checkUID(op, uid); err != nil {
		return nil, err
	}
	var u *User
	err := c.withSession(ctx, op, func(ctx context.Context, s *Session) (err error) {
		u, err = c.fetchUser(ctx, rest.Request{
			Op: op, Method: "GET", Route: "/users/{uid}", UID: uid,
			Credential: rest.AuthToken(s.AuthToken),
		}, uid)
		return err
	})
	return u, err
}

// userCall makes a call that needs no session and is answered with the user wantUID.
func (c *Client) userCall(ctx context.Context, req rest.Request, wantUID string) (_ *User, err error) {
	ctx, end, err := c.lifecycle().begin(ctx, req.Op)
	if err != nil {
		return nil, err
	}
	defer func() { err = end(err) }()
	return c.fetchUser(ctx, req, wantUID)
}

// fetchUser makes a request whose answer is the user wantUID.
func (c *Client) fetchUser(ctx context.Context, req rest.Request, wantUID string) (*User, error) {
	w, err := send(ctx, c.rest, req, func(w *wireUser) string { return answerFlaw(w.UID, wantUID, "") })
	if err != nil {
		return nil, err
	}
	return w.user(), nil
}
