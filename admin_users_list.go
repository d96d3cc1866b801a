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

// UserFilter says which users [Admin.ListUsers] lists; the zero value lists all active users.
type UserFilter struct {
	// SearchKeyword is the beginning of the uid or the name.
	SearchKeyword string
	// SearchIn limits the search to "uid" or "name".
	SearchIn []string
	// Status is StatusOnline or StatusOffline.
	Status string
	// Roles lists the users who have one of these roles.
	Roles []string
	// Tags lists the users who have these tags. A comma in them is refused.
	Tags []string
	// WithTags asks for the users' tags, which the server leaves out otherwise.
	WithTags bool
	// OnlyDeactivated lists the deactivated users only; WithDeactivated lists them too.
	OnlyDeactivated, WithDeactivated bool
	// Limit is the size of a page, up to 1000 users; the default is 100. The list goes on after a page.
	Limit int
}

func (f UserFilter) query(op string) (url.Values, error) {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" && value != "false" {
			q.Set(name, value)
		}
	}
	status, err := wireStatus(op, f.Status)
	if err != nil {
		return nil, err
	}
	if err := checkSearchIn(op, f.SearchIn); err != nil {
		return nil, err
	}
	if err := checkNoComma(op, f.Tags); err != nil {
		return nil, err
	}
	set("searchKey", f.SearchKeyword)
	set("status", status)
	set("tags", strings.Join(f.Tags, ","))
	set("withTags", strconv.FormatBool(f.WithTags))
	set("onlyDeactivated", strconv.FormatBool(f.OnlyDeactivated))
	set("withDeactivated", strconv.FormatBool(f.WithDeactivated))
	roles := "roles"
	if len(f.Roles) == 1 {
		roles = "role" // the API has both names; this name has only one form
	}
	for name, values := range map[string][]string{"searchIn": f.SearchIn, roles: f.Roles} {
		if len(values) > 0 {
			q[name] = slices.Clone(values) // the API's description repeats the key
		}
	}
	return q, serverPerPage(op, q, f.Limit)
}

// ListUsers lists users (GET /v3.0/users). It requests a page when the loop needs it; a loop that stops makes no further
// request. An error ends the list, and comes once. A user who is created or removed during the loop may be missing or come
// twice, because the server numbers the pages anew for each request.
//
//	for user, err := range admin.ListUsers(ctx, cometchat.UserFilter{}) {
//
// The filter is checked when the loop begins, and each loop starts at the first page.
func (a *Admin) ListUsers(ctx context.Context, filter UserFilter) iter.Seq2[*User, error] {
	return adminAll(ctx, a.userList("ListUsers", filter))
}

// ListUsersPage returns one page of the list of [Admin.ListUsers] (GET /v3.0/users). cursor is empty for the first page,
// [Page.Next] of the page before, or the number of a page in decimal. It fails with ErrBadRequest for a cursor that is not one
// of this list's.
func (a *Admin) ListUsersPage(ctx context.Context, filter UserFilter, cursor string) (*Page[*User], error) {
	return adminPage(ctx, cursor, a.userList("ListUsersPage", filter))
}

func (a *Admin) userList(op string, filter UserFilter) func() (*adminList[wireUser, User], error) {
	return func() (*adminList[wireUser, User], error) {
		query, err := filter.query(op)
		if err != nil {
			return nil, err
		}
		return newAdminList(a, rest.Request{Op: op, Method: "GET", Route: "/users", Query: query}, listedUserFlaw, (*wireUser).user), nil
	}
}
