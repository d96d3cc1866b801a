package cometchat_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const apiKey = "fedcba9876543210fedcba9876543210fedcba98"

// admin returns an Admin whose requests this wire answers. It is closed at the end of the test.
func (w *wire) admin(t *testing.T, opts ...cometchat.Option) *cometchat.Admin {
	t.Helper()
	a, err := cometchat.NewAdmin(appID, apiKey, append([]cometchat.Option{
		cometchat.WithRegion("us"), cometchat.WithHTTPClient(&http.Client{Transport: w}),
	}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, a.Close()) })
	return a
}

// The example answers of the API's documentation.
const (
	docUser   = `{"uid":"cometchat-uid-6","name":"Barry Allen","link":"https://cometchat.com","avatar":"https://assets.cometchat.io/sampleapp/v2/groups/cometchat-guid-1.webp","metadata":{"rawMetadata":"{'gender':'Male'}"},"status":"offline","role":"manager","createdAt":1638354015,"tags":["Engineer","manager"],"authToken":"cometchat-uid-6_16383540156641d37a023c75d26f4c22a21ff126"}`
	docUsers  = `{"data":[{"uid":"cometchat-uid-6","name":"Barry Allen","link":"https://cometchat.com","avatar":"https://assets.cometchat.io/sampleapp/v2/groups/cometchat-guid-1.webp","metadata":{"email":"user@email.com","contactNumber":"0123456789"},"status":"offline","role":"manager","createdAt":1638354015,"updatedAt":1638354799,"conversationId":"cometchat-uid-4_user_cometchat-uid-6"},{"uid":"cometchat-uid-3","name":"George Alan","status":"offline","role":"default","blockedByMe":true,"blockedByMeAt":1638346853,"blockedAt":1638346853,"createdAt":1629869270,"updatedAt":1638351060,"conversationId":"cometchat-uid-3_user_cometchat-uid-4"}],"meta":{"pagination":{"total":0,"count":5,"per_page":100,"current_page":1,"total_pages":1}},"cursor":{"updatedAt":1638354799,"affix":"prepend"}}`
	docToken  = `{"data":{"uid":"cometchat-uid-1","authToken":"cometchat-uid-1_1630306819c3027ce530b2367f3c97b4106f0cb8","createdAt":1630306819}}`
	docTokens = `{"data":[{"uid":"cometchat-uid-1","authToken":"cometchat-uid-1_1630306819c3027ce530b2367f3c97b4106f0cb8","createdAt":1630306819}],"meta":{"pagination":{"total":1,"count":1,"per_page":100,"current_page":1,"total_pages":1}}}`
	docDone   = `{"data":{"success":true,"message":"Cleared Auth Tokens successfully for uid cometchat-uid-1."}}`

	docTokenValue = "cometchat-uid-1_1630306819c3027ce530b2367f3c97b4106f0cb8"
)

