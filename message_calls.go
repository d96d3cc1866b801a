package cometchat

import (
	"context"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// messageCall makes a call about the message id, whose route has {id}. read finds the message in the message of the answer.
func messageCall(ctx context.Context, as callAs, id string, req rest.Request, read func(*Message) *Message) (m *Message, err error) {
	err = withMessage(ctx, as, id, req, func(ctx context.Context, by caller, req rest.Request) error {
		_, err := send(ctx, by.rest, req, func(row *messageRow) string {
			m = read(row.Message)
			return messageFlaw(m, id)
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

func itself(m *Message) *Message { return m }

// changed returns the message that an action message is about. The answer to a change may be that message itself.
func changed(m *Message) *Message {
	if m == nil || m.Action == nil {
		return m
	}
	return m.Action.OnMessage
}

// messageDeed makes a call about the message id whose answer has nothing.
func messageDeed(ctx context.Context, as callAs, id string, req rest.Request) error {
	return withMessage(ctx, as, id, req, func(ctx context.Context, by caller, req rest.Request) error {
		return acknowledge(ctx, by.rest, req)
	})
}

// withMessage completes a request whose route has the {id} of a message, and hands it to call.
func withMessage(ctx context.Context, as callAs, id string, req rest.Request,
	call func(context.Context, caller, rest.Request) error,
) error {
	if err := checkMessageID(req.Op, id); err != nil {
		return err
	}
	if req.Vars == nil {
		req.Vars = map[string]string{}
	}
	req.Vars["id"] = id
	return as(ctx, req.Op, func(ctx context.Context, by caller) error { return call(ctx, by, by.signed(req)) })
}

// messageFlaw says what is wrong with an answer that should have the message id; "" if nothing.
func messageFlaw(m *Message, id string) string {
	switch {
	case m == nil:
		return "the server's answer has no message"
	case compareIDs(m.ID, id) != 0:
		return "the server's answer is about another message"
	}
	return ""
}
