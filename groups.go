package cometchat

import (
	"context"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// CreateGroup creates a group (POST /v3.0/groups) with its first members, and returns the group as the server stored it. The
// logged-in user becomes a member, and the owner unless g names another one.
//
// outcomes has the result for each uid of g.Members, spelled as the caller spelled it: nil, or an [Error] such as
// ErrUIDNotFound. It is nil when g has no Members. An Error for one uid does not stop the others, and the group exists all the
// same. The request is retried only after 429, or when no connection could be made: it must not take effect twice.
//
// It fails before any request with ErrBadRequest or ErrInvalidUID for a NewGroup that cannot be used, and with ErrNotLoggedIn.
// It fails with ErrGUIDAlreadyExists when there is a group with this guid, and with ErrAuthTokenNotFound when the session's
// token is gone, which ends the session unless there is another token (see [WithTokenProvider]).
func (c *Client) CreateGroup(ctx context.Context, g NewGroup) (group *Group, outcomes map[string]error, err error) {
	const op = "CreateGroup"
	req, err := newGroupRequest(op, g)
	if err != nil {
		return nil, nil, err
	}
	err = c.withSession(ctx, op, func(ctx context.Context, s *Session) error {
		req.Credential = rest.AuthToken(s.AuthToken)
		created, err := send(ctx, c.rest, req, createdGroupFlaw(g.GUID))
		if err != nil {
			return err
		}
		group, outcomes = created.group(), created.outcomes(&req, g.Members)
		return nil
	})
	return group, outcomes, err
}

// GetGroup returns a group as the logged-in user sees it (GET /v3.0/groups/{guid}).
//
// It fails before any request with ErrBadRequest for a guid that cannot be used, and with ErrNotLoggedIn. It fails with
// ErrGUIDNotFound when there is no such group, and with ErrAuthTokenNotFound when the session's token is gone, which ends the
// session unless there is another token (see [WithTokenProvider]).
func (c *Client) GetGroup(ctx context.Context, guid string) (*Group, error) {
	return c.groupCall(ctx, guid, rest.Request{Op: "GetGroup", Method: "GET"})
}

// UpdateGroup changes a group (PUT /v3.0/groups/{guid}) and returns the group as the server stored it. Nothing but the fields
// that are set in update goes out. To change the owner, use [Client.TransferGroupOwnership].
//
// It fails before any request with ErrMissingParameters for an update that changes nothing, and with ErrBadRequest for a guid
// or an update that cannot be used. It fails with ErrNotPermitted when the scope of the logged-in user does not allow it;
// otherwise it fails as [Client.GetGroup] does.
func (c *Client) UpdateGroup(ctx context.Context, guid string, update GroupUpdate) (*Group, error) {
	const op = "UpdateGroup"
	body, err := update.body(op)
	if err != nil {
		return nil, err
	}
	return c.groupCall(ctx, guid, rest.Request{Op: op, Method: "PUT", Body: body, Secret: valueOf(update.Password)})
}

// DeleteGroup deletes a group with its messages (DELETE /v3.0/groups/{guid}).
//
// It fails with ErrNotPermitted when the scope of the logged-in user does not allow it; otherwise it fails as
// [Client.GetGroup] does; with ErrGUIDNotFound also when the answer to a first attempt was lost, and a retry found the group
// deleted.
func (c *Client) DeleteGroup(ctx context.Context, guid string) error {
	return c.changeGroup(ctx, guid, rest.Request{Op: "DeleteGroup", Method: "DELETE", Route: groupRoute})
}

// JoinGroup makes the logged-in user a member of a group (POST /v3.0/groups/{guid}/members), and returns the group. password is
// empty for a public group. Nobody can join a private group. The Group has at least the GUID and HasJoined: some answers say no
// more.
//
// It fails before any request with ErrBadRequest for a guid or a password that cannot be used. It fails with
// ErrWrongGroupPassword when the password is wrong or missing, with ErrBanned for a banned user, with ErrNotPermitted for a
// private group, with ErrLimitReached for a full group, and with ErrAlreadyJoined for a member, also when the answer to a first
// attempt was lost, and a retry found the user joined. Otherwise it fails as [Client.GetGroup] does.
func (c *Client) JoinGroup(ctx context.Context, guid, password string) (*Group, error) {
	const op = "JoinGroup"
	if err := checkGUID(op, guid); err != nil {
		return nil, err
	}
	if err := checkGroupPassword(op, password); err != nil {
		return nil, err
	}
	body := map[string]string{"guid": guid, "type": GroupPublic}
	if password != "" {
		body["type"], body["password"] = GroupPassword, password
	}
	type joined struct { // the action message that tells the members
		Success *bool    `json:"success"`
		Data    wireData `json:"data"`
	}
	var group *Group
	err := c.withSession(ctx, op, func(ctx context.Context, s *Session) error {
		answer, err := send(ctx, c.rest, rest.Request{
			Op: op, Method: "POST", Route: membersRoute, Vars: groupVars(guid), Credential: rest.AuthToken(s.AuthToken),
			Body: body, Secret: password,
		}, func(j *joined) string {
			if j.Success != nil && !*j.Success {
				return "the server says that it has not done it"
			}
			return ""
		})
		if err != nil {
			return err
		}
		group = answer.Data.Entities.For.Entity.asGroup()
		return nil
	})
	if err != nil {
		return nil, err
	}
	if group == nil || !sameUID(group.GUID, guid) {
		group = &Group{GUID: guid}
	}
	group.HasJoined = true
	return group, nil
}

// LeaveGroup ends the membership of the logged-in user in a group (DELETE /v3.0/groups/{guid}/members). The owner cannot leave
// before [Client.TransferGroupOwnership].
//
// It fails with ErrNotPermitted for the owner, and with ErrNotJoined when the user is no member, also when the answer to a first
// attempt was lost, and a retry found that the user had left; otherwise it fails as [Client.GetGroup] does.
func (c *Client) LeaveGroup(ctx context.Context, guid string) error {
	return c.changeGroup(ctx, guid, rest.Request{Op: "LeaveGroup", Method: "DELETE", Route: membersRoute})
}

// TransferGroupOwnership makes a member the owner of a group (PATCH /v3.0/groups/{guid}/owner). Only the owner can do it. The
// request is retried only after 429, or when no connection could be made: after a success, the server would refuse a retry.
//
// It fails before any request with ErrBadRequest or ErrInvalidUID for a guid or a uid that cannot be used. It fails with
// ErrNotPermitted when the logged-in user is not the owner, and with ErrNotJoined when the new owner is no member; otherwise
// it fails as [Client.GetGroup] does.
func (c *Client) TransferGroupOwnership(ctx context.Context, guid, uid string) error {
	const op = "TransferGroupOwnership"
	if err := checkMember(op, guid, uid); err != nil {
		return err
	}
	return c.changeGroup(ctx, guid, rest.Request{
		Op: op, Method: "PATCH", Route: "/groups/{guid}/owner", Body: map[string]string{"owner": uid}, Once: true,
	})
}

// groupCall makes a call whose answer is the group.
func (c *Client) groupCall(ctx context.Context, guid string, req rest.Request) (*Group, error) {
	if err := checkGUID(req.Op, guid); err != nil {
		return nil, err
	}
	req.Route, req.Vars = groupRoute, groupVars(guid)
	var w *wireGroup
	err := c.withSession(ctx, req.Op, func(ctx context.Context, s *Session) (err error) {
		req.Credential = rest.AuthToken(s.AuthToken)
		w, err = send(ctx, c.rest, req, func(w *wireGroup) string { return groupFlaw(w.GUID, guid) })
		return err
	})
	if err != nil {
		return nil, err
	}
	return w.group(), nil
}

// changeGroup makes a call whose answer has nothing but success.
func (c *Client) changeGroup(ctx context.Context, guid string, req rest.Request) error {
	if err := checkGUID(req.Op, guid); err != nil {
		return err
	}
	req.Vars = groupVars(guid)
	return c.withSession(ctx, req.Op, func(ctx context.Context, s *Session) error {
		req.Credential = rest.AuthToken(s.AuthToken)
		return acknowledge(ctx, c.rest, req)
	})
}
