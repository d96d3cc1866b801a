package cometchat

import (
	"context"
	"maps"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// AddGroupMembers makes users members of a group, or bans them from it (PUT /v3.0/groups/{guid}/members, with up to 25 users in
// a request, one request after the other). It returns the result for each uid, spelled as the caller spelled it: nil, or an
// [Error] such as ErrAlreadyJoined or ErrUIDNotFound. An Error for one uid does not stop the others.
//
// When a request fails, or the context or the client's timeout ends, AddGroupMembers makes no further request. It returns the
// error, which is then also the result of each uid of that request and of those after it: call again with these. A request may
// be retried: the result of a uid is ErrAlreadyJoined also when the answer to a first attempt was lost.
//
// It fails before any request, with a nil map, with ErrMissingParameters without a uid, with ErrBadRequest for a guid that
// cannot be used or a uid that is listed twice, with ErrInvalidUID for a uid that cannot be used, and with ErrNotLoggedIn. It
// fails with ErrNotPermitted when the scope of the logged-in user does not allow it; otherwise it fails as [Client.GetGroup] does.
func (c *Client) AddGroupMembers(ctx context.Context, guid string, members NewGroupMembers) (outcomes map[string]error, err error) {
	const op = "AddGroupMembers"
	batches, err := memberBatches(op, guid, members)
	if err != nil {
		return nil, err
	}
	err = c.withSession(ctx, op, func(ctx context.Context, s *Session) error {
		if outcomes == nil {
			outcomes = make(map[string]error, members.count())
		}
		for len(batches) > 0 { // a fresh token goes on where the old token has ended
			req := rest.Request{
				Op: op, Method: "PUT", Route: membersRoute, Vars: groupVars(guid), Credential: rest.AuthToken(s.AuthToken),
				Body: batches[0],
			}
			answer, err := send[memberResults](ctx, c.rest, req, nil)
			if err != nil {
				return err
			}
			maps.Copy(outcomes, answer.outcomes(&req, batches[0]))
			batches = batches[1:]
		}
		return nil
	})
	if outcomes != nil {
		leaveOut(outcomes, batches, err)
	}
	return outcomes, err
}

// KickGroupMember removes a member from a group (DELETE /v3.0/groups/{guid}/members/{uid}). The user can join again; to prevent
// it, use [Client.BanGroupMember].
//
// It fails before any request with ErrBadRequest or ErrInvalidUID for a guid or a uid that cannot be used, and with
// ErrNotLoggedIn. It fails with ErrNotPermitted when the scope of the logged-in user does not allow it; with ErrNotJoined when
// the user is no member, also when the answer to a first attempt was lost, and a retry found the user removed; and otherwise as
// [Client.GetGroup] does.
func (c *Client) KickGroupMember(ctx context.Context, guid, uid string) error {
	return c.memberCall(ctx, guid, uid, rest.Request{Op: "KickGroupMember", Method: "DELETE", Route: memberRoute})
}

// BanGroupMember removes a member from a group for good (POST /v3.0/groups/{guid}/bannedusers/{uid}): the user cannot join again
// before [Client.UnbanGroupMember].
//
// It fails as [Client.KickGroupMember] does, and with ErrBanned when the user is banned already, also when the answer to a first
// attempt was lost, and a retry found the user banned.
func (c *Client) BanGroupMember(ctx context.Context, guid, uid string) error {
	return c.memberCall(ctx, guid, uid, rest.Request{Op: "BanGroupMember", Method: "POST", Route: bannedUserRoute})
}

// UnbanGroupMember lets a banned user join a group again (DELETE /v3.0/groups/{guid}/bannedusers/{uid}). The user is not a
// member afterwards.
//
// It fails as [Client.KickGroupMember] does, and with ErrNotBanned when the user is not banned, also when the answer to a first
// attempt was lost, and a retry found the user unbanned.
func (c *Client) UnbanGroupMember(ctx context.Context, guid, uid string) error {
	return c.memberCall(ctx, guid, uid, rest.Request{Op: "UnbanGroupMember", Method: "DELETE", Route: bannedUserRoute})
}

// UpdateGroupMemberScope gives a member the scope ScopeAdmin, ScopeModerator or ScopeParticipant (PUT
// /v3.0/groups/{guid}/members/{uid}).
//
// It fails before any request with ErrBadRequest also for another scope; otherwise it fails as [Client.KickGroupMember] does, and
// with ErrSameScope when the member has the scope already, also when the answer to a first attempt was lost, and a retry found
// the scope changed.
func (c *Client) UpdateGroupMemberScope(ctx context.Context, guid, uid, scope string) error {
	const op = "UpdateGroupMemberScope"
	if err := checkScope(op, scope); err != nil {
		return err
	}
	return c.memberCall(ctx, guid, uid, rest.Request{
		Op: op, Method: "PUT", Route: memberRoute, Body: map[string]string{"scope": scope},
	})
}

// memberCall makes a call about a member, whose answer has nothing but success.
func (c *Client) memberCall(ctx context.Context, guid, uid string, req rest.Request) error {
	if err := checkMember(req.Op, guid, uid); err != nil {
		return err
	}
	req.UID = uid
	return c.changeGroup(ctx, guid, req)
}
