package cometchattest

import (
	"net/http"
	"strconv"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// readConversation marks a conversation as read for the viewer.
func (s *Server) readConversation(c *call, conversation *store.Conversation, uid string) (*envelope, error) {
	return s.markConversation(c, "read", conversation, uid)
}

// deliverConversation marks a conversation as delivered to the viewer.
func (s *Server) deliverConversation(c *call, conversation *store.Conversation, uid string) (*envelope, error) {
	return s.markConversation(c, "delivered", conversation, uid)
}

// markConversation marks a conversation up to and including the message in the body or, without any, all of it.
func (s *Server) markConversation(c *call, action string, conversation *store.Conversation, uid string) (*envelope, error) {
	to, err := decodeMessageNumber(c)
	if err != nil {
		return nil, err
	}
	if last := conversation.Last(uid); to == 0 && last != nil {
		to = last.Number()
	}
	if to != 0 {
		tellAll := s.mark(conversation, action, uid, to)
		s.announceReceipt(c, action, conversation, uid, to)
		tellAll()
	}
	answer := success("The conversation %s has been marked as %s.", conversation.ID, action)
	if fields, ok := answer.Data.(map[string]any); ok {
		fields["Message"] = fields["message"] // the documented spelling
	}
	return answer, nil
}

// unreadConversation makes the message in the body, and those after it, unread for the viewer.
func (s *Server) unreadConversation(c *call, conversation *store.Conversation, uid string) (*envelope, error) {
	from, err := decodeMessageNumber(c)
	if err != nil {
		return nil, err
	}
	m := s.store.Message(strconv.Itoa(from))
	switch {
	case from == 0:
		return nil, refuseFields(store.FieldErrors{"messageId": {"The messageId field is required."}})
	case m == nil || m.ConversationID != conversation.ID:
		return nil, refuse(http.StatusNotFound, "ERR_MESSAGE_ID_NOT_FOUND", "The message %d is not in the conversation.", from)
	}
	s.store.MarkUnread(conversation, uid, from)
	return data(map[string]any{
		"success": true, "message": "The messages have been marked as unread.", "conversation": s.conversationSeen(conversation, uid),
	}), nil
}

// decodeMessageNumber reads the messageId of the body, a number or a text, as a number: 0 if there is none.
func decodeMessageNumber(c *call) (int, error) {
	var f struct {
		MessageID idText `json:"messageId"`
	}
	if err := c.decode(&f); err != nil || f.MessageID == "" {
		return 0, err
	}
	n, err := strconv.Atoi(string(f.MessageID))
	if err != nil || n < 0 {
		return 0, refuseFields(store.FieldErrors{"messageId": {"The messageId must be the id of a message."}})
	}
	return n, nil
}
