package cometchattest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestKinds(t *testing.T) {
	t.Parallel()
	s := started(t)
	one, server := actorOf(t, s, uid(1)), onBehalf(t, s, uid(1))
	m := one.send(uid(2), "hi <@uid:COMETCHAT-UID-3> <@uid:nobody>", object{"metadata": object{"twice": 1}, "text": "twice", "quotedMessageId": 0})
	assert.Equal(t, "Nancy Grace", at(t, m, "data", "mentions", uid(3), "name"))
	assert.Len(t, at(t, m, "data", "mentions"), 1)
	assert.Equal(t, "device-"+uid(1), at(t, m, "data", "resource"))
	assert.Equal(t, "cometchat-uid-1_user_cometchat-uid-2", at(t, m, "data", "entities", "receiver", "entity", "conversationId"))
	m = server.send(uid(2), "2", object{"quotedMessageId": 1, "data": object{"text": "2", "resource": "forged", "entities": "forged"}})
	assert.Nil(t, at(t, m, "data", "resource"))
	assert.Equal(t, uid(1), at(t, m, "data", "entities", "sender", "entity", "uid"))
	assert.Equal(t, "1", at(t, m, "quotedMessage", "id"))
	assert.Equal(t, "1", m["quotedMessageId"])
	m = one.send(uid(2), "", object{"type": "image", "data": object{"attachments": []object{{"url": "https://a.test/1", "name": "1"}, {"url": "https://a.test/2"}}}})
	assert.Equal(t, "https://a.test/1", at(t, m, "data", "url"))
	one.send(uid(2), "", object{"type": "file", "data": object{"url": "https://a.test/1"}})
	m = one.send(uid(2), "", object{"category": "interactive", "type": "form", "data": object{"interactiveData": object{}, "interactions": []any{}}})
	assert.Equal(t, "5", m["id"])
	m = one.send(uid(2), "a reply", object{"parentMessageId": "1"})
	assert.Equal(t, "1", m["parentId"])
	one.refused("POST", "/messages", messageTo(t, uid(2), strings.Repeat("<@uid:a><@uid:b1>", 5)+
		"<@uid:1><@uid:2><@uid:3><@uid:4><@uid:5><@uid:6><@uid:7><@uid:8><@uid:9>", nil), 400, "ERR_BAD_REQUEST")

	for name, tc := range map[string]struct {
		change object
		code   string
	}{
		"no attachment":         {object{"type": "image"}, "ERR_EMPTY_MESSAGE_FILE"},
		"an odd url":            {object{"type": "image", "data": object{"url": 1}}, "ERR_EMPTY_MESSAGE_FILE"},
		"odd attachments":       {object{"type": "image", "data": object{"attachments": "x"}}, "ERR_INVALID_MEDIA_MESSAGE"},
		"an attachment: no url": {object{"type": "image", "data": object{"attachments": []object{{}}}}, "ERR_INVALID_MEDIA_MESSAGE"},
		"another type":          {object{"type": "poem"}, "ERR_INVALID_MESSAGE_TYPE"},
		"odd customData":        {object{"category": "custom", "data": object{"customData": "x"}}, "ERR_INVALID_CUSTOM_DATA"},
		"null customData":       {object{"category": "custom", "data": object{"customData": nil}}, "ERR_EMPTY_CUSTOM_DATA"},
		"no interactiveData":    {object{"category": "interactive"}, "ERR_INVALID_MESSAGE_DATA"},
		"odd metadata":          {object{"data": object{"text": "x", "metadata": "x"}}, "ERR_INVALID_METADATA"},
		"long data":             {object{"data": object{"text": "x", "metadata": object{"k": strings.Repeat("x", 1<<16)}}}, "ERR_INVALID_MESSAGE_DATA"},
		"an odd parent":         {object{"parentMessageId": []int{}}, "ERR_BAD_REQUEST"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			actorOf(t, s, uid(1)).refused("POST", "/messages", messageTo(t, uid(2), "hi", tc.change), 400, tc.code)
		})
	}
	one.refused("POST", "/messages", messageTo(t, uid(2), "hi", object{"quotedMessageId": "99"}), 404, "ERR_MESSAGE_ID_NOT_FOUND")
	actorOf(t, s, uid(3)).refused("POST", "/messages", messageTo(t, uid(2), "hi", object{"quotedMessageId": "1"}), 403, "ERR_MESSAGE_NO_ACCESS")
}

