package cometchattest

import (
	"net/http"
	"net/url"
	"strings"
)

// route is one call of the API.
type route struct {
	method string
	path   []string // after the version; "{name}" stands for any text that is not empty
	admit  func(*call) *refusal
	answer answerer
}

// api is what the server knows.
func (s *Server) api() []route {
	var routes []route
	add := func(pattern string, admit func(*call) *refusal, answer answerer) {
		method, path, _ := strings.Cut(pattern, " /")
		routes = append(routes, route{method, strings.Split(path, "/"), admit, answer})
	}
	add("POST /users", s.withKey, s.createUser)
	add("GET /users", s.withFullAccess, s.listUsers)
	add("PUT /users", s.withFullAccess, s.activateUsers)
	add("DELETE /users", s.withFullAccess, s.deactivateUsers)
	add("GET /users/{uid}", s.withFullAccessOrToken, s.getUser)
	add("PUT /users/{uid}", s.withKey, s.updateUser)
	add("DELETE /users/{uid}", s.withFullAccess, s.deleteUser)
	add("POST /users/{uid}/auth_tokens", s.withKey, s.createToken)
	add("GET /users/{uid}/auth_tokens", s.withFullAccess, s.listTokens)
	add("DELETE /users/{uid}/auth_tokens", s.withFullAccess, s.flushTokens)
	add("GET /users/{uid}/auth_tokens/{authToken}", s.withFullAccess, s.getToken)
	add("PUT /users/{uid}/auth_tokens/{authToken}", s.withFullAccess, s.updateToken)
	add("DELETE /users/{uid}/auth_tokens/{authToken}", s.withFullAccess, s.deleteToken)
	add("PUT /me", s.withToken, s.putMe)
	add("DELETE /me", s.withToken, s.deleteMe)
	return routes
}

// route finds the call that a request is, and puts the path's values into the request. It is ours because
// [http.ServeMux] answers odd paths and methods by itself, with redirects and plain text that CometChat does not send.
func (s *Server) route(r *http.Request) (route, *refusal) {
	version, path, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	segments := strings.Split(path, "/")
	if version == "v3.0" || version == "v3" {
		for _, known := range s.routes {
			if known.method == r.Method && known.matches(segments, r) {
				return known, nil
			}
		}
	}
	return route{}, refuse(http.StatusNotFound, "ERR_API_NOT_FOUND", "The API %s %s does not exist.", r.Method, r.URL.Path)
}

func (rt route) matches(segments []string, r *http.Request) bool {
	if len(segments) != len(rt.path) {
		return false
	}
	for i, want := range rt.path {
		segment, err := url.PathUnescape(segments[i])
		name, variable := strings.CutPrefix(want, "{")
		switch {
		case err != nil || segment == "" || !variable && segment != want:
			return false
		case variable:
			r.SetPathValue(strings.TrimSuffix(name, "}"), segment)
		}
	}
	return true
}