// TestAdminRequests makes every documented request about users and auth tokens, and checks its method, path, query, headers and
// body, and what the call returns for the documented answer.
func TestAdminRequests(t *testing.T) {
	t.Parallel()
	barry := &cometchat.User{
		UID: "cometchat-uid-6", Name: "Barry Allen", Link: "https://cometchat.com",
		Avatar: "https://assets.cometchat.io/sampleapp/v2/groups/cometchat-guid-1.webp", Role: "manager", Status: "offline",
		Metadata: json.RawMessage(`{"rawMetadata":"{'gender':'Male'}"}`), Tags: []string{"Engineer", "manager"},
		CreatedAt: time.Unix(1638354015, 0),
	}
	token := &cometchat.AuthToken{UID: uid1, Token: docTokenValue, CreatedAt: time.Unix(1630306819, 0)}
	six, one := "/users/cometchat-uid-6", "/users/cometchat-uid-1"
	tokenPath := one + "/auth_tokens/" + docTokenValue
	for name, tc := range map[string]struct {
		method, path, answer string
		query                url.Values
		body                 string
		call                 func(t *testing.T, a *cometchat.Admin) (any, error)
		want                 any
	}{
		"CreateUser": {
			method: "POST", path: "/users", answer: `{"data":` + docUser + `}`,
			body: `{"uid":"cometchat-uid-6","name":"Barry","tags":["x"],"metadata":{"a":1}}`, want: barry,
			call: func(t *testing.T, a *cometchat.Admin) (any, error) {
				t.Helper()
				return a.CreateUser(t.Context(), &cometchat.User{
					UID: "cometchat-uid-6", Name: "Barry", Tags: []string{"x"}, Metadata: json.RawMessage(`{"a":1}`), Status: "online",
				})
			},
		},
		"CreateUserWithAuthToken": {
			method: "POST", path: "/users", answer: `{"data":` + docUser + `}`,
			body: `{"uid":"cometchat-uid-6","name":"Barry","withAuthToken":true}`,
			want: "cometchat-uid-6_16383540156641d37a023c75d26f4c22a21ff126",
			call: func(t *testing.T, a *cometchat.Admin) (any, error) {
				t.Helper()
				u, authToken, err := a.CreateUserWithAuthToken(t.Context(), &cometchat.User{UID: "cometchat-uid-6", Name: "Barry"})
				assert.Equal(t, barry, u)
				return authToken, err
			},
		},
		"GetUser": {
			method: "GET", path: six, answer: `{"data":` + docUser + `}`, want: barry,
			call: func(t *testing.T, a *cometchat.Admin) (any, error) {
				t.Helper()
				return a.GetUser(t.Context(), "cometchat-uid-6")
			},
		},
		"UpdateUser, setting": {
			method: "PUT", path: six, answer: `{"data":` + docUser + `}`, want: barry,
			body: `{"name":"B","avatar":"https://a","link":"https://l","role":"r","statusMessage":"s","metadata":{"a":1},"tags":["t"]}`,
			call: func(t *testing.T, a *cometchat.Admin) (any, error) {
				t.Helper()
				return a.UpdateUser(t.Context(), "cometchat-uid-6", cometchat.UserUpdate{
					Name: new("B"), Avatar: new("https://a"), Link: new("https://l"), Role: new("r"), StatusMessage: new("s"),
					Metadata: json.RawMessage(`{"a":1}`), Tags: []string{"t"},
				})
			},
		},
		"UpdateUser, emptying": {
			method: "PUT", path: six, answer: `{"data":` + docUser + `}`, want: barry,
			body: `{"statusMessage":"","tags":[],"unset":["avatar","link","metadata"]}`,
			call: func(t *testing.T, a *cometchat.Admin) (any, error) {
				t.Helper()
				return a.UpdateUser(t.Context(), "cometchat-uid-6", cometchat.UserUpdate{
					Avatar: new(""), Link: new(""), StatusMessage: new(""), Metadata: json.RawMessage(`null`), Tags: []string{},
				})
			},
		},
		"UpdateUser, leaving all alone": {
			method: "PUT", path: six, answer: `{"data":` + docUser + `}`, want: barry, body: `{}`,
			call: func(t *testing.T, a *cometchat.Admin) (any, error) {
				t.Helper()
				return a.UpdateUser(t.Context(), "cometchat-uid-6", cometchat.UserUpdate{})
			},
		},
		"DeleteUser": {
			method: "DELETE", path: six, answer: docDone, body: `{"permanent":false}`,
			call: func(t *testing.T, a *cometchat.Admin) (any, error) {
				t.Helper()
				return nil, a.DeleteUser(t.Context(), "cometchat-uid-6")
			},
		},
		"DeleteUserPermanently": {
			method: "DELETE", path: six, answer: docDone, body: `{"permanent":true}`,
			call: func(t *testing.T, a *cometchat.Admin) (any, error) {
				t.Helper()
				return nil, a.DeleteUserPermanently(t.Context(), "cometchat-uid-6")
			},
		},
		"DeactivateUsers": {
			method: "DELETE", path: "/users", answer: `{"data":{"deactivatedUids":["cometchat-uid-2","cometchat-uid-3"]}}`,
			body: `{"uidsToDeactivate":["cometchat-uid-2","cometchat-uid-3"]}`, want: []string{uid2, "cometchat-uid-3"},
			call: func(t *testing.T, a *cometchat.Admin) (any, error) {
				t.Helper()
				return a.DeactivateUsers(t.Context(), []string{uid2, "cometchat-uid-3"})
			},
		},
		"ReactivateUsers": {
			method: "PUT", path: "/users", answer: `{"data":{"nonDeactivatedUids":["cometchat-uid-2","cometchat-uid-3"]}}`,
			body: `{"uidsToActivate":["cometchat-uid-2","cometchat-uid-3"]}`, want: []string{uid2, "cometchat-uid-3"},
			call: func(t *testing.T, a *cometchat.Admin) (any, error) {
				t.Helper()
				return a.ReactivateUsers(t.Context(), []string{uid2, "cometchat-uid-3"})
			},
		},
		"ListUsers": {
			method: "GET", path: "/users", answer: docUsers, query: url.Values{"perPage": {"100"}, "page": {"1"}},
			want: []string{"cometchat-uid-6", "cometchat-uid-3"},
			call: func(t *testing.T, a *cometchat.Admin) (any, error) {
				t.Helper()
				return uidsOf(a.ListUsers(t.Context(), cometchat.UserFilter{}))
			},
		},
		"ListUsers, filtered": {
			method: "GET", path: "/users", answer: docUsers, want: []string{"cometchat-uid-6", "cometchat-uid-3"},
			query: url.Values{
				"searchKey": {"b a"}, "searchIn": {"uid", "name"}, "status": {"available"}, "roles": {"a", "b"}, "tags": {"x,y"},
				"withTags": {"true"}, "onlyDeactivated": {"true"}, "withDeactivated": {"true"}, "perPage": {"7"}, "page": {"1"},
			},
			call: func(t *testing.T, a *cometchat.Admin) (any, error) {
				t.Helper()
				return uidsOf(a.ListUsers(t.Context(), cometchat.UserFilter{
					SearchKeyword: "b a", SearchIn: []string{"uid", "name"}, Status: cometchat.StatusOnline, Roles: []string{"a", "b"},
					Tags: []string{"x", "y"}, WithTags: true, OnlyDeactivated: true, WithDeactivated: true, Limit: 7,
				}))
			},
		},
		"ListUsers, of one role": {
			method: "GET", path: "/users", answer: docUsers, query: url.Values{"role": {"a"}, "perPage": {"100"}, "page": {"1"}},
			want: []string{"cometchat-uid-6", "cometchat-uid-3"},
			call: func(t *testing.T, a *cometchat.Admin) (any, error) {
				t.Helper()
				return uidsOf(a.ListUsers(t.Context(), cometchat.UserFilter{Roles: []string{"a"}}))
			},
		},
		"CreateAuthToken": {
			method: "POST", path: one + "/auth_tokens", answer: docToken, want: token,
			call: func(t *testing.T, a *cometchat.Admin) (any, error) {
				t.Helper()
				return a.CreateAuthToken(t.Context(), uid1)
			},
		},
		"ListAuthTokens": {
			method: "GET", path: one + "/auth_tokens", answer: docTokens, query: url.Values{"perPage": {"100"}, "page": {"1"}},
			want: []*cometchat.AuthToken{token},
			call: func(t *testing.T, a *cometchat.Admin) (any, error) {
				t.Helper()
				var all []*cometchat.AuthToken
				for listed, err := range a.ListAuthTokens(t.Context(), uid1) {
					if err != nil {
						return nil, err
					}
					all = append(all, listed)
				}
				return all, nil
			},
		},
		"GetAuthToken": {
			method: "GET", path: tokenPath, answer: docToken, want: token,
			call: func(t *testing.T, a *cometchat.Admin) (any, error) {
				t.Helper()
				return a.GetAuthToken(t.Context(), uid1, docTokenValue)
			},
		},
		"UpdateAuthToken": {
			method: "PUT", path: tokenPath, answer: docToken, want: token,
			body: `{"platform":"web","userAgent":"x","appInfo":{"version":"1"}}`,
			call: func(t *testing.T, a *cometchat.Admin) (any, error) {
				t.Helper()
				return a.UpdateAuthToken(t.Context(), uid1, docTokenValue, cometchat.AuthTokenUpdate{
					Platform: "web", UserAgent: "x", AppInfo: json.RawMessage(`{"version":"1"}`),
				})
			},
		},
		"DeleteAuthToken": {
			method: "DELETE", path: tokenPath, answer: docDone,
			call: func(t *testing.T, a *cometchat.Admin) (any, error) {
				t.Helper()
				return nil, a.DeleteAuthToken(t.Context(), uid1, docTokenValue)
			},
		},
		"FlushAuthTokens": {
			method: "DELETE", path: one + "/auth_tokens", answer: docDone,
			call: func(t *testing.T, a *cometchat.Admin) (any, error) {
				t.Helper()
				return nil, a.FlushAuthTokens(t.Context(), uid1)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			w.RegisterNoResponder(respond(200, tc.answer))
			got, err := tc.call(t, w.admin(t))
			require.NoError(t, err)
			if tc.want != nil {
				assert.Equal(t, tc.want, got)
			}
			requests := w.requests()
			require.Len(t, requests, 1)
			r := requests[0]
			u, err := url.Parse(r.URL)
			require.NoError(t, err)
			assert.Equal(t, tc.method, r.Method)
			assert.Equal(t, adminHost+tc.path, u.Scheme+"://"+u.Host+u.Path)
			assert.Equal(t, tc.query.Encode(), u.Query().Encode())
			assertHeaders(t, r, "Apikey", apiKey)
			assert.NotContains(t, r.Header, "Onbehalfof")
			if tc.body == "" {
				assert.Empty(t, r.Body)
			} else {
				assert.JSONEq(t, tc.body, r.Body)
			}
		})
	}
}

