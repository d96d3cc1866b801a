package cometchattest

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// Event is something that happened, for [WithObserver]: a request with its answer, or a step of a live connection. As JSON
// it is a line as one would record of the real service. It holds the keys and tokens that were sent.
type Event struct {
	Kind string    `json:"kind"` // "http" or "websocket"
	At   time.Time `json:"at"`   // by the real clock
	Host string    `json:"host"`
	Path string    `json:"path"`

	// Of a request. The names of headers are in lower case; a header, and a query parameter, has its first value. Body and
	// Response are JSON, which for anything else is a JSON string of it; a request without a body has none.
	Method   string            `json:"method,omitempty"`
	Query    map[string]string `json:"query,omitempty"`
	Headers  map[string]string `json:"headers,omitempty"`
	Body     json.RawMessage   `json:"body,omitempty"`
	Status   int               `json:"status,omitempty"` // 0: the connection was broken
	Response json.RawMessage   `json:"response,omitempty"`
	Took     time.Duration     `json:"took,omitempty"` // nanoseconds

	// Of a live connection: "open", "client to server", "server to client" or "close", and what was said.
	What    string          `json:"what,omitempty"`
	UID     string          `json:"uid,omitempty"` // once it is known
	Message json.RawMessage `json:"message,omitempty"`
	Code    int             `json:"code,omitempty"` // of the close; 1006: there was none
	Reason  string          `json:"reason,omitempty"`
}

// happened tells the observer of a request.
func (s *Server) happened(r *http.Request, body []byte, status int, answer []byte, began time.Time) {
	if s.observe == nil {
		return
	}
	s.observe(Event{
		Kind: "http", At: began, Host: r.Host, Path: r.URL.EscapedPath(), Method: r.Method,
		Query: first(r.URL.Query(), strings.Clone), Headers: first(r.Header, strings.ToLower), Body: asJSON(body), Status: status, Response: asJSON(answer), Took: time.Since(began),
	})
}

// happened tells the observer of a step of the live connection.
func (k *socket) happened(what string, message []byte, code int, reason string) {
	if k.server.observe == nil {
		return
	}
	uid, _ := k.uid.Load().(string)
	k.server.observe(Event{
		Kind: "websocket", At: time.Now(), Host: k.host, Path: k.path, What: what, UID: uid,
		Message: asJSON(message), Code: code, Reason: reason,
	})
}

func first(values map[string][]string, named func(string) string) map[string]string {
	firsts := make(map[string]string, len(values))
	for name, all := range values {
		if len(all) > 0 {
			firsts[named(name)] = all[0]
		}
	}
	return firsts
}

// asJSON is nil for nothing.
func asJSON(raw []byte) json.RawMessage {
	if len(raw) == 0 {
		return nil
	}
	if json.Valid(raw) && utf8.Valid(raw) {
		return raw
	}
	text, _ := json.Marshal(string(raw)) // texts always marshal
	return text
}
