package cometchat_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recordedMessages returns the messages of the recorded frames, each under the name of its case.
func recordedMessages(tb testing.TB) map[string]json.RawMessage {
	tb.Helper()
	messages, name := map[string]json.RawMessage{}, ""
	for _, line := range recording(tb, "message-events.jsonl") {
		if line.Kind == "case" {
			name = line.Case
		}
		var frame struct {
			Type string          `json:"type"`
			Body json.RawMessage `json:"body"`
		}
		if line.Scenario == "message-events" && json.Unmarshal(line.Message, &frame) == nil && frame.Type == "message" && frame.Body != nil {
			messages[name] = frame.Body
		}
	}
	return messages
}

// TestRecordedMessages reads the message of every recorded frame.
func TestRecordedMessages(t *testing.T) {
	t.Parallel()
	sent := time.Unix(1700000100, 0)
	george, group := cometchat.ToUser(uid1), cometchat.ToGroup("group-1")
	text := func(id string) func(*testing.T, *cometchat.Message) {
		return func(t *testing.T, m *cometchat.Message) {
			t.Helper()
			assert.Equal(t, []any{id, "message", "text", "hello", sent, sent}, []any{m.ID, m.Category, m.Type, m.Text, m.SentAt, m.UpdatedAt})
		}
	}
	edited := func(action, id string) func(*testing.T, *cometchat.Message) {
		return func(t *testing.T, m *cometchat.Message) {
			t.Helper()
			require.NotNil(t, m.Action)
			assert.Equal(t, []any{action, uid2, id}, []any{m.Action.Action, m.Action.By.UID, m.Action.OnMessage.ID})
		}
	}
	want := map[string]func(*testing.T, *cometchat.Message){
		"text from a user": func(t *testing.T, m *cometchat.Message) {
			t.Helper()
			text("201")(t, m)
			assert.Equal(t, []any{"mu", []string{"t"}, george, uid1 + "_user_" + uid2}, []any{m.MUID, m.Tags, m.Receiver, m.ConversationID})
			assert.JSONEq(t, `{"k":1}`, string(m.Metadata))
			assert.Equal(t, []string{"George Alan", cometchat.StatusOnline, "Andrew Joseph"}, []string{m.Sender.Name, m.Sender.Status, m.ReceiverUser.Name})
			assert.Nil(t, m.ReceiverGroup)
			assert.Equal(t, cometchat.ModerationUnmoderated, m.Moderation)
			assert.Equal(t, cometchat.ToUser(uid2), m.ReplyTo())
		},
		"text from a group, thread reply, quoted message, mentions": func(t *testing.T, m *cometchat.Message) {
			t.Helper()
			assert.Equal(t, []any{"202", "7", "5", "5", group}, []any{m.ID, m.ParentID, m.QuotedMessageID, m.Quoted.ID, m.Receiver})
			assert.Equal(t, "Group One", m.ReceiverGroup.Name)
			assert.True(t, m.Mentioned(uid1))
			assert.False(t, m.Mentioned("nobody"))
			assert.Equal(t, group, m.ReplyTo())
		},
		"text with a numeric id": text("203"),
		"image with attachments and caption": func(t *testing.T, m *cometchat.Message) {
			t.Helper()
			assert.Equal(t, []any{"image", "cap"}, []any{m.Type, m.Text})
			assert.Equal(t, []cometchat.Attachment{{
				URL: "https://files.example/a.png", Name: "a", Extension: "png", MimeType: "image/png", Size: 10,
			}}, m.Attachments)
		},
		"custom message": func(t *testing.T, m *cometchat.Message) {
			t.Helper()
			assert.Equal(t, []any{"custom", "location", "s", "ct", true, false}, []any{m.Category, m.Type, m.SubType, m.Text, m.UpdateConversation, m.SendNotification})
			assert.JSONEq(t, `{"lat":1}`, string(m.CustomData))
		},
		`custom message whose type is "text"`: func(t *testing.T, m *cometchat.Message) {
			t.Helper()
			assert.Equal(t, []any{"custom", "text", ""}, []any{m.Category, m.Type, m.Text}) // defect 9: it is no text message
			assert.JSONEq(t, `{"lat":1}`, string(m.CustomData))
		},
		"interactive message": func(t *testing.T, m *cometchat.Message) {
			t.Helper()
			require.NotNil(t, m.Interactive)
			assert.JSONEq(t, `{"title":"T"}`, string(m.Interactive.Data))
			assert.Equal(t, cometchat.InteractionGoal{Type: cometchat.GoalAllOf, ElementIDs: []string{"e1"}}, m.Interactive.Goal)
			assert.Equal(t, []cometchat.Interaction{{ElementID: "e1", At: sent}}, m.Interactive.Interactions)
			assert.True(t, m.Interactive.AllowSenderInteraction)
		},
		`interactive message whose type is "text"`: func(t *testing.T, m *cometchat.Message) {
			t.Helper()
			assert.Equal(t, cometchat.GoalNone, m.Interactive.Goal.Type)
		},
		"card message": func(t *testing.T, m *cometchat.Message) {
			t.Helper()
			assert.JSONEq(t, `{"a":1}`, string(m.Card))
			assert.Equal(t, uid2, m.Sender.UID, "the sender without an entity")
		},
		"agentic assistant message": func(t *testing.T, m *cometchat.Message) {
			t.Helper()
			assert.Equal(t, []any{cometchat.CategoryAgentic, "assistant", "t"}, []any{m.Category, m.Type, m.Text})
			assert.Contains(t, string(m.Raw), `"runId":"r"`)
		},
		"unknown category": func(t *testing.T, m *cometchat.Message) { // defect 13: it is a message
			t.Helper()
			assert.Equal(t, []any{"211", "nope", "x"}, []any{m.ID, m.Category, m.Type})
		},
		"edited (action message, the edited message under data.entities.on)": edited(cometchat.ActionEdited, "201"),
		"deleted (action message)": edited(cometchat.ActionDeleted, "201"),
		"edited in a group":        edited(cometchat.ActionEdited, "202"),
		"action message without data.entities.on": func(t *testing.T, m *cometchat.Message) { // defect 10
			t.Helper()
			assert.Equal(t, &cometchat.Action{Action: cometchat.ActionEdited}, m.Action)
		},
		"group member joined": func(t *testing.T, m *cometchat.Message) {
			t.Helper()
			assert.Equal(t, []any{"220", "groupMember", cometchat.ActionJoined, "app_system"}, []any{m.ID, m.Type, m.Action.Action, m.Sender.UID})
		},
		"own message from another device of this user":   text("240"),
		"frame that carries this device's id (ignored?)": text("241"),
		"text again: still alive after the bad frames":   text("242"),
		"a text the same id twice (no de-duplication?)":  text("242"),
	}
	messages := recordedMessages(t)
	for name, raw := range messages {
		if assert.NotNil(t, want[name], "nothing is checked of %s", name) {
			var m cometchat.Message
			require.NoError(t, json.Unmarshal(raw, &m), name)
			want[name](t, &m)
			assert.Equal(t, &m, m.Clone(), name)
		}
	}
	assert.Len(t, messages, len(want))
}

