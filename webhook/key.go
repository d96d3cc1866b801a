package webhook

import (
	"encoding/json"
	"strings"
)

// keys says, for each trigger, which parts of the data tell an event from the others with this trigger. A part is a path into the
// data; "." is all of the data, and "a|b" is the first of the two that is there. An event without one of its parts has no ID,
// except for a part that ends in "?".
//
// The ids are CometChat's documented keys for idempotency where it documents any. Most times are in seconds, and may be those of
// an earlier event; so a time alone is never the key of something that can happen twice in a second.
var keys = map[string][]string{
	"message_sent":    {"message.id"},
	"message_deleted": {"message.id"},
	"message_edited":  {"message.id", "message.editedAt|message.updatedAt"},
	"user_mentioned":  {"message.id", "message.editedAt?"}, // an edit can mention users too
	"after_message":   {"id"},

	"message_delivery_receipt": receiptKey,
	"message_read_receipt":     receiptKey,
	"message_reaction_added":   {"reaction.id", "reaction.reactedAt?"}, // removed and added again
	"message_reaction_removed": {"reaction.id", "reaction.reactedAt?"},

	"moderation_engine_approved": {"message.id", "message.updatedAt"}, // an edited message is checked again
	"moderation_engine_blocked":  {"message.id", "message.updatedAt"},
	"moderation_manual_approved": {"message.id", "message.updatedAt"},
	"moderation_engine_failed":   {"resource.id|message.id", "completedAt|message.updatedAt"},

	"group_created":           {"group.guid", "group.createdAt"},
	"group_updated":           {"group.guid", "group.updatedAt", "."},
	"group_deleted":           {"group.guid", "group.createdAt"}, // a new group can have the guid of a deleted one
	"group_owner_transferred": {"group.guid", "group.updatedAt", "group.owner", "group.oldOwner"},
	"group_member_added":      membersKey,
	"group_member_joined":     membersKey,
	"group_member_left":       membersKey,
	"group_member_kicked":     membersKey,
	"group_member_removed":    membersKey,

	"call_initiated":             callKey,
	"call_busy":                  callKey,
	"call_cancelled":             callKey,
	"call_rejected":              callKey,
	"call_unanswered":            callKey,
	"call_started":               {"sessionId", "created_at"},
	"call_ended":                 {"sessionId", "destroyed_at"},
	"call_participant_joined":    {"sessionId", "occupant.joined_at", "occupant"},
	"call_participant_left":      {"sessionId", "occupant.left_at", "occupant"},
	"meeting_started":            {"sessionId", "created_at"},
	"meeting_ended":              {"sessionId", "destroyed_at"},
	"meeting_participant_joined": {"sessionId", "occupant.joined_at", "occupant"},
	"meeting_participant_left":   {"sessionId", "occupant.left_at", "occupant"},
	"recording_generated":        {"sessionId", "startTime"},
	"transcription_generated":    {"sessionId", "tid"},

	triggerConnection:       connectionKey,
	triggerConnectionPage:   connectionKey,
	triggerConnectionLegacy: connectionKey,

	"after_campaign_completed":          {"campaignId", "completedAt?"},
	"after_campaign_failed":             {"campaignId", "completedAt?"},
	"after_notification_created":        {"notificationId"},
	"after_feed_item_sent":              {"id"},
	"after_feed_item_delivered":         {"id"},
	"after_feed_item_read":              {"id"},
	"after_feed_item_interacted":        {"id", "interactedAt"},
	"after_push_notification_sent":      {"pushNotificationId"},
	"after_push_notification_delivered": {"pushNotificationId"},
	"after_push_notification_clicked":   {"pushNotificationId", "clickedAt"},
}

var (
	receiptKey    = []string{"body.messageId|messageId", "sender|receiptSender", "body.action|receiptType", "body.timestamp|deliveredAt|readAt"}
	membersKey    = []string{"group.guid", "group.updatedAt", "members"}
	callKey       = []string{"call.id|message.id", "call.sentAt|message.sentAt?"}
	connectionKey = []string{"event.at|timestamp", "."}
)

// eventKey returns what tells an event from the others with its trigger; nil if nothing does.
func eventKey(e *Event, envelope map[string]json.RawMessage) []string {
	for _, name := range []string{"id", "eventId"} {
		if id := jsonText(envelope[name]); id != "" {
			return []string{id}
		}
	}
	var key []string
	for _, part := range keys[e.Trigger] {
		path, optional := strings.CutSuffix(part, "?")
		value := first(e.Data, strings.Split(path, "|"))
		if value == "" && !optional {
			return nil
		}
		key = append(key, value)
	}
	return key
}

// first returns the value of the first path that has one, as text. 0 counts as no value: it is neither an id nor a time.
func first(data json.RawMessage, paths []string) string {
	for _, path := range paths {
		value := data
		if path != "." {
			for name := range strings.SplitSeq(path, ".") {
				value = jsonFields(value)[name]
			}
		}
		text := jsonText(value)
		if text == "" && len(jsonFields(value)) > 0 {
			text = string(value)
		}
		if text != "" && text != "0" {
			return text
		}
	}
	return ""
}
