package cometchattest

import (
	"net/http"
	"slices"
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

// Requests returns what came in so far, oldest first, refused requests too. Of more than 10,000 it has the newest.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	requests := slices.Clone(s.requests)
	s.mu.Unlock()
	for i := range requests {
		requests[i].Header = requests[i].Header.Clone()
	}
	return requests
}

// record needs the lock held.
func (s *Server) record(c *call) {
	if len(s.requests) == maxRequests {
		s.requests[0] = Request{} // for the garbage collector, which sees the whole array
		s.requests = s.requests[1:]
	}
	s.requests = append(s.requests, Request{
		Method: c.r.Method, Path: c.r.URL.EscapedPath(), Query: c.r.URL.RawQuery, Header: c.r.Header, Body: string(c.body),
	})
}
