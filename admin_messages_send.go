package cometchat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"
)

// SendMessage sends a message and returns it as the server stored it (POST /v3.0/messages, or POST /v3.0/messages/{id}/thread with a
// ParentID): as the app, whose uid is [AppUID], or on behalf of the user of [Admin.OnBehalfOf]. A reply in a thread needs a user. Files
// go out as multipart/form-data, which CometChat documents for clients only: to be sure, give Attachments, which are at a URL already.
// It does not change m.
//
// A message is never sent twice, as [Client.SendMessage] describes it: the request is retried only when no connection could be made,
// or after 429, and every error that is not ErrSendUnknown says that the message was not sent. When the answer is lost or cannot be
// read, SendMessage looks for the MUID among the sender's messages in the conversation, once at once and once after three seconds (GET
// /v3.0/users/{uid}/messages or /v3.0/groups/{guid}/messages, for a message of the app to a user GET /v3.0/messages, each with the
// sender). Otherwise it fails with ErrSendUnknown; [Error.MUID] has the MUID, and [Admin.ResolveSend] finds out.
//
// The Admin, with all that OnBehalfOf has made of it, remembers up to 10,000 such messages. For one of these, SendMessage first does
// what ResolveSend does. Of concurrent calls with one MUID and sender, each waits for the one before, and returns its message.
//
// It fails before any request with ErrMissingParameters for a nil message or a missing type, and with ErrBadRequest for a message that
// cannot be sent. It fails with ErrUIDNotFound or ErrGUIDNotFound when there is no such receiver, with ErrBlocked, and with
// ErrNotJoined when the user is not a member of the group.
func (a *Admin) SendMessage(ctx context.Context, m *OutgoingMessage) (*Message, error) {
	const op = "SendMessage"
	if err := a.lifecycle().check(ctx, op); err != nil {
		return nil, err
	}
	out, err := checkOutgoing(op, m, defaultMaxFiles)
	switch {
	case err != nil:
		return nil, err
	case out.parentID != "" && a.onBehalfOf == "":
		return nil, noActor(op)
	}
	return a.sending(op, out.muid).send(ctx, out)
}

// ResolveSend says what became of a message for which [Admin.SendMessage] has failed with ErrSendUnknown, as [Client.ResolveSend]
// does: it returns the message, or fails with ErrNotSent, after which the message may be sent again, or with ErrSendUnknown as long as
// the message may still come. Call it on behalf of the user who sends the message. It makes the requests that SendMessage makes to find
// a message, and sends nothing.
//
// It fails before any request with ErrMissingParameters for a nil message or an empty MUID, and with ErrBadRequest for a receiver or a
// ParentID that cannot be used.
func (a *Admin) ResolveSend(ctx context.Context, m *OutgoingMessage) (*Message, error) {
	const op = "ResolveSend"
	if err := a.lifecycle().check(ctx, op); err != nil {
		return nil, err
	}
	if err := checkResolvable(op, m); err != nil {
		return nil, err
	}
	return a.sending(op, m.MUID).resolve(ctx, m)
}

// sending returns a call about one message.
func (a *Admin) sending(op, muid string) *sending {
	return &sending{as: a.asServer, sends: a.sends, timeout: a.calls.timeout, op: op, muid: muid}
}

// SentToMany is the answer to [Admin.SendMessageToMany]. CometChat does not document its form.
type SentToMany struct {
	// Messages are the messages that the answer has, in the order of the answer; there may be none, or fewer than receivers.
	Messages []*Message
	// Raw is the data of the answer, as the server sent it.
	Raw json.RawMessage
}

// SendMessageToMany sends a message to many users and groups with one request (POST /v3.0/messages with multipleReceivers), as the app
// or on behalf of the user of [Admin.OnBehalfOf]. To of m has to be empty; a ParentID and Files are refused. It does not change m. How many
// receivers the API takes is not documented.
//
// The request is retried only when no connection could be made, or after 429. CometChat does not document the answer: SendMessageToMany
// accepts any "data", and returns the messages that it finds there. When the answer is lost, SendMessageToMany fails with
// ErrSendUnknown and does not look for the messages: [Admin.ListMessages] with each receiver says whom the message has reached. Where
// each message counts, call [Admin.SendMessage] for each receiver instead.
//
// It fails before any request with ErrMissingParameters without a message or receivers, and with ErrBadRequest for a message or
// receiver that cannot be used. It fails with the server's error when the server refuses.
func (a *Admin) SendMessageToMany(ctx context.Context, m *OutgoingMessage, to ...Receiver) (*SentToMany, error) {
	const op = "SendMessageToMany"
	if err := a.lifecycle().check(ctx, op); err != nil {
		return nil, err
	}
	out, err := checkOutgoingToMany(op, m, to)
	if err != nil {
		return nil, err
	}
	var raw *json.RawMessage
	err = a.asServer(ctx, op, func(ctx context.Context, by caller) (err error) {
		raw, err = post[json.RawMessage](ctx, by, op, out, nil)
		return err
	})
	if lost, ok := errors.AsType[*lostSend](err); ok {
		s := a.sending(op, out.muid)
		s.pending, s.cause = &unsettled{ended: time.Now()}, lost.error
		return nil, s.unknown(nil)
	}
	if err != nil {
		return nil, err
	}
	return &SentToMany{Messages: messagesIn(*raw, 0), Raw: *raw}, nil
}

// messagesIn returns the messages in an answer of unknown form: the answer itself, or those in its lists and objects.
func messagesIn(raw json.RawMessage, depth int) (all []*Message) {
	const deepest = 4 // as in {"users":{"ada":{"data":{…}}}}
	if m := readMessage(raw); m != nil && m.Receiver.ID != "" {
		return []*Message{m}
	}
	var list []json.RawMessage
	var fields map[string]json.RawMessage
	switch raw = bytes.TrimSpace(raw); {
	case depth == deepest || len(raw) == 0:
	case raw[0] == '[' && json.Unmarshal(raw, &list) == nil:
		for _, item := range list {
			all = append(all, messagesIn(item, depth+1)...)
		}
	case raw[0] == '{' && json.Unmarshal(raw, &fields) == nil:
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			all = append(all, messagesIn(fields[name], depth+1)...)
		}
	}
	return all
}
