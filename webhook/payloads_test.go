package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/webhook"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPayloadsOfEachTrigger(t *testing.T) {
	t.Parallel()
	raw := func(text string) json.RawMessage { return json.RawMessage(text) }
	at := func(seconds int64) time.Time { return time.Unix(seconds, 0) }
	userAna := &cometchat.User{UID: "ana", Name: "Ana", Status: "online", Role: "default", LastActiveAt: at(1696933881)}
	userBen := &cometchat.User{UID: "ben", Name: "Ben", Status: "offline", Role: "default", ConversationID: "ana_user_ben"}
	benAlone := &cometchat.User{UID: "ben", Name: "Ben"}
	participants := []webhook.Participant{{Name: "Ana", JoinedAt: at(1696934692), LeftAt: at(1696934730)}, {Name: "Ben", JoinedAt: at(1696934693)}}
	want := map[string]any{
		"message_sent":               &webhook.MessageSent{Message: messageOf(t, text), MessageID: "57", Sender: userAna, Receiver: "ben", ReceiverType: "user", SentAt: at(1696934912)},
		"message_edited":             &webhook.MessageEdited{Message: messageOf(t, edited), MessageID: "57", By: userAna, EditedAt: at(1696934985)},
		"message_deleted":            &webhook.MessageDeleted{Message: messageOf(t, `{"id":"57","deletedAt":1696935005,"deletedBy":"ana"}`), MessageID: "57", By: userAna, DeletedAt: at(1696935005)},
		"user_mentioned":             &webhook.UserMentioned{Message: messageOf(t, text), MessageID: "57", Sender: userAna, Users: []*cometchat.User{benAlone}, SentAt: at(1696934912)},
		"moderation_engine_approved": &webhook.MessageModerated{Message: messageOf(t, text), MessageID: "57", Sender: userAna, Status: "approved"},
		"moderation_engine_failed":   &webhook.ModerationFailed{Message: messageOf(t, text), MessageID: "57", Sender: userAna},
		"message_delivery_receipt": &webhook.ReceiptReceived{
			MessageID: "57", Action: "delivered", User: &cometchat.User{UID: "ben", Name: "Ben", Status: "online"},
			MessageSender: "ana", Receiver: "ana", ReceiverType: "user", At: at(1696934950),
		},
		"message_reaction_removed": &webhook.ReactionChanged{Action: "removed", ID: "r9", MessageID: "57", Reaction: "👍", User: benAlone, ReactedAt: at(1700655536)},
		"group_created":            &webhook.GroupChanged{Action: "created", Group: groupOf(t, club), GUID: "club", Owner: "ana", Members: []*cometchat.User{userAna}, At: at(1696932915)},
		"group_updated":            &webhook.GroupChanged{Action: "updated", Group: groupOf(t, club), GUID: "club", Owner: "ana", At: at(1696933889)},
		"group_owner_transferred":  &webhook.GroupChanged{Action: "owner_transferred", Group: groupOf(t, moved), GUID: "club", Owner: "ben", OldOwner: "ana", At: at(1696933889)},
		"group_member_kicked":      &webhook.GroupMembersChanged{Action: "kicked", Group: groupOf(t, club), GUID: "club", Members: []webhook.GroupMember{{User: userBen}}, By: userAna, At: at(1696933889)},
		"group_member_left":        &webhook.GroupMembersChanged{Action: "left", Group: groupOf(t, club), GUID: "club", Members: []webhook.GroupMember{{User: userBen}}, At: at(1696933889)},
		"group_member_scope_changed": &webhook.GroupMembersChanged{
			Action: "scope_changed", Group: groupOf(t, club), GUID: "club", By: userAna, At: at(1696933889),
			Members: []webhook.GroupMember{{User: userBen, Scope: "admin", OldScope: "participant"}},
		},
		"call_initiated":          &webhook.CallChanged{Action: "initiated", Call: raw(call), MessageID: "52", SessionID: "s1", Type: "audio", By: userAna, Receiver: "ben", ReceiverType: "user", At: at(1696934199)},
		"call_participant_left":   &webhook.CallSessionChanged{Action: "participant_left", SessionID: "s1", Participants: participants[:1]},
		"meeting_ended":           &webhook.CallSessionChanged{Meeting: true, Action: "ended", SessionID: "s1", Participants: participants, StartedAt: at(1696934692), EndedAt: at(1696934730)},
		"recording_generated":     &webhook.RecordingGenerated{SessionID: "s1", URL: "https://x.test/r", StartedAt: at(1696937627)},
		"transcription_generated": &webhook.TranscriptionGenerated{SessionID: "s1", TranscriptID: "t1", URL: "https://x.test/t", StartedAt: at(1696937627), EndedAt: at(1696937648)},
		"after_message":           &webhook.MessageSent{Message: messageOf(t, text), MessageID: "57", Sender: userAna, Receiver: "ben", ReceiverType: "user", SentAt: at(1696934912)},
	}
	compared := 0
	for _, d := range deliveries {
		expected := want[d.trigger]
		if expected == nil {
			continue
		}
		delete(want, d.trigger)
		compared++
		assert.Equal(t, expected, received(t, envelope(d.trigger, d.data)).Payload, d.trigger)
	}
	assert.Equal(t, 20, compared)
}

