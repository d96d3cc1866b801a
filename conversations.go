package cometchat

import (
	"context"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// GetConversation returns the logged-in user's conversation with a user or a group (GET /v3.0/users/{uid}/conversation or
// /v3.0/groups/{guid}/conversation).
//
// It fails before any request with ErrBadRequest for a receiver that cannot be used, and with ErrNotLoggedIn. It fails with
// ErrConversationNotFound when there is no such conversation yet, or the user has deleted it; with ErrUIDNotFound or
// ErrGUIDNotFound when there is no such user or group; and with ErrAuthTokenNotFound when the session's token is gone, which
// ends the session unless there is another token (see [WithTokenProvider]). An answer without a conversation is an [Error] with
// the code "FAILED_TO_FETCH".
func (c *Client) GetConversation(ctx context.Context, with Receiver) (*Conversation, error) {
	return conversationCall(ctx, c.asUser, with, rest.Request{Op: "GetConversation", Method: "GET", Route: "/conversation"})
}

// TagConversation gives a conversation these tags in place of the tags that it has (PUT /v3.0/users/{uid}/conversation or
// /v3.0/groups/{guid}/conversation), and returns the conversation. The tags are the logged-in user's own: at most 25, of at most
// 100 characters each. Without tags, the conversation has none afterwards.
//
// It fails before any request with ErrBadRequest also for tags beyond the limits; otherwise it fails as [Client.GetConversation]
// does.
func (c *Client) TagConversation(ctx context.Context, with Receiver, tags []string) (*Conversation, error) {
	req, err := tagging("TagConversation", tags)
	if err != nil {
		return nil, err
	}
	return conversationCall(ctx, c.asUser, with, req)
}

// DeleteConversation deletes a conversation for the logged-in user (DELETE /v3.0/users/{uid}/conversation or
// /v3.0/groups/{guid}/conversation): its messages so far are gone for this user, and stay for the others. With the next message
// the conversation exists again.
//
// It fails as [Client.GetConversation] does; with ErrConversationNotFound also when the answer to a first attempt was lost, and a
// retry found the conversation deleted.
func (c *Client) DeleteConversation(ctx context.Context, with Receiver) error {
	return changeConversation(ctx, c.asUser, with, rest.Request{Op: "DeleteConversation", Method: "DELETE", Route: "/conversation"})
}

// PinConversation pins a conversation for the logged-in user (POST /v3.0/users/{uid}/conversation/pin or
// /v3.0/groups/{guid}/conversation/pin), and returns the conversation as far as the server sends it: at least with its ID,
// With, PinnedAt and PinnedBy. A conversation can be pinned before its first message.
//
// It fails with ErrLimitReached when as many conversations are pinned as the app allows, 5 by default; otherwise it fails as
// [Client.GetConversation] does.
func (c *Client) PinConversation(ctx context.Context, with Receiver) (*Conversation, error) {
	return conversationCall(ctx, c.asUser, with, rest.Request{Op: "PinConversation", Method: "POST", Route: "/conversation/pin"})
}

// UnpinConversation ends what [Client.PinConversation] did (DELETE /v3.0/users/{uid}/conversation/pin or
// /v3.0/groups/{guid}/conversation/pin), and returns the conversation as far as the server sends it, at least with its ID and
// With. A conversation that is not pinned is no error.
//
// It fails with ErrNotPermitted when the app has pinned the conversation; otherwise it fails as [Client.GetConversation] does.
func (c *Client) UnpinConversation(ctx context.Context, with Receiver) (*Conversation, error) {
	return conversationCall(ctx, c.asUser, with, rest.Request{Op: "UnpinConversation", Method: "DELETE", Route: "/conversation/pin"})
}

// MarkConversationAsRead marks all messages that the logged-in user has received in a conversation as read (POST
// /v3.0/users/{uid}/conversation/read or /v3.0/groups/{guid}/conversation/read). It needs no live connection, and returns once
// the server has done it. It fails as [Client.GetConversation] does.
func (c *Client) MarkConversationAsRead(ctx context.Context, with Receiver) error {
	return changeConversation(ctx, c.asUser, with, rest.Request{Op: "MarkConversationAsRead", Method: "POST", Route: "/conversation/read"})
}

// MarkConversationAsDelivered marks all messages that the logged-in user has received in a conversation as delivered (POST
// /v3.0/users/{uid}/conversation/delivered or /v3.0/groups/{guid}/conversation/delivered). It needs no live connection, and
// returns once the server has done it. It fails as [Client.GetConversation] does.
func (c *Client) MarkConversationAsDelivered(ctx context.Context, with Receiver) error {
	return changeConversation(ctx, c.asUser, with, rest.Request{Op: "MarkConversationAsDelivered", Method: "POST", Route: "/conversation/delivered"})
}

// MarkAsUnread marks a message that the logged-in user has received, and those after it in the conversation, as unread again
// (DELETE /v3.0/users/{uid}/conversation/read or /v3.0/groups/{guid}/conversation/read). It returns once the server has done it;
// [Client.GetConversation] then has the new count. CometChat's documentation does not say clearly whether m itself counts, or
// only the messages after it. Of m the call needs the ID, the Receiver and the Sender.
//
// It fails before any request with ErrMissingParameters without a message, and with ErrBadRequest for a message without a numeric
// ID, a Receiver or a Sender; otherwise it fails as [Client.GetConversation] does.
func (c *Client) MarkAsUnread(ctx context.Context, m *Message) error {
	return changeConversationAt(ctx, c.asUser, m, rest.Request{
		Op: "MarkAsUnread", Method: "DELETE", Route: "/conversation/read",
	})
}
