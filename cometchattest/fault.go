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

// Fault is a failure for [Server.InjectFault]. Method and Path select requests, Times and Probability say how many of them
// fail, and the other fields say how.
type Fault struct {
	// Method and Path name a call, as in [To]: without them, the fault selects every request. "/" is the opening of a live
	// connection.
	Method, Path string
	// Times is how many requests fail; 0 means all.
	Times int
	// Probability, from 0 to 1, is how likely a selected request fails; 0 means always. The same Seed gives the same sequence
	// of decisions.
	Probability float64
	Seed        uint64

	// Delay passes before anything else happens, unless the client leaves or the server closes first.
	Delay time.Duration
	// DropBefore breaks the connection before the body is read: the request has no effect.
	DropBefore bool
	// DropAfter breaks the connection instead of answering, after the request has had its effect.
	DropAfter bool
	// Late, with DropAfter, breaks the connection at once, and the request has its effect this much later, by the real clock or
	// that of a [testing/synctest] bubble. If the server closes before, the request has no effect.
	Late time.Duration
	// Status, if not 0, is the answer's status, with Header and Body, and the request has no effect. The content type is what
	// Body looks like: JSON, HTML or text.
	Status int
	Header http.Header
	Body   string
	// Truncate breaks the connection in the middle of the answer.
	Truncate bool
}

// HTMLFault returns a Fault that answers as a gateway does when it cannot reach CometChat: 502 and a page of HTML.
func HTMLFault() Fault {
	return Fault{Status: http.StatusBadGateway, Body: "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>" +
		"<body><h1>502 Bad Gateway</h1></body></html>\n"}
}

// check returns what is wrong with a fault, or "".
func (f Fault) check() string {
	switch {
	case f.Status != 0 && (f.Status < 200 || f.Status > 999):
		return "needs a Status from 200 to 999"
	case f.Status == 0 && (f.Body != "" || len(f.Header) > 0):
		return "needs a Status for its Header and Body"
	case f.Late != 0 && (f.Late < 0 || !f.DropAfter || f.DropBefore || f.Status != 0):
		return "needs a Late of at least 0, with DropAfter, without DropBefore and Status"
	case f.Delay < 0 || f.Times < 0 || f.Probability < 0 || f.Probability > 1:
		return "needs a Delay and Times of at least 0, and a Probability from 0 to 1"
	case f.Delay == 0 && !f.DropBefore && !f.DropAfter && f.Status == 0 && !f.Truncate:
		return "does nothing: set Delay, DropBefore, DropAfter, Status or Truncate"
	}
	return ""
}

// Injected is a fault that [Server.InjectFault] or [Server.InjectLiveFault] has injected. Its methods are safe for concurrent
// use.
type Injected struct {
	server  *Server
	times   int
	fault   Fault
	matches func(Request) bool // selects the requests of fault; nil: this is a LiveFault
	live    LiveFault          // its UID is in the form of the store

	// Guarded by Server.mu.
	random *rand.Rand
	count  int
}

// Remove makes the fault select no further request or live connection. A second call does nothing.
func (i *Injected) Remove() {
	i.server.mu.Lock()
	defer i.server.mu.Unlock()
	i.server.faults.remove(i)
}

// Count returns how many requests or live connections the fault has selected and made fail, also after Remove.
func (i *Injected) Count() int {
	i.server.mu.Lock()
	defer i.server.mu.Unlock()
	return i.count
}

// faults are the injected faults, the oldest first. Guarded by Server.mu.
type faults []*Injected

func (fs *faults) add(injected *Injected) *Injected {
	*fs = append(*fs, injected)
	return injected
}

func (fs *faults) remove(injected *Injected) {
	*fs = slices.DeleteFunc(*fs, func(i *Injected) bool { return i == injected })
}

// use counts a failure, and removes the fault if that was the last one.
func (fs *faults) use(i *Injected) {
	if i.count++; i.count == i.times {
		fs.remove(i)
	}
}

// take returns the fault of a request, and counts it, or the zero Fault.
func (fs *faults) take(r *http.Request) Fault {
	request := Request{Method: r.Method, Path: r.URL.EscapedPath()}
	for _, i := range *fs {
		if i.matches == nil || !i.matches(request) || i.fault.Probability > 0 && i.random.Float64() >= i.fault.Probability {
			continue
		}
		fs.use(i)
		return i.fault
	}
	return Fault{}
}

// write sends the answer, or the part of it that the fault lets through.
func (f Fault) write(w http.ResponseWriter, status int, answer []byte) {
	if !f.Truncate {
		w.WriteHeader(status)
		_, _ = w.Write(answer) // the client may be gone
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(max(len(answer), 1)))
	w.WriteHeader(status)
	_, _ = w.Write(answer[:len(answer)/2])
	_ = http.NewResponseController(w).Flush() // if it fails, the client gets even less
	abort()
}

// abort breaks the connection. It does not return.
func abort() { panic(http.ErrAbortHandler) }

func (f Fault) contentType() string {
	body := strings.TrimSpace(f.Body)
	if body != "" && strings.ContainsRune("{[", rune(body[0])) {
		return "application/json"
	}
	detected, _, _ := mime.ParseMediaType(http.DetectContentType([]byte(f.Body)))
	return detected
}
