package cometchat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	pathpkg "path"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// doer is a Client or an Admin.
type doer interface {
	Do(ctx context.Context, method, path string, in, out any) error
}

// doers returns a logged-in client and an admin whose requests this wire answers, by their base URLs.
func (w *wire) doers(t *testing.T, opts ...cometchat.Option) map[string]doer {
	t.Helper()
	return map[string]doer{clientHost: w.loggedIn(t, opts...), adminHost: w.admin(t, opts...)}
}

func TestDo(t *testing.T) {
	t.Parallel()
	type answer struct {
		Data []struct{ GUID string }
		Meta struct{ Pagination struct{ Total int } }
	}
	w := newWire()
	for base, half := range w.doers(t) {
		w.answer("GET", base+"/groups?perPage=2&searchKey=a%20b", 200,
			`{"data":[{"guid":"g1"},{"guid":"g2"}],"meta":{"pagination":{"total":7}}}`)
		var got answer
		require.NoError(t, half.Do(t.Context(), "GET", "/groups?perPage=2&searchKey=a%20b", nil, &got))
		assert.Equal(t, "g2", got.Data[1].GUID)
		assert.Equal(t, 7, got.Meta.Pagination.Total)
		request := w.requests()[0]
		assert.Equal(t, base+"/groups?perPage=2&searchKey=a%20b", request.URL)
		assert.Empty(t, request.Body)
		assert.Equal(t, "application/json", request.Header.Get("Accept"))
		if base == adminHost {
			assert.Equal(t, apiKey, request.Header.Get("apikey"))
			assert.Empty(t, request.Header.Get("authtoken"))
		} else {
			assert.Equal(t, tokenOf(uid1), request.Header.Get("authtoken"))
			assert.Empty(t, request.Header.Get("apikey"))
		}

		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			w.answer(method, base+"/groups/a%2Fb/members", 200, data(object{"success": true}))
			for _, in := range []any{object{"n": 1}, json.RawMessage(`{"n":1}`), struct {
				N int `json:"n"`
			}{1}} {
				require.NoError(t, half.Do(t.Context(), method, "/groups/a%2Fb/members", in, nil))
				request := w.requests()[0]
				assert.Equal(t, method+" "+base+"/groups/a%2Fb/members", request.Method+" "+request.URL)
				assert.JSONEq(t, `{"n":1}`, request.Body)
				assert.Equal(t, "application/json", request.Header.Get("Content-Type"))
			}
		}
	}
}

