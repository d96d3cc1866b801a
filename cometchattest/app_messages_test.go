package cometchattest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMessagesOfTheApp makes calls with the REST API key and without a user: the app itself sends, changes and sees everything.
func TestMessagesOfTheApp(t *testing.T) {
	t.Parallel()
	s := clubbed(t, "public")
	app, one, two := onBehalf(t, s, ""), actorOf(t, s, uid(1)), actorOf(t, s, uid(2))
	device := connected(t, s, s.CreateAuthToken(uid(2)), "phone", "")

	sent := app.send(uid(2), "welcome", object{"muid": "m"})
	assert.Equal(t, []any{"app_system", "app_system_user_" + uid(2), "m"}, []any{sent["sender"], sent["conversationId"], sent["muid"]})
	assert.Equal(t, "System", at(t, sent, "data", "entities", "sender", "entity", "name"))
	assert.Equal(t, sent["id"], at(t, device.next(), "body", "id"), "the user hears of it")
	assert.Equal(t, []any{sent["id"]}, two.ids("/users/app_system/messages?limit=5"), "the conversation with the app can be read")

	seen, _ := two.list("/conversations?conversationType=user")
	assert.Len(t, seen, 1)
	assert.Equal(t, "System", at(t, seen[0], "conversationWith", "name"))
	assert.Equal(t, "1", seen[0]["unreadMessageCount"])

	toClub := app.toClub("all", nil)
	assert.Equal(t, []any{"app_system", "group_club"}, []any{toClub["sender"], toClub["conversationId"]})
	text, _ := one.send(uid(2), "hi", nil)["id"].(string)
	assert.Equal(t, []any{sent["id"], toClub["id"]}, app.ids("/messages?sender=app_system&categories=message"))
	assert.Equal(t, []any{sent["id"], text}, app.ids("/users/"+uid(2)+"/messages?receiverType=user&categories=message"),
		"without a user, the list has all messages of a user")

	action := app.do("DELETE", "/messages/"+text, `{"permanent":true}`)
	assert.Equal(t, "deleted", at(t, action, "data", "action"))
	assert.Equal(t, "app_system", at(t, action, "data", "entities", "by", "entity", "uid"))
	app.refused("GET", "/messages/"+text, "", 404, "ERR_MESSAGE_ID_NOT_FOUND")
	app.refused("POST", "/messages/"+toClub["id"].(string)+"/thread", messageTo(t, "club", "x", object{"receiverType": "group"}), 400, "ERR_BAD_REQUEST")
	other := started(t)
	require.NoError(t, other.Load(strings.NewReader(state(t, s))))
	assert.Len(t, other.Messages("app_system_user_"+uid(2)), 1)
}

// TestMessagesToMany sends a message to many receivers with one request, as only a server can.
func TestMessagesToMany(t *testing.T) {
	t.Parallel()
	s := clubbed(t, "public")
	app, user := onBehalf(t, s, ""), onBehalf(t, s, uid(1))
	many := func(uids, guids []string) string {
		return messageTo(t, "", "all", object{"receiverType": "", "multipleReceivers": object{"uids": uids, "guids": guids}, "muid": "m"})
	}
	send := func(a *actor, body string) (receivers []any) {
		status, answer := call(t, s, "POST", "/v3.0/messages", body, a.header)
		assert.Equal(t, 200, status, answer)
		rows, _ := answer["data"].([]any)
		for _, row := range rows {
			assert.Equal(t, "m", at(t, row, "muid"))
			receivers = append(receivers, at(t, row, "receiver"))
		}
		return receivers
	}
	assert.Equal(t, []any{uid(2), uid(3), "club"}, send(app, many([]string{uid(2), uid(3), "COMETCHAT-UID-2"}, []string{"club"})))
	assert.Equal(t, []any{uid(2)}, send(user, many([]string{uid(2)}, nil)))
	before := len(app.ids("/messages?limit=100"))
	app.refused("POST", "/messages", many([]string{uid(2), "missing"}, nil), 404, "ERR_UID_NOT_FOUND")
	app.refused("POST", "/messages", many(nil, nil), 400, "ERR_EMPTY_RECEIVER")
	assert.Len(t, app.ids("/messages?limit=100"), before, "a refusal sends nothing to anybody")
	onBehalf(t, s, "missing").refused("POST", "/messages", many([]string{uid(2)}, nil), 404, "ERR_UID_NOT_FOUND")
	actorOf(t, s, uid(1)).refused("POST", "/messages", many([]string{uid(2)}, nil), 400, "ERR_EMPTY_RECEIVER")
}

// TestConversationsOfEverybody lists conversations without naming a user.
func TestConversationsOfEverybody(t *testing.T) {
	t.Parallel()
	s := started(t)
	actorOf(t, s, uid(1)).send(uid(2), "hi", nil)
	app := onBehalf(t, s, "")
	with := func(path string) (uids []any) {
		rows, _ := app.list(path)
		for _, row := range rows {
			uids = append(uids, at(t, row, "conversationWith", "uid"))
		}
		return uids
	}
	assert.Equal(t, []any{uid(2), uid(1)}, with("/conversations"), "each side is an item")
	assert.Equal(t, []any{uid(2)}, with("/conversations?unique=1"))
	assert.Equal(t, []any{uid(1)}, with("/conversations?unread=true"), "only the receiver has not read the message")
}
