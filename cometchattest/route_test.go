package cometchattest_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
)

// TestOddPaths makes requests that [http.ServeMux] alone would answer with a redirect or plain text, or by another method.
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
		{"GET", "/v3/users/%2F"}, // the mux takes it for a trailing slash
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
	w := httptest.NewRecorder() // a client would not show the body of an answer to HEAD
	r := httptest.NewRequestWithContext(t.Context(), http.MethodHead, "/v3/users", http.NoBody)
	s.ServeHTTP(w, r)
	assert.Equal(t, http.StatusNotFound, w.Code)
	assert.Contains(t, w.Body.String(), "ERR_API_NOT_FOUND")
}

func TestPercentEncodedPaths(t *testing.T) {
	t.Parallel()
	s := started(t)
	refused(t, s, "GET", "/users/%2E%2E", "", 404, "ERR_UID_NOT_FOUND", "..")
	refused(t, s, "GET", "/users/a%2Fb", "", 404, "ERR_UID_NOT_FOUND", "a/b")
	refused(t, s, "GET", "/users/a%20b%00%0A", "", 404, "ERR_UID_NOT_FOUND", "a b\x00\n")
	assert.Equal(t, "cometchat-uid-1", must(t, s, "GET", "/us%65rs/comet%63hat-uid-1", "")["uid"])
	const odd = "a/b?c#d%2f é;=&+:@"
	s.AddUser(&cometchat.User{UID: odd, Name: "Odd"})
	path := "/users/" + url.PathEscape(odd)
	assert.Equal(t, "Odd", must(t, s, "GET", path, "")["name"])
	token := s.CreateAuthToken(odd)
	assert.Equal(t, token, must(t, s, "GET", path+"/auth_tokens/"+url.PathEscape(token), "")["authToken"])
	assert.Len(t, s.Requests(cometchattest.To("GET", "/users/{uid}/auth_tokens/{authToken}")), 1)
	assert.Len(t, s.Requests(cometchattest.To("", "/users/cometchat-uid-1")), 1, "To compares unescaped segments")
}
