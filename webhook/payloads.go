package webhook

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/cometchat-go/cometchat"
)

// The triggers of a connection change. CometChat's page about legacy webhooks and its example of a delivery differ.
const (
	triggerConnection       = "user_connection_status_changed"
	triggerConnectionPage   = "user_connection_status_change"
	triggerConnectionLegacy = "after_connection_status_changed"
)

// UserBlocked is the payload of "user_blocked".
type UserBlocked struct {
	// By is the user who blocked the others; never nil.
	By *cometchat.User
	// Users are the users who are now blocked, in the order of their uids; never empty.
	Users []*cometchat.User
}

// UserUnblocked is the payload of "user_unblocked".
type UserUnblocked struct {
	// By is the user who unblocked the others; never nil.
	By *cometchat.User
	// Users are the users who are no longer blocked, in the order of their uids; never empty.
	Users []*cometchat.User
}

// UserConnectionStatusChanged is the payload of "user_connection_status_changed". It is also the payload of the legacy
// webhook "user_connection_status_change", whose trigger is "after_connection_status_changed".
type UserConnectionStatusChanged struct {
	// User is the user who connected or disconnected; never nil. A legacy webhook sends only the UID and the Status.
	User *cometchat.User
	// Status is cometchat.StatusOnline or cometchat.StatusOffline. A user who disconnects one of several devices stays
	// online.
	Status string
	// Action is "connected" or "disconnected": what happened to this connection.
	Action string
	// Platform is the platform of the connection, "javascript" or "android" for example.
	Platform string
	// At is the time of the change, in milliseconds; zero if CometChat did not send it.
	At time.Time
}

// newPayload returns nil if the trigger is unknown, or if data does not name the users.
func newPayload(trigger string, data map[string]json.RawMessage) any {
	switch trigger {
	case "user_blocked":
		if by, users := readUser(data["by"], ""), readUsers(data["users"]); by != nil && users != nil {
			return &UserBlocked{by, users}
		}
	case "user_unblocked":
		if by, users := readUser(data["by"], ""), readUsers(data["users"]); by != nil && users != nil {
			return &UserUnblocked{by, users}
		}
	case triggerConnection, triggerConnectionPage, triggerConnectionLegacy:
		if user := readUser(data["user"], ""); user != nil {
			return newUserConnectionStatusChanged(user, data)
		}
	}
	return nil
}

// newUserConnectionStatusChanged reads both forms: the legacy form has "event" instead of "currentConnection".
func newUserConnectionStatusChanged(user *cometchat.User, data map[string]json.RawMessage) *UserConnectionStatusChanged {
	c := &UserConnectionStatusChanged{User: user, Status: jsonText(data["status"]), At: connectionTime(data)}
	if event := jsonFields(data["event"]); event != nil {
		c.Action, c.Platform = jsonText(event["type"]), jsonText(jsonFields(event["event_for"])["platform"])
	} else {
		connection := jsonFields(data["currentConnection"])
		c.Action, c.Platform = jsonText(connection["action"]), jsonText(connection["platform"])
	}
	switch c.Status {
	case "available": // the REST API's word for online
		c.Status = cometchat.StatusOnline
	case "":
		c.Status = user.Status
	}
	return c
}

// connectionTime returns the time of a connection change; zero if data does not have it.
func connectionTime(data map[string]json.RawMessage) time.Time {
	at := data["timestamp"]
	if event := jsonFields(data["event"]); event != nil {
		at = event["at"]
	}
	ms, err := strconv.ParseInt(jsonText(at), 10, 64)
	if err != nil || ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// readUsers reads an object of users by uid, or a list of users.
func readUsers(data json.RawMessage) (users []*cometchat.User) {
	var list []json.RawMessage
	_ = json.Unmarshal(data, &list)
	for _, each := range list {
		if u := readUser(each, ""); u != nil {
			users = append(users, u)
		}
	}
	byUID := jsonFields(data)
	for _, uid := range slices.Sorted(maps.Keys(byUID)) {
		if u := readUser(byUID[uid], uid); u != nil {
			users = append(users, u)
		}
	}
	return users
}

// readUser reads a user, or a uid alone. If data has no uid, it takes the given uid; if both are empty, it returns nil.
func readUser(data json.RawMessage, uid string) *cometchat.User {
	u := &cometchat.User{}
	_ = json.Unmarshal(data, u) // a User leaves empty what it cannot read
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
