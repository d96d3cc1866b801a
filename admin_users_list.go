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

// UserFilter says which users ListUsers lists; the zero value lists all active ones.
type UserFilter struct {
	// SearchKey is what the uid or the name begins with.
	SearchKey string
	// SearchIn limits the search to "uid" or "name".
	SearchIn []string
	// Status is StatusOnline or StatusOffline.
	Status string
	// Roles are roles of which the user has one.
	Roles []string
	// Tags are tags that the user has. The API takes none with a comma.
	Tags []string
	// WithTags asks for the users' tags, which are left out otherwise.
	WithTags bool
	// OnlyDeactivated lists the deactivated users, WithDeactivated these too.
	OnlyDeactivated, WithDeactivated bool
	// PerPage is how many users a request asks for, up to 1000; the default is 100.
	PerPage int
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
	if f.PerPage < 0 || f.PerPage > maxPerPage {
		return nil, newError(op, ErrBadRequest, "the page size %d is not from 1 to %d", f.PerPage, maxPerPage)
	}
	set("searchKey", f.SearchKey)
	set("status", status)
	set("tags", strings.Join(f.Tags, ","))
	set("withTags", strconv.FormatBool(f.WithTags))
	set("onlyDeactivated", strconv.FormatBool(f.OnlyDeactivated))
	set("withDeactivated", strconv.FormatBool(f.WithDeactivated))
	roles := "roles"
	if len(f.Roles) == 1 {
		roles = "role" // the API has both; this one leaves no doubt about its form
	}
	for name, values := range map[string][]string{"searchIn": f.SearchIn, roles: f.Roles} {
		if len(values) > 0 {
			q[name] = slices.Clone(values) // as the API's description has it: the key is repeated
		}
	}
	q.Set("perPage", strconv.Itoa(f.PerPage))
	if f.PerPage == 0 {
		q.Set("perPage", strconv.Itoa(defaultPerPage))
	}
	return q, nil
}

// ListUsers lists users, page by page as the loop asks for them (GET /v3.0/users); a loop that stops makes no further
// request. An error ends the list, and comes once. Users who are created or removed meanwhile may be missing or come
// twice, as the API counts pages anew for each request.
//
//	for user, err := range admin.ListUsers(ctx, cometchat.UserFilter{}) {
//
// The filter is looked at when the loop begins, and each loop begins anew.
func (a *Admin) ListUsers(ctx context.Context, filter UserFilter) iter.Seq2[*User, error] {
	const op = "ListUsers"
	return func(yield func(*User, error) bool) {
		query, err := filter.query(op)
		if err != nil {
			yield(nil, err)
			return
		}
		adminList(ctx, a, rest.Request{Op: op, Method: "GET", Route: "/users", Query: query}, listedUserFlaw, (*wireUser).user)(yield)
	}
}
