package cometchat

import (
	"context"
	"iter"
	"net/url"
	"strings"
)

// GroupMembersRequest says which members [Client.ListGroupMembers] or [Admin.ListGroupMembers] lists; the zero value lists all members of the group. In the
// JavaScript SDK it is the GroupMembersRequestBuilder.
type GroupMembersRequest struct {
	// Limit is the size of a page, up to 1000 members; the default is 30, for an Admin 100. The list goes on after a page.
	Limit int
	// SearchKeyword is a part of the uid or the name.
	SearchKeyword string
	// Scopes lists the members who have one of these scopes: ScopeAdmin, ScopeModerator, ScopeParticipant.
	Scopes []string
	// Status is StatusOnline or StatusOffline.
	Status string
}

func (r GroupMembersRequest) query(op string) (url.Values, error) {
	status, err := wireStatus(op, r.Status)
	if err != nil {
		return nil, err
	}
	if err := checkScopes(op, r.Scopes); err != nil {
		return nil, err
	}
	q := url.Values{}
	for name, value := range map[string]string{
		"searchKey": strings.TrimSpace(r.SearchKeyword), "scopes": strings.Join(r.Scopes, ","), "status": status,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q, setLimit(op, q, r.Limit, maxPerPage)
}

// BannedGroupMembersRequest says which users [Client.ListBannedGroupMembers] or [Admin.ListBannedGroupMembers] lists; the zero value
// lists all banned users of the group. In the JavaScript SDK it is the BannedMembersRequestBuilder.
type BannedGroupMembersRequest struct {
	// Limit is the size of a page, up to 1000 users; the default is 30, for an Admin 100. The list goes on after a page.
	Limit int
	// SearchKeyword is a part of the uid or the name.
	SearchKeyword string
	// Scopes lists the users who had one of these scopes: ScopeAdmin, ScopeModerator, ScopeParticipant.
	Scopes []string
}

func (r BannedGroupMembersRequest) query(op string) (url.Values, error) {
	return GroupMembersRequest{Limit: r.Limit, SearchKeyword: r.SearchKeyword, Scopes: r.Scopes}.query(op)
}

// ListGroupMembers lists the members of a group (GET /v3.0/groups/{guid}/members). It works and fails as [Client.ListGroups]
// does, and with ErrBadRequest for a guid that cannot be used, with ErrGUIDNotFound when there is no such group, and with
// ErrNotJoined when the logged-in user has to be a member to see them.
func (c *Client) ListGroupMembers(ctx context.Context, guid string, r GroupMembersRequest) iter.Seq2[*GroupMember, error] {
	return c.memberList("ListGroupMembers", membersRoute, guid, r.query).all(ctx)
}

// ListGroupMembersPage returns one page of the list of [Client.ListGroupMembers] (GET /v3.0/groups/{guid}/members). cursor is
// that of [Client.ListGroupsPage]. It fails as ListGroupMembers does, and with ErrBadRequest for a cursor that is not one of
// this list's.
func (c *Client) ListGroupMembersPage(ctx context.Context, guid string, r GroupMembersRequest, cursor string) (*Page[*GroupMember], error) {
	return c.memberList("ListGroupMembersPage", membersRoute, guid, r.query).page(ctx, cursor)
}

// ListBannedGroupMembers lists the users who are banned from a group (GET /v3.0/groups/{guid}/bannedusers). It works and fails
// as [Client.ListGroupMembers] does, and with ErrNotPermitted when the scope of the logged-in user does not allow it.
func (c *Client) ListBannedGroupMembers(ctx context.Context, guid string, r BannedGroupMembersRequest) iter.Seq2[*GroupMember, error] {
	return c.memberList("ListBannedGroupMembers", bannedRoute, guid, r.query).all(ctx)
}

// ListBannedGroupMembersPage returns one page of the list of [Client.ListBannedGroupMembers] (GET
// /v3.0/groups/{guid}/bannedusers). cursor is that of [Client.ListGroupsPage]. It fails as ListBannedGroupMembers does, and with
// ErrBadRequest for a cursor that is not one of this list's.
func (c *Client) ListBannedGroupMembersPage(ctx context.Context, guid string, r BannedGroupMembersRequest, cursor string) (*Page[*GroupMember], error) {
	return c.memberList("ListBannedGroupMembersPage", bannedRoute, guid, r.query).page(ctx, cursor)
}

func (c *Client) memberList(op, route, guid string, query func(op string) (url.Values, error)) numberedList[wireMember, GroupMember] {
	return numberedList[wireMember, GroupMember]{
		c: c, op: op, route: route, vars: groupVars(guid), query: func(op string) (url.Values, error) {
			if err := checkGUID(op, guid); err != nil {
				return nil, err
			}
			return query(op)
		},
		itemSize: maxUserSize, flaw: func(w *wireMember) string { return listedUserFlaw(&w.wireUser) }, convert: (*wireMember).member,
	}
}
