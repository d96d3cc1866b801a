package cometchat

import (
	"context"
	"iter"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// ListConversations lists the conversations of the user of [Admin.OnBehalfOf] (GET /v3.0/conversations): first those that are pinned,
// then the others, from the newest message back. As the app it lists those of all users; a conversation of two users then comes twice,
// once as each of them sees it. It requests a page when the loop needs it; a loop that stops makes no further request. An error ends the
// list, and comes once. A conversation that gets a message during the loop moves: it, or another one, may be missing or come twice.
//
//	for conversation, err := range admin.OnBehalfOf("ada").ListConversations(ctx, cometchat.ConversationsRequest{}) {
//
// The request is checked when the loop begins, and each loop starts at the first page. It fails before any request with ErrBadRequest
// for a ConversationsRequest that cannot be used.
func (a *Admin) ListConversations(ctx context.Context, r ConversationsRequest) iter.Seq2[*Conversation, error] {
	return adminAll(ctx, func() (*adminList[conversationRow, Conversation], error) {
		return a.conversationList("ListConversations", r)
	})
}

// ListConversationsPage returns one page of the list of [Admin.ListConversations] (GET /v3.0/conversations). cursor is empty for the
// first page, [Page.Next] of the page before, or the number of a page in decimal. It fails as ListConversations does, and with
// ErrBadRequest for a cursor that is not one of this list's.
func (a *Admin) ListConversationsPage(ctx context.Context, r ConversationsRequest, cursor string) (*Page[*Conversation], error) {
	return adminPage(ctx, cursor, func() (*adminList[conversationRow, Conversation], error) {
		return a.conversationList("ListConversationsPage", r)
	})
}

func (a *Admin) conversationList(op string, r ConversationsRequest) (*adminList[conversationRow, Conversation], error) {
	req, err := a.acting(rest.Request{Op: op, Method: "GET", Route: "/conversations"})
	if err != nil {
		return nil, err
	}
	if req.Query, err = r.filter(op); err != nil {
		return nil, err
	}
	perPage, err := setCursorLimit(op, req.Query, "perPage", r.Limit, maxPerPage, defaultPerPage)
	if err != nil {
		return nil, err
	}
	l := newAdminList(a, req, (*conversationRow).flaw, (*conversationRow).conversation)
	l.req.MaxBody = min(maxPageBody(perPage, maxConversationSize), 64<<20)
	return l, nil
}

// GetConversation returns the conversation of the user of [Admin.OnBehalfOf] with a user or a group (GET /v3.0/users/{uid}/conversation
// or /v3.0/groups/{guid}/conversation).
//
// It fails before any request with ErrMissingParameters without a user, and with ErrBadRequest for a receiver that cannot be used. It
// fails with ErrConversationNotFound when there is no such conversation yet, or the user has deleted it, and with ErrUIDNotFound or
// ErrGUIDNotFound when there is no such user or group.
func (a *Admin) GetConversation(ctx context.Context, with Receiver) (*Conversation, error) {
	return conversationCall(ctx, a.forUser, with, rest.Request{Op: "GetConversation", Method: "GET", Route: "/conversation"})
}

// TagConversation gives a conversation of the user of [Admin.OnBehalfOf] these tags in place of the tags that it has (PUT
// /v3.0/users/{uid}/conversation or /v3.0/groups/{guid}/conversation), and returns the conversation. The tags are the user's own: at most
// 25, of at most 100 characters each. Without tags, the conversation has none afterwards.
//
// It fails before any request with ErrBadRequest also for tags beyond the limits; otherwise it fails as [Admin.GetConversation] does.
func (a *Admin) TagConversation(ctx context.Context, with Receiver, tags []string) (*Conversation, error) {
	req, err := tagging("TagConversation", tags)
	if err != nil {
		return nil, err
	}
	return conversationCall(ctx, a.forUser, with, req)
}

// DeleteConversation deletes a conversation for the user of [Admin.OnBehalfOf] (DELETE /v3.0/users/{uid}/conversation or
// /v3.0/groups/{guid}/conversation): its messages so far are gone for this user, and stay for the others. With the next message the
// conversation exists again.
//
// It fails as [Admin.GetConversation] does; with ErrConversationNotFound also when the answer to a first attempt was lost, and a retry
// found the conversation deleted.
func (a *Admin) DeleteConversation(ctx context.Context, with Receiver) error {
	return changeConversation(ctx, a.forUser, with, rest.Request{Op: "DeleteConversation", Method: "DELETE", Route: "/conversation"})
}

// PinConversation pins a conversation for the user of [Admin.OnBehalfOf] (POST /v3.0/users/{uid}/conversation/pin or
// /v3.0/groups/{guid}/conversation/pin), and returns the conversation as far as the server sends it: at least with its ID, With,
// PinnedAt and PinnedBy. A conversation can be pinned before its first message.
//
// It fails with ErrLimitReached when as many conversations are pinned as the app allows, 5 by default; otherwise it fails as
// [Admin.GetConversation] does.
func (a *Admin) PinConversation(ctx context.Context, with Receiver) (*Conversation, error) {
	return conversationCall(ctx, a.forUser, with, rest.Request{Op: "PinConversation", Method: "POST", Route: "/conversation/pin"})
}

// UnpinConversation ends what [Admin.PinConversation] did (DELETE /v3.0/users/{uid}/conversation/pin or
// /v3.0/groups/{guid}/conversation/pin), and returns the conversation as far as the server sends it, at least with its ID and With. A
// conversation that is not pinned is no error.
//
// It fails with ErrNotPermitted when the app has pinned the conversation; otherwise it fails as [Admin.GetConversation] does.
func (a *Admin) UnpinConversation(ctx context.Context, with Receiver) (*Conversation, error) {
	return conversationCall(ctx, a.forUser, with, rest.Request{Op: "UnpinConversation", Method: "DELETE", Route: "/conversation/pin"})
}

// MarkConversationAsRead marks all messages that the user of [Admin.OnBehalfOf] has received in a conversation as read (POST
// /v3.0/users/{uid}/conversation/read or /v3.0/groups/{guid}/conversation/read). It fails as [Admin.GetConversation] does.
func (a *Admin) MarkConversationAsRead(ctx context.Context, with Receiver) error {
	return changeConversation(ctx, a.forUser, with, rest.Request{Op: "MarkConversationAsRead", Method: "POST", Route: "/conversation/read"})
}

// MarkConversationAsDelivered marks all messages that the user of [Admin.OnBehalfOf] has received in a conversation as delivered (POST
// /v3.0/users/{uid}/conversation/delivered or /v3.0/groups/{guid}/conversation/delivered). It fails as [Admin.GetConversation] does.
func (a *Admin) MarkConversationAsDelivered(ctx context.Context, with Receiver) error {
	return changeConversation(ctx, a.forUser, with, rest.Request{
		Op: "MarkConversationAsDelivered", Method: "POST", Route: "/conversation/delivered",
	})
}

// MarkAsRead marks a message that the user of [Admin.OnBehalfOf] has received, and those before it in the conversation, as read (POST
// /v3.0/users/{uid}/conversation/read or /v3.0/groups/{guid}/conversation/read). Of m the call needs the ID, the Receiver and the Sender.
//
// It fails before any request with ErrMissingParameters without a user or a message, and with ErrBadRequest for a message without a
// numeric ID, a Receiver or a Sender; otherwise it fails as [Admin.GetConversation] does.
func (a *Admin) MarkAsRead(ctx context.Context, m *Message) error {
	return changeConversationAt(ctx, a.forUser, m, rest.Request{Op: "MarkAsRead", Method: "POST", Route: "/conversation/read"})
}

// MarkAsDelivered marks a message that the user of [Admin.OnBehalfOf] has received, and those before it in the conversation, as
// delivered (POST /v3.0/users/{uid}/conversation/delivered or /v3.0/groups/{guid}/conversation/delivered). It fails as
// [Admin.MarkAsRead] does.
func (a *Admin) MarkAsDelivered(ctx context.Context, m *Message) error {
	return changeConversationAt(ctx, a.forUser, m, rest.Request{Op: "MarkAsDelivered", Method: "POST", Route: "/conversation/delivered"})
}

// MarkAsUnread marks a message that the user of [Admin.OnBehalfOf] has received, and those after it in the conversation, as unread again
// (DELETE /v3.0/users/{uid}/conversation/read or /v3.0/groups/{guid}/conversation/read). CometChat's documentation does not say clearly
// whether m itself counts, or only the messages after it. It fails as [Admin.MarkAsRead] does.
func (a *Admin) MarkAsUnread(ctx context.Context, m *Message) error {
	return changeConversationAt(ctx, a.forUser, m, rest.Request{Op: "MarkAsUnread", Method: "DELETE", Route: "/conversation/read"})
}

// UnreadCounts returns how many messages the user of [Admin.OnBehalfOf] has not read, for each conversation (GET /v3.0/messages; with a
// receiver GET /v3.0/users/{uid}/messages or /v3.0/groups/{guid}/messages; with unread and count). There are no counts when everything
// is read.
//
// It fails before any request with ErrMissingParameters without a user, and with ErrBadRequest for an UnreadRequest that cannot be used.
// It fails with ErrUIDNotFound or ErrGUIDNotFound when there is no such user or group.
func (a *Admin) UnreadCounts(ctx context.Context, r UnreadRequest) (*UnreadCounts, error) {
	return r.counts(ctx, a.forUser, "UnreadCounts")
}
