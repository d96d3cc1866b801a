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
	err = c.withJWT(ctx, op, func(ctx context.Context, jwt string) error {
		answer, err := c.countOnline(ctx, op, jwt, nil, func(n *onlineCounts) string {
			if n.Users == nil || *n.Users < 0 {
				return "the server's answer has no count"
			}
			return ""
		})
		if err == nil {
			count = *answer.Users
		}
		return err
	})
	return count, err
}

// OnlineGroupMemberCount returns how many members of each of these groups are online, by guid as the caller spelled it (POST
// /api/v3.0/online-members on the host of the live connection, with as many groups in a request as the API's limit of 10 KB
// allows, and GET /v3.0/settings if the client does not know that host yet). A group of which the server says nothing is not in
// the map. The client need not be connected.
//
// When the server refuses the session's JWT, the client gets a new one (PUT /v3.0/me), once.
//
// It fails before any request with ErrBadRequest without a guid, or for a guid that cannot be used, and with ErrNotLoggedIn when
// nobody is logged in. It fails with ErrAuthTokenNotFound when the session's token is gone. The map is nil when it fails.
func (c *Client) OnlineGroupMemberCount(ctx context.Context, guids []string) (map[string]int, error) {
	const op = "OnlineGroupMemberCount"
	if len(guids) == 0 {
		return nil, badArgument(op, codeGroupList, "there is no guid")
	}
	for _, guid := range guids {
		if err := checkGUID(op, guid); err != nil {
			return nil, err
		}
	}
	const field = "groups"
	counts := make(map[string]int, len(guids))
	err := c.withJWT(ctx, op, func(ctx context.Context, jwt string) error {
		for batch := range uidBatches(field, guids) {
			answer, err := c.countOnline(ctx, op, jwt, map[string][]string{field: batch}, func(n *onlineCounts) string {
				if n.Groups == nil {
					return "the server's answer has no counts of groups"
				}
				return ""
			})
			if err != nil {
				return err
			}
			for _, guid := range batch {
				for _, spelling := range []string{foldUID(guid), guid} {
					if n, ok := answer.Groups[spelling]; ok {
						counts[guid] = n
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return counts, nil
}

// codeNoAuth is the code of a refused jwt.
const codeNoAuth = "ERR_NO_AUTH"

// withJWT makes a call with the session's jwt, and once more with a new jwt when the server refuses it.
func (c *Client) withJWT(ctx context.Context, op string, call func(ctx context.Context, jwt string) error) (err error) {
	ctx, end, err := c.lifecycle().begin(ctx, op)
	if err != nil {
		return err
	}
	defer func() { err = end(err) }()
	s, err := c.sessionWithJWT(ctx, op, false)
	if err != nil {
		return err
	}
	err = call(ctx, s.JWT)
	if e, ok := errors.AsType[*Error](err); ok && e.Code == codeNoAuth {
		if s, err = c.sessionWithJWT(ctx, op, true); err == nil {
			err = call(ctx, s.JWT)
		}
	}
	return err
}

// onlineCounts are how many users are online: of the app, and of each group of the request.
type onlineCounts struct {
	Users  *int           `json:"onlineUsersCount"`
	Groups map[string]int `json:"groups"`
}

func (c *Client) countOnline(ctx context.Context, op, jwt string, body any, flaw func(*onlineCounts) string) (*onlineCounts, error) {
	settings, base, err := c.socketBase(ctx, op, nil)
	if err != nil {
		return nil, err
	}
	base.Scheme = map[string]string{"wss": "https", "ws": "http"}[base.Scheme]
	return send(ctx, c.rest, rest.Request{
		Op: op, Base: base.String() + "/api/" + settings.apiVersion(), Method: "POST", Route: "/online-members",
		Credential: rest.JWT(jwt), Body: body,
	}, flaw)
}
