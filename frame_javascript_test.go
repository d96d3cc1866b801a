package cometchat_test

import (
	"time"

	"github.com/cometchat-go/cometchat"
)

// javaScript returns which function of a listener of the JavaScript SDK an event is for, and the function's arguments, with the
// names of that SDK. "" is an event that the JavaScript SDK does not have.
func javaScript(e cometchat.Event) (function string, arguments []any) {
	switch e := e.(type) {
	case cometchat.MessageReceived:
		return receivedFunction(e.Message), []any{jsMessage(e.Message)}
	case cometchat.MessageEdited:
		return "onMessageEdited", []any{jsMessage(e.Message)}
	case cometchat.MessageDeleted:
		return "onMessageDeleted", []any{jsMessage(e.Message)}
	case cometchat.MessageModerated:
		return "onMessageModerated", []any{jsMessage(e.Message)}
	case cometchat.MessagePinned:
		return ifElse(e.Pinned, "onMessagePinned", "onMessageUnpinned"), []any{jsMessage(e.Message)}
	case cometchat.MessageSaved:
		return ifElse(e.Saved, "onMessageSaved", "onMessageUnsaved"), []any{jsMessage(e.Message)}
	case cometchat.ConversationPinned:
		return ifElse(e.Pinned, "onConversationPinned", "onConversationUnpinned"), []any{jsConversation(e.Conversation)}
	case cometchat.TypingChanged:
		return ifElse(e.Started, "onTypingStarted", "onTypingEnded"), []any{object{
			"receiverId": e.Receiver.ID, "receiverType": e.Receiver.Type, "metadata": e.Metadata, "sender": jsUser(e.User),
		}}
	case cometchat.TransientMessageReceived:
		return "onTransientMessageReceived", []any{object{
			"receiverId": e.Receiver.ID, "receiverType": e.Receiver.Type, "data": e.Data, "sender": jsUser(e.Sender),
		}}
	case cometchat.ReceiptReceived:
		return jsReceipt(e.Receipt)
	case cometchat.ReactionChanged:
		return ifElse(e.Added, "onMessageReactionAdded", "onMessageReactionRemoved"), []any{object{
			"reaction": e.Reaction, "receiverId": e.Receiver.ID, "receiverType": e.Receiver.Type, "conversationId": e.ConversationID,
			"parentMessageId": e.ParentID,
		}}
	case cometchat.InteractionCompleted:
		return "onInteractionGoalCompleted", []any{object{
			"messageId": e.MessageID, "receiverId": e.Receiver.ID, "receiverType": e.Receiver.Type, "sender": jsUser(e.User),
			"interactions": jsInteractions(e.Interactions),
		}}
	case cometchat.GroupMemberChanged:
		return jsMemberChange(e)
	}
	return "", nil
}

func ifElse(condition bool, a, b string) string {
	if condition {
		return a
	}
	return b
}

