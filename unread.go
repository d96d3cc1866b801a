package cometchat

import (
	"context"
	"net/url"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// UnreadRequest says what [Client.UnreadCounts] counts; the zero value counts in all conversations.
type UnreadRequest struct {
	// With counts only in the conversation with this user or group.
	With Receiver
	// Type is ReceiverUser to count only in conversations with users, and ReceiverGroup only in those of groups. With needs none.
	Type string
	// HideMessagesFromBlockedUsers does not count messages of users whom the logged-in user has blocked.
	HideMessagesFromBlockedUsers bool
}

// UnreadCounts is how many messages the logged-in user has not read: in the conversations with users, by uid, and in those of
// groups, by guid. The ids are in lower case, as the server has them. A conversation without unread messages may be missing.
// Neither map is nil.
type UnreadCounts struct {
	Users, Groups map[string]int
}

// unreadRow is the server's count for a user or a group.
type unreadRow struct {
	ID    string `json:"entityId"`
	Type  string `json:"entityType"`
	Count int    `json:"count"`
}

// UnreadCounts returns how many messages the logged-in user has not read, for each conversation (GET /v3.0/messages; with a
// receiver GET /v3.0/users/{uid}/messages or /v3.0/groups/{guid}/messages; with unread=1 and count=1). There are no counts when
// everything is read.
//
// It fails before any request with ErrBadRequest for an UnreadRequest that cannot be used, and with ErrNotLoggedIn. It fails with
// ErrUIDNotFound or ErrGUIDNotFound when there is no such user or group, and with ErrAuthTokenNotFound when the session's token is
// gone, which ends the session unless there is another token (see [WithTokenProvider]). An answer without a list of counts is an
// [Error] with the code "FAILED_TO_FETCH".
func (c *Client) UnreadCounts(ctx context.Context, r UnreadRequest) (*UnreadCounts, error) {
	return r.counts(ctx, c.asUser, "UnreadCounts")
}

// counts makes the call.
func (r UnreadRequest) counts(ctx context.Context, as callAs, op string) (*UnreadCounts, error) {
	req, err := r.request(op)
	if err != nil {
		return nil, err
	}
	var rows *[]unreadRow
	err = as(ctx, op, func(ctx context.Context, by caller) (err error) {
		rows, err = send[[]unreadRow](ctx, by.rest, by.signed(req), nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	counts := &UnreadCounts{Users: map[string]int{}, Groups: map[string]int{}}
	for _, row := range *rows {
		switch {
		case !r.asksFor(row):
		case row.Type == ReceiverGroup:
			counts.Groups[foldUID(row.ID)] = row.Count
		default:
			counts.Users[foldUID(row.ID)] = row.Count
		}
	}
	return counts, nil
}

// request checks r and makes the request of it, without a credential.
func (r UnreadRequest) request(op string) (req rest.Request, err error) {
	blocked := "0"
	if r.HideMessagesFromBlockedUsers {
		blocked = "1"
	}
	req = rest.Request{Op: op, Method: "GET", Route: "/messages", Query: url.Values{
		"unread": {"1"}, "count": {"1"}, "hideMessagesFromBlockedUsers": {blocked},
	}}
	switch {
	case r.With != Receiver{}:
		if err := checkReceiver(op, r.With); err != nil {
			return req, err
		}
		if r.Type != "" && r.Type != r.With.Type {
			return req, newError(op, ErrBadRequest, "the type is %.50q, and the receiver is %s", r.Type, r.With)
		}
		req.Route, req.UID = r.With.place()+"/messages", r.With.ID
		req.Query.Set(map[bool]string{false: "uid", true: "guid"}[r.With.IsGroup()], r.With.ID)
	case r.Type == ReceiverUser || r.Type == ReceiverGroup:
		req.Query.Set("receiverType", r.Type)
	case r.Type != "":
		return req, newError(op, ErrBadRequest, "the type %.50q is not %s or %s", r.Type, ReceiverUser, ReceiverGroup)
	}
	return req, nil
}

// asksFor reports whether a row is about what r asks for. The server sends rows of groups when asked for users, for example.
func (r UnreadRequest) asksFor(row unreadRow) bool {
	switch {
	case row.ID == "" || row.Type != ReceiverUser && row.Type != ReceiverGroup:
		return false
	case r.With != Receiver{}:
		return row.Type == r.With.Type && sameUID(row.ID, r.With.ID)
	}
	return r.Type == "" || r.Type == row.Type
}
