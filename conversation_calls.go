package cometchat

import (
	"context"
	"encoding/json"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// conversationCall makes a call whose answer is the conversation with a user or a group.
func conversationCall(ctx context.Context, as callAs, with Receiver, req rest.Request) (*Conversation, error) {
	if err := checkReceiver(req.Op, with); err != nil {
		return nil, err
	}
	var row *conversationRow
	err := as(ctx, req.Op, func(ctx context.Context, by caller) (err error) {
		row, err = send(ctx, by.rest, conversationRequest(by, with, req), (*conversationRow).flaw)
		return err
	})
	if err != nil {
		return nil, err
	}
	if row.With.ID == "" { // the answer to a pin has only the id and the type
		row.With, row.Type = with, with.Type
	}
	return row.Conversation, nil
}

// changeConversation makes a call whose answer has nothing but success.
func changeConversation(ctx context.Context, as callAs, with Receiver, req rest.Request) error {
	if err := checkReceiver(req.Op, with); err != nil {
		return err
	}
	return as(ctx, req.Op, func(ctx context.Context, by caller) error {
		return acknowledge(ctx, by.rest, conversationRequest(by, with, req))
	})
}

// changeConversationAt is changeConversation for the conversation that m is in. The body says the id of m: as a number for servers,
// as documented, and as a text for clients, as the JavaScript SDK does.
func changeConversationAt(ctx context.Context, as callAs, m *Message, req rest.Request) error {
	if err := checkPlaced(req.Op, m); err != nil {
		return err
	}
	return as(ctx, req.Op, func(ctx context.Context, by caller) error {
		req.Body = map[string]any{"messageId": m.ID}
		if by.server {
			req.Body = map[string]any{"messageId": json.Number(m.ID)}
		}
		return acknowledge(ctx, by.rest, conversationRequest(by, m.conversationWith(by.uid), req))
	})
}

// checkPlaced refuses a message that does not say which message of which conversation it is.
func checkPlaced(op string, m *Message) error {
	if m == nil {
		return newError(op, ErrMissingParameters, "the message is nil")
	}
	if err := checkMessageID(op, m.ID); err != nil {
		return err
	}
	if err := checkReceiver(op, m.Receiver); err != nil || m.Receiver.IsGroup() {
		return err
	}
	if m.Sender == nil {
		return badArgument(op, codeReceiverID, "the message has no sender")
	}
	return checkReceiver(op, ToUser(m.Sender.UID))
}

// conversationWith returns whom the conversation of m is with, for the user uid.
func (m *Message) conversationWith(uid string) Receiver {
	if m.Receiver.IsGroup() || sameUID(m.Sender.UID, uid) {
		return m.Receiver
	}
	return ToUser(m.Sender.UID)
}

// conversationRequest completes a request about a conversation. The JavaScript SDK writes the id in lower case here, as the
// server stores ids, and in no other call; whether the server folds the id of these paths is not known.
func conversationRequest(by caller, with Receiver, req rest.Request) rest.Request {
	req.Route, req.UID = with.place()+req.Route, foldUID(with.ID)
	return by.signed(req)
}

// tagging returns the request that gives a conversation tags.
func tagging(op string, tags []string) (req rest.Request, err error) {
	if err := checkTags(op, "the conversation", tags); err != nil {
		return req, err
	}
	body := map[string][]string{"tags": append([]string{}, tags...)} // [] and not null
	return rest.Request{Op: op, Method: "PUT", Route: "/conversation", Body: body}, nil
}
