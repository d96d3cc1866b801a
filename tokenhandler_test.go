package cometchat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fromHeader identifies the user as a test's backend does.
func fromHeader(r *http.Request) (string, error) {
	if uid := r.Header.Get("X-User"); uid != "" {
		return uid, nil
	}
	return "", errors.New("secret reason")
}

// ask makes a request of a token handler for a user, and returns the answer and its JSON.
func ask(ctx context.Context, t *testing.T, h http.Handler, uid, body string, headers ...string) (*httptest.ResponseRecorder, object) {
	t.Helper()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/chat/token", strings.NewReader(body))
	if uid != "" {
		r.Header.Set("X-User", uid)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Add(name, value)
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
	h := cometchat.TokenHandler(w.admin(t), fromHeader)

	resp, answer := ask(t.Context(), t, h, uid1, "")
	assert.Equal(t, 200, resp.Code)
	assert.Equal(t, object{"uid": uid1, "authToken": tokenOf(uid1)}, answer)
	requests := w.requests()
	require.Len(t, requests, 1)
	assertHeaders(t, requests[0], "Apikey", apiKey)

	_, answer = ask(t.Context(), t, h, uid1, `{"uid":"`+uid2+`"}`)
	assert.Equal(t, uid1, answer["uid"], "the body is not asked who they are")
	assert.Equal(t, []string{"POST " + tokensURL(uid1)}, w.lines(), "and each request has a token of its own")
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
		"a blank uid":               {"  ", nil, 401, "UNAUTHORIZED", [2]string{}},
	} {
		for kind, opts := range map[string][]cometchat.TokenHandlerOption{"": nil, ", cached": {cometchat.WithTokenCache(time.Hour)}} {
			inBubble(t, name+kind, func(t *testing.T) {
				w := newWire()
				if tc.answer != nil {
					w.RegisterNoResponder(tc.answer)
				}
				h := cometchat.TokenHandler(w.admin(t), fromHeader, opts...)
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
	}
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodOptions} {
		w := newWire()
		recorder := httptest.NewRecorder()
		cometchat.TokenHandler(w.admin(t), fromHeader).ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), method, "/", nil))
		assert.Equal(t, 405, recorder.Code)
		assert.Equal(t, "POST", recorder.Header().Get("Allow"))
		assert.Empty(t, w.lines())
	}
	for _, h := range []http.Handler{
		cometchat.TokenHandler(nil, fromHeader), cometchat.TokenHandler(nil, fromHeader, cometchat.WithTokenCache(time.Hour), nil),
		cometchat.TokenHandler(newWire().admin(t), nil),
	} {
		resp, _ := ask(t.Context(), t, h, uid1, "")
		assert.Equal(t, 500, resp.Code, "a handler that was made wrongly says so, and does not panic")
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
			h := cometchat.TokenHandler(w.admin(t), fromHeader, cometchat.WithNewUsers(tc.describe))
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

func TestTokenCache(t *testing.T) {
	t.Parallel()
	mint := "POST " + tokensURL(uid1)
	inBubble(t, "gives a token out again, for its time", func(t *testing.T) {
		w := newWire()
		w.RegisterResponder("POST", tokensURL(uid1), minted(uid1))
		h := cometchat.TokenHandler(w.admin(t), fromHeader, cometchat.WithTokenCache(time.Hour))
		for _, uid := range []string{uid1, strings.ToUpper(uid1), uid1} {
			_, answer := ask(t.Context(), t, h, uid, "")
			assert.Equal(t, uid1, answer["uid"])
		}
		assert.Equal(t, []string{mint}, w.lines())
		elapse(time.Hour)
		ask(t.Context(), t, h, uid1, "")
		assert.Equal(t, []string{mint}, w.lines())
		ask(t.Context(), t, h, uid1, "", "Cache-Control: no-cache")
		assert.Equal(t, []string{mint}, w.lines(), "a client whose token was refused gets a new one")
	})
	inBubble(t, "has requests at the same time share one", func(t *testing.T) {
		w := newWire()
		w.RegisterResponder("POST", tokensURL(uid1), slowly(minted(uid1)))
		h := cometchat.TokenHandler(w.admin(t), fromHeader, cometchat.WithTokenCache(time.Hour))
		first, leave := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { ask(first, t, h, uid1, "") })
		settle()
		for range 5 {
			wg.Go(func() {
				resp, answer := ask(t.Context(), t, h, uid1, "")
				assert.Equal(t, 200, resp.Code)
				assert.Equal(t, tokenOf(uid1), answer["authToken"])
			})
		}
		settle()
		leave() // who asked first goes away, and the others do not mind
		wg.Wait()
		assert.Equal(t, []string{mint}, w.lines())
	})
	inBubble(t, "does not keep a failure", func(t *testing.T) {
		w := newWire()
		w.RegisterResponder("POST", tokensURL(uid1), respond(500, "").Then(minted(uid1)))
		h := cometchat.TokenHandler(w.admin(t), fromHeader, cometchat.WithTokenCache(time.Hour))
		resp, _ := ask(t.Context(), t, h, uid1, "")
		assert.Equal(t, 502, resp.Code)
		resp, _ = ask(t.Context(), t, h, uid1, "")
		assert.Equal(t, 200, resp.Code)
	})
	for name, revoke := range map[string]func(ctx context.Context, a *cometchat.Admin) error{
		"FlushAuthTokens": func(ctx context.Context, a *cometchat.Admin) error {
			return a.FlushAuthTokens(ctx, strings.ToUpper(uid1))
		},
		"DeleteAuthToken":       func(ctx context.Context, a *cometchat.Admin) error { return a.DeleteAuthToken(ctx, uid1, "t") },
		"DeleteUser":            func(ctx context.Context, a *cometchat.Admin) error { return a.DeleteUser(ctx, uid1) },
		"DeleteUserPermanently": func(ctx context.Context, a *cometchat.Admin) error { return a.DeleteUserPermanently(ctx, uid1) },
		"DeactivateUsers": func(ctx context.Context, a *cometchat.Admin) error {
			_, err := a.DeactivateUsers(ctx, []string{uid1})
			return err
		},
		"a token that is gone": func(ctx context.Context, a *cometchat.Admin) error {
			if _, err := a.GetAuthToken(ctx, uid1, "t"); !errors.Is(err, cometchat.ErrAuthTokenNotFound) {
				return err
			}
			return nil
		},
	} {
		inBubble(t, "forgets on "+name, func(t *testing.T) {
			w := newWire()
			w.RegisterResponder("POST", tokensURL(uid1), minted(uid1))
			w.RegisterNoResponder(respond(200, data(object{"success": true, "deactivatedUids": []string{uid1}})))
			w.answer("GET", tokensURL(uid1)+"/t", 404, refusal("ERR_AUTH_TOKEN_NOT_FOUND", "gone"))
			a := w.admin(t)
			h := cometchat.TokenHandler(a, fromHeader, cometchat.WithTokenCache(time.Hour))
			ask(t.Context(), t, h, uid1, "")
			w.requests()
			require.NoError(t, revoke(t.Context(), a))
			w.requests()
			ask(t.Context(), t, h, uid1, "")
			assert.Equal(t, []string{mint}, w.lines())
		})
	}
	inBubble(t, "does not keep a token that was asked for before a flush", func(t *testing.T) {
		w := newWire()
		w.RegisterResponder("POST", tokensURL(uid1), slowly(minted(uid1)))
		w.answer("DELETE", tokensURL(uid1), 200, data(object{"success": true}))
		a := w.admin(t)
		h := cometchat.TokenHandler(a, fromHeader, cometchat.WithTokenCache(time.Hour))
		asked := started(func() error { ask(t.Context(), t, h, uid1, ""); return nil })
		require.NoError(t, a.FlushAuthTokens(t.Context(), uid1))
		require.NoError(t, <-asked)
		w.requests()
		ask(t.Context(), t, h, uid1, "")
		assert.Equal(t, []string{mint}, w.lines())
	})
	t.Run("lets a panic through", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		w.answer("POST", tokensURL(uid1), 404, refusal("ERR_UID_NOT_FOUND", "no"))
		h := cometchat.TokenHandler(w.admin(t), fromHeader, cometchat.WithTokenCache(time.Hour),
			cometchat.WithNewUsers(func(*http.Request, string) (*cometchat.User, error) { panic("boom") }))
		for range 2 {
			assert.Contains(t, recovered(func() { ask(t.Context(), t, h, uid1, "") }).(error).Error(), "boom")
		}
	})
}

