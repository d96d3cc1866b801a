package cometchattest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
)

func tokensOf(uid string) string { return "/users/" + uid + "/auth_tokens" }

func minted(t *testing.T, body string, from func(body string) object) string {
	t.Helper()
	token, _ := from(body)["authToken"].(string)
	assert.NotEmpty(t, token)
	return token
}

func TestAuthTokens(t *testing.T) {
	t.Parallel()
	tokensPath := tokensOf("cometchat-uid-1")
	clock := newClock()
	s := started(t, clock.option())
	mint := func(body string) object { return must(t, s, "POST", tokensPath, body) }
	first := minted(t, "", mint)
	second := minted(t, `{"force":true}`, mint)
	third := minted(t, `{"force":false}`, mint)
	refused(t, s, "POST", tokensPath, `{"force":"yes"}`, 400, "ERR_BAD_REQUEST", "validate")
	other := s.CreateAuthToken("cometchat-uid-2")

	tokens, answer := list(t, s, tokensPath)
	assert.Equal(t, []any{first, second, third}, field(tokens, "authToken"), "in the order of creation, within one second")
	assert.Equal(t, object{"uid": "cometchat-uid-1", "authToken": first, "createdAt": float64(clock.now.Unix())}, tokens[0])
	assert.Equal(t, object{"pagination": object{
		"total": 3.0, "count": 3.0, "per_page": 100.0, "current_page": 1.0, "total_pages": 1.0,
	}}, answer["meta"])
	assert.NotContains(t, answer, "cursor")
	tokens, _ = list(t, s, tokensPath+"?perPage=2&page=2")
	assert.Equal(t, []any{third}, field(tokens, "authToken"))
	refused(t, s, "GET", tokensPath+"?perPage=0", "", 400, "ERR_BAD_REQUEST", "validate")

	assert.Equal(t, object{"uid": "cometchat-uid-1", "authToken": second, "createdAt": float64(clock.now.Unix())},
		must(t, s, "GET", tokensPath+"/"+second, ""))
	bye := must(t, s, "DELETE", tokensPath+"/"+second, "")
	assert.Equal(t, true, bye["success"])
	for token, want := range map[string]int{first: 200, second: 401, third: 200} {
		status, _ := me(t, s, token, "")
		assert.Equal(t, want, status)
	}
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		refused(t, s, method, tokensPath+"/"+second, "{}", 404, "ERR_AUTH_TOKEN_NOT_FOUND", second)
		refused(t, s, method, tokensPath+"/"+url.PathEscape("odd/to ken?"), "{}", 404, "ERR_AUTH_TOKEN_NOT_FOUND", "odd/to ken?")
		refused(t, s, method, tokensPath+"/"+other, "{}", 403, "ERR_AUTHTOKEN_NOT_ACCESSIBLE", other)
		refused(t, s, method, tokensOf("nobody")+"/"+first, "{}", 404, "ERR_UID_NOT_FOUND", "nobody")
	}

	bye = must(t, s, "DELETE", tokensPath, "")
	assert.Equal(t, "Cleared Auth Tokens successfully for uid cometchat-uid-1.", bye["message"])
	for token, want := range map[string]int{first: 401, third: 401, other: 200} {
		status, _ := me(t, s, token, "")
		assert.Equal(t, want, status)
	}
	tokens, _ = list(t, s, tokensPath)
	assert.Empty(t, tokens)
	for _, method := range []string{"GET", "POST", "DELETE"} {
		refused(t, s, method, tokensOf("nobody"), "", 404, "ERR_UID_NOT_FOUND", "nobody")
	}
}

func TestDeviceOfAnAuthToken(t *testing.T) {
	t.Parallel()
	tokensPath := tokensOf("cometchat-uid-1")
	s := started(t)
	token := s.CreateAuthToken("cometchat-uid-1")
	listed := func() object {
		tokens, _ := list(t, s, tokensPath)
		assert.Len(t, tokens, 1)
		return tokens[0]
	}
	// A client logs in.
	status, _ := me(t, s, token, `{"platform":"WEB","deviceId":"d","appInfo":{"version":"v4.2.0", "userAgent":"Browser"}}`)
	assert.Equal(t, http.StatusOK, status)
	got := listed()
	assert.Equal(t, "WEB", got["platform"])
	assert.Equal(t, "Browser", got["userAgent"])
	text, _ := got["appInfo"].(string)
	assert.JSONEq(t, `{"version":"v4.2.0","userAgent":"Browser"}`, text, "lists show appInfo as JSON text")

	status, _ = me(t, s, token, `{"statusMessage":"hi","platform":null,"appInfo":null}`)
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, got, listed(), "fields that were not sent stay")

	answer := must(t, s, "PUT", tokensPath+"/"+token, `{"platform":"ios","userAgent":"App/1","appInfo":{"userAgent":5}}`)
	assert.NotContains(t, answer, "platform", "only lists show it")
	got = listed()
	assert.Equal(t, "ios", got["platform"])
	assert.Equal(t, "App/1", got["userAgent"])
	assert.Equal(t, `{"userAgent":5}`, got["appInfo"])
	must(t, s, "PUT", tokensPath+"/"+token, "{}")
	assert.Equal(t, got, listed())

	refused(t, s, "PUT", tokensPath+"/"+token, " ", 400, "ERR_BAD_REQUEST", "missing")
	refused(t, s, "PUT", tokensPath+"/"+token, `{"appInfo":"{}"}`, 400, "ERR_BAD_REQUEST", "validate")
	refused(t, s, "PUT", tokensPath+"/"+token, `{"platform":5}`, 400, "ERR_BAD_REQUEST", "validate")
	status, refusal := me(t, s, token, `{"appInfo":[]}`)
	assertRefused(t, status, refusal, 400, "ERR_BAD_REQUEST", "validate")
	assert.Equal(t, got, listed(), "a refused request changes nothing")
}

// TestNewestAuthTokens makes more than 100 tokens, which ends the oldest.
func TestNewestAuthTokens(t *testing.T) {
	t.Parallel()
	tokensPath := tokensOf("cometchat-uid-1")
	s := started(t)
	other := s.CreateAuthToken("cometchat-uid-2")
	made := []any{}
	for range 103 {
		made = append(made, s.CreateAuthToken("cometchat-uid-1"))
	}
	tokens, _ := list(t, s, tokensPath+"?perPage=1000")
	assert.Equal(t, made[3:], field(tokens, "authToken"))
	for i, want := range map[int]int{0: 401, 2: 401, 3: 200, 102: 200} {
		status, _ := me(t, s, fmt.Sprint(made[i]), "")
		assert.Equal(t, want, status, "token %d", i)
	}
	status, _ := me(t, s, other, "")
	assert.Equal(t, http.StatusOK, status, "another user's token stays")
}
