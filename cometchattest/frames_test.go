package cometchattest_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFramesOfADevice makes calls from the device "one", and shows that all other devices which the change concerns get a frame that
// names it. Clients know their own changes by that, also in the history, where data.resource names the device.
func TestFramesOfADevice(t *testing.T) {
	t.Parallel()
	s := started(t)
	d := devicesOf(t, s)
	all, own, other := []*live{d.oneToo, d.two}, []*live{d.oneToo}, []*live{d.two}
	s.SendMessage(uid(2), uid(1), "message 1")
	d.told(t, "message", d.one, d.oneToo, d.two)
	actorOf(t, s, uid(2)).send(uid(1), "", object{"category": "interactive", "type": "form", "data": object{
		"interactiveData": object{}, "interactionGoal": object{"type": "anyAction"},
	}})
	d.told(t, "message", d.one, d.oneToo, d.two)
	for _, tc := range []struct {
		method, path, body string
		kind               string
		told               []*live
	}{
		{"POST", "/messages", `{"receiver":"cometchat-uid-2","receiverType":"user","category":"message","type":"text","data":{"text":"message 3"}}`, "message", all},
		{"POST", "/messages/3/thread", `{"receiver":"cometchat-uid-2","receiverType":"user","category":"message","type":"text","data":{"text":"reply"}}`, "message", all},
		{"PUT", "/messages/3", `{"data":{"text":"edited"}}`, "message", all},
		{"POST", "/messages/1/reactions/x", "", "reaction", all},
		{"DELETE", "/messages/1/reactions/x", "", "reaction", all},
		{"POST", "/messages/1/pin", "", "message_pinned", all},
		{"DELETE", "/messages/1/pin", "", "message_unpinned", all},
		{"POST", "/messages/1/save", "", "message_saved", own},
		{"DELETE", "/messages/1/save", "", "message_unsaved", own},
		{"PATCH", "/messages/2/interacted", `{"interactions":["a"]}`, "interaction_completed", all},
		{"POST", "/users/cometchat-uid-2/conversation/pin", "", "conversation_pinned", own},
		{"DELETE", "/users/cometchat-uid-2/conversation/pin", "", "conversation_unpinned", own},
		{"POST", "/users/cometchat-uid-2/conversation/delivered", "", "receipts", other},
		{"POST", "/users/cometchat-uid-2/conversation/read", "", "receipts", other},
		{"DELETE", "/messages/3", "", "message", all},
	} {
		what := fmt.Sprint(tc.method, " ", tc.path)
		status, answer := asUser(t, s, uid(1), "one", tc.method, tc.path, tc.body)
		assert.Equal(t, 200, status, what)
		f := d.told(t, tc.kind, tc.told...)
		assert.Equal(t, []any{"one", uid(1)}, []any{f["deviceId"], f["sender"]}, what)
		if tc.kind == "message" {
			assert.Equal(t, answer["data"], f["body"], what)
			assert.Equal(t, "one", at(t, f, "body", "data", "resource"), what)
		}
	}
	status, _ := call(t, s, "PUT", "/v3.0/messages/1", `{"tags":["a"]}`, headers{"appid": s.AppID, "apikey": s.APIKey, "resource": "x"})
	assert.Equal(t, 200, status)
	f := d.told(t, "message", d.one, d.oneToo, d.two)
	assert.NotContains(t, at(t, f, "body", "data"), "resource", "a server is no device")
}

func TestModerateMessage(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := started(t, clock.option())
	d := devicesOf(t, s)
	one := actorOf(t, s, uid(1))
	one.header["resource"] = "one"
	id, _ := one.send(uid(2), "hi", nil)["id"].(string)
	d.told(t, "message", d.oneToo, d.two)
	for _, status := range []string{cometchat.ModerationPending, cometchat.ModerationApproved, cometchat.ModerationDisapproved} {
		clock.pass(time.Second)
		s.ModerateMessage(id, status)
		f := d.told(t, "on_moderation_status_changed", d.one, d.oneToo, d.two)
		assert.Equal(t, []any{"one", uid(1), uid(2), "user"}, []any{f["deviceId"], f["sender"], f["receiver"], f["receiverType"]})
		assert.Equal(t, []any{id, status, "hi"}, []any{at(t, f, "body", "id"), at(t, f, "body", "data", "moderation", "status"), at(t, f, "body", "data", "text")})
		assert.InDelta(t, clock.now.Unix(), at(t, f, "body", "updatedAt"), 0)
	}
	one.do("PUT", "/messages/"+id, `{"data":{"text":"edited","moderation":{"status":"approved"}}}`)
	d.told(t, "message", d.oneToo, d.two)
	seen := actorOf(t, s, uid(2)).do("GET", "/messages/"+id, "")
	assert.Equal(t, "disapproved", at(t, seen, "data", "moderation", "status"), "an edit cannot change it")

	action, _ := one.do("DELETE", "/messages/"+id, "")["id"].(string)
	custom, _ := one.send(uid(2), "", object{"category": "custom", "type": "x", "data": object{"customData": object{"a": 1}}})["id"].(string)
	for _, id := range []string{id, action, custom, "99", "x"} {
		panics(t, `ModerateMessage: no text or media message has the id "`+id+`"`, func() { s.ModerateMessage(id, "approved") })
	}
	panics(t, `the status "unmoderated" is none of`, func() { s.ModerateMessage(id, cometchat.ModerationUnmoderated) })

	byHand := started(t)
	require.NoError(t, byHand.Load(strings.NewReader(`{"users":[{"uid":"ada"},{"uid":"bob"}],"messages":[{"sender":"ada","receiver":"bob"}]}`)))
	byHand.ModerateMessage("1", cometchat.ModerationApproved)
	assert.Equal(t, cometchat.ModerationApproved, byHand.Messages("ada_user_bob")[0].Moderation)
}

// TestOwnChangesInTheHistory connects again, so that the client fetches what it has changed itself: it does not hear of that.
func TestOwnChangesInTheHistory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t)
		c := inMemoryClient(t, s)
		_, err := c.Login(t.Context(), uid(1), s.AuthKey)
		require.NoError(t, err)
		before := s.SendMessage(uid(1), uid(2), "before")
		events := c.Events(t.Context())
		require.NoError(t, c.Connect(t.Context()))
		synctest.Wait() // the client has caught up
		m, err := c.SendMessage(t.Context(), cometchat.NewTextMessage(cometchat.ToUser(uid(2)), "hi"))
		require.NoError(t, err)
		_, err = c.EditMessage(t.Context(), m.ID, cometchat.MessageEdit{Text: "edited"})
		require.NoError(t, err)
		_, err = c.DeleteMessage(t.Context(), before.ID)
		require.NoError(t, err)
		_, _, err = c.CreateGroup(t.Context(), cometchat.NewGroup{GUID: "club", Name: "Club", Type: cometchat.GroupPublic})
		require.NoError(t, err)
		_, err = c.AddGroupMembers(t.Context(), "club", cometchat.NewGroupMembers{Participants: []string{uid(2)}})
		require.NoError(t, err)
		s.DropSockets()
		time.AfterFunc(time.Minute, func() { _ = c.Close() })
		caughtUp := 0
		for e := range events {
			switch e := e.(type) {
			case cometchat.ConnectionChanged:
			case cometchat.CaughtUp:
				caughtUp++
			default:
				assert.Failf(t, "the client hears of its own change", "%#v", e)
			}
		}
		assert.Equal(t, 2, caughtUp)
	})
}
