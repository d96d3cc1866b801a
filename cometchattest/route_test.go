package cometchattest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestOddPaths has requests that an [http.ServeMux] would answer by itself, with a redirect or plain text.
func TestOddPaths(t *testing.T) {
	t.Parallel()
	s := started(t)
	for _, request := range []struct{ method, path string }{
		{"GET", "/"},
		{"GET", "//v3/users"},
		{"GET", "/v3//users"},
		{"GET", "/v3/users/"},
		{"GET", "/v3/./users"},
		{"GET", "/v3/x/../users"},
		{"GET", "/v3"},
		{"GET", "/v3/"},
		{"GET", "/V3/users"},
		{"GET", "/v3/users/cometchat-uid-1/"},
		{"POST", "/v3/users//auth_tokens"},
		{"GET", "/v3/users%2Fcometchat-uid-1"},
		{"GET", "/v3/users/a/auth_tokens/b/c"},
		{"POST", "/v3/me"},
		{"PATCH", "/v3/users"},
		{"OPTIONS", "/v3/users"},
		{"BREW", "/v3/users"},
		{"get", "/v3/users"},
	} {
		status, answer := call(t, s, request.method, request.path, "", headers{"appid": s.AppID, "apikey": s.APIKey})
		assertRefused(t, status, answer, 404, "ERR_API_NOT_FOUND", request.method)
	}
	refused(t, s, "GET", "/users/%2E%2E", "", 404, "ERR_UID_NOT_FOUND", "..")
	refused(t, s, "GET", "/users/a%2Fb", "", 404, "ERR_UID_NOT_FOUND", "a/b")
	refused(t, s, "GET", "/users/a%20b%00%0A", "", 404, "ERR_UID_NOT_FOUND", "a b\x00\n")
	assert.Equal(t, "cometchat-uid-1", must(t, s, "GET", "/us%65rs/comet%63hat-uid-1", "")["uid"])
}
