package cometchat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fromHeader returns the uid in a header, as a backend returns the uid of its own session.
func fromHeader(r *http.Request) (string, error) {
	if uid := r.Header.Get("X-User"); uid != "" {
		return uid, nil
	}
	return "", fmt.Errorf("secret reason: %w", cometchat.ErrUnauthenticated)
}

// tokenHandler makes a handler of a.
func tokenHandler(t *testing.T, a *cometchat.Admin, identify func(*http.Request) (string, error), opts ...cometchat.TokenHandlerOption) http.Handler {
	t.Helper()
	h, err := cometchat.TokenHandler(a, identify, opts...)
	require.NoError(t, err)
	return h
}

// ask sends a request of a user to a token handler, and returns the answer and its JSON.
func ask(ctx context.Context, t *testing.T, h http.Handler, uid, body string) (*httptest.ResponseRecorder, object) {
	t.Helper()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/chat/token", strings.NewReader(body))
	if uid != "" {
		r.Header.Set("X-User", uid)
	}
	resp := httptest.NewRecorder()
	h.ServeHTTP(resp, r)
	var answer object
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&answer))
	assert.Equal(t, "no-store", resp.Header().Get("Cache-Control"))
	assert.Equal(t, "application/json", resp.Header().Get("Content-Type"))
	return resp, answer
}

func TestTokenHandler(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.RegisterResponder("POST", tokensURL(uid1), minted(uid1))
	h := tokenHandler(t, w.admin(t), fromHeader)

	resp, answer := ask(t.Context(), t, h, uid1, "")
	assert.Equal(t, 200, resp.Code)
	assert.Equal(t, object{"uid": uid1, "authToken": tokenOf(uid1)}, answer)
	requests := w.requests()
	require.Len(t, requests, 1)
	assertHeaders(t, requests[0], "Apikey", apiKey)

	_, answer = ask(t.Context(), t, h, uid1, `{"uid":"`+uid2+`"}`)
	assert.Equal(t, uid1, answer["uid"], "the body does not decide who the user is")
	assert.Equal(t, []string{"POST " + tokensURL(uid1)}, w.lines(), "each request creates a token")
}

func TestTokenHandlerRefusals(t *testing.T) {
	t.Parallel()
	slow := func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() }
	limited := respond(429, "").HeaderSet(http.Header{"Retry-After": {"40"}})
	for name, tc := range map[string]struct {
		uid    string
		answer httpmock.Responder
		status int
		code   string
		header [2]string
	}{
		"nobody is logged in":       {"", nil, 401, "UNAUTHORIZED", [2]string{}},
		"CometChat knows no such":   {uid1, respond(404, refusal("ERR_UID_NOT_FOUND", "internals")), 404, "USER_NOT_FOUND", [2]string{}},
		"CometChat refuses the key": {uid1, respond(401, refusal("AUTH_ERR_APIKEY_NOT_FOUND", "internals "+apiKey)), 502, "BAD_GATEWAY", [2]string{}},
		"CometChat fails":           {uid1, respond(500, "internals"), 502, "BAD_GATEWAY", [2]string{}},
		"CometChat is away":         {uid1, httpmock.NewErrorResponder(errors.New("internals")), 502, "BAD_GATEWAY", [2]string{}},
		"CometChat is slow":         {uid1, slow, 504, "TIMEOUT", [2]string{}},
		"CometChat is busy":         {uid1, limited, 503, "BUSY", [2]string{"Retry-After", "40"}},
		"CometChat fails for long":  {uid1, respond(502, "").HeaderSet(http.Header{"Retry-After": {"60"}}), 502, "BAD_GATEWAY", [2]string{}},
		"a uid that cannot be one":  {"..", nil, 500, "INTERNAL", [2]string{}},
		"a blank uid":               {"  ", nil, 500, "INTERNAL", [2]string{}},
	} {
		inBubble(t, name, func(t *testing.T) {
			w := newWire()
			if tc.answer != nil {
				w.RegisterNoResponder(tc.answer)
			}
			h := tokenHandler(t, w.admin(t), fromHeader)
			resp, answer := ask(t.Context(), t, h, tc.uid, "")
			assert.Equal(t, tc.status, resp.Code)
			e, _ := answer["error"].(object)
			assert.Equal(t, tc.code, e["code"])
			assert.NotEmpty(t, e["message"])
			assert.Len(t, answer, 1)
			for _, internal := range []string{"internals", "secret reason", apiKey} {
				assert.NotContains(t, e["message"], internal)
			}
			if tc.header[0] != "" {
				assert.Equal(t, tc.header[1], resp.Header().Get(tc.header[0]))
			}
		})
	}
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodOptions} {
		w := newWire()
		recorder := httptest.NewRecorder()
		tokenHandler(t, w.admin(t), fromHeader).ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), method, "/", nil))
		assert.Equal(t, 405, recorder.Code)
		assert.Equal(t, "POST", recorder.Header().Get("Allow"))
		assert.Empty(t, w.lines())
	}
}

func TestTokenHandlerCreatesUsers(t *testing.T) {
	t.Parallel()
	unknown := respond(404, refusal("ERR_UID_NOT_FOUND", "no"))
	for name, tc := range map[string]struct {
		describe func(*http.Request, string) (*cometchat.User, error)
		body     string
		status   int
	}{
		"as described": {
			func(_ *http.Request, uid string) (*cometchat.User, error) {
				return &cometchat.User{UID: "someone else", Name: "Name of " + uid}, nil
			}, `{"uid":"u9","name":"Name of u9"}`, 200,
		},
		"described as nothing":  {func(*http.Request, string) (*cometchat.User, error) { return nil, nil }, `{"uid":"u9","name":"u9"}`, 200},
		"without a description": {nil, `{"uid":"u9","name":"u9"}`, 200},
		"not when it fails":     {func(*http.Request, string) (*cometchat.User, error) { return nil, errDisk }, ``, 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			w.RegisterResponder("POST", tokensURL("u9"), unknown.Then(minted("u9")))
			w.RegisterResponder("GET", adminHost+"/users/u9", unknown)
			w.RegisterResponder("POST", adminHost+"/users", respond(200, data(user("u9"))))
			h := tokenHandler(t, w.admin(t), fromHeader, cometchat.WithNewUsers(tc.describe))
			resp, answer := ask(t.Context(), t, h, "u9", "")
			require.Equal(t, tc.status, resp.Code)
			requests := w.requests()
			if tc.status != 200 {
				assert.Len(t, requests, 1)
				return
			}
			assert.Equal(t, tokenOf("u9"), answer["authToken"])
			require.Len(t, requests, 4)
			assert.JSONEq(t, tc.body, requests[2].Body)
		})
	}
}
