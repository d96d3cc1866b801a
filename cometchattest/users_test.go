package cometchattest_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
)

func TestCreateUserWithAuthToken(t *testing.T) {
	t.Parallel()
	s := started(t)
	plain := must(t, s, "POST", "/users", `{"uid":"plain","name":"P","withAuthToken":false}`)
	assert.NotContains(t, plain, "authToken")
	assert.NotContains(t, plain, "deactivatedAt")
	created := must(t, s, "POST", "/users", `{"uid":"Ada","name":"Ada","withAuthToken":true,"unset":["avatar"],"avatar":"https://a"}`)
	assert.Equal(t, "https://a", created["avatar"], "there is nothing to unset yet")
	token, _ := created["authToken"].(string)
	assert.Regexp(t, `^ada_\d{10}[0-9a-f]{30}$`, token)
	status, answer := me(t, s, token, "")
	assert.Equal(t, "ada", data(t, status, answer)["uid"])
}

// TestCreateUserOnce creates the same user from many goroutines. Only one succeeds.
func TestCreateUserOnce(t *testing.T) {
	t.Parallel()
	s := started(t)
	var created, taken atomic.Int32
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			switch status, answer := admin(t, s, "POST", "/users", `{"uid":"one","name":"One"}`); status {
			case http.StatusOK:
				created.Add(1)
			default:
				assertRefused(t, status, answer, 400, "ERR_UID_ALREADY_EXISTS", "one")
				taken.Add(1)
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, 1, created.Load())
	assert.EqualValues(t, 15, taken.Load())
}

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := started(t, clock.option())
	must(t, s, "POST", "/users", `{"uid":"ada","name":"Ada","avatar":"https://a","link":"https://l","role":"Chief","metadata":{"a":1},"tags":["x"]}`)
	clock.pass(time.Minute)

	u := must(t, s, "PUT", "/users/ADA", `{"name":null,"metadata":null,"tags":null}`)
	assert.Equal(t, "Ada", u["name"], "a null field counts as absent")
	assert.Equal(t, object{"a": 1.0}, u["metadata"])
	assert.Equal(t, []any{"x"}, u["tags"])
	assert.Equal(t, "chief", u["role"], "roles are lower-cased")
	assert.NotContains(t, u, "updatedAt", "nothing was updated")

	u = must(t, s, "PUT", "/users/ada", `{"metadata":{"b":2},"tags":[],"unset":["avatar","link"],"link":"https://other","uid":"eve","role":""}`)
	assert.Equal(t, object{"b": 2.0}, u["metadata"], "metadata is replaced")
	assert.Equal(t, "ada", u["uid"], "a uid never changes")
	assert.Equal(t, "default", u["role"])
	for _, gone := range []string{"avatar", "link", "tags"} {
		assert.NotContains(t, u, gone)
	}
	assert.EqualValues(t, clock.now.Unix(), u["updatedAt"])
	assert.NotContains(t, must(t, s, "PUT", "/users/ada", `{"unset":["metadata"]}`), "metadata")
	for name, body := range map[string]string{
		"an unknown field to unset": `{"unset":["avatar","name","uid"]}`,
		"unset as a text":           `{"unset":"avatar"}`,
		"a malformed role":          `{"role":"a b"}`,
		"a name of a number":        `{"name":5}`,
		"text after the JSON":       `{"name":"Eve"} {}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, s, "PUT", "/users/ada", body, 400, "ERR_BAD_REQUEST", "")
		})
	}
}

// TestAnswerThatCannotBeWritten adds metadata that is not JSON.
func TestAnswerThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	s := started(t)
	s.AddUser(&cometchat.User{UID: "odd", Name: "Odd", Metadata: []byte("{")})
	refused(t, s, "GET", "/users/odd", "", 500, "ERR_EXCEPTION", "JSON")
	must(t, s, "PUT", "/users/odd", `{"unset":["metadata"]}`)
}

func TestUnsetNeedsAKey(t *testing.T) {
	t.Parallel()
	s := started(t)
	s.AddUser(&cometchat.User{UID: "ada", Name: "Ada", Avatar: "https://example.com/ada.png"})
	status, answer := me(t, s, s.CreateAuthToken("ada"), `{"unset":["avatar"],"role":"manager"}`)
	u := data(t, status, answer)
	assert.Contains(t, u, "avatar")
	assert.Equal(t, "default", u["role"])
}

func TestRoles(t *testing.T) {
	t.Parallel()
	s := started(t, cometchattest.WithRoles("Manager", "agent"))
	for _, body := range []string{`{"role":"manager"}`, `{"role":"AGENT"}`, `{"role":"default"}`, `{"role":""}`, `{}`} {
		must(t, s, "PUT", "/users/cometchat-uid-1", body)
	}
	refused(t, s, "PUT", "/users/cometchat-uid-1", `{"role":"owner"}`, 404, "ERR_ROLE_NOT_FOUND", "owner")
	refused(t, s, "POST", "/users", `{"uid":"a","name":"A","role":"owner"}`, 404, "ERR_ROLE_NOT_FOUND", "owner")
	refused(t, s, "GET", "/users/a", "", 404, "ERR_UID_NOT_FOUND", "a")
}

func TestGetUserOnBehalfOf(t *testing.T) {
	t.Parallel()
	s := started(t)
	get := func(header headers) (int, object) {
		header["appid"] = s.AppID
		return call(t, s, "GET", "/v3/users/cometchat-uid-3", "", header)
	}
	status, answer := get(headers{"apikey": s.APIKey})
	assert.NotContains(t, data(t, status, answer), "conversationId")
	status, answer = get(headers{"apikey": s.APIKey, "onBehalfOf": "Cometchat-UID-4"})
	assert.Equal(t, "cometchat-uid-3_user_cometchat-uid-4", data(t, status, answer)["conversationId"])
	status, answer = get(headers{"apikey": s.APIKey, "onBehalfOf": "cometchat-uid-1"})
	assert.Equal(t, "cometchat-uid-1_user_cometchat-uid-3", data(t, status, answer)["conversationId"])
	status, answer = get(headers{"apikey": s.APIKey, "onBehalfOf": "nobody"})
	assertRefused(t, status, answer, 404, "ERR_UID_NOT_FOUND", "nobody")
	status, answer = get(headers{"authtoken": s.CreateAuthToken("cometchat-uid-1"), "onBehalfOf": "nobody"})
	assert.Equal(t, "cometchat-uid-1_user_cometchat-uid-3", data(t, status, answer)["conversationId"],
		"a token acts for its own user only")
}

func TestDeactivatedUser(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := started(t, clock.option())
	const uid, path = "cometchat-uid-1", "/users/cometchat-uid-1"
	token := s.CreateAuthToken(uid)
	status, _ := me(t, s, token, "")
	assert.Equal(t, http.StatusOK, status)
	bye := must(t, s, "DELETE", "/users/COMETCHAT-uid-1", "")
	assert.Equal(t, "User with cometchat-uid-1 has been deleted successfully.", bye["message"])

	for _, request := range []struct{ method, path, body string }{
		{"GET", path, ""},
		{"PUT", path, `{"name":"X"}`},
		{"DELETE", path, ""},
		{"DELETE", path, `{"permanent":false}`},
		{"POST", path + "/auth_tokens", ""},
		{"GET", path + "/auth_tokens", ""},
		{"DELETE", path + "/auth_tokens", ""},
		{"GET", path + "/auth_tokens/" + token, ""},
		{"PUT", path + "/auth_tokens/" + token, "{}"},
		{"DELETE", path + "/auth_tokens/" + token, ""},
	} {
		refused(t, s, request.method, request.path, request.body, 404, "ERR_UID_NOT_FOUND", uid)
	}
	assert.Empty(t, s.CreateAuthToken(uid))
	status, answer := me(t, s, token, "")
	assertRefused(t, status, answer, 401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", token)
	status, answer = call(t, s, "GET", "/v3/users/cometchat-uid-2", "", headers{"appid": s.AppID, "apikey": s.APIKey, "onBehalfOf": uid})
	assertRefused(t, status, answer, 404, "ERR_UID_NOT_FOUND", uid)
	refused(t, s, "POST", "/users", `{"uid":"cometchat-uid-1","name":"X"}`, 400, "ERR_UID_ALREADY_EXISTS", uid)

	users, _ := list(t, s, "/users")
	assert.Len(t, users, 4)
	users, _ = list(t, s, "/users?withDeactivated=true")
	assert.Len(t, users, 5)
	users, _ = list(t, s, "/users?onlyDeactivated=true&withDeactivated=true")
	assert.Equal(t, []any{uid}, field(users, "uid"))
	assert.EqualValues(t, clock.now.Unix(), users[0]["deactivatedAt"])
	assert.Equal(t, "offline", users[0]["status"])

	must(t, s, "PUT", "/users", `{"uidsToActivate":["cometchat-uid-1"]}`)
	status, answer = me(t, s, token, "")
	assert.NotContains(t, data(t, status, answer), "deactivatedAt", "its tokens work again")
}

func TestDeleteUserPermanently(t *testing.T) {
	t.Parallel()
	s := started(t)
	token := s.CreateAuthToken("cometchat-uid-1")
	must(t, s, "DELETE", "/users/cometchat-uid-1", `{"permanent":true}`)
	must(t, s, "DELETE", "/users/cometchat-uid-2", `{"permanent":false}`)
	must(t, s, "DELETE", "/users/cometchat-uid-2", `{"permanent":true}`) // a deactivated user
	users, _ := list(t, s, "/users?withDeactivated=1")
	assert.Equal(t, []any{"cometchat-uid-3", "cometchat-uid-4", "cometchat-uid-5"}, field(users, "uid"))
	must(t, s, "POST", "/users", `{"uid":"cometchat-uid-1","name":"New"}`)
	status, _ := me(t, s, token, "")
	assert.Equal(t, http.StatusUnauthorized, status, "a new user does not inherit tokens")
	refused(t, s, "DELETE", "/users/nobody", `{"permanent":true}`, 404, "ERR_UID_NOT_FOUND", "nobody")
	refused(t, s, "DELETE", "/users/cometchat-uid-3", `{"permanent":"true"}`, 400, "ERR_BAD_REQUEST", "validate")
}

func TestActivateAndDeactivateManyUsers(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := started(t, clock.option())
	since := clock.now.Unix()
	off := must(t, s, "DELETE", "/users", `{"uidsToDeactivate":["cometchat-uid-2","nobody","COMETCHAT-uid-3","cometchat-uid-2"]}`)
	assert.Equal(t, []any{"cometchat-uid-2", "cometchat-uid-3"}, off["deactivatedUids"])
	clock.pass(time.Hour)
	off = must(t, s, "DELETE", "/users", `{"uidsToDeactivate":["cometchat-uid-3"]}`)
	assert.Equal(t, []any{"cometchat-uid-3"}, off["deactivatedUids"])
	users, _ := list(t, s, "/users?onlyDeactivated=true")
	assert.Equal(t, []any{float64(since), float64(since)}, field(users, "deactivatedAt"), "the first time counts")

	on := must(t, s, "PUT", "/users", `{"uidsToActivate":["cometchat-uid-3","cometchat-uid-1","nobody"]}`)
	assert.Equal(t, []any{"cometchat-uid-3", "cometchat-uid-1"}, on["nonDeactivatedUids"])
	on = must(t, s, "PUT", "/users", `{"uidsToActivate":["nobody"]}`)
	assert.Equal(t, []any{}, on["nonDeactivatedUids"])

	for name, body := range map[string]string{
		"no body": "", "no list": "{}", "an empty list": `{"uidsToActivate":[],"uidsToDeactivate":[]}`,
		"numbers": `{"uidsToActivate":["cometchat-uid-2",2],"uidsToDeactivate":["cometchat-uid-1",2]}`,
		"a text":  `{"uidsToActivate":"cometchat-uid-2","uidsToDeactivate":"cometchat-uid-1"}`,
		"no JSON": "{", "null": "null", "a list": `["cometchat-uid-2"]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, s, "PUT", "/users", body, 400, "ERR_BAD_REQUEST", "")
			refused(t, s, "DELETE", "/users", body, 400, "ERR_BAD_REQUEST", "")
			users, _ := list(t, s, "/users?onlyDeactivated=true")
			assert.Equal(t, []any{"cometchat-uid-2"}, field(users, "uid"), "a refused request changes nothing")
		})
	}
}