func TestEditAndDelete(t *testing.T) {
	t.Parallel()
	s := started(t)
	one, two, three, server := actorOf(t, s, uid(1)), actorOf(t, s, uid(2)), actorOf(t, s, uid(3)), onBehalf(t, s, "")
	acting := connected(t, s, one.header["authtoken"], "device-"+uid(1), "")
	other, receiver := connected(t, s, one.header["authtoken"], "other", ""), connected(t, s, two.header["authtoken"], "r", "")
	one.send(uid(2), "old", object{"tags": []string{"a"}, "data": object{"text": "old", "metadata": object{"k": 1}}})
	other.next()
	receiver.next()

	action := one.do("PUT", "/messages/1", `{"data":{"text":"new <@uid:cometchat-uid-3>","entities":{},"resource":"x"},"tags":["b"],"id":"1"}`)
	assert.Equal(t, []any{"2", "action", "message", "edited"}, []any{action["id"], action["category"], action["type"], at(t, action, "data", "action")})
	on, _ := at(t, action, "data", "entities", "on", "entity").(object)
	assert.Equal(t, "message", at(t, action, "data", "entities", "on", "entityType"))
	assert.Equal(t, uid(1), at(t, action, "data", "entities", "by", "entity", "uid"))
	assert.Equal(t, uid(2), at(t, action, "data", "entities", "for", "entity", "uid"))
	assert.Equal(t, []any{"1", uid(1), []any{"b"}}, []any{on["id"], on["editedBy"], on["tags"]})
	assert.Equal(t, "new <@uid:cometchat-uid-3>", at(t, on, "data", "text"))
	assert.Equal(t, object{"k": 1.0}, at(t, on, "data", "metadata"), "what the edit does not name stays")
	assert.Equal(t, "device-"+uid(1), at(t, on, "data", "resource"))
	assert.Contains(t, at(t, on, "data", "mentions"), uid(3))
	for _, l := range []*live{other, receiver} {
		f := l.next()
		assert.Equal(t, action, f["body"])
		assert.Equal(t, []any{"message", uid(1), uid(2), "device-" + uid(1)}, []any{f["type"], f["sender"], f["receiver"], f["deviceId"]})
	}
	acting.quiet()
	assert.Equal(t, []any{"1", "2"}, two.ids("/users/cometchat-uid-1/messages"))

	for name, tc := range map[string]struct {
		who          *actor
		method, path string
		body         string
		status       int
		code         string
	}{
		"not the sender":         {two, "PUT", "/messages/1", `{"data":{"text":"x"}}`, 403, "ERR_MESSAGE_NOT_A_SENDER"},
		"a deletion by another":  {two, "DELETE", "/messages/1", "", 403, "ERR_MESSAGE_NOT_A_SENDER"},
		"not in it":              {three, "PUT", "/messages/1", `{"data":{"text":"x"}}`, 403, "ERR_MESSAGE_NO_ACCESS"},
		"read by a third":        {three, "GET", "/messages/1", "", 403, "ERR_MESSAGE_NO_ACCESS"},
		"an action message":      {one, "PUT", "/messages/2", `{"data":{"text":"x"}}`, 400, "ERR_MESSAGE_ACTION_NOT_ALLOWED"},
		"an action deleted":      {one, "DELETE", "/messages/2", "", 400, "ERR_MESSAGE_ACTION_NOT_ALLOWED"},
		"an unknown message":     {one, "PUT", "/messages/99", `{"data":{"text":"x"}}`, 404, "ERR_MESSAGE_ID_NOT_FOUND"},
		"an id of letters":       {one, "GET", "/messages/x", "", 404, "ERR_MESSAGE_ID_NOT_FOUND"},
		"an empty text":          {one, "PUT", "/messages/1", `{"data":{"text":" "}}`, 400, "ERR_EMPTY_MESSAGE_TEXT"},
		"nothing to change":      {one, "PUT", "/messages/1", `{"data":{}}`, 400, "ERR_BAD_REQUEST"},
		"odd data":               {one, "PUT", "/messages/1", `{"data":1}`, 400, "ERR_BAD_REQUEST"},
		"odd tags":               {one, "PUT", "/messages/1", `{"tags":["` + strings.Repeat("x", 101) + `"]}`, 400, "ERR_BAD_REQUEST"},
		"an odd permanent":       {one, "DELETE", "/messages/1", `{"permanent":"x"}`, 400, "ERR_BAD_REQUEST"},
		"an odd option":          {one, "GET", "/messages/1?withThreadSubscribed=x", "", 400, "ERR_BAD_REQUEST"},
		"an unknown onBehalfOf":  {onBehalf(t, s, "nobody"), "GET", "/messages/1", "", 404, "ERR_UID_NOT_FOUND"},
		"an unknown onBehalfOf2": {onBehalf(t, s, "nobody"), "GET", "/messages", "", 404, "ERR_UID_NOT_FOUND"},
	} {
		status, answer := call(t, s, tc.method, "/v3.0"+tc.path, tc.body, tc.who.header)
		assert.NotNil(t, answer["error"], name)
		assertRefused(t, status, answer, tc.status, tc.code, "")
	}

	server.do("PUT", "/messages/1", `{"tags":["c"]}`)
	assert.Equal(t, "app_system", two.do("GET", "/messages/1", "")["editedBy"])
	one.send(uid(2), "", object{"type": "image", "data": object{"attachments": []object{{"url": "https://a.test/1"}}}})
	action = one.do("PUT", "/messages/4", `{"data":{"attachments":[{"url":"https://a.test/2"}]}}`)
	assert.Equal(t, "https://a.test/2", at(t, action, "data", "entities", "on", "entity", "data", "url"))

	action = one.do("DELETE", "/messages/1", `{"id":"1"}`)
	assert.Equal(t, "deleted", at(t, action, "data", "action"))
	gone := two.do("GET", "/messages/1", "")
	assert.Equal(t, uid(1), gone["deletedBy"])
	assert.NotZero(t, gone["deletedAt"])
	assert.Nil(t, at(t, gone, "data", "text"))
	assert.Nil(t, gone["tags"])
	one.refused("DELETE", "/messages/1", "", 404, "ERR_MESSAGE_ID_NOT_FOUND")
	one.refused("PUT", "/messages/1", `{"data":{"text":"x"}}`, 404, "ERR_MESSAGE_ID_NOT_FOUND")
	two.refused("DELETE", "/messages/1", `{"permanent":true}`, 403, "ERR_MESSAGE_NOT_A_SENDER")
	action = server.do("DELETE", "/messages/1", `{"permanent":true}`)
	assert.Equal(t, uid(1), action["sender"], "the app itself acts in the name of the sender")
	two.refused("GET", "/messages/1", "", 404, "ERR_MESSAGE_ID_NOT_FOUND")
	assert.Equal(t, []any{"2", "3", "4", "5", "6", "7"}, two.ids("/users/cometchat-uid-1/messages"))
}

