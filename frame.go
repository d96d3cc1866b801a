package cometchat

import (
	"bytes"

	"github.com/cometchat-go/cometchat/internal/lenient"
)

// frameHead is what all frames of the live connection have.
type frameHead struct {
	Type     string `json:"type"`
	DeviceID string `json:"deviceId"`
}

// presenceFrame is the frame about a user who came online or went offline.
type presenceFrame struct {
	frameHead
	Body struct {
		Action    string    `json:"action"`
		User      *wireUser `json:"user"`
		Timestamp unixTime  `json:"timestamp"`
	} `json:"body"`
}

// readFrame returns the event that a frame tells of, or nil if there is nothing to tell. resource is the client's own.
func readFrame(raw []byte, resource string) Event {
	if bytes.Contains(raw, []byte(`"presence"`)) { // most likely its type: one pass reads it all
		var f presenceFrame
		if _, err := lenient.Unmarshal(raw, &f); err == nil && f.Type == "presence" {
			if e := f.event(resource); e != nil {
				return e
			}
		}
	}
	var head frameHead
	_, _ = lenient.Unmarshal(raw, &head) // what is no JSON has no type
	if head.Type == "auth" || head.DeviceID == resource {
		return nil
	}
	return UnknownEvent{Type: head.Type, Raw: raw}
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
