package cometchattest_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
)

// toClub sends a text to the group club, and returns the message.
func (a *actor) toClub(text string, change object) object {
	a.t.Helper()
	fields := object{"receiverType": "group"}
	maps.Copy(fields, change)
	return a.send("club", text, fields)
}

// clubDevices are connections of the owner, an admin and a participant of club, and of who is no member.
type clubDevices struct{ owner, admin, participant, stranger *live }

func clubDevicesOf(t *testing.T, s *cometchattest.Server) clubDevices {
	t.Helper()
	on := func(n int) *live { return connected(t, s, s.CreateAuthToken(uid(n)), "device-"+uid(n), "") }
	return clubDevices{on(1), on(2), on(4), on(5)}
}

// told asserts that exactly these connections get a frame of this type, and returns the last one's frame.
func (d clubDevices) told(t *testing.T, kind string, told ...*live) (frame object) {
	t.Helper()
	for _, l := range told {
		frame = l.next()
		assert.Equal(t, kind, frame["type"])
		assert.Equal(t, []any{"club", "group"}, []any{frame["receiver"], frame["receiverType"]})
	}
	for _, l := range []*live{d.owner, d.admin, d.participant, d.stranger} {
		l.quiet()
	}
	return frame
}

func TestGroupMessages(t *testing.T) {
	t.Parallel()
	s := clubbed(t, "public")
	d := clubDevicesOf(t, s)
	owner, member, stranger := actorOf(t, s, uid(1)), actorOf(t, s, uid(4)), actorOf(t, s, uid(5))
	sent := owner.toClub("hi <@uid:cometchat-uid-4>", object{"receiver": "CLUB", "muid": "m"})
	assert.Equal(t, []any{"group_club", "group", "club", "m"}, []any{sent["conversationId"], sent["receiverType"], sent["receiver"], sent["muid"]})
	assert.Equal(t, "admin", at(t, sent, "data", "entities", "receiver", "entity", "scope"), "the group as the sender sees it")
	id, _ := sent["id"].(string)
	frame := d.told(t, "message", d.admin, d.participant)
	assert.Equal(t, id, at(t, frame, "body", "id"))
	assert.Equal(t, "group", at(t, frame, "body", "data", "entities", "receiver", "entityType"))
	member.do("POST", "/blockedusers", `{"blockedUids":["cometchat-uid-1"]}`)
	owner.toClub("no block counts in a group", nil)
	d.told(t, "message", d.admin, d.participant)

	stranger.refused("POST", "/messages", messageTo(t, "club", "x", object{"receiverType": "group"}), 403, "ERR_GROUP_NOT_JOINED")
	stranger.refused("GET", "/groups/club/messages", "", 403, "ERR_GROUP_NOT_JOINED")
	stranger.refused("GET", "/messages/"+id, "", 403, "ERR_MESSAGE_NO_ACCESS")
	assert.Empty(t, stranger.ids("/messages"))
	owner.refused("POST", "/messages", messageTo(t, "ghost", "x", object{"receiverType": "group"}), 404, "ERR_GUID_NOT_FOUND")
	owner.refused("POST", "/messages", messageTo(t, uid(2), "x", object{"parentMessageId": id}), 400, "ERR_WRONG_MESSAGE_THREAD")

	reply := member.toClub("reply", object{"parentMessageId": id})
	d.told(t, "message", d.owner, d.admin)
	assert.Equal(t, []any{reply["id"]}, owner.ids("/messages/"+id+"/thread"))
	threads, _ := owner.list("/groups/club/threads")
	assert.Equal(t, []any{id}, field(threads, "id"))
	assert.Equal(t, []any{id, "8", reply["id"]}, member.ids("/groups/club/messages?category=message"))
	assert.Equal(t, []any{id}, member.ids("/groups/club/messages?category=message&per_page=1&affix=append"))
	assert.Equal(t, []any{reply["id"]}, member.ids("/groups/club/messages?category=message&hideMessagesFromBlockedUsers=1"))
	assert.Equal(t, []any{reply["id"]}, owner.ids("/messages?receiverType=group&unread=1"))
	assert.Len(t, onBehalf(t, s, "").ids("/groups/club/messages"), 9)
	assert.Equal(t, []any{id}, member.ids("/groups/club/messages?myMentionsOnly=1"))

	onBehalf(t, s, "").do("DELETE", "/groups/club", "")
	member.refused("GET", "/messages/"+id, "", 404, "ERR_MESSAGE_ID_NOT_FOUND")
}