func TestPayloadsInOddForms(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		trigger, data string
		payload       any
	}{
		"a legacy receipt": {"message_read_receipt", deliveries[len(deliveries)-3].data, &webhook.ReceiptReceived{
			MessageID: "57", Action: "read", User: &cometchat.User{UID: "ben"}, MessageSender: "ana", Receiver: "ana", ReceiverType: "user", At: time.Unix(1673017183, 0),
		}},
		"a receipt without an action": {"message_read_receipt", `{"sender":"ben","body":{"messageId":57,"user":[]}}`, &webhook.ReceiptReceived{
			MessageID: "57", Action: "read", User: &cometchat.User{UID: "ben"},
		}},
		"a delivery without an action":     {"message_delivery_receipt", `{"sender":"ben","body":{"messageId":57}}`, &webhook.ReceiptReceived{MessageID: "57", Action: "delivered", User: &cometchat.User{UID: "ben"}}},
		"a receipt of nobody":              {"message_read_receipt", `{"body":{"messageId":57}}`, nil},
		"a receipt of no message":          {"message_read_receipt", `{"sender":"ben"}`, nil},
		"a reaction by a uid alone":        {"message_reaction_added", `{"reaction":{"messageId":57,"uid":5,"reactedBy":null,"reaction":false}}`, &webhook.ReactionChanged{Action: "added", MessageID: "57", User: &cometchat.User{UID: "5"}}},
		"a reaction by nobody":             {"message_reaction_added", `{"reaction":{"messageId":57}}`, nil},
		"a message with odd fields":        {"message_sent", `{"message":{"id":57,"sender":"ana","sentAt":"1696934912","receiver":{},"data":{"entities":[],"mentions":5,"moderation":"x"}}}`, &webhook.MessageSent{Message: messageOf(t, `{"id":57,"sender":"ana","sentAt":"1696934912","receiver":{},"data":{"entities":[],"mentions":5,"moderation":"x"}}`), MessageID: "57", Sender: &cometchat.User{UID: "ana"}, SentAt: time.Unix(1696934912, 0)}},
		"a message whose data is a list":   {"message_sent", `{"message":{"id":"57","data":[1]}}`, &webhook.MessageSent{Message: messageOf(t, `{"id":"57","data":[1]}`), MessageID: "57"}},
		"an entity that is a text":         {"message_sent", `{"message":{"id":"57","sender":"ana","data":{"entities":{"sender":{"entity":"zoe"}}}}}`, &webhook.MessageSent{Message: messageOf(t, `{"id":"57","sender":"ana","data":{"entities":{"sender":{"entity":"zoe"}}}}`), MessageID: "57", Sender: &cometchat.User{UID: "ana"}}},
		"a message without an id":          {"message_sent", `{"message":{"sender":"ana"}}`, nil},
		"a message that is a text":         {"user_mentioned", `{"message":"57"}`, nil},
		"an edit without its action":       {"message_edited", `{"message":` + edited + `}`, &webhook.MessageEdited{Message: messageOf(t, edited), MessageID: "57", By: &cometchat.User{UID: "ana"}, EditedAt: time.Unix(1696934985, 0)}},
		"an edit of nothing":               {"message_edited", `{}`, nil},
		"a deletion of nothing":            {"message_deleted", `[]`, nil},
		"a decision about nothing":         {"moderation_engine_blocked", `{}`, nil},
		"no decision about nothing":        {"moderation_engine_failed", `{}`, nil},
		"a group without a guid":           {"group_updated", `{"group":{"name":"Club"}}`, nil},
		"members of no group":              {"group_member_added", `{"members":{"ben":{}}}`, nil},
		"no members":                       {"group_member_added", `{"group":{"guid":"club"},"members":[]}`, nil},
		"members as uids":                  {"group_member_added", `{"group":{"guid":5},"members":["ben"],"by":"ana"}`, &webhook.GroupMembersChanged{Action: "added", Group: groupOf(t, `{"guid":5}`), GUID: "5", Members: []webhook.GroupMember{{User: &cometchat.User{UID: "ben"}}}, By: &cometchat.User{UID: "ana"}}},
		"a call without an id":             {"call_busy", `{"call":{"sender":"ana"}}`, nil},
		"a session without an id":          {"meeting_ended", `{"destroyed_at":5}`, nil},
		"a session with odd fields":        {"meeting_ended", `{"sessionId":5,"all_occupants":{"0":{"name":7,"joined_at":"x"}},"occupant":"Ana","destroyed_at":null}`, &webhook.CallSessionChanged{Meeting: true, Action: "ended", SessionID: "5", Participants: []webhook.Participant{{Name: "7"}}}},
		"a recording of no session":        {"recording_generated", `{"recording_url":"https://x.test/r"}`, nil},
		"a transcript of no session":       {"transcription_generated", `{}`, nil},
		"times in milliseconds and in ISO": {"transcription_generated", `{"sessionId":"s1","startTime":1696937627000,"endTime":"2023-10-10T11:34:08Z"}`, &webhook.TranscriptionGenerated{SessionID: "s1", StartedAt: time.Unix(1696937627, 0), EndedAt: time.Unix(1696937648, 0)}},
	} {
		assert.Equal(t, tc.payload, received(t, envelope(tc.trigger, tc.data)).Payload, name)
	}
}