// TestDefect14KindsOfJSON reads numbers that are texts, texts that are numbers, null, lists for objects and what is missing.
func TestDefect14KindsOfJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"id":7,"muid":5,"parentId":6,"sender":8,"receiverType":"user","receiver":9,"category":"message","type":"image","sentAt":"1700000100",
		"updatedAt":"1700000100","tags":{"0":"a"},"replyCount":"3","unreadReplyCount":"2","threadSubscribed":"1","myReceipt":[],"pinnedAt":"1700000100",
		"data":{"text":1,"attachments":[{"url":"u","size":"10"}],"mentions":[],"reactions":[{"reaction":"x","count":"2","reactedByMe":1}],
		"moderation":[],"entities":[],"metadata":null,"customData":null}}`,
		`{"id":"7","muid":"5","parentMessageId":6,"sender":"8","receiverType":"user","receiver":"9","category":"message","type":"image",
		"sentAt":1700000100,"updatedAt":1700000100000,"tags":["a"],"replyCount":3,"unreadRepliesCount":2,"threadSubscribed":"true","quotedMessage":null,
		"lastReply":{},"pinnedAt":1700000100,"editedAt":null,"deliveredAt":0,"deletedBy":"",
		"data":{"text":"1","attachments":{"0":{"url":"u","size":10}},"mentions":null,"reactions":{"0":{"reaction":"x","count":2,"reactedByMe":"1"}},
		"entities":{"sender":{"entity":null,"entityType":"user"},"receiver":"x"}}}`,
	} {
		var m cometchat.Message
		require.NoError(t, json.Unmarshal([]byte(text), &m))
		at := time.Unix(1700000100, 0)
		assert.True(t, m.SentAt.Equal(at) && m.UpdatedAt.Equal(at) && m.PinnedAt.Equal(at))
		m.Raw, m.SentAt, m.UpdatedAt, m.PinnedAt = nil, time.Time{}, time.Time{}, time.Time{}
		assert.Equal(t, cometchat.Message{
			ID: "7", MUID: "5", ParentID: "6", Sender: &cometchat.User{UID: "8"}, Receiver: cometchat.ToUser("9"), Category: "message", Type: "image",
			Text: "1", Attachments: []cometchat.Attachment{{URL: "u", Size: 10}}, Tags: []string{"a"}, ReplyCount: 3, UnreadReplyCount: 2,
			ThreadSubscribed: true, Reactions: []cometchat.ReactionCount{{Reaction: "x", Count: 2, ReactedByMe: true}},
			Moderation: cometchat.ModerationUnmoderated,
		}, m)
	}
	for _, text := range []string{`{}`, `{"id":"7"}`, `{"id":"7","data":null}`, `{"id":"7","data":[]}`, `{"id":"7","data":"x"}`} {
		var m cometchat.Message
		require.NoError(t, json.Unmarshal([]byte(text), &m))
		assert.Equal(t, &cometchat.User{}, m.Sender)
		assert.True(t, m.SentAt.IsZero() && m.EditedAt.IsZero())
	}
}

// TestMessageParts reads what no recorded frame has.
func TestMessageParts(t *testing.T) {
	t.Parallel()
	read := func(text string) *cometchat.Message {
		var m cometchat.Message
		require.NoError(t, json.Unmarshal([]byte(text), &m))
		return &m
	}
	m := read(`{"id":"7","data":{"url":"https://f.test/p.png","mentions":{"ben":{"name":"Ben"},"ada":{"uid":"ada"},"x":null},
		"moderation":{"status":"pending"}},"reactions":[{"reaction":"x","count":1}],"quotedMessage":{"id":6},
		"myReceipt":{"deliveredAt":1700000100,"readAt":"1700000200"}}`)
	assert.Equal(t, []cometchat.Attachment{{URL: "https://f.test/p.png"}}, m.Attachments)
	assert.Equal(t, []*cometchat.User{{UID: "ada"}, {UID: "ben", Name: "Ben"}}, m.Mentions)
	assert.Equal(t, []any{cometchat.ModerationPending, "6"}, []any{m.Moderation, m.QuotedMessageID})
	assert.Equal(t, []cometchat.ReactionCount{{Reaction: "x", Count: 1}}, m.Reactions)
	assert.True(t, m.DeliveredToMeAt.Equal(time.Unix(1700000100, 0)) && m.ReadByMeAt.Equal(time.Unix(1700000200, 0)))

	m = read(`{"id":"7","category":"action","data":{"action":"scopeChanged","extras":{"scope":{"old":"participant","new":"admin"}},
		"entities":{"on":{"entityType":"user","entity":{"uid":"ben"}},"for":{"entityType":"group","entity":{"guid":"hikers"}}}}}`)
	assert.Equal(t, &cometchat.Action{
		Action: cometchat.ActionScopeChanged, OnUser: &cometchat.User{UID: "ben"}, ForGroup: &cometchat.Group{GUID: "hikers"},
		OldScope: "participant", NewScope: "admin",
	}, m.Action)
}

func TestMessageThatNoServerHasSent(t *testing.T) {
	t.Parallel()
	m := cometchat.Message{
		ID: "7", Sender: &cometchat.User{UID: "ada"}, Receiver: cometchat.ToGroup("hikers"), Category: "message", Type: "text", Text: "a <b>",
		SentAt: time.Unix(1700000100, 0),
	}
	raw, err := json.Marshal(m)
	require.NoError(t, err)
	var back cometchat.Message
	require.NoError(t, json.Unmarshal(raw, &back))
	assert.Equal(t, []any{m.ID, m.Text, m.Receiver, "ada"}, []any{back.ID, back.Text, back.Receiver, back.Sender.UID})
	assert.True(t, m.SentAt.Equal(back.SentAt))
	assert.Equal(t, `message 7 from ada to group hikers: "a <b>"`, m.String())
	assert.Nil(t, (*cometchat.Message)(nil).Clone())
	m.Text = strings.Repeat("ä", 101)
	assert.Contains(t, m.String(), strings.Repeat("ä", 100)+`…"`)
	m.Text = ""
	assert.Equal(t, `message 7 from ada to group hikers: message text`, m.String())
	m.Action = &cometchat.Action{Action: "edited"}
	assert.Equal(t, `message 7 from ada to group hikers: edited`, m.String())
}

