package cometchat

import (
	"context"
	"iter"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// ListThreads lists threads, that with the newest reply first (GET /v3.0/threads): those of all conversations of the user of
// [Admin.OnBehalfOf] or, as the app, of everybody. All does not matter then. Each item is the parent message of a thread, with ReplyCount
// and LastReply; [MessageFilter.ParentID] lists the replies. It requests a page when the loop needs it; a loop that stops makes no
// further request. An error ends the list, and comes once.
//
// The request is checked when the loop begins, and each loop starts at the first page. It fails before any request with ErrBadRequest
// for a ThreadsRequest that cannot be used: With is for clients only.
func (a *Admin) ListThreads(ctx context.Context, r ThreadsRequest) iter.Seq2[*Message, error] {
	return listAll(ctx, a.asServer, a.threadList("ListThreads", r))
}

// ListThreadsPage returns one page of the list of [Admin.ListThreads]. cursor is empty for the first page, or [Page.Next] of the page
// before, whose last thread may come again as the first of this page. The page's Number, Pages and Total are 0. It fails as ListThreads
// does, and with ErrBadRequest for a cursor that is not one of this list's.
func (a *Admin) ListThreadsPage(ctx context.Context, r ThreadsRequest, cursor string) (*Page[*Message], error) {
	return listPage(ctx, a.asServer, cursor, a.threadList("ListThreadsPage", r))
}

// threadList returns the list of a request, for listAll and listPage.
func (a *Admin) threadList(op string, r ThreadsRequest) func() (*cursorList[messageRow, Message], error) {
	return func() (*cursorList[messageRow, Message], error) {
		if r.With != (Receiver{}) {
			return nil, newError(op, ErrBadRequest, "the server's list of threads is of all conversations: leave With empty")
		}
		r.All = r.All || a == nil || a.onBehalfOf == "" // the app takes part in no thread
		return r.list(op)
	}
}

// SubscribeToThread has the user of [Admin.OnBehalfOf] follow the thread of the message with this id (POST
// /v3.0/messages/{id}/thread/subscription). Who starts a thread, replies in it or is mentioned in it follows it already. Following twice
// is no error.
//
// It fails as [Admin.GetMessage] does, before any request also with ErrMissingParameters without a user.
func (a *Admin) SubscribeToThread(ctx context.Context, id string) error {
	return messageDeed(ctx, a.forUser, id, rest.Request{
		Op: "SubscribeToThread", Method: "POST", Route: "/messages/{id}/thread/subscription",
	})
}

// UnsubscribeFromThread undoes [Admin.SubscribeToThread] (DELETE /v3.0/messages/{id}/thread/subscription), until the user replies in the
// thread or is mentioned in it again. It fails as SubscribeToThread does. A thread that the user does not follow is no error.
func (a *Admin) UnsubscribeFromThread(ctx context.Context, id string) error {
	return messageDeed(ctx, a.forUser, id, rest.Request{
		Op: "UnsubscribeFromThread", Method: "DELETE", Route: "/messages/{id}/thread/subscription",
	})
}
