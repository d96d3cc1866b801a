package cometchat

import (
	"context"
	"errors"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// OnlineUserCount returns how many users of the app are online (POST /api/v3.0/online-members on the host of the live connection, and
// GET /v3.0/settings if the client does not know that host yet). The client need not be connected.
//
// When the server refuses the session's JWT, the client gets a new one (PUT /v3.0/me), once.
//
// It fails with ErrNotLoggedIn when nobody is logged in, and with ErrAuthTokenNotFound when the session's token is gone.
func (c *Client) OnlineUserCount(ctx context.Context) (count int, err error) {
	const op = "OnlineUserCount"
	ctx, end, err := c.lifecycle().begin(ctx, op)
	if err != nil {
		return 0, err
	}
	defer func() { err = end(err) }()
	s, err := c.sessionWithJWT(ctx, op, false)
	if err != nil {
		return 0, err
	}
	count, err = c.countOnline(ctx, op, s.JWT)
	if e, ok := errors.AsType[*Error](err); ok && e.Code == codeNoAuth {
		if s, err = c.sessionWithJWT(ctx, op, true); err == nil {
			count, err = c.countOnline(ctx, op, s.JWT)
		}
	}
	return count, err
}

// codeNoAuth is the code of a refused jwt.
const codeNoAuth = "ERR_NO_AUTH"

func (c *Client) countOnline(ctx context.Context, op, jwt string) (int, error) {
	settings, base, err := c.socketBase(ctx, op, nil)
	if err != nil {
		return 0, err
	}
	base.Scheme = map[string]string{"wss": "https", "ws": "http"}[base.Scheme]
	type counts struct {
		Users *int `json:"onlineUsersCount"`
	}
	answer, err := send(ctx, c.rest, rest.Request{
		Op: op, Base: base.String() + "/api/" + settings.apiVersion(), Method: "POST", Route: "/online-members",
		Credential: rest.JWT(jwt),
	}, func(n *counts) string {
		if n.Users == nil || *n.Users < 0 {
			return "the server's answer has no count"
		}
		return ""
	})
	if err != nil {
		return 0, err
	}
	return *answer.Users, nil
}
