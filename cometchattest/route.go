package cometchattest

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// route is one call of the API. Its functions are called with Server.mu held.
type route struct {
	pattern   string // for http.ServeMux, without the base and the API's version
	base      string // what stands before the version: "", or socketBase
	version   string // the version, if it is not that of the API
	authorize func(*Server, *call) error
	answer    handler
	maxBody   int  // in bytes; 0 means maxBody
	form      bool // it also takes multipart/form-data, up to maxUpload
	storage   bool // it is a call of the storage of files, which no rate limit applies to
}

// socketBase is what stands before the version in the paths of the socket's host.
const socketBase = "/api"

var routes = []*route{
	{pattern: "POST /users", authorize: withKey, answer: (*Server).createUser},
	{pattern: "GET /users", authorize: withAPIKeyOrToken, answer: (*Server).listUsers},
	{pattern: "PUT /users", authorize: withAPIKey, answer: (*Server).activateUsers},
	{pattern: "DELETE /users", authorize: withAPIKey, answer: (*Server).deactivateUsers},
	{pattern: "GET /users/{uid}", authorize: withAPIKeyOrToken, answer: ofUser((*Server).getUser)},
	{pattern: "PUT /users/{uid}", authorize: withKey, answer: ofUser((*Server).updateUser)},
	{pattern: "DELETE /users/{uid}", authorize: withAPIKey, answer: (*Server).deleteUser},
	{pattern: "POST /users/{uid}/auth_tokens", authorize: withKey, answer: ofUser((*Server).createToken)},
	{pattern: "GET /users/{uid}/auth_tokens", authorize: withAPIKey, answer: ofUser((*Server).listTokens)},
	{pattern: "DELETE /users/{uid}/auth_tokens", authorize: withAPIKey, answer: ofUser((*Server).flushTokens)},
	{pattern: "GET /users/{uid}/auth_tokens/{authToken}", authorize: withAPIKey, answer: ofUser((*Server).getToken)},
	{pattern: "PUT /users/{uid}/auth_tokens/{authToken}", authorize: withAPIKey, answer: ofUser((*Server).updateToken)},
	{pattern: "DELETE /users/{uid}/auth_tokens/{authToken}", authorize: withAPIKey, answer: ofUser((*Server).deleteToken)},
	{pattern: "GET /users/{uid}/blockedusers", authorize: withAPIKey, answer: ofUser((*Server).listBlocked)},
	{pattern: "POST /users/{uid}/blockedusers", authorize: withAPIKey, answer: ofUser((*Server).blockUsers)},
	{pattern: "DELETE /users/{uid}/blockedusers", authorize: withAPIKey, answer: ofUser((*Server).unblockUsers)},
	{pattern: "GET /users/{uid}/friends", authorize: withAPIKey, answer: ofUser((*Server).listFriends)},
	{pattern: "POST /users/{uid}/friends", authorize: withAPIKey, answer: ofUser((*Server).addFriends)},
	{pattern: "DELETE /users/{uid}/friends", authorize: withAPIKey, answer: ofUser((*Server).removeFriends)},
	{pattern: "GET /blockedusers", authorize: withToken, answer: ofUser((*Server).listBlocked)},
	{pattern: "POST /blockedusers", authorize: withToken, answer: ofUser((*Server).blockUsers)},
	{pattern: "DELETE /blockedusers", authorize: withToken, answer: ofUser((*Server).unblockUsers)},
	{pattern: "POST /messages", authorize: withAPIKeyOrToken, answer: withUploads((*Server).sendMessage), maxBody: maxMessageBody, form: true},
	{pattern: "GET /messages", authorize: withAPIKeyOrToken, answer: (*Server).listMessages},
	{pattern: "GET /messages/{id}", authorize: withAPIKeyOrToken, answer: ofMessage((*Server).getMessage)},
	{pattern: "PUT /messages/{id}", authorize: withAPIKeyOrToken, answer: ofMessage((*Server).editMessage), maxBody: maxMessageBody},
	{pattern: "DELETE /messages/{id}", authorize: withAPIKeyOrToken, answer: ofMessage((*Server).deleteMessage)},
	{pattern: "POST /messages/{id}/thread", authorize: withAPIKeyOrToken, answer: withUploads((*Server).sendMessage), maxBody: maxMessageBody, form: true},
	{pattern: "GET /messages/{id}/thread", authorize: withAPIKeyOrToken, answer: ofMessage((*Server).listReplies)},
	{pattern: "PATCH /messages/{id}/interacted", authorize: withAPIKeyOrToken, answer: ofMessage((*Server).markInteracted)},
	{pattern: "GET /users/{uid}/messages", authorize: withAPIKeyOrToken, answer: ofPeer((*Server).listConversation)},
	{pattern: "GET /threads", authorize: withAPIKeyOrToken, answer: (*Server).listThreads},
	{pattern: "GET /users/{uid}/threads", authorize: withAPIKeyOrToken, answer: ofPeer((*Server).listUserThreads)},
	{pattern: "GET /conversations", authorize: withAPIKeyOrToken, answer: (*Server).listConversations},
	{pattern: "GET /users/{uid}/conversation", authorize: withAPIKeyOrToken, answer: ofConversation((*Server).getConversation)},
	{pattern: "PUT /users/{uid}/conversation", authorize: withAPIKeyOrToken, answer: ofConversation((*Server).tagConversation)},
	{pattern: "DELETE /users/{uid}/conversation", authorize: withAPIKeyOrToken, answer: ofConversation((*Server).deleteConversation)},
	{pattern: "POST /users/{uid}/conversation/read", authorize: withAPIKeyOrToken, answer: ofConversation((*Server).readConversation)},
	{pattern: "DELETE /users/{uid}/conversation/read", authorize: withAPIKeyOrToken, answer: ofConversation((*Server).unreadConversation)},
	{pattern: "POST /users/{uid}/conversation/delivered", authorize: withAPIKeyOrToken, answer: ofConversation((*Server).deliverConversation)},
	{pattern: "POST /users/{uid}/conversation/pin", authorize: withAPIKeyOrToken, answer: ofUser((*Server).pinConversation)},
	{pattern: "DELETE /users/{uid}/conversation/pin", authorize: withAPIKeyOrToken, answer: ofConversation((*Server).unpinConversation)},
	{pattern: "GET /messages/{id}/reactions", authorize: withAPIKeyOrToken, answer: ofMessage((*Server).listReactions)},
	{pattern: "GET /messages/{id}/reactions/{reaction}", authorize: withAPIKeyOrToken, answer: ofMessage((*Server).listReactions)},
	{pattern: "POST /messages/{id}/reactions/{reaction}", authorize: withAPIKeyOrToken, answer: byUser((*Server).addReaction)},
	{pattern: "DELETE /messages/{id}/reactions/{reaction}", authorize: withAPIKeyOrToken, answer: byUser((*Server).removeReaction)},
	{pattern: "POST /messages/{id}/flagged", authorize: withAPIKeyOrToken, answer: byUser((*Server).flagMessage)},
	{pattern: "POST /messages/{id}/pin", authorize: withAPIKeyOrToken, answer: ofMessage((*Server).pinMessage)},
	{pattern: "DELETE /messages/{id}/pin", authorize: withAPIKeyOrToken, answer: ofMessage((*Server).unpinMessage)},
	{pattern: "POST /messages/{id}/save", authorize: withAPIKeyOrToken, answer: byUser((*Server).saveMessage)},
	{pattern: "DELETE /messages/{id}/save", authorize: withAPIKeyOrToken, answer: byUser((*Server).unsaveMessage)},
	{pattern: "POST /messages/{id}/thread/subscription", authorize: withAPIKeyOrToken, answer: byUser(subscribeThread(true))},
	{pattern: "DELETE /messages/{id}/thread/subscription", authorize: withAPIKeyOrToken, answer: byUser(subscribeThread(false))},
	{pattern: "POST /groups", authorize: withAPIKeyOrToken, answer: (*Server).createGroup},
	{pattern: "GET /groups", authorize: withAPIKeyOrToken, answer: (*Server).listGroups},
	{pattern: "GET /groups/{guid}", authorize: withAPIKeyOrToken, answer: ofGroup(store.RankNone, (*Server).getGroup)},
	{pattern: "PUT /groups/{guid}", authorize: withAPIKeyOrToken, answer: ofGroup(store.RankModerator, (*Server).updateGroup)},
	{pattern: "DELETE /groups/{guid}", authorize: withAPIKeyOrToken, answer: ofGroup(store.RankAdmin, (*Server).deleteGroup)},
	{pattern: "PATCH /groups/{guid}/owner", authorize: withAPIKeyOrToken, answer: ofGroup(store.RankOwner, (*Server).transferGroup)},
	{pattern: "POST /groups/{guid}/members", authorize: withAPIKeyOrToken, answer: (*Server).joinOrAdd},
	{pattern: "PUT /groups/{guid}/members", authorize: withAPIKeyOrToken, answer: ofGroup(store.RankAdmin, (*Server).addMembers)},
	{pattern: "DELETE /groups/{guid}/members", authorize: withAPIKeyOrToken, answer: ofGroup(store.RankParticipant, (*Server).leaveGroup)},
	{pattern: "GET /groups/{guid}/members", authorize: withAPIKeyOrToken, answer: ofGroup(store.RankParticipant, (*Server).listMembers)},
	{pattern: "PUT /groups/{guid}/members/{uid}", authorize: withAPIKeyOrToken, answer: ofGroup(store.RankParticipant, (*Server).changeScope)},
	{pattern: "DELETE /groups/{guid}/members/{uid}", authorize: withAPIKeyOrToken, answer: ofMember((*Server).kickMember)},
	{pattern: "GET /groups/{guid}/bannedusers", authorize: withAPIKeyOrToken, answer: ofGroup(store.RankModerator, (*Server).listBannedMembers)},
	{pattern: "POST /groups/{guid}/bannedusers/{uid}", authorize: withAPIKeyOrToken, answer: ofMember((*Server).banMember)},
	{pattern: "DELETE /groups/{guid}/bannedusers/{uid}", authorize: withAPIKeyOrToken, answer: ofMember((*Server).unbanMember)},
	{pattern: "GET /groups/{guid}/messages", authorize: withAPIKeyOrToken, answer: ofGroup(store.RankParticipant, (*Server).listGroupMessages)},
	{pattern: "GET /groups/{guid}/threads", authorize: withAPIKeyOrToken, answer: ofGroup(store.RankParticipant, (*Server).listGroupThreads)},
	{pattern: "GET /groups/{guid}/conversation", authorize: withAPIKeyOrToken, answer: ofGroupConversation((*Server).getConversation)},
	{pattern: "PUT /groups/{guid}/conversation", authorize: withAPIKeyOrToken, answer: ofGroupConversation((*Server).tagConversation)},
	{pattern: "DELETE /groups/{guid}/conversation", authorize: withAPIKeyOrToken, answer: ofGroupConversation((*Server).deleteConversation)},
	{pattern: "POST /groups/{guid}/conversation/read", authorize: withAPIKeyOrToken, answer: ofGroupConversation((*Server).readConversation)},
	{pattern: "DELETE /groups/{guid}/conversation/read", authorize: withAPIKeyOrToken, answer: ofGroupConversation((*Server).unreadConversation)},
	{pattern: "POST /groups/{guid}/conversation/delivered", authorize: withAPIKeyOrToken, answer: ofGroupConversation((*Server).deliverConversation)},
	{pattern: "POST /groups/{guid}/conversation/pin", authorize: withAPIKeyOrToken, answer: ofGroupConversation((*Server).pin)},
	{pattern: "DELETE /groups/{guid}/conversation/pin", authorize: withAPIKeyOrToken, answer: ofGroupConversation((*Server).unpinConversation)},
	{pattern: "POST /files/upload-url", authorize: withToken, answer: (*Server).uploadURLs},
	{pattern: "POST /media", authorize: anybody, answer: (*Server).storeFile, form: true, storage: true},
	{pattern: "GET /media/{file}", authorize: anybody, answer: (*Server).getFile, storage: true},
	{pattern: "GET /settings", authorize: withToken, answer: (*Server).getSettings},
	{pattern: "POST /user_sessions", authorize: withToken, answer: (*Server).createUserSession},
	{pattern: "GET /me", authorize: withToken, answer: ofUser((*Server).getMe)},
	{pattern: "PUT /me", authorize: withToken, answer: ofUser((*Server).putMe)},
	{pattern: "DELETE /me", authorize: withToken, answer: (*Server).deleteMe},
	{pattern: "POST /online-members", base: socketBase, authorize: withJWT, answer: (*Server).onlineMembers},
	{pattern: "POST /ping", version: analyticsVersion, authorize: withBearerJWT, answer: (*Server).ping},
}