func TestInteracted(t *testing.T) {
	t.Parallel()
	s := started(t)
	one, two := actorOf(t, s, uid(1)), actorOf(t, s, uid(2))
	l := connected(t, s, one.header["authtoken"], "d", "")
	form := func(goal string) string {
		m := one.send(uid(2), "", object{"category": "interactive", "type": "form", "data": object{
			"interactiveData": object{}, "interactionGoal": object{"type": goal, "elementIds": []string{"a", "b"}},
		}})
		l.next()
		id, _ := m["id"].(string)
		return id
	}
	use := func(id, elements string) {
		answer := two.do("PATCH", "/messages/"+id+"/interacted", `{"interactions":[`+elements+`]}`)
		assert.Equal(t, true, answer["success"])
	}
	for goal, completes := range map[string]string{"anyAction": `"x"`, "anyOf": `"b","c"`, "allOf": `"a","b"`} {
		id := form(goal)
		use(id, completes)
		f := l.next()
		assert.Equal(t, "interaction_completed", f["type"], goal)
		assert.Equal(t, id, at(t, f, "body", "messageId"))
		use(id, completes)
		l.quiet()
		assert.Contains(t, two.ids("/messages?onlyInteractionGoalCompleted=1"), id)
	}
	use(form("none"), `"a"`)
	use(form("allOf"), `"a"`)
	l.quiet()
	m := two.do("GET", "/messages/5", "")
	used, _ := at(t, m, "data", "interactions").([]any)
	assert.Equal(t, "a", at(t, used[0], "elementId"))
	two.send(uid(1), "text", nil)
	for _, tc := range []struct {
		who      *actor
		id, body string
	}{
		{two, "5", `{}`}, {two, "5", `{"interactions":[""]}`}, {two, "5", `{"interactions":1}`}, {two, "6", `{"interactions":["a"]}`},
		{onBehalf(t, s, ""), "5", `{"interactions":["a"]}`},
	} {
		tc.who.refused("PATCH", "/messages/"+tc.id+"/interacted", tc.body, 400, "ERR_BAD_REQUEST")
	}
}
