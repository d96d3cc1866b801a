package cometchat

import (
	"encoding/json"
	"fmt"
	"time"
)

// Event is something that a client hears over its live connection, or about the connection. It is one of the types of this
// package with a method event, [MessageReceived] for example. Later versions add types: a switch should ignore a type that it does
// not know.
//
// All who hear of an event share its values: read them only.
type Event interface{ event() }

// ConnectionStatus says whether a client has a live connection.
type ConnectionStatus int

// The statuses of a live connection. Connected means that the server has accepted the client's session, not only that a
// connection is open.
const (
	Disconnected ConnectionStatus = iota
	Connecting
	Connected
)

// String returns "disconnected", "connecting" or "connected".
func (s ConnectionStatus) String() string {
	switch s {
	case Disconnected:
		return "disconnected"
	case Connecting:
		return "connecting"
	case Connected:
		return "connected"
	}
	return fmt.Sprintf("ConnectionStatus(%d)", int(s))
}

// ConnectionChanged is a change of the live connection. Each change is told once, in order.
type ConnectionChanged struct {
	// Status is the status from now on.
	Status ConnectionStatus
	// Err is why the client is disconnected. It is nil if the program wanted it: after Disconnect, Logout, or a login of another
	// user.
	Err error
	// CloseCode and CloseReason are what the server closed the connection with, 1001 and "going away" for example. The code is
	// 0 when the server has not closed it.
	CloseCode   int
	CloseReason string
	// RetryIn is how long the client waits before it connects again; 0 when it does not connect again by itself.
	RetryIn time.Duration
}

// PresenceChanged tells that a user came online or went offline; see [WithPresence] for whose presence is told.
type PresenceChanged struct {
	// User is the user as the server described it, with the new status; never nil.
	User *User
	// Status is StatusOnline or StatusOffline.
	Status string
	// At is the time of the change, to the second; zero if the server did not say it.
	At time.Time
}

// EventsDropped tells a loop over [Client.Events] that it was too slow and has missed events, once for each spell of them. Messages,
// edits, deletions and changes of the members of groups are never dropped; neither are changes of the connection.
type EventsDropped struct {
	// Count is how many events were dropped.
	Count int
}

// CaughtUp tells that all messages have been told that were sent while there was no live connection. It comes once after each
// [Connected], before the messages that arrive from then on.
type CaughtUp struct{}

// Gap tells that messages may be missing: the server has refused to list what was sent while there was no live connection. A
// program that shows a conversation lists its messages anew.
type Gap struct {
	// AfterID is the message after which messages may be missing; "0" if nothing was told before. It is empty if that is not known.
	AfterID string
	// Since is when the client last knew that it had told everything; zero if that is not known.
	Since time.Time
	// Err is why the server has refused, or why [WithResume] could not find out where to go on.
	Err error
}

// UnknownEvent is a frame of the live connection that this version of the SDK does not know, or that lacks what its event is about:
// an edit without the message, for example.
type UnknownEvent struct {
	// Type is the frame's type, "message" for example; "" if it has none.
	Type string
	// Raw is the frame as the server sent it; it need not be JSON. If an action message is what the SDK does not know, Raw is that
	// message alone: a catch-up has no frame.
	Raw json.RawMessage
}

func (ConnectionChanged) event() {}
func (PresenceChanged) event()   {}
func (EventsDropped) event()     {}
func (UnknownEvent) event()      {}
func (CaughtUp) event()          {}
func (Gap) event()               {}
