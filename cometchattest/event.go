package cometchattest

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// Event is a request with its answer, or a step of a live connection, for [WithObserver]. As JSON it has the form of a
// recording of the real service. It holds the keys and tokens that were sent.
type Event struct {
	Kind string    `json:"kind"` // "http" or "websocket"
	At   time.Time `json:"at"`   // by the real clock
	Host string    `json:"host"`
	Path string    `json:"path"`

	// The fields of a request. Names of headers are in lower case. Of a header or query parameter with several values, the
	// first stands here. Body and Response are JSON: a JSON string if they were something else, nil if they were empty.
	Method   string            `json:"method,omitempty"`
	Query    map[string]string `json:"query,omitempty"`
	Headers  map[string]string `json:"headers,omitempty"`
	Body     json.RawMessage   `json:"body,omitempty"`
	Status   int               `json:"status,omitempty"` // 0: the connection was broken
	Response json.RawMessage   `json:"response,omitempty"`
	Took     time.Duration     `json:"took,omitempty"` // in nanoseconds

	// The fields of a live connection. What is "open", "client to server", "server to client" or "close".
	What    string          `json:"what,omitempty"`
	UID     string          `json:"uid,omitempty"` // once it is known
	Message json.RawMessage `json:"message,omitempty"`
	Code    int             `json:"code,omitempty"` // of the close; 1006: there was no close frame
	Reason  string          `json:"reason,omitempty"`
}

func requestEvent(r *http.Request, body []byte, status int, answer []byte, began time.Time) Event {
	return Event{
		Kind: "http", At: began, Host: r.Host, Path: r.URL.EscapedPath(), Method: r.Method,
		Query: firstValues(r.URL.Query(), strings.Clone), Headers: firstValues(r.Header, strings.ToLower),
		Body: asJSON(body), Status: status, Response: asJSON(answer), Took: time.Since(began),
	}
}

func firstValues(values map[string][]string, rename func(string) string) map[string]string {
	firsts := make(map[string]string, len(values))
	for name, all := range values {
		if len(all) > 0 {
			firsts[rename(name)] = all[0]
		}
	}
	return firsts
}

// asJSON returns raw as JSON: unchanged, or as a JSON string of it. It returns nil for an empty raw.
func asJSON(raw []byte) json.RawMessage {
	if len(raw) == 0 {
		return nil
	}
	if json.Valid(raw) && utf8.Valid(raw) {
		return raw
	}
	text, _ := json.Marshal(string(raw)) // a string always marshals
	return text
}
