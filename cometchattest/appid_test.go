package cometchattest_test

import (
	"net/http"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDocumentedCurl makes the requests of CometChat's pages on creating a user and an auth token, with the headers of their
// curl lines and no other.
func TestDocumentedCurl(t *testing.T) {
	t.Parallel()
	s := started(t)
	must := func(path, body string) object {
		status, answer := call(t, s, "POST", "/v3"+path, body,
			headers{"apikey": s.APIKey, "Content-Type": "application/json", "accept": "application/json"})
		return data(t, status, answer)
	}
	for _, tc := range []struct {
		path, body string
		want       object
	}{
		{"/users", `{"uid":"barry","name":"Barry Allen"}`, object{"uid": "barry", "name": "Barry Allen", "role": "default"}},
		{"/users", `{"metadata":{"@private":{"email":"user@email.com","contactNumber":"0123456789"}},"uid":"wally","name":"Wally West",
			"avatar":"https://example.com/wally.png","link":"https://example.com/wally","role":"default","statusMessage":"Running",
			"tags":["runner"],"withAuthToken":true}`, object{"uid": "wally", "statusMessage": "Running", "tags": []any{"runner"}}},
		{"/users/barry/auth_tokens", "", object{"uid": "barry"}},
		{"/users/barry/auth_tokens", `{}`, object{"uid": "barry"}},
		{"/users/barry/auth_tokens", `{"force":true}`, object{"uid": "barry"}},
	} {
		got := must(tc.path, tc.body)
		for name, value := range tc.want {
			assert.Equal(t, value, got[name], "%s in the answer to %s %s", name, tc.path, tc.body)
		}
	}
	token, _ := must("/users/wally/auth_tokens", `{"force":true}`)["authToken"].(string)
	status, answer := call(t, s, "PUT", "/v3/me", "", headers{"authtoken": token})
	assert.Equal(t, "wally", data(t, status, answer)["uid"])
}

func TestAppID(t *testing.T) {
	t.Parallel()
	s := started(t)
	token := s.CreateAuthToken(uid(1))
	status, answer := call(t, s, "PUT", "/v3/me", "", headers{"appid": "other", "authtoken": token})
	assertRefused(t, status, answer, 401, "AUTH_ERR_INVALID_APPID", "other")
	preflight, err := send(t, "OPTIONS", s.URL+"/v3/users", "", headers{"Origin": "https://app.test", "Access-Control-Request-Method": "PUT"})
	require.NoError(t, err)
	assert.Equal(t, http.StatusNoContent, preflight.status, "a browser sends no appid header before the call")

	for app, code := range map[string]string{"": "200", s.AppID: "200", "other": "401"} {
		l := dialed(t, s)
		l.send(object{"appId": app, "type": "auth", "body": object{"auth": jwtOf(t, s, token)}})
		body, _ := l.next()["body"].(object)
		assert.Equal(t, code, body["code"], "an auth frame with the appId %q", app)
		if code == "401" {
			closed, reason := l.closed()
			assert.Equal(t, websocket.StatusPolicyViolation, closed)
			assert.Equal(t, "the app does not exist in this region", reason)
		}
	}
}