var mux = newMux()

func newMux() *http.ServeMux {
	mux := http.NewServeMux()
	for _, route := range routes {
		method, path, _ := strings.Cut(route.pattern, " ")
		versions := []string{"v3.0", "v3"}
		if route.version != "" {
			versions = []string{route.version}
		}
		for _, version := range versions {
			mux.Handle(method+" "+route.base+"/"+version+path, route)
		}
	}
	return mux
}

// checkCall panics if no call has this method and path, in the form that To takes: a test that selects no call would pass for
// the wrong reason.
func checkCall(method, path string) {
	var methods, paths []string // the methods of path, and all paths
	for _, pattern := range append(patterns(), "GET /") {
		m, p, _ := strings.Cut(pattern, " ")
		if path == "" || sameCall(path, p) {
			methods = append(methods, m)
		}
		paths = append(paths, p)
	}
	sorted := func(words []string) string {
		slices.Sort(words)
		return strings.Join(slices.Compact(words), ", ")
	}
	switch {
	case len(methods) == 0:
		panic(fmt.Sprintf("cometchattest: no call has the path %q; write it without host, version and query, as one of: %s",
			path, sorted(paths)))
	case method != "" && !slices.Contains(methods, method):
		panic(fmt.Sprintf("cometchattest: no call has the method %q and the path %q; write one of: %s", method, path, sorted(methods)))
	}
}

