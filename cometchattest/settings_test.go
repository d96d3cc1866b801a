package cometchattest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
)

// settingsOf makes a GET /settings with an auth token.
func settingsOf(t *testing.T, s *cometchattest.Server, token string) object {
	t.Helper()
	status, answer := call(t, s, "GET", "/v3.0/settings", "", headers{"authtoken": token})
	return data(t, status, answer)
}

func TestSetSocketHost(t *testing.T) {
	t.Parallel()
	s := started(t)
	token := s.CreateAuthToken(uid(1))
	before := settingsOf(t, s, token)
	s.SetSocketHost("socket.test:9999")
	moved := settingsOf(t, s, token)
	for _, key := range []string{"CHAT_HOST", "CHAT_HOST_APP_SPECIFIC", "CHAT_HOST_OVERRIDE"} {
		assert.Equal(t, "socket.test", moved[key], key)
	}
	assert.InDelta(t, 9999, moved["CHAT_WSS_PORT"], 0)
	assert.Equal(t, before["CLIENT_API_HOST"], moved["CLIENT_API_HOST"])
	assert.NotEqual(t, before["settingsHash"], moved["settingsHash"])
	s.SetSocketHost("[::1]:9999")
	assert.Equal(t, "[::1]", settingsOf(t, s, token)["CHAT_HOST"])
	s.SetSocketHost("")
	after := settingsOf(t, s, token)
	after["settingsHashReceivedAt"] = before["settingsHashReceivedAt"]
	assert.Equal(t, before, after)
}

func TestSettingsInLogin(t *testing.T) {
	t.Parallel()
	at := newClock().now
	s := started(t, cometchattest.WithSettingsInLogin(), cometchattest.WithClock(func() time.Time { return at }))
	token := s.CreateAuthToken(uid(1))
	for _, method := range []string{"PUT", "GET"} {
		status, answer := call(t, s, method, "/v3.0/me", "", headers{"authtoken": token})
		assert.Equal(t, settingsOf(t, s, token), data(t, status, answer)["settings"])
	}
	without := started(t)
	status, answer := me(t, without, without.CreateAuthToken(uid(1)), "")
	assert.NotContains(t, data(t, status, answer), "settings")
}

func TestSettingsThatFail(t *testing.T) {
	t.Parallel()
	s := started(t)
	token := s.CreateAuthToken(uid(1))
	fault := s.InjectFault(cometchattest.Fault{Method: "GET", Path: "/settings", Status: http.StatusInternalServerError, Body: "{}", Times: 1})
	status, _ := call(t, s, "GET", "/v3.0/settings", "", headers{"authtoken": token})
	assert.Equal(t, http.StatusInternalServerError, status)
	assert.Equal(t, 1, fault.Count())
	assert.NotEmpty(t, settingsOf(t, s, token))
}

