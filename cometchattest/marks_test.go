package cometchattest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestPins(t *testing.T) {
	t.Parallel()
	at := newClock()
	s := started(t, at.option())
	path := "/messages/" + s.SendMessage(uid(1), uid(2), "hi").ID + "/pin"
	d := devicesOf(t, s)
	pinned := func(status int, answer object) (by, since any) {
		m := data(t, status, answer)
		return m["pinnedBy"], m["pinnedAt"]
	}
	by, since := pinned(asUser(t, s, uid(2), "two", "POST", path, ""))
	assert.Equal(t, uid(2), by)
	assert.InDelta(t, at.now.Unix(), since, 0)
	frame := d.told(t, "message_pinned", d.one, d.oneToo)
	assert.Equal(t, uid(2), frame["sender"])
	assert.Equal(t, uid(2), frame["body"].(object)["message"].(object)["pinnedBy"])

	at.pass(time.Second)
	by, since = pinned(asUser(t, s, uid(1), "one", "POST", path, ""))
	assert.Equal(t, uid(1), by, "the latest pin counts")
	assert.InDelta(t, at.now.Unix(), since, 0)
	d.told(t, "message_pinned", d.oneToo, d.two)

	by, _ = pinned(admin(t, s, "POST", path, ""))
	assert.Equal(t, "app_system", by)
	d.told(t, "message_pinned", d.one, d.oneToo, d.two)
	by, since = pinned(asUser(t, s, uid(2), "two", "DELETE", path, ""))
	assert.Nil(t, by)
	assert.Nil(t, since)
	message := d.told(t, "message_unpinned", d.one, d.oneToo)["body"].(object)["message"].(object)
	assert.NotContains(t, message, "pinnedAt")
	pinned(asUser(t, s, uid(2), "two", "DELETE", path, ""))
	pinned(admin(t, s, "DELETE", path, ""))
	d.told(t, "")
}

func TestSaves(t *testing.T) {
	t.Parallel()
	at := newClock()
	s := started(t, at.option())
	path := "/messages/" + s.SendMessage(uid(1), uid(2), "hi").ID + "/save"
	d := devicesOf(t, s)
	savedAt := func(n int, method string) any {
		status, answer := asUser(t, s, uid(n), map[int]string{1: "one", 2: "two"}[n], method, path, "")
		return data(t, status, answer)["savedAt"]
	}
	first := float64(at.now.Unix())
	assert.Equal(t, first, savedAt(1, "POST")) //nolint:testifylint // both are whole seconds
	frame := d.told(t, "message_saved", d.oneToo)
	assert.Equal(t, uid(1), frame["sender"])
	assert.InDelta(t, first, frame["body"].(object)["message"].(object)["savedAt"], 0)
	at.pass(time.Minute)
	assert.InDelta(t, first, savedAt(1, "POST"), 0, "the first time counts")
	d.told(t, "")
	assert.InDelta(t, first+60, savedAt(2, "POST"), 0, "each user saves alone")
	d.told(t, "")
	assert.Nil(t, savedAt(1, "DELETE"))
	assert.NotContains(t, d.told(t, "message_unsaved", d.oneToo)["body"].(object)["message"], "savedAt")
	assert.Nil(t, savedAt(1, "DELETE"))
	d.told(t, "")
}

// TestLimitsOfMarks fills a conversation's pins and a user's saves.
func TestLimitsOfMarks(t *testing.T) {
	t.Parallel()
	s := started(t)
	mark := func(id, kind string) (int, object) {
		return asUser(t, s, uid(1), "", "POST", "/messages/"+id+"/"+kind, "")
	}
	first := s.SendMessage(uid(1), uid(2), "hi")
	for _, kind := range []string{"pin", "save"} {
		status, answer := mark(first.ID, kind)
		data(t, status, answer)
		for range 99 {
			status, answer := mark(s.SendMessage(uid(2), uid(1), "hi").ID, kind)
			data(t, status, answer)
		}
	}
	oneMore, elsewhere := s.SendMessage(uid(1), uid(2), "hi"), s.SendMessage(uid(1), uid(3), "hi")
	status, answer := mark(oneMore.ID, "pin")
	assertRefused(t, status, answer, http.StatusBadRequest, "ERR_PINNED_MESSAGES_LIMIT_EXCEEDED", "100")
	status, answer = mark(elsewhere.ID, "save")
	assertRefused(t, status, answer, http.StatusBadRequest, "ERR_SAVED_MESSAGES_LIMIT_EXCEEDED", "100")
	for _, again := range [][2]string{{first.ID, "pin"}, {first.ID, "save"}, {elsewhere.ID, "pin"}} {
		status, answer := mark(again[0], again[1])
		data(t, status, answer)
	}
	status, answer = asUser(t, s, uid(3), "", "POST", "/messages/"+elsewhere.ID+"/save", "")
	data(t, status, answer)
}