func TestTokenCacheKeepsUsersApart(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.RegisterResponder("POST", tokensURL("kate"), minted("kate"))
	w.RegisterNoResponder(respond(404, refusal("ERR_UID_NOT_FOUND", "no")))
	h := cometchat.TokenHandler(w.admin(t), fromHeader, cometchat.WithTokenCache(time.Hour))
	_, answer := ask(t.Context(), t, h, "kate", "")
	assert.Equal(t, "kate", answer["uid"])
	resp, _ := ask(t.Context(), t, h, "\u212Aate", "") // the Kelvin sign, whose lower case is a k
	assert.Equal(t, 404, resp.Code)
}

func TestTokenCacheUnderWay(t *testing.T) {
	t.Parallel()
	numbered := func() httpmock.Responder {
		var requests atomic.Int32
		return func(r *http.Request) (*http.Response, error) {
			token := fmt.Sprint("token-", requests.Add(1))
			return slowly(respond(200, data(object{"uid": uid1, "authToken": token})))(r)
		}
	}
	for name, headers := range map[string][]string{"after a flush": nil, "with no-cache": {"Cache-Control: max-age=0", "Cache-Control: No-Cache"}} {
		inBubble(t, "who asks "+name+" does not get what was asked for before", func(t *testing.T) {
			w := newWire()
			w.RegisterResponder("POST", tokensURL(uid1), numbered())
			w.answer("DELETE", tokensURL(uid1), 500, "") // even when it fails: the answer may have been lost
			a := w.admin(t)
			h := cometchat.TokenHandler(a, fromHeader, cometchat.WithTokenCache(time.Hour))
			first := started(func() error { ask(t.Context(), t, h, uid1, ""); return nil })
			if headers == nil {
				require.Error(t, a.FlushAuthTokens(t.Context(), uid1))
			}
			_, answer := ask(t.Context(), t, h, uid1, "", headers...)
			assert.Equal(t, "token-2", answer["authToken"])
			require.NoError(t, <-first)
		})
	}
	inBubble(t, "who goes away does not take the others along", func(t *testing.T) {
		w := newWire()
		w.RegisterResponder("POST", tokensURL("u9"), slowly(respond(404, refusal("ERR_UID_NOT_FOUND", "no"))).Then(minted("u9")))
		w.RegisterResponder("GET", adminHost+"/users/u9", respond(200, data(user("u9"))))
		w.RegisterNoResponder(respond(200, data(user("u9"))))
		describe := func(r *http.Request, _ string) (*cometchat.User, error) {
			return &cometchat.User{Name: "Name u9"}, r.Context().Err()
		}
		h := cometchat.TokenHandler(w.admin(t), fromHeader, cometchat.WithTokenCache(time.Hour), cometchat.WithNewUsers(describe))
		first, leave := context.WithCancel(t.Context())
		gone := started(func() error { ask(first, t, h, "u9", ""); return nil })
		stays := started(func() error {
			if resp, _ := ask(t.Context(), t, h, "u9", ""); resp.Code != 200 {
				return fmt.Errorf("answered %d", resp.Code)
			}
			return nil
		})
		leave()
		require.NoError(t, <-gone)
		require.NoError(t, <-stays)
	})
	t.Run("a function that ends its goroutine leaves nobody waiting", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		w.RegisterNoResponder(respond(404, refusal("ERR_UID_NOT_FOUND", "no")))
		h := cometchat.TokenHandler(w.admin(t), fromHeader, cometchat.WithTokenCache(time.Hour),
			cometchat.WithNewUsers(func(*http.Request, string) (*cometchat.User, error) { runtime.Goexit(); return nil, nil }))
		resp, _ := ask(t.Context(), t, h, "u9", "")
		assert.Equal(t, 500, resp.Code)
	})
	t.Run("net/http's own panic stays what it is", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		w.RegisterNoResponder(respond(404, refusal("ERR_UID_NOT_FOUND", "no")))
		h := cometchat.TokenHandler(w.admin(t), fromHeader, cometchat.WithTokenCache(time.Hour),
			cometchat.WithNewUsers(func(*http.Request, string) (*cometchat.User, error) { panic(http.ErrAbortHandler) }))
		assert.Equal(t, http.ErrAbortHandler, recovered(func() { ask(t.Context(), t, h, "u9", "") }))
	})
}
