package cometchat

import (
	"bytes"

	"github.com/cometchat-go/cometchat/internal/lenient"
)

// presenceFrame is the frame about a user who came online or went offline.
type presenceFrame struct {
	frameHead
	Body struct {
		Action    string    `json:"action"`
		User      *wireUser `json:"user"`
		Timestamp unixTime  `json:"timestamp"`
	} `json:"body"`
}

// messageFrame is the frame that brings a message.
type messageFrame struct {
	frameHead
	Body wireMessage `json:"body"`
}

// frameReaders make the event of a frame of a type; nil when the frame cannot be made sense of.
var frameReaders = map[string]func(*liveFrame) Event{
	"on_moderation_status_changed": readModeration,
	"typing_indicator":             readTyping,
	"receipts":                     readReceipt,
	"transient_message":            readTransient,
	"reaction":                     readReaction,
	"interaction_completed":        readInteraction,
	"message_pinned":               readPin, "message_unpinned": readPin, "message_pin": readPin, "pin": readPin,
	"message_saved": readPin, "message_unsaved": readPin, "message_save": readPin, "save": readPin,
	"conversation_pinned": readConversationPin, "conversation_unpinned": readConversationPin, "conversation_pin": readConversationPin,
}

// readFrame returns the event that a frame tells of, or a mail without one if there is nothing to tell. resource is the client's own.
func readFrame(raw []byte, resource string) mail {
	if bytes.Contains(raw, []byte(`"presence"`)) { // most likely its type: one pass reads it all
		var f presenceFrame
		if _, err := lenient.Unmarshal(raw, &f); err == nil && f.Type == "presence" {
			if e := f.event(resource); e != nil {
				return mail{Event: e}
			}
		}
	}
	if bytes.Contains(raw, []byte(`"message"`)) { // likewise
		var f messageFrame
		if _, err := lenient.Unmarshal(raw, &f); err == nil && f.Type == "message" && f.Body.ID != "" && f.DeviceID != resource {
			m := f.Body.message(lenient.Member(raw, "body"))
			return mail{messageEvent(m), messageNumber(m.ID)}
		}
	}
	var f liveFrame
	_, _ = lenient.Unmarshal(raw, &f) // what is no JSON has no type
	if f.Type == "auth" || f.DeviceID == resource && f.Type != "on_moderation_status_changed" {
		return mail{}
	}
	if read := frameReaders[f.Type]; read != nil {
		if e := read(&f); e != nil {
			return mail{Event: e}
		}
	}
	return mail{Event: UnknownEvent{Type: f.Type, Raw: raw}}
}

// event returns nil for a frame of another action, or about nobody.
func (f *presenceFrame) event(resource string) Event {
	if f.Body.User == nil || f.Body.User.UID == "" || f.DeviceID == resource {
		return nil
	}
	u := f.Body.User.user()
	switch f.Body.Action {
	case StatusOnline, statusAvailable:
		u.Status = StatusOnline
	case StatusOffline:
		u.Status = StatusOffline
	default:
		return nil
	}
	return PresenceChanged{User: u, Status: u.Status, At: f.Body.Timestamp.Time}
}
