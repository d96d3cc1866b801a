package cometchat

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// SendMessage sends a message and returns it as the server stored it (POST /v3.0/messages, or POST /v3.0/messages/{id}/thread with
// a ParentID). Files go out as multipart/form-data and are not held in memory. It does not change m. Messages that one goroutine
// sends keep their order, since SendMessage returns with the answer.
//
// A message is never sent twice. The request is retried only when no connection could be made, or after 429; with files, only if each
// Reader can seek. A refusal by the server is final, as is every error that is not ErrSendUnknown: the message was not sent. When
// the answer is lost or cannot be read, SendMessage looks for the message by its MUID: in the conversation, or in the thread, once at
// once and once after three seconds (GET /v3.0/users/{uid}/messages, /v3.0/groups/{guid}/messages or /v3.0/messages/{id}/thread), and in the
// frames of the live connection. If it finds the message, it returns it. Otherwise, and as soon as ctx or the client's timeout
// ends, it fails with ErrSendUnknown: the message may have been sent, or may be still. [Error.MUID] has the MUID, and
// [Client.ResolveSend] finds out, best after [Error.RetryAfter].
//
// The client remembers up to 10,000 such messages. For one of these, SendMessage first does what ResolveSend does, and sends the
// message only if it was not sent. A MUID therefore belongs to one message. Of concurrent calls with one MUID, each waits for the one
// before, and returns its message if it was sent.
//
// It fails before any request with ErrMissingParameters for a nil message or a missing type, with ErrBadRequest for a message that
// cannot be sent ([Error.Code] is that of the JavaScript SDK, "INVALID_MESSAGE_TEXT" for example), and with ErrNotLoggedIn. It fails
// with ErrUIDNotFound or ErrGUIDNotFound when there is no such receiver, with ErrBlocked, with ErrNotPermitted, and with
// ErrAuthTokenNotFound when the session's token is gone, which ends the session unless there is another token (see
// [WithTokenProvider]).
func (c *Client) SendMessage(ctx context.Context, m *OutgoingMessage) (*Message, error) {
	const op = "SendMessage"
	if err := c.lifecycle().check(ctx, op); err != nil {
		return nil, err
	}
	out, err := checkOutgoing(op, m, c.live.settings.maxFiles())
	if err != nil {
		return nil, err
	}
	send := sending{c: c, op: op, muid: out.muid}
	return send.run(ctx, func(ctx context.Context, s *Session, state *sendState) (*Message, error) {
		if u := c.sends.open(state); u != nil {
			if sent, err := send.settle(ctx, s, state, u, 1); !errors.Is(err, ErrNotSent) {
				return sent, err
			}
		}
		began := time.Now()
		sent, err := c.post(ctx, op, s, out)
		lost, ok := errors.AsType[*lostSend](err)
		if !ok {
			return sent, err
		}
		u := &unsettled{to: out.to, parentID: out.parentID, began: began, ended: time.Now()}
		c.sends.keep(state, u)
		send.pending, send.cause = u, lost.error
		return send.settle(ctx, s, state, u, 2)
	})
}

// ResolveSend says what became of a message for which [Client.SendMessage] has failed with ErrSendUnknown: it returns the message
// if the server has it, or fails with ErrNotSent if the server does not. After ErrNotSent the message may be sent again, with the same
// MUID. It looks for the MUID in the conversation, or in the thread (GET /v3.0/users/{uid}/messages, /v3.0/groups/{guid}/messages or
// /v3.0/messages/{id}/thread), and needs of m only To, ParentID and MUID. It does not change m and sends nothing.
//
// A message that is not there yet may still come: the server may be slow. ErrNotSent therefore comes only when the client's timeout
// has passed since the attempt (see [WithTimeout]); before, ResolveSend fails with ErrSendUnknown, and [Error.RetryAfter] says when it
// can be settled. It also fails with ErrSendUnknown when the search fails, with the cause, and when more than 5,000 messages are newer
// than the attempt.
//
// ResolveSend may be called for a MUID that this client has not sent, for example one from before a restart. No other process may be
// sending it then. Its attempt counts as made at the first call, and since nobody knows its real time, ErrNotSent comes only
// if the whole conversation has been searched, up to 5,000 messages.
//
// It fails before any request with ErrMissingParameters for a nil message or an empty MUID, with ErrBadRequest for a receiver or a
// ParentID that cannot be used, and with ErrNotLoggedIn. It is safe for concurrent use.
func (c *Client) ResolveSend(ctx context.Context, m *OutgoingMessage) (*Message, error) {
	const op = "ResolveSend"
	if err := checkResolvable(op, m); err != nil {
		return nil, err
	}
	send := sending{c: c, op: op, muid: m.MUID}
	return send.run(ctx, func(ctx context.Context, s *Session, state *sendState) (*Message, error) {
		u := c.sends.open(state)
		if u == nil {
			u = &unsettled{to: m.To, parentID: m.ParentID, ended: time.Now()}
			c.sends.keep(state, u)
		}
		send.pending = u
		return send.settle(ctx, s, state, u, 1)
	})
}

func checkResolvable(op string, m *OutgoingMessage) error {
	switch {
	case m == nil:
		return newError(op, ErrMissingParameters, "the message is nil")
	case strings.TrimSpace(m.MUID) == "":
		return newError(op, ErrMissingParameters, "the message has no MUID: Error.MUID of SendMessage has it")
	}
	if err := checkReceiver(op, m.To); err != nil {
		return err
	}
	return m.checkIDs(op)
}

// lostSend is why it is unknown whether the server has a message.
type lostSend struct{ error }

// post makes the request that sends a message. Its error is a lostSend unless it is certain that the server has not taken the message.
func (c *Client) post(ctx context.Context, op string, s *Session, out *outgoing) (*Message, error) {
	req := rest.Request{
		Op: op, Method: "POST", Route: "/messages", Credential: rest.AuthToken(s.AuthToken), Stream: out.form, Once: true,
	}
	if out.form == nil {
		req.Body = out.body
	}
	if out.parentID != "" {
		req.Route, req.Vars = "/messages/{id}/thread", map[string]string{"id": out.parentID}
	}
	var e *envelope[messageRow]
	a, err := answer(ctx, c.rest, &req, reader(&e, func(row *messageRow) string { return sentFlaw(row.Message, out.muid) }))
	switch {
	case err == nil:
		return e.Data.Message, nil
	case a.Unsent(), a.Err == nil && a.Status < 500 && readRefusal(a.Body) != nil:
		return nil, err
	}
	return nil, &lostSend{err}
}

// sentFlaw says what is wrong with the message in the answer to a send; "" if nothing is.
func sentFlaw(m *Message, muid string) string {
	switch {
	case m == nil:
		return "the server's answer has no message"
	case m.Category == CategoryAction, m.MUID != "" && m.MUID != muid:
		return "the server's answer is another message"
	}
	return ""
}
