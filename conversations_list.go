package cometchat

import (
	"context"
	"iter"
	"net/url"
	"strings"
)

// The values of [ConversationsRequest.PinnedBy].
const (
	PinnedByMe     = "me"
	PinnedBySystem = "system"
)

// ConversationsRequest says which conversations [Client.ListConversations] and [Admin.ListConversations] list; the zero value lists all
// of the user. In the JavaScript SDK it is the ConversationsRequestBuilder.
type ConversationsRequest struct {
	// Limit is the size of a page: for a client up to 50 conversations, the default is 30; for a server up to 1000, the default is 100.
	// The list goes on after a page.
	Limit int
	// Type is ReceiverUser for conversations with users only, and ReceiverGroup for those of groups only.
	Type string
	// SearchKeyword is a part of the name of the user or the group.
	SearchKeyword string
	// Tags lists the conversations that have one of these tags. UserTags and GroupTags list the conversations with users, and of
	// groups, that have one of these tags themselves. A comma in a tag is refused.
	Tags, UserTags, GroupTags []string
	// WithTags asks for the tags of the conversations, and WithUserAndGroupTags for those of the users and groups. The server
	// leaves them out otherwise.
	WithTags, WithUserAndGroupTags bool
	// Unread lists only conversations with messages that the user has not read.
	Unread bool
	// IncludeBlockedUsers lists also the conversations with users whom the logged-in user has blocked. WithBlockedInfo asks for
	// who has blocked whom, which is then in the WithUser of a conversation.
	IncludeBlockedUsers, WithBlockedInfo bool
	// HideAgentic leaves out the conversations with AI agents, and OnlyAgentic lists no others. Both together are refused.
	HideAgentic, OnlyAgentic bool
	// PinnedBy lists only conversations that are pinned: PinnedByMe for those that the user has pinned, PinnedBySystem for those
	// that the app has pinned, or both.
	PinnedBy []string
}

// maxConversationsPerPage is the JavaScript SDK's limit.
const maxConversationsPerPage = 50

// maxConversationSize is the size of a conversation within the documented limits, in bytes: a user or a group, and a message of
// 65,536 characters, in JSON that writes a character in up to 12 bytes, with what it quotes.
const maxConversationSize = maxUserSize + 2*12*65536

// query checks the request of a client.
func (r ConversationsRequest) query(op string) (url.Values, error) {
	q, err := r.filter(op)
	if err != nil {
		return nil, err
	}
	return q, setLimit(op, q, r.Limit, maxConversationsPerPage)
}

// filter checks the request, apart from the size of a page.
func (r ConversationsRequest) filter(op string) (url.Values, error) {
	if r.Type != "" && r.Type != ReceiverUser && r.Type != ReceiverGroup {
		return nil, newError(op, ErrBadRequest, "the type %.50q is not %s or %s", r.Type, ReceiverUser, ReceiverGroup)
	}
	if r.HideAgentic && r.OnlyAgentic {
		return nil, newError(op, ErrBadRequest, "HideAgentic and OnlyAgentic leave no conversation")
	}
	if err := checkNoComma(op, r.Tags, r.UserTags, r.GroupTags, r.PinnedBy); err != nil {
		return nil, err
	}
	q := url.Values{}
	for name, value := range map[string]string{
		"conversationType": r.Type, "searchKey": strings.TrimSpace(r.SearchKeyword),
		"tags": strings.Join(r.Tags, ","), "userTags": strings.Join(r.UserTags, ","), "groupTags": strings.Join(r.GroupTags, ","),
		"pinnedBy": strings.Join(r.PinnedBy, ","),
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	for name, on := range map[string]bool{
		"withTags": r.WithTags, "withUserAndGroupTags": r.WithUserAndGroupTags, "unread": r.Unread,
		"includeBlockedUsers": r.IncludeBlockedUsers, "withBlockedInfo": r.WithBlockedInfo,
		"hideAgentic": r.HideAgentic, "onlyAgentic": r.OnlyAgentic,
	} {
		if on {
			q.Set(name, "true")
		}
	}
	return q, nil
}

// ListConversations lists the conversations of the logged-in user (GET /v3.0/conversations): first those that are pinned, then
// the others, from the newest message back. It requests a page when the loop needs it; a loop that stops makes no further
// request. An error ends the list, and comes once. A conversation that gets a message during the loop moves to the beginning:
// it, or another one, may be missing or come twice.
//
//	for conversation, err := range client.ListConversations(ctx, cometchat.ConversationsRequest{}) {
//
// The request is checked when the loop begins, and each loop starts at the first page. Loops do not disturb each other. It fails
// before any request with ErrBadRequest for a ConversationsRequest that cannot be used, and with ErrNotLoggedIn. It fails with
// ErrNotLoggedIn also when another user logs in during the loop, and with ErrAuthTokenNotFound when the session's token is gone,
// which ends the session unless there is another token (see [WithTokenProvider]).
func (c *Client) ListConversations(ctx context.Context, r ConversationsRequest) iter.Seq2[*Conversation, error] {
	return c.conversationList("ListConversations", r).all(ctx)
}

// ListConversationsPage returns one page of the list of [Client.ListConversations] (GET /v3.0/conversations). cursor is empty
// for the first page, [Page.Next] of the page before, or the number of a page in decimal. It fails as ListConversations does, and
// with ErrBadRequest for a cursor that is not one of this list's.
func (c *Client) ListConversationsPage(ctx context.Context, r ConversationsRequest, cursor string) (*Page[*Conversation], error) {
	return c.conversationList("ListConversationsPage", r).page(ctx, cursor)
}

func (c *Client) conversationList(op string, r ConversationsRequest) numberedList[conversationRow, Conversation] {
	return numberedList[conversationRow, Conversation]{
		c: c, op: op, route: "/conversations", query: r.query, itemSize: maxConversationSize,
		flaw: (*conversationRow).flaw, convert: (*conversationRow).conversation,
	}
}
