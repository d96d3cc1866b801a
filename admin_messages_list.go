package cometchat

import (
	"context"
	"iter"
	"net/url"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// MessageFilter says which messages [Admin.ListMessages] lists, and in which order; the zero value lists all messages, as the app those
// of everybody, the newest first. Its fields are those of [MessagesRequest], as far as the server's API has them, and more.
//
// CometChat's plans differ in which of the filters they have: without the add-on for search, SearchKeyword looks at texts only, and the
// filters by attachment, link, mention and reaction find nothing.
type MessageFilter struct {
	// With is a user or a group. On behalf of a user, the list is of the conversation with this user or group; as the app, of the
	// conversation of the group, or of all messages that the user has sent or received. The zero value is all conversations.
	With Receiver
	// ParentID lists the replies in the thread of this message; With does not matter then.
	ParentID string
	// ConversationID is the id of a conversation, see [Message.ConversationID], and ReceiverType is ReceiverUser or ReceiverGroup. Both
	// are for lists without With and ParentID.
	ConversationID, ReceiverType string
	// Limit is the size of a page, up to 1000 messages; the default is 100. The list goes on after a page.
	Limit int

	// At most one of the following says where the list begins and which way it goes.

	// BeforeID lists what was sent before this message, the newest first.
	BeforeID string
	// AfterID lists what was sent after this message, the oldest first; "0" lists from the beginning.
	AfterID string

	// SentFrom and SentTo limit the list to messages that were sent in this time, EditedFrom and EditedTo to those that were edited,
	// and UpdatedFrom and UpdatedTo to those that were changed; the ends are included. A zero time is no limit. Times have the precision
	// of a second. EditedFrom to UpdatedTo are for lists without With and ParentID.
	SentFrom, SentTo       time.Time
	EditedFrom, EditedTo   time.Time
	UpdatedFrom, UpdatedTo time.Time

	// Senders lists messages of one of these users; with With or ParentID, it has one user at most.
	Senders []string
	// SearchKeyword is a part of the text.
	SearchKeyword string
	// Categories and Types list messages of one of these categories, and of one of these types.
	Categories, Types []string
	// Tags lists messages that have one of these tags. WithTags asks for the messages' tags, which the server leaves out otherwise.
	Tags     []string
	WithTags bool
	// Unread lists what the user of [Admin.OnBehalfOf] has not read, Undelivered what has not reached this user, and MyMentionsOnly what
	// mentions this user. Undelivered and MyMentionsOnly are for lists with With.
	Unread, Undelivered, MyMentionsOnly bool
	// HasAttachments, HasLinks, HasMentions and HasReactions list messages that have one of them at least.
	HasAttachments, HasLinks, HasMentions, HasReactions bool
	// AttachmentTypes lists messages that have an attachment of one of these types, TypeImage for example; MentionedUIDs, messages
	// that mention one of these users.
	AttachmentTypes, MentionedUIDs []string
	// Pinned lists what is pinned in the conversation of With, what was pinned last first.
	Pinned bool
	// OnlyDeleted lists deleted messages, and no others. HideDeletedMessages leaves them out. Both are for lists without With and
	// ParentID.
	OnlyDeleted, HideDeletedMessages bool
	// HideReplies leaves out replies in threads; it does not matter with ParentID. HideQuotedMessages leaves out the quoted messages
	// within messages, and HideMessagesFromBlockedUsers messages of users whom the user of [Admin.OnBehalfOf] has blocked.
	HideReplies, HideQuotedMessages, HideMessagesFromBlockedUsers bool
	// MentionsWithTagInfo asks for the tags of mentioned users, and MentionsWithBlockedInfo for whether they are blocked.
	MentionsWithTagInfo, MentionsWithBlockedInfo bool
}

// ListMessages lists messages (GET /v3.0/messages, /v3.0/users/{uid}/messages, /v3.0/groups/{guid}/messages or
// /v3.0/messages/{id}/thread): as the app those of everybody, or those that the user of [Admin.OnBehalfOf] may see. It requests a page
// when the loop needs it; a loop that stops makes no further request. An error ends the list, and comes once.
//
//	for m, err := range admin.ListMessages(ctx, cometchat.MessageFilter{With: cometchat.ToGroup("hikers")}) {
//
// By default the newest message comes first, and the list ends with the oldest; with AfterID it is the other way round. Each message
// comes once, in the order of the ids, also when others send and delete messages during the loop. Edits and deletions are part of a
// history as messages of [CategoryAction]. A row of the server's that is no message is left out; a page without any message is an error.
//
// The filter is checked when the loop begins, and each loop starts at the first page. It fails before any request with ErrBadRequest for
// a filter that cannot be used, also for a field that its list does not have. It fails with ErrUIDNotFound or ErrGUIDNotFound for a
// receiver that does not exist, with ErrNotJoined when the user is not in the group, and with ErrMessageNotFound for a thread that does
// not exist.
func (a *Admin) ListMessages(ctx context.Context, f MessageFilter) iter.Seq2[*Message, error] {
	return listAll(ctx, a.asServer, f.list("ListMessages"))
}

// ListMessagesPage returns one page of the list of [Admin.ListMessages], in the same order and with one request. cursor is empty for the
// first page, or [Page.Next] of the page before. The page's Number, Pages and Total are 0: the pages of this list have no numbers. A page
// may have no items, and a next page all the same. It fails as ListMessages does, and with ErrBadRequest for a cursor that is not one of
// this list's.
func (a *Admin) ListMessagesPage(ctx context.Context, f MessageFilter, cursor string) (*Page[*Message], error) {
	return listPage(ctx, a.asServer, cursor, f.list("ListMessagesPage"))
}

// list returns the list, for listAll and listPage.
func (f MessageFilter) list(op string) func() (*cursorList[messageRow, Message], error) {
	return func() (*cursorList[messageRow, Message], error) {
		if err := f.check(op); err != nil {
			return nil, err
		}
		l := &cursorList[messageRow, Message]{
			op: op, req: rest.Request{Method: "GET", Route: "/messages", Query: f.query()}, usable: usableMessage,
			start: position{ID: f.BeforeID + f.AfterID},
		}
		size := "limit"
		switch {
		case f.ParentID != "":
			l.req.Route, l.req.Vars, size = "/messages/{id}/thread", map[string]string{"id": f.ParentID}, "perPage"
		case f.With != (Receiver{}):
			l.req.Route, l.req.UID = f.With.place()+"/messages", f.With.ID
		}
		var err error
		l.limit, err = setCursorLimit(op, l.req.Query, size, f.Limit, maxPerPage, defaultPerPage)
		l.turn = (&messageTurner{limit: l.limit, forward: f.AfterID != "", pinned: f.Pinned, seen: map[string]bool{}}).turn
		return l, err
	}
}

// check refuses a filter that cannot be used.
func (f *MessageFilter) check(op string) error {
	if f.ParentID != "" {
		if err := checkMessageID(op, f.ParentID); err != nil {
			return err
		}
	} else if f.With != (Receiver{}) {
		if err := checkReceiver(op, f.With); err != nil {
			return err
		}
	}
	for _, id := range []string{f.BeforeID, f.AfterID} {
		if id != "" && (id != "0" || id == f.BeforeID) {
			if err := checkMessageID(op, id); err != nil {
				return err
			}
		}
	}
	for _, uids := range [][]string{f.Senders, f.MentionedUIDs} {
		if len(uids) > 0 {
			if err := checkUIDs(op, uids); err != nil {
				return err
			}
		}
	}
	if flaw := f.flaw(); flaw != "" {
		return newError(op, ErrBadRequest, "%s", flaw)
	}
	return checkNoComma(op, f.Categories, f.Types, f.Tags, f.AttachmentTypes, f.Senders, f.MentionedUIDs)
}

// flaw says which fields cannot be used together; "" if all can.
func (f *MessageFilter) flaw() string {
	inOne := f.With != (Receiver{}) || f.ParentID != ""
	untimed := f.EditedFrom.IsZero() && f.EditedTo.IsZero() && f.UpdatedFrom.IsZero() && f.UpdatedTo.IsZero()
	switch {
	case f.BeforeID != "" && f.AfterID != "":
		return "only one of BeforeID and AfterID can be used"
	case f.ReceiverType != "" && f.ReceiverType != ReceiverUser && f.ReceiverType != ReceiverGroup:
		return "the ReceiverType is neither user nor group"
	case inOne && (f.ConversationID != "" || f.ReceiverType != "" || f.OnlyDeleted || f.HideDeletedMessages):
		return "ConversationID, ReceiverType, OnlyDeleted and HideDeletedMessages are for lists without With and ParentID"
	case inOne && !untimed:
		return "EditedFrom, EditedTo, UpdatedFrom and UpdatedTo are for lists without With and ParentID"
	case inOne && len(f.Senders) > 1:
		return "only a list without With and ParentID can be of several senders"
	case (f.Undelivered || f.MyMentionsOnly || f.Pinned) && (f.With == Receiver{} || f.ParentID != ""):
		return "Undelivered, MyMentionsOnly and Pinned are for lists with With"
	}
	return ""
}

func (f *MessageFilter) query() url.Values {
	q := url.Values{"affix": {affixBack}}
	if f.AfterID != "" {
		q.Set("affix", affixForward)
	}
	sentFrom := unixOrNone(f.SentFrom)
	if sentFrom == "" && !f.SentTo.IsZero() {
		sentFrom = "1" // the server ignores the end without a beginning
	}
	senders := "senders"
	if len(f.Senders) == 1 {
		senders = "sender" // the older of the two names
	}
	setTexts(q, map[string]string{
		"conversationId": f.ConversationID, "receiverType": f.ReceiverType, senders: strings.Join(f.Senders, ","),
		"fromTimestamp": sentFrom, "toTimestamp": unixOrNone(f.SentTo),
		"editedAt[from]": unixOrNone(f.EditedFrom), "editedAt[to]": unixOrNone(f.EditedTo),
		"updatedAt[from]": unixOrNone(f.UpdatedFrom), "updatedAt[to]": unixOrNone(f.UpdatedTo),
		"searchKey": f.SearchKeyword, "categories": strings.Join(f.Categories, ","), "types": strings.Join(f.Types, ","),
		"tags": strings.Join(f.Tags, ","), "attachmentTypes": strings.Join(f.AttachmentTypes, ","),
		"mentionedUids": strings.Join(f.MentionedUIDs, ","), "pinned": flag(f.Pinned), // recorded, not documented
	})
	for name, on := range map[string]bool{
		"withTags": f.WithTags, "unread": f.Unread, "undelivered": f.Undelivered, "myMentionsOnly": f.MyMentionsOnly,
		"hasAttachments": f.HasAttachments, "hasLinks": f.HasLinks, "hasMentions": f.HasMentions, "hasReactions": f.HasReactions,
		"onlyDeleted": f.OnlyDeleted, "hideDeleted": f.HideDeletedMessages, "hideReplies": f.HideReplies && f.ParentID == "",
		"hideQuotedMessages": f.HideQuotedMessages, "hideMessagesFromBlockedUsers": f.HideMessagesFromBlockedUsers,
		"mentionsWithTagInfo": f.MentionsWithTagInfo, "mentionsWithBlockedInfo": f.MentionsWithBlockedInfo,
	} {
		if on {
			q.Set(name, "true")
		}
	}
	return q
}

// unixOrNone writes a time for a query; "" for the zero time.
func unixOrNone(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return unixText(t)
}
