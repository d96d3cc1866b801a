package cometchat

import (
	"context"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// CreateUser creates a user with an auth key (POST /v3.0/users on the admin host) and returns the user as the server stored
// it. u needs a UID and a Name. CreateUser needs no session and changes none. Use it in development; in production create
// users on your server with [Admin.CreateUser].
//
// It fails before any request with ErrMissingParameters, ErrInvalidUID or ErrBadRequest; it fails with ErrUIDAlreadyExists,
// ErrAPIKeyNotFound, ErrNoAccess or ErrBadRequest when the server refuses. The request is retried only after 429, or when no
// connection could be made: it must not take effect twice.
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

// UpdateUser changes a user with an auth key (PUT /v3.0/users/{uid} on the admin host) and returns the user as the server
// stored it. Empty fields of u stay as they are on the server. UpdateUser needs no session and changes none, not even a
// session of the same user. Use it in development; in production update users on your server with [Admin.UpdateUser].
//
// It fails before any request with ErrMissingParameters, ErrInvalidUID or ErrBadRequest; it fails with ErrUIDNotFound,
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

// UpdateCurrentUserDetails changes the logged-in user (PUT /v3.0/me), keeps the result in the session and returns a copy.
// Empty fields of u stay as they are. u.UID must be empty or the uid of the logged-in user. The server does not let users
// change their own role.
//
// It fails before any request with ErrNotLoggedIn, ErrMissingParameters, ErrInvalidUID or ErrBadRequest; it fails with
// ErrBadRequest when the server refuses a field, and with ErrAuthTokenNotFound when the session's token is gone, which ends
// the session unless there is another token (see [WithTokenProvider]).
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

// GetUser returns the user with this uid as the logged-in user sees it (GET /v3.0/users/{uid}).
//
// It fails before any request with ErrMissingParameters or ErrInvalidUID for a uid that cannot be used, and with
// ErrNotLoggedIn. It fails with ErrUIDNotFound when there is no such user or the user is deactivated, and with
// ErrAuthTokenNotFound when the session's token is gone, which ends the session unless there is another token (see
// [WithTokenProvider]).
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

// userCall makes a call that needs no session and whose answer is the user wantUID.
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
	w, err := send(ctx, c.rest, req, func(w *wireUser) string { return answerFlaw(w.UID, wantUID, "", "") })
	if err != nil {
		return nil, err
	}
	return w.user(), nil
}
