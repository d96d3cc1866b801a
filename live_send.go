package cometchat

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/cometchat-go/cometchat/internal/live"
)

// outgoingFrame is a frame that a client sends about a message, or instead of one.
type outgoingFrame struct {
	AppID         string       `json:"appId"`
	Receiver      string       `json:"receiver"`
	ReceiverType  string       `json:"receiverType"`
	DeviceID      string       `json:"deviceId"` // the client's resource
	Type          string       `json:"type"`
	Sender        string       `json:"sender"`
	MessageSender string       `json:"messageSender,omitempty"` // of a receipt
	Body          outgoingBody `json:"body"`

	other string                        // the receiver, if Receiver is the sender: of a receipt for one's own message
	when  func(send func() error) error // sends the frame, or decides not to; nil sends it
}

type outgoingBody struct {
	Action    string          `json:"action,omitempty"`
	MessageID string          `json:"messageId,omitempty"`
	User      *User           `json:"user"`
	Data      any             `json:"data,omitempty"`
	Metadata  json.RawMessage `json:"metadata,omitempty"`
}

// The values of the settings' MODE, in which the service takes fewer frames than usual.
const (
	modeNoTransient      = "NO_TRANSIENT"
	modeLimitedTransient = "LIMITED_TRANSIENT"
)

// sendFrame completes a frame, and sends it over the live connection.
func (c *Client) sendFrame(ctx context.Context, op string, f outgoingFrame) (err error) {
	ctx, end, err := c.lifecycle().begin(ctx, op)
	if err != nil {
		return err
	}
	defer func() { err = end(err) }()
	s, err := c.sessions.get(ctx)
	switch {
	case err != nil:
		return err
	case s == nil:
		return c.notLoggedIn(op)
	case ctx.Err() != nil:
		return ctx.Err()
	case c.ConnectionStatus() != Connected:
		return c.notConnected(op, nil)
	}
	mode := c.conn.settings.Load().Mode
	if mode == modeNoTransient || mode == modeLimitedTransient && f.Type != "transient_message" {
		return newError(op, ErrTemporarilyBlocked, "CometChat takes no frames of type %s from this app now, to bear its load: the app's "+
			"settings have the MODE %s", f.Type, mode)
	}
	f.AppID, f.DeviceID, f.Sender = s.AppID, c.conn.resource, s.User.UID
	f.Body.User = &User{UID: s.User.UID, Name: s.User.Name, Avatar: s.User.Avatar, Role: s.User.Role, Status: StatusOnline}
	if sameUID(f.Receiver, f.Sender) && f.ReceiverType == ReceiverUser && f.other != "" {
		f.Receiver = f.other
	}
	raw, _ := lenient.Marshal(f) // its JSON has been checked
	send := func() error { return c.conn.link.Send(raw) }
	if f.when == nil {
		err = send()
	} else {
		err = f.when(send)
	}
	if err != nil {
		return c.notConnected(op, err)
	}
	return nil
}

func (c *Client) notConnected(op string, cause error) *Error {
	e := newError(op, ErrNotConnected, "")
	e.hint = "call Connect first, or wait until the client is connected again"
	if !errors.Is(cause, live.ErrNotConnected) {
		e.err = c.conn.secrets().Cause(cause)
	}
	return e
}

// SendTransientMessage sends data, a JSON object, to a user or a group over the live connection. Who is connected hears of it as
// [TransientMessageReceived]; nobody keeps it. It makes no request and does not wait for the server.
//
// It fails with ErrBadRequest for a receiver or data that cannot be used, with ErrNotLoggedIn, with ErrNotConnected when there is
// no live connection, and with ErrTemporarilyBlocked when the app's settings say so.
func (c *Client) SendTransientMessage(ctx context.Context, to Receiver, data any) error {
	const op = "SendTransientMessage"
	to = to.folded()
	if err := checkReceiver(op, to); err != nil {
		return err
	}
	raw, err := lenient.Marshal(data)
	if err != nil || !isObject(raw) {
		return newError(op, ErrBadRequest, "the data is no JSON object")
	}
	return c.sendFrame(ctx, op, outgoingFrame{
		Receiver: to.ID, ReceiverType: to.Type, Type: "transient_message", Body: outgoingBody{Data: json.RawMessage(raw)},
	})
}

// MarkAsRead tells the sender of m, and the user's other devices, that the user has read m and all messages before it in the
// conversation. It goes over the live connection, makes no request and does not wait for the server, which does not confirm it. A
// program without a live connection uses [Client.MarkConversationAsRead].
//
// It fails with ErrMissingParameters for a message without an id, with ErrNotLoggedIn, with ErrNotConnected when there is no live
// connection, and with ErrTemporarilyBlocked when the app's settings say so.
func (c *Client) MarkAsRead(ctx context.Context, m *Message) error {
	return c.sendReceipt(ctx, "MarkAsRead", "read", m)
}

// MarkAsDelivered tells the sender of m that m and all messages before it have reached this device, as [Client.MarkAsRead] does.
func (c *Client) MarkAsDelivered(ctx context.Context, m *Message) error {
	return c.sendReceipt(ctx, "MarkAsDelivered", "delivered", m)
}

func (c *Client) sendReceipt(ctx context.Context, op, action string, m *Message) error {
	if m == nil || m.ID == "" || m.Sender == nil || m.Sender.UID == "" || m.Receiver.ID == "" {
		return newError(op, ErrMissingParameters, "the message has no id, sender or receiver: use one that the SDK has returned")
	}
	to := m.ReplyTo()
	return c.sendFrame(ctx, op, outgoingFrame{
		Receiver: to.ID, ReceiverType: to.Type, Type: "receipts", MessageSender: m.Sender.UID,
		Body: outgoingBody{Action: action, MessageID: m.ID}, other: m.Receiver.ID,
	})
}
