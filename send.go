package cometchat

import "context"

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
	return c.sending(op, out.muid).send(ctx, out)
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
	if err := c.lifecycle().check(ctx, op); err != nil {
		return nil, err
	}
	if err := checkResolvable(op, m); err != nil {
		return nil, err
	}
	return c.sending(op, m.MUID).resolve(ctx, m)
}

// sending returns a call about one message.
func (c *Client) sending(op, muid string) *sending {
	return &sending{
		as: c.asUser, sends: c.sends, timeout: c.calls.timeout, op: op, muid: muid,
		known: func(m *Message) { c.events.knows(messageNumber(m.ID)) },
	}
}
