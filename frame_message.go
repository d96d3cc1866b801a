package cometchat

import (
	"cmp"
	"encoding/json"

	"github.com/cometchat-go/cometchat/internal/lenient"
)

// frameHead is what all frames of the live connection have.
type frameHead struct {
	Type     string `json:"type"`
	DeviceID string `json:"deviceId"`
}

// liveFrame is a frame that one user sends to another, or to a group. Its body depends on its type.
type liveFrame struct {
	frameHead
	Sender       string          `json:"sender"`
	Receiver     string          `json:"receiver"`
	ReceiverType string          `json:"receiverType"`
	Body         json.RawMessage `json:"body"`
}

func (f *liveFrame) to() Receiver { return Receiver{f.ReceiverType, f.Receiver} }

// liveBody has the fields of all bodies that are no message.
type liveBody struct {
	Action       string            `json:"action"`
	User         *wireUser         `json:"user"`
	Metadata     json.RawMessage   `json:"metadata"`
	Data         json.RawMessage   `json:"data"`
	MessageID    string            `json:"messageId"`
	Timestamp    unixTime          `json:"timestamp"`
	Message      *messageRow       `json:"message"`
	Conversation conversationRow   `json:"conversation"`
	Interactions []wireInteraction `json:"interactions"`
}

// messageEvent returns the event that a message of the history or of a frame tells.
func messageEvent(m *Message) Event {
	if m.Action == nil {
		return MessageReceived{m}
	}
	if e := actionEvent(m); e != nil {
		return e
	}
	return UnknownEvent{Type: "message", Raw: m.Raw}
}

// actionEvent returns nil for an action that this version does not know, and for one that does not say what was done to whom.
func actionEvent(m *Message) Event {
	a := m.Action
	switch on := a.OnMessage; {
	case on != nil && a.Action == ActionEdited:
		return MessageEdited{on}
	case on != nil && a.Action == ActionDeleted:
		return MessageDeleted{on}
	}
	return memberEvent(m)
}

func readModeration(f *liveFrame) Event {
	if m := readMessage(f.Body); m != nil {
		return MessageModerated{m}
	}
	return nil
}

// body reads the body of a frame that is no message, and the user whom it is from: nil if it names nobody.
func (f *liveFrame) body() (b liveBody, from *User) {
	if _, err := lenient.Unmarshal(f.Body, &b); err != nil {
		return b, nil
	}
	switch {
	case b.User != nil && b.User.UID != "":
		return b, b.User.user()
	case f.Sender != "":
		return b, &User{UID: f.Sender}
	}
	return b, nil
}

func readTyping(f *liveFrame) Event {
	b, from := f.body()
	if from == nil || b.Action != "started" && b.Action != "ended" {
		return nil
	}
	return TypingChanged{Typing{User: from, Receiver: f.to(), Metadata: notNull(b.Metadata)}, b.Action == "started"}
}

func readReceipt(f *liveFrame) Event {
	b, from := f.body()
	if b.MessageID == "" || from == nil {
		return nil
	}
	r := Receipt{Kind: ReceiptKind(b.Action), MessageID: b.MessageID, User: from, Receiver: f.to()}
	switch r.Kind {
	case ReceiptDelivered, ReceiptDeliveredToAll:
		r.DeliveredAt = b.Timestamp.Time
	case ReceiptRead, ReceiptReadByAll:
		r.ReadAt = b.Timestamp.Time
	default:
		return nil
	}
	return ReceiptReceived{r}
}

func readTransient(f *liveFrame) Event {
	b, from := f.body()
	if from == nil {
		return nil
	}
	return TransientMessageReceived{TransientMessage{Sender: from, Receiver: f.to(), Data: notNull(b.Data)}}
}

func readReaction(f *liveFrame) Event {
	var b struct {
		wireReaction
		Action         string `json:"action"`
		ConversationID string `json:"conversationId"`
		ParentID       string `json:"parentId"`
	}
	const added, removed = "message_reaction_added", "message_reaction_removed"
	if _, err := lenient.Unmarshal(f.Body, &b); err != nil || b.MessageID == "" || b.Action != added && b.Action != removed {
		return nil
	}
	r := b.reaction()
	r.UID = cmp.Or(r.UID, f.Sender)
	return ReactionChanged{r, b.Action == added, f.to(), b.ConversationID, b.ParentID}
}

func readInteraction(f *liveFrame) Event {
	b, from := f.body()
	if from == nil || b.MessageID == "" {
		return nil
	}
	e := InteractionCompleted{MessageID: b.MessageID, User: from, Receiver: f.to()}
	for _, done := range b.Interactions {
		e.Interactions = append(e.Interactions, Interaction{done.ElementID, done.InteractedAt.Time})
	}
	return e
}
