package cometchat

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// WebhookEvent is something that CometChat tells a webhook of. It belongs to the function that it is given to.
//
// Its form, and that of the payloads, is taken from CometChat's documentation, and has not been checked by us against
// CometChat itself. What is missing, or in another form than documented, is left empty, and Data holds it all the same.
type WebhookEvent struct {
	// ID is the same for each delivery of one event, and what deliveries are de-duplicated by: 64 hexadecimal digits that
	// this package makes of the fields that tell one event from the next, for CometChat documents no id in a delivery.
	// Those are the id of the message for message_sent (as documented) and message_deleted, and with it the time of the
	// edit for message_edited; the data, with its time in milliseconds, for connection changes; and an "id" or "eventId", should one come. Other events have
	// no such field, user_blocked and user_unblocked among them (a user who is blocked twice makes two equal events):
	// their ID is empty.
	ID string
	// Trigger is the kind of event, as in "user_blocked". It is never empty.
	Trigger string
	// AppID and Region name the app; legacy webhooks may leave the region out.
	AppID, Region string
	// Webhook is the id of the webhook in the app.
	Webhook string
	// Data is the event's "data", byte for byte as CometChat sent it; nil when there is none.
	Data json.RawMessage
	// Payload is Data for triggers that are known: a *[UserBlocked], *[UserUnblocked] or *[UserConnectionStatusChanged].
	// It is nil for any other trigger, and when Data does not say which users it is about.
	Payload any
}

// UserBlocked is the payload of "user_blocked".
type UserBlocked struct {
	// By is the user who blocked; never nil.
	By *User
	// Users are those who are blocked now, by uid; never empty.
	Users []*User
}

// UserUnblocked is the payload of "user_unblocked".
type UserUnblocked struct {
	// By is the user who unblocked; never nil.
	By *User
	// Users are those who are not blocked any more, by uid; never empty.
	Users []*User
}

// UserConnectionStatusChanged is the payload of "user_connection_status_changed", and of the legacy webhooks'
// "user_connection_status_change", which says "after_connection_status_changed" for its trigger.
type UserConnectionStatusChanged struct {
	// User is who connected or disconnected; never nil. A legacy webhook sends the UID and the Status only.
	User *User
	// Status is StatusOnline or StatusOffline. A user who disconnects one of several devices stays online.
	Status string
	// Action is what this connection did: "connected" or "disconnected".
	Action string
	// Platform is that of the connection, as in "javascript" or "android".
	Platform string
	// At is when it happened, to the millisecond.
	At time.Time
}

// newWebhookEvent reads a delivery; nil means that it is none.
func newWebhookEvent(body []byte) *WebhookEvent {
	envelope := jsonFields(body)
	e := &WebhookEvent{
		Trigger: jsonText(envelope["trigger"]), AppID: jsonText(envelope["appId"]), Region: jsonText(envelope["region"]),
		Webhook: jsonText(envelope["webhook"]), Data: envelope["data"],
	}
	if e.Trigger == "" {
		return nil
	}
	data := jsonFields(e.Data)
	own := jsonText(envelope["id"])
	if own == "" {
		own = jsonText(envelope["eventId"])
	}
	switch e.Trigger {
	case "user_blocked":
		if by, users := webhookUser(data["by"], ""), webhookUsers(data["users"]); by != nil && users != nil {
			e.Payload = &UserBlocked{by, users}
		}
	case "user_unblocked":
		if by, users := webhookUser(data["by"], ""), webhookUsers(data["users"]); by != nil && users != nil {
			e.Payload = &UserUnblocked{by, users}
		}
	case "user_connection_status_changed", "user_connection_status_change", "after_connection_status_changed":
		c := newUserConnectionStatusChanged(data)
		if c.User != nil {
			e.Payload = c
		}
		if own == "" && !c.At.IsZero() {
			own = string(e.Data)
		}
	case "message_sent", "message_deleted":
		if own == "" {
			own = jsonText(jsonFields(data["message"])["id"])
		}
	case "message_edited":
		message := jsonFields(data["message"])
		id, at := jsonText(message["id"]), jsonText(message["editedAt"])
		if at == "" {
			at = jsonText(message["updatedAt"])
		}
		if own == "" && id != "" && at != "" { // a message may be edited again
			own = id + " " + at
		}
	}
	if own != "" {
		// CometChat's documentation has the webhook and the trigger in the key of each event.
		id := sha256.Sum256(fmt.Appendf(nil, "%q", []string{e.AppID, e.Webhook, e.Trigger, own}))
		e.ID = hex.EncodeToString(id[:])
	}
	return e
}

// newUserConnectionStatusChanged reads both forms: the legacy one has "event" in place of "currentConnection".
func newUserConnectionStatusChanged(data map[string]json.RawMessage) *UserConnectionStatusChanged {
	connection, event := jsonFields(data["currentConnection"]), jsonFields(data["event"])
	c := &UserConnectionStatusChanged{
		User:     webhookUser(data["user"], ""),
		Status:   jsonText(data["status"]),
		Action:   jsonText(connection["action"]),
		Platform: jsonText(connection["platform"]),
		At:       webhookTime(data["timestamp"]),
	}
	if event != nil {
		c.Action, c.At = jsonText(event["type"]), webhookTime(event["at"])
		c.Platform = jsonText(jsonFields(event["event_for"])["platform"])
	}
	switch {
	case c.Status == statusAvailable:
		c.Status = StatusOnline
	case c.Status == "" && c.User != nil:
		c.Status = c.User.Status
	}
	return c
}

// webhookUsers reads users by uid, or a list of them.
func webhookUsers(data json.RawMessage) (users []*User) {
	var list []json.RawMessage
	_ = json.Unmarshal(data, &list)
	for _, each := range list {
		if u := webhookUser(each, ""); u != nil {
			users = append(users, u)
		}
	}
	byUID := jsonFields(data)
	for _, uid := range slices.Sorted(maps.Keys(byUID)) {
		if u := webhookUser(byUID[uid], uid); u != nil {
			users = append(users, u)
		}
	}
	return users
}

// webhookUser reads a user, or a uid alone. uid is whom it is about where it does not say that itself; nil means that
// nothing does.
func webhookUser(data json.RawMessage, uid string) *User {
	u := &User{}
	if json.Unmarshal(data, u) != nil {
		// One field in another form must not hide who the event is about.
		u = &User{UID: jsonText(jsonFields(data)["uid"])}
	}
	if u.UID == "" {
		u.UID = jsonText(data)
	}
	if u.UID == "" {
		u.UID = uid
	}
	if u.UID == "" {
		return nil
	}
	return u
}

// webhookTime reads Unix milliseconds, quoted or not.
func webhookTime(data json.RawMessage) time.Time {
	ms, err := strconv.ParseInt(jsonText(data), 10, 64)
	if err != nil || ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
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