func TestOnlineMembers(t *testing.T) {
	t.Parallel()
	seen := make(chan cometchattest.Event, 100)
	s := started(t, cometchattest.WithObserver(func(e cometchattest.Event) { seen <- e }))
	jwt := jwtOf(t, s, s.CreateAuthToken(uid(1)))
	count := func(path, jwt, body string) (int, object) {
		return call(t, s, "POST", path, body, headers{"appid": s.AppID, "authorization": jwt})
	}
	online := func() object {
		status, answer := count("/api/v3.0/online-members", jwt, "")
		return data(t, status, answer)
	}
	assert.Equal(t, object{"onlineUsersCount": 0.0}, online(), "a login is no live connection")
	for _, token := range []string{s.CreateAuthToken(uid(1)), s.CreateAuthToken(uid(2)), s.CreateAuthToken(uid(2))} {
		connected(t, s, token, "d", "")
	}
	dialed(t, s)
	assert.Equal(t, object{"onlineUsersCount": 2.0}, online(), "two users with three connections")
	must(t, s, "POST", "/groups", `{"guid":"g1","name":"G","type":"public","owner":"cometchat-uid-1"}`)
	status, answer := count("/api/v3/online-members", jwt, `{"groups":["G1","g2"]}`)
	assert.Equal(t, object{"onlineUsersCount": 2.0, "groups": object{"G1": 1.0, "g2": 0.0}}, data(t, status, answer))
	s.DropSockets(uid(2))
	assert.Equal(t, object{"onlineUsersCount": 1.0}, online())

	for _, bad := range []string{"", "Bearer " + jwt, "no jwt", s.APIKey} {
		status, answer := count("/api/v3.0/online-members", bad, "")
		assertRefused(t, status, answer, http.StatusUnauthorized, "ERR_NO_AUTH", "jwt")
	}
	status, answer = count("/api/v3.0/online-members", jwt, `{"groups":"g1"}`)
	assertRefused(t, status, answer, http.StatusBadRequest, "ERR_BAD_REQUEST", "")
	status, answer = count("/v3.0/online-members", jwt, "")
	assertRefused(t, status, answer, http.StatusNotFound, "ERR_API_NOT_FOUND", "")
	status, answer = count("/api/v3.0/users", jwt, "")
	assertRefused(t, status, answer, http.StatusNotFound, "ERR_API_NOT_FOUND", "")
	status, answer = count("/api/v1.0/online-members", jwt, "")
	assertRefused(t, status, answer, http.StatusNotFound, "ERR_INVALID_API_VERSION", "v1.0")

	fault := s.InjectFault(cometchattest.Fault{Method: "POST", Path: "/online-members", Status: http.StatusBadGateway, Body: "{}", Times: 1})
	status, _ = count("/api/v3.0/online-members", jwt, "")
	assert.Equal(t, http.StatusBadGateway, status)
	assert.Equal(t, 1, fault.Count())
	assert.NotEmpty(t, s.Requests(cometchattest.To("POST", "/online-members")))

	s.Advance(24 * time.Hour)
	status, answer = count("/api/v3.0/online-members", jwt, "")
	assertRefused(t, status, answer, http.StatusUnauthorized, "ERR_NO_AUTH", "jwt")
	for e := range seen {
		if e.Path == "/api/v3.0/online-members" {
			assert.Equal(t, uid(1), e.UID)
			break
		}
	}
}

// TestAnalyticsPing makes the ping of the official JavaScript SDK, at the address that the settings name.
func TestAnalyticsPing(t *testing.T) {
	t.Parallel()
	s := started(t)
	token := s.CreateAuthToken(uid(1))
	jwt := jwtOf(t, s, token)
	settings := settingsOf(t, s, token)
	path := "/" + settings["ANALYTICS_VERSION"].(string) + "/ping"
	ping := func(authorization string) (int, object) {
		return call(t, s, "POST", path, `{"uid":"cometchat-uid-1"}`, headers{"appid": s.AppID, "authorization": authorization})
	}
	status, answer := ping("Bearer " + jwt)
	assert.Equal(t, true, data(t, status, answer)["success"])
	assert.Len(t, s.Requests(cometchattest.To("POST", "/ping")), 1)
	for _, bad := range []string{"", "Bearer ", "Bearer no jwt", "Bearer " + s.APIKey} {
		status, answer = ping(bad)
		assertRefused(t, status, answer, http.StatusUnauthorized, "ERR_NO_AUTH", "jwt")
	}
	status, answer = call(t, s, "POST", "/v3.0/ping", "", headers{"appid": s.AppID, "authorization": "Bearer " + jwt})
	assertRefused(t, status, answer, http.StatusNotFound, "ERR_API_NOT_FOUND", "")
	s.Advance(24 * time.Hour)
	status, answer = ping("Bearer " + jwt)
	assertRefused(t, status, answer, http.StatusUnauthorized, "ERR_NO_AUTH", "jwt") // with this code the SDK asks for a new jwt
}

// TestParameters has the limits that TestLimitsOfMarks and TestPinnedConversations reach.
func TestParameters(t *testing.T) {
	t.Parallel()
	s := started(t)
	assert.Equal(t, object{
		"features.ux.messages.pinned.enabled": true, "features.ux.messages.pinned.limit": 100.0,
		"features.ux.messages.saved.enabled": true, "features.ux.messages.saved.limit": 100.0,
		"features.ux.conversations.pinned.enabled": true, "features.ux.conversations.pinned.limit": 5.0,
		"core.conversations.updateOnReplies": true, "core.conversations.updateOnCustomMessage": true,
		"core.conversations.updateOnGroupActions": false, "core.conversations.updateOnCallActivity": false,
	}, settingsOf(t, s, s.CreateAuthToken(uid(1)))["parameters"])
}
