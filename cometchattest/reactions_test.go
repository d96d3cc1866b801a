package cometchattest_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
)

// asUser makes a request with an auth token of a user, from a device.
func asUser(t *testing.T, s *cometchattest.Server, uid, device, method, path, body string) (int, object) {
	t.Helper()
	return call(t, s, method, "/v3.0"+path, body, headers{"appid": s.AppID, "authtoken": s.CreateAuthToken(uid), "resource": device})
}

// devices are connections of both users of a conversation, and one of a third user.
type devices struct{ one, oneToo, two, third *live }

func devicesOf(t *testing.T, s *cometchattest.Server) devices {
	t.Helper()
	on := func(n int, device string) *live { return connected(t, s, s.CreateAuthToken(uid(n)), device, "") }
	return devices{on(1, "one"), on(1, "one-too"), on(2, "two"), on(3, "third")}
}

// told asserts that exactly these connections get a frame of this type, and returns the last one's frame.
func (d devices) told(t *testing.T, kind string, told ...*live) (frame object) {
	t.Helper()
	for _, l := range told {
		frame = l.next()
		assert.Equal(t, kind, frame["type"])
	}
	for _, l := range []*live{d.one, d.oneToo, d.two, d.third} {
		l.quiet()
	}
	return frame
}

func TestReactions(t *testing.T) {
	t.Parallel()
	at := newClock()
	s := started(t, at.option())
	m := s.SendMessage(uid(1), uid(2), "hi")
	d := devicesOf(t, s)
	path := "/messages/" + m.ID + "/reactions/" + url.PathEscape("👍/é")
	reactions := func(n int, method string) any {
		status, answer := asUser(t, s, uid(n), map[int]string{1: "one", 2: "two"}[n], method, path, "")
		return data(t, status, answer)["data"].(object)["reactions"]
	}
	assert.Equal(t, []any{object{"reaction": "👍/é", "count": 1.0, "reactedByMe": true}}, reactions(1, "POST"))
	frame := d.told(t, "reaction", d.oneToo, d.two)
	assert.Equal(t, uid(1), frame["sender"])
	assert.Equal(t, uid(2), frame["receiver"])
	assert.Equal(t, "one", frame["deviceId"])
	body := frame["body"].(object)
	assert.Equal(t, uid(1), body["reactedBy"].(object)["uid"])
	delete(body, "reactedBy")
	now := float64(at.now.Unix())
	assert.Equal(t, object{
		"action": "message_reaction_added", "id": "1", "messageId": m.ID, "reaction": "👍/é", "uid": uid(1), "reactedAt": now,
		"conversationId": uid(1) + "_user_" + uid(2),
	}, body)

	reactions(1, "POST") // again: nothing is told
	d.told(t, "reaction")
	reactions(2, "POST")
	frame = d.told(t, "reaction", d.one, d.oneToo)
	assert.Equal(t, uid(1), frame["receiver"])
	status, answer := admin(t, s, "GET", "/messages/"+m.ID, "")
	assert.Equal(t, []any{object{"reaction": "👍/é", "count": 2.0}}, data(t, status, answer)["data"].(object)["reactions"],
		"a server is nobody who reacts")

	at.pass(1e9)
	assert.Equal(t, []any{object{"reaction": "👍/é", "count": 1.0}}, reactions(1, "DELETE"))
	body = d.told(t, "reaction", d.oneToo, d.two)["body"].(object)
	assert.Equal(t, "message_reaction_removed", body["action"])
	assert.InDelta(t, now+1, body["reactedAt"], 0)
	reactions(1, "DELETE")
	d.told(t, "reaction")
	assert.Nil(t, reactions(2, "DELETE"))
}

func TestReactionOfAReply(t *testing.T) {
	t.Parallel()
	s := started(t)
	parent := s.SendMessage(uid(1), uid(2), "hi")
	status, answer := asUser(t, s, uid(2), "two", "POST", "/messages/"+parent.ID+"/thread",
		`{"receiver":"cometchat-uid-1","receiverType":"user","category":"message","type":"text","data":{"text":"reply"}}`)
	id := data(t, status, answer)["id"].(string)
	d := devicesOf(t, s)
	status, answer = asUser(t, s, uid(2), "two", "POST", "/messages/"+id+"/reactions/x", "")
	data(t, status, answer)
	assert.Equal(t, parent.ID, d.told(t, "reaction", d.one, d.oneToo)["body"].(object)["parentId"])
}

