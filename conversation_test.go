package cometchat_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRecordedConversations checks what is made of the answers that the JavaScript SDK was recorded with.
func TestRecordedConversations(t *testing.T) {
	t.Parallel()
	listed := func(seq int) (all []*cometchat.Conversation) {
		line := recordedRequest(t, "conversations.jsonl", "conversations", seq)
		require.NoError(t, json.Unmarshal(line.Response, &struct{ Data *[]*cometchat.Conversation }{&all}))
		return all
	}
	first := listed(80)
	require.Len(t, first, 2)
	c := first[0]
	assert.Equal(t, "cometchat-uid-1_user_cometchat-uid-2", c.ID)
	assert.Equal(t, cometchat.ReceiverUser, c.Type)
	assert.Equal(t, cometchat.ToUser(uid2), c.With)
	assert.Equal(t, "George Alan", c.WithUser.Name)
	assert.Equal(t, cometchat.StatusOnline, c.WithUser.Status)
	assert.Nil(t, c.WithGroup)
	assert.Equal(t, "102", c.LastMessage.ID)
	assert.Equal(t, "hello", c.LastMessage.Text)
	assert.Equal(t, 2, c.UnreadCount, "the wire has a text")
	assert.Equal(t, 2, c.UnreadMentionsCount)
	assert.Equal(t, "99", c.LastReadMessageID)
	assert.Equal(t, "102", c.LatestMessageID)
	assert.Equal(t, []string{"work"}, c.Tags)
	assert.Equal(t, time.Unix(1700000400, 0), c.PinnedAt)
	assert.Equal(t, uid1, c.PinnedBy)
	assert.Equal(t, time.Unix(1700000000, 0), c.CreatedAt)
	assert.Equal(t, time.Unix(1700000500, 0), c.UpdatedAt)
	assert.Equal(t, "conversation with user cometchat-uid-2, 2 unread", c.String())

	c = first[1]
	assert.Nil(t, c.LastMessage)
	assert.Zero(t, c.UnreadCount, "absent")
	assert.Empty(t, c.LastReadMessageID)
	assert.True(t, c.PinnedAt.IsZero())
	assert.Nil(t, c.Tags)
	assert.Equal(t, cometchat.StatusOffline, c.WithUser.Status)

	c = listed(81)[0]
	assert.Equal(t, cometchat.ToGroup("group-1"), c.With)
	assert.Equal(t, "Group One", c.WithGroup.Name)
	assert.Nil(t, c.WithUser)
	assert.Equal(t, "110", c.LastMessage.ID)
	assert.Equal(t, "conversation with group group-1", c.String())

	c = listed(85)[0]
	assert.Nil(t, c.LastMessage, "the wire has {}")

	c = listed(96)[1]
	assert.Equal(t, cometchat.Receiver{Type: cometchat.ReceiverUser}, c.With, "the wire does not have it")
	assert.Equal(t, "conversation z", c.String())
}

func TestConversationsAreReadLeniently(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]cometchat.Conversation{
		`{"conversationId":"group_hikers","conversationType":"group"}`: {ID: "group_hikers", Type: "group", With: cometchat.ToGroup("hikers")},
		`{"conversationId":"group_hikers"}`:                            {ID: "group_hikers", Type: "group", With: cometchat.ToGroup("hikers")},
		`{"conversationId":"group_user_a","conversationType":"user"}`:  {ID: "group_user_a", Type: "user", With: cometchat.Receiver{Type: "user"}},
		`{"conversationId":5,"conversationType":null,"conversationWith":{"uid":7}}`: {
			ID: "5", Type: "user", With: cometchat.ToUser("7"), WithUser: &cometchat.User{UID: "7"},
		},
		`{"conversationId":"c","conversationWith":{"guid":"g"},"conversationType":"user"}`: {
			ID: "c", Type: "user", With: cometchat.ToGroup("g"), WithGroup: &cometchat.Group{GUID: "g"},
		},
		`{"conversationId":"c","lastMessage":null,"conversationWith":[],"tags":{},"unreadMessageCount":"","unreadMentionsCount":"3",
		  "lastReadMessageId":99,"latestMessageId":null,"pinnedAt":"1700000000","updatedAt":false,"pinnedBy":null}`: {
			ID: "c", UnreadMentionsCount: 3, LastReadMessageID: "99", PinnedAt: time.Unix(1700000000, 0), Tags: []string{},
		},
		`{"conversationId":"c","lastMessage":"x","unreadMessageCount":[],"tags":["a",1,[]],"createdAt":1700000000000}`: {
			ID: "c", Tags: []string{"a", "1"}, CreatedAt: time.Unix(1700000000, 0),
		},
	} {
		var c cometchat.Conversation
		require.NoError(t, json.Unmarshal([]byte(text), &c), text)
		assert.JSONEq(t, text, string(c.Raw))
		c.Raw = nil
		assert.Equal(t, want, c, text)
	}
	require.Error(t, json.Unmarshal([]byte(`{"conversationId":`), new(cometchat.Conversation)))
}

