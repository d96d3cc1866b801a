package cometchat

import (
	"context"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// ImportUsers imports users from another chat system (POST /v3.0/data_import/users), with their CreatedAt, LastActiveAt and
// DeactivatedAt. Up to 50 users go into a request, one request after the other.
//
// outcomes[i] is the result for users[i]: nil, or an [Error], such as ErrUIDAlreadyExists or ErrBadRequest. An Error for one item does
// not stop the others. When a request fails, or the context ends, the import makes no further request. It returns the error, which is
// then also the result of each item of that request and of those after it: import these again. A request may be retried: an item
// may be reported as one that exists also when the answer to a first attempt was lost.
//
// CometChat takes 60 requests of imports in a minute. At the limit a request waits as the server asks, if the timeout allows it: for a
// large import, set [WithTimeout] to more than a minute, or [WithRequestRate]. Imports cause no events and no webhooks.
// [Admin.OnBehalfOf] does not matter to them.
//
// It fails before any request, with nil outcomes, with ErrMissingParameters without a user, and with ErrMissingParameters,
// ErrInvalidUID or ErrBadRequest for a user who cannot be imported, or who is there twice.
func (a *Admin) ImportUsers(ctx context.Context, users []*User) (outcomes []error, err error) {
	return importAll(ctx, a, "ImportUsers", "users", users, (*User).importItem)
}

// ImportGroups imports groups from another chat system (POST /v3.0/data_import/groups), with their CreatedAt. The owners are best
// imported before, with [Admin.ImportUsers]. It works and fails as ImportUsers does, with ErrGUIDAlreadyExists as the result of a
// group that exists.
func (a *Admin) ImportGroups(ctx context.Context, groups []*ImportedGroup) (outcomes []error, err error) {
	return importAll(ctx, a, "ImportGroups", "groups", groups, (*ImportedGroup).importItem)
}

// ImportGroupMembers imports members of groups from another chat system (POST /v3.0/data_import/members), with their JoinedAt. The
// users and the groups have to be there. It works and fails as [Admin.ImportUsers] does, with ErrAlreadyJoined as the result of a user
// who is a member.
func (a *Admin) ImportGroupMembers(ctx context.Context, members []*ImportedGroupMember) (outcomes []error, err error) {
	return importAll(ctx, a, "ImportGroupMembers", "members", members, (*ImportedGroupMember).importItem)
}

// ImportMessages imports messages from another chat system (POST /v3.0/data_import/messages), with their times. The users and the
// groups have to be there. List the messages in the order in which they were sent. It works and fails as [Admin.ImportUsers] does,
// with ErrMUIDAlreadyExists as the result of a message that was imported before.
func (a *Admin) ImportMessages(ctx context.Context, messages []*ImportedMessage) (outcomes []error, err error) {
	return importAll(ctx, a, "ImportMessages", "messages", messages, (*ImportedMessage).importItem)
}

// maxImported is the API's limit for the items of one request.
const maxImported = 50

// importAll imports the items of a kind.
func importAll[T any](ctx context.Context, a *Admin, op, kind string, all []*T, item func(*T, string) (importItem, error)) ([]error, error) {
	items, seen := make([]importItem, len(all)), map[string]bool{}
	if len(all) == 0 {
		return nil, newError(op, ErrMissingParameters, "there is nothing to import")
	}
	for i, one := range all {
		var err error
		if one == nil {
			return nil, newError(op, ErrMissingParameters, "item %d is nil", i)
		}
		if items[i], err = item(one, op); err != nil {
			return nil, err
		}
		if seen[items[i].key] {
			return nil, newError(op, ErrBadRequest, "%.200q is there twice", items[i].key)
		}
		seen[items[i].key] = true
	}
	outcomes := make([]error, len(items))
	for start := 0; start < len(items); start += maxImported {
		batch := items[start:min(start+maxImported, len(items))]
		said, req, err := a.importBatch(ctx, op, kind, batch)
		if err != nil {
			for i := start; i < len(items); i++ {
				outcomes[i] = err
			}
			return outcomes, err
		}
		for i, item := range batch {
			outcomes[start+i] = said.outcome(req, item.key, "item")
		}
	}
	return outcomes, nil
}

// importBatch makes one request.
func (a *Admin) importBatch(ctx context.Context, op, kind string, batch []importItem) (itemResults, *rest.Request, error) {
	body, err := importBody(kind, batch)
	if err != nil {
		return nil, nil, newError(op, ErrBadRequest, "the arguments cannot be written as JSON")
	}
	req := rest.Request{Op: op, Method: "POST", Route: "/data_import/" + kind, Body: body, MaxBody: maxMessagesBody(len(batch))}
	answer, err := adminCall[itemResults](ctx, a, req, nil)
	if err != nil {
		return nil, nil, err
	}
	said := make(itemResults, len(*answer))
	for key, result := range *answer {
		if kind != "messages" { // a MUID stays as it is
			key = foldUID(key)
		}
		said[key] = result
	}
	return said, &req, nil
}
