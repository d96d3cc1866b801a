package cometchat

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/cometchat-go/cometchat/internal/rest"
)

// EnsureUser creates the user u, or updates the user with this uid where a field that is set in u differs. It returns the user
// as the server stored it. Several callers may ensure or create the same user at the same time. (It makes GET
// /v3.0/users/{uid}, and then POST /v3.0/users or PUT /v3.0/users/{uid} if necessary.)
//
// It fails with ErrUIDAlreadyExists when the user is deactivated; [Admin.ReactivateUsers] can undo that. It fails with
// ErrUIDNotFound when the user is deactivated during the call.
func (a *Admin) EnsureUser(ctx context.Context, u *User) (*User, error) {
	const op = "EnsureUser"
	if err := checkNewUser(op, u); err != nil {
		return nil, err
	}
	there, err := a.getUser(ctx, op, u.UID, "")
	if errors.Is(err, ErrUIDNotFound) {
		created, _, failure := a.createUser(ctx, rest.Request{Op: op}, u, false)
		if !errors.Is(failure, ErrUIDAlreadyExists) {
			return created, failure
		}
		// Somebody else has just created the user, or the user is deactivated, or we created it and the first answer was lost.
		if there, err = a.getUser(ctx, op, u.UID, ""); errors.Is(err, ErrUIDNotFound) {
			return nil, failure
		}
	}
	if err != nil {
		return nil, err
	}
	update, differs := missing(there, u)
	if !differs {
		return there, nil
	}
	return a.updateUser(ctx, op, u.UID, update)
}

// missing returns the update after which the user there has every field that is set in want.
func missing(there, want *User) (update UserUpdate, differs bool) {
	for _, field := range []struct {
		to          **string
		there, want string
	}{
		{&update.Name, there.Name, want.Name},
		{&update.Avatar, there.Avatar, want.Avatar},
		{&update.Link, there.Link, want.Link},
		{&update.StatusMessage, there.StatusMessage, want.StatusMessage},
	} {
		if field.want != "" && field.want != field.there {
			*field.to, differs = new(field.want), true
		}
	}
	if want.Role != "" && !strings.EqualFold(want.Role, there.Role) { // the server lower-cases it
		update.Role, differs = new(want.Role), true
	}
	if len(want.Metadata) > 0 && !lenient.Equal(there.Metadata, want.Metadata) {
		update.Metadata, differs = want.Metadata, true
	}
	if len(want.Tags) > 0 && !sameTexts(there.Tags, want.Tags) {
		update.Tags, differs = want.Tags, true
	}
	return update, differs
}

// sameTexts reports whether two lists have the same texts, in whatever order.
func sameTexts(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