// TestDocumentedExamplesDecodeWithoutLoss decodes each documented example, encodes the result, and compares the two.
func TestDocumentedExamplesDecodeWithoutLoss(t *testing.T) {
	t.Parallel()
	var users struct{ Data []json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(docUsers), &users))
	require.Len(t, users.Data, 2)
	for _, example := range users.Data {
		var u cometchat.User
		require.NoError(t, json.Unmarshal(example, &u))
		again, err := json.Marshal(u)
		require.NoError(t, err)
		assert.JSONEq(t, string(example), string(again))
	}
	var u cometchat.User
	require.NoError(t, json.Unmarshal([]byte(docUser), &u))
	again, err := json.Marshal(u)
	require.NoError(t, err)
	const authToken = `,"authToken":"cometchat-uid-6_16383540156641d37a023c75d26f4c22a21ff126"`
	assert.JSONEq(t, strings.Replace(docUser, authToken, "", 1), string(again), "the call returns the token beside the user")

	var token struct{ Data json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(docToken), &token))
	var at cometchat.AuthToken
	require.NoError(t, json.Unmarshal(token.Data, &at))
	again, err = json.Marshal(at)
	require.NoError(t, err)
	assert.JSONEq(t, string(token.Data), string(again))
}

func TestOnBehalfOf(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.RegisterNoResponder(respond(200, data(user("u9"))))
	a := w.admin(t)
	_, err := a.OnBehalfOf(uid1).GetUser(t.Context(), "u9")
	require.NoError(t, err)
	assert.Equal(t, uid1, w.requests()[0].Header.Get("onBehalfOf"))
	_, err = a.OnBehalfOf(uid1).UpdateUser(t.Context(), "u9", cometchat.UserUpdate{})
	require.NoError(t, err)
	assert.NotContains(t, w.requests()[0].Header, "Onbehalfof", "the header goes out with the requests that the API documents it for")
	_, err = a.GetUser(t.Context(), "u9")
	require.NoError(t, err)
	assert.NotContains(t, w.requests()[0].Header, "Onbehalfof", "OnBehalfOf does not change the admin that it was called on")
	_, err = a.OnBehalfOf("a\r\nb").GetUser(t.Context(), "u9")
	require.ErrorIs(t, err, cometchat.ErrInvalidUID)
	assert.Empty(t, w.lines())
}

