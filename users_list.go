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

// UsersRequest says which users [Client.ListUsers] lists; the zero value is all that the logged-in user may see. It is the
// JavaScript SDK's UsersRequestBuilder.
type UsersRequest struct {
	// Limit is how many users a request asks for, up to 1000; the default is 30, and the list goes on after that.
	Limit int
	// SearchKeyword is what the uid or the name begins with, and SearchIn limits that to "uid" or "name".
	SearchKeyword string
	SearchIn      []string
	// Status is StatusOnline or StatusOffline.
	Status string
	// HideBlockedUsers leaves out users of whom one has blocked the other.
	HideBlockedUsers bool
	// FriendsOnly lists the friends of the logged-in user.
	FriendsOnly bool
	// Roles are roles of which the user has one, and Tags are tags that the user has. The API takes none with a comma.
	Roles, Tags []string
	// WithTags asks for the users' tags, which are left out otherwise.
	WithTags bool
	// UIDs lists these users, up to 25.
	UIDs []string
	// SortBy is "name", "uid" or "status", and Descending turns the order around; by default it is the server's.
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
	for _, uid := range r.UIDs {
		if err := checkUID(op, uid); err != nil {
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

// flag is a true one as the client API takes it; it takes no false ones.
func flag(on bool) string {
	if on {
		return "1"
	}
	return ""
}

// setLimit sets the page size, which the client API spells in its own way.
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

// ListUsers lists other users as the logged-in user sees them, page by page as the loop asks for them (GET /v3.0/users); a
// loop that stops makes no further request. An error ends the list, and comes once. Users who are created or removed
// meanwhile may be missing or come twice, as the API counts pages anew for each request.
//
//	for user, err := range client.ListUsers(ctx, cometchat.UsersRequest{}) {
//
// The request is looked at when the loop begins, and each loop begins anew. It fails with ErrBadRequest or ErrInvalidUID for
// one that cannot be used and with ErrNotLoggedIn, before any request; with ErrNotLoggedIn also when another user logs in
// during the loop; and with ErrAuthTokenNotFound when the session's token is gone, which ends the session unless there is
// another one (see [WithTokenProvider]).
func (c *Client) ListUsers(ctx context.Context, r UsersRequest) iter.Seq2[*User, error] {
	const op = "ListUsers"
	return c.list(ctx, op, "/users", func() (url.Values, error) { return r.query(op) })
}

// list goes through the pages of a list of users.
func (c *Client) list(ctx context.Context, op, route string, query func() (url.Values, error)) iter.Seq2[*User, error] {
	return func(yield func(*User, error) bool) {
		q, err := query()
		if err != nil {
			yield(nil, err)
			return
		}
		var first *Session // a list begun for one user must not go on as another's
		perPage, _ := strconv.Atoi(q.Get("per_page"))
		rest.Pages(perPage, listedUserFlaw, (*wireUser).user, func(number int, flaw func(*rest.Page[wireUser]) string) (*rest.Page[wireUser], error) {
			q.Set("page", strconv.Itoa(number))
			var p *rest.Page[wireUser]
			err := c.withSession(ctx, op, func(ctx context.Context, s *Session) (err error) {
				if first == nil {
					first = s
				} else if !first.sameUser(s) {
					return newError(op, ErrNotLoggedIn, "another user has logged in since the list began")
				}
				p, err = exchange(ctx, c.rest, rest.Request{
					Op: op, Method: "GET", Route: route, Query: q, Credential: rest.AuthToken(s.AuthToken),
				}, flaw)
				return err
			})
			return p, err
		})(yield)
	}
}
