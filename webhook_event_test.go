package cometchat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// connectionEvent is a delivery that has an ID, another one for each time.
func connectionEvent(ms int) string {
	return fmt.Sprintf(`{"trigger":"user_connection_status_changed","data":{"timestamp":%d,"user":{"uid":"a"},`+
		`"status":"online","currentConnection":{"action":"connected"}},"appId":"app1","region":"us","webhook":"w"}`, ms)
}

// received delivers a body and returns the event that came of it.
func received(t *testing.T, body string) *cometchat.WebhookEvent {
	t.Helper()
	var got *cometchat.WebhookEvent
	h := newWebhook(t, func(_ context.Context, e *cometchat.WebhookEvent) error {
		got = e
		return nil
	})
	require.Equal(t, 200, deliver(h, body))
	require.NotNil(t, got)
	return got
}

func TestWebhookPayloads(t *testing.T) {
	t.Parallel()
	const by, other = `{"uid":"cometchat-uid-1","name":"Andrew Joseph","status":"available","role":"default","lastActiveAt":1696935105}`,
		`{"uid":"cometchat-uid-2","name":"George Alan","status":"offline","conversationId":"x","metadata":{"a": 1}}`
	andrew := &cometchat.User{UID: "cometchat-uid-1", Name: "Andrew Joseph", Status: "online", Role: "default", LastActiveAt: time.Unix(1696935105, 0)}
	george := &cometchat.User{UID: "cometchat-uid-2", Name: "George Alan", Status: "offline", ConversationID: "x", Metadata: json.RawMessage(`{"a": 1}`)}
	disconnected := &cometchat.UserConnectionStatusChanged{
		User: andrew, Status: "offline", Action: "disconnected", Platform: "javascript", At: time.UnixMilli(1696935103114),
	}
	const connection = `"status":"offline","currentConnection":{"action":"disconnected","platform":"javascript"}`
	for name, tc := range map[string]struct {
		trigger, data string
		payload       any
	}{
		"blocked":                   {"user_blocked", `{"users":{"cometchat-uid-2":` + other + `},"by":` + by + `}`, &cometchat.UserBlocked{By: andrew, Users: []*cometchat.User{george}}},
		"unblocked":                 {"user_unblocked", `{"users":{"cometchat-uid-2":` + other + `},"by":` + by + `}`, &cometchat.UserUnblocked{By: andrew, Users: []*cometchat.User{george}}},
		"several, by uid":           {"user_blocked", `{"users":{"z":{"uid":"z"},"b":{"uid":"b"}},"by":` + by + `}`, &cometchat.UserBlocked{By: andrew, Users: []*cometchat.User{{UID: "b"}, {UID: "z"}}}},
		"a list of users":           {"user_blocked", `{"users":[` + other + `,null,7],"by":` + by + `}`, &cometchat.UserBlocked{By: andrew, Users: []*cometchat.User{george, {UID: "7"}}}},
		"uids for users":            {"user_unblocked", `{"users":["b"],"by":"a"}`, &cometchat.UserUnblocked{By: &cometchat.User{UID: "a"}, Users: []*cometchat.User{{UID: "b"}}}},
		"users without a uid":       {"user_blocked", `{"users":{"b":{"name":"B"},"c":null},"by":"a"}`, &cometchat.UserBlocked{By: &cometchat.User{UID: "a"}, Users: []*cometchat.User{{UID: "b", Name: "B"}, {UID: "c"}}}},
		"a field of another form":   {"user_blocked", `{"users":{"b":{"uid":"b","lastActiveAt":1696935103114}},"by":{"uid":"a","tags":"x"}}`, &cometchat.UserBlocked{By: &cometchat.User{UID: "a"}, Users: []*cometchat.User{{UID: "b"}}}},
		"nobody blocked":            {"user_blocked", `{"users":{},"by":` + by + `}`, nil},
		"blocked by nobody":         {"user_blocked", `{"users":{"b":{}}}`, nil},
		"unblocked by nobody":       {"user_unblocked", `{"users":{"b":{}},"by":{}}`, nil},
		"data of another form":      {"user_blocked", `["a"]`, nil},
		"disconnected":              {"user_connection_status_changed", `{"timestamp":1696935103114,"user":` + by + `,` + connection + `,"userPresenceChanged":true}`, disconnected},
		"a quoted time":             {"user_connection_status_changed", `{"timestamp":"1696935103114","user":` + by + `,` + connection + `}`, disconnected},
		"no status but the user's":  {"user_connection_status_changed", `{"user":` + by + `,"timestamp":true}`, &cometchat.UserConnectionStatusChanged{User: andrew, Status: "online"}},
		"available":                 {"user_connection_status_changed", `{"user":"a","status":"available"}`, &cometchat.UserConnectionStatusChanged{User: &cometchat.User{UID: "a"}, Status: "online"}},
		"nobody connected":          {"user_connection_status_changed", `{"timestamp":1,` + connection + `}`, nil},
		"legacy":                    {"after_connection_status_changed", `{"user":{"uid":"a","status":"online","status_updated":true},"event":{"type":"connected","at":"1673017183000","event_for":{"platform":"ios"}},"connections":[]}`, &cometchat.UserConnectionStatusChanged{User: &cometchat.User{UID: "a", Status: "online"}, Status: "online", Action: "connected", Platform: "ios", At: time.UnixMilli(1673017183000)}},
		"legacy, by the page":       {"user_connection_status_change", `{"user":{"uid":"a"},"event":{"type":"connected","at":5}}`, &cometchat.UserConnectionStatusChanged{User: &cometchat.User{UID: "a"}, Action: "connected", At: time.UnixMilli(5)}},
		"a trigger nobody knows":    {"group_created", `{ "group" : {"guid":"g"} , "big": 12345678901234567890.10 }`, nil},
		"data that is no object":    {"other", `"é\u00e9"`, nil},
		"null for data":             {"other", `null`, nil},
		"a user's uid in two forms": {"user_blocked", `{"users":{"b":"b2"},"by":5}`, &cometchat.UserBlocked{By: &cometchat.User{UID: "5"}, Users: []*cometchat.User{{UID: "b2"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := received(t, `{"trigger":"`+tc.trigger+`", "data": `+tc.data+` ,"appId":"app1","region":"eu","webhook":"w1","origin":{"platform":"API"}}`)
			assert.Equal(t, tc.trigger, e.Trigger)
			assert.Equal(t, "app1 eu w1", e.AppID+" "+e.Region+" "+e.Webhook)
			assert.Equal(t, tc.data, string(e.Data), "byte for byte")
			assert.Equal(t, tc.payload, e.Payload)
		})
	}
	assert.Nil(t, received(t, `{"trigger":"user_blocked"}`).Data)
}

func TestWebhookID(t *testing.T) {
	t.Parallel()
	envelope := func(app, hook, trigger, data, more string) string {
		return fmt.Sprintf(`{"trigger":%q,"data":%s,"appId":%q,"webhook":%q%s}`, trigger, data, app, hook, more)
	}
	seen := map[string]string{}
	for name, body := range map[string]string{
		"a message":          envelope("a", "w", "message_sent", `{"message":{"id":"1"}}`, ""),
		"another message":    envelope("a", "w", "message_sent", `{"message":{"id":"2"}}`, ""),
		"another trigger":    envelope("a", "w", "message_deleted", `{"message":{"id":"1"}}`, ""),
		"another webhook":    envelope("a", "w2", "message_sent", `{"message":{"id":"1"}}`, ""),
		"another app":        envelope("a2", "w", "message_sent", `{"message":{"id":"1"}}`, ""),
		"a shifted border":   envelope("a2w", "", "message_sent", `{"message":{"id":"1"}}`, ""),
		"a connection":       connectionEvent(1),
		"a later connection": connectionEvent(2),
		"its other device":   strings.Replace(connectionEvent(2), `"action"`, `"deviceId":"d2","action"`, 1),
		"an id of its own":   envelope("a", "w", "group_created", `{}`, `,"id":7`),
		"an event id":        envelope("a", "w", "group_created", `{}`, `,"eventId":"e"`),
	} {
		id := received(t, body).ID
		assert.Regexp(t, `^[0-9a-f]{64}$`, id, name)
		assert.Empty(t, seen[id], "%s has the ID of that", name)
		seen[id] = name
		assert.Equal(t, id, received(t, body).ID, "%s: delivered again", name)
	}
	// The data of a message may change between deliveries, as that of its users does.
	assert.Contains(t, seen, received(t, envelope("a", "w", "message_sent", `{"message":{"id":1,"x":0}}`, `,"region":"us"`)).ID)

	for name, body := range map[string]string{
		"blocked: nothing tells one block from the next": envelope("a", "w", "user_blocked", `{"by":"a","users":["b"]}`, ""),
		"a connection without a time":                    envelope("a", "w", "user_connection_status_changed", `{"user":"a"}`, ""),
		"a message without an id":                        envelope("a", "w", "message_sent", `{"message":{}}`, ""),
		"another trigger":                                envelope("a", "w", "group_created", `{"timestamp":1}`, ""),
	} {
		assert.Empty(t, received(t, body).ID, name)
		var calls atomic.Int32
		h := newWebhook(t, ok(&calls))
		assert.Equal(t, 200, deliver(h, body))
		assert.Equal(t, 200, deliver(h, body))
		assert.Equal(t, int32(2), calls.Load(), "%s: handled each time", name)
	}
}

// FuzzWebhook delivers anything, twice: the answer is a status, and an event that has an ID is handled once.
func FuzzWebhook(f *testing.F) {
	for _, body := range []string{
		``, `null`, `{}`, `[]`, `{"trigger":"t"}`, `{"trigger":5,"id":1e999}`, connectionEvent(1), connectionEvent(-1), "\xff",
		`{"trigger":"user_blocked","data":{"by":{"uid":"a"},"users":{"b":{"uid":"b","tags":[1]},"":null}}}`,
		`{"trigger":"user_unblocked","data":{"by":"a","users":["b",{"uid":"c","metadata":null}]}}`,
		`{"trigger":"after_connection_status_changed","data":{"user":{"uid":"a"},"event":{"type":"connected","at":"99999999999999999999"}}}`,
		`{"trigger":"message_sent","data":{"message":{"id":"1"}},"trigger":"user_blocked","data":"\ud800"}`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		var events []*cometchat.WebhookEvent
		h := newWebhook(t, func(_ context.Context, e *cometchat.WebhookEvent) error {
			events = append(events, e)
			return nil
		})
		status := deliver(h, body)
		assert.Contains(t, []int{200, 400, 413}, status)
		assert.Equal(t, status, deliver(h, body))
		if status != 200 {
			assert.Empty(t, events)
			return
		}
		e := events[0]
		assert.NotEmpty(t, e.Trigger)
		assert.Equal(t, e.ID == "", len(events) == 2)
		assert.True(t, e.Data == nil || json.Valid(e.Data) && strings.Contains(body, string(e.Data)))
		switch p := e.Payload.(type) {
		case *cometchat.UserBlocked:
			assertUsers(t, append(p.Users, p.By), 2)
		case *cometchat.UserUnblocked:
			assertUsers(t, append(p.Users, p.By), 2)
		case *cometchat.UserConnectionStatusChanged:
			assertUsers(t, []*cometchat.User{p.User}, 1)
		default:
			assert.Nil(t, p)
		}
	})
}

func TestWebhookOfAMessageEditedTwice(t *testing.T) {
	t.Parallel()
	id := func(message string) string {
		return received(t, `{"trigger":"message_edited","appId":"a","webhook":"w","data":{"message":`+message+`}}`).ID
	}
	assert.NotEqual(t, id(`{"id":"1","editedAt":5}`), id(`{"id":"1","editedAt":6}`), "two edits are two events")
	assert.Equal(t, id(`{"id":"1","editedAt":5,"x":1}`), id(`{"id":"1","editedAt":5}`))
	assert.NotEmpty(t, id(`{"id":"1","updatedAt":5}`))
	assert.Empty(t, id(`{"id":"1"}`), "without a time they cannot be told apart")
}
