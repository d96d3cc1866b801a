package webhook

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat"
)

// ReceiptReceived is the payload of "message_delivery_receipt" and "message_read_receipt", also of their legacy forms.
type ReceiptReceived struct {
	// MessageID is the id of the message that was delivered or read, with all messages before it; never empty.
	MessageID string
	// Action is "delivered" or "read".
	Action string
	// User is the user who has received or read the message; never nil.
	User *cometchat.User
	// MessageSender is the uid of the user who sent the message; empty if CometChat did not say.
	MessageSender string
	// Receiver is to whom the receipt goes: a uid if ReceiverType is "user", and a guid if it is "group".
	Receiver, ReceiverType string
	// At is when the message was delivered or read, in seconds; zero if CometChat did not send it.
	At time.Time
}

// ReactionChanged is the payload of "message_reaction_added" and "message_reaction_removed".
type ReactionChanged struct {
	// Action is "added" or "removed".
	Action string
	// ID is the id of the reaction; empty if CometChat did not send it.
	ID string
	// MessageID is the id of the message; never empty.
	MessageID string
	// Reaction is the emoji.
	Reaction string
	// User is the user who reacted; never nil.
	User *cometchat.User
	// ReactedAt is in seconds; zero if CometChat did not send it.
	ReactedAt time.Time
}

// newReceipt reads both forms: the legacy form has no body.
func newReceipt(e *Event) any {
	data := jsonFields(e.Data)
	body := jsonFields(data["body"])
	r := &ReceiptReceived{
		MessageID:     cmp.Or(jsonText(body["messageId"]), jsonText(data["messageId"])),
		Action:        cmp.Or(jsonText(body["action"]), jsonText(data["receiptType"])),
		User:          readUser(object(body["user"]), cmp.Or(jsonText(data["sender"]), jsonText(data["receiptSender"]))),
		MessageSender: jsonText(data["messageSender"]),
		Receiver:      cmp.Or(jsonText(data["receiver"]), jsonText(data["receiptReceiver"])),
		ReceiverType:  jsonText(data["receiverType"]),
	}
	if r.MessageID == "" || r.User == nil {
		return nil
	}
	if r.Action == "" {
		r.Action = "delivered"
		if e.Trigger == "message_read_receipt" {
			r.Action = "read"
		}
	}
	for _, name := range []string{"timestamp", "deliveredAt", "readAt"} {
		for _, fields := range []map[string]json.RawMessage{body, data} {
			if when := read[at](fields[name]); !when.IsZero() {
				r.At = when.Time
			}
		}
	}
	return r
}

func newReaction(e *Event) any {
	r := read[struct {
		ID        string          `json:"id"`
		MessageID string          `json:"messageId"`
		Reaction  string          `json:"reaction"`
		UID       string          `json:"uid"`
		ReactedAt at              `json:"reactedAt"`
		ReactedBy json.RawMessage `json:"reactedBy"`
	}](jsonFields(e.Data)["reaction"])
	user := readUser(object(r.ReactedBy), r.UID)
	if r.MessageID == "" || user == nil {
		return nil
	}
	return &ReactionChanged{
		strings.TrimPrefix(e.Trigger, "message_reaction_"), r.ID, r.MessageID, r.Reaction, user, r.ReactedAt.Time,
	}
}
