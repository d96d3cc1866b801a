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
	assert.Equal(t, "1", first.ID)
	assert.Equal(t, "ada_user_bob", first.ConversationID)
	assert.Equal(t, now.Unix(), first.SentAt)
	assert.Equal(t, now.Unix(), first.UpdatedAt)
	assert.Same(t, first, s.Message("1"))
	second := s.SendMessage(store.Message{Sender: "ada", Receiver: "bob"}, now)
	assert.Equal(t, "2", second.ID)
	assert.Equal(t, first.ConversationID, second.ConversationID, "both directions are one conversation")
}
