package cometchattest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestReceipts(t *testing.T) {
	t.Parallel()
	s := started(t)
	one, two := actorOf(t, s, uid(1)), actorOf(t, s, uid(2))
	sender, receiver := connected(t, s, one.header["authtoken"], "device-"+uid(1), ""), connected(t, s, two.header["authtoken"], "r", "")
	for range 4 {
		one.send(uid(2), "x", nil)
		receiver.next()
	}
	mark := func(action string, id any) {
		receiver.send(object{"type": "receipts", "receiver": uid(1), "receiverType": "user", "body": object{"action": action, "messageId": id}})
		f := sender.next()
		assert.Equal(t, action, at(t, f, "body", "action"))
		assert.NotNil(t, at(t, f, "body", "timestamp"))
	}
	states := func() (states []string) {
		rows, _ := one.list("/users/cometchat-uid-2/messages")
		for _, row := range rows {
			state := "sent"
			if row["readAt"] != nil {
				state = "read"
			} else if row["deliveredAt"] != nil {
				state = "delivered"
			}
			states = append(states, state)
		}
		return states
	}
	mark("delivered", 3)
	assert.Equal(t, []string{"delivered", "delivered", "delivered", "sent"}, states())
	mark("read", "2")
	assert.Equal(t, []string{"read", "read", "delivered", "sent"}, states())
	mark("read", "1")
	mark("unknown", 4)
	mark("read", "x")
	assert.Equal(t, []string{"read", "read", "delivered", "sent"}, states())
	mark("read", 99)
	assert.Equal(t, []string{"read", "read", "read", "read"}, states())
	one.send(uid(2), "5", nil)
	assert.Equal(t, "1", two.do("GET", "/users/cometchat-uid-1/conversation", "")["unreadMessageCount"], "a receipt of a later id marks what is there")
	receiver.next()
	receiver.send(object{"type": "receipts", "receiver": uid(1), "receiverType": "user", "body": "odd"})
	assert.Equal(t, "odd", sender.next()["body"])
	receiver.send(object{"type": "receipts", "receiver": uid(3), "receiverType": "user", "body": object{"action": "read", "messageId": 1}})
	receiver.quiet()

	c, _ := two.do("DELETE", "/users/cometchat-uid-1/conversation/read", `{"messageId":"3"}`)["conversation"].(object)
	assert.Equal(t, []any{"3", "2", "5"}, []any{c["unreadMessageCount"], c["lastReadMessageId"], c["latestMessageId"]})
	assert.Equal(t, []string{"read", "read", "delivered", "delivered", "sent"}, states())
	answer := two.do("POST", "/users/cometchat-uid-1/conversation/delivered", "")
	assert.Equal(t, answer["message"], answer["Message"])
	f := sender.next()
	assert.Equal(t, []any{"receipts", uid(2), "delivered", "5"}, []any{f["type"], f["sender"], at(t, f, "body", "action"), at(t, f, "body", "messageId")})
	two.do("POST", "/users/cometchat-uid-1/conversation/read", `{"messageId":4}`)
	assert.Equal(t, "4", at(t, sender.next(), "body", "messageId"))
	assert.Equal(t, []string{"read", "read", "read", "read", "delivered"}, states())
	two.do("POST", "/blockedusers", `{"blockedUids":["cometchat-uid-1"]}`)
	two.do("POST", "/users/cometchat-uid-1/conversation/read", "")
	sender.quiet()
	assert.Equal(t, "0", two.do("GET", "/users/cometchat-uid-1/conversation", "")["unreadMessageCount"])
	two.do("POST", "/users/cometchat-uid-5/conversation/pin", "")
	two.do("POST", "/users/cometchat-uid-5/conversation/read", "")
	assert.Equal(t, "5", two.do("GET", "/users/cometchat-uid-1/conversation", "")["lastReadMessageId"])
}
