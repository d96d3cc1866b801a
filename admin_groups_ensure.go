package cometchat

import (
	"context"
	"errors"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/cometchat-go/cometchat/internal/rest"
)

// EnsureGroup creates the group g, or updates the group with this guid where a field that is set in g differs. It returns the group
// as the server stored it. Several callers may ensure or create the same group at the same time. (It makes GET /v3.0/groups/{guid},
// and then POST /v3.0/groups or PUT /v3.0/groups/{guid} if necessary, as the app or on behalf of a user.)
//
// An Owner counts only when the group is created; see [Admin.TransferGroupOwnership]. Nobody can read a password: it is sent when the
// group is created, and when its type becomes GroupPassword.
//
// It fails before any request with ErrBadRequest or ErrInvalidUID for a NewGroup that cannot be used, and with ErrBadRequest for
// Members: [Admin.SyncGroupMembers] is for these. It fails with ErrGUIDNotFound when the group is deleted during the call; with
// ErrNotJoined or ErrNotPermitted when the user of [Admin.OnBehalfOf] may not see or change the group.
func (a *Admin) EnsureGroup(ctx context.Context, g NewGroup) (*Group, error) {
	const op = "EnsureGroup"
	req, err := newGroupRequest(op, g)
	if err != nil {
		return nil, err
	}
	if !g.Members.IsZero() {
		return nil, newError(op, ErrBadRequest, "a group to ensure has no Members: call SyncGroupMembers afterwards")
	}
	get := rest.Request{Op: op, Method: "GET"}
	there, err := a.groupCall(ctx, g.GUID, get)
	if errors.Is(err, ErrGUIDNotFound) {
		req.Once = false
		created, _, failure := a.createGroup(ctx, req, g)
		if !errors.Is(failure, ErrGUIDAlreadyExists) {
			return created, failure
		}
		// Somebody else has just created the group, or we created it and the first answer was lost.
		there, err = a.groupCall(ctx, g.GUID, get)
	}
	if err != nil {
		return nil, err
	}
	update, differs := missingOfGroup(there, &g)
	if !differs {
		return there, nil
	}
	return a.updateGroup(ctx, op, g.GUID, update)
}

// missingOfGroup returns the update after which the group there has every field that is set in want.
func missingOfGroup(there *Group, want *NewGroup) (update GroupUpdate, differs bool) {
	for _, field := range []struct {
		to          **string
		there, want string
	}{
		{&update.Name, there.Name, want.Name},
		{&update.Type, there.Type, want.Type},
		{&update.Description, there.Description, want.Description},
		{&update.Icon, there.Icon, want.Icon},
	} {
		if field.want != "" && field.want != field.there {
			*field.to, differs = new(field.want), true
		}
	}
	if update.Type != nil {
		update.Password = want.Password
	}
	if len(want.Metadata) > 0 && !lenient.Equal(there.Metadata, want.Metadata) {
		update.Metadata, differs = want.Metadata, true
	}
	if len(want.Tags) > 0 && !sameTexts(there.Tags, want.Tags) {
		update.Tags, differs = want.Tags, true
	}
	return update, differs
}