func TestNewAdminRefuses(t *testing.T) {
	t.Parallel()
	us := cometchat.WithRegion("us")
	for name, tc := range map[string]struct {
		appID, key string
		opts       []cometchat.Option
		kind       error
	}{
		"no key":          {appID, " ", []cometchat.Option{us}, cometchat.ErrMissingParameters},
		"a long key":      {appID, strings.Repeat("k", 101), []cometchat.Option{us}, cometchat.ErrBadRequest},
		"no app id":       {"", apiKey, []cometchat.Option{us}, cometchat.ErrMissingParameters},
		"no region":       {appID, apiKey, nil, cometchat.ErrMissingParameters},
		"a session store": {appID, apiKey, []cometchat.Option{us, cometchat.WithSessionStore(cometchat.NewMemorySessionStore())}, cometchat.ErrBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := cometchat.NewAdmin(tc.appID, tc.key, tc.opts...)
			assert.Nil(t, a)
			require.ErrorIs(t, err, tc.kind)
			assert.Equal(t, "NewAdmin", asError(err).Op)
		})
	}
	a, err := cometchat.NewAdmin(appID, apiKey, cometchat.WithAdminHost("https://a.example.com"))
	require.NoError(t, err, "an admin calls one host")
	require.NoError(t, a.Close())
}

