package cometchat

import (
	"context"
	"encoding/json"
)

// StartTyping tells a user or the members of a group that the user is typing. Call it with each key: it tells each receiver at most
// every 5 seconds. When 10 seconds have passed without another call, it tells that the user has ended. metadata is a JSON object for
// the receiver's program, or nil. It goes over the live connection, makes no request and does not wait for the server. A new
// connection begins anew.
//
// It fails with ErrBadRequest for arguments that cannot be used, with ErrNotLoggedIn, with ErrNotConnected when there is no live
// connection, and with ErrTemporarilyBlocked when the app's settings say so.
func (c *Client) StartTyping(ctx context.Context, to Receiver, metadata json.RawMessage) error {
	const op = "StartTyping"
	to = to.folded()
	return c.sendTyping(ctx, op, "started", to, metadata, func(send func() error) error {
		return c.conn.typist.begin(to, send, func() { c.typingExpired(op, to) })
	})
}

// typingExpired tells the receiver that the user has ended. An error says that there is nobody to tell any more.
func (c *Client) typingExpired(op string, to Receiver) {
	_ = c.sendTyping(context.Background(), op, "ended", to, nil, func(send func() error) error {
		return c.conn.typist.end(to, typingEnds, send)
	})
}

// EndTyping tells a user or the members of a group that the user has ended typing, if they have been told that the user types. It
// takes the same arguments as [Client.StartTyping], and fails as that does.
func (c *Client) EndTyping(ctx context.Context, to Receiver, metadata json.RawMessage) error {
	to = to.folded()
	return c.sendTyping(ctx, "EndTyping", "ended", to, metadata, func(send func() error) error {
		return c.conn.typist.end(to, 0, send)
	})
}

// sendTyping sends a typing indicator, if and when the function when calls its argument.
func (c *Client) sendTyping(ctx context.Context, op, action string, to Receiver, metadata json.RawMessage, when func(send func() error) error) error {
	if err := checkReceiver(op, to); err != nil {
		return err
	}
	if len(metadata) > 0 && !isObject(metadata) {
		return newError(op, ErrBadRequest, "the metadata is no JSON object")
	}
	return c.sendFrame(ctx, op, outgoingFrame{
		Receiver: to.ID, ReceiverType: to.Type, Type: "typing_indicator", Body: outgoingBody{Action: action, Metadata: metadata}, when: when,
	})
}
