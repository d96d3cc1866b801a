package webhook_test

import (
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cometchat-go/cometchat/webhook"
	"github.com/stretchr/testify/assert"
)

// documented is an example of a delivery, made of CometChat's documentation.
type documented struct {
	trigger, data string
	hasID         bool
	payload       any // of the type that is expected; nil for none
}

const (
	ana    = `{"uid":"ana","name":"Ana","status":"available","role":"default","lastActiveAt":1696933881}`
	ben    = `{"uid":"ben","name":"Ben","status":"offline","role":"default","conversationId":"ana_user_ben"}`
	text   = `{"id":"57","conversationId":"ana_user_ben","sender":"ana","receiverType":"user","receiver":"ben","category":"message","type":"text","data":{"text":"hi <@uid:ben>","mentions":{"ben":{"uid":"ben","name":"Ben"}},"moderation":{"status":"approved"},"entities":{"sender":{"entity":` + ana + `,"entityType":"user"},"receiver":{"entity":` + ben + `,"entityType":"user"}}},"sentAt":1696934912,"updatedAt":1696934913}`
	edited = `{"id":"57","sender":"ana","type":"text","data":{"text":"new"},"sentAt":1696934912,"editedAt":1696934985,"editedBy":"ana"}`
	action = `{"id":"58","sender":"ana","receiverType":"user","receiver":"ben","category":"action","type":"message","data":{"action":"edited","entities":{"by":{"entity":` + ana + `,"entityType":"user"},"on":{"entity":` + edited + `,"entityType":"message"}}},"sentAt":1696934985,"updatedAt":1696934985}`
	gone   = `{"id":"59","sender":"ana","category":"action","type":"message","data":{"action":"deleted","entities":{"by":{"entity":` + ana + `},"on":{"entity":{"id":"57","deletedAt":1696935005,"deletedBy":"ana"},"entityType":"message"}}},"sentAt":1696935005,"updatedAt":1696935005}`
	call   = `{"id":"52","sender":"ana","receiverType":"user","receiver":"ben","category":"call","type":"audio","data":{"action":"initiated","entities":{"by":{"entity":` + ana + `},"on":{"entity":{"sessionid":"s1","status":"initiated"},"entityType":"call"}}},"sentAt":1696934199}`
	club   = `{"guid":"club","name":"Club","type":"public","membersCount":2,"createdAt":1696932915,"owner":"ana","updatedAt":1696933889,"updatedBy":"ana"}`
	moved  = `{"guid":"club","owner":"ben","oldOwner":"ana","createdAt":1696932915,"updatedAt":1696933889}`

	receipt  = `{"receiver":"ana","receiverType":"user","type":"receipts","sender":"ben","messageSender":"ana","body":{"action":"%s","messageId":"57","user":{"uid":"ben","name":"Ben","status":"online"},"timestamp":1696934950}}`
	reaction = `{"reaction":{"id":"r9","messageId":"57","reaction":"👍","uid":"ben","reactedAt":1700655536,"reactedBy":{"uid":"ben","name":"Ben"}}}`
	members  = `{"group":` + club + `,"members":{"ben":` + ben + `},"by":` + ana + `}`
	joined   = `{"group":` + club + `,"members":{"ben":` + ben + `}}`
	started  = `{"created_at":1696934692,"sessionId":"s1"}`
	arrived  = `{"occupant":{"joined_at":1696934692,"audio_call":"false","name":"Ana"},"sessionId":"s1"}`
	departed = `{"occupant":{"joined_at":1696934692,"left_at":1696934730,"name":"Ana"},"sessionId":"s1"}`
	ended    = `{"all_occupants":[{"joined_at":1696934692,"left_at":1696934730,"name":"Ana"},{"joined_at":1696934693,"name":"Ben"}],"destroyed_at":1696934730,"created_at":1696934692,"sessionId":"s1"}`
)

