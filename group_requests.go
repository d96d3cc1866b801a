package cometchat

import "github.com/cometchat-go/cometchat/internal/rest"

// The routes of calls about one group.
const (
	groupRoute      = "/groups/{guid}"
	membersRoute    = groupRoute + "/members"
	memberRoute     = membersRoute + "/{uid}"
	bannedRoute     = groupRoute + "/bannedusers"
	bannedUserRoute = bannedRoute + "/{uid}"
)

// groupVars are the values of a route that has a guid.
func groupVars(guid string) map[string]string { return map[string]string{"guid": guid} }

// newGroupRequest checks a group and makes the request that creates it.
func newGroupRequest(op string, g NewGroup) (rest.Request, error) {
	body, err := g.body(op)
	if err != nil {
		return rest.Request{}, err
	}
	return rest.Request{Op: op, Method: "POST", Route: "/groups", Once: true, Body: body, Secret: valueOf(g.Password)}, nil
}

// createdGroup is the answer to the request that creates a group.
type createdGroup struct {
	wireGroup
	Members struct {
		Data memberResults `json:"data"`
	} `json:"members"`
}

// createdGroupFlaw returns the function that says what is wrong with the answer about the group guid.
func createdGroupFlaw(guid string) func(*createdGroup) string {
	return func(w *createdGroup) string { return groupFlaw(w.GUID, guid) }
}

// outcomes returns the result for each uid of m; nil without a uid.
func (w *createdGroup) outcomes(req *rest.Request, m NewGroupMembers) map[string]error {
	if m.IsZero() {
		return nil
	}
	return w.Members.Data.outcomes(req, m)
}

// memberBatches checks the users to add to a group, and cuts them into parts that one request may have.
func memberBatches(op, guid string, m NewGroupMembers) ([]NewGroupMembers, error) {
	if err := checkGUID(op, guid); err != nil {
		return nil, err
	}
	if m.IsZero() {
		return nil, newError(op, ErrMissingParameters, "there is no uid")
	}
	if err := checkNewMembers(op, m); err != nil {
		return nil, err
	}
	return m.batches(), nil
}

// leaveOut makes err the outcome of each uid of the batches that no request was made for.
func leaveOut(outcomes map[string]error, batches []NewGroupMembers, err error) {
	for _, batch := range batches {
		for _, uid := range batch.uids() {
			outcomes[uid] = err
		}
	}
}
