package cometchat

import (
	"context"
	"iter"
	"net/url"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// CreateGroup creates a group (POST /v3.0/groups) with its first members, and returns the group as the server stored it. The owner
// is the user of [Admin.OnBehalfOf], or else the user that g names, or else the app itself. An owner who is a user is a member too.
//
// outcomes has the result for each uid of g.Members, spelled as the caller spelled it: nil, or an [Error] such as
// ErrUIDNotFound. It is nil when g has no Members. An Error for one uid does not stop the others, and the group exists all the
// same. The request is retried only after 429, or when no connection could be made: it must not take effect twice.
// [Admin.EnsureGroup] may be called again at any time.
//
// It fails before any request with ErrBadRequest or ErrInvalidUID for a NewGroup that cannot be used. It fails with
// ErrGUIDAlreadyExists when there is a group with this guid, and with ErrUIDNotFound when there is no such owner.
func (a *Admin) CreateGroup(ctx context.Context, g NewGroup) (group *Group, outcomes map[string]error, err error) {
	req, err := newGroupRequest("CreateGroup", g)
	if err != nil {
		return nil, nil, err
	}
	return a.createGroup(ctx, req, g)
}

func (a *Admin) createGroup(ctx context.Context, req rest.Request, g NewGroup) (*Group, map[string]error, error) {
	req, err := a.acting(req)
	if err != nil {
		return nil, nil, err
	}
	created, err := adminCall(ctx, a, req, createdGroupFlaw(g.GUID))
	if err != nil {
		return nil, nil, err
	}
	return created.group(), created.outcomes(&req, g.Members), nil
}

// GetGroup returns a group (GET /v3.0/groups/{guid}). On behalf of a user it says what the user is in the group: HasJoined, Scope and
// JoinedAt.
//
// It fails before any request with ErrBadRequest for a guid that cannot be used. It fails with ErrGUIDNotFound when there is no such
// group, and with ErrNotJoined when the group is private and the user of [Admin.OnBehalfOf] is no member.
func (a *Admin) GetGroup(ctx context.Context, guid string) (*Group, error) {
	return a.groupCall(ctx, guid, rest.Request{Op: "GetGroup", Method: "GET"})
}

// UpdateGroup changes a group (PUT /v3.0/groups/{guid}) and returns the group as the server stored it. Nothing but the fields
// that are set in update goes out. It acts as the app, or on behalf of a user, whose scope then has to allow it. To change the owner,
// use [Admin.TransferGroupOwnership].
//
// It fails before any request with ErrMissingParameters for an update that changes nothing, and with ErrBadRequest for a guid or an
// update that cannot be used. It fails with ErrGUIDNotFound when there is no such group; with ErrNotJoined or ErrNotPermitted when
// the user of [Admin.OnBehalfOf] may not do it.
func (a *Admin) UpdateGroup(ctx context.Context, guid string, update GroupUpdate) (*Group, error) {
	return a.updateGroup(ctx, "UpdateGroup", guid, update)
}

func (a *Admin) updateGroup(ctx context.Context, op, guid string, update GroupUpdate) (*Group, error) {
	body, err := update.body(op)
	if err != nil {
		return nil, err
	}
	return a.groupCall(ctx, guid, rest.Request{Op: op, Method: "PUT", Body: body, Secret: valueOf(update.Password)})
}

// DeleteGroup deletes a group with its messages (DELETE /v3.0/groups/{guid}), as the app or on behalf of a user.
//
// It fails as [Admin.UpdateGroup] does; with ErrGUIDNotFound also when the answer to a first attempt was lost, and a retry found the
// group deleted.
func (a *Admin) DeleteGroup(ctx context.Context, guid string) error {
	return a.changeGroup(ctx, guid, rest.Request{Op: "DeleteGroup", Method: "DELETE", Route: groupRoute})
}

// TransferGroupOwnership makes a member the owner of a group (PUT /v3.0/groups/{guid} with owner). The new owner becomes an admin, and
// the owner before a participant. The app alone can do it: the API ignores the owner in a call on behalf of a user.
//
// It fails before any request with ErrBadRequest or ErrInvalidUID for a guid or a uid that cannot be used, and with ErrBadRequest for
// an Admin of [Admin.OnBehalfOf]. It fails with ErrGUIDNotFound or ErrUIDNotFound when there is no such group or user, and with
// ErrNotJoined when the new owner is no member.
func (a *Admin) TransferGroupOwnership(ctx context.Context, guid, uid string) error {
	const op = "TransferGroupOwnership"
	if err := checkMember(op, guid, uid); err != nil {
		return err
	}
	if a != nil && a.onBehalfOf != "" {
		return newError(op, ErrBadRequest, "nobody can transfer a group on behalf of a user: use the Admin without OnBehalfOf")
	}
	return a.changeGroup(ctx, guid, rest.Request{Op: op, Method: "PUT", Route: groupRoute, Body: map[string]string{"owner": uid}})
}

// groupCall makes a call whose answer is the group.
func (a *Admin) groupCall(ctx context.Context, guid string, req rest.Request) (*Group, error) {
	if err := checkGUID(req.Op, guid); err != nil {
		return nil, err
	}
	req, err := a.acting(req)
	if err != nil {
		return nil, err
	}
	req.Route, req.Vars = groupRoute, groupVars(guid)
	w, err := adminCall(ctx, a, req, func(w *wireGroup) string { return groupFlaw(w.GUID, guid) })
	if err != nil {
		return nil, err
	}
	return w.group(), nil
}

// changeGroup makes a call whose answer has nothing but success.
func (a *Admin) changeGroup(ctx context.Context, guid string, req rest.Request) error {
	if err := checkGUID(req.Op, guid); err != nil {
		return err
	}
	req, err := a.acting(req)
	if err != nil {
		return err
	}
	req.Vars = groupVars(guid)
	return a.carryOut(ctx, req)
}

// ListGroups lists groups (GET /v3.0/groups): all groups of the app, or those that the user of [Admin.OnBehalfOf] may see.
// [GroupsRequest.JoinedOnly] needs such a user. It requests a page when the loop needs it; a loop that stops makes no further
// request. An error ends the list, and comes once. A group that is created or deleted during the loop may be missing or come twice,
// because the server numbers the pages anew for each request.
//
//	for group, err := range admin.ListGroups(ctx, cometchat.GroupsRequest{SearchKeyword: "hikers"}) {
//
// The request is checked when the loop begins, and each loop starts at the first page. It fails before any request with ErrBadRequest
// for a GroupsRequest that cannot be used.
func (a *Admin) ListGroups(ctx context.Context, r GroupsRequest) iter.Seq2[*Group, error] {
	return adminAll(ctx, a.groupList("ListGroups", r))
}

// ListGroupsPage returns one page of the list of [Admin.ListGroups] (GET /v3.0/groups). cursor is empty for the first page,
// [Page.Next] of the page before, or the number of a page in decimal. It fails as ListGroups does, and with ErrBadRequest for a
// cursor that is not one of this list's.
func (a *Admin) ListGroupsPage(ctx context.Context, r GroupsRequest, cursor string) (*Page[*Group], error) {
	return adminPage(ctx, cursor, a.groupList("ListGroupsPage", r))
}

func (a *Admin) groupList(op string, r GroupsRequest) func() (*adminList[wireGroup, Group], error) {
	return func() (*adminList[wireGroup, Group], error) {
		query, err := serverQuery(op, r.Limit, r.query)
		if err != nil {
			return nil, err
		}
		req, err := a.acting(rest.Request{Op: op, Method: "GET", Route: "/groups", Query: query})
		if err != nil {
			return nil, err
		}
		if r.JoinedOnly && req.OnBehalfOf == "" {
			return nil, newError(op, ErrBadRequest, "JoinedOnly needs a user: use the Admin of OnBehalfOf")
		}
		return newAdminList(a, req, func(w *wireGroup) string { return groupFlaw(w.GUID, "") }, (*wireGroup).group), nil
	}
}

// serverQuery makes the query of a server of the query of a client: the APIs have different words for some of it.
func serverQuery(op string, limit int, clients func(op string) (url.Values, error)) (url.Values, error) {
	q, err := clients(op)
	if err != nil {
		return nil, err
	}
	q.Del("per_page")
	for _, flag := range []string{"hasJoined", "withTags"} {
		if q.Has(flag) {
			q.Set(flag, "true")
		}
	}
	return q, serverPerPage(op, q, limit)
}
