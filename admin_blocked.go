package cometchat

import (
	"context"
	"iter"
	"net/url"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// BlockUsers blocks users for the user uid (POST /v3.0/users/{uid}/blockedusers, with as many users in a request as the API's limit
// of 10 KB allows): the two then get no messages from each other. It returns the result for each uid of uids, spelled as the caller
// spelled it: nil, or an [Error] such as ErrUIDNotFound. An Error for one uid does not stop the others. When a request fails,
// BlockUsers returns the results of the requests before, and the error; the map is nil when there are none.
//
// The API takes no user to act for: [Admin.OnBehalfOf] does not matter to this call. It fails before any request with
// ErrMissingParameters or ErrInvalidUID without a uid or for a uid that cannot be used. It fails with ErrUIDNotFound when there is no
// user uid.
func (a *Admin) BlockUsers(ctx context.Context, uid string, uids []string) (outcomes map[string]error, err error) {
	return a.changeBlocked(ctx, rest.Request{Op: "BlockUsers", Method: "POST", UID: uid}, uids)
}

// UnblockUsers unblocks users for the user uid (DELETE /v3.0/users/{uid}/blockedusers). It returns and fails as [Admin.BlockUsers]
// does. A user who was not blocked is no error.
func (a *Admin) UnblockUsers(ctx context.Context, uid string, uids []string) (outcomes map[string]error, err error) {
	return a.changeBlocked(ctx, rest.Request{Op: "UnblockUsers", Method: "DELETE", UID: uid}, uids)
}

func (a *Admin) changeBlocked(ctx context.Context, req rest.Request, uids []string) (map[string]error, error) {
	const field = "blockedUids"
	req.Route = blockedRoute
	return relate(uids, req, field, uidBatches(field, uids), func(req rest.Request) (itemResults, error) {
		answer, err := adminCall[itemResults](ctx, a, req, nil)
		if err != nil {
			return nil, err
		}
		return *answer, nil
	})
}

// ListBlockedUsers lists the users whom the user uid has blocked and the users who have blocked the user uid (GET
// /v3.0/users/{uid}/blockedusers). BlockedByMe and HasBlockedMe of each user say which it is, in the eyes of the user uid. It works as
// [Admin.ListUsers] does. CometChat documents no filter of a server for this list: SearchKeyword and Direction are refused.
// [Admin.OnBehalfOf] does not matter to this call.
//
// It fails before any request with ErrBadRequest or ErrInvalidUID for arguments that cannot be used. It fails with ErrUIDNotFound
// when there is no such user.
func (a *Admin) ListBlockedUsers(ctx context.Context, uid string, r BlockedUsersRequest) iter.Seq2[*User, error] {
	return adminAll(ctx, a.relatedList("ListBlockedUsers", blockedRoute, uid, r.serverQuery))
}

// ListBlockedUsersPage returns one page of the list of [Admin.ListBlockedUsers] (GET /v3.0/users/{uid}/blockedusers). cursor is that
// of [Admin.ListUsersPage]. It fails as ListBlockedUsers does, and with ErrBadRequest for a cursor that is not one of this list's.
func (a *Admin) ListBlockedUsersPage(ctx context.Context, uid string, r BlockedUsersRequest, cursor string) (*Page[*User], error) {
	return adminPage(ctx, cursor, a.relatedList("ListBlockedUsersPage", blockedRoute, uid, r.serverQuery))
}

func (r BlockedUsersRequest) serverQuery(op string) (url.Values, error) {
	if r.SearchKeyword != "" || r.Direction != "" {
		return nil, onlyForClients(op)
	}
	q := url.Values{}
	return q, serverPerPage(op, q, r.Limit)
}

const blockedRoute = "/users/{uid}/blockedusers"
