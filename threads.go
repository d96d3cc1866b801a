package cometchat

import (
	"context"
	"iter"
	"net/url"
	"strconv"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// ThreadsRequest says which threads [Client.ListThreads] lists; the zero value lists the threads of all conversations in which the
// logged-in user takes part. In the JavaScript SDK it is the ThreadsRequestBuilder.
type ThreadsRequest struct {
	// With is the conversation: the other user, or the group. The zero value is all conversations.
	With Receiver
	// All lists also the threads in which the logged-in user does not take part (in the JavaScript SDK: setParticipatedByMe(false)).
	All bool
	// Limit is the size of a page, up to 1000 threads; the default is 30. The list goes on after a page.
	Limit int
}

// list checks the request.
func (r ThreadsRequest) list(op string) (*cursorList[messageRow, Message], error) {
	l := &cursorList[messageRow, Message]{
		op: op, req: rest.Request{Method: "GET", Route: "/threads", Query: url.Values{"participatedByMe": {strconv.FormatBool(!r.All)}}},
		usable: usableMessage,
	}
	if r.With != (Receiver{}) {
		if err := checkReceiver(op, r.With); err != nil {
			return nil, err
		}
		l.req.Route, l.req.UID = r.With.place()+"/threads", r.With.ID
	}
	var err error
	l.limit, err = setCursorLimit(op, l.req.Query, "limit", r.Limit, maxPerPage, defaultLimit)
	seen := map[string]bool{}
	l.turn = func(p *cursorPage[messageRow], _ position) (threads []*Message, next position) {
		all := messagesOf(p)
		// A page begins with the last thread of the page before.
		threads = newTo(seen, all, func(m *Message) string { return m.ID })
		if len(threads) == 0 || p.isLast(l.limit) {
			return threads, position{}
		}
		last := all[len(all)-1]
		next = position{ID: last.ID}
		if !last.UpdatedAt.IsZero() {
			next.UpdatedAt = unixText(last.UpdatedAt)
		}
		return threads, next
	}
	l.follow = url.Values{"affix": {affixBack}}
	return l, err
}

// ListThreads lists threads, that with the newest reply first (GET /v3.0/threads, /v3.0/users/{uid}/threads or
// /v3.0/groups/{guid}/threads). Each item is the parent message of a thread, with ReplyCount, UnreadReplyCount and LastReply;
// [MessagesRequest.ParentID] lists the replies. It requests a page when the loop needs it; a loop that stops makes no further
// request. An error ends the list, and comes once. A thread that gets a reply during the loop may be missing: it has moved to the
// top. A row of the server's that is no message is left out.
//
// The request is checked when the loop begins, and each loop starts at the first page. It fails before any request with
// ErrBadRequest for a ThreadsRequest that cannot be used (the codes INVALID_RECEIVER_ID and INVALID_RECEIVER_TYPE for the receiver),
// and with ErrNotLoggedIn. It fails with ErrNotLoggedIn also when another user logs in during the loop, with ErrUIDNotFound or
// ErrGUIDNotFound for a receiver that does not exist, and with ErrAuthTokenNotFound when the session's token is gone, which ends the
// session unless there is another token (see [WithTokenProvider]).
func (c *Client) ListThreads(ctx context.Context, r ThreadsRequest) iter.Seq2[*Message, error] {
	return listAll(ctx, c.asUser, func() (*cursorList[messageRow, Message], error) { return r.list("ListThreads") })
}

// ListThreadsPage returns one page of the list of [Client.ListThreads], with one request. cursor is empty for the first page, or
// [Page.Next] of the page before, whose last thread may come again as the first of this page. The page's Number, Pages and Total are
// 0: the pages of this list have no numbers. It fails as ListThreads does, and with ErrBadRequest for a cursor that is not one of this
// list's.
func (c *Client) ListThreadsPage(ctx context.Context, r ThreadsRequest, cursor string) (*Page[*Message], error) {
	return listPage(ctx, c.asUser, cursor, func() (*cursorList[messageRow, Message], error) { return r.list("ListThreadsPage") })
}

// SubscribeToThread has the logged-in user follow the thread of the message with this id (POST
// /v3.0/messages/{id}/thread/subscription). Who starts a thread, replies in it or is mentioned in it follows it already. Following
// twice is no error. [Message.ThreadSubscribed] tells whether the user follows a thread.
//
// It fails as [Client.GetMessage] does.
func (c *Client) SubscribeToThread(ctx context.Context, id string) error {
	return messageDeed(ctx, c.asUser, id, rest.Request{Op: "SubscribeToThread", Method: "POST", Route: "/messages/{id}/thread/subscription"})
}

// UnsubscribeFromThread undoes [Client.SubscribeToThread] (DELETE /v3.0/messages/{id}/thread/subscription), until the user replies in
// the thread or is mentioned in it again. It fails as [Client.GetMessage] does. A thread that the user does not follow is no error.
func (c *Client) UnsubscribeFromThread(ctx context.Context, id string) error {
	return messageDeed(ctx, c.asUser, id, rest.Request{Op: "UnsubscribeFromThread", Method: "DELETE", Route: "/messages/{id}/thread/subscription"})
}
