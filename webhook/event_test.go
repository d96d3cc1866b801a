package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/webhook"
	"github.com/stretchr/testify/assert"
)

func TestEventID(t *testing.T) {
	t.Parallel()
	event := func(app, hook, trigger, data, more string) string {
		return fmt.Sprintf(`{"trigger":%q,"data":%s,"appId":%q,"webhook":%q%s}`, trigger, data, app, hook, more)
	}
	seen := map[string]string{}
	for name, body := range map[string]string{
		"a message":          event("a", "w", "message_sent", `{"message":{"id":"1"}}`, ""),
		"another message":    event("a", "w", "message_sent", `{"message":{"id":"2"}}`, ""),
		"another trigger":    event("a", "w", "message_deleted", `{"message":{"id":"1"}}`, ""),
		"another webhook":    event("a", "w2", "message_sent", `{"message":{"id":"1"}}`, ""),
		"another app":        event("a2", "w", "message_sent", `{"message":{"id":"1"}}`, ""),
		"a shifted border":   event("a2w", "", "message_sent", `{"message":{"id":"1"}}`, ""),
		"a connection":       connectionEvent(1),
		"a later connection": connectionEvent(2),
		"its other device":   strings.Replace(connectionEvent(2), `"action"`, `"deviceId":"d2","action"`, 1),
		"an id of its own":   event("a", "w", "group_created", `{}`, `,"id":7`),
		"an event id":        event("a", "w", "group_created", `{}`, `,"eventId":"e"`),
	} {
		id := received(t, body).ID
		assert.Regexp(t, `^[0-9a-f]{64}$`, id, name)
		assert.Empty(t, seen[id], "%s has the ID of that", name)
		seen[id] = name
		assert.Equal(t, id, received(t, body).ID, "%s: delivered again", name)
	}
	// The data of a message may change between deliveries, as that of its users does.
	assert.Contains(t, seen, received(t, event("a", "w", "message_sent", `{"message":{"id":1,"x":0}}`, `,"region":"us"`)).ID)

	for name, body := range map[string]string{
		"blocked: nothing tells one block from the next": event("a", "w", "user_blocked", `{"by":"a","users":["b"]}`, ""),
		"a connection without a time":                    event("a", "w", "user_connection_status_changed", `{"user":"a"}`, ""),
		"a message without an id":                        event("a", "w", "message_sent", `{"message":{}}`, ""),
		"another trigger":                                event("a", "w", "something_else", `{"timestamp":1}`, ""),
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

// FuzzHandler delivers any body twice, to a function that fails at first: the answers are documented ones, and an event with an
// ID is handled until it has succeeded once.
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
	for _, d := range deliveries {
		f.Add(envelope(d.trigger, d.data))
	}
	f.Fuzz(func(t *testing.T, body string) {
		var events []*webhook.Event
		failures := 0
		h := newHandler(t, func(_ context.Context, e *webhook.Event) error {
			if events = append(events, e); len(events) == 1 {
				return errDown
			}
			return nil
		}, webhook.WithLogger(slog.New(slog.NewJSONHandler(new(bytes.Buffer), nil))), webhook.WithOnError(func(*http.Request, error) { failures++ }))
		status := deliver(h, body)
		if status == 400 || status == 413 {
			assert.Equal(t, status, deliver(h, body))
			assert.Empty(t, events)
			assert.Equal(t, 2, failures)
			return
		}
		assert.Equal(t, []int{500, 200, 200}, []int{status, deliver(h, body), deliver(h, body)})
		assert.Equal(t, 1, failures)
		e := events[0]
		assert.Len(t, events, map[bool]int{true: 3, false: 2}[e.ID == ""])
		assert.Equal(t, e.ID, events[1].ID)
		assert.Equal(t, e.Payload, events[1].Payload)
		assert.NotEmpty(t, e.Trigger)
		assert.True(t, e.Data == nil || json.Valid(e.Data) && strings.Contains(body, string(e.Data)))
		assertPayload(t, e.Payload)
	})
}

// assertPayload asserts that what the documentation calls "never nil" and "never empty" is there.
func assertPayload(t *testing.T, payload any) {
	t.Helper()
	var messages []*cometchat.Message
	var texts []string
	var users []*cometchat.User
	switch p := payload.(type) {
	case nil:
	case *webhook.MessageSent:
		messages, texts = []*cometchat.Message{p.Message}, []string{p.MessageID}
	case *webhook.MessageEdited:
		messages, texts = []*cometchat.Message{p.Message}, []string{p.MessageID}
	case *webhook.MessageDeleted:
		messages, texts = []*cometchat.Message{p.Message}, []string{p.MessageID}
	case *webhook.UserMentioned:
		messages, texts, users = []*cometchat.Message{p.Message}, []string{p.MessageID}, p.Users
	case *webhook.MessageModerated:
		messages, texts = []*cometchat.Message{p.Message}, []string{p.MessageID}
	case *webhook.ModerationFailed:
		messages, texts = []*cometchat.Message{p.Message}, []string{p.MessageID}
	case *webhook.ReceiptReceived:
		texts, users = []string{p.MessageID, p.Action}, []*cometchat.User{p.User}
	case *webhook.ReactionChanged:
		texts, users = []string{p.MessageID, p.Action}, []*cometchat.User{p.User}
	case *webhook.GroupChanged:
		texts, users = []string{p.GUID, p.Action}, p.Members
		assert.Equal(t, p.GUID, p.Group.GUID)
	case *webhook.GroupMembersChanged:
		texts = []string{p.GUID, p.Action}
		assert.Equal(t, p.GUID, p.Group.GUID)
		assert.NotEmpty(t, p.Members)
		for _, m := range p.Members {
			users = append(users, m.User)
		}
	case *webhook.CallChanged:
		texts = []string{p.MessageID, p.Action}
		assert.True(t, strings.HasPrefix(string(p.Call), "{") && json.Valid(p.Call), string(p.Call))
	case *webhook.CallSessionChanged:
		texts = []string{p.SessionID, p.Action}
	case *webhook.RecordingGenerated:
		texts = []string{p.SessionID}
	case *webhook.TranscriptionGenerated:
		texts = []string{p.SessionID}
	case *webhook.UserBlocked:
		users = append(p.Users, p.By)
		assert.NotEmpty(t, p.Users)
	case *webhook.UserUnblocked:
		users = append(p.Users, p.By)
		assert.NotEmpty(t, p.Users)
	case *webhook.UserConnectionStatusChanged:
		users = []*cometchat.User{p.User}
	default:
		t.Errorf("%T is not documented", p)
	}
	for _, message := range messages {
		assert.Equal(t, texts[0], message.ID)
	}
	assert.NotContains(t, texts, "")
	for _, u := range users {
		if assert.NotNil(t, u) {
			assert.NotEmpty(t, u.UID)
		}
	}
}
