package cometchattest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMessages(t *testing.T) {
	t.Parallel()
	s := started(t)
	token := s.CreateAuthToken("cometchat-uid-1")
	sender, otherDevice := connected(t, s, token, "sender", ""), connected(t, s, token, "other", "")
	receiver, third := connected(t, s, s.CreateAuthToken("cometchat-uid-2"), "r", ""), connected(t, s, s.CreateAuthToken("cometchat-uid-3"), "t", "")
	text := `{"receiver":"COMETCHAT-uid-2","receiverType":"user","category":"message","type":"text","muid":"m","tags":["x"],` +
		`"data":{"text":"hi","metadata":{"k":1}},"text":"hi"}`
	status, answer := call(t, s, "POST", "/v3.0/messages", text, headers{"appid": s.AppID, "authtoken": token, "resource": "sender"})
	sent := data(t, status, answer)
	assert.Equal(t, "1", sent["id"])
	assert.Equal(t, "m", sent["muid"])
	assert.Equal(t, "cometchat-uid-1_user_cometchat-uid-2", sent["conversationId"])
	assert.Equal(t, []any{"x"}, sent["tags"])
	for _, l := range []*live{receiver, otherDevice} {
		f := l.next()
		assert.Equal(t, "message", f["type"])
		assert.Equal(t, "cometchat-uid-1", f["sender"])
		assert.Equal(t, "cometchat-uid-2", f["receiver"])
		assert.Equal(t, sent, f["body"])
		body, _ := f["body"].(object)["data"].(object)
		assert.Equal(t, "hi", body["text"])
		assert.Equal(t, object{"k": 1.0}, body["metadata"])
		assert.Contains(t, fmt.Sprint(body["entities"]), "George Alan")
		l.quiet()
	}
	sender.quiet()
	third.quiet()

	long := strings.Repeat("ä", 60_000) // the body has it twice, as that of the official SDK
	status, answer = call(t, s, "POST", "/v3.0/messages", strings.ReplaceAll(text, `"text":"hi"`, `"text":"`+long+`"`),
		headers{"appid": s.AppID, "authtoken": token, "resource": "sender"})
	data(t, status, answer)
	receiver.conn.SetReadLimit(1 << 20)
	otherDevice.conn.SetReadLimit(1 << 20)
	receiver.next()
	otherDevice.next()

	custom := `{"receiver":"cometchat-uid-2","receiverType":"user","category":"custom","type":"place","data":{"customData":{"lat":1}}}`
	status, answer = call(t, s, "POST", "/v3/messages", custom,
		headers{"appid": s.AppID, "apikey": s.APIKey, "onBehalfOf": "cometchat-uid-3"})
	assert.Equal(t, "3", data(t, status, answer)["id"])
	assert.Equal(t, "cometchat-uid-3", receiver.next()["sender"])
	third.next() // its own message, which another device sent
	status, answer = call(t, s, "POST", "/v3/messages", custom, headers{"appid": s.AppID, "apikey": s.APIKey})
	assert.Equal(t, "app_system", data(t, status, answer)["sender"])
	assert.Equal(t, "app_system", receiver.next()["sender"])

	receiver.send(object{
		"type": "receipts", "sender": "cometchat-uid-5", "receiver": "Cometchat-uid-1", "receiverType": "user",
		"messageSender": "cometchat-uid-1", "body": object{"action": "read", "messageId": "1"},
	})
	for _, l := range []*live{sender, otherDevice} {
		f := l.next()
		assert.Equal(t, "receipts", f["type"])
		assert.Equal(t, "cometchat-uid-2", f["sender"], "a client cannot forge the sender")
		assert.Equal(t, "cometchat-uid-1", f["messageSender"], "fields that the server does not know are kept")
	}
	sender.send(object{"type": "typing_indicator", "receiver": "cometchat-uid-2", "receiverType": "user", "body": object{"action": "started"}})
	assert.Equal(t, object{"action": "started"}, receiver.next()["body"])
	sender.send(object{"type": "typing_indicator", "receiver": "g", "receiverType": "group"})
	for _, l := range []*live{sender, otherDevice, receiver, third} {
		l.quiet()
	}
}

