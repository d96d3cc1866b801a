package cometchattest

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// route is one call of the API.
type route struct {
	method string
	path   []string // after the version; "{name}" stands for any text that is not empty
	admit  func(*call) *refusal
	answer answerer
	// maxBody is how many bytes the body may have.
	maxBody int
}

// api is what the server knows.
func (s *Server) api() []route {
	var routes []route
	add := func(pattern string, admit func(*call) *refusal, answer answerer) {
		method, path, _ := strings.Cut(pattern, " /")
		routes = append(routes, route{method, strings.Split(path, "/"), admit, answer, maxBody})
	}
	add("POST /users", s.withKey, s.createUser)
	add("GET /users", s.withFullAccessOrToken, s.listUsers)
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
	for _, path := range []string{"/users/{uid}/blockedusers", "/blockedusers"} {
		admit := s.withFullAccess
		if path == "/blockedusers" {
			admit = s.withToken
		}
		add("GET "+path, admit, s.listBlocked)
		add("POST "+path, admit, s.blockUsers)
		add("DELETE "+path, admit, s.unblockUsers)
	}
	add("GET /users/{uid}/friends", s.withFullAccess, s.listFriends)
	add("POST /users/{uid}/friends", s.withFullAccess, s.addFriends)
	add("DELETE /users/{uid}/friends", s.withFullAccess, s.removeFriends)
	add("POST /messages", s.withFullAccessOrToken, s.sendMessage)
	routes[len(routes)-1].maxBody = maxMessageBody
	add("GET /settings", s.withToken, s.settings)
	add("POST /user_sessions", s.withToken, s.noteSession)
	add("GET /me", s.withToken, s.getMe)
	add("PUT /me", s.withToken, s.putMe)
	add("DELETE /me", s.withToken, s.deleteMe)
	return routes
}

// route finds the call that a request is, and puts the path's values into the request. It is ours because
// [http.ServeMux] answers odd paths and methods by itself, with redirects and plain text that CometChat does not send.
func (s *Server) route(r *http.Request) (route, *refusal) {
	version, segments := splitPath(r.URL.EscapedPath())
	if version == "v3.0" || version == "v3" {
		for _, known := range s.routes {
			if known.method == r.Method && matches(known.path, segments, r.SetPathValue) {
				return known, nil
			}
		}
	} else if versionForm.MatchString(version) {
		return route{}, refuse(http.StatusNotFound, "ERR_INVALID_API_VERSION", "The API version %s does not exist.", version)
	}
	return route{}, refuse(http.StatusNotFound, "ERR_API_NOT_FOUND", "The API %s %s does not exist.", r.Method, r.URL.Path)
}

var versionForm = regexp.MustCompile(`^v[0-9.]+$`)

// splitPath splits an escaped path. The segments are nil when there is nothing after the version, not even a slash.
func splitPath(path string) (version string, segments []string) {
	version, rest, more := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if more {
		segments = strings.Split(rest, "/")
	}
	return version, segments
}

// matches compares a path to the one of a route, and gives out what its variables stand for.
func matches(pattern, segments []string, variable func(name, value string)) bool {
	if len(segments) != len(pattern) {
		return false
	}
	for i, want := range pattern {
		segment, err := url.PathUnescape(segments[i])
		name, isVariable := strings.CutPrefix(want, "{")
		switch {
		case err != nil || segment == "" || !isVariable && segment != want:
			return false
		case isVariable:
			variable(strings.TrimSuffix(name, "}"), segment)
		}
	}
	return true
}
