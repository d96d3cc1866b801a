package cometchattest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxRequests is how many requests a server remembers.
const maxRequests = 10_000

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
	_, path, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
	want := strings.Split(strings.TrimPrefix(pattern, "/"), "/")
	return slices.EqualFunc(want, strings.Split(path, "/"), func(want, got string) bool {
		text, err := url.PathUnescape(got)
		return err == nil && text != "" && (text == want || strings.HasPrefix(want, "{"))
	})
}

// requestLog holds the newest requests, the oldest first. Guarded by Server.mu.
type requestLog []Request

func (l *requestLog) add(r *http.Request, body []byte) {
	if len(*l) == maxRequests {
		(*l)[0] = Request{} // frees what it refers to, as the array stays
		*l = (*l)[1:]
	}
	*l = append(*l, Request{
		Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Header: r.Header,
		Body: string(body[:min(len(body), maxBody)]),
	})
}
