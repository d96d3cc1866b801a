package webhook

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Event is one event that CometChat reports to a webhook. It belongs to the function that [Handler] calls with it: that
// function may change it.
//
// The fields follow CometChat's documentation and have not been checked against CometChat itself. A field that is missing,
// or has another form than documented, stays empty; Data always has the original.
type Event struct {
	// ID is the same in every delivery of the event, and different for different events. It is a hash (64 hexadecimal
	// digits) of the app, the webhook, the trigger, and what tells the event from others with this trigger:
	//   - for any trigger, the "id" or "eventId" of the delivery, if there is one; CometChat documents neither
	//   - message_sent, message_deleted and the legacy after_message: the id of the message
	//   - message_edited, moderation_…: the id of the message, and the time of its last change
	//   - user_mentioned: the id of the message, and the time of the edit if it was edited
	//   - message_delivery_receipt, message_read_receipt, also in their legacy form: the id of the message, the user who has
	//     received or read it, the action, and the time
	//   - message_reaction_…: the id of the reaction, and its time
	//   - group_created, group_deleted: the guid, and the time of the group's creation
	//   - group_updated: the data, if it has the time of the update
	//   - group_owner_transferred: the guid, the time, the owner and the old owner
	//   - group_member_added, _joined, _left, _kicked, _removed: the guid, the time of the group's last change, and the
	//     members
	//   - call_initiated, _busy, _cancelled, _rejected, _unanswered: the id and the time of the call's message
	//   - call_started, call_ended, meeting_started, meeting_ended, recording_generated: the session, and the time
	//   - call_participant_…, meeting_participant_…: the session, and the participant with the time
	//   - transcription_generated: the session, and the id of the transcript
	//   - a connection change: the data, which contains a time in milliseconds
	//   - after_campaign_…, after_notification_created, after_feed_item_…, after_push_notification_…: the id of the campaign,
	//     notification or item, and the time where one can happen twice
	//
	// ID is empty if the event lacks one of these parts. CometChat's example of group_member_added, for one, has no time.
	//
	// ID is always empty for user_blocked and user_unblocked, which have no time. It is always empty for
	// group_member_banned, _unbanned and _scope_changed: the time of the group can be older than the event, so that two
	// changes, back and forth, could look the same. It is also empty for the legacy before_message and for triggers that are
	// not in this list.
	ID string
	// Trigger is the kind of the event, "user_blocked" for example. It is never empty.
	Trigger string
	// AppID and Region name the app. A legacy webhook may leave the region out.
	AppID, Region string
	// Webhook is the id of the webhook in the app.
	Webhook string
	// Data is the "data" of the event, byte for byte as CometChat sent it; nil if there is none.
	Data json.RawMessage
	// Payload is Data as one of these types. It is nil for any other trigger, and if Data does not say whom or what the
	// event is about.
	//   - *[MessageSent]: message_sent, after_message
	//   - *[MessageEdited]: message_edited
	//   - *[MessageDeleted]: message_deleted
	//   - *[MessageModerated]: moderation_engine_approved, moderation_engine_blocked, moderation_manual_approved
	//   - *[ModerationFailed]: moderation_engine_failed
	//   - *[UserMentioned]: user_mentioned
	//   - *[ReceiptReceived]: message_delivery_receipt, message_read_receipt
	//   - *[ReactionChanged]: message_reaction_added, message_reaction_removed
	//   - *[GroupChanged]: group_created, group_updated, group_deleted, group_owner_transferred
	//   - *[GroupMembersChanged]: group_member_…
	//   - *[CallChanged]: call_initiated, call_busy, call_cancelled, call_rejected, call_unanswered
	//   - *[CallSessionChanged]: call_started, call_ended, call_participant_…, meeting_…
	//   - *[RecordingGenerated]: recording_generated
	//   - *[TranscriptionGenerated]: transcription_generated
	//   - *[UserBlocked], *[UserUnblocked]: user_blocked, user_unblocked
	//   - *[UserConnectionStatusChanged]: user_connection_status_changed, and its legacy forms
	Payload any
}

// newEvent reads the body of a delivery. It returns nil if the body is not a JSON object with a trigger.
func newEvent(body []byte) *Event {
	envelope := jsonFields(body)
	e := &Event{
		Trigger: jsonText(envelope["trigger"]), AppID: jsonText(envelope["appId"]), Region: jsonText(envelope["region"]),
		Webhook: jsonText(envelope["webhook"]), Data: envelope["data"],
	}
	if e.Trigger == "" {
		return nil
	}
	if newPayload := payloads[e.Trigger]; newPayload != nil {
		e.Payload = newPayload(e)
	}
	if key := eventKey(e, envelope); key != nil {
		// CometChat's documentation has the webhook and the trigger in the key of each event.
		id := sha256.Sum256(fmt.Appendf(nil, "%q", append([]string{e.AppID, e.Webhook, e.Trigger}, key...)))
		e.ID = hex.EncodeToString(id[:])
	}
	return e
}

// payloads has the functions that read the data of each trigger. A function returns an untyped nil if the data does not say
// whom or what the event is about.
var payloads = map[string]func(*Event) any{
	"message_sent":    newMessageSent,
	"after_message":   newMessageSent,
	"message_edited":  newMessageEdited,
	"message_deleted": newMessageDeleted,
	"user_mentioned":  newUserMentioned,

	"moderation_engine_approved": newMessageModerated,
	"moderation_engine_blocked":  newMessageModerated,
	"moderation_manual_approved": newMessageModerated,
	"moderation_engine_failed":   newModerationFailed,

	"message_delivery_receipt": newReceipt,
	"message_read_receipt":     newReceipt,
	"message_reaction_added":   newReaction,
	"message_reaction_removed": newReaction,

	"group_created":              newGroupChanged,
	"group_updated":              newGroupChanged,
	"group_deleted":              newGroupChanged,
	"group_owner_transferred":    newGroupChanged,
	"group_member_added":         newGroupMembersChanged,
	"group_member_joined":        newGroupMembersChanged,
	"group_member_left":          newGroupMembersChanged,
	"group_member_kicked":        newGroupMembersChanged,
	"group_member_removed":       newGroupMembersChanged,
	"group_member_banned":        newGroupMembersChanged,
	"group_member_unbanned":      newGroupMembersChanged,
	"group_member_scope_changed": newGroupMembersChanged,

	"call_initiated":             newCallChanged,
	"call_busy":                  newCallChanged,
	"call_cancelled":             newCallChanged,
	"call_rejected":              newCallChanged,
	"call_unanswered":            newCallChanged,
	"call_started":               newCallSession,
	"call_ended":                 newCallSession,
	"call_participant_joined":    newCallSession,
	"call_participant_left":      newCallSession,
	"meeting_started":            newCallSession,
	"meeting_ended":              newCallSession,
	"meeting_participant_joined": newCallSession,
	"meeting_participant_left":   newCallSession,
	"recording_generated":        newRecording,
	"transcription_generated":    newTranscription,

	"user_blocked":          newUserBlocked,
	"user_unblocked":        newUserUnblocked,
	triggerConnection:       newConnectionChange,
	triggerConnectionPage:   newConnectionChange,
	triggerConnectionLegacy: newConnectionChange,
}
