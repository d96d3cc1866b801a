package main

import (
	"encoding/json"

	"github.com/cometchat-go/cometchat"
)

// heard is an event about messages or groups, with its name in the JavaScript SDK. browser/events.js makes the same of the JavaScript
// SDK's events.
type heard struct {
	Event string `json:"event"`
	Value any    `json:"value"`
}

// viewEvent returns an event without a name if it is about something else.
func viewEvent(e cometchat.Event) heard {
	switch e := e.(type) {
	case cometchat.MessageReceived:
		return heard{nameOf(e.Message), viewMessage(e.Message)}
	case cometchat.MessageEdited:
		return heard{"onMessageEdited", viewMessage(e.Message)}
	case cometchat.MessageDeleted:
		return heard{"onMessageDeleted", viewMessage(e.Message)}
	case cometchat.MessageModerated:
		return heard{"onMessageModerated", viewMessage(e.Message)}
	case cometchat.MessagePinned:
		return heard{either(e.Pinned, "onMessagePinned", "onMessageUnpinned"), viewMessage(e.Message)}
	case cometchat.MessageSaved:
		return heard{either(e.Saved, "onMessageSaved", "onMessageUnsaved"), viewMessage(e.Message)}
	case cometchat.TypingChanged:
		return heard{either(e.Started, "onTypingStarted", "onTypingEnded"), liveView{
			Sender: e.User.UID, SenderName: e.User.Name, Receiver: e.Receiver.ID, ReceiverType: e.Receiver.Type, Metadata: e.Metadata,
		}}
	case cometchat.TransientMessageReceived:
		return heard{"onTransientMessageReceived", liveView{
			Sender: e.Sender.UID, SenderName: e.Sender.Name, Receiver: e.Receiver.ID, ReceiverType: e.Receiver.Type, Data: e.Data,
		}}
	case cometchat.ReceiptReceived:
		names := map[cometchat.ReceiptKind]string{
			cometchat.ReceiptDelivered: "onMessagesDelivered", cometchat.ReceiptDeliveredToAll: "onMessagesDeliveredToAll",
			cometchat.ReceiptRead: "onMessagesRead", cometchat.ReceiptReadByAll: "onMessagesReadByAll",
		}
		return heard{names[e.Kind], liveView{
			Sender: e.User.UID, SenderName: e.User.Name, Receiver: e.Receiver.ID, ReceiverType: e.Receiver.Type, Message: e.MessageID,
			Delivered: !e.DeliveredAt.IsZero(), Read: !e.ReadAt.IsZero(),
		}}
	case cometchat.ReactionChanged:
		return heard{either(e.Added, "onMessageReactionAdded", "onMessageReactionRemoved"), reactedView{
			viewReaction(e.Reaction), e.Receiver.ID, e.Receiver.Type, e.ConversationID, e.ParentID,
		}}
	case cometchat.InteractionCompleted:
		v := liveView{Sender: e.User.UID, SenderName: e.User.Name, Receiver: e.Receiver.ID, ReceiverType: e.Receiver.Type, Message: e.MessageID}
		for _, used := range e.Interactions {
			v.Used = append(v.Used, used.ElementID)
		}
		return heard{"onInteractionGoalCompleted", v}
	case cometchat.GroupMemberChanged:
		names := map[cometchat.MemberAction]string{
			cometchat.MemberJoined: "onGroupMemberJoined", cometchat.MemberLeft: "onGroupMemberLeft", cometchat.MemberAdded: "onMemberAddedToGroup",
			cometchat.MemberKicked: "onGroupMemberKicked", cometchat.MemberBanned: "onGroupMemberBanned",
			cometchat.MemberUnbanned: "onGroupMemberUnbanned", cometchat.MemberScopeChanged: "onGroupMemberScopeChanged",
		}
		return heard{names[e.Action], changedView{
			viewMessage(e.Message), e.Member.UID, e.Member.Name, e.By.UID, e.By.Name, viewGroup(e.Group), e.NewScope, e.OldScope,
		}}
	}
	return heard{}
}

// nameOf returns the listener's function of the JavaScript SDK for a message.
func nameOf(m *cometchat.Message) string {
	switch {
	case m.Category == cometchat.CategoryCustom:
		return "onCustomMessageReceived"
	case m.Category == cometchat.CategoryInteractive:
		return "onInteractiveMessageReceived"
	case m.Type == cometchat.TypeText:
		return "onTextMessageReceived"
	}
	return "onMediaMessageReceived"
}

// liveView is what one user tells others over the live connection.
type liveView struct {
	Sender       string          `json:"sender,omitzero"`
	SenderName   string          `json:"senderName,omitzero"`
	Receiver     string          `json:"receiver,omitzero"`
	ReceiverType string          `json:"receiverType,omitzero"`
	Metadata     json.RawMessage `json:"metadata,omitzero"` // of typing
	Data         json.RawMessage `json:"data,omitzero"`     // of a transient message
	Message      string          `json:"message,omitzero"`  // of a receipt, and of a completed interaction
	Used         []string        `json:"used,omitempty"`    // the elements of the interaction
	Delivered    bool            `json:"delivered,omitzero"`
	Read         bool            `json:"read,omitzero"`
}

type reactedView struct {
	reactionView
	Receiver     string `json:"receiver,omitzero"`
	ReceiverType string `json:"receiverType,omitzero"`
	Conversation string `json:"conversation,omitzero"`
	Parent       string `json:"parent,omitzero"`
}

// changedView is what happened to a member of a group.
type changedView struct {
	Message    *messageView `json:"message"`
	Member     string       `json:"member"`
	MemberName string       `json:"memberName"`
	By         string       `json:"by"`
	ByName     string       `json:"byName"`
	Group      *groupView   `json:"group"`
	NewScope   string       `json:"newScope,omitzero"`
	OldScope   string       `json:"oldScope,omitzero"`
}

func either(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}