// FuzzMessage reads messages. Whatever they have, they can be copied, printed and written, and read back as the same.
func FuzzMessage(f *testing.F) {
	for _, raw := range recordedMessages(f) {
		f.Add(string(raw))
	}
	f.Add(`{"id":9007199254740993,"sentAt":1e400,"data":{"entities":{"on":{"entityType":"message","entity":{"id":1,"data":{"mentions":{"a":{}}}}}}}}`)
	f.Add(`{"id":"1","quotedMessage":{"id":"2","quotedMessage":{"id":"3"}},"editedAt":-1,"tags":[[]],"data":{"reactions":{"a":1}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		var m, back cometchat.Message
		if json.Unmarshal([]byte(text), &m) != nil {
			return
		}
		require.NotNil(t, m.Sender)
		assert.Equal(t, &m, m.Clone())
		assert.NotContains(t, fmt.Sprint(m), "\n")
		_ = m.ReplyTo()
		for _, at := range []time.Time{m.SentAt, m.UpdatedAt, m.DeliveredAt, m.ReadAt, m.EditedAt, m.DeletedAt, m.PinnedAt, m.SavedAt} {
			_, err := at.MarshalJSON() // refuses a year that nothing can write
			require.NoError(t, err)
		}
		raw, err := json.Marshal(m)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(raw, &back))
		assert.Equal(t, m.ID, back.ID)
		assert.Equal(t, fmt.Sprint(m), fmt.Sprint(back))
	})
}

// FuzzMessagesPage answers lists with any meta and rows. Each list ends, and a list of messages has each message once and in order.
func FuzzMessagesPage(f *testing.F) {
	f.Add(`{"pagination":{"total_pages":9},"cursor":{"id":5,"affix":"prepend"}}`, `{"id":"7"},{"id":6}`)
	f.Add(`{"current":{"limit":2},"next":{"id":"5","sentAt":"x","updatedAt":[]}}`, `null,{},{"id":"7","updatedAt":3,"reaction":"x"}`)
	f.Add(`[]`, `{"id":"007"},{"id":"7"},{"id":18446744073709551616}`)
	f.Add(`{"cursor":{"id":1}}`, ``)
	f.Fuzz(func(t *testing.T, meta, rows string) {
		w := newWire()
		w.answer("PUT", meURL, 200, data(meAnswer(uid1)))
		c := w.client(t, once)
		_, err := c.LoginWithToken(t.Context(), tokenOf(uid1))
		require.NoError(t, err)
		w.RegisterNoResponder(respond(200, `{"data":[`+rows+`],"meta":`+meta+`}`))
		w.requests()
		for _, r := range []cometchat.MessagesRequest{{Limit: 2}, {Limit: 2, AfterID: "0"}, {Limit: 2, Pinned: true}, {Limit: 2, UpdatedAfter: time.Unix(1, 0)}} {
			ids, _ := idsOf(c.ListMessages(t.Context(), r))
			seen := map[string]bool{}
			for _, id := range ids {
				assert.False(t, seen[id] && r.UpdatedAfter.IsZero(), "%s comes twice", id)
				seen[id] = true
			}
		}
		for name, call := range messageLists(t.Context(), c) {
			_ = call()
			assert.Less(t, len(w.requests()), 60, name)
		}
	})
}