// TestPayloadsOfOddValues puts a value of another form in the place of each value of each documented delivery.
func TestPayloadsOfOddValues(t *testing.T) {
	t.Parallel()
	tried, h := 0, newHandler(t, func(context.Context, *webhook.Event) error { return errDown })
	for _, d := range deliveries {
		for _, odd := range []string{`null`, `false`, `[]`, `{}`, `[1]`, `"x"`, `7`, `{"uid":{}}`} {
			for _, name := range []string{"message", "data", "entities", "by", "on", "members", "group", "call", "body", "user", "occupant", "all_occupants", "reaction", "mentions", "resource", "users", "event"} {
				before, after, found := strings.Cut(d.data, fmt.Sprintf(`%q:`, name))
				if !found {
					continue
				}
				body := envelope(d.trigger, fmt.Sprintf(`%s%q:%s,"rest":{"x":%s`, before, name, odd, after)+"}")
				if json.Valid([]byte(body)) {
					assert.Equal(t, 500, deliver(h, body), "it reaches the function: %s", body)
					tried++
				}
			}
		}
	}
	assert.Greater(t, tried, 900)
}

// messageOf reads a message as the root does.
func messageOf(t *testing.T, text string) *cometchat.Message {
	t.Helper()
	m := &cometchat.Message{}
	require.NoError(t, json.Unmarshal([]byte(text), m))
	return m
}

// groupOf reads a group as the root does.
func groupOf(t *testing.T, text string) *cometchat.Group {
	t.Helper()
	g := &cometchat.Group{}
	require.NoError(t, json.Unmarshal([]byte(text), g))
	return g
}