func TestDoRefuses(t *testing.T) {
	t.Parallel()
	w := newWire()
	halves := w.doers(t)
	refused := func(method, path string, in, out any, says string) {
		t.Helper()
		for _, half := range halves {
			err := half.Do(t.Context(), method, path, in, out)
			require.ErrorIs(t, err, cometchat.ErrBadRequest, "%s %q", method, path)
			assert.Contains(t, err.Error(), "cometchat: Do: ")
			assert.Contains(t, err.Error(), says, "%s %q", method, path)
		}
	}
	for _, method := range []string{"", "get", "HEAD", "OPTIONS", "CONNECT", "TRACE", "GET ", "GET /x HTTP/1.1\r\n", "ΡUT"} {
		refused(method, "/users", nil, nil, "the method is not GET, POST")
	}
	for path, says := range map[string]string{
		"":                         `begin with "/"`,
		"users":                    `begin with "/"`,
		"?a=b":                     `begin with "/"`,
		"https://evil.example/x":   `begin with "/"`,
		"@evil.example/x":          `begin with "/"`,
		".evil.example/x":          `begin with "/"`,
		":80/x":                    `begin with "/"`,
		`\\evil.example/x`:         `begin with "/"`,
		" /users":                  `begin with "/"`,
		"/":                        "an empty segment",
		"//evil.example/x":         "an empty segment",
		"/users//auth_tokens":      "an empty segment",
		"/users/":                  "an empty segment",
		"/users/?a=b":              "an empty segment",
		"/./users":                 "a dot segment",
		"/users/..":                "a dot segment",
		"/users/../me":             "a dot segment",
		"/users/%2e%2E/me":         "a dot segment",
		"/users/.%2e":              "a dot segment",
		"/users/%2E?a=b":           "a dot segment",
		"/users/a%2F..%2Fb":        "a dot segment",
		"/users/..%5Cb":            "a dot segment",
		"/users/%2F..":             "a dot segment",
		`/users\..\me`:             `has a \`,
		`/users?a=\`:               "backslash in its query",
		"/users#a":                 "has a #",
		"/users?a=b#c":             "a fragment",
		"/users/a b":               "white space",
		"/users?a=b c":             "white space",
		"/users/a\tb":              "white space",
		"/users/a\u00a0b":          "not ASCII",
		"/users/ü":                 "not ASCII",
		"/users/\xff":              "not ASCII",
		"/users\r\nApikey: x":      "a control character",
		"/users/a\x00":             "a control character",
		"/users/a\x7f":             "a control character",
		"/users/a%00b":             "a control character",
		"/users/a%0D%0AApikey:%20": "a control character",
		"/users/%":                 "two hex digits",
		"/users/%zz":               "two hex digits",
		"/users/{uid}":             "has a {",
		`/users/a%2Fb"`:            `has a "`,
		"/users/<a>":               "has a <",
		"/users/[a]":               "has a [",
	} {
		refused("GET", path, nil, nil, says)
	}
	refused("GET", "/users", object{}, nil, "a GET has no body")
	refused("POST", "/users", func() {}, nil, "cannot be written as JSON")
	refused("POST", "/users", json.RawMessage(`{`), nil, "cannot be written as JSON")
	refused("GET", "/users", nil, object{}, "out is neither nil nor a pointer")
	refused("GET", "/users", nil, "x", "out is neither nil nor a pointer")
	refused("GET", "/users", nil, (*object)(nil), "out is neither nil nor a pointer")
	assert.Empty(t, w.lines(), "no request was made")
}

func TestDoOnClosedAndZeroValues(t *testing.T) {
	t.Parallel()
	w := newWire()
	admin, client := w.admin(t), w.client(t)
	require.ErrorIs(t, client.Do(t.Context(), "GET", "/me", nil, nil), cometchat.ErrNotLoggedIn)
	for _, half := range []doer{admin, client} {
		require.ErrorIs(t, half.Do(nil, "GET", "/me", nil, nil), cometchat.ErrMissingParameters) //nolint:staticcheck // a nil context is what the test is about
	}
	require.NoError(t, admin.Close())
	require.NoError(t, client.Close())
	for _, half := range []doer{admin, client} {
		require.ErrorIs(t, half.Do(t.Context(), "GET", "/me", nil, nil), cometchat.ErrClosed)
	}
	for _, half := range []doer{(*cometchat.Admin)(nil), &cometchat.Admin{}, (*cometchat.Client)(nil), &cometchat.Client{}} {
		require.ErrorIs(t, half.Do(t.Context(), "GET", "/me", nil, nil), cometchat.ErrNotInitialized)
	}
	assert.Empty(t, w.lines())
}

func TestDoReadsTheWholeAnswer(t *testing.T) {
	t.Parallel()
	w := newWire()
	for base, half := range w.doers(t, once) {
		target := base + "/things"
		do := func(status int, body string, out any) error {
			w.answer("GET", target, status, body)
			return half.Do(t.Context(), "GET", "/things", nil, out)
		}
		var raw json.RawMessage
		require.NoError(t, do(200, `{"data": [1.50, 12345678901234567890],"meta":{}}`, &raw))
		assert.Equal(t, `{"data": [1.50, 12345678901234567890],"meta":{}}`, string(raw)) //nolint:testifylint // byte for byte

		require.NoError(t, do(200, "\ufeff{}", &raw))
		assert.Equal(t, "{}", string(raw), "the byte order mark is left out")

		got := struct{ Data string }{"before"}
		for _, empty := range []string{"", " \r\n"} {
			require.NoError(t, do(204, empty, &got))
			require.NoError(t, do(200, empty, nil))
		}
		assert.Equal(t, "before", got.Data, "an empty answer changes nothing")

		err := do(200, `{"data":5}`, &got)
		require.ErrorContains(t, err, "does not fit the value that out points to")
		assert.Equal(t, "FAILED_TO_FETCH", asError(err).Code)
		assert.Equal(t, 200, asError(err).StatusCode)
		var misfit *json.UnmarshalTypeError
		require.ErrorAs(t, err, &misfit)
		assert.Equal(t, "Data", misfit.Field)

		for _, out := range []any{&got, nil} {
			err = do(200, `<html>hello</html>`, out)
			require.ErrorContains(t, err, "a proxy in between?")
			assert.Equal(t, "FAILED_TO_FETCH", asError(err).Code)
		}
		err = do(200, `{"error":{"code":"ERR_GUID_NOT_FOUND","message":"No such group."}}`, nil)
		assert.Equal(t, "ERR_GUID_NOT_FOUND", code(err), "an error in the API's form fails the call, whatever the status")
		err = do(404, `{"error":{"code":"ERR_GUID_NOT_FOUND","message":"No such group."}}`, &got)
		assert.Equal(t, "ERR_GUID_NOT_FOUND", code(err))
		assert.Contains(t, err.Error(), "No such group (ERR_GUID_NOT_FOUND, GET /things, HTTP 404)")
	}
}

func TestDoIsRetried(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		method   string
		answer   httpmock.Responder
		attempts int
	}{
		"GET, after 503":                      {"GET", respond(503, ""), 3},
		"PUT, after a reset":                  {"PUT", httpmock.NewErrorResponder(errReset), 3},
		"DELETE, after 502":                   {"DELETE", respond(502, ""), 3},
		"POST, after 429":                     {"POST", respond(429, ""), 3},
		"PATCH, after 429":                    {"PATCH", respond(429, ""), 3},
		"not POST after 503":                  {"POST", respond(503, ""), 1},
		"not PATCH after a reset":             {"PATCH", httpmock.NewErrorResponder(errReset), 1},
		"not GET for an answer of wrong type": {"GET", respond(200, `{"data":5}`), 1},
	} {
		inBubble(t, name, func(t *testing.T) {
			w := newWire()
			halves := w.doers(t)
			w.RegisterNoResponder(tc.answer)
			for _, half := range halves {
				err := half.Do(t.Context(), tc.method, "/groups", nil, &struct{ Data string }{})
				require.Error(t, err)
				assert.Len(t, w.lines(), tc.attempts)
				assert.Equal(t, tc.attempts, asError(err).Attempts)
			}
		})
	}
}

func TestDoReplacesATokenThatIsGone(t *testing.T) {
	t.Parallel()
	t.Run("when a provider has another token", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		provider, calls := providing()
		c := w.loggedIn(t, provider)
		w.revoked(fresh)
		var got struct{ Data struct{ UID string } }
		require.NoError(t, c.Do(t.Context(), "GET", "/users/u9", nil, &got))
		assert.Equal(t, "u9", got.Data.UID)
		assert.EqualValues(t, 1, calls.Load())
		assert.Equal(t, []string{"GET " + userURL, "PUT " + meURL, "GET " + userURL}, w.lines())
	})
	t.Run("and without a provider the session ends", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		c := w.loggedIn(t)
		w.answer("GET", clientHost+"/groups", 401, tokenGone())
		require.ErrorIs(t, c.Do(t.Context(), "GET", "/groups", nil, nil), cometchat.ErrAuthTokenNotFound)
		assertUID(t, c, "")
	})
}

// TestDoShowsNoSecret puts secrets into the path, the query, the answer and the error of a transport.
func TestDoShowsNoSecret(t *testing.T) {
	t.Parallel()
	inPath := url.PathEscape(canaryToken)
	for name, responder := range map[string]httpmock.Responder{
		"an echo": func(r *http.Request) (*http.Response, error) {
			return httpmock.NewJsonResponse(400, refusal("ERR_"+r.Header.Get("apikey"),
				r.Header.Get("apikey")+r.Header.Get("authtoken")+" and "+r.URL.Path+" at "+r.URL.String()))
		},
		"an echo as HTML": echoingText(500, "<html>%s</html>"),
		"no answer":       func(r *http.Request) (*http.Response, error) { return nil, fmt.Errorf("no route to %s", r.URL) },
		"another JSON": func(r *http.Request) (*http.Response, error) {
			return httpmock.NewJsonResponse(200, object{"data": r.Header.Get("apikey") + r.URL.Path})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			w, logger := newWire(), cometchat.WithLogger(
				slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
			me := meAnswer(uid1)
			me["authToken"], me["jwt"] = canaryToken, canaryJWT
			w.answer("PUT", meURL, 200, data(me))
			c := w.client(t, once, logger)
			_, err := c.LoginWithToken(t.Context(), canaryToken)
			require.NoError(t, err)
			a, err := cometchat.NewAdmin(appID, canaryKey, cometchat.WithRegion("us"), once, logger,
				cometchat.WithHTTPClient(&http.Client{Transport: w}))
			require.NoError(t, err)
			defer a.Close()
			w.Reset()
			w.RegisterNoResponder(responder)
			var out struct{ Data struct{ UID string } }
			for _, half := range []doer{a, c} {
				for _, path := range []string{
					"/users/u9/auth_tokens/" + inPath,
					"/users/u9/auth_tokens/" + inPath + "/more?a=b",
					"/users/" + canaryJWT,
				} {
					err := half.Do(t.Context(), "GET", path, nil, &out)
					require.Error(t, err)
					assertUnprintable(t, err)
				}
			}
			// By mistake, the caller has put the key into the path and the query.
			err = a.Do(t.Context(), "DELETE", "/keys/"+url.PathEscape(canaryKey)+"?key="+url.QueryEscape(canaryKey), nil, &out)
			require.Error(t, err)
			assertUnprintable(t, err)
			assert.Regexp(t, `DELETE /keys/\[redacted\][,)]`, err.Error(), "the route ends before the query")
			assert.Contains(t, log.String(), "GET /users/u9/auth_tokens/[redacted]/more\"")
			assertNoSecret(t, "the log", log.String())
		})
	}
	// The error of a refused path quotes nothing of the path.
	for _, path := range []string{canaryToken, "/x/" + canaryToken, "/x//" + inPath, "/x/../" + inPath, "/x/" + inPath + "%"} {
		err := newWire().admin(t).Do(t.Context(), "GET", path, nil, nil)
		require.ErrorIs(t, err, cometchat.ErrBadRequest)
		assertUnprintable(t, err)
	}
	// A long path is cut after its secrets are redacted.
	long := newWire()
	long.RegisterNoResponder(respond(400, ""))
	err := long.admin(t).Do(t.Context(), "GET", "/x/"+strings.Repeat("y", 100_000), nil, nil)
	assert.Less(t, len(err.Error()), 3000)
}

// FuzzDoPath checks that Do refuses a path, or sends it unchanged to the configured host, beneath the base URL.
func FuzzDoPath(f *testing.F) {
	for _, seed := range []string{
		"/users?perPage=2", "/users/a%2Fb", "/users/%2e%2e/x", "//evil.example", "@evil.example", "/a:b@c", "/a;b=c,d", "/%", "/a?b#c",
		"/a?b=%zz", "/a%00", `/a\b`, "/ü", "/a b", "/.", "/a/..%5C..", "/a?//evil.example/../..", "/a%25%32%66", "/~a!$&'()*+,;=:@",
	} {
		f.Add(seed)
	}
	var last *url.URL
	transport := roundTripper(func(r *http.Request) (*http.Response, error) {
		last = r.URL
		return respond(200, "{}")(r)
	})
	a, err := cometchat.NewAdmin(appID, apiKey, cometchat.WithRegion("us"), cometchat.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = a.Close() })
	f.Fuzz(func(t *testing.T, path string) {
		last = nil
		if err := a.Do(t.Context(), "GET", path, nil, nil); err != nil {
			require.ErrorIs(t, err, cometchat.ErrBadRequest)
			assert.Nil(t, last, "a request was made")
			return
		}
		assert.Equal(t, "https://app1.api-us.cometchat.io", last.Scheme+"://"+last.Host)
		assert.Nil(t, last.User)
		assert.Equal(t, "/v3.0"+path, last.RequestURI())
		cleaned := pathpkg.Clean(strings.ReplaceAll(last.Path, `\`, "/"))
		assert.True(t, strings.HasPrefix(cleaned+"/", "/v3.0/"), cleaned)
	})
}
