package cometchattest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
)

// TestKeyScopes makes every call with each key. The auth key may make only the calls that the client SDKs make with it.
func TestKeyScopes(t *testing.T) {
	t.Parallel()
	s := started(t)
	authOnly := []string{"POST /users", "PUT /users/{uid}", "POST /users/{uid}/auth_tokens"}
	tried := 0
	for _, route := range cometchattest.Routes() {
		if _, path, _ := strings.Cut(route, " "); slices.Contains([]string{"/me", "/settings", "/user_sessions", "/blockedusers", "/online-members", "/ping", "/files/upload-url", "/media", "/media/{file}"}, path) {
			continue // these need an auth token, a jwt, or no credential
		}
		tried++
		t.Run(route, func(t *testing.T) {
			t.Parallel()
			method, path, _ := strings.Cut(route, " ")
			path = "/v3" + strings.NewReplacer("{uid}", "nobody", "{authToken}", "nothing").Replace(path)
			status, answer := call(t, s, method, path, "", headers{"appid": s.AppID, "apikey": s.AuthKey})
			if !slices.Contains(authOnly, route) {
				assertRefused(t, status, answer, 403, "AUTH_ERR_NO_ACCESS", s.AuthKey)
			} else {
				assert.Contains(t, []int{http.StatusBadRequest, http.StatusNotFound}, status, "%v", answer)
			}
			status, answer = call(t, s, method, path, "", headers{"appid": s.AppID, "apikey": s.APIKey})
			assert.NotContains(t, []int{http.StatusUnauthorized, http.StatusForbidden}, status, "%v", answer)
			status, answer = call(t, s, method, path, "", headers{"appid": s.AppID, "apikey": "other"})
			assertRefused(t, status, answer, 401, "AUTH_ERR_APIKEY_NOT_FOUND", "other")
			status, answer = call(t, s, method, path, "", headers{"appid": s.AppID})
			assert.Equal(t, http.StatusUnauthorized, status, "%v", answer)
		})
	}
	assert.Equal(t, 84, tried)
}
