package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/webhook"
	"github.com/stretchr/testify/assert"
)

func TestEventID(t *testing.T) {
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
		h := newHandler(t, ok(&calls))
		assert.Equal(t, 200, deliver(h, body))
		assert.Equal(t, 200, deliver(h, body))
		assert.Equal(t, int32(2), calls.Load(), "%s: handled each time", name)
	}
}

func TestIDOfAMessageEditedTwice(t *testing.T) {
	t.Parallel()
	id := func(message string) string {
		return received(t, `{"trigger":"message_edited","appId":"a","webhook":"w","data":{"message":`+message+`}}`).ID
	}
	assert.NotEqual(t, id(`{"id":"1","editedAt":5}`), id(`{"id":"1","editedAt":6}`), "two edits are two events")
	assert.Equal(t, id(`{"id":"1","editedAt":5,"x":1}`), id(`{"id":"1","editedAt":5}`))
	assert.NotEmpty(t, id(`{"id":"1","updatedAt":5}`))
	assert.Empty(t, id(`{"id":"1"}`), "without a time they cannot be told apart")
}

// FuzzHandler delivers any body twice: both answers are the same, and an event with an ID is handled once.
func FuzzHandler(f *testing.F) {
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
		var events []*webhook.Event
		h := newHandler(t, func(_ context.Context, e *webhook.Event) error {
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
		case *webhook.UserBlocked:
			assertUsers(t, append(p.Users, p.By), 2)
		case *webhook.UserUnblocked:
			assertUsers(t, append(p.Users, p.By), 2)
		case *webhook.UserConnectionStatusChanged:
			assertUsers(t, []*cometchat.User{p.User}, 1)
		default:
			assert.Nil(t, p)
		}
	})
}

func assertUsers(t *testing.T, users []*cometchat.User, atLeast int) {
	t.Helper()
	assert.GreaterOrEqual(t, len(users), atLeast)
	for _, u := range users {
		if assert.NotNil(t, u) {
			assert.NotEmpty(t, u.UID)
		}
	}
}
