package rest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat/internal/rest"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRequestsAsSent(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		req    rest.Request
		line   string
		header http.Header // nil values must be absent
		body   string
	}{
		"a token goes to the client API": {
			rest.Request{Method: "PUT", Route: "/me", Credential: rest.AuthToken("tok")},
			"PUT " + clientHost + "/me", http.Header{"Authtoken": {"tok"}, "Apikey": nil, "Onbehalfof": nil}, "",
		},
		"a key goes to the admin API": {
			rest.Request{Method: "GET", Route: "/users", Credential: rest.APIKey("key")},
			"GET " + adminHost + "/users", http.Header{"Apikey": {"key"}, "Authtoken": nil}, "",
		},
		"a JWT goes to the base of the request": {
			rest.Request{Method: "POST", Base: "https://chat.example.com:99/api/v3.0", Route: "/online-members", Credential: rest.JWT("j")},
			"POST https://chat.example.com:99/api/v3.0/online-members",
			http.Header{"Authorization": {"j"}, "Authtoken": nil, "Apikey": nil}, "",
		},
		"a body is JSON": {
			rest.Request{Method: "POST", Route: "/users", Credential: rest.APIKey("key"), Body: map[string]any{"a": []int{1}}},
			"POST " + adminHost + "/users", http.Header{"Content-Type": {"application/json"}}, `{"a":[1]}`,
		},
		"on behalf of a user": {
			rest.Request{Method: "GET", Route: "/users", Credential: rest.APIKey("key"), OnBehalfOf: "ada"},
			"GET " + adminHost + "/users", http.Header{"Onbehalfof": {"ada"}}, "",
		},
		"a uid and a token in the path, and a query": {
			rest.Request{
				Method: "DELETE", Route: "/users/{uid}/auth_tokens/{authToken}", UID: "a/b", AuthToken: "t?k",
				Query: url.Values{"b": {"x y", "&"}, "a": {"1"}}, Credential: rest.APIKey("key"),
			},
			"DELETE " + adminHost + "/users/a%2Fb/auth_tokens/t%3Fk?a=1&b=x+y&b=%26", nil, "",
		},
		"a uid that looks like a place in the route": {
			rest.Request{Method: "GET", Route: "/users/{uid}", UID: "{authToken}", Credential: rest.APIKey("key")},
			"GET " + adminHost + "/users/%7BauthToken%7D", nil, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, tr := newClient(httpmock.NewStringResponder(200, "{}"), func(config *rest.Config) {
				config.Resource = "sdk"
			})
			do(t.Context(), c, &tc.req)
			requests := tr.take()
			require.Len(t, requests, 1)
			assert.Equal(t, tc.line, requests[0].Method+" "+requests[0].URL)
			assert.Equal(t, []string{"sdk"}, requests[0].Header["Resource"], "a header of every request")
			for key, values := range tc.header {
				assert.Equal(t, values, requests[0].Header[key], key)
			}
			assert.Equal(t, tc.body, requests[0].Body)
		})
	}
}

func TestUIDsArePathSegments(t *testing.T) {
	t.Parallel()
	for _, uid := range []string{"a/b", "a?b", "a#b", "a b", "a%2Fb", "ä", "a;b", "a:b", "@", "...", "../x", "a+b", `a"b`, "{uid}"} {
		c, tr := newClient(httpmock.NewStringResponder(200, "{}"))
		do(t.Context(), c, &rest.Request{Method: "GET", Route: "/users/{uid}/x", UID: uid, Credential: rest.APIKey("key")})
		u, err := url.Parse(tr.take()[0].URL)
		require.NoError(t, err)
		segment, ok := strings.CutPrefix(strings.TrimSuffix(u.EscapedPath(), "/x"), "/v3.0/users/")
		require.True(t, ok, u.EscapedPath())
		assert.NotContains(t, segment, "/", uid)
		back, err := url.PathUnescape(segment)
		require.NoError(t, err)
		assert.Equal(t, uid, back)
	}
}

func TestTextsOfARequest(t *testing.T) {
	t.Parallel()
	req := rest.Request{
		Method: "DELETE", Route: "/users/{uid}/auth_tokens/{authToken}", UID: "u",
		Credential: rest.APIKey("my-secret-key"), AuthToken: "my-secret-token",
	}
	assert.Equal(t, "DELETE /users/{uid}/auth_tokens/{authToken}", req.Name())
	assert.Equal(t, "no [redacted] for [redacted]", req.Redactor().Text("no my-secret-token for my-secret-key"))
}
