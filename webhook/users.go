package webhook

import (
	"encoding/json"
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

func newUserBlocked(e *Event) any {
	if by, users := readBlock(e.Data); users != nil {
		return &UserBlocked{by, users}
	}
	return nil
}

func newUserUnblocked(e *Event) any {
	if by, users := readBlock(e.Data); users != nil {
		return &UserUnblocked{by, users}
	}
	return nil
}

// readBlock returns no users if the data does not name all of them.
func readBlock(data json.RawMessage) (by *cometchat.User, users []*cometchat.User) {
	fields := jsonFields(data)
	if by = readUser(fields["by"], ""); by == nil {
		return nil, nil
	}
	return by, readUsers(fields["users"])
}

// newConnectionChange reads both forms: the legacy form has "event" instead of "currentConnection".
func newConnectionChange(e *Event) any {
	data := jsonFields(e.Data)
	user := readUser(data["user"], "")
	if user == nil {
		return nil
	}
	c := &UserConnectionStatusChanged{User: user, Status: jsonText(data["status"])}
	if event := jsonFields(data["event"]); event != nil {
		c.Action, c.Platform, c.At = jsonText(event["type"]), jsonText(jsonFields(event["event_for"])["platform"]), milliseconds(event["at"])
	} else {
		connection := jsonFields(data["currentConnection"])
		c.Action, c.Platform, c.At = jsonText(connection["action"]), jsonText(connection["platform"]), milliseconds(data["timestamp"])
	}
	switch c.Status {
	case "available": // the REST API's word for online
		c.Status = cometchat.StatusOnline
	case "":
		c.Status = user.Status
	}
	return c
}

// milliseconds reads a time in milliseconds since 1970; zero if data is no number.
func milliseconds(data json.RawMessage) time.Time {
	ms, err := strconv.ParseInt(jsonText(data), 10, 64)
	if err != nil || ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
