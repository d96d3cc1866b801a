package cometchat

import (
	"context"
	"iter"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// AddReaction adds a reaction of the user of [Admin.OnBehalfOf], an emoji, to a message (POST
// /v3.0/messages/{id}/reactions/{reaction}). It returns the message, with all its Reactions. The request may be retried.
//
// It fails as [Admin.GetMessage] does, and before any request with ErrMissingParameters without a user or a reaction, and with
// ErrBadRequest for a reaction of more than 45 characters.
func (a *Admin) AddReaction(ctx context.Context, id, reaction string) (*Message, error) {
	return react(ctx, a.forUser, id, reaction, rest.Request{Op: "AddReaction", Method: "POST"})
}

// RemoveReaction removes a reaction of the user of [Admin.OnBehalfOf] from a message (DELETE
// /v3.0/messages/{id}/reactions/{reaction}). It returns and fails as [Admin.AddReaction] does.
func (a *Admin) RemoveReaction(ctx context.Context, id, reaction string) (*Message, error) {
	return react(ctx, a.forUser, id, reaction, rest.Request{Op: "RemoveReaction", Method: "DELETE"})
}

// maxServerReactions is the size of a page in the documentation's example.
const maxServerReactions = 100

// ListReactions lists who has reacted to a message, and how (GET /v3.0/messages/{id}/reactions or
// /v3.0/messages/{id}/reactions/{reaction}), in the server's order: as the app, or as the user of [Admin.OnBehalfOf] sees it. It requests
// a page when the loop needs it; a loop that stops makes no further request. An error ends the list, and comes once.
//
// The request is checked when the loop begins, and each loop starts at the first page. It fails before any request with ErrBadRequest
// for a ReactionsRequest that cannot be used, and otherwise as [Admin.GetMessage] does.
func (a *Admin) ListReactions(ctx context.Context, r ReactionsRequest) iter.Seq2[*Reaction, error] {
	return listAll(ctx, a.asServer, r.serverList("ListReactions"))
}

// ListReactionsPage returns one page of the list of [Admin.ListReactions], with one request. cursor is empty for the first page, or
// [Page.Next] of the page before. The page's Number, Pages and Total are 0. It fails as ListReactions does, and with ErrBadRequest for
// a cursor that is not one of this list's.
func (a *Admin) ListReactionsPage(ctx context.Context, r ReactionsRequest, cursor string) (*Page[*Reaction], error) {
	return listPage(ctx, a.asServer, cursor, r.serverList("ListReactionsPage"))
}

// serverList returns the list of a server's request, for listAll and listPage.
func (r ReactionsRequest) serverList(op string) func() (*cursorList[wireReaction, Reaction], error) {
	return func() (*cursorList[wireReaction, Reaction], error) {
		return r.list(op, maxServerReactions, maxServerReactions)
	}
}
