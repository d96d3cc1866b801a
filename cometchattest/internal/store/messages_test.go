package store_test

import (
	"testing"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/stretchr/testify/assert"
)

func TestSendMessage(t *testing.T) {
	t.Parallel()
	s := filled()
	first := s.SendMessage(store.Message{Sender: "bob", Receiver: "ada", Type: "text"}, now)
	assert.Equal(t, &store.Message{
		ID: "1", ConversationID: "ada_user_bob", Sender: "bob", Receiver: "ada", Type: "text",
		SentAt: now.Unix(), UpdatedAt: now.Unix(),
	}, first)
	second := s.SendMessage(store.Message{Sender: "ada", Receiver: "bob"}, now)
	assert.Equal(t, "2", second.ID)
	assert.Equal(t, first.ConversationID, second.ConversationID, "both directions are one conversation")
}
