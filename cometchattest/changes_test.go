package cometchattest_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// state returns what Save writes.
func state(t *testing.T, s *cometchattest.Server) string {
	t.Helper()
	var saved bytes.Buffer
	require.NoError(t, s.Save(&saved))
	return saved.String()
}

// TestChanges makes every call of the server: Changes has to grow if what Save writes has changed.
func TestChanges(t *testing.T) {
	t.Parallel()
	const body = `{"uid":"new","name":"N","statusMessage":"s","platform":"GO","accepted":["cometchat-uid-2"],
		"friends":["cometchat-uid-1"],"blockedUids":["cometchat-uid-3","cometchat-uid-5"],"uidsToActivate":["cometchat-uid-4"],
		"uidsToDeactivate":["cometchat-uid-2"],"receiver":"cometchat-uid-1","receiverType":"user","category":"message",
		"type":"text","data":{"text":"hi"},"interactions":["e"],"tags":["t"],"messageId":1,"reasonId":"spam","role":"nurse",
		"users":{"new":{"uid":"new","name":"N"}},"groups":{"new":{"guid":"new","name":"N","type":"public"}},
		"members":{"club_member_cometchat-uid-5":{"memberId":"club_member_cometchat-uid-5","guid":"club","uid":"cometchat-uid-5"}},
		"messages":{"m":{"muid":"m","sender":"ada","receiver":"cometchat-uid-1","receiverType":"user","category":"message","type":"text",
		"data":{"text":"hi"},"sentAt":"1673421419"}}}`
	const groupBody = `{"guid":"new","name":"N","type":"public","owner":"cometchat-uid-1","scope":"admin","tags":["t"],
		"participants":["cometchat-uid-5"],"messageId":3}`
	reads := map[string]bool{"POST /user_sessions": true, "POST /online-members": true, "POST /ping": true, "POST /files/upload-url": true, "POST /media": true}
	for _, route := range cometchattest.Routes() {
		method, path, _ := strings.Cut(route, " ")
		changed := false
		for _, credential := range []string{"apikey", "authtoken"} {
			s := cometchattest.New()
			s.AddUser(&cometchat.User{UID: "ada", Name: "Ada"})
			s.MakeFriends("ada", uid(1))
			token := s.CreateAuthToken("ada")
			s.ServeHTTP(httptest.NewRecorder(), request(t, s, "POST", "/users/ada/blockedusers", `{"blockedUids":["cometchat-uid-3"]}`))
			s.ServeHTTP(httptest.NewRecorder(), request(t, s, "DELETE", "/users/cometchat-uid-4", ""))
			r := request(t, s, method, strings.NewReplacer("{uid}", "ada", "{authToken}", token, "{id}", "1", "{guid}", "club", "{role}", "nurse").Replace(path), body)
			if strings.HasPrefix(path, "/groups") {
				r.Body = io.NopCloser(strings.NewReader(groupBody))
				r.URL.Path = strings.Replace(r.URL.Path, "ada", uid(1), 1)
			}
			if path == "/roles/{role}" {
				s.ServeHTTP(httptest.NewRecorder(), request(t, s, "POST", "/roles", `{"role":"nurse","name":"Nurse"}`))
			}
			talk(t, s, route)
			gather(t, s, route)
			r.Header.Set("onBehalfOf", "ada")
			if strings.HasPrefix(path, "/users/{uid}/conversation") {
				r.URL.Path = strings.Replace(r.URL.Path, "ada", uid(1), 1)
			}
			if credential == "authtoken" {
				r.Header.Del("apikey")
				r.Header.Set("authtoken", token)
			}
			before, number := state(t, s), s.Changes()
			s.ServeHTTP(httptest.NewRecorder(), r)
			switch {
			case state(t, s) != before:
				changed = true
				assert.Greater(t, s.Changes(), number, route)
			case method == "GET" || reads[route]:
				assert.Equal(t, number, s.Changes(), route)
			}
			s.Close()
		}
		assert.Equal(t, method != "GET" && !reads[route], changed, "%s: this test has to make the call succeed", route)
	}
}