// everyAdminCall makes each call of an Admin with these arguments, and returns their errors.
func everyAdminCall(t *testing.T, a *cometchat.Admin, uid, token string) map[string]error {
	t.Helper()
	ctx, u, errs := t.Context(), &cometchat.User{UID: uid, Name: "x"}, map[string]error{}
	_, errs["CreateUser"] = a.CreateUser(ctx, u)
	_, _, errs["CreateUserWithAuthToken"] = a.CreateUserWithAuthToken(ctx, u)
	_, errs["GetUser"] = a.GetUser(ctx, uid)
	_, errs["UpdateUser"] = a.UpdateUser(ctx, uid, cometchat.UserUpdate{Name: new("y")})
	_, errs["EnsureUser"] = a.EnsureUser(ctx, u)
	errs["DeleteUser"] = a.DeleteUser(ctx, uid)
	errs["DeleteUserPermanently"] = a.DeleteUserPermanently(ctx, uid)
	_, errs["DeactivateUsers"] = a.DeactivateUsers(ctx, []string{uid})
	_, errs["ReactivateUsers"] = a.ReactivateUsers(ctx, []string{uid})
	_, errs["CreateAuthToken"] = a.CreateAuthToken(ctx, uid)
	for _, err := range a.ListAuthTokens(ctx, uid) {
		errs["ListAuthTokens"] = err
	}
	_, errs["GetAuthToken"] = a.GetAuthToken(ctx, uid, token)
	_, errs["UpdateAuthToken"] = a.UpdateAuthToken(ctx, uid, token, cometchat.AuthTokenUpdate{Platform: "p"})
	errs["DeleteAuthToken"] = a.DeleteAuthToken(ctx, uid, token)
	errs["FlushAuthTokens"] = a.FlushAuthTokens(ctx, uid)
	return errs
}

func TestAdminBadInput(t *testing.T) {
	t.Parallel()
	w := newWire()
	a := w.admin(t)
	for bad, kind := range map[string]error{
		"": cometchat.ErrMissingParameters, "  ": cometchat.ErrMissingParameters, "..": cometchat.ErrInvalidUID,
		strings.Repeat("x", 101): cometchat.ErrInvalidUID, "a\nb": cometchat.ErrInvalidUID,
	} {
		for name, err := range everyAdminCall(t, a, bad, "token") {
			require.ErrorIs(t, err, kind, "%s with uid %q", name, bad)
			assert.Equal(t, name, asError(err).Op)
		}
	}
	for bad, kind := range map[string]error{
		"": cometchat.ErrMissingParameters, "..": cometchat.ErrBadRequest, "a\nb": cometchat.ErrBadRequest,
		strings.Repeat("x", 1025): cometchat.ErrBadRequest,
	} {
		_, get := a.GetAuthToken(t.Context(), uid1, bad)
		_, update := a.UpdateAuthToken(t.Context(), uid1, bad, cometchat.AuthTokenUpdate{})
		for _, err := range []error{get, update, a.DeleteAuthToken(t.Context(), uid1, bad)} {
			require.ErrorIs(t, err, kind, "token %q", bad)
		}
	}
	for name, update := range map[string]cometchat.UserUpdate{
		"no name": {Name: new(" ")}, "no role": {Role: new("")}, "a long name": {Name: new(strings.Repeat("x", 101))},
		"bad metadata": {Metadata: json.RawMessage(`{`)}, "a long tag": {Tags: []string{strings.Repeat("x", 101)}},
	} {
		_, err := a.UpdateUser(t.Context(), uid1, update)
		require.Error(t, err, name)
		assert.True(t, errors.Is(err, cometchat.ErrBadRequest) || errors.Is(err, cometchat.ErrMissingParameters), name)
	}
	_, err := a.UpdateAuthToken(t.Context(), uid1, "t", cometchat.AuthTokenUpdate{AppInfo: json.RawMessage(`{`)})
	require.ErrorIs(t, err, cometchat.ErrBadRequest)
	_, err = a.CreateUser(t.Context(), nil)
	require.ErrorIs(t, err, cometchat.ErrMissingParameters)
	assert.Empty(t, w.lines())
}

