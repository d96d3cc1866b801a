package cometchat

import (
	"context"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// PinMessage pins a message for all who are in its conversation (POST /v3.0/messages/{id}/pin). It returns the message, with
// PinnedAt and PinnedBy. [MessagesRequest.Pinned] lists what is pinned. Pinning a pinned message is no error.
//
// It fails as [Client.GetMessage] does, with ErrNotPermitted also when the user's role or scope may not pin, and with
// ErrLimitReached when as many messages of the conversation are pinned as the app allows (documented: 100).
func (c *Client) PinMessage(ctx context.Context, id string) (*Message, error) {
	return messageCall(ctx, c.asUser, id, rest.Request{Op: "PinMessage", Method: "POST", Route: "/messages/{id}/pin"}, itself)
}

// UnpinMessage undoes [Client.PinMessage], whoever has pinned the message (DELETE /v3.0/messages/{id}/pin). It returns the message
// and fails as [Client.GetMessage] does. A message that is not pinned is no error.
func (c *Client) UnpinMessage(ctx context.Context, id string) (*Message, error) {
	return messageCall(ctx, c.asUser, id, rest.Request{Op: "UnpinMessage", Method: "DELETE", Route: "/messages/{id}/pin"}, itself)
}

// SaveMessage saves a message for the logged-in user alone (POST /v3.0/messages/{id}/save). It returns the message, with SavedAt.
// [MessagesRequest.Saved] lists what is saved. Saving a saved message is no error, and keeps the first time.
//
// It fails as [Client.GetMessage] does, and with ErrLimitReached when the user has saved as many messages as the app allows
// (documented: 100).
func (c *Client) SaveMessage(ctx context.Context, id string) (*Message, error) {
	return messageCall(ctx, c.asUser, id, rest.Request{Op: "SaveMessage", Method: "POST", Route: "/messages/{id}/save"}, itself)
}

// UnsaveMessage undoes [Client.SaveMessage] (DELETE /v3.0/messages/{id}/save). It returns the message and fails as
// [Client.GetMessage] does. A message that is not saved is no error.
func (c *Client) UnsaveMessage(ctx context.Context, id string) (*Message, error) {
	return messageCall(ctx, c.asUser, id, rest.Request{Op: "UnsaveMessage", Method: "DELETE", Route: "/messages/{id}/save"}, itself)
}
