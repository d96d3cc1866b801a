package cometchattest

import (
	"math/rand/v2"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is something that goes wrong with requests, for [Server.InjectFault]. Which ones, Method and Path say, how many of
// them, Times and Probability; the rest is what happens to them.
type Fault struct {
	// Method and Path name a call as [To] does. "/" is the opening of a live connection.
	Method, Path string
	// Times is how many requests it happens to; 0 is all.
	Times int
	// Probability, from 0 to 1, is how likely it happens to one that it could; 0 is always. The same Seed gives the same
	// sequence of decisions.
	Probability float64
	Seed        uint64

	// Delay is waited for before anything else happens, unless the client leaves or the server closes.
	Delay time.Duration
	// DropBefore breaks the connection before the body has been read: the request has no effect.
	DropBefore bool
	// DropAfter breaks the connection when the request has had its effect and its answer is due.
	DropAfter bool
	// Status, if not 0, is answered in place of doing anything, with Header and Body, which has the content type that it
	// looks like: JSON, HTML or text.
	Status int
	Header http.Header
	Body   string
	// Truncate breaks the connection in the middle of the answer.
	Truncate bool
}

// HTMLFault is what a gateway in front of CometChat answers when there is nothing behind it: 502 and a page of HTML.
func HTMLFault() Fault {
	return Fault{Status: http.StatusBadGateway, Body: "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>" +
		"<body><h1>502 Bad Gateway</h1></body></html>\n"}
}

// fault is a Fault that is in force.
type fault struct {
	Fault
	pattern pattern
	random  *rand.Rand
	left    int
}

// InjectFault makes something go wrong with the requests to come, until remove is called, or Times is used up. Of several
// faults that a request could have, it has the one that was injected first. It panics for a Status that is no final one.
func (s *Server) InjectFault(f Fault) (remove func()) {
	if f.Status != 0 && (f.Status < 200 || f.Status > 999) {
		panic("cometchattest: InjectFault needs a status from 200 to 999")
	}
	f.Header = f.Header.Clone()
	injected := &fault{
		Fault: f, pattern: newPattern(f.Method, f.Path), left: f.Times,
		random: rand.New(rand.NewPCG(f.Seed, f.Seed)), //nolint:gosec // it is to be repeatable
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, injected)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.faults = slices.DeleteFunc(s.faults, func(other *fault) bool { return other == injected })
	}
}

// fault decides what goes wrong with a request: the zero Fault is nothing.
func (s *Server) fault(r *http.Request) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := r.URL.EscapedPath()
	for i, f := range s.faults {
		if !f.pattern.matches(r.Method, path) || f.Probability > 0 && f.random.Float64() >= f.Probability {
			continue
		}
		if f.left--; f.left == 0 { // with Times 0 it is negative
			s.faults = slices.Delete(s.faults, i, i+1)
		}
		return f.Fault
	}
	return Fault{}
}

// pause is over after the delay, or when the client has left or the server closes.
func (s *Server) pause(r *http.Request, delay time.Duration) {
	if delay <= 0 {
		return
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-s.closing:
	}
}

// write sends the answer, or what the fault leaves of it.
func (f Fault) write(w http.ResponseWriter, status int, answer []byte) {
	if !f.Truncate {
		w.WriteHeader(status)
		_, _ = w.Write(answer) // the client may have gone
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(max(len(answer), 1)))
	w.WriteHeader(status)
	_, _ = w.Write(answer[:len(answer)/2])
	_ = http.NewResponseController(w).Flush() // where it cannot, the client gets even less
	abort()
}

// abort breaks the connection.
func abort() { panic(http.ErrAbortHandler) }

// contentType is that of the fault's body.
func (f Fault) contentType() string {
	body := strings.TrimSpace(f.Body)
	if body != "" && strings.ContainsRune("{[", rune(body[0])) {
		return "application/json"
	}
	detected, _, _ := mime.ParseMediaType(http.DetectContentType([]byte(f.Body)))
	return detected
}
