package cometchat_test

import (
	"fmt"
	"strings"
	"time"
)

// eventKind is what kind of line of a history an event is.
type eventKind uint8

const (
	invoked eventKind = iota
	returned
	answered
	provided
	swapped
	storeFailed
	told
	revoked
)

// modelEvent is one line of a history.
type modelEvent struct {
	at     time.Duration
	kind   eventKind
	op     int // the call that the event belongs to; of a login that callers share: the first caller's
	client int
	what   string // a request, a store's method, a listener's function, or the kind of a result
	result modelResult
}

// modelResult is what a call returned, or what a request was answered. Zero fields say nothing.
type modelResult struct {
	kind  string // "ok", or the kind of the error
	uid   byte
	token int
	name  int
}

func (r modelResult) String() string {
	text := r.kind
	if r.uid != 0 {
		text += fmt.Sprintf(" user %c", r.uid)
	}
	if r.token != 0 {
		text += fmt.Sprintf(" token %d", r.token)
	}
	if r.name != 0 {
		text += fmt.Sprintf(" name %d", r.name)
	}
	return text
}

func (s *schedule) describe(op *modelOp) string {
	text := fmt.Sprintf("%s of client %d", opNames[op.kind], op.client)
	if s.keyed[op.client] {
		text += " (the user must be A)"
	}
	switch {
	case op.token != 0:
		text += fmt.Sprintf(" with token %d", op.token)
	case op.uid != 0:
		text += fmt.Sprintf(" for %c", op.uid)
	}
	if op.inProvider {
		text += ", from its provider"
	}
	return text
}

// line writes an event for people.
func (s *schedule) line(e modelEvent) string {
	what := map[eventKind]string{
		invoked: "begins: ", returned: "returns: ", answered: "has the answer to: ", provided: "has a token of the provider", swapped: "has changed the store: ",
		storeFailed: "is failed by the store: ",
	}[e.kind] + e.what
	if text := e.result.String(); text != "" {
		what += ": " + text
	}
	at := fmt.Sprintf("%8.3f ms ", float64(e.at.Microseconds())/1000)
	switch e.kind {
	case told:
		return at + fmt.Sprintf("client %d tells its listener of %s", e.client, what)
	case revoked:
		return at + "the server revokes the tokens of" + e.result.String()
	}
	return at + fmt.Sprintf("call %d %s", e.op, what)
}

// String writes the history for people.
func (s *schedule) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: pool %v, provider %v, shared store %v, faults %v\n", s.seed, s.pool, s.provider, s.sharing, s.faults)
	for i, e := range s.history {
		fmt.Fprintf(&b, "%3d %s\n", i+1, s.line(e))
	}
	return b.String()
}
