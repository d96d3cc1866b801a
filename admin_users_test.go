package cometchat_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// manyUIDs returns uids whose requests have to be cut: some are much longer in JSON than in characters.
func manyUIDs() []string {
	uids := make([]string, 300)
	for i := range uids {
		uids[i] = fmt.Sprint("u", i)
		if i%2 == 0 {
			uids[i] += strings.Repeat("\U0001f600", 90)
		}
	}
	return uids
}

// ofBatch answers a request about many users, whose list is in the field, unless its body is larger than the API allows. From
// the request number refuse on, it refuses.
func ofBatch(t *testing.T, field string, refuse int, answer func(uids []string) any) httpmock.Responder {
	t.Helper()
	calls := 0
	return func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		assert.LessOrEqual(t, len(body), 10_000, "the body is larger than 10 KB")
		var sent map[string][]string
		if err := json.Unmarshal(body, &sent); err != nil {
			return nil, err
		}
		if calls++; calls == refuse {
			return httpmock.NewJsonResponse(400, refusal("ERR_BAD_REQUEST", "no"))
		}
		return httpmock.NewJsonResponse(200, data(answer(sent[field])))
	}
}

func TestActivationInBatches(t *testing.T) {
	t.Parallel()
	uids := manyUIDs()
	w := newWire()
	echo := func(uids []string) any { return object{"deactivatedUids": uids} }
	w.RegisterResponder("DELETE", adminHost+"/users", ofBatch(t, "uidsToDeactivate", 0, echo))
	done, err := w.admin(t).DeactivateUsers(t.Context(), uids)
	require.NoError(t, err)
	assert.Equal(t, uids, done)
	assert.Len(t, w.lines(), 6, "no more requests than the limit demands")

	w.RegisterResponder("DELETE", adminHost+"/users", ofBatch(t, "uidsToDeactivate", 3, echo))
	done, err = w.admin(t).DeactivateUsers(t.Context(), uids)
	require.ErrorIs(t, err, cometchat.ErrBadRequest)
	assert.NotEmpty(t, done)
	assert.Equal(t, uids[:len(done)], done, "the call returns the uids that were deactivated")
	assert.Len(t, w.lines(), 3)

	_, err = w.admin(t).ReactivateUsers(t.Context(), nil)
	require.ErrorIs(t, err, cometchat.ErrMissingParameters)
	_, err = w.admin(t).ReactivateUsers(t.Context(), []string{"a", ".."})
	require.ErrorIs(t, err, cometchat.ErrInvalidUID)
	assert.Empty(t, w.lines())
}

func TestEnsureUser(t *testing.T) {
	t.Parallel()
	userURL := adminHost + "/users/u9"
	missing := respond(404, refusal("ERR_UID_NOT_FOUND", "no"))
	taken := respond(400, refusal("ERR_UID_ALREADY_EXISTS", "taken"))
	there := object{"uid": "u9", "name": "Nine", "role": "default", "metadata": object{"a": 1}, "tags": []string{"x"}}
	want := &cometchat.User{UID: "u9", Name: "Nine", Metadata: json.RawMessage(`{ "a": 1 }`), Tags: []string{"x"}}
	for name, tc := range map[string]struct {
		get, post, put httpmock.Responder
		want           *cometchat.User
		requests       []string
		body           string // of the last request
		err            error
	}{
		"is there":                         {get: respond(200, data(there)), want: want, requests: []string{"GET"}},
		"is there, with other values":      {get: respond(200, data(there)), put: respond(200, data(there)), want: &cometchat.User{UID: "u9", Name: "Ten", Avatar: "https://a"}, requests: []string{"GET", "PUT"}, body: `{"name":"Ten","avatar":"https://a"}`},
		"is not there":                     {get: missing, post: respond(200, data(there)), want: want, requests: []string{"GET", "POST"}, body: `{"uid":"u9","name":"Nine","metadata":{"a":1},"tags":["x"]}`},
		"comes in between":                 {get: missing.Then(respond(200, data(there))), post: taken, want: want, requests: []string{"GET", "POST", "GET"}},
		"is created at the second attempt": {get: missing, post: respond(503, "").Then(respond(200, data(there))), want: want, requests: []string{"GET", "POST", "POST"}},
		"is created, and the answer lost":  {get: missing.Then(respond(200, data(there))), post: httpmock.NewErrorResponder(errReset).Then(taken), want: want, requests: []string{"GET", "POST", "POST", "GET"}},
		"is deactivated":                   {get: missing, post: taken, want: want, requests: []string{"GET", "POST", "GET"}, err: cometchat.ErrUIDAlreadyExists},
		"cannot be asked for":              {get: respond(403, refusal("AUTH_ERR_NO_ACCESS", "no")), want: want, requests: []string{"GET"}, err: cometchat.ErrNoAccess},
		"cannot be created":                {get: missing, post: respond(403, refusal("AUTH_ERR_NO_ACCESS", "no")), want: want, requests: []string{"GET", "POST"}, err: cometchat.ErrNoAccess},
		"cannot be updated":                {get: respond(200, data(there)), put: respond(400, refusal("ERR_BAD_REQUEST", "no")), want: &cometchat.User{UID: "u9", Name: "Ten"}, requests: []string{"GET", "PUT"}, err: cometchat.ErrBadRequest},
		"has no name":                      {want: &cometchat.User{UID: "u9"}, requests: []string{}, err: cometchat.ErrMissingParameters},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			w.RegisterResponder("GET", userURL, tc.get)
			w.RegisterResponder("POST", adminHost+"/users", tc.post)
			w.RegisterResponder("PUT", userURL, tc.put)
			u, err := w.admin(t, atOnce).EnsureUser(t.Context(), tc.want)
			requests := w.requests()
			methods := []string{}
			for _, r := range requests {
				methods = append(methods, r.Method)
			}
			assert.Equal(t, tc.requests, methods)
			if tc.body != "" {
				assert.JSONEq(t, tc.body, requests[len(requests)-1].Body)
			}
			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
				assert.Equal(t, "EnsureUser", asError(err).Op)
				assert.Nil(t, u)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, "u9", u.UID)
		})
	}
}