func TestConversationAsJSON(t *testing.T) {
	t.Parallel()
	const text = `{"conversationId":"c","new":{"a":[1.50]}}`
	var c cometchat.Conversation
	require.NoError(t, json.Unmarshal([]byte(text), &c))
	raw, err := json.Marshal(c)
	require.NoError(t, err)
	assert.JSONEq(t, text, string(raw), "as the server sent it")

	for _, own := range []cometchat.Conversation{
		{
			ID: "ada_user_bob", Type: "user", With: cometchat.ToUser("bob"), WithUser: &cometchat.User{UID: "bob", Name: "Bob"},
			UnreadCount: 1, UnreadMentionsCount: 1, LastReadMessageID: "4", LatestMessageID: "5", Tags: []string{"work"},
			PinnedAt: time.Unix(1700000000, 0), PinnedBy: "ada", CreatedAt: time.Unix(1700000001, 0), UpdatedAt: time.Unix(1700000002, 0),
		},
		{ID: "group_hikers", Type: "group", With: cometchat.ToGroup("hikers"), WithGroup: &cometchat.Group{GUID: "hikers", Name: "Hikers"}},
		{ID: "x"},
	} {
		raw, err := json.Marshal(&own)
		require.NoError(t, err)
		var back cometchat.Conversation
		require.NoError(t, json.Unmarshal(raw, &back))
		back.Raw = nil
		assert.Equal(t, own, back)
	}
	for with, want := range map[cometchat.Receiver]string{
		cometchat.ToUser("bob"):     `{"conversationId":"c","conversationWith":{"uid":"bob"},"unreadMessageCount":0,"unreadMentionsCount":0}`,
		cometchat.ToGroup("hikers"): `{"conversationId":"c","conversationWith":{"guid":"hikers"},"unreadMessageCount":0,"unreadMentionsCount":0}`,
	} {
		raw, err := json.Marshal(cometchat.Conversation{ID: "c", With: with})
		require.NoError(t, err)
		assert.JSONEq(t, want, string(raw))
	}
	_, err = json.Marshal(cometchat.Conversation{ID: "c", WithUser: &cometchat.User{UID: "a", Metadata: json.RawMessage("{")}})
	require.Error(t, err)
}

// FuzzConversation checks that a conversation can be read from anything that is JSON, written, and read again as the same, and
// that its description has one line.
func FuzzConversation(f *testing.F) {
	for _, line := range recording(f, "conversations.jsonl") {
		var one struct{ Data json.RawMessage }
		if len(line.Response) == 0 || json.Unmarshal(line.Response, &one) != nil {
			continue
		}
		f.Add(string(one.Data))
		var rows []json.RawMessage
		_ = json.Unmarshal(one.Data, &rows) // stays empty for one conversation
		for _, row := range rows {
			f.Add(string(row))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		var c, back cometchat.Conversation
		if json.Unmarshal([]byte(text), &c) != nil {
			return
		}
		assert.NotContains(t, fmt.Sprintf("%v", c), "\n")
		assert.True(t, c.WithUser == nil || c.WithGroup == nil)
		raw, err := json.Marshal(c)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(raw, &back))
		again, err := json.Marshal(back)
		require.NoError(t, err)
		assert.Equal(t, string(raw), string(again))
		assert.Equal(t, c.String(), back.String())
	})
}
