package cometchattest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
)

func TestConversations(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := started(t, clock.option())
	s.AddUser(&cometchat.User{UID: "bot", Name: "Robot", Role: "@agentic", Tags: []string{"ai"}})
	one, two := actorOf(t, s, uid(1)), actorOf(t, s, uid(2))
	for _, other := range []*actor{two, actorOf(t, s, uid(3)), onBehalf(t, s, "bot")} {
		other.send(uid(1), "hi <@uid:cometchat-uid-1>", nil)
		clock.pass(time.Second)
	}
	two.send(uid(1), "again", nil)
	c := one.do("GET", "/users/Cometchat-UID-2/conversation", "")
	assert.Equal(t, "cometchat-uid-1_user_cometchat-uid-2", c["conversationId"])
	assert.Equal(t, []any{"user", "2", 1.0, nil, "4"},
		[]any{c["conversationType"], c["unreadMessageCount"], c["unreadMentionsCount"], c["lastReadMessageId"], c["latestMessageId"]})
	assert.Equal(t, "again", at(t, c, "lastMessage", "data", "text"))
	assert.Equal(t, uid(2), at(t, c, "conversationWith", "uid"))
	assert.Equal(t, []any{"a", "b"}, one.do("PUT", "/users/cometchat-uid-2/conversation", `{"tags":["a","b"]}`)["tags"])
	one.do("POST", "/blockedusers", `{"blockedUids":["cometchat-uid-3"]}`)
	one.do("POST", "/users/bot/conversation/read", "")

	for query, want := range map[string][]any{
		"":                              {uid(2), "bot"},
		"includeBlockedUsers=true":      {uid(2), "bot", uid(3)},
		"conversationType=user":         {uid(2), "bot"},
		"conversationType=group":        {},
		"searchKey=ROBO":                {"bot"},
		"tags=b,c":                      {uid(2)},
		"userTags=ai":                   {"bot"},
		"groupTags=ai":                  {},
		"unread=true":                   {uid(2)},
		"hideAgentic=true":              {uid(2)},
		"onlyAgentic=true":              {"bot"},
		"pinnedBy=me,system":            {},
		"per_page=1&page=2":             {"bot"},
		"per_page=50&page=2":            {},
		"withTags=true&withBlockedInfo": {uid(2), "bot"},
	} {
		rows, meta := one.list("/conversations?" + query)
		got := []any{}
		for _, row := range rows {
			got = append(got, at(t, row, "conversationWith", "uid"))
		}
		assert.Equal(t, want, got, query)
		assert.Contains(t, meta, "pagination")
	}
	rows, _ := one.list("/conversations?withTags=1&withUserAndGroupTags=1&includeBlockedUsers=1&withBlockedInfo=1")
	assert.Equal(t, []any{"a", "b"}, rows[0]["tags"])
	assert.Equal(t, []any{"ai"}, at(t, rows[1], "conversationWith", "tags"))
	assert.Equal(t, true, at(t, rows[2], "conversationWith", "blockedByMe"))
	rows, _ = one.list("/conversations?includeBlockedUsers=1")
	assert.Nil(t, rows[0]["tags"])
	assert.Nil(t, at(t, rows[1], "conversationWith", "tags"))
	assert.Nil(t, at(t, rows[2], "conversationWith", "blockedByMe"))
	s.DeleteUser("bot")
	rows, _ = one.list("/conversations")
	assert.Equal(t, "bot", at(t, rows[1], "conversationWith", "name"), "the conversation with a deleted user stays")
	assert.Len(t, rows, 2)
	rows, _ = onBehalf(t, s, uid(2)).list("/conversations?perPage=1000")
	assert.Len(t, rows, 1)

	answer := one.do("DELETE", "/users/cometchat-uid-2/conversation", "")
	assert.Equal(t, "The conversation cometchat-uid-1_user_cometchat-uid-2 has been deleted successfully for UID cometchat-uid-1.", answer["message"])
	one.refused("GET", "/users/cometchat-uid-2/conversation", "", 404, "ERR_CONVERSATION_NOT_ACCESSIBLE")
	one.refused("GET", "/messages/1", "", 403, "ERR_MESSAGE_NO_ACCESS")
	assert.Empty(t, one.ids("/users/cometchat-uid-2/messages"))
	assert.Len(t, two.ids("/users/cometchat-uid-1/messages"), 2, "the other user keeps the messages")
	two.send(uid(1), "new", nil)
	assert.Equal(t, "1", one.do("GET", "/users/cometchat-uid-2/conversation", "")["unreadMessageCount"])
	assert.Len(t, one.ids("/users/cometchat-uid-2/messages"), 1)
	one.do("DELETE", "/users/cometchat-uid-2/conversation", `{"deleteMessagesPermanently":true}`)
	assert.Empty(t, two.ids("/users/cometchat-uid-1/messages"))
	two.refused("GET", "/users/cometchat-uid-1/conversation", "", 404, "ERR_CONVERSATION_NOT_ACCESSIBLE")
}