func jsTime(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func jsUser(u *cometchat.User) object {
	if u == nil {
		return nil
	}
	return object{"uid": u.UID, "name": u.Name, "status": u.Status}
}

func jsInteractions(interactions []cometchat.Interaction) (list []object) {
	for _, i := range interactions {
		list = append(list, object{"elementId": i.ElementID, "interactedAt": i.At.Unix()})
	}
	return list
}

func receivedFunction(m *cometchat.Message) string {
	switch m.Category {
	case cometchat.CategoryMessage:
		return ifElse(m.Type == cometchat.TypeText, "onTextMessageReceived", "onMediaMessageReceived")
	case cometchat.CategoryCustom:
		return "onCustomMessageReceived"
	case cometchat.CategoryInteractive:
		return "onInteractiveMessageReceived"
	case cometchat.CategoryCard:
		return "onCardMessageReceived"
	case cometchat.CategoryAgentic:
		return "onAIAssistantMessageReceived"
	}
	return ""
}

func jsMessage(m *cometchat.Message) object {
	fields := object{
		"type": m.Type, "category": m.Category, "id": m.ID, "muid": m.MUID, "sender.uid": m.Sender.UID, "receiver.id": m.Receiver.ID,
		"sentAt": jsTime(m.SentAt), "updatedAt": jsTime(m.UpdatedAt), "editedAt": jsTime(m.EditedAt), "editedBy": m.EditedBy,
		"deletedAt": jsTime(m.DeletedAt), "deletedBy": m.DeletedBy, "pinnedAt": jsTime(m.PinnedAt), "pinnedBy": m.PinnedBy,
		"savedAt": jsTime(m.SavedAt), "tags": m.Tags, "metadata": m.Metadata, "parentMessageId": m.ParentID,
		"quotedMessageId": m.QuotedMessageID, "customData": m.CustomData, "subType": m.SubType,
	}
	fields[ifElse(len(m.Attachments) > 0, "caption", "text")] = m.Text
	if m.Quoted != nil {
		fields["quotedMessage"] = jsMessage(m.Quoted)
	}
	if i := m.Interactive; i != nil {
		fields["interactiveData"], fields["interactionGoal"] = i.Data, i.Goal
		fields["interactions"] = jsInteractions(i.Interactions)
		fields["allowSenderInteraction"] = i.AllowSenderInteraction
	}
	var mentioned []object
	for _, u := range m.Mentions {
		mentioned = append(mentioned, jsUser(u))
	}
	fields["mentionedUsers"], fields["mentionedMe"] = mentioned, m.Mentioned(uid1)
	return fields
}

func jsConversation(c *cometchat.Conversation) object {
	return object{
		"conversationId": c.ID, "conversationType": c.Type, "unreadMentionsCount": c.UnreadMentionsCount,
		"lastReadMessageId": c.LastReadMessageID, "latestMessageId": c.LatestMessageID, "unreadMessageCount": c.UnreadCount,
		"lastMessage": jsMessage(c.LastMessage), "conversationWith": jsUser(c.WithUser), "pinnedAt": jsTime(c.PinnedAt), "pinnedBy": c.PinnedBy,
	}
}

func jsReceipt(r cometchat.Receipt) (function string, arguments []any) {
	fields := object{
		"messageId": r.MessageID, "receiver": r.Receiver.ID, "receiverType": r.Receiver.Type, "sender": jsUser(r.User),
		"deliveredAt": jsTime(r.DeliveredAt), "readAt": jsTime(r.ReadAt), "receiptType": r.Kind,
		"timestamp": jsTime(r.DeliveredAt) + jsTime(r.ReadAt), // an event has one of them
	}
	if r.Kind == cometchat.ReceiptDelivered {
		fields["receiptType"] = "delivery"
	}
	return map[cometchat.ReceiptKind]string{
		cometchat.ReceiptDelivered: "onMessagesDelivered", cometchat.ReceiptDeliveredToAll: "onMessagesDeliveredToAll",
		cometchat.ReceiptRead: "onMessagesRead", cometchat.ReceiptReadByAll: "onMessagesReadByAll",
	}[r.Kind], []any{fields}
}

// jsMemberChange has the arguments in the order of the JavaScript SDK, which is another one for some functions.
func jsMemberChange(e cometchat.GroupMemberChanged) (function string, arguments []any) {
	m := e.Message
	action := object{
		"id": m.ID, "conversationId": m.ConversationID, "receiverId": m.Receiver.ID, "receiverType": m.Receiver.Type,
		"category": m.Category, "type": m.Type, "sentAt": jsTime(m.SentAt), "updatedAt": jsTime(m.UpdatedAt),
		"action": m.Action.Action, "actionBy": m.Action.By, "actionOn": m.Action.OnUser, "actionFor": m.Action.ForGroup,
		"sender": m.Sender, "receiver": m.ReceiverGroup, "oldScope": e.OldScope, "newScope": e.NewScope,
	}
	switch e.Action {
	case cometchat.MemberJoined:
		return "onGroupMemberJoined", []any{action, e.Member, e.Group}
	case cometchat.MemberLeft:
		return "onGroupMemberLeft", []any{action, e.Member, e.Group}
	case cometchat.MemberScopeChanged:
		return "onGroupMemberScopeChanged", []any{action, e.Member, e.NewScope, e.OldScope, e.Group}
	}
	return map[cometchat.MemberAction]string{
		cometchat.MemberAdded: "onMemberAddedToGroup", cometchat.MemberKicked: "onGroupMemberKicked",
		cometchat.MemberBanned: "onGroupMemberBanned", cometchat.MemberUnbanned: "onGroupMemberUnbanned",
	}[e.Action], []any{action, e.Member, e.By, e.Group}
}