var deliveries = []documented{
	{"message_sent", `{"message":` + text + `}`, true, &webhook.MessageSent{}},
	{"message_edited", `{"message":` + action + `}`, true, &webhook.MessageEdited{}},
	{"message_deleted", `{"message":` + gone + `}`, true, &webhook.MessageDeleted{}},
	{"message_delivery_receipt", fmt.Sprintf(receipt, "delivered"), true, &webhook.ReceiptReceived{}},
	{"message_read_receipt", fmt.Sprintf(receipt, "read"), true, &webhook.ReceiptReceived{}},
	{"message_reaction_added", reaction, true, &webhook.ReactionChanged{}},
	{"message_reaction_removed", reaction, true, &webhook.ReactionChanged{}},
	{"user_mentioned", `{"message":` + text + `}`, true, &webhook.UserMentioned{}},
	{"moderation_engine_approved", `{"message":` + text + `}`, true, &webhook.MessageModerated{}},
	{"moderation_engine_blocked", `{"message":` + text + `}`, true, &webhook.MessageModerated{}},
	{"moderation_manual_approved", `{"message":` + text + `,"moderation":[],"reviewed":true}`, true, &webhook.MessageModerated{}},
	{"moderation_engine_failed", `{"resource":` + text + `,"outcome":"approved","completedAt":1791285190}`, true, &webhook.ModerationFailed{}},
	{"moderation_engine_failed", `{"message":` + text + `}`, true, &webhook.ModerationFailed{}},

	{"user_blocked", `{"users":{"ben":` + ben + `},"by":` + ana + `}`, false, &webhook.UserBlocked{}},
	{"user_unblocked", `{"users":{"ben":` + ben + `},"by":` + ana + `}`, false, &webhook.UserUnblocked{}},
	{"user_connection_status_changed", `{"timestamp":1696935103114,"user":` + ana + `,"status":"offline","currentConnection":{"action":"disconnected","platform":"javascript","connectedAt":1696934440982}}`, true, &webhook.UserConnectionStatusChanged{}},

	{"group_created", `{"group":` + club + `,"members":{"ana":` + ana + `}}`, true, &webhook.GroupChanged{}},
	{"group_updated", `{"group":` + club + `}`, true, &webhook.GroupChanged{}},
	{"group_deleted", `{"group":` + club + `}`, true, &webhook.GroupChanged{}},
	{"group_owner_transferred", `{"group":` + moved + `}`, true, &webhook.GroupChanged{}},
	{"group_member_added", members, true, &webhook.GroupMembersChanged{}},
	{"group_member_added", strings.Replace(members, `"updatedAt":1696933889,`, "", 1), false, &webhook.GroupMembersChanged{}}, // CometChat's example
	{"group_member_kicked", members, true, &webhook.GroupMembersChanged{}},
	{"group_member_removed", members, true, &webhook.GroupMembersChanged{}},
	{"group_member_joined", joined, true, &webhook.GroupMembersChanged{}},
	{"group_member_left", joined, true, &webhook.GroupMembersChanged{}},
	{"group_member_banned", members, false, &webhook.GroupMembersChanged{}},
	{"group_member_unbanned", members, false, &webhook.GroupMembersChanged{}},
	{"group_member_scope_changed", strings.Replace(members, `"uid":"ben"`, `"uid":"ben","scope":"admin","oldScope":"participant"`, 1), false, &webhook.GroupMembersChanged{}},

	{"call_initiated", `{"call":` + call + `}`, true, &webhook.CallChanged{}},
	{"call_busy", `{"call":` + call + `}`, true, &webhook.CallChanged{}},
	{"call_cancelled", `{"call":` + call + `}`, true, &webhook.CallChanged{}},
	{"call_rejected", `{"call":` + call + `}`, true, &webhook.CallChanged{}},
	{"call_unanswered", `{"message":` + call + `}`, true, &webhook.CallChanged{}},
	{"call_started", started, true, &webhook.CallSessionChanged{}},
	{"call_ended", ended, true, &webhook.CallSessionChanged{}},
	{"call_participant_joined", arrived, true, &webhook.CallSessionChanged{}},
	{"call_participant_left", departed, true, &webhook.CallSessionChanged{}},
	{"meeting_started", started, true, &webhook.CallSessionChanged{}},
	{"meeting_ended", ended, true, &webhook.CallSessionChanged{}},
	{"meeting_participant_joined", arrived, true, &webhook.CallSessionChanged{}},
	{"meeting_participant_left", departed, true, &webhook.CallSessionChanged{}},
	{"recording_generated", `{"recordingDate":"2023-10-10","duration":"21.433000","startTime":"1696937627","sessionId":"s1","recording_url":"https://x.test/r"}`, true, &webhook.RecordingGenerated{}},
	{"transcription_generated", `{"sessionId":"s1","tid":"t1","transcript_url":"https://x.test/t","startTime":1696937627,"endTime":1696937648}`, true, &webhook.TranscriptionGenerated{}},

	{"after_campaign_completed", `{"campaignId":"c1","status":"completed","completedAt":1696932060}`, true, nil},
	{"after_campaign_failed", `{"campaignId":"c1","status":"failed","completedAt":1696932070}`, true, nil},
	{"after_notification_created", `{"notificationId":"n1","createdAt":1696932000}`, true, nil},
	{"after_feed_item_sent", `{"id":"f1","receiver":"ana","readAt":null}`, true, nil},
	{"after_feed_item_delivered", `{"id":"f1","receiver":"ana","readAt":null}`, true, nil},
	{"after_feed_item_read", `{"id":"f1","receiver":"ana","readAt":1696932120}`, true, nil},
	{"after_feed_item_interacted", `{"id":"f1","receiver":"ana","interactedAt":1696932180}`, true, nil},
	{"after_push_notification_sent", `{"pushNotificationId":"p1","receiver":"ana","clickedAt":null}`, true, nil},
	{"after_push_notification_delivered", `{"pushNotificationId":"p1","receiver":"ana","clickedAt":null}`, true, nil},
	{"after_push_notification_clicked", `{"pushNotificationId":"p1","receiver":"ana","clickedAt":1696932060}`, true, nil},

	{"before_message", strings.Replace(text, `"id":"57",`, "", 1), false, nil},
	{"after_message", text, true, &webhook.MessageSent{}},
	{"message_delivery_receipt", `{"messageId":"57","receiptType":"delivered","deliveredAt":1673017183,"messageSender":"ana","receiptSender":"ben","receiptReceiver":"ana","receiverType":"user"}`, true, &webhook.ReceiptReceived{}},
	{"message_read_receipt", `{"messageId":"57","receiptType":"read","readAt":1673017183,"messageSender":"ana","receiptSender":"ben","receiptReceiver":"ana","receiverType":"user"}`, true, &webhook.ReceiptReceived{}},
	{"after_connection_status_changed", `{"user":{"uid":"ana","status":"online"},"event":{"type":"connected","at":"1673017183000","event_for":{"platform":"ios"}}}`, true, &webhook.UserConnectionStatusChanged{}},
	{"user_connection_status_change", `{"user":{"uid":"ana","status":"online"},"event":{"type":"connected","at":"1673017183000"}}`, true, &webhook.UserConnectionStatusChanged{}},
}

