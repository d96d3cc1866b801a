package cometchat

import (
	"context"
	"encoding/json"
)

// StartTyping tells a user or the members of a group that the user is typing. Call it with each key: it tells each receiver at most
// every 5 seconds. When 10 seconds have passed without another call, it tells that the user has ended. metadata is a JSON object for
// the receiver's program, or nil. It goes over the live connection, makes no request and does not wait for the server.
//
// It fails with ErrBadRequest for arguments that cannot be used, with ErrNotLoggedIn, with ErrNotConnected when there is no live
// connection, and with ErrTemporarilyBlocked when the app's settings say so.
func (c *Client) StartTyping(ctx context.Context, to Receiver, metadata json.RawMessage) error {
	const op = "StartTyping"
	if err := c.checkTyping(ctx, op, to, metadata); err != nil {
		return err
	}
	ended := func() { _ = c.sendTyping(context.Background(), op, "ended", to, nil) } // without a connection there is nobody to tell
	if !c.conn.typist.begin(to, ended) {
		return nil
	}
	err := c.sendTyping(ctx, op, "started", to, metadata)
	if err != nil {
		c.conn.typist.end(to) // the next call tells it again
	}
	return err
}

// EndTyping tells a user or the members of a group that the user has ended typing, if they have been told that the user types. It
// takes the same arguments as [Client.StartTyping], and fails as that does.
func (c *Client) EndTyping(ctx context.Context, to Receiver, metadata json.RawMessage) error {
	const op = "EndTyping"
	if err := c.checkTyping(ctx, op, to, metadata); err != nil {
		return err
	}
	if !c.conn.typist.end(to) {
		return nil
	}
	return c.sendTyping(ctx, op, "ended", to, metadata)
}

func (c *Client) checkTyping(ctx context.Context, op string, to Receiver, metadata json.RawMessage) error {
	if err := c.lifecycle().check(ctx, op); err != nil {
		return err
	}
	if err := checkReceiver(op, to); err != nil {
		return err
	}
	if metadata != nil && !isObject(metadata) {
		return newError(op, ErrBadRequest, "the metadata is no JSON object")
	}
	return nil
}

func (c *Client) sendTyping(ctx context.Context, op, action string, to Receiver, metadata json.RawMessage) error {
	return c.sendFrame(ctx, op, outgoingFrame{
		Receiver: to.ID, ReceiverType: to.Type, Type: "typing_indicator", Body: outgoingBody{Action: action, Metadata: metadata},
	})
}
