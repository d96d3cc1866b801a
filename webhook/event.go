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
	// digits) of the app, the webhook, the trigger and
	//   - the "id" or "eventId" of the delivery, if there is one; CometChat documents neither;
	//   - for message_sent and message_deleted, the id of the message;
	//   - for message_edited, the id of the message and the time of the edit;
	//   - for a connection change, the data, which contains a time in milliseconds.
	//
	// For all other events ID is empty, also for user_blocked and user_unblocked: if a user is blocked twice, the two
	// events are equal.
	ID string
	// Trigger is the kind of the event, "user_blocked" for example. It is never empty.
	Trigger string
	// AppID and Region name the app. A legacy webhook may leave the region out.
	AppID, Region string
	// Webhook is the id of the webhook in the app.
	Webhook string
	// Data is the "data" of the event, byte for byte as CometChat sent it; nil if there is none.
	Data json.RawMessage
	// Payload is Data as a *[UserBlocked], *[UserUnblocked] or *[UserConnectionStatusChanged]. It is nil for any other
	// trigger, and if Data does not name the users.
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
	data := jsonFields(e.Data)
	e.Payload = newPayload(e.Trigger, data)
	if key := eventKey(e, envelope, data); key != "" {
		// CometChat's documentation has the webhook and the trigger in the key of each event.
		id := sha256.Sum256(fmt.Appendf(nil, "%q", []string{e.AppID, e.Webhook, e.Trigger, key}))
		e.ID = hex.EncodeToString(id[:])
	}
	return e
}

// eventKey returns what distinguishes the event from others with the same trigger; "" if nothing does.
func eventKey(e *Event, envelope, data map[string]json.RawMessage) string {
	for _, name := range []string{"id", "eventId"} {
		if id := jsonText(envelope[name]); id != "" {
			return id
		}
	}
	message := jsonFields(data["message"])
	id := jsonText(message["id"])
	switch e.Trigger {
	case triggerConnection, triggerConnectionPage, triggerConnectionLegacy:
		if !connectionTime(data).IsZero() {
			return string(e.Data)
		}
	case "message_sent", "message_deleted":
		return id
	case "message_edited": // a message can be edited again
		at := jsonText(message["editedAt"])
		if at == "" {
			at = jsonText(message["updatedAt"])
		}
		if id != "" && at != "" {
			return id + " " + at
		}
	}
	return ""
}

// jsonFields returns the fields of a JSON object, and nil for anything else.
func jsonFields(data []byte) map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil {
		return nil
	}
	return fields
}

// jsonText returns a JSON string, or a number as it is written, and "" for anything else.
func jsonText(data json.RawMessage) string {
	var text string
	if json.Unmarshal(data, &text) == nil {
		return text
	}
	var number json.Number
	if json.Unmarshal(data, &number) == nil {
		return number.String()
	}
	return ""
}