func envelope(trigger, data string) string {
	return `{"trigger":"` + trigger + `","data":` + data + `,"appId":"app1","region":"us","webhook":"w"}`
}

// TestEveryTriggerTwice delivers an event of each documented trigger twice.
func TestEveryTriggerTwice(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, d := range deliveries {
		var calls atomic.Int32
		h := newHandler(t, ok(&calls))
		body := envelope(d.trigger, d.data)
		assert.Equal(t, 200, deliver(h, body), d.trigger)
		assert.Equal(t, 200, deliver(h, body), d.trigger)
		e := received(t, body)
		assert.Equal(t, reflect.TypeOf(d.payload), reflect.TypeOf(e.Payload), d.trigger)
		if !d.hasID {
			assert.Empty(t, e.ID, d.trigger)
			assert.Equal(t, int32(2), calls.Load(), "%s: it has nothing to tell it by", d.trigger)
			continue
		}
		assert.Regexp(t, `^[0-9a-f]{64}$`, e.ID, d.trigger)
		assert.Equal(t, int32(1), calls.Load(), "%s: handled once", d.trigger)
		assert.Empty(t, seen[e.ID], "%s has the ID of that", d.trigger)
		seen[e.ID] = d.trigger
	}
}

// TestIDsDiffer changes one thing of an event at a time: the result is another event.
func TestIDsDiffer(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ trigger, data, before, after string }{
		"a message edited twice":                 {"message_edited", `{"message":` + action + `}`, `"updatedAt":1696934985`, `"updatedAt":1696934986`},
		"edited twice in a second":               {"message_edited", `{"message":` + action + `}`, `"id":"58"`, `"id":"60"`},
		"an edit that mentions somebody":         {"user_mentioned", `{"message":` + text + `}`, `"sentAt"`, `"editedAt":1696934999,"sentAt"`},
		"a message checked again":                {"moderation_engine_approved", `{"message":` + text + `}`, `"updatedAt":1696934913`, `"updatedAt":1696934914`},
		"a check that fails again":               {"moderation_engine_failed", `{"resource":` + text + `,"completedAt":1}`, `"completedAt":1`, `"completedAt":2`},
		"another reader":                         {"message_read_receipt", fmt.Sprintf(receipt, "read"), `"sender":"ben"`, `"sender":"zoe"`},
		"another message read":                   {"message_read_receipt", fmt.Sprintf(receipt, "read"), `"57"`, `"58"`},
		"read again after it was marked unread":  {"message_read_receipt", fmt.Sprintf(receipt, "read"), `1696934950`, `1696934951`},
		"another action of a receipt":            {"message_read_receipt", fmt.Sprintf(receipt, "read"), `"read"`, `"readByAll"`},
		"a reaction removed and added again":     {"message_reaction_added", reaction, `1700655536`, `1700655537`},
		"another reaction":                       {"message_reaction_added", reaction, `"r9"`, `"r10"`},
		"a group whose guid is used again":       {"group_deleted", `{"group":` + club + `}`, `"createdAt":1696932915`, `"createdAt":1696932916`},
		"a group updated twice in a second":      {"group_updated", `{"group":` + club + `}`, `"Club"`, `"Clubs"`},
		"an owner who changes back":              {"group_owner_transferred", `{"group":` + moved + `}`, `"owner":"ben","oldOwner":"ana"`, `"owner":"ana","oldOwner":"ben"`},
		"a user who joins twice":                 {"group_member_joined", joined, `"updatedAt":1696933889`, `"updatedAt":1696933890`},
		"two users who join in the same second":  {"group_member_joined", joined, `"ben"`, `"zoe"`},
		"another group":                          {"group_member_joined", joined, `"club"`, `"pub"`},
		"another call":                           {"call_initiated", `{"call":` + call + `}`, `"id":"52"`, `"id":"53"`},
		"two people who join in the same second": {"call_participant_joined", arrived, `"Ana"`, `"Ben"`},
		"a participant who comes back":           {"call_participant_joined", arrived, `1696934692`, `1696934693`},
		"a participant who leaves twice":         {"meeting_participant_left", departed, `"left_at":1696934730`, `"left_at":1696934731`},
		"a session that starts again":            {"meeting_started", started, `1696934692`, `1696934693`},
		"another session":                        {"meeting_ended", ended, `"s1"`, `"s2"`},
		"a second recording of a session":        {"recording_generated", `{"sessionId":"s1","startTime":"1"}`, `"1"`, `"2"`},
		"a feed item used twice":                 {"after_feed_item_interacted", `{"id":"f1","interactedAt":1}`, `:1}`, `:2}`},
		"a border that moves":                    {"call_started", `{"sessionId":"s1","created_at":12}`, `"s1","created_at":12`, `"s11","created_at":2`},
	} {
		other := strings.ReplaceAll(tc.data, tc.before, tc.after)
		assert.NotEqual(t, tc.data, other, name)
		a, b := received(t, envelope(tc.trigger, tc.data)).ID, received(t, envelope(tc.trigger, other)).ID
		assert.NotEmpty(t, a, name)
		assert.NotEqual(t, a, b, name)
	}
}