func TestRefusedMessages(t *testing.T) {
	t.Parallel()
	s := started(t)
	must(t, s, "POST", "/users/cometchat-uid-1/blockedusers", `{"blockedUids":["cometchat-uid-4"]}`)
	must(t, s, "POST", "/users/cometchat-uid-5/blockedusers", `{"blockedUids":["cometchat-uid-1"]}`)
	fields := func(change object) string {
		m := object{
			"receiver": "cometchat-uid-2", "receiverType": "user", "category": "message", "type": "text",
			"data": object{"text": "hi"},
		}
		maps.Copy(m, change)
		raw, err := json.Marshal(m)
		require.NoError(t, err)
		return string(raw)
	}
	for name, tc := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"no receiver":          {fields(object{"receiver": ""}), 400, "ERR_EMPTY_RECEIVER"},
		"an unknown receiver":  {fields(object{"receiver": "nobody"}), 404, "ERR_UID_NOT_FOUND"},
		"an unknown group":     {fields(object{"receiverType": "group"}), 404, "ERR_GUID_NOT_FOUND"},
		"another receiverType": {fields(object{"receiverType": "x"}), 400, "ERR_INVALID_RECEIVER_TYPE"},
		"no category":          {fields(object{"category": ""}), 400, "ERR_EMPTY_MESSAGE_CATEGORY"},
		"another category":     {fields(object{"category": "call"}), 400, "ERR_INVALID_MESSAGE_CATEGORY"},
		"no type":              {fields(object{"type": ""}), 400, "ERR_EMPTY_MESSAGE_TYPE"},
		"no text":              {fields(object{"data": object{"text": " "}}), 400, "ERR_EMPTY_MESSAGE_TEXT"},
		"a text too long":      {fields(object{"data": object{"text": strings.Repeat("x", 1<<16+1)}}), 400, "ERR_INVALID_MESSAGE_TEXT"},
		"a body too long":      {strings.Repeat(" ", 1<<20+1), 413, "ERR_BAD_REQUEST"},
		"too many tags":        {fields(object{"tags": make([]string, 26)}), 400, "ERR_BAD_REQUEST"},
		"a text of a number":   {fields(object{"data": object{"text": 1}}), 400, "ERR_BAD_REQUEST"},
		"no data":              {fields(object{"type": "image", "data": nil}), 400, "ERR_INVALID_MESSAGE_DATA"},
		"no customData":        {fields(object{"category": "custom"}), 400, "ERR_EMPTY_CUSTOM_DATA"},
		"no JSON":              {"{", 400, "ERR_BAD_REQUEST"},
		"a blocked receiver":   {fields(object{"receiver": "cometchat-uid-4"}), 403, "ERR_BLOCKED_RECEIVER"},
		"a blocked sender":     {fields(object{"receiver": "cometchat-uid-5"}), 403, "ERR_BLOCKED_SENDER"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, answer := call(t, s, "POST", "/v3/messages", tc.body,
				headers{"appid": s.AppID, "authtoken": s.CreateAuthToken("cometchat-uid-1")})
			assertRefused(t, status, answer, tc.status, tc.code, "")
		})
	}
}

// TestFramesAreEncodedOnce shows that all connections share the bytes of a frame.
func TestFramesAreEncodedOnce(t *testing.T) {
	t.Parallel()
	s := started(t)
	for what, event := range map[string]func(){
		"message": func() {
			status, answer := call(t, s, "POST", "/v3/messages",
				`{"receiver":"cometchat-uid-1","receiverType":"user","category":"message","type":"text","data":{"text":"<b>hi</b>"}}`,
				headers{"authtoken": s.CreateAuthToken(uid(2))})
			data(t, status, answer)
		},
		"presence": func() { connected(t, s, s.CreateAuthToken(uid(3)), "d", "") },
		"typing_indicator": func() {
			l := connected(t, s, s.CreateAuthToken(uid(4)), "d", "")
			l.send(object{"type": "typing_indicator", "receiver": uid(1), "receiverType": "user", "body": object{}})
			l.quiet()
		},
	} {
		ofKind := slices.DeleteFunc(s.Queued(uid(1), 100, event), func(frame []byte) bool {
			return !strings.Contains(string(frame), `"type":"`+what+`"`)
		})
		require.Len(t, ofKind, 100, what)
		for _, frame := range ofKind {
			assert.Same(t, &ofKind[0][0], &frame[0], what)
		}
		if what == "message" {
			assert.Contains(t, string(ofKind[0]), "<b>hi</b>", "HTML is not escaped")
		}
	}
}
