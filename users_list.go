package cometchat

import (
	"context"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/cometchat-go/cometchat/internal/rest"
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

const (
	defaultLimit   = 30 // the JavaScript SDK's
	maxUIDsOfUsers = 25
)

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
	return q, setLimit(op, q, r.Limit)
}

// flag writes a flag for the client API, which has no word for false.
func flag(on bool) string {
	if on {
		return "1"
	}
	return ""
}

// setLimit sets the page size under the client API's name for it.
func setLimit(op string, q url.Values, limit int) error {
	if limit < 0 || limit > maxPerPage {
		return newError(op, ErrBadRequest, "the limit %d is not from 1 to %d", limit, maxPerPage)
	}
	if limit == 0 {
		limit = defaultLimit
	}
	q.Set("per_page", strconv.Itoa(limit))
	return nil
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
	const op = "ListUsers"
	return c.list(ctx, op, "/users", func() (url.Values, error) { return r.query(op) })
}

// ListUsersPage returns one page of the list of [Client.ListUsers] (GET /v3.0/users). cursor is empty for the first page,
// [Page.Next] of the page before, or the number of a page in decimal. It fails as ListUsers does, and with ErrBadRequest for a
// cursor that is not one of this list's.
func (c *Client) ListUsersPage(ctx context.Context, r UsersRequest, cursor string) (*Page[*User], error) {
	const op = "ListUsersPage"
	return c.page(ctx, op, "/users", cursor, func() (url.Values, error) { return r.query(op) })
}

// userList is a list of users for one user.
type userList struct {
	c         *Client
	op, route string
	query     url.Values
	perPage   int
	first     *Session // nil before the first page: the list must not go on as another user's
}

func (c *Client) newUserList(op, route string, query func() (url.Values, error)) (*userList, error) {
	q, err := query()
	if err != nil {
		return nil, err
	}
	perPage, _ := strconv.Atoi(q.Get("per_page"))
	return &userList{c: c, op: op, route: route, query: q, perPage: perPage}, nil
}

// fetch gets a page.
func (l *userList) fetch(ctx context.Context, number int, before *rest.Page[wireUser]) (p *rest.Page[wireUser], err error) {
	l.query.Set("page", strconv.Itoa(number))
	err = l.c.withSession(ctx, l.op, func(ctx context.Context, s *Session) (err error) {
		if l.first == nil {
			l.first = s
		} else if !l.first.sameUser(s) {
			return newError(l.op, ErrNotLoggedIn, "another user has logged in since the list began")
		}
		p, err = exchange(ctx, l.c.rest, rest.Request{
			Op: l.op, Method: "GET", Route: l.route, Query: l.query, Credential: rest.AuthToken(s.AuthToken),
			MaxBody: maxPageBody(l.perPage),
		}, func(p *rest.Page[wireUser]) string { return p.Flaw(number, before, listedUserFlaw) })
		return err
	})
	return p, err
}

// list goes through a list of users.
func (c *Client) list(ctx context.Context, op, route string, query func() (url.Values, error)) iter.Seq2[*User, error] {
	return func(yield func(*User, error) bool) {
		l, err := c.newUserList(op, route, query)
		if err != nil {
			yield(nil, err)
			return
		}
		rest.Pages(l.perPage, (*wireUser).user, func(number int, before *rest.Page[wireUser]) (*rest.Page[wireUser], error) {
			return l.fetch(ctx, number, before)
		}, func() error { return emptyPages(op) })(yield)
	}
}

// page returns one page of a list of users.
func (c *Client) page(ctx context.Context, op, route, cursor string, query func() (url.Values, error)) (*Page[*User], error) {
	number, err := pageNumber(op, cursor)
	if err != nil {
		return nil, err
	}
	l, err := c.newUserList(op, route, query)
	if err != nil {
		return nil, err
	}
	p, err := l.fetch(ctx, number, nil)
	if err != nil {
		return nil, err
	}
	return newPage(p, number, l.perPage, (*wireUser).user), nil
}