// TestChangesByScope has who may edit, delete and pin the messages of others.
func TestChangesByScope(t *testing.T) {
	t.Parallel()
	s := clubbed(t, "public")
	d := clubDevicesOf(t, s)
	author := actorOf(t, s, "participant")
	for _, tc := range []struct {
		by   int
		code map[string]string // by call; no code: it succeeds
	}{
		{1, nil}, {2, nil}, {3, nil},
		{4, map[string]string{"PUT": "ERR_MESSAGE_NOT_A_SENDER", "DELETE": "ERR_MESSAGE_NOT_A_SENDER", "pin": "ERR_PERMISSION_DENIED"}},
		{5, map[string]string{
			"PUT": "ERR_MESSAGE_NO_ACCESS", "DELETE": "ERR_MESSAGE_NO_ACCESS", "pin": "ERR_MESSAGE_NO_ACCESS", "react": "ERR_MESSAGE_NO_ACCESS",
		}},
	} {
		path := fmt.Sprint("/messages/", author.toClub("hi", nil)["id"])
		d.told(t, "message", d.owner, d.admin, d.participant)
		others := []*live{d.owner, d.admin, d.participant}
		if tc.by <= 2 { // the acting device hears nothing
			others = append(others[:tc.by-1:tc.by-1], others[tc.by:]...)
		}
		as := actorOf(t, s, uid(tc.by))
		for _, step := range []struct{ name, method, path, body, frame string }{
			{"pin", "POST", path + "/pin", "", "message_pinned"},
			{"pin", "DELETE", path + "/pin", "", "message_unpinned"},
			{"PUT", "PUT", path, `{"data":{"text":"edited"}}`, "message"},
			{"DELETE", "DELETE", path, "", "message"},
		} {
			if code := tc.code[step.name]; code != "" {
				as.refused(step.method, step.path, step.body, 403, code)
				continue
			}
			done := as.do(step.method, step.path, step.body)
			d.told(t, step.frame, others...)
			if step.frame == "message" {
				assert.Equal(t, "group_club", done["conversationId"])
				assert.Equal(t, "group", at(t, done, "data", "entities", "for", "entityType"))
			}
		}
		if code := tc.code["react"]; code != "" {
			as.refused("POST", path+"/reactions/x", "", 403, code)
		}
	}
	path := fmt.Sprint("/messages/", author.toClub("hi", nil)["id"])
	d.told(t, "message", d.owner, d.admin, d.participant)
	actorOf(t, s, uid(4)).do("POST", path+"/reactions/x", "")
	d.told(t, "reaction", d.owner, d.admin)
	onBehalf(t, s, "").do("POST", path+"/pin", "")
	d.told(t, "message_pinned", d.owner, d.admin, d.participant)
	assert.Equal(t, "app_system", onBehalf(t, s, "").do("PUT", path, `{"tags":["x"]}`)["sender"])
	d.told(t, "message", d.owner, d.admin, d.participant)
	author.do("PUT", path, `{"tags":["y"]}`)
	d.told(t, "message", d.owner, d.admin, d.participant)
}

