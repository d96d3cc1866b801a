package cometchat_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// 11: a time goes out in seconds, a page has its own number, 0 is the documented limit, and no count is 0.
func unitsAndCounts(t *testing.T) {
	t.Helper()
	w := newWire()
	c := w.loggedIn(t)
	w.RegisterNoResponder(respond(200, data([]object{{"id": 1, "conversationId": "c"}})))
	_, err := c.ListMessagesPage(t.Context(), cometchat.MessagesRequest{With: recordedWith, SentBefore: time.Unix(1700000000, 999)}, "")
	require.NoError(t, err)
	page, err := c.ListConversationsPage(t.Context(), cometchat.ConversationsRequest{}, "3")
	require.NoError(t, err)
	assert.Zero(t, page.Items[0].UnreadCount)
	lines := w.lines()
	assert.Contains(t, lines[0], "sentAt=1700000000&")
	assert.Contains(t, lines[0], "per_page=30&")
	assert.Equal(t, "GET "+clientHost+"/conversations?page=3&per_page=30", lines[1])
}

// 12: it is one segment in every call.
func idsInPaths(t *testing.T) {
	t.Helper()
	w := newWire()
	c := w.loggedIn(t, once)
	w.RegisterNoResponder(respond(403, refusal("ERR_X", "only the request matters")))
	odd := cometchat.ToUser("a b/ü")
	_, _ = c.ListMessagesPage(t.Context(), cometchat.MessagesRequest{With: odd}, "")
	_, _ = c.ListThreadsPage(t.Context(), cometchat.ThreadsRequest{With: odd}, "")
	_, _ = c.UnreadCounts(t.Context(), cometchat.UnreadRequest{With: odd})
	for _, call := range conversationCalls {
		_, _ = call(c, t.Context(), odd)
	}
	_, _ = c.AddReaction(t.Context(), "101", "a b/ü")
	lines := w.lines()
	assert.Len(t, lines, 4+len(conversationCalls))
	for _, line := range lines {
		assert.Contains(t, line, "/a%20b%2F%C3%BC")
	}
}

// 13: a row of any category is a message, and a row that is none is left out.
func oddRows(t *testing.T) {
	t.Helper()
	ids, err := idsOf(listed(t, `{"id":"4","category":"nope"}`, `null`, `{"id":"3"}`, `"x"`, `{"id":"2","category":7,"data":[]}`))
	require.NoError(t, err)
	assert.Equal(t, []string{"4", "3", "2"}, ids)
}

// 14: numbers and texts mean the same.
func kindsOfJSON(t *testing.T) {
	t.Helper()
	read := func(raw string) *cometchat.Message {
		var m cometchat.Message
		require.NoError(t, json.Unmarshal([]byte(raw), &m))
		m.Raw = nil
		return &m
	}
	numbers := read(`{"id":5,"parentId":7,"sentAt":1700000000,"editedAt":1700000001,"replyCount":2,"pinnedAt":1700000002}`)
	texts := read(`{"id":"5","parentId":"7","sentAt":"1700000000","editedAt":"1700000001","replyCount":"2","pinnedAt":"1700000002"}`)
	assert.Equal(t, numbers, texts)
	assert.Equal(t, []any{"5", "7", 2, int64(1700000000)}, []any{texts.ID, texts.ParentID, texts.ReplyCount, texts.SentAt.Unix()})
}

// 15: each of them sees the whole list.
func listsAtOnce(t *testing.T) {
	t.Helper()
	w := newWire()
	c := w.loggedIn(t)
	w.RegisterResponder("GET", clientHost+"/conversations", slowly(conversationsOf(nil, "a", "b", "c")))
	w.RegisterResponder("GET", searchURL, slowly((&conversation{messages: []object{stored(1, ""), stored(2, "")}}).list))
	var ends []<-chan error
	for range 3 {
		ends = append(ends, started(func() error {
			ids, err := conversationIDs(t.Context(), c)
			assert.Equal(t, []string{"a", "b", "c"}, ids)
			return err
		}), started(func() error {
			ids, err := idsOf(c.ListMessages(t.Context(), cometchat.MessagesRequest{With: recordedWith, Limit: 1}))
			assert.Equal(t, []string{"2", "1"}, ids)
			return err
		}))
	}
	for _, end := range ends {
		require.NoError(t, <-end)
	}
}

// 16: it says what is wrong with the answer.
func emptyErrors(t *testing.T) {
	t.Helper()
	w := newWire()
	c := w.loggedIn(t, once)
	w.RegisterNoResponder(respond(200, `{}`))
	for name, list := range messageLists(t.Context(), c) {
		if name == "FlagReasons" {
			continue // are those of the settings, where none is an answer
		}
		err := list()
		require.ErrorContains(t, err, "the server's answer has no data", name)
		assert.Equal(t, "FAILED_TO_FETCH", code(err), name)
	}
}

