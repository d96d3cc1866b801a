package webhook_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/webhook"
	"github.com/stretchr/testify/assert"
)

func TestPayloads(t *testing.T) {
	t.Parallel()
	const by, other = `{"uid":"cometchat-uid-1","name":"Andrew Joseph","status":"available","role":"default","lastActiveAt":1696935105}`,
		`{"uid":"cometchat-uid-2","name":"George Alan","status":"offline","conversationId":"x","metadata":{"a": 1}}`
	andrew := &cometchat.User{UID: "cometchat-uid-1", Name: "Andrew Joseph", Status: "online", Role: "default", LastActiveAt: time.Unix(1696935105, 0)}
	george := &cometchat.User{UID: "cometchat-uid-2", Name: "George Alan", Status: "offline", ConversationID: "x", Metadata: json.RawMessage(`{"a": 1}`)}
	disconnected := &webhook.UserConnectionStatusChanged{
		User: andrew, Status: "offline", Action: "disconnected", Platform: "javascript", At: time.UnixMilli(1696935103114),
	}
	const connection = `"status":"offline","currentConnection":{"action":"disconnected","platform":"javascript"}`
	for name, tc := range map[string]struct {
		trigger, data string
		payload       any
	}{
		"blocked":                   {"user_blocked", `{"users":{"cometchat-uid-2":` + other + `},"by":` + by + `}`, &webhook.UserBlocked{By: andrew, Users: []*cometchat.User{george}}},
		"unblocked":                 {"user_unblocked", `{"users":{"cometchat-uid-2":` + other + `},"by":` + by + `}`, &webhook.UserUnblocked{By: andrew, Users: []*cometchat.User{george}}},
		"several, by uid":           {"user_blocked", `{"users":{"z":{"uid":"z"},"b":{"uid":"b"}},"by":` + by + `}`, &webhook.UserBlocked{By: andrew, Users: []*cometchat.User{{UID: "b"}, {UID: "z"}}}},
		"a list of users":           {"user_blocked", `{"users":[` + other + `,null,7],"by":` + by + `}`, &webhook.UserBlocked{By: andrew, Users: []*cometchat.User{george, {UID: "7"}}}},
		"uids for users":            {"user_unblocked", `{"users":["b"],"by":"a"}`, &webhook.UserUnblocked{By: &cometchat.User{UID: "a"}, Users: []*cometchat.User{{UID: "b"}}}},
		"users without a uid":       {"user_blocked", `{"users":{"b":{"name":"B"},"c":null},"by":"a"}`, &webhook.UserBlocked{By: &cometchat.User{UID: "a"}, Users: []*cometchat.User{{UID: "b", Name: "B"}, {UID: "c"}}}},
		"a field of another form":   {"user_blocked", `{"users":{"b":{"uid":"b","lastActiveAt":1696935103114}},"by":{"uid":"a","tags":"x"}}`, &webhook.UserBlocked{By: &cometchat.User{UID: "a"}, Users: []*cometchat.User{{UID: "b", LastActiveAt: time.Unix(1696935103, 0)}}}},
		"nobody blocked":            {"user_blocked", `{"users":{},"by":` + by + `}`, nil},
		"blocked by nobody":         {"user_blocked", `{"users":{"b":{}}}`, nil},
		"unblocked by nobody":       {"user_unblocked", `{"users":{"b":{}},"by":{}}`, nil},
		"data of another form":      {"user_blocked", `["a"]`, nil},
		"disconnected":              {"user_connection_status_changed", `{"timestamp":1696935103114,"user":` + by + `,` + connection + `,"userPresenceChanged":true}`, disconnected},
		"a quoted time":             {"user_connection_status_changed", `{"timestamp":"1696935103114","user":` + by + `,` + connection + `}`, disconnected},
		"no status but the user's":  {"user_connection_status_changed", `{"user":` + by + `,"timestamp":true}`, &webhook.UserConnectionStatusChanged{User: andrew, Status: "online"}},
		"available":                 {"user_connection_status_changed", `{"user":"a","status":"available"}`, &webhook.UserConnectionStatusChanged{User: &cometchat.User{UID: "a"}, Status: "online"}},
		"nobody connected":          {"user_connection_status_changed", `{"timestamp":1,` + connection + `}`, nil},
		"legacy":                    {"after_connection_status_changed", `{"user":{"uid":"a","status":"online","status_updated":true},"event":{"type":"connected","at":"1673017183000","event_for":{"platform":"ios"}},"connections":[]}`, &webhook.UserConnectionStatusChanged{User: &cometchat.User{UID: "a", Status: "online"}, Status: "online", Action: "connected", Platform: "ios", At: time.UnixMilli(1673017183000)}},
		"legacy, by the page":       {"user_connection_status_change", `{"user":{"uid":"a"},"event":{"type":"connected","at":5}}`, &webhook.UserConnectionStatusChanged{User: &cometchat.User{UID: "a"}, Action: "connected", At: time.UnixMilli(5)}},
		"a trigger nobody knows":    {"something_else", `{ "group" : {"guid":"g"} , "big": 12345678901234567890.10 }`, nil},
		"data that is no object":    {"other", `"é\u00e9"`, nil},
		"null for data":             {"other", `null`, nil},
		"a user's uid in two forms": {"user_blocked", `{"users":{"b":"b2"},"by":5}`, &webhook.UserBlocked{By: &cometchat.User{UID: "5"}, Users: []*cometchat.User{{UID: "b2"}}}},
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
