package cometchattest_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRequests(t *testing.T) {
	t.Parallel()
	s := started(t)
	assert.Empty(t, s.Requests())
	must(t, s, "POST", "/users", `{"uid":"a","name":"A"}`)
	refused(t, s, "GET", "/users/a%2Fb?x=%20&y", "", 404, "ERR_UID_NOT_FOUND", "a/b")
	refused(t, s, "POST", "/users", strings.Repeat(" ", 20<<10), 413, "ERR_BAD_REQUEST", "10 KB")

	got := s.Requests()
	require.Len(t, got, 3)
	assert.Equal(t, "POST", got[0].Method)
	assert.Equal(t, "/v3/users", got[0].Path)
	assert.Empty(t, got[0].Query)
	assert.Equal(t, s.APIKey, got[0].Header.Get("apikey"))
	assert.JSONEq(t, `{"uid":"a","name":"A"}`, got[0].Body)
	assert.Equal(t, "/v3/users/a%2Fb", got[1].Path)
	assert.Equal(t, "x=%20&y", got[1].Query)
	assert.Len(t, got[2].Body, 10<<10)

	s.Requests(func(r cometchattest.Request) bool {
		r.Header.Set("apikey", "changed by a function in match")
		return false
	})
	got[0].Header.Set("apikey", "changed")
	got[1].Path = "changed"
	assert.Equal(t, s.APIKey, s.Requests()[0].Header.Get("apikey"), "the returned values are copies")
	assert.Equal(t, "/v3/users/a%2Fb", s.Requests()[1].Path)
}

func TestNewestRequests(t *testing.T) {
	t.Parallel()
	s := started(t)
	for i := range cometchattest.MaxRequests + 5 {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/"+strconv.Itoa(i), http.NoBody)
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	got := s.Requests()
	require.Len(t, got, cometchattest.MaxRequests)
	assert.Equal(t, "/5", got[0].Path)
	assert.Equal(t, "/"+strconv.Itoa(cometchattest.MaxRequests+4), got[len(got)-1].Path)
}

func TestAdminOptions(t *testing.T) {
	t.Parallel()
	s := started(t)
	admin, err := cometchat.NewAdmin(s.AppID, s.APIKey, s.AdminOptions()...)
	require.NoError(t, err)
	defer func() { assert.NoError(t, admin.Close()) }()
	u, err := admin.GetUser(t.Context(), "cometchat-uid-1")
	require.NoError(t, err)
	assert.Equal(t, "Andrew Joseph", u.Name)
}
