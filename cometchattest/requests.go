package cometchattest

import (
	"net/http"
	"slices"
	"strings"
)

// maxRequests is how many requests a server remembers.
const maxRequests = 10_000

// Request is a request as it came in.
type Request struct {
	Method string
	Path   string // as it was sent: escaped, without the query
	Query  string // as it was sent, without "?"
	Header http.Header
	Body   string // its first 10 KB
}

// Requests returns what came in so far, oldest first, refused requests too: those that match each of the functions. Of more
// than 10,000 it has the newest. The opening of a live connection is a GET request.
func (s *Server) Requests(match ...func(Request) bool) []Request {
	s.mu.Lock()
	requests := slices.Clone(s.requests)
	s.mu.Unlock()
	for i := range requests {
		requests[i].Header = requests[i].Header.Clone()
	}
	return slices.DeleteFunc(requests, func(r Request) bool {
		return slices.ContainsFunc(match, func(matches func(Request) bool) bool { return !matches(r) })
	})
}

// To matches the requests of one call, as in To("POST", "/users/{uid}/auth_tokens"): the path has no version, and what is
// in braces stands for any text. An empty method or path is any.
func To(method, path string) func(Request) bool {
	p := newPattern(method, path)
	return func(r Request) bool { return p.matches(r.Method, r.Path) }
}

// pattern is a call with variables.
type pattern struct {
	method   string
	segments []string // nil is any path
}

func newPattern(method, path string) pattern {
	p := pattern{method: method}
	if path != "" {
		p.segments = strings.Split(strings.TrimPrefix(path, "/"), "/")
	}
	return p
}

// matches takes an escaped path with its version. The root, where a live connection is opened, has none.
func (p pattern) matches(method, path string) bool {
	if p.method != "" && p.method != method {
		return false
	}
	if p.segments == nil {
		return true
	}
	if len(p.segments) == 1 && p.segments[0] == "" {
		return path == "/"
	}
	_, segments := splitPath(path)
	return matches(p.segments, segments, func(string, string) {})
}

// record remembers a request as soon as it has come in.
func (s *Server) record(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) == maxRequests {
		s.requests[0] = Request{} // for the garbage collector, which sees the whole array
		s.requests = s.requests[1:]
	}
	s.requests = append(s.requests, Request{
		Method: c.r.Method, Path: c.r.URL.EscapedPath(), Query: c.r.URL.RawQuery, Header: c.r.Header, Body: string(c.body[:min(len(c.body), maxBody)]),
	})
}
