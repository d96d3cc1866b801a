package cometchat

import (
	"context"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// PinMessage pins a message for all who are in its conversation (POST /v3.0/messages/{id}/pin), as the app or on behalf of the user of
// [Admin.OnBehalfOf]. It returns the message, with PinnedAt and PinnedBy, which is [AppUID] for the app. [MessageFilter.Pinned] lists
// what is pinned. Pinning a pinned message is no error.
//
// It fails as [Admin.GetMessage] does, with ErrNotPermitted also when the user may not pin, and with ErrLimitReached when as many
// messages of the conversation are pinned as the app allows (documented: 100).
func (a *Admin) PinMessage(ctx context.Context, id string) (*Message, error) {
	return messageCall(ctx, a.asServer, id, rest.Request{Op: "PinMessage", Method: "POST", Route: "/messages/{id}/pin"}, itself)
}

// UnpinMessage undoes [Admin.PinMessage], whoever has pinned the message (DELETE /v3.0/messages/{id}/pin), as the app or on behalf of
// the user of [Admin.OnBehalfOf]. It returns the message and fails as [Admin.GetMessage] does. A message that is not pinned is no error.
func (a *Admin) UnpinMessage(ctx context.Context, id string) (*Message, error) {
	return messageCall(ctx, a.asServer, id, rest.Request{Op: "UnpinMessage", Method: "DELETE", Route: "/messages/{id}/pin"}, itself)
}

// SaveMessage saves a message for the user of [Admin.OnBehalfOf] (POST /v3.0/messages/{id}/save). It returns the message, with SavedAt.
// Saving a saved message is no error, and keeps the first time.
//
// It fails as [Admin.GetMessage] does, before any request also with ErrMissingParameters without a user, and with ErrLimitReached when
// the user has saved as many messages as the app allows (documented: 100).
func (a *Admin) SaveMessage(ctx context.Context, id string) (*Message, error) {
	return messageCall(ctx, a.forUser, id, rest.Request{Op: "SaveMessage", Method: "POST", Route: "/messages/{id}/save"}, itself)
}

// UnsaveMessage undoes [Admin.SaveMessage] (DELETE /v3.0/messages/{id}/save). It returns the message and fails as SaveMessage does. A
// message that is not saved is no error.
func (a *Admin) UnsaveMessage(ctx context.Context, id string) (*Message, error) {
	return messageCall(ctx, a.forUser, id, rest.Request{Op: "UnsaveMessage", Method: "DELETE", Route: "/messages/{id}/save"}, itself)
}
