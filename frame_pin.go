package cometchat

import "strings"

// readPin reads both forms of a frame about a message that was pinned or saved: the type says what happened, or the body's action
// does. Some frames have the message itself as their body.
func readPin(f *liveFrame) Event {
	b, _ := f.body()
	m := b.Message.message()
	if m == nil {
		m = readMessage(f.Body)
	}
	if m == nil {
		return nil
	}
	switch what := f.pinned("message_", b.Action); what {
	case "pinned", "unpinned":
		return MessagePinned{m, what == "pinned"}
	case "saved", "unsaved":
		return MessageSaved{m, what == "saved"}
	}
	return nil
}

// readConversationPin reads both forms of a frame about a conversation.
func readConversationPin(f *liveFrame) Event {
	b, _ := f.body()
	what := f.pinned("conversation_", strings.TrimPrefix(b.Action, "conversation_"))
	if b.Conversation.Conversation == nil || what != "pinned" && what != "unpinned" {
		return nil
	}
	return ConversationPinned{b.Conversation.Conversation, what == "pinned"}
}

// pinned returns what happened, "pinned" for example: a frame's type says it, or the action of its body.
func (f *liveFrame) pinned(prefix, action string) string {
	what := strings.TrimPrefix(f.Type, prefix)
	if what == "pin" || what == "save" {
		return action
	}
	return what
}