func TestConversationRefusals(t *testing.T) {
	t.Parallel()
	s := started(t)
	one := actorOf(t, s, uid(1))
	one.send(uid(2), "hi", nil)
	for _, tc := range []struct {
		who                *actor
		method, path, body string
		status             int
		code               string
	}{
		{one, "GET", "/conversations?per_page=51", "", 400, "ERR_BAD_REQUEST"},
		{one, "GET", "/conversations?conversationType=x", "", 400, "ERR_BAD_REQUEST"},
		{one, "GET", "/conversations?unread=x", "", 400, "ERR_BAD_REQUEST"},
		{onBehalf(t, s, ""), "GET", "/users/cometchat-uid-2/conversation", "", 400, "ERR_BAD_REQUEST"},
		{onBehalf(t, s, ""), "POST", "/users/cometchat-uid-2/conversation/pin", "", 400, "ERR_BAD_REQUEST"},
		{one, "GET", "/users/cometchat-uid-1/conversation", "", 404, "ERR_CONVERSATION_NOT_ACCESSIBLE"},
		{one, "POST", "/users/cometchat-uid-1/conversation/pin", "", 404, "ERR_CONVERSATION_NOT_ACCESSIBLE"},
		{one, "GET", "/users/cometchat-uid-3/conversation", "", 404, "ERR_CONVERSATION_NOT_ACCESSIBLE"},
		{one, "GET", "/users/nobody/conversation", "", 404, "ERR_UID_NOT_FOUND"},
		{one, "PUT", "/users/cometchat-uid-2/conversation", `{"tags":"x"}`, 400, "ERR_BAD_REQUEST"},
		{one, "PUT", "/users/cometchat-uid-2/conversation", `{}`, 400, "ERR_BAD_REQUEST"},
		{one, "PUT", "/users/cometchat-uid-2/conversation", `{"tags":["` + strings.Repeat("x", 101) + `"]}`, 400, "ERR_BAD_REQUEST"},
		{one, "DELETE", "/users/cometchat-uid-2/conversation", `[]`, 400, "ERR_BAD_REQUEST"},
		{one, "POST", "/users/cometchat-uid-2/conversation/read", `{"messageId":"x"}`, 400, "ERR_BAD_REQUEST"},
		{one, "POST", "/users/cometchat-uid-2/conversation/delivered", `{"messageId":[]}`, 400, "ERR_BAD_REQUEST"},
		{one, "DELETE", "/users/cometchat-uid-2/conversation/read", `{}`, 400, "ERR_BAD_REQUEST"},
		{one, "DELETE", "/users/cometchat-uid-2/conversation/read", `{"messageId":"x"}`, 400, "ERR_BAD_REQUEST"},
		{one, "DELETE", "/users/cometchat-uid-2/conversation/read", `{"messageId":9}`, 404, "ERR_MESSAGE_ID_NOT_FOUND"},
	} {
		tc.who.refused(tc.method, tc.path, tc.body, tc.status, tc.code)
	}
}

func TestPinnedConversations(t *testing.T) {
	t.Parallel()
	s := started(t)
	s.AddUser(&cometchat.User{UID: "six", Name: "Six"})
	s.AddUser(&cometchat.User{UID: "odd", Name: "Odd", Metadata: []byte("{")})
	one := actorOf(t, s, uid(1))
	acting := connected(t, s, one.header["authtoken"], "device-"+uid(1), "")
	other := connected(t, s, one.header["authtoken"], "other", "")
	one.send(uid(3), "hi", nil)
	other.next()
	c := one.do("POST", "/users/cometchat-uid-2/conversation/pin", "")
	assert.Equal(t, uid(1), c["pinnedBy"], "a conversation may be pinned before its first message")
	f := other.next()
	assert.Equal(t, "conversation_pinned", f["type"])
	assert.Equal(t, c, at(t, f, "body", "conversation"))
	assert.Equal(t, c["pinnedAt"], one.do("POST", "/users/cometchat-uid-2/conversation/pin", "")["pinnedAt"])
	other.quiet()
	acting.quiet()
	rows, _ := one.list("/conversations")
	assert.Equal(t, uid(2), at(t, rows[0], "conversationWith", "uid"))
	rows, _ = one.list("/conversations?pinnedBy=me")
	assert.Len(t, rows, 1)
	for _, with := range []string{uid(3), uid(4), uid(5), "six"} {
		one.do("POST", "/users/"+with+"/conversation/pin", "")
		other.next()
	}
	one.refused("POST", "/users/odd/conversation/pin", "", 400, "ERR_PINNED_CONVERSATIONS_LIMIT_EXCEEDED")
	assert.Nil(t, one.do("DELETE", "/users/cometchat-uid-3/conversation/pin", "")["pinnedAt"])
	assert.Equal(t, "conversation_unpinned", other.next()["type"])
	one.do("DELETE", "/users/cometchat-uid-3/conversation/pin", "")
	other.quiet()
	actorOf(t, started(t), uid(1)).refused("DELETE", "/users/cometchat-uid-2/conversation/pin", "", 404, "ERR_CONVERSATION_NOT_ACCESSIBLE")
	status, _ := call(t, s, "POST", "/v3.0/users/odd/conversation/pin", "", one.header)
	assert.Equal(t, 500, status, "the user's metadata is not JSON")
	other.quiet()
}
