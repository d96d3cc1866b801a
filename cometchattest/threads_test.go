package cometchattest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestThreads(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := started(t, clock.option())
	one, two, three := actorOf(t, s, uid(1)), actorOf(t, s, uid(2)), actorOf(t, s, uid(3))
	for _, step := range []func(){
		func() { one.send(uid(2), "1", nil) },
		func() { two.send(uid(1), "2", nil) },
		func() { three.send(uid(1), "3", nil) },
		func() { two.reply("1", uid(1), "4") },
		func() { two.reply("2", uid(1), "5") },
		func() { three.reply("3", uid(1), "6") },
		func() { two.reply("1", uid(1), "7") },
		func() { one.send(uid(2), "8: no thread", nil) },
	} {
		step()
		clock.pass(time.Second)
	}
	for path, want := range map[string][]any{
		"/threads?participatedByMe=false":                                        {"1", "3", "2"},
		"/threads?participatedByMe=true":                                         {"1"},
		"/users/cometchat-uid-2/threads?participatedByMe=false":                  {"1", "2"},
		"/users/cometchat-uid-4/threads":                                         {},
		"/threads?limit=1":                                                       {"1"},
		"/threads?limit=1&affix=append":                                          {"2"},
		"/threads?updatedAt=" + fmt.Sprint(newClock().now.Unix()+5):              {"2"},
		"/threads?affix=append&updatedAt=" + fmt.Sprint(newClock().now.Unix()+5): {"1"},
	} {
		assert.Equal(t, want, anys(one.ids(path)), path)
	}
	rows, meta := one.list("/threads?participatedByMe=false&limit=1")
	assert.Equal(t, object{"limit": 1.0, "count": 1.0}, meta["current"])
	row := rows[0]
	assert.Equal(t, []any{2.0, 2.0, true}, []any{row["replyCount"], row["unreadReplyCount"], row["threadSubscribed"]})
	last, _ := row["lastReply"].(object)
	assert.Equal(t, "7", last["id"])
	for key, want := range map[string]any{"editedAt": nil, "deliveredAt": nil, "readAt": nil, "deletedAt": nil, "editedBy": "", "muid": ""} {
		assert.Contains(t, last, key)
		assert.Equal(t, want, last[key], key)
	}
	for _, affix := range []string{"prepend", "append"} {
		var read []any
		query := ""
		for {
			rows, meta := one.list("/threads?limit=1&affix=" + affix + query)
			read = append(read, field(rows, "id")...)
			next, _ := meta["next"].(object)
			if next == nil || len(read) > 3 {
				break
			}
			query = fmt.Sprintf("&updatedAt=%.0f&id=%v", next["updatedAt"], next["id"])
		}
		assert.Equal(t, map[string][]any{"prepend": {"1", "3", "2"}, "append": {"2", "3", "1"}}[affix], read)
	}
	assert.Len(t, onBehalf(t, s, "").ids("/threads"), 3)
	assert.Equal(t, []any{"4", "7"}, one.ids("/messages/1/thread?affix=append&id=0"))

	for _, tc := range []struct {
		who                *actor
		method, path, body string
		status             int
		code               string
	}{
		{three, "POST", "/messages/1/thread", messageTo(t, uid(1), "x", nil), 400, "ERR_WRONG_MESSAGE_THREAD"},
		{one, "POST", "/messages/1/thread", messageTo(t, uid(3), "x", nil), 400, "ERR_WRONG_MESSAGE_THREAD"},
		{one, "POST", "/messages/4/thread", messageTo(t, uid(2), "x", nil), 400, "ERR_MESSAGE_THREAD_NESTING"},
		{one, "POST", "/messages/99/thread", messageTo(t, uid(2), "x", nil), 404, "ERR_MESSAGE_ID_NOT_FOUND"},
		{three, "GET", "/messages/1/thread", "", 403, "ERR_MESSAGE_NO_ACCESS"},
		{one, "GET", "/threads?limit=1001", "", 400, "ERR_BAD_REQUEST"},
		{one, "GET", "/threads?updatedAt=x", "", 400, "ERR_BAD_REQUEST"},
		{one, "GET", "/messages/1/thread?withParent=x", "", 400, "ERR_BAD_REQUEST"},
		{onBehalf(t, s, "nobody"), "GET", "/threads", "", 404, "ERR_UID_NOT_FOUND"},
		{onBehalf(t, s, "nobody"), "GET", "/users/cometchat-uid-1/threads", "", 404, "ERR_UID_NOT_FOUND"},
	} {
		tc.who.refused(tc.method, tc.path, tc.body, tc.status, tc.code)
	}
	one.do("PUT", "/messages/1", `{"data":{"text":"edited"}}`)
	one.refused("POST", "/messages/9/thread", messageTo(t, uid(2), "x", nil), 400, "ERR_WRONG_MESSAGE_THREAD_CATEGORY")
	two.do("DELETE", "/messages/7", `{"permanent":true}`)
	assert.EqualValues(t, 1, one.do("GET", "/messages/1", "")["replyCount"])

	actorOf(t, saveAndLoad(t, s), uid(1)).do("GET", "/messages/1", "")
	assert.Equal(t, one.ids("/threads"), actorOf(t, saveAndLoad(t, s), uid(1)).ids("/threads"))
}
