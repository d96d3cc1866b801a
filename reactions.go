package cometchat

import (
	"cmp"
	"context"
	"iter"
	"net/url"
	"strings"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// maxReactionLength is the documented limit, in characters.
const maxReactionLength = 45

// checkReaction refuses a reaction that is too long or not safe in a path.
func checkReaction(op, reaction string) error {
	if strings.TrimSpace(reaction) == "" {
		return newError(op, ErrMissingParameters, "the reaction is missing")
	}
	if reaction == "." || reaction == ".." {
		return newError(op, ErrBadRequest, "the reaction is a dot segment")
	}
	if flaw := textFlaw(reaction, maxReactionLength); flaw != "" {
		return newError(op, ErrBadRequest, "the reaction %s", flaw)
	}
	return nil
}

// AddReaction adds a reaction of the logged-in user, an emoji, to a message (POST /v3.0/messages/{id}/reactions/{reaction}). It returns
// the message, with all its Reactions. The request may be retried.
//
// It fails as [Client.GetMessage] does, and before any request with ErrMissingParameters without a reaction, and with ErrBadRequest
// for a reaction of more than 45 characters.
func (c *Client) AddReaction(ctx context.Context, id, reaction string) (*Message, error) {
	return react(ctx, c.asUser, id, reaction, rest.Request{Op: "AddReaction", Method: "POST"})
}

// RemoveReaction removes a reaction of the logged-in user from a message (DELETE /v3.0/messages/{id}/reactions/{reaction}). It returns
// and fails as [Client.AddReaction] does.
func (c *Client) RemoveReaction(ctx context.Context, id, reaction string) (*Message, error) {
	return react(ctx, c.asUser, id, reaction, rest.Request{Op: "RemoveReaction", Method: "DELETE"})
}

func react(ctx context.Context, as callAs, id, reaction string, req rest.Request) (*Message, error) {
	if err := checkReaction(req.Op, reaction); err != nil {
		return nil, err
	}
	req.Route, req.Vars = "/messages/{id}/reactions/{reaction}", map[string]string{"reaction": reaction}
	return messageCall(ctx, as, id, req, itself)
}

// ReactionsRequest says which reactions [Client.ListReactions] and [Admin.ListReactions] list. In the JavaScript SDK it is the ReactionsRequestBuilder.
type ReactionsRequest struct {
	// MessageID is the id of the message.
	MessageID string
	// Reaction lists the users who have reacted with this emoji; empty for all reactions.
	Reaction string
	// Limit is the size of a page: for a client up to 20 reactions, the default is 10; for a server up to 100, which is the default.
	// The list goes on after a page.
	Limit int
}

// The JavaScript SDK's limits.
const (
	maxReactionsPerPage     = 20
	defaultReactionsPerPage = 10
)

// list checks the request.
func (r ReactionsRequest) list(op string, most, standard int) (*cursorList[wireReaction, Reaction], error) {
	l := &cursorList[wireReaction, Reaction]{
		op: op, req: rest.Request{
			Method: "GET", Route: "/messages/{id}/reactions", Vars: map[string]string{"id": r.MessageID},
			Query: url.Values{"affix": {affixForward}},
		},
		usable: func(w *wireReaction) bool { return w.Reaction != "" },
	}
	if err := checkMessageID(op, r.MessageID); err != nil {
		return nil, err
	}
	if r.Reaction != "" {
		if err := checkReaction(op, r.Reaction); err != nil {
			return nil, err
		}
		l.req.Route, l.req.Vars["reaction"] = "/messages/{id}/reactions/{reaction}", r.Reaction
	}
	var err error
	l.limit, err = setCursorLimit(op, l.req.Query, "limit", r.Limit, most, standard)
	seen := map[string]bool{}
	l.turn = func(p *cursorPage[wireReaction], _ position) (reactions []*Reaction, next position) {
		for _, w := range p.Data {
			if w != nil && l.usable(w) {
				reactions = append(reactions, w.reaction())
			}
		}
		reactions = newTo(seen, reactions, func(r *Reaction) string { return cmp.Or(r.ID, r.Reaction+" "+r.UID) })
		if len(reactions) > 0 && !p.isLast(l.limit) {
			next = position{ID: cmp.Or(p.next().ID, reactions[len(reactions)-1].ID)}
		}
		return reactions, next
	}
	return l, err
}

// clientList returns the list of a client's request, for listAll and listPage.
func (r ReactionsRequest) clientList(op string) func() (*cursorList[wireReaction, Reaction], error) {
	return func() (*cursorList[wireReaction, Reaction], error) {
		return r.list(op, maxReactionsPerPage, defaultReactionsPerPage)
	}
}

// ListReactions lists who has reacted to a message, and how (GET /v3.0/messages/{id}/reactions or
// /v3.0/messages/{id}/reactions/{reaction}), in the server's order. It requests a page when the loop needs it; a loop that stops makes
// no further request. An error ends the list, and comes once. A row of the server's that is no reaction is left out.
//
// The request is checked when the loop begins, and each loop starts at the first page. It fails before any request with
// ErrBadRequest for a ReactionsRequest that cannot be used (the code INVALID_MESSAGE_ID for the id), and with ErrNotLoggedIn. It
// fails with ErrNotLoggedIn also when another user logs in during the loop, and otherwise as [Client.GetMessage] does.
func (c *Client) ListReactions(ctx context.Context, r ReactionsRequest) iter.Seq2[*Reaction, error] {
	return listAll(ctx, c.asUser, r.clientList("ListReactions"))
}

// ListReactionsPage returns one page of the list of [Client.ListReactions], with one request. cursor is empty for the first page, or
// [Page.Next] of the page before. The page's Number, Pages and Total are 0: the pages of this list have no numbers. It fails as
// ListReactions does, and with ErrBadRequest for a cursor that is not one of this list's.
func (c *Client) ListReactionsPage(ctx context.Context, r ReactionsRequest, cursor string) (*Page[*Reaction], error) {
	return listPage(ctx, c.asUser, cursor, r.clientList("ListReactionsPage"))
}
