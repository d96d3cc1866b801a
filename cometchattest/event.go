package cometchattest

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// Event is a request with its answer, a step of a live connection, or an attempt to deliver an event to a webhook, for
// [WithObserver]. As JSON the first two have the form of a recording of the real service. It holds the keys, tokens and group passwords that were sent.
type Event struct {
	Kind string    `json:"kind"` // "http", "websocket" or "webhook"
	At   time.Time `json:"at"`   // by the real clock
	Host string    `json:"host"`
	Path string    `json:"path"`

	// The fields of a request. Names of headers are in lower case. Of a header or query parameter with several values, the
	// first stands here. Body and Response are JSON: a JSON string if they were something else, nil if they were empty. Of a
	// form with files, and of a file, they have the first 10 KB.
	Method   string            `json:"method,omitempty"`
	Query    map[string]string `json:"query,omitempty"`
	Headers  map[string]string `json:"headers,omitempty"`
	Body     json.RawMessage   `json:"body,omitempty"`
	Status   int               `json:"status,omitempty"` // 0: the connection was broken
	Response json.RawMessage   `json:"response,omitempty"`
	// ErrorCode is the code of an answer that refuses the request, such as "ERR_UID_NOT_FOUND".
	ErrorCode string        `json:"errorCode,omitempty"`
	Took      time.Duration `json:"took,omitempty"` // in nanoseconds

	// UID is the user of a live connection, of the request's auth token or jwt, or the user on whose behalf a server makes the
	// request. It is empty if there is no such user, and before a live connection is authenticated.
	UID string `json:"uid,omitempty"`

	// The fields of a live connection. What is "open", "client to server", "server to client" or "close". Of a webhook, What is the
	// trigger, or "dropped", Status that of the answer, and Reason says why there was none.
	What    string          `json:"what,omitempty"`
	Message json.RawMessage `json:"message,omitempty"`
	Code    int             `json:"code,omitempty"` // of the close; 1006: there was no close frame
	Reason  string          `json:"reason,omitempty"`
}

func (c *call) event(status int, answer []byte) Event {
	r := c.r
	return Event{
		Kind: "http", At: c.began, Host: r.Host, Path: r.URL.EscapedPath(), Method: r.Method,
		Query: firstValues(r.URL.Query(), strings.Clone), Headers: firstValues(r.Header, strings.ToLower),
		Body: asJSON(c.body), Status: status, Response: asJSON(answer), ErrorCode: errorCode(answer),
		Took: time.Since(c.began), UID: c.caller,
	}
}

// errorCode returns the code in the envelope of an error, or "".
func errorCode(answer []byte) string {
	var envelope struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	_ = json.Unmarshal(answer, &envelope) // the body of a fault may be anything
	return envelope.Error.Code
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
