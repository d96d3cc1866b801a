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
// fail, and the other fields say how. The zero Fault selects every request and does nothing.
type Fault struct {
	// Method and Path name a call, as in [To]. "/" is the opening of a live connection.
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

// faults are the injected faults, the oldest first. Guarded by Server.mu.
type faults []*fault

type fault struct {
	Fault
	matches func(Request) bool
	random  *rand.Rand
	left    int // how many requests may still fail; 0 or less means all
}

func (fs *faults) add(f Fault) *fault {
	f.Header = f.Header.Clone()
	injected := &fault{
		Fault: f, matches: To(f.Method, f.Path), left: f.Times,
		random: rand.New(rand.NewPCG(f.Seed, f.Seed)), //nolint:gosec // its decisions have to be repeatable
	}
	*fs = append(*fs, injected)
	return injected
}

func (fs *faults) remove(injected *fault) {
	*fs = slices.DeleteFunc(*fs, func(f *fault) bool { return f == injected })
}

// take returns the fault of a request, and counts it, or the zero Fault.
func (fs *faults) take(r *http.Request) Fault {
	request := Request{Method: r.Method, Path: r.URL.EscapedPath()}
	for _, f := range *fs {
		if !f.matches(request) || f.Probability > 0 && f.random.Float64() >= f.Probability {
			continue
		}
		if f.left--; f.left == 0 { // with Times 0 it is negative
			fs.remove(f)
		}
		return f.Fault
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