func TestAdminThatIsClosedOrNotMadeByNewAdmin(t *testing.T) {
	t.Parallel()
	w := newWire()
	closed := w.admin(t)
	require.NoError(t, closed.Close())
	var none *cometchat.Admin
	for a, kind := range map[*cometchat.Admin]error{closed: cometchat.ErrClosed, none: cometchat.ErrNotInitialized, {}: cometchat.ErrNotInitialized} {
		for name, err := range everyAdminCall(t, a, uid1, "token") {
			require.ErrorIs(t, err, kind, name)
		}
		require.NoError(t, a.Close())
	}
	assert.Empty(t, w.lines())
}

func TestAdminSecretsAreNeverShown(t *testing.T) {
	t.Parallel()
	for name, responder := range map[string]httpmock.Responder{
		"an echo": func(r *http.Request) (*http.Response, error) {
			return httpmock.NewJsonResponse(400, refusal("ERR_AUTH_TOKEN_NOT_FOUND",
				r.Header.Get("apikey")+" and "+r.URL.Path+" at "+r.URL.String()))
		},
		"no answer":      func(r *http.Request) (*http.Response, error) { return nil, fmt.Errorf("no route to %s", r.URL) },
		"half a success": respond(200, `{"data":{"uid":"u9","authToken":"`+strings.ReplaceAll(canaryToken, `"`, `\"`)+`","x":"`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			w.RegisterNoResponder(responder)
			var log bytes.Buffer
			a, err := cometchat.NewAdmin(appID, canaryKey, cometchat.WithRegion("us"), once,
				cometchat.WithHTTPClient(&http.Client{Transport: w}), cometchat.WithLogger(
					slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
			require.NoError(t, err)
			defer func() { assert.NoError(t, a.Close()) }()
			assertUnprintable(t, a)
			assertUnprintable(t, a.OnBehalfOf("u"))
			assertUnprintable(t, struct{ hidden *cometchat.Admin }{a})
			assertUnprintable(t, *a)
			assertUnprintable(t, struct{ hidden cometchat.Admin }{*a})
			for name, err := range everyAdminCall(t, a, "u9", canaryToken) {
				if name == "ListAuthTokens" || err != nil {
					assertUnprintable(t, err)
				}
			}
			h := tokenHandler(t, a, fromHeader, cometchat.WithNewUsers(nil))
			resp, answer := ask(t.Context(), t, h, "u9", "")
			assert.GreaterOrEqual(t, resp.Code, 400)
			assertNoSecret(t, "the handler's answer", fmt.Sprint(answer, resp.Header()))
			assertUnprintable(t, h)
			assert.NotEmpty(t, log.String())
			assertNoSecret(t, "the log", log.String())
		})
	}
	token := cometchat.AuthToken{UID: uid1, Token: canaryToken}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
		assertNoSecret(t, verb, fmt.Sprintf(verb, token)+fmt.Sprintf(verb, &token))
	}
	assertNoSecret(t, "slog", token.LogValue().String())
}

func TestOnBehalfOfIsForGetUserAlone(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		if r.Header.Get("onBehalfOf") != "" {
			return respond(404, refusal("ERR_UID_NOT_FOUND", "no such viewer"))(r)
		}
		return respond(200, data(user("u9")))(r)
	})
	a := w.admin(t).OnBehalfOf("nobody")
	_, err := a.GetUser(t.Context(), "u9")
	require.ErrorIs(t, err, cometchat.ErrUIDNotFound)
	_, err = a.EnsureUser(t.Context(), &cometchat.User{UID: "u9", Name: "Name u9"})
	require.NoError(t, err)
}