func TestGroupActions(t *testing.T) {
	t.Parallel()
	s := clubbed(t, "public")
	d := clubDevicesOf(t, s)
	owner, stranger := actorOf(t, s, uid(1)), actorOf(t, s, uid(5))
	for _, tc := range []struct {
		by                 *actor
		method, path, body string
		action, on         string
		told               []*live
		membersCount       float64
	}{
		{stranger, "POST", "/members", "", "joined", "", []*live{d.owner, d.admin, d.participant}, 8},
		{stranger, "DELETE", "/members", "", "left", "", []*live{d.owner, d.admin, d.participant}, 7},
		{owner, "PUT", "/members", `{"participants":["cometchat-uid-5"]}`, "added", uid(5), []*live{d.admin, d.participant, d.stranger}, 8},
		{owner, "PUT", "/members/cometchat-uid-5", `{"scope":"moderator"}`, "scopeChanged", uid(5), []*live{d.admin, d.participant, d.stranger}, 8},
		{owner, "DELETE", "/members/cometchat-uid-5", "", "kicked", uid(5), []*live{d.admin, d.participant, d.stranger}, 7},
		{owner, "PUT", "/members", `{"admins":["cometchat-uid-5"]}`, "added", uid(5), []*live{d.admin, d.participant, d.stranger}, 8},
		{owner, "POST", "/bannedusers/cometchat-uid-5", "", "banned", uid(5), []*live{d.admin, d.participant, d.stranger}, 7},
		{owner, "DELETE", "/bannedusers/cometchat-uid-5", "", "unbanned", uid(5), []*live{d.admin, d.participant, d.stranger}, 7},
		{onBehalf(t, s, ""), "POST", "/members", `{"participants":["cometchat-uid-5"]}`, "added", uid(5),
			[]*live{d.owner, d.admin, d.participant, d.stranger}, 8},
		{owner, "PUT", "/members", `{"usersToBan":["cometchat-uid-5"]}`, "banned", uid(5), []*live{d.admin, d.participant, d.stranger}, 7},
	} {
		tc.by.do(tc.method, "/groups/club"+tc.path, tc.body)
		frame := d.told(t, "message", tc.told...)
		body, device := frame["body"], any(tc.by.header["resource"])
		if device == "" {
			device = nil
		}
		assert.Equal(t, []any{device, device}, []any{frame["deviceId"], at(t, body, "data", "resource")}, "the device that acts")
		by := tc.by.uid
		if by == "" {
			by = "app_system"
		}
		assert.Equal(t, []any{"action", "groupMember", tc.action, by, "group_club"}, []any{
			at(t, body, "category"), at(t, body, "type"), at(t, body, "data", "action"), at(t, body, "sender"), at(t, body, "conversationId"),
		})
		assert.Equal(t, by, at(t, body, "data", "entities", "by", "entity", "uid"))
		assert.Equal(t, any(tc.membersCount), at(t, body, "data", "entities", "for", "entity", "membersCount"), tc.action)
		if tc.on != "" {
			assert.Equal(t, tc.on, at(t, body, "data", "entities", "on", "entity", "uid"))
		} else {
			assert.NotContains(t, at(t, body, "data", "entities"), "on")
		}
		if tc.action == "scopeChanged" {
			assert.Equal(t, object{"old": "participant", "new": "moderator"}, at(t, body, "data", "extras", "scope"))
		}
		ids := owner.ids("/groups/club/messages?category=action")
		assert.Equal(t, at(t, body, "id"), ids[len(ids)-1], "the history has it")
	}
	assert.Empty(t, owner.ids("/messages?unread=1"), "action messages do not count as unread")
}

func TestGroupReceipts(t *testing.T) {
	t.Parallel()
	s := started(t)
	owner := actorOf(t, s, uid(1))
	owner.do("POST", "/groups", `{"guid":"club","name":"Club","type":"public","tags":["g"],"members":{"participants":["cometchat-uid-2","cometchat-uid-4"]}}`)
	d := clubDevicesOf(t, s)
	two, four := actorOf(t, s, uid(2)), actorOf(t, s, uid(4))
	id, _ := owner.toClub("hi", nil)["id"].(string)
	d.told(t, "message", d.admin, d.participant)
	receipt := func(l *live, action string) {
		l.send(object{"type": "receipts", "receiver": "CLUB", "receiverType": "group", "sender": "x", "body": object{"action": action, "messageId": id}})
		if f := d.owner.next(); assert.Equal(t, "receipts", f["type"]) {
			assert.Equal(t, action, at(t, f, "body", "action"))
			assert.NotEqual(t, "x", f["sender"])
		}
	}
	all := func(action string) {
		for _, l := range []*live{d.owner, d.admin, d.participant} {
			f := l.next()
			assert.Equal(t, []any{action, id, "app_system"}, []any{at(t, f, "body", "action"), at(t, f, "body", "messageId"), f["sender"]})
		}
	}
	receipt(d.admin, "delivered")
	d.participant.next()
	receipt(d.participant, "delivered")
	d.admin.next()
	all("deliveredToAll")
	receipt(d.admin, "read")
	d.participant.next()
	assert.NotContains(t, owner.do("GET", "/messages/"+id, ""), "readAt", "one member has not read it")

	count, _ := four.list("/messages?unread=1&count=1")
	assert.Equal(t, []object{{"entityId": "club", "entityType": "group", "count": 1.0}}, count)
	count, _ = four.list("/groups/club/messages?unread=1&count=1")
	assert.Len(t, count, 1)
	assert.Equal(t, "1", four.do("GET", "/groups/club/conversation", "")["unreadMessageCount"])
	four.do("POST", "/groups/club/conversation/read", `{"messageId":`+id+`}`)
	for _, l := range []*live{d.owner, d.admin} {
		assert.Equal(t, "read", at(t, l.next(), "body", "action"))
	}
	all("readByAll")
	seen := owner.do("GET", "/messages/"+id, "")
	assert.NotZero(t, seen["readAt"])
	assert.Len(t, at(t, seen, "receipts", "data"), 2)
	assert.Contains(t, two.do("GET", "/messages/"+id, ""), "myReceipt")
	four.do("DELETE", "/groups/club/conversation/read", `{"messageId":`+id+`}`)
	assert.Equal(t, "1", four.do("GET", "/groups/club/conversation", "")["unreadMessageCount"])

	for _, kind := range []string{"typing_indicator", "transient_message"} {
		d.participant.send(object{"type": kind, "receiver": "club", "receiverType": "group", "body": object{"action": "started"}})
		d.told(t, kind, d.owner, d.admin)
		d.stranger.send(object{"type": kind, "receiver": "club", "receiverType": "group"})
		d.stranger.send(object{"type": kind, "receiver": "ghost", "receiverType": "group"})
		d.stranger.quiet()
		d.owner.quiet()
	}
	actorOf(t, s, uid(5)).do("POST", "/groups/club/members", "")
	assert.NotZero(t, owner.do("GET", "/messages/"+id, "")["deliveredAt"], "a new member need not get what was before")
}

