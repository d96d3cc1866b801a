package cometchat

import (
	"context"
	"iter"
	"maps"
	"net/url"
	"slices"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// FriendsRequest says which friends [Admin.ListFriends] lists; the zero value lists all of them.
type FriendsRequest struct {
	// Limit is the size of a page, up to 1000 users; the default is 100. The list goes on after a page.
	Limit int
	// SearchKeyword is the beginning of the uid or the name.
	SearchKeyword string
}

func (r FriendsRequest) query(op string) (url.Values, error) {
	q := url.Values{}
	setTexts(q, map[string]string{"searchKey": r.SearchKeyword})
	return q, serverPerPage(op, q, r.Limit)
}

// AddFriends makes users friends of the user uid (POST /v3.0/users/{uid}/friends, with up to 25 users in a request, one request
// after the other). It returns the result for each uid of uids, spelled as the caller spelled it: nil, or an [Error] such as
// ErrUIDNotFound. An Error for one uid does not stop the others. When a request fails, AddFriends returns the results of the requests
// before, and the error; the map is nil when there are none. A request may be retried: the result of a uid may be ErrAlreadyFriend
// also when the answer to a first attempt was lost.
//
// The API takes no user to act for: [Admin.OnBehalfOf] does not matter to this call. It fails before any request with
// ErrMissingParameters or ErrInvalidUID without a uid or for a uid that cannot be used. It fails with ErrUIDNotFound when there is no
// user uid.
func (a *Admin) AddFriends(ctx context.Context, uid string, uids []string) (outcomes map[string]error, err error) {
	type added struct {
		Accepted itemResults `json:"accepted"`
	}
	req := rest.Request{Op: "AddFriends", Method: "POST", Route: friendsRoute, UID: uid}
	return relate(uids, req, "accepted", slices.Chunk(uids, maxFriendsPerCall), func(req rest.Request) (itemResults, error) {
		answer, err := adminCall[added](ctx, a, req, nil)
		if err != nil {
			return nil, err
		}
		return answer.Accepted, nil
	})
}

const (
	friendsRoute      = "/users/{uid}/friends"
	maxFriendsPerCall = 25
)

// relate makes a request for each batch of uids, whose list goes into the field of the body.
func relate(uids []string, req rest.Request, field string, batches iter.Seq[[]string],
	call func(req rest.Request) (itemResults, error),
) (outcomes map[string]error, err error) {
	if err := checkRelated(req.Op, req.UID, uids); err != nil {
		return nil, err
	}
	for batch := range batches {
		req.Body = map[string][]string{field: batch}
		answer, err := call(req)
		if err != nil {
			return outcomes, err
		}
		if outcomes == nil {
			outcomes = make(map[string]error, len(uids))
		}
		maps.Copy(outcomes, answer.outcomes(&req, batch))
	}
	return outcomes, nil
}

func checkRelated(op, uid string, uids []string) error {
	if err := checkUID(op, uid); err != nil {
		return err
	}
	return checkUIDs(op, uids)
}

// RemoveFriends ends the friendship of the user uid with users (DELETE /v3.0/users/{uid}/friends, with as many users in a request as
// the API's limit of 10 KB allows). The API has no result for each user: when a request fails, it says nothing of its users.
//
// It fails as [Admin.AddFriends] does, and with ErrNotFriend when one of the users is no friend, also when the answer to a first
// attempt was lost, and a retry found them removed.
func (a *Admin) RemoveFriends(ctx context.Context, uid string, uids []string) error {
	const op, field = "RemoveFriends", "friends"
	if err := checkRelated(op, uid, uids); err != nil {
		return err
	}
	for batch := range uidBatches(field, uids) {
		err := a.carryOut(ctx, rest.Request{
			Op: op, Method: "DELETE", Route: friendsRoute, UID: uid, Body: map[string][]string{field: batch},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ListFriends lists the friends of the user uid (GET /v3.0/users/{uid}/friends). It works as [Admin.ListUsers] does.
// [Admin.OnBehalfOf] does not matter to this call.
//
// It fails before any request with ErrBadRequest or ErrInvalidUID for arguments that cannot be used. It fails with ErrUIDNotFound
// when there is no such user.
func (a *Admin) ListFriends(ctx context.Context, uid string, r FriendsRequest) iter.Seq2[*User, error] {
	return adminAll(ctx, a.relatedList("ListFriends", friendsRoute, uid, r.query))
}

// ListFriendsPage returns one page of the list of [Admin.ListFriends] (GET /v3.0/users/{uid}/friends). cursor is that of
// [Admin.ListUsersPage]. It fails as ListFriends does, and with ErrBadRequest for a cursor that is not one of this list's.
func (a *Admin) ListFriendsPage(ctx context.Context, uid string, r FriendsRequest, cursor string) (*Page[*User], error) {
	return adminPage(ctx, cursor, a.relatedList("ListFriendsPage", friendsRoute, uid, r.query))
}

// relatedList returns what makes a list of the users who are related to the user uid.
func (a *Admin) relatedList(op, route, uid string, query func(op string) (url.Values, error)) func() (*adminList[wireUser, User], error) {
	return func() (*adminList[wireUser, User], error) {
		if err := checkUID(op, uid); err != nil {
			return nil, err
		}
		q, err := query(op)
		if err != nil {
			return nil, err
		}
		return newAdminList(a, rest.Request{Op: op, Method: "GET", Route: route, UID: uid, Query: q}, listedUserFlaw, (*wireUser).user), nil
	}
}