// sameCall reports whether a request could match both paths. A segment in braces stands for any text.
func sameCall(path, other string) bool {
	split := func(path string) []string { return strings.Split(strings.TrimPrefix(path, "/"), "/") }
	return slices.EqualFunc(split(path), split(other), func(a, b string) bool {
		return a == b || a != "" && b != "" && (a[0] == '{' || b[0] == '{')
	})
}

func patterns() []string {
	patterns := make([]string, len(routes))
	for i, route := range routes {
		patterns[i] = route.pattern
	}
	return patterns
}

// ServeHTTP does nothing: findRoute calls it through the mux, which sets the path's values in the request before.
func (*route) ServeHTTP(http.ResponseWriter, *http.Request) {}

func trimBase(path string) string {
	if rest, ok := strings.CutPrefix(path, socketBase); ok && strings.HasPrefix(rest, "/") {
		return rest
	}
	return path
}

var versionForm = regexp.MustCompile(`^v[0-9.]+$`)

// findRoute finds the call that a request makes, and sets the path's values in the request.
func findRoute(r *http.Request) (*route, error) {
	// For an unclean path or an unknown method the mux returns a handler of its own, and for HEAD the route of GET.
	handler, _ := mux.Handler(r)
	if route, ok := handler.(*route); ok && r.Method != http.MethodHead {
		mux.ServeHTTP(nil, r)
		return route, nil
	}
	version, _, _ := strings.Cut(strings.TrimPrefix(trimBase(r.URL.EscapedPath()), "/"), "/")
	if versionForm.MatchString(version) && version != "v3.0" && version != "v3" {
		return nil, refuse(http.StatusNotFound, "ERR_INVALID_API_VERSION", "The API version %s does not exist.", version)
	}
	return nil, refuse(http.StatusNotFound, "ERR_API_NOT_FOUND", "The API %s %s does not exist.", r.Method, r.URL.Path)
}
