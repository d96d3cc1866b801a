package cometchat

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// GroupMembersPlan is what [Admin.SyncGroupMembers] would change of a group.
type GroupMembersPlan struct {
	// Add has the users who are no members yet, by the scope that they get. Rescope has the members who get another scope.
	Add, Rescope NewGroupMembers
	// Kick has the members who are not wanted.
	Kick []string
}

// IsZero reports whether the plan changes nothing.
func (p *GroupMembersPlan) IsZero() bool {
	return p.Add.IsZero() && p.Rescope.IsZero() && len(p.Kick) == 0
}

// PlanGroupMembers returns what [Admin.SyncGroupMembers] would change now, and changes nothing (GET /v3.0/groups/{guid} and GET
// /v3.0/groups/{guid}/members, with 1000 members in a page).
//
// It fails before any request with ErrBadRequest or ErrInvalidUID for a guid, or for members, that cannot be used: no uid may be
// listed twice, and none as Banned. It fails with ErrMissingParameters without a uid, since an empty list is more likely a mistake
// than a wish: to leave the owner alone in the group, list the owner. It fails with ErrGUIDNotFound when there is no such group.
func (a *Admin) PlanGroupMembers(ctx context.Context, guid string, want NewGroupMembers) (*GroupMembersPlan, error) {
	const op = "PlanGroupMembers"
	if err := checkWanted(op, guid, want); err != nil {
		return nil, err
	}
	return a.planMembers(ctx, op, guid, want)
}

// SyncGroupMembers makes the members of a group those of want: it adds who is missing (POST /v3.0/groups/{guid}/members, with up to
// 25 users in a request), changes the scope of who has another one (PUT /v3.0/groups/{guid}/members/{uid}), and kicks everybody else
// (DELETE /v3.0/groups/{guid}/members/{uid}). It first does what [Admin.PlanGroupMembers] does. It never changes the owner, who may
// be in want or not, and it bans and unbans nobody.
//
// outcomes has the result for each user who had to be changed, spelled as in want: nil, or an [Error] such as ErrUIDNotFound, or
// ErrBanned. An Error for one user does not stop the others. Users who are not in outcomes were right already.
//
// It may be called again at any time: a second call has nothing to do. When a request fails for another reason than its user, or
// the context ends, SyncGroupMembers makes no further request. It returns the error, which is then also the outcome of each user who
// is not done. Call it again to go on. Several callers may sync the same group to the same members at the same time, and members may
// join and leave meanwhile: if a change was made already, SyncGroupMembers looks at the members again, up to three times in all.
// The timeout of [WithTimeout] is that of each request.
//
// It fails before any request, and when the members cannot be listed, as PlanGroupMembers does. It acts as the app or on behalf of a
// user, whose scope then has to allow it; otherwise the outcomes are ErrNotPermitted.
func (a *Admin) SyncGroupMembers(ctx context.Context, guid string, want NewGroupMembers) (outcomes map[string]error, err error) {
	const op = "SyncGroupMembers"
	if err := checkWanted(op, guid, want); err != nil {
		return nil, err
	}
	for range maxSyncRounds {
		plan, err := a.planMembers(ctx, op, guid, want)
		if err != nil {
			return outcomes, err
		}
		if outcomes == nil {
			outcomes = map[string]error{}
		}
		for uid, outcome := range outcomes {
			if isOvertaken(outcome) {
				outcomes[uid] = nil // unless it is in the plan again
			}
		}
		if err := a.carryOutPlan(ctx, op, guid, plan, outcomes); err != nil {
			return outcomes, err
		}
		if !slices.ContainsFunc(slices.Collect(maps.Values(outcomes)), isOvertaken) {
			break
		}
	}
	return outcomes, nil
}

// maxSyncRounds is how often SyncGroupMembers looks at the members.
const maxSyncRounds = 3

func checkWanted(op, guid string, want NewGroupMembers) error {
	if len(want.Banned) > 0 {
		return newError(op, ErrBadRequest, "bans are not synced: use BanGroupMember, or AddGroupMembers")
	}
	_, err := memberBatches(op, guid, want)
	return err
}

// isOvertaken reports whether somebody else has made a change first; or this call did, and the first answer was lost.
func isOvertaken(err error) bool {
	return errors.Is(err, ErrAlreadyJoined) || errors.Is(err, ErrNotJoined) || errors.Is(err, ErrSameScope)
}

// isAboutMember reports whether a request failed because of its user alone.
func isAboutMember(err error) bool {
	return isOvertaken(err) || errors.Is(err, ErrUIDNotFound) || errors.Is(err, ErrBanned) || errors.Is(err, ErrNotPermitted)
}

// planMembers compares the members of a group with those that it should have.
func (a *Admin) planMembers(ctx context.Context, op, guid string, want NewGroupMembers) (*GroupMembersPlan, error) {
	group, err := a.groupCall(ctx, guid, rest.Request{Op: op, Method: "GET"})
	if err != nil {
		return nil, err
	}
	there := map[string]string{} // scopes, by uid
	for member, err := range adminAll(ctx, a.memberList(op, guid, GroupMembersRequest{Limit: maxPerPage})) {
		if err != nil {
			return nil, err
		}
		there[foldUID(member.UID)] = member.Scope
	}
	delete(there, foldUID(group.Owner))
	plan := &GroupMembersPlan{}
	for scope, uids := range want.byScope() {
		for _, uid := range uids {
			has, isMember := there[foldUID(uid)]
			delete(there, foldUID(uid))
			switch {
			case sameUID(uid, group.Owner):
			case !isMember:
				plan.Add.add(scope, uid)
			case has != scope:
				plan.Rescope.add(scope, uid)
			}
		}
	}
	plan.Kick = slices.Sorted(maps.Keys(there))
	return plan, nil
}

// carryOutPlan makes the changes of a plan, and writes down their outcomes. It kicks first: a group may be full.
func (a *Admin) carryOutPlan(ctx context.Context, op, guid string, plan *GroupMembersPlan, outcomes map[string]error) error {
	var changes []rest.Request
	for _, uid := range plan.Kick {
		changes = append(changes, rest.Request{Op: op, Method: "DELETE", Route: memberRoute, UID: uid})
	}
	for scope, uids := range plan.Rescope.byScope() {
		for _, uid := range uids {
			changes = append(changes, rest.Request{
				Op: op, Method: "PUT", Route: memberRoute, UID: uid, Body: map[string]string{"scope": scope},
			})
		}
	}
	for i, req := range changes {
		err := a.changeGroup(ctx, guid, req)
		if err != nil && !isAboutMember(err) {
			for _, left := range changes[i:] {
				outcomes[left.UID] = err
			}
			leaveOut(outcomes, []NewGroupMembers{plan.Add}, err)
			return err
		}
		outcomes[req.UID] = err
	}
	if plan.Add.IsZero() {
		return nil
	}
	added, err := a.addMembers(ctx, op, guid, plan.Add)
	maps.Copy(outcomes, added)
	return err
}
