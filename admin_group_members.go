package cometchat

import (
	"context"
	"iter"
	"maps"
	"net/url"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// AddGroupMembers makes users members of a group, or bans them from it (POST /v3.0/groups/{guid}/members, with up to 25 users in
// a request, one request after the other), as the app or on behalf of a user. It returns the result for each uid, spelled as the caller
// spelled it: nil, or an [Error] such as ErrAlreadyJoined or ErrUIDNotFound. An Error for one uid does not stop the others.
//
// When a request fails, or the context ends, AddGroupMembers makes no further request. It returns the error, which is then also the
// result of each uid of that request and of those after it: call again with these. A request may be retried: the result of a uid is
// ErrAlreadyJoined also when the answer to a first attempt was lost. The timeout of [WithTimeout] is that of each request.
//
// It fails before any request, with a nil map, with ErrMissingParameters without a uid, with ErrBadRequest for a guid that
// cannot be used or a uid that is listed twice, and with ErrInvalidUID for a uid that cannot be used. Otherwise it fails as
// [Admin.UpdateGroup] does.
func (a *Admin) AddGroupMembers(ctx context.Context, guid string, members NewGroupMembers) (outcomes map[string]error, err error) {
	return a.addMembers(ctx, "AddGroupMembers", guid, members)
}

func (a *Admin) addMembers(ctx context.Context, op, guid string, members NewGroupMembers) (map[string]error, error) {
	batches, err := memberBatches(op, guid, members)
	if err != nil {
		return nil, err
	}
	req, err := a.acting(rest.Request{Op: op, Method: "POST", Route: membersRoute, Vars: groupVars(guid)})
	if err != nil {
		return nil, err
	}
	outcomes := make(map[string]error, members.count())
	for i, batch := range batches {
		req.Body = batch
		answer, err := adminCall[memberResults](ctx, a, req, nil)
		if err != nil {
			leaveOut(outcomes, batches[i:], err)
			return outcomes, err
		}
		maps.Copy(outcomes, answer.outcomes(&req, batch))
	}
	return outcomes, nil
}

// KickGroupMember removes a member from a group (DELETE /v3.0/groups/{guid}/members/{uid}), as the app or on behalf of a user. The
// member can join again; to prevent it, use [Admin.BanGroupMember].
//
// It fails before any request with ErrBadRequest or ErrInvalidUID for a guid or a uid that cannot be used. It fails with
// ErrGUIDNotFound or ErrUIDNotFound when there is no such group or user; with ErrNotPermitted when the user of [Admin.OnBehalfOf] may
// not do it; and with ErrNotJoined when the user is no member, also when the answer to a first attempt was lost, and a retry found
// the user removed.
func (a *Admin) KickGroupMember(ctx context.Context, guid, uid string) error {
	return a.memberCall(ctx, guid, uid, rest.Request{Op: "KickGroupMember", Method: "DELETE", Route: memberRoute})
}

// BanGroupMember removes a member from a group for good (POST /v3.0/groups/{guid}/bannedusers/{uid}), as the app or on behalf of a
// user: the member cannot join again before [Admin.UnbanGroupMember].
//
// It fails as [Admin.KickGroupMember] does, and with ErrBanned when the user is banned already, also when the answer to a first
// attempt was lost, and a retry found the user banned.
func (a *Admin) BanGroupMember(ctx context.Context, guid, uid string) error {
	return a.memberCall(ctx, guid, uid, rest.Request{Op: "BanGroupMember", Method: "POST", Route: bannedUserRoute})
}

// UnbanGroupMember lets a banned user join a group again (DELETE /v3.0/groups/{guid}/bannedusers/{uid}), as the app or on behalf of a
// user. The banned user is not a member afterwards.
//
// It fails as [Admin.KickGroupMember] does, and with ErrNotBanned when the user is not banned, also when the answer to a first
// attempt was lost, and a retry found the user unbanned.
func (a *Admin) UnbanGroupMember(ctx context.Context, guid, uid string) error {
	return a.memberCall(ctx, guid, uid, rest.Request{Op: "UnbanGroupMember", Method: "DELETE", Route: bannedUserRoute})
}

// UpdateGroupMemberScope gives a member the scope ScopeAdmin, ScopeModerator or ScopeParticipant (PUT
// /v3.0/groups/{guid}/members/{uid}), as the app or on behalf of a user.
//
// It fails before any request with ErrBadRequest also for another scope; otherwise it fails as [Admin.KickGroupMember] does, and
// with ErrSameScope when the member has the scope already, also when the answer to a first attempt was lost, and a retry found
// the scope changed.
func (a *Admin) UpdateGroupMemberScope(ctx context.Context, guid, uid, scope string) error {
	const op = "UpdateGroupMemberScope"
	if err := checkScope(op, scope); err != nil {
		return err
	}
	return a.memberCall(ctx, guid, uid, rest.Request{
		Op: op, Method: "PUT", Route: memberRoute, Body: map[string]string{"scope": scope},
	})
}

// memberCall makes a call about a member, whose answer has nothing but success.
func (a *Admin) memberCall(ctx context.Context, guid, uid string, req rest.Request) error {
	if err := checkMember(req.Op, guid, uid); err != nil {
		return err
	}
	req.UID = uid
	return a.changeGroup(ctx, guid, req)
}

// ListGroupMembers lists the members of a group (GET /v3.0/groups/{guid}/members), always as the app: the API takes no user for it.
// It works as [Admin.ListGroups] does. CometChat documents no search of a server in the members: a SearchKeyword is refused.
//
// It fails before any request with ErrBadRequest for a guid or a GroupMembersRequest that cannot be used. It fails with
// ErrGUIDNotFound when there is no such group.
func (a *Admin) ListGroupMembers(ctx context.Context, guid string, r GroupMembersRequest) iter.Seq2[*GroupMember, error] {
	return adminAll(ctx, a.memberList("ListGroupMembers", guid, r))
}

// ListGroupMembersPage returns one page of the list of [Admin.ListGroupMembers] (GET /v3.0/groups/{guid}/members). cursor is that of
// [Admin.ListGroupsPage]. It fails as ListGroupMembers does, and with ErrBadRequest for a cursor that is not one of this list's.
func (a *Admin) ListGroupMembersPage(ctx context.Context, guid string, r GroupMembersRequest, cursor string) (*Page[*GroupMember], error) {
	return adminPage(ctx, cursor, a.memberList("ListGroupMembersPage", guid, r))
}

// ListBannedGroupMembers lists the users who are banned from a group (GET /v3.0/groups/{guid}/bannedusers), always as the app. It
// works and fails as [Admin.ListGroupMembers] does. CometChat documents no filter of a server for this list: SearchKeyword and Scopes
// are refused.
func (a *Admin) ListBannedGroupMembers(ctx context.Context, guid string, r BannedGroupMembersRequest) iter.Seq2[*GroupMember, error] {
	return adminAll(ctx, a.bannedList("ListBannedGroupMembers", guid, r))
}

// ListBannedGroupMembersPage returns one page of the list of [Admin.ListBannedGroupMembers] (GET
// /v3.0/groups/{guid}/bannedusers). cursor is that of [Admin.ListGroupsPage]. It fails as ListBannedGroupMembers does, and with
// ErrBadRequest for a cursor that is not one of this list's.
func (a *Admin) ListBannedGroupMembersPage(ctx context.Context, guid string, r BannedGroupMembersRequest, cursor string) (*Page[*GroupMember], error) {
	return adminPage(ctx, cursor, a.bannedList("ListBannedGroupMembersPage", guid, r))
}

func (a *Admin) memberList(op, guid string, r GroupMembersRequest) func() (*adminList[wireMember, GroupMember], error) {
	return a.listOfGroup(op, membersRoute, guid, r.SearchKeyword != "", r.Limit, r.query)
}

func (a *Admin) bannedList(op, guid string, r BannedGroupMembersRequest) func() (*adminList[wireMember, GroupMember], error) {
	return a.listOfGroup(op, bannedRoute, guid, r.SearchKeyword != "" || len(r.Scopes) > 0, r.Limit, r.query)
}

// listOfGroup returns what makes a list of users of a group. undocumented says that the request has a filter that servers do not have.
func (a *Admin) listOfGroup(op, route, guid string, undocumented bool, limit int, clients func(op string) (url.Values, error),
) func() (*adminList[wireMember, GroupMember], error) {
	return func() (*adminList[wireMember, GroupMember], error) {
		if err := checkGUID(op, guid); err != nil {
			return nil, err
		}
		if undocumented {
			return nil, onlyForClients(op)
		}
		query, err := serverQuery(op, limit, clients)
		if err != nil {
			return nil, err
		}
		return newAdminList(a, rest.Request{Op: op, Method: "GET", Route: route, Vars: groupVars(guid), Query: query},
			func(w *wireMember) string { return listedUserFlaw(&w.wireUser) }, (*wireMember).member), nil
	}
}
