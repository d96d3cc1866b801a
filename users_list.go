package cometchat

import (
	"context"
	"iter"
	"net/url"
	"slices"
	"strings"
)

// UsersRequest says which users [Client.ListUsers] lists; the zero value lists all users that the logged-in user may see. In
// the JavaScript SDK it is the UsersRequestBuilder.
type UsersRequest struct {
	// Limit is the size of a page, up to 1000 users; the default is 30. The list goes on after a page.
	Limit int
	// SearchKeyword is the beginning of the uid or the name; SearchIn limits the search to "uid" or "name".
	SearchKeyword string
	SearchIn      []string
	// Status is StatusOnline or StatusOffline.
	Status string
	// HideBlockedUsers leaves out users whom the logged-in user has blocked, or who have blocked the logged-in user.
	HideBlockedUsers bool
	// FriendsOnly lists the friends of the logged-in user.
	FriendsOnly bool
	// Roles lists the users who have one of these roles, and Tags the users who have these tags. A comma in them is refused.
	Roles, Tags []string
	// WithTags asks for the users' tags, which the server leaves out otherwise.
	WithTags bool
	// UIDs lists only these users, up to 25.
	UIDs []string
	// SortBy is "name", "uid" or "status", and Descending reverses the order. The default is the server's order.
	SortBy     string
	Descending bool
}

const maxUIDsOfUsers = 25

func (r UsersRequest) query(op string) (url.Values, error) {
	q := url.Values{}
	status, err := wireStatus(op, r.Status)
	if err != nil {
		return nil, err
	}
	if err := checkSearchIn(op, r.SearchIn); err != nil {
		return nil, err
	}
	if len(r.UIDs) > maxUIDsOfUsers {
		return nil, newError(op, ErrBadRequest, "%d uids are more than %d", len(r.UIDs), maxUIDsOfUsers)
	}
	if len(r.UIDs) > 0 {
		if err := checkUIDs(op, r.UIDs); err != nil {
			return nil, err
		}
	}
	if err := checkNoComma(op, r.Roles, r.Tags, r.UIDs); err != nil {
		return nil, err
	}
	if r.SortBy != "" && !slices.Contains([]string{"name", "uid", "status"}, r.SortBy) {
		return nil, newError(op, ErrBadRequest, "users cannot be sorted by %q, only by name, uid and status", r.SortBy)
	}
	for name, value := range map[string]string{
		"searchKey": r.SearchKeyword, "searchIn": strings.Join(r.SearchIn, ","), "status": status,
		"roles": strings.Join(r.Roles, ","), "tags": strings.Join(r.Tags, ","), "uids": strings.Join(r.UIDs, ","),
		"hideBlockedUsers": flag(r.HideBlockedUsers), "friendsOnly": flag(r.FriendsOnly), "withTags": flag(r.WithTags),
		"sortBy": r.SortBy,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if r.Descending {
		q.Set("sortOrder", "desc")
	}
	return q, setLimit(op, q, r.Limit, maxPerPage)
}

// ListUsers lists other users as the logged-in user sees them (GET /v3.0/users). It requests a page when the loop needs it; a
// loop that stops makes no further request. An error ends the list, and comes once. A user who is created or removed during
// the loop may be missing or come twice, because the server numbers the pages anew for each request.
//
//	for user, err := range client.ListUsers(ctx, cometchat.UsersRequest{}) {
//
// The request is checked when the loop begins, and each loop starts at the first page. It fails before any request with
// ErrBadRequest or ErrInvalidUID for a UsersRequest that cannot be used, and with ErrNotLoggedIn. It fails with ErrNotLoggedIn
// also when another user logs in during the loop, and with ErrAuthTokenNotFound when the session's token is gone, which ends
// the session unless there is another token (see [WithTokenProvider]).
func (c *Client) ListUsers(ctx context.Context, r UsersRequest) iter.Seq2[*User, error] {
	return c.userList("ListUsers", "/users", r.query).all(ctx)
}

// ListUsersPage returns one page of the list of [Client.ListUsers] (GET /v3.0/users). cursor is empty for the first page,
// [Page.Next] of the page before, or the number of a page in decimal. It fails as ListUsers does, and with ErrBadRequest for a
// cursor that is not one of this list's.
func (c *Client) ListUsersPage(ctx context.Context, r UsersRequest, cursor string) (*Page[*User], error) {
	return c.userList("ListUsersPage", "/users", r.query).page(ctx, cursor)
}

// userList is a list of users as the logged-in user sees them.
func (c *Client) userList(op, route string, query func(op string) (url.Values, error)) numberedList[wireUser, User] {
	return numberedList[wireUser, User]{
		c: c, op: op, route: route, query: query, itemSize: maxUserSize, flaw: listedUserFlaw, convert: (*wireUser).user,
	}
}