func TestGroupConversations(t *testing.T) {
	t.Parallel()
	s := clubbed(t, "public")
	owner, member, stranger := actorOf(t, s, uid(1)), actorOf(t, s, uid(4)), actorOf(t, s, uid(5))
	owner.send(uid(4), "hello", nil)
	id, _ := owner.toClub("hi <@uid:cometchat-uid-4>", nil)["id"].(string)
	for query, want := range map[string][]any{
		"":                       {"group_club", uid(1) + "_user_" + uid(4)},
		"conversationType=group": {"group_club"},
		"conversationType=user":  {uid(1) + "_user_" + uid(4)},
		"searchKey=CLU":          {"group_club"},
		"groupTags=t":            {"group_club"},
		"groupTags=x":            {},
		"userTags=t":             {},
		"onlyAgentic=1":          {},
		"unread=1&hideAgentic=1": {"group_club", uid(1) + "_user_" + uid(4)},
	} {
		rows, _ := member.list("/conversations?" + query)
		assert.Equal(t, want, field(rows, "conversationId"), query)
	}
	rows, _ := member.list("/conversations?withUserAndGroupTags=1&conversationType=group")
	assert.Equal(t, []any{"t"}, at(t, rows[0], "conversationWith", "tags"))
	rows, _ = member.list("/conversations?conversationType=group")
	with, _ := rows[0]["conversationWith"].(object)
	assert.Equal(t, []any{"club", "participant", true, 7.0, nil}, []any{with["guid"], with["scope"], with["hasJoined"], with["membersCount"], with["tags"]})
	assert.Equal(t, []any{"group", "1", 1.0, id}, []any{
		rows[0]["conversationType"], rows[0]["unreadMessageCount"], rows[0]["unreadMentionsCount"], rows[0]["latestMessageId"],
	})

	assert.Equal(t, []any{"a"}, member.do("PUT", "/groups/club/conversation", `{"tags":["a"]}`)["tags"])
	assert.Equal(t, uid(4), member.do("POST", "/groups/club/conversation/pin", "")["pinnedBy"])
	assert.NotContains(t, member.do("DELETE", "/groups/club/conversation/pin", ""), "pinnedBy")
	member.do("POST", "/groups/club/conversation/delivered", "")
	member.do("DELETE", "/groups/club/conversation", `{"deleteMessagesPermanently":true}`)
	assert.Empty(t, member.ids("/groups/club/messages"))
	assert.Len(t, owner.ids("/groups/club/messages"), 7, "the messages of a group stay for the others")
	stranger.refused("GET", "/groups/club/conversation", "", 403, "ERR_GROUP_NOT_JOINED")
	onBehalf(t, s, "").refused("GET", "/groups/club/conversation", "", 400, "ERR_BAD_REQUEST")

	stranger.do("POST", "/groups/club/members", "")
	assert.Len(t, stranger.ids("/groups/club/messages"), 8, "a new member sees the history")
	rows, _ = stranger.list("/conversations")
	assert.Equal(t, []any{"0"}, field(rows, "unreadMessageCount"))
	stranger.do("DELETE", "/groups/club/members", "")
	rows, _ = stranger.list("/conversations")
	assert.Empty(t, rows)
	other := actorOf(t, saveAndLoad(t, s), uid(4))
	assert.Len(t, other.ids("/groups/club/messages"), 2, "joined and left; the rest is hidden")
}
