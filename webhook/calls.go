package webhook

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat"
)

// CallChanged is the payload of "call_initiated", "call_busy", "call_cancelled", "call_rejected" and "call_unanswered".
type CallChanged struct {
	// Action is "initiated", "busy", "cancelled", "rejected" or "unanswered".
	Action string
	// Call is the JSON of the call's message; never nil.
	Call json.RawMessage
	// MessageID is the id of the call's message; never empty. Each change of a call has a message of its own.
	MessageID string
	// SessionID is the same for all events of a call; empty if CometChat did not send it.
	SessionID string
	// Type is "audio" or "video".
	Type string
	// By is the user who did it; nil if CometChat did not say.
	By *cometchat.User
	// Receiver is a uid if ReceiverType is "user", and a guid if it is "group".
	Receiver, ReceiverType string
	// At is in seconds; zero if CometChat did not send it.
	At time.Time
}

// CallSessionChanged is the payload of "call_started", "call_ended", "call_participant_joined" and "call_participant_left", and
// of the same triggers with "meeting_".
type CallSessionChanged struct {
	// Meeting tells a meeting, whose participants join without a call, from a call.
	Meeting bool
	// Action is "started", "ended", "participant_joined" or "participant_left".
	Action string
	// SessionID is the same for all events of a call or meeting; never empty.
	SessionID string
	// Participants are the participants who have joined or left, or who were there when the session ended.
	Participants []Participant
	// StartedAt and EndedAt are the times of the session, in seconds; zero if CometChat did not send them. It sends them when
	// a session starts and ends.
	StartedAt, EndedAt time.Time
}

// Participant is somebody in a call or meeting. CometChat's documentation has no uid for them.
type Participant struct {
	// Name is the display name.
	Name string
	// JoinedAt and LeftAt are in seconds; zero if CometChat did not send them.
	JoinedAt, LeftAt time.Time
}

// RecordingGenerated is the payload of "recording_generated": the recording of a call or meeting is ready.
type RecordingGenerated struct {
	// SessionID is the session of the call or meeting; never empty.
	SessionID string
	// URL is where the recording is.
	URL string
	// StartedAt is in seconds; zero if CometChat did not send it.
	StartedAt time.Time
}

// TranscriptionGenerated is the payload of "transcription_generated": the transcript of a call or meeting is ready.
type TranscriptionGenerated struct {
	// SessionID is the session of the call or meeting; never empty.
	SessionID string
	// TranscriptID is the id of the transcript, and URL is where it is.
	TranscriptID, URL string
	// StartedAt and EndedAt are in seconds; zero if CometChat did not send them.
	StartedAt, EndedAt time.Time
}

func newCallChanged(e *Event) any {
	data := jsonFields(e.Data)
	m := newMessage(data["call"])
	if m == nil {
		m = newMessage(data["message"])
	}
	if m == nil {
		return nil
	}
	on := read[struct {
		SessionID string `json:"sessionid"` // encoding/json ignores the case of "sessionId"
	}](m.Data.Entities["on"].Entity)
	return &CallChanged{
		strings.TrimPrefix(e.Trigger, "call_"), m.json, m.ID, on.SessionID, m.Type, m.entity("by", m.Sender),
		m.Receiver, m.ReceiverType, m.SentAt.Time,
	}
}

// occupant is a participant as CometChat writes it.
type occupant struct {
	Name     string `json:"name"`
	JoinedAt at     `json:"joined_at"`
	LeftAt   at     `json:"left_at"`
}

func newCallSession(e *Event) any {
	s := read[struct {
		SessionID   string      `json:"sessionId"`
		Occupant    *occupant   `json:"occupant"`
		Occupants   []*occupant `json:"all_occupants"`
		CreatedAt   at          `json:"created_at"`
		DestroyedAt at          `json:"destroyed_at"`
	}](e.Data)
	if s.SessionID == "" {
		return nil
	}
	kind, action, _ := strings.Cut(e.Trigger, "_")
	c := &CallSessionChanged{
		Meeting: kind == "meeting", Action: action, SessionID: s.SessionID,
		StartedAt: s.CreatedAt.Time, EndedAt: s.DestroyedAt.Time,
	}
	for _, o := range append(s.Occupants, s.Occupant) {
		if o != nil {
			c.Participants = append(c.Participants, Participant{o.Name, o.JoinedAt.Time, o.LeftAt.Time})
		}
	}
	return c
}

// session is a recording or a transcript as CometChat writes it.
type session struct {
	SessionID     string `json:"sessionId"`
	TranscriptID  string `json:"tid"`
	RecordingURL  string `json:"recording_url"`
	TranscriptURL string `json:"transcript_url"`
	StartTime     at     `json:"startTime"`
	EndTime       at     `json:"endTime"`
}

func newRecording(e *Event) any {
	if s := read[session](e.Data); s.SessionID != "" {
		return &RecordingGenerated{s.SessionID, s.RecordingURL, s.StartTime.Time}
	}
	return nil
}

func newTranscription(e *Event) any {
	if s := read[session](e.Data); s.SessionID != "" {
		return &TranscriptionGenerated{s.SessionID, s.TranscriptID, s.TranscriptURL, s.StartTime.Time, s.EndTime.Time}
	}
	return nil
}
