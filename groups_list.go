package cometchat

import (
	"context"
	"iter"
	"net/url"
	"strings"
)

// GroupsRequest says which groups [Client.ListGroups] or [Admin.ListGroups] lists; the zero value lists all groups that the user may
// see: public groups, groups with a password, and the private groups that the user is a member of. In the JavaScript SDK it is the
// GroupsRequestBuilder.
type GroupsRequest struct {
	// Limit is the size of a page, up to 1000 groups; the default is 30, for an Admin 100. The list goes on after a page.
	Limit int
	// SearchKeyword is a part of the guid or the name.
	SearchKeyword string
	// JoinedOnly lists only the groups that the user is a member of.
	JoinedOnly bool
	// Tags lists the groups that have these tags. A comma in a tag is refused.
	Tags []string
	// WithTags asks for the groups' tags, which the server leaves out otherwise.
	WithTags bool
}

func (r GroupsRequest) query(op string) (url.Values, error) {
	if err := checkNoComma(op, r.Tags); err != nil {
		return nil, err
	}
	q := url.Values{}
	for name, value := range map[string]string{
		"searchKey": strings.TrimSpace(r.SearchKeyword), "tags": strings.Join(r.Tags, ","),
		"hasJoined": flag(r.JoinedOnly), "withTags": flag(r.WithTags),
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q, setLimit(op, q, r.Limit, maxPerPage)
}

// ListGroups lists groups as the logged-in user sees them (GET /v3.0/groups). It requests a page when the loop needs it; a loop
// that stops makes no further request. An error ends the list, and comes once. A group that is created or deleted during the
// loop may be missing or come twice, because the server numbers the pages anew for each request.
//
//	for group, err := range client.ListGroups(ctx, cometchat.GroupsRequest{JoinedOnly: true}) {
//
// The request is checked when the loop begins, and each loop starts at the first page. Loops do not disturb each other. It fails
// before any request with ErrBadRequest for a GroupsRequest that cannot be used, and with ErrNotLoggedIn. It fails with
// ErrNotLoggedIn also when another user logs in during the loop, and with ErrAuthTokenNotFound when the session's token is gone,
// which ends the session unless there is another token (see [WithTokenProvider]).
func (c *Client) ListGroups(ctx context.Context, r GroupsRequest) iter.Seq2[*Group, error] {
	return c.groupList("ListGroups", r).all(ctx)
}

// ListGroupsPage returns one page of the list of [Client.ListGroups] (GET /v3.0/groups). cursor is empty for the first page,
// [Page.Next] of the page before, or the number of a page in decimal. It fails as ListGroups does, and with ErrBadRequest for a
// cursor that is not one of this list's.
func (c *Client) ListGroupsPage(ctx context.Context, r GroupsRequest, cursor string) (*Page[*Group], error) {
	return c.groupList("ListGroupsPage", r).page(ctx, cursor)
}

func (c *Client) groupList(op string, r GroupsRequest) numberedList[wireGroup, Group] {
	return numberedList[wireGroup, Group]{
		c: c, op: op, route: "/groups", query: r.query, itemSize: maxUserSize, // a group has the texts that a user has
		flaw: func(w *wireGroup) string { return groupFlaw(w.GUID, "") }, convert: (*wireGroup).group,
	}
}
