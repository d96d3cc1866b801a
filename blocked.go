package cometchat

import (
	"context"
	"iter"
	"net/url"
	"slices"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// The directions of a [BlockedUsersRequest].
const (
	BlockedByMe   = "blockedByMe"
	HasBlockedMe  = "hasBlockedMe"
	BlockedByBoth = "both"
)

// BlockedUsersRequest says which blocked users [Client.ListBlockedUsers] lists; the zero value is all of them. It is the
// JavaScript SDK's BlockedUsersRequestBuilder.
type BlockedUsersRequest struct {
	// Limit is how many users a request asks for, up to 1000; the default is 30, and the list goes on after that.
	Limit int
	// SearchKeyword is what the uid or the name begins with.
	SearchKeyword string
	// Direction is BlockedByMe, HasBlockedMe or BlockedByBoth, which lists those of either and is the default.
	Direction string
}

func (r BlockedUsersRequest) query(op string) (url.Values, error) {
	q := url.Values{}
	if r.Direction != "" && !slices.Contains([]string{BlockedByMe, HasBlockedMe, BlockedByBoth}, r.Direction) {
		return nil, newError(op, ErrBadRequest, "the direction %q is not %s, %s or %s",
			r.Direction, BlockedByMe, HasBlockedMe, BlockedByBoth)
	}
	for name, value := range map[string]string{"searchKey": r.SearchKeyword, "direction": r.Direction} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q, setLimit(op, q, r.Limit)
}

// ListBlockedUsers lists the users whom the logged-in user has blocked, and those who have blocked the logged-in user, page
// by page as the loop asks for them (GET /v3.0/blockedusers). BlockedByMe and HasBlockedMe of each say which. For the rest
// it is as [Client.ListUsers].
func (c *Client) ListBlockedUsers(ctx context.Context, r BlockedUsersRequest) iter.Seq2[*User, error] {
	const op = "ListBlockedUsers"
	return c.list(ctx, op, "/blockedusers", func() (url.Values, error) { return r.query(op) })
}

// BlockUsers blocks users for the logged-in user (POST /v3.0/blockedusers), who then get no messages of each other. It
// returns how it went with each of the uids, spelled as they were given: nil, or an [Error] such as ErrUIDNotFound, which
// does not fail the others.
//
// It fails with ErrMissingParameters or ErrInvalidUID for unusable uids, or none, and with ErrNotLoggedIn, before any
// request; and with ErrAuthTokenNotFound when the session's token is gone, which ends the session unless there is another
// one (see [WithTokenProvider]).
func (c *Client) BlockUsers(ctx context.Context, uids []string) (map[string]error, error) {
	return c.changeBlocked(ctx, "BlockUsers", "POST", uids)
}

// UnblockUsers takes back what [Client.BlockUsers] did (DELETE /v3.0/blockedusers), and returns and fails as that does. A
// user who was not blocked is no error.
func (c *Client) UnblockUsers(ctx context.Context, uids []string) (map[string]error, error) {
	return c.changeBlocked(ctx, "UnblockUsers", "DELETE", uids)
}

// blockOutcome is the answer for one uid.
type blockOutcome struct {
	Success *bool  `json:"success"`
	Message string `json:"message"`
	Error   *struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// err makes an Error of an outcome that is no success.
func (o blockOutcome) err(req *rest.Request) error {
	switch {
	case o.Error != nil:
		return refusedItem(req, o.Error.Code, o.Error.Message)
	case o.Success != nil && !*o.Success:
		return refusedItem(req, "", o.Message)
	}
	return nil
}

func (c *Client) changeBlocked(ctx context.Context, op, method string, uids []string) (map[string]error, error) {
	if len(uids) == 0 {
		return nil, newError(op, ErrMissingParameters, "there is no uid")
	}
	for _, uid := range uids {
		if err := checkUID(op, uid); err != nil {
			return nil, err
		}
	}
	outcomes := make(map[string]error, len(uids))
	err := c.withSession(ctx, op, func(ctx context.Context, s *Session) error {
		req := rest.Request{
			Op: op, Method: method, Route: "/blockedusers", Credential: rest.AuthToken(s.AuthToken),
			Body: map[string][]string{"blockedUids": uids},
		}
		answer, err := send[map[string]blockOutcome](ctx, c.rest, req, nil)
		if err != nil {
			return err
		}
		said := make(map[string]error, len(*answer)) // the server lower-cases uids
		for uid, outcome := range *answer {
			said[foldUID(uid)] = outcome.err(&req)
		}
		for _, uid := range uids {
			outcome, ok := said[foldUID(uid)]
			if !ok {
				outcome = refusedItem(&req, "", "the server's answer does not say how it went with this user")
			}
			outcomes[uid] = outcome
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}
