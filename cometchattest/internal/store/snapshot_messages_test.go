package store_test

import (
	"encoding/json"
	"testing"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSavedMessages(t *testing.T) {
	t.Parallel()
	first := filled()
	text := func(text string) map[string]json.RawMessage {
		raw, _ := json.Marshal(text) // a string always marshals
		return map[string]json.RawMessage{"text": raw}
	}
	send := func(sender, receiver, parent, words string) *store.Message {
		return first.SendMessage(store.Message{
			Sender: sender, Receiver: receiver, ReceiverType: "user", Category: "message", Type: "text", ParentID: parent, Data: text(words),
		}, now)
	}
	parent := send("ada", "bob", "", "<@uid:eve>")
	reply := send("bob", "ada", "1", "reply <@uid:eve>")
	first.EditMessage(reply, store.MessageEdit{Data: text("edited")}, "bob", now)
	first.EditMessage(send("ada", "ada", "", "x"), store.MessageEdit{Data: text("own")}, "ada", now)
	parent.Subscribe("eve", false)
	c := first.Conversation(parent.ConversationID)
	first.MarkRead(c, "bob", 1, now)
	first.TagConversation(c, "ada", []string{"x"})
	state := saved(t, first)

	second := store.New()
	require.NoError(t, load(second, state))
	assert.Equal(t, state, saved(t, second))
	loaded := second.Message("1")
	assert.Len(t, loaded.Replies(), 1)
	assert.Equal(t, []string{"eve"}, loaded.Mentions())
	assert.True(t, loaded.ThreadSubscribed("bob"))
	assert.False(t, loaded.ThreadSubscribed("eve"), "a subscription that ended does not come back")
	assert.Equal(t, "6", second.SendMessage(store.Message{Sender: "ada", Receiver: "bob"}, now).ID)
}

func TestMessagesByHand(t *testing.T) {
	t.Parallel()
	s := store.New()
	require.NoError(t, load(s, `{"users":[],"conversations":[{"conversationId":"a_user_b","sides":{"a":null,"b":{"readTo":5}}}],"messages":[
		{"sender":"A","receiver":"b","data":{"text":"hi"}},
		{"id":"5","sender":"b","receiver":"a","category":"custom","type":"x","sentAt":"2024-05-01T10:00:00Z","parentId":"5"}]}`))
	m := s.Message("1")
	assert.Equal(t, []any{"a", "message", "text", "user", "a_user_b", now.Unix(), now.Unix()},
		[]any{m.Sender, m.Category, m.Type, m.ReceiverType, m.ConversationID, m.SentAt, m.UpdatedAt})
	assert.Empty(t, s.Message("5").Replies(), "a message is no reply to itself")
	for state, says := range map[string]string{
		`{"messages":1}`:                                                     "line 1: the messages must be a list, not a number",
		`{"messages":[{"sender":1}]}`:                                        "line 1: message 1: the sender must be a text, not a number",
		`{"messages":[{"sender":"a"}]}`:                                      "the sender or the receiver is missing",
		`{"messages":[{"id":"x","sender":"a"}]}`:                             `the id "x" must be a number`,
		`{"messages":[{"id":"0","sender":"a"}]}`:                             `the id "0" must be a number`,
		`{"messages":[{"id":"9999999999999999"}]}`:                           "larger than that of the message before",
		`{"conversations":{}}`:                                               "the conversations must be a list, not an object",
		`{"conversations":[{"sides":[]}]}`:                                   "conversation 1: the sides must be",
		`{"conversations":[{"conversationId":"a_user_b","sides":{"a":{}}}]}`: "the two users of the conversationId",
		`{"conversations":[{"conversationId":"a_user_a","sides":{"a":{}}},{"conversationId":"a_user_a","sides":{"a":{}}}]}`: "is there twice",
	} {
		require.ErrorContains(t, load(s, state), says, state)
	}
}