// TestIDsStay changes what may differ between two deliveries of an event.
func TestIDsStay(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ trigger, data, before, after string }{
		"an id as a number":             {"message_sent", `{"message":` + text + `}`, `"57"`, `57`},
		"a user who has come online":    {"message_sent", `{"message":` + text + `}`, `"offline"`, `"online"`},
		"a reader who has come online":  {"message_read_receipt", fmt.Sprintf(receipt, "read"), `"online"`, `"offline"`},
		"a name of a reaction's user":   {"message_reaction_added", reaction, `"Ben"`, `"Benjamin"`},
		"a call in the other form":      {"call_busy", `{"call":` + call + `}`, `{"call"`, `{"message"`},
		"a time as a text":              {"meeting_started", started, `1696934692`, `"1696934692"`},
		"the number of the members":     {"group_member_joined", joined, `"membersCount":2`, `"membersCount":3`},
		"an id that the delivery names": {"group_member_banned", `{}`, `{}`, `{"group":{}}`},
	} {
		other := strings.ReplaceAll(tc.data, tc.before, tc.after)
		assert.NotEqual(t, tc.data, other, name)
		body := func(data string) string { return envelope(tc.trigger, data) }
		if tc.data == `{}` {
			body = func(data string) string {
				return strings.Replace(envelope(tc.trigger, data), "{", `{"eventId":"e1",`, 1)
			}
		}
		a, b := received(t, body(tc.data)).ID, received(t, body(other)).ID
		assert.NotEmpty(t, a, name)
		assert.Equal(t, a, b, name)
	}
}

// TestNoID leaves out what an ID is made of.
func TestNoID(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a time of 0":                            envelope("call_started", `{"sessionId":"s1","created_at":0}`),
		"a time that is a bool":                  envelope("call_started", `{"sessionId":"s1","created_at":true}`),
		"a session that is an object, and empty": envelope("call_started", `{"sessionId":{},"created_at":5}`),
		"an update without a time":               envelope("group_updated", `{"group":{"guid":"club"}}`),
		"a receipt without a user":               envelope("message_read_receipt", `{"body":{"messageId":"57","action":"read","timestamp":5}}`),
		"a reaction without an id":               envelope("message_reaction_added", `{"reaction":{"messageId":"57","reactedAt":5}}`),
		"data that is no object":                 envelope("message_sent", `["57"]`),
		"no data":                                `{"trigger":"message_sent"}`,
		"a trigger nobody knows":                 envelope("something_else", `{"id":"57"}`),
	} {
		assert.Empty(t, received(t, body).ID, name)
	}
}
