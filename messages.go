package cometchat

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/cometchat-go/cometchat/internal/rest"
)

// GetMessage returns a message of a conversation of the logged-in user (GET /v3.0/messages/{id}). ThreadSubscribed is set.
//
// It fails before any request with ErrBadRequest (the code INVALID_MESSAGE_ID) for an id that is not a number above 0, and with
// ErrNotLoggedIn. It fails with ErrMessageNotFound when there is no such message, with ErrNotPermitted when it is in a
// conversation of others, and with ErrAuthTokenNotFound when the session's token is gone, which ends the session unless there is
// another token (see [WithTokenProvider]).
func (c *Client) GetMessage(ctx context.Context, id string) (*Message, error) {
	return messageCall(ctx, c.asUser, id, rest.Request{
		Op: "GetMessage", Method: "GET", Route: "/messages/{id}", Query: url.Values{"withThreadSubscribed": {"true"}},
	}, itself)
}

// MessageEdit says what [Client.EditMessage] changes. Fields that are zero stay as they are.
type MessageEdit struct {
	// Text is the new text of a text message, caption of media, or conversation text of a custom message. It has up to 65,536
	// characters, and mentions up to 10 users.
	Text string
	// CustomData is the new data of a custom message: a value that is written as a JSON object.
	CustomData any
	// Metadata is the new metadata, a JSON object. CometChat does not document whether an edit of the metadata alone keeps the
	// text: give both.
	Metadata json.RawMessage
	// Tags replace all tags of the message; an empty list that is not nil removes them.
	Tags []string
}

// EditMessage changes a message that the logged-in user has sent, or in a group a message that the user's scope allows to change
// (PUT /v3.0/messages/{id}). It returns the message as it is after the edit, with EditedAt and EditedBy. All who are in the
// conversation hear of the edit, and the history gets a message of [CategoryAction] about it.
//
// It fails before any request with ErrMissingParameters for an edit that changes nothing, with ErrBadRequest for an id that is
// not a number above 0 (the code INVALID_MESSAGE_ID), a text that is blank or too long (INVALID_MESSAGE_TEXT), custom data or
// metadata that is no JSON object (INVALID_CUSTOM_DATA for the former), mentions or tags beyond the limits, and an edit of more than
// 65,536 characters as JSON, and with ErrNotLoggedIn. It fails with ErrMessageNotFound, with ErrNotPermitted when the user may not
// edit this message, and with ErrAuthTokenNotFound as [Client.GetMessage] does. The request may be retried: the message is then
// edited to the same content, and the history may have two messages about it.
func (c *Client) EditMessage(ctx context.Context, id string, e MessageEdit) (*Message, error) {
	const op = "EditMessage"
	body, err := e.body(op)
	if err != nil {
		return nil, err
	}
	return c.change(ctx, id, rest.Request{Op: op, Method: "PUT", Route: "/messages/{id}", Body: body})
}

// DeleteMessage deletes a message that the logged-in user has sent, or in a group a message that the user's scope allows to delete
// (DELETE /v3.0/messages/{id}). It returns what is left of the message, with DeletedAt and DeletedBy. All who are in the
// conversation hear of the deletion, and the history gets a message of [CategoryAction] about it.
//
// It fails as [Client.GetMessage] does, and with ErrNotPermitted when the user may not delete this message. The request may be
// retried. CometChat does not document its answer to the deletion of a deleted message: count ErrMessageNotFound as a success.
func (c *Client) DeleteMessage(ctx context.Context, id string) (*Message, error) {
	return c.change(ctx, id, rest.Request{
		Op: "DeleteMessage", Method: "DELETE", Route: "/messages/{id}", Body: map[string]string{"id": id},
	})
}

// messageEditBody is the body of an edit.
type messageEditBody struct {
	Data *messageEditData `json:"data,omitempty"`
	Tags []string         `json:"tags,omitzero"`
}

type messageEditData struct {
	Text       string          `json:"text,omitempty"`
	CustomData json.RawMessage `json:"customData,omitempty"`
	Metadata   json.RawMessage `json:"metadata,omitempty"`
}

// body checks an edit and returns its JSON.
func (e *MessageEdit) body(op string) ([]byte, error) {
	d := &messageEditData{Text: e.Text, Metadata: e.Metadata}
	if e.CustomData != nil {
		raw, err := lenient.Marshal(e.CustomData)
		if err != nil || !isObject(raw) {
			return nil, badArgument(op, codeCustomData, "the custom data is no JSON object")
		}
		d.CustomData = raw
	}
	switch {
	case e.Text == "" && d.CustomData == nil && len(e.Metadata) == 0 && e.Tags == nil:
		return nil, newError(op, ErrMissingParameters, "the edit changes nothing")
	case e.Text != "" && strings.TrimSpace(e.Text) == "":
		return nil, badArgument(op, codeMessageText, "the text is blank")
	}
	if err := checkMessageText(op, e.Text); err != nil {
		return nil, err
	}
	if err := checkMessageTags(op, e.Tags); err != nil {
		return nil, err
	}
	if err := checkMetadata(op, e.Metadata); err != nil {
		return nil, err
	}
	body := &messageEditBody{Data: d, Tags: e.Tags}
	if d.Text == "" && d.CustomData == nil && len(d.Metadata) == 0 {
		body.Data = nil
	}
	raw, _ := lenient.Marshal(body) // texts and JSON always marshal
	if err := checkMessageSize(op, raw); err != nil {
		return nil, err
	}
	return raw, nil
}

// change makes a call whose answer is the action message about a change, and returns the message that was changed.
func (c *Client) change(ctx context.Context, id string, req rest.Request) (*Message, error) {
	return messageCall(ctx, c.asUser, id, req, func(m *Message) *Message {
		if m != nil && m.Action != nil {
			c.events.knows(messageNumber(m.ID)) // the history need not name the client that did it
		}
		return changed(m)
	})
}