// 17: the case of an id does not matter in any call.
func casesOfIDs(t *testing.T) {
	t.Helper()
	s := cometchattest.New()
	t.Cleanup(s.Close)
	ada, bob := emulatedUser(t, s, uid1), emulatedUser(t, s, uid2)
	sent, err := ada.SendMessage(t.Context(), cometchat.NewTextMessage(cometchat.ToUser(strings.ToUpper(uid2)), "x"))
	require.NoError(t, err)
	for _, uid := range []string{uid1, strings.ToUpper(uid1), "CometChat-UID-1"} {
		with := cometchat.ToUser(uid)
		ids, err := idsOf(bob.ListMessages(t.Context(), cometchat.MessagesRequest{With: with}))
		require.NoError(t, err)
		assert.Equal(t, []string{sent.ID}, ids)
		counts, err := bob.UnreadCounts(t.Context(), cometchat.UnreadRequest{With: with})
		require.NoError(t, err)
		assert.Equal(t, map[string]int{uid1: 1}, counts.Users)
		found, err := bob.GetConversation(t.Context(), with)
		require.NoError(t, err)
		assert.Equal(t, cometchat.ToUser(uid1), found.With)
	}
}

// 18: nil is refused with a typed error, a listener that panics holds up nobody, and a frame that cannot be read is an event.
func nullAndThrowing(t *testing.T) {
	t.Helper()
	w := newWire()
	c := w.loggedIn(t)
	_, err := c.SendMessage(t.Context(), nil)
	require.ErrorIs(t, err, cometchat.ErrMissingParameters)
	_, err = c.ResolveSend(t.Context(), nil)
	require.ErrorIs(t, err, cometchat.ErrMissingParameters)
	for _, mark := range []func(context.Context, *cometchat.Message) error{c.MarkAsUnread, c.MarkAsRead, c.MarkAsDelivered} {
		require.ErrorIs(t, mark(t.Context(), nil), cometchat.ErrMissingParameters)
	}
	require.ErrorIs(t, c.StartTyping(t.Context(), cometchat.Receiver{}, nil), cometchat.ErrBadRequest)
	require.ErrorIs(t, c.SendTransientMessage(t.Context(), recordedWith, nil), cometchat.ErrBadRequest)
	assert.Empty(t, w.lines())
	odd := []string{"no JSON", `{}`, `{"type":"receipts","body":{}}`, `{"type":"message"}`}
	assert.Equal(t, odd, heardFrames(t, odd...))

	live := newLiveWorld(t)
	ada, bob := emulatedUser(t, live.Server, uid1), emulatedUser(t, live.Server, uid2)
	bob.AddMessageListener("throws", cometchat.MessageListener{MessageReceived: func(*cometchat.Message) { panic("at the disco") }})
	heard := transcribe(bob)
	require.NoError(t, bob.Connect(t.Context()))
	first, second := says(t, ada, uid2, "hi"), says(t, ada, uid2, "ho")
	assert.Equal(t, []string{"received " + first.ID + " hi", "received " + second.ID + " ho"}, heard.take())
}

// 19: an edit has what it changes, and is checked.
func wholeEdits(t *testing.T) {
	t.Helper()
	w := newWire()
	c := w.loggedIn(t)
	w.RegisterNoResponder(respond(200, `{"data":{"id":"101"}}`))
	for _, e := range []cometchat.MessageEdit{{}, {Text: " "}, {Text: "x", Metadata: json.RawMessage(`"x"`)}, {CustomData: "x"}} {
		_, err := c.EditMessage(t.Context(), "101", e)
		require.NotNil(t, asError(err), "%+v", e)
	}
	assert.Empty(t, w.lines())
	_, err := c.EditMessage(t.Context(), "101", cometchat.MessageEdit{Text: "x"})
	require.NoError(t, err)
	assert.JSONEq(t, `{"data":{"text":"x"}}`, w.requests()[0].Body)
}

// 20: they are that user's alone.
func unreadOfOthers(t *testing.T) {
	t.Helper()
	w := newWire()
	c := w.loggedIn(t)
	w.RegisterNoResponder(httpmock.NewJsonResponderOrPanic(200, data([]object{
		{"entityId": uid2, "entityType": "user", "count": 3}, {"entityId": "ada", "entityType": "user", "count": 5},
		{"entityId": uid2, "entityType": "group", "count": 4},
	})))
	counts, err := c.UnreadCounts(t.Context(), cometchat.UnreadRequest{With: recordedWith})
	require.NoError(t, err)
	assert.Equal(t, &cometchat.UnreadCounts{Users: map[string]int{uid2: 3}, Groups: map[string]int{}}, counts)
}