// TestListOfReactions pages through the reactions in both directions.
func TestListOfReactions(t *testing.T) {
	t.Parallel()
	s := started(t)
	m := s.SendMessage(uid(1), uid(2), "hi")
	for i := range 7 {
		status, answer := asUser(t, s, uid(1+i%2), "", "POST", "/messages/"+m.ID+"/reactions/"+string(rune('a'+i/2)), "")
		data(t, status, answer)
	}
	next := func(id string) object { return object{"affix": "append", "id": id} }
	previous := func(id string) object { return object{"affix": "prepend", "id": id} }
	for query, want := range map[string]struct {
		ids            string
		limit          float64
		next, previous any
	}{
		"":                            {"1234567", 100, nil, nil},
		"?limit=3":                    {"123", 3, next("3"), nil},
		"?limit=3&affix=append&id=3":  {"456", 3, next("6"), previous("4")},
		"?limit=3&affix=append&id=6":  {"7", 3, nil, previous("7")},
		"?affix=append&id=7":          {"", 100, nil, nil},
		"?limit=3&affix=prepend":      {"567", 3, nil, previous("5")},
		"?limit=3&affix=prepend&id=5": {"234", 3, next("4"), previous("2")},
		"?limit=3&affix=prepend&id=2": {"1", 3, next("1"), nil},
		"?affix=prepend&id=99":        {"1234567", 100, nil, nil},
		"/b":                          {"34", 100, nil, nil},
		"/b?limit=1":                  {"3", 1, next("3"), nil},
		"/b?id=2&limit=1":             {"3", 1, next("3"), nil},
		"/z":                          {"", 100, nil, nil},
	} {
		status, answer := asUser(t, s, uid(2), "", "GET", "/messages/"+m.ID+"/reactions"+query, "")
		assert.Equal(t, http.StatusOK, status, query)
		ids := ""
		for _, row := range answer["data"].([]any) {
			ids += row.(object)["id"].(string)
			assert.Equal(t, m.ID, row.(object)["messageId"])
			assert.NotEmpty(t, row.(object)["reactedBy"].(object)["name"])
		}
		assert.Equal(t, want.ids, ids, query)
		meta := object{"current": object{"limit": want.limit, "count": float64(len(want.ids))}}
		if want.next != nil {
			meta["next"] = want.next
		}
		if want.previous != nil {
			meta["previous"] = want.previous
		}
		assert.Equal(t, meta, answer["meta"], query)
	}
}

func TestRefusedReactions(t *testing.T) {
	t.Parallel()
	s := started(t)
	m := s.SendMessage(uid(1), uid(2), "hi")
	deleted := s.SendMessage(uid(1), uid(2), "hi")
	full := s.SendMessage(uid(1), uid(2), "hi")
	status, answer := asUser(t, s, uid(1), "", "DELETE", "/messages/"+deleted.ID, "")
	action := data(t, status, answer)["id"].(string)
	for i := range 25 {
		status, answer := asUser(t, s, uid(1), "", "POST", "/messages/"+full.ID+"/reactions/"+strconv.Itoa(i), "")
		data(t, status, answer)
	}
	for _, tc := range []struct {
		method, path string
		status       int
		code         string
	}{
		{"POST", "/messages/" + full.ID + "/reactions/x", 400, "ERR_BAD_REQUEST"},
		{"POST", "/messages/" + m.ID + "/reactions/" + url.PathEscape(strings.Repeat("é", 46)), 400, "ERR_BAD_REQUEST"},
		{"POST", "/messages/" + deleted.ID + "/reactions/x", 400, "ERR_MESSAGE_ACTION_NOT_ALLOWED"},
		{"POST", "/messages/" + action + "/reactions/x", 400, "ERR_MESSAGE_ACTION_NOT_ALLOWED"},
		{"POST", "/messages/99/reactions/x", 404, "ERR_MESSAGE_ID_NOT_FOUND"},
		{"DELETE", "/messages/x/reactions/x", 404, "ERR_MESSAGE_ID_NOT_FOUND"},
		{"GET", "/messages/99/reactions", 404, "ERR_MESSAGE_ID_NOT_FOUND"},
		{"GET", "/messages/" + m.ID + "/reactions?limit=101", 400, "ERR_BAD_REQUEST"},
		{"GET", "/messages/" + m.ID + "/reactions?affix=x", 400, "ERR_BAD_REQUEST"},
		{"GET", "/messages/" + m.ID + "/reactions?id=x", 400, "ERR_BAD_REQUEST"},
	} {
		status, answer := asUser(t, s, uid(1), "", tc.method, tc.path, "")
		assertRefused(t, status, answer, tc.status, tc.code, "")
	}
	status, answer = asUser(t, s, uid(2), "", "POST", "/messages/"+full.ID+"/reactions/1", "")
	data(t, status, answer) // one of the 25
	status, answer = asUser(t, s, uid(1), "", "POST", "/messages/"+m.ID+"/reactions/"+url.PathEscape(strings.Repeat("é", 45)), "")
	data(t, status, answer)
}
