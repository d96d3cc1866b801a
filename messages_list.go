package cometchat

import (
	"context"
	"iter"
	"net/url"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// MessagesRequest says which messages [Client.ListMessages] lists, and in which order; the zero value lists the messages of all
// conversations of the logged-in user, the newest first. In the JavaScript SDK it is the MessagesRequestBuilder.
//
// CometChat's plans differ in which of the filters they have: without the add-on for search, SearchKeyword looks at texts only, and
// the filters by attachment, link, mention and reaction find nothing.
type MessagesRequest struct {
	// With is the conversation: the other user, or the group. The zero value is all conversations.
	With Receiver
	// ParentID lists the replies in the thread of this message; With does not matter then.
	ParentID string
	// Limit is the size of a page, up to 100 messages; the default is 30. The list goes on after a page.
	Limit int

	// At most one of the following says where the list begins and which way it goes.

	// BeforeID and SentBefore list what was sent before this message or this time, the newest first.
	BeforeID   string
	SentBefore time.Time
	// AfterID and SentAfter list what was sent after this message or this time, the oldest first. AfterID "0" lists a conversation
	// from its beginning.
	AfterID   string
	SentAfter time.Time
	// UpdatedAfter lists what was sent or changed after this time, in the server's order; with UpdatesOnly, what was changed. Time
	// has the precision of a second: a message may come twice, and of many messages that changed within one second some may be
	// missing.
	UpdatedAfter time.Time
	UpdatesOnly  bool

	// SearchKeyword is a part of the text.
	SearchKeyword string
	// Categories and Types list messages of one of these categories, and of one of these types, CategoryCustom and TypeImage for
	// example.
	Categories, Types []string
	// Tags lists messages that have one of these tags. WithTags asks for the messages' tags, which the server leaves out otherwise.
	Tags     []string
	WithTags bool
	// Unread lists what the logged-in user has not read.
	Unread bool
	// HasAttachments, HasLinks, HasMentions and HasReactions list messages that have one of them at least.
	HasAttachments, HasLinks, HasMentions, HasReactions bool
	// AttachmentTypes lists messages that have an attachment of one of these types, TypeImage for example; MentionedUIDs, messages
	// that mention one of these users.
	AttachmentTypes, MentionedUIDs []string
	// Pinned lists what is pinned in the conversation of With; Saved, what the logged-in user has saved, also without With. Both come
	// in the server's order: what was pinned last, or the newest message, first.
	Pinned, Saved bool
	// InteractionGoalCompletedOnly lists interactive messages whose goal the logged-in user has reached.
	InteractionGoalCompletedOnly bool
	// HideReplies leaves out replies in threads; it does not matter with ParentID. HideDeletedMessages leaves out deleted messages,
	// HideQuotedMessages the quoted messages within messages, and HideMessagesFromBlockedUsers messages of users whom the logged-in
	// user has blocked.
	HideReplies, HideDeletedMessages, HideQuotedMessages, HideMessagesFromBlockedUsers bool
	// WithParent asks for the parent messages of replies; MentionsWithTagInfo for the tags of mentioned users, and
	// MentionsWithBlockedInfo for whether they are blocked.
	WithParent, MentionsWithTagInfo, MentionsWithBlockedInfo bool
}

const maxMessagesPerPage = 100

// ListMessages lists messages that the logged-in user may see (GET /v3.0/users/{uid}/messages, /v3.0/groups/{guid}/messages,
// /v3.0/messages/{id}/thread or /v3.0/messages). It requests a page when the loop needs it; a loop that stops makes no further
// request. An error ends the list, and comes once.
//
//	for m, err := range client.ListMessages(ctx, cometchat.MessagesRequest{With: cometchat.ToUser("ada")}) {
//
// By default the newest message comes first, and the list ends with the oldest; with AfterID or SentAfter it is the other way round.
// Each message comes once, in the order of the ids, also when others send and delete messages during the loop: a list from the
// newest message back has none of the new messages, a list forward has those that were sent before its last page. Edits and
// deletions are part of a history as messages of [CategoryAction]. A row of the server's that is no message is left out; a page
// without any message is an error.
//
// The request is checked when the loop begins, and each loop starts at the first page. It fails before any request with
// ErrBadRequest for a MessagesRequest that cannot be used (the codes INVALID_MESSAGE_ID, INVALID_RECEIVER_ID and
// INVALID_RECEIVER_TYPE for an id or receiver), with ErrMissingParameters for UpdatesOnly without UpdatedAfter, and with
// ErrNotLoggedIn. It fails with ErrNotLoggedIn also when another user logs in during the loop, with ErrUIDNotFound or
// ErrGUIDNotFound for a receiver that does not exist, with ErrMessageNotFound for a thread that does not exist, and with
// ErrAuthTokenNotFound when the session's token is gone, which ends the session unless there is another token (see
// [WithTokenProvider]).
func (c *Client) ListMessages(ctx context.Context, r MessagesRequest) iter.Seq2[*Message, error] {
	return listAll(ctx, c.asUser, func() (*cursorList[messageRow, Message], error) { return r.list("ListMessages") })
}

// ListMessagesPage returns one page of the list of [Client.ListMessages], in the same order and with one request. cursor is empty for
// the first page, or [Page.Next] of the page before. The page's Number, Pages and Total are 0: the pages of this list have no
// numbers. A page may have no items, and a next page all the same. It fails as ListMessages does, and with ErrBadRequest for a cursor
// that is not one of this list's.
func (c *Client) ListMessagesPage(ctx context.Context, r MessagesRequest, cursor string) (*Page[*Message], error) {
	return listPage(ctx, c.asUser, cursor, func() (*cursorList[messageRow, Message], error) { return r.list("ListMessagesPage") })
}

// list checks the request.
func (r MessagesRequest) list(op string) (*cursorList[messageRow, Message], error) {
	l := &cursorList[messageRow, Message]{op: op, req: rest.Request{Method: "GET"}, usable: usableMessage}
	var err error
	if l.start, err = r.start(op); err != nil {
		return nil, err
	}
	if l.req.Query, err = r.query(op); err != nil {
		return nil, err
	}
	if l.limit, err = setCursorLimit(op, l.req.Query, "per_page", r.Limit, maxMessagesPerPage, defaultLimit); err != nil {
		return nil, err
	}
	switch {
	case r.ParentID != "":
		l.req.Route, l.req.Vars = "/messages/{id}/thread", map[string]string{"id": r.ParentID}
		err = checkMessageID(op, r.ParentID)
	case r.With != (Receiver{}):
		l.req.Route, l.req.UID = r.With.place()+"/messages", r.With.ID
		err = checkReceiver(op, r.With)
	default:
		l.req.Route = "/messages"
	}
	l.turn = (&messageTurner{
		limit: l.limit, forward: r.forward(), pinned: r.Pinned, saved: r.Saved, updates: !r.UpdatedAfter.IsZero(), seen: map[string]bool{},
	}).turn
	return l, err
}

// forward reports whether the oldest message comes first.
func (r *MessagesRequest) forward() bool {
	return r.AfterID != "" || !r.SentAfter.IsZero() || !r.UpdatedAfter.IsZero()
}

// start returns where the first page begins.
func (r *MessagesRequest) start(op string) (at position, err error) {
	given := 0
	for _, id := range []string{r.BeforeID, r.AfterID} {
		if id != "" {
			given++
			at.ID = id
		}
	}
	if at.ID != "" && r.AfterID != "0" { // the beginning
		if err := checkMessageID(op, at.ID); err != nil {
			return at, err
		}
	}
	for _, t := range []time.Time{r.SentBefore, r.SentAfter} {
		if !t.IsZero() {
			given++
			at.SentAt = unixText(t)
		}
	}
	if !r.UpdatedAfter.IsZero() {
		given++
		at.UpdatedAt = unixText(r.UpdatedAfter)
	}
	switch {
	case given > 1:
		return at, newError(op, ErrBadRequest, "only one of BeforeID, SentBefore, AfterID, SentAfter and UpdatedAfter can be used")
	case r.UpdatesOnly && at.UpdatedAt == "":
		return at, newError(op, ErrMissingParameters, "UpdatesOnly needs UpdatedAfter")
	}
	return at, nil
}

func (r *MessagesRequest) query(op string) (url.Values, error) {
	if err := checkNoComma(op, r.Categories, r.Types, r.Tags, r.AttachmentTypes, r.MentionedUIDs); err != nil {
		return nil, err
	}
	if len(r.MentionedUIDs) > 0 {
		if err := checkUIDs(op, r.MentionedUIDs); err != nil {
			return nil, err
		}
	}
	q := url.Values{"affix": {affixBack}, "withThreadSubscribed": {"true"}}
	if r.forward() {
		q.Set("affix", affixForward)
	}
	if r.HideReplies && r.ParentID == "" {
		q.Set("hideReplies", "true") // the one flag that is not written as 1
	}
	setTexts(q, map[string]string{
		"searchKey": r.SearchKeyword, "categories": strings.Join(r.Categories, ","), "types": strings.Join(r.Types, ","),
		"tags": strings.Join(r.Tags, ","), "withTags": flag(r.WithTags), "unread": flag(r.Unread),
		"hasAttachments": flag(r.HasAttachments), "hasLinks": flag(r.HasLinks), "hasMentions": flag(r.HasMentions),
		"hasReactions": flag(r.HasReactions), "attachmentTypes": strings.Join(r.AttachmentTypes, ","),
		"mentionedUids": strings.Join(r.MentionedUIDs, ","), "pinned": flag(r.Pinned), "saved": flag(r.Saved),
		"onlyInteractionGoalCompleted": flag(r.InteractionGoalCompletedOnly), "onlyUpdates": flag(r.UpdatesOnly),
		"hideDeleted": flag(r.HideDeletedMessages), "hideQuotedMessages": flag(r.HideQuotedMessages),
		"hideMessagesFromBlockedUsers": flag(r.HideMessagesFromBlockedUsers), "withParent": flag(r.WithParent),
		"mentionsWithTagInfo": flag(r.MentionsWithTagInfo), "mentionsWithBlockedInfo": flag(r.MentionsWithBlockedInfo),
	})
	return q, nil
}