func TestFlags(t *testing.T) {
	t.Parallel()
	s := started(t)
	m := s.SendMessage(uid(1), uid(2), "hi")
	flag := func(id, body string) (int, object) {
		return asUser(t, s, uid(2), "", "POST", "/messages/"+id+"/flagged", body)
	}
	reasons := settingsOf(t, s, s.CreateAuthToken(uid(2)))["flagReasons"].([]any)
	assert.Len(t, reasons, 6)
	for _, reason := range reasons {
		id := reason.(object)["id"].(string)
		for _, body := range []string{`{"reasonId":"` + id + `","remark":"r"}`, `{"id":"` + id + `"}`} {
			status, answer := flag(m.ID, body)
			assert.Equal(t, true, data(t, status, answer)["success"])
		}
	}
	assert.Contains(t, state(t, s), `"reasonId": "other"`, "the last report is kept")
	for body, says := range map[string]string{
		``: "reasonId", `{}`: "reasonId", `{"reasonId":"x"}`: "reasonId", `{"reasonId":1}`: "reasonId", `{"id":"spam","remark":1}`: "remark",
	} {
		status, answer := flag(m.ID, body)
		assertRefused(t, status, answer, http.StatusBadRequest, "ERR_BAD_REQUEST", "")
		assert.Contains(t, answer["error"].(object)["details"], says)
	}
	status, answer := flag("99", `{"id":"spam"}`)
	assertRefused(t, status, answer, http.StatusNotFound, "ERR_MESSAGE_ID_NOT_FOUND", "99")
}

// TestMarksThatAreRefused has the refusals that the calls share.
func TestMarksThatAreRefused(t *testing.T) {
	t.Parallel()
	s := started(t)
	m, deleted := s.SendMessage(uid(1), uid(2), "hi"), s.SendMessage(uid(1), uid(2), "hi")
	status, answer := asUser(t, s, uid(1), "", "DELETE", "/messages/"+deleted.ID, "")
	action := data(t, status, answer)["id"].(string)
	for _, call := range []string{"pin", "save", "flagged", "thread/subscription", "reactions/x"} {
		path := func(id string) string { return "/messages/" + id + "/" + call }
		status, answer := asUser(t, s, uid(3), "", "POST", path(m.ID), `{"id":"spam"}`)
		assertRefused(t, status, answer, http.StatusForbidden, "ERR_MESSAGE_NO_ACCESS", uid(3))
		if call != "thread/subscription" {
			for _, id := range []string{deleted.ID, action} {
				status, answer = asUser(t, s, uid(1), "", "POST", path(id), `{"id":"spam"}`)
				assertRefused(t, status, answer, http.StatusBadRequest, "ERR_MESSAGE_ACTION_NOT_ALLOWED", id)
			}
		}
		if call != "pin" {
			refused(t, s, "POST", path(m.ID), `{"id":"spam"}`, http.StatusBadRequest, "ERR_BAD_REQUEST", "onBehalfOf")
		}
	}
}

func TestThreadSubscriptions(t *testing.T) {
	t.Parallel()
	s := started(t)
	path := "/messages/" + s.SendMessage(uid(1), uid(2), "hi").ID
	subscribed := func(n int) any {
		status, answer := asUser(t, s, uid(n), "", "GET", path+"?withThreadSubscribed=true", "")
		return data(t, status, answer)["threadSubscribed"]
	}
	assert.Equal(t, []any{true, false}, []any{subscribed(1), subscribed(2)}, "the sender follows the thread")
	for _, step := range []struct {
		user   int
		method string
		want   bool
	}{{1, "DELETE", false}, {1, "DELETE", false}, {1, "POST", true}, {2, "POST", true}, {2, "POST", true}, {2, "DELETE", false}} {
		status, answer := asUser(t, s, uid(step.user), "", step.method, path+"/thread/subscription", "")
		got := data(t, status, answer)
		assert.Equal(t, true, got["success"])
		assert.NotEqual(t, step.want, strings.Contains(got["message"].(string), "no longer"))
		assert.Equal(t, step.want, subscribed(step.user))
	}
}
