package cometchat

import (
	"context"
	"strings"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// GetMessage returns a message (GET /v3.0/messages/{id}): as the app any message, or one that the user of [Admin.OnBehalfOf] may see.
//
// It fails before any request with ErrBadRequest (the code INVALID_MESSAGE_ID) for an id that is not a number above 0. It fails with
// ErrMessageNotFound when there is no such message, and with ErrNotPermitted when the user is not in its conversation.
func (a *Admin) GetMessage(ctx context.Context, id string) (*Message, error) {
	return messageCall(ctx, a.asServer, id, rest.Request{Op: "GetMessage", Method: "GET", Route: "/messages/{id}"}, itself)
}

// EditMessage changes a message (PUT /v3.0/messages/{id}): as the app any message, or one that the user of [Admin.OnBehalfOf] may change.
// It returns the message as it is after the edit, with EditedAt and EditedBy. All who are in the conversation hear of the edit, and the
// history gets a message of [CategoryAction] about it.
//
// It fails as [Client.EditMessage] does, apart from the errors of a session.
func (a *Admin) EditMessage(ctx context.Context, id string, e MessageEdit) (*Message, error) {
	const op = "EditMessage"
	body, err := e.body(op)
	if err != nil {
		return nil, err
	}
	return messageCall(ctx, a.asServer, id, rest.Request{Op: op, Method: "PUT", Route: "/messages/{id}", Body: body}, changed)
}

// DeleteMessage deletes a message (DELETE /v3.0/messages/{id}): as the app any message, or one that the user of [Admin.OnBehalfOf] may
// delete. It returns what is left of the message, with DeletedAt and DeletedBy. All who are in the conversation hear of the deletion, and
// the history gets a message of [CategoryAction] about it.
//
// It fails as [Admin.GetMessage] does, and with ErrNotPermitted when the user may not delete this message. The request may be retried.
// CometChat does not document its answer to the deletion of a deleted message: count ErrMessageNotFound as a success.
func (a *Admin) DeleteMessage(ctx context.Context, id string) (*Message, error) {
	return a.deleteMessage(ctx, "DeleteMessage", id, false)
}

// DeleteMessagePermanently does what [Admin.DeleteMessage] does, but nothing is left of the message on the server (DELETE
// /v3.0/messages/{id} with permanent). It returns the message as the server last had it, and fails as DeleteMessage does. It cannot be
// undone.
func (a *Admin) DeleteMessagePermanently(ctx context.Context, id string) (*Message, error) {
	return a.deleteMessage(ctx, "DeleteMessagePermanently", id, true)
}

func (a *Admin) deleteMessage(ctx context.Context, op, id string, permanent bool) (*Message, error) {
	return messageCall(ctx, a.asServer, id, rest.Request{
		Op: op, Method: "DELETE", Route: "/messages/{id}", Body: map[string]bool{"permanent": permanent},
	}, changed)
}

// FlagMessage reports a message to the app's moderators, on behalf of the user of [Admin.OnBehalfOf] (POST /v3.0/messages/{id}/flagged).
// reasonID is the id of one of the app's reasons, "spam" for example, and remark the user's own words, which may be empty.
// [Client.FlagReasons] lists the reasons.
//
// It fails as [Admin.GetMessage] does, before any request also with ErrMissingParameters without a user or a reason, and with
// ErrBadRequest when the app has no such reason. The request may be retried.
func (a *Admin) FlagMessage(ctx context.Context, id, reasonID, remark string) error {
	const op = "FlagMessage"
	if strings.TrimSpace(reasonID) == "" {
		return newError(op, ErrMissingParameters, "the reason is missing")
	}
	body := struct {
		ReasonID string `json:"reasonId"`
		Remark   string `json:"remark,omitempty"`
	}{reasonID, remark}
	return messageDeed(ctx, a.forUser, id, rest.Request{Op: op, Method: "POST", Route: "/messages/{id}/flagged", Body: body})
}

// MarkAsInteracted tells the server that the user of [Admin.OnBehalfOf] has used an element of an interactive message, a button for
// example (PATCH /v3.0/messages/{id}/interacted). elementID is the elementId of the element in [Interactive.Data].
//
// It fails as [Admin.GetMessage] does, and before any request with ErrMissingParameters without a user or an element.
func (a *Admin) MarkAsInteracted(ctx context.Context, id, elementID string) error {
	req, err := interaction("MarkAsInteracted", elementID)
	if err != nil {
		return err
	}
	return messageDeed(ctx, a.forUser, id, req)
}
