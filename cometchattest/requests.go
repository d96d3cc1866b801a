package cometchattest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A server remembers this many requests at most, and no more of them than take this many bytes.
const (
	maxRequests     = 10_000
	maxRequestBytes = 16 << 20
)

// Request is a request that came in.
type Request struct {
	Method string
	Path   string // escaped, as the client sent it, without the query
	Query  string // as the client sent it, without "?"
	Header http.Header
	Body   string // its first 10 KB
}

// To returns a function that accepts the requests of one call, such as To("POST", "/users/{uid}/auth_tokens"). The path is
// without the API's version, and a segment in braces matches any text. An empty method or path matches every method or
// path. To("GET", "/") accepts the opening of a live connection. To panics if the server has no such call.
func To(method, path string) func(Request) bool {
	checkCall(method, path)
	return func(r Request) bool { return (method == "" || method == r.Method) && matchesPath(path, r.Path) }
}

// matchesPath compares an escaped path with a pattern without version, such as "/users/{uid}". Only the path "/" has no
// version to cut off.
func matchesPath(pattern, path string) bool {
	if pattern == "" || pattern == "/" {
		return pattern == "" || path == "/"
	}
	_, path, _ = strings.Cut(strings.TrimPrefix(trimBase(path), "/"), "/")
	want := strings.Split(strings.TrimPrefix(pattern, "/"), "/")
	return slices.EqualFunc(want, strings.Split(path, "/"), func(want, got string) bool {
		text, err := url.PathUnescape(got)
		return err == nil && text != "" && (text == want || strings.HasPrefix(want, "{"))
	})
}

// requestLog holds the newest requests, the oldest first. Guarded by Server.mu.
type requestLog struct {
	entries []loggedRequest
	bytes   int // the sum of the sizes
}

type loggedRequest struct {
	Request
	size int
}

func (l *requestLog) add(r *http.Request, body []byte) {
	logged := Request{
		Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Header: r.Header,
		Body: string(body[:min(len(body), maxBody)]),
	}
	size := logged.size()
	l.entries, l.bytes = append(l.entries, loggedRequest{logged, size}), l.bytes+size
	for len(l.entries) > maxRequests || l.bytes > maxRequestBytes && len(l.entries) > 1 {
		l.bytes -= l.entries[0].size
		l.entries[0] = loggedRequest{} // frees what it refers to, as the array stays
		l.entries = l.entries[1:]
	}
}

// all returns the requests. They share their headers with l.
func (l *requestLog) all() []Request {
	all := make([]Request, len(l.entries))
	for i, logged := range l.entries {
		all[i] = logged.Request
	}
	return all
}

// size estimates how many bytes of memory a request takes. A header has a cost beside its text.
func (r *Request) size() int {
	const request, header = 200, 100
	size := request + len(r.Method) + len(r.Path) + len(r.Query) + len(r.Body)
	for name, values := range r.Header {
		for _, value := range values {
			size += header + len(name) + len(value)
		}
	}
	return size
}