// talk sends messages between ada and the first user. For a route that undoes something, ada does it before.
func talk(t *testing.T, s *cometchattest.Server, route string) {
	t.Helper()
	behalf := func(sender, path, body string) {
		r := request(t, s, "POST", path, body)
		r.Header.Set("onBehalfOf", sender)
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	for _, sender := range []string{"ada", uid(1)} {
		receiver := map[string]string{"ada": uid(1), uid(1): "ada"}[sender]
		behalf(sender, "/messages", `{"receiver":"`+receiver+`","receiverType":"user","category":"interactive","type":"form",
			"data":{"interactiveData":{}}}`)
	}
	switch route {
	case "DELETE /users/{uid}/conversation/pin":
		behalf("ada", "/users/cometchat-uid-1/conversation/pin", "")
	case "DELETE /users/{uid}/conversation/read":
		behalf("ada", "/users/cometchat-uid-1/conversation/read", "")
	case "DELETE /messages/{id}/pin", "DELETE /messages/{id}/save", "DELETE /messages/{id}/reactions/{reaction}":
		behalf("ada", strings.Replace(strings.TrimPrefix(route, "DELETE "), "{id}", "1", 1), "")
	}
}

// gather makes the group club, of ada and of the first user, who has sent a message. One of them owns it.
func gather(t *testing.T, s *cometchattest.Server, route string) {
	t.Helper()
	behalf := func(caller, path, body string) {
		r := request(t, s, "POST", path, body)
		r.Header.Set("onBehalfOf", caller)
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	owner, other := "ada", uid(1)
	if route == "DELETE /groups/{guid}/members" {
		owner, other = other, owner
	}
	behalf(owner, "/groups", `{"guid":"club","name":"Club","type":"public","members":{"participants":["`+other+`"]}}`)
	behalf(uid(1), "/messages", `{"receiver":"club","receiverType":"group","category":"message","type":"text","data":{"text":"hi"}}`)
	switch route {
	case "DELETE /groups/{guid}/conversation/pin", "DELETE /groups/{guid}/conversation/read":
		behalf("ada", strings.Replace(strings.TrimPrefix(route, "DELETE "), "{guid}", "club", 1), "")
	case "DELETE /groups/{guid}/bannedusers/{uid}":
		behalf("ada", "/groups/club/bannedusers/cometchat-uid-1", "")
	}
}

// request returns a request with the REST API key, for ServeHTTP.
func request(t *testing.T, s *cometchattest.Server, method, path, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "/v3"+path, strings.NewReader(body))
	r.Header.Set("appid", s.AppID)
	r.Header.Set("apikey", s.APIKey)
	return r
}

// TestChangesWithoutRequests has the changes that a test makes, and those of live connections.
func TestChangesWithoutRequests(t *testing.T) {
	t.Parallel()
	s := started(t)
	var l *live
	for _, step := range []struct {
		what   string
		change func()
	}{
		{"AddUser", func() { s.AddUser(&cometchat.User{UID: "eve", Name: "Eve"}) }},
		{"SendMessage", func() { s.SendMessage(uid(1), uid(2), "hi") }},
		{"ModerateMessage", func() { s.ModerateMessage("1", cometchat.ModerationPending) }},
		{"MakeFriends", func() { s.MakeFriends("eve", uid(2)) }},
		{"CreateAuthToken", func() { s.CreateAuthToken(uid(1)) }},
		{"RevokeTokens", func() { s.RevokeTokens(uid(1)) }},
		{"DeleteUser", func() { s.DeleteUser("eve") }},
		{"a connection begins", func() { l = connected(t, s, s.CreateAuthToken(uid(2)), "d", "") }},
		{"a connection ends", func() { s.DropSockets() }},
		{"Load", func() { assert.NoError(t, s.Load(strings.NewReader(`{"users":[]}`))) }},
	} {
		before, number := state(t, s), s.Changes()
		step.change()
		assert.NotEqual(t, before, state(t, s), step.what)
		assert.Greater(t, s.Changes(), number, step.what)
	}
	_, _ = l.closed()
}
