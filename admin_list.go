package cometchat

import (
	"context"
	"iter"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
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
	// Tags are tags that the user has.
	Tags []string
	// WithTags asks for the users' tags, which are left out otherwise.
	WithTags bool
	// OnlyDeactivated lists the deactivated users, WithDeactivated these too.
	OnlyDeactivated, WithDeactivated bool
	// PerPage is how many users a request asks for, up to 1000; the default is 100.
	PerPage int
}

// The API's page sizes.
const (
	defaultPerPage = 100
	maxPerPage     = 1000
)

func (f UserFilter) query(op string) (url.Values, error) {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" && value != "false" {
			q.Set(name, value)
		}
	}
	status := f.Status
	switch status {
	case "", StatusOffline:
	case StatusOnline:
		status = statusAvailable
	default:
		return nil, newError(op, ErrBadRequest, "the status %q is not %s or %s", status, StatusOnline, StatusOffline)
	}
	for _, in := range f.SearchIn {
		if in != "uid" && in != "name" {
			return nil, newError(op, ErrBadRequest, "users cannot be searched in %q, only in uid and name", in)
		}
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
		adminList(ctx, a, request{op: op, method: "GET", route: "/users", query: query},
			func(w *wireUser) string { return answerFlaw(w.UID, "", "") }, (*wireUser).user)(yield)
	}
}

// adminList goes through the pages of a list. The request's query has perPage; flaw says what is wrong with an item, and
// convert makes of it what the caller gets.
func adminList[W, T any](ctx context.Context, a *Admin, req request, flaw func(*W) string, convert func(*W) *T,
) iter.Seq2[*T, error] {
	type page struct {
		Data []*W `json:"data"`
		Meta struct {
			Pagination struct {
				Total       int `json:"total"`
				CurrentPage int `json:"current_page"`
				TotalPages  int `json:"total_pages"`
			} `json:"pagination"`
		} `json:"meta"`
	}
	var before *W // the first item of the page before
	pageFlaw := func(p *page, number int) string {
		switch current := p.Meta.Pagination.CurrentPage; {
		case p.Data == nil:
			return "the server's answer has no data"
		case slices.Contains(p.Data, nil):
			return "the server's answer has a gap in its list"
		case current != 0 && current != number, number > 1 && len(p.Data) > 0 && reflect.DeepEqual(p.Data[0], before):
			return "the server's answer is another page than was asked for"
		}
		for _, item := range p.Data {
			if f := flaw(item); f != "" {
				return f
			}
		}
		if len(p.Data) > 0 {
			before = p.Data[0]
		}
		return ""
	}
	fetch := func(number int) (_ *page, err error) {
		ctx, end, err := a.lifecycle().begin(ctx, req.op)
		if err != nil {
			return nil, err
		}
		defer func() { err = end(err) }()
		req.credential = a.key()
		req.query.Set("page", strconv.Itoa(number))
		return exchange(ctx, a.rest, req, func(p *page) string { return pageFlaw(p, number) })
	}
	return func(yield func(*T, error) bool) {
		perPage, _ := strconv.Atoi(req.query.Get("perPage"))
		for number, seen := 1, 0; ; number++ {
			p, err := fetch(number)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, item := range p.Data {
				if !yield(convert(item), nil) {
					return
				}
			}
			seen += len(p.Data)
			// The totals are not reliable in the API's own examples (a total of 0 for five users), so a full page is
			// reason enough to ask for another.
			full := len(p.Data) >= perPage && seen != p.Meta.Pagination.Total
			if len(p.Data) == 0 || !full && number >= p.Meta.Pagination.TotalPages {
				return
			}
		}
	}
}
