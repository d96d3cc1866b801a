package cometchat

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// Do makes any call of CometChat's client API with the token of the session. Use it for calls that this package has no method
// for.
//
// method is GET, POST, PUT, PATCH or DELETE. path is relative to the API's base URL, begins with "/" and may have a query, as
// in "/users?perPage=2". Ids in it have to be percent-encoded, with [url.PathEscape] for example. in becomes the JSON body;
// nil means no body, and a GET must have none. Do reads the whole answer, with its "data" and "meta", into the value that out
// points to; a *json.RawMessage takes any answer. If out is nil, Do only checks that the answer is JSON. If the answer is
// empty, *out stays as it is.
//
// A GET, PUT or DELETE is retried as the SDK's own calls are, see [RetryPolicy]. A POST or PATCH is retried only after 429, or
// when no connection could be made: it must not take effect twice. If the session's token is gone,
// Do takes another token or ends the session, as every other call does; see [WithTokenProvider]. The client does not notice
// what the call changes on the server: log out with [Client.Logout], not with DELETE /me. Errors and logs show the method and
// the path, without the query, and with "[redacted]" in place of secrets.
//
// Do fails before any request with ErrBadRequest for a method, path, in or out that cannot be used, and with ErrNotLoggedIn.
// A path with an empty segment, a "." or ".." segment, a backslash, white space, a control character or a fragment cannot be
// used. Do fails with the server's error when the server refuses. An answer that does not fit out is an [Error] with the code
// "FAILED_TO_FETCH", in which [errors.As] finds the error of encoding/json; *out may then have a part of the answer.
func (c *Client) Do(ctx context.Context, method, path string, in, out any) error {
	const op = "Do"
	req, err := newAnyCall(op, method, path, in, out)
	if err != nil {
		return err
	}
	return c.withSession(ctx, op, func(ctx context.Context, s *Session) error {
		req.Credential = rest.AuthToken(s.AuthToken)
		return anyCall(ctx, c.rest, req, out)
	})
}

// newAnyCall checks the arguments of Do and makes the request of them, without a credential.
func newAnyCall(op, method, path string, in, out any) (req rest.Request, err error) {
	if !slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, method) {
		return req, newError(op, ErrBadRequest, "the method is not GET, POST, PUT, PATCH or DELETE, in upper case")
	}
	if flaw := pathFlaw(path); flaw != "" {
		return req, newError(op, ErrBadRequest, "the path %s", flaw)
	}
	if method == "GET" && in != nil {
		return req, newError(op, ErrBadRequest, "a GET has no body: in has to be nil, and the query belongs into the path")
	}
	if v := reflect.ValueOf(out); out != nil && (v.Kind() != reflect.Pointer || v.IsNil()) {
		return req, newError(op, ErrBadRequest, "out is neither nil nor a pointer to a value")
	}
	route, _, _ := strings.Cut(path, "?")
	return rest.Request{
		Op: op, Method: method, Route: route, Path: path, AuthToken: tokenIn(route), Body: in,
		Once: method == "POST" || method == "PATCH",
	}, nil
}

// anyCall makes the request of a Do and reads the answer into out.
func anyCall(ctx context.Context, r *rest.Client, req rest.Request, out any) error {
	req.Route = req.Redactor().Short(req.Route)
	if out == nil {
		out = new(json.RawMessage)
	}
	return do(ctx, r, req, func(body []byte) error {
		body = bytes.TrimPrefix(body, []byte("\ufeff")) // some gateways write a byte order mark
		if len(bytes.TrimSpace(body)) == 0 {
			return nil
		}
		err := json.Unmarshal(body, out)
		switch {
		case err == nil:
			return nil
		case !json.Valid(body): // nothing has been written to out
			return &bodyFlaw{notTheAPI, err}
		}
		return &bodyFlaw{"the server's answer does not fit the value that out points to", err}
	})
}

// pathFlaw says why a path with a query cannot be sent, in words that follow "the path"; "" if it can.
func pathFlaw(path string) string {
	if !strings.HasPrefix(path, "/") {
		return `does not begin with "/": it is relative to the API's base URL, as in "/users?perPage=2"`
	}
	if strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "has white space, a control character or a character that is not ASCII: percent-encode it, as url.PathEscape does"
	}
	path, query, _ := strings.Cut(path, "?")
	if strings.ContainsAny(query, `#\`) {
		return "has a fragment or a backslash in its query: percent-encode it, as url.QueryEscape does"
	}
	// net/url would decode and encode a path with any other character, and a percent-encoded "/" would become a "/".
	if i := strings.IndexAny(path, "\"#<>[\\]^`{|}"); i >= 0 {
		return "has a " + path[i:i+1] + ", which is not allowed there: percent-encode it, as url.PathEscape does"
	}
	for segment := range strings.SplitSeq(path[1:], "/") {
		if flaw := segmentFlaw(segment); flaw != "" {
			return flaw
		}
	}
	return ""
}

func segmentFlaw(segment string) string {
	decoded, err := url.PathUnescape(segment)
	switch {
	case segment == "":
		return "has an empty segment: is an id missing?"
	case err != nil:
		return "has a % without two hex digits"
	case strings.ContainsFunc(decoded, unicode.IsControl):
		return "has a control character"
	}
	for part := range strings.FieldsFuncSeq(decoded, func(r rune) bool { return r == '/' || r == '\\' }) {
		if part == "." || part == ".." {
			return "has a dot segment"
		}
	}
	return ""
}

// tokenIn returns the auth token that a path has, as in /users/{uid}/auth_tokens/{authToken}; "" if it has none.
func tokenIn(path string) string {
	_, token, _ := strings.Cut(path, "/auth_tokens/")
	token, _, _ = strings.Cut(token, "/")
	token, _ = url.PathUnescape(token) // pathFlaw has seen that it can be decoded
	return token
}
