package cometchat

import (
	"context"
	"iter"
	"maps"
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

// BlockedUsersRequest says which users [Client.ListBlockedUsers] or [Admin.ListBlockedUsers] lists; the zero value lists all of them.
// In the JavaScript SDK it is the BlockedUsersRequestBuilder.
type BlockedUsersRequest struct {
	// Limit is the size of a page, up to 1000 users; the default is 30, for an Admin 100. The list goes on after a page.
	Limit int
	// SearchKeyword is the beginning of the uid or the name.
	SearchKeyword string
	// Direction is BlockedByMe, HasBlockedMe, or BlockedByBoth for the users of both, which is the default.
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
	return q, setLimit(op, q, r.Limit, maxPerPage)
}

// ListBlockedUsers lists the users whom the logged-in user has blocked and the users who have blocked the logged-in user (GET
// /v3.0/blockedusers). BlockedByMe and HasBlockedMe of each user say which it is. Otherwise it works and fails as
// [Client.ListUsers] does.
func (c *Client) ListBlockedUsers(ctx context.Context, r BlockedUsersRequest) iter.Seq2[*User, error] {
	return c.userList("ListBlockedUsers", "/blockedusers", r.query).all(ctx)
}

// ListBlockedUsersPage returns one page of the list of [Client.ListBlockedUsers] (GET /v3.0/blockedusers). cursor and errors are
// those of [Client.ListUsersPage].
func (c *Client) ListBlockedUsersPage(ctx context.Context, r BlockedUsersRequest, cursor string) (*Page[*User], error) {
	return c.userList("ListBlockedUsersPage", "/blockedusers", r.query).page(ctx, cursor)
}

// BlockUsers blocks users for the logged-in user (POST /v3.0/blockedusers, with as many users in a request as the API's limit
// of 10 KB allows): the two then get no messages from each other. It returns the result for each uid, spelled as the caller
// spelled it: nil, or an [Error] such as ErrUIDNotFound. An Error for one uid does not stop the others. When a request fails,
// BlockUsers returns the results of the requests before, and the error; the map is nil when there are none.
//
// It fails before any request with ErrMissingParameters or ErrInvalidUID without a uid or for a uid that cannot be used, and
// with ErrNotLoggedIn. It fails with ErrAuthTokenNotFound when the session's token is gone, which ends the session unless
// there is another token (see [WithTokenProvider]).
func (c *Client) BlockUsers(ctx context.Context, uids []string) (map[string]error, error) {
	return c.changeBlocked(ctx, "BlockUsers", "POST", uids)
}

// UnblockUsers unblocks users for the logged-in user (DELETE /v3.0/blockedusers). It returns and fails as
// [Client.BlockUsers] does. A user who was not blocked is no error.
func (c *Client) UnblockUsers(ctx context.Context, uids []string) (map[string]error, error) {
	return c.changeBlocked(ctx, "UnblockUsers", "DELETE", uids)
}

func (c *Client) changeBlocked(ctx context.Context, op, method string, uids []string) (results map[string]error, err error) {
	if err := checkUIDs(op, uids); err != nil {
		return nil, err
	}
	const field = "blockedUids"
	done := 0 // a fresh token goes on where the old token has ended
	err = c.withSession(ctx, op, func(ctx context.Context, s *Session) error {
		for batch := range uidBatches(field, uids[done:]) {
			said, err := c.changeBlockedBatch(ctx, rest.Request{
				Op: op, Method: method, Route: "/blockedusers", Credential: rest.AuthToken(s.AuthToken),
				Body: map[string][]string{field: batch},
			}, batch)
			if err != nil {
				return err
			}
			if results == nil {
				results = said
			}
			maps.Copy(results, said)
			done += len(batch)
		}
		return nil
	})
	return results, err
}

// changeBlockedBatch makes one request, and returns the result for each of its uids.
func (c *Client) changeBlockedBatch(ctx context.Context, req rest.Request, uids []string) (map[string]error, error) {
	answer, err := send[itemResults](ctx, c.rest, req, nil)
	if err != nil {
		return nil, err
	}
	return answer.outcomes(&req, uids), nil
}
