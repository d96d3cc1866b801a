package cometchattest_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// client makes a request with an auth token of a user.
func client(t *testing.T, s *cometchattest.Server, uid, method, path, body string) (int, object) {
	t.Helper()
	return call(t, s, method, "/v3.0"+path, body, headers{"appid": s.AppID, "authtoken": s.CreateAuthToken(uid)})
}

// clientList makes a request with an auth token of a user, and returns the list in the answer.
func clientList(t *testing.T, s *cometchattest.Server, uid, path string) []object {
	t.Helper()
	status, answer := client(t, s, uid, "GET", path, "")
	require.Equal(t, http.StatusOK, status, "%v", answer)
	items := []object{}
	for _, value := range answer["data"].([]any) { //nolint:forcetypeassert // a test may panic
		items = append(items, value.(object)) //nolint:forcetypeassert // likewise
	}
	return items
}

func uid(n int) string { return "cometchat-uid-" + strconv.Itoa(n) }

func TestBlockedUsers(t *testing.T) {
	t.Parallel()
	s := started(t)
	status, answer := client(t, s, uid(1), "POST", "/blockedusers", `{"blockedUids":["COMETCHAT-UID-2","cometchat-uid-3","nobody","cometchat-uid-1"]}`)
	blocked := data(t, status, answer)
	assert.Equal(t, true, blocked[uid(2)].(object)["success"]) //nolint:forcetypeassert // a test may panic
	assert.Equal(t, true, blocked[uid(3)].(object)["success"]) //nolint:forcetypeassert // likewise
	assert.Equal(t, object{"success": false, "error": object{
		"code": "ERR_UID_NOT_FOUND", "message": "The UID nobody does not exist, please make sure you have created a user with this UID.",
	}}, blocked["nobody"])
	assert.Equal(t, "ERR_CANNOT_BLOCK_SELF", blocked[uid(1)].(object)["error"].(object)["code"]) //nolint:forcetypeassert // likewise
	must(t, s, "POST", "/users/cometchat-uid-4/blockedusers", `{"blockedUids":["cometchat-uid-1"]}`)

	for direction, want := range map[string][]any{
		"":                        {uid(2), uid(3), uid(4)},
		"?direction=both":         {uid(2), uid(3), uid(4)},
		"?direction=blockedByMe":  {uid(2), uid(3)},
		"?direction=hasBlockedMe": {uid(4)},
		"?searchKey=nan":          {uid(3)},
		"?per_page=1&page=2":      {uid(3)},
	} {
		assert.Equal(t, want, field(clientList(t, s, uid(1), "/blockedusers"+direction), "uid"), direction)
	}
	items, whole := list(t, s, "/users/cometchat-uid-1/blockedusers?perPage=2")
	assert.Equal(t, []any{uid(2), uid(3)}, field(items, "uid"))
	assert.Equal(t, true, items[0]["blockedByMe"])
	assert.Positive(t, items[0]["blockedByMeAt"])
	assert.NotContains(t, items[0], "hasBlockedMe")
	assert.NotContains(t, whole, "cursor")
	assert.Contains(t, whole["meta"], "cursor", "this list has its cursor in meta")
	status, answer = client(t, s, uid(1), "GET", "/users/cometchat-uid-4", "")
	assert.Equal(t, true, data(t, status, answer)["hasBlockedMe"])

	assert.Equal(t, []any{uid(2), uid(3), uid(4), uid(5)}, field(clientList(t, s, uid(1), "/users"), "uid"))
	assert.Equal(t, []any{uid(5)}, field(clientList(t, s, uid(1), "/users?hideBlockedUsers=1"), "uid"))

	status, answer = client(t, s, uid(1), "DELETE", "/blockedusers", `{"blockedUids":["cometchat-uid-2","cometchat-uid-5"]}`)
	assert.Len(t, data(t, status, answer), 2, "unblocking a user who is not blocked is fine")
	must(t, s, "DELETE", "/users/cometchat-uid-4/blockedusers", `{"blockedUids":["cometchat-uid-1"]}`)
	assert.Equal(t, []any{uid(3)}, field(clientList(t, s, uid(1), "/blockedusers"), "uid"))
	s.DeleteUser(uid(3))
	assert.Empty(t, clientList(t, s, uid(1), "/blockedusers"))

	for _, body := range []string{"", "{}", `{"blockedUids":[]}`, `{"blockedUids":"a"}`, `{"blockedUids":[1]}`, "["} {
		status, answer = client(t, s, uid(1), "POST", "/blockedusers", body)
		assertRefused(t, status, answer, 400, "ERR_BAD_REQUEST", "")
	}
	refused(t, s, "POST", "/users/nobody/blockedusers", `{"blockedUids":["a"]}`, 404, "ERR_UID_NOT_FOUND", "nobody")
	refused(t, s, "GET", "/users/cometchat-uid-1/blockedusers?direction=up", "", 400, "ERR_BAD_REQUEST", "validate")
}

func TestFriends(t *testing.T) {
	t.Parallel()
	s := started(t)
	answer := must(t, s, "POST", "/users/cometchat-uid-1/friends", `{"accepted":["cometchat-uid-2","cometchat-uid-4","cometchat-uid-1"]}`)
	accepted, _ := answer["accepted"].(object)
	assert.Equal(t, true, accepted[uid(2)].(object)["success"])                                           //nolint:forcetypeassert // a test may panic
	assert.Equal(t, "ERR_CANNOT_FORM_SELF_RELATION", accepted[uid(1)].(object)["error"].(object)["code"]) //nolint:forcetypeassert // likewise
	items, _ := list(t, s, "/users/cometchat-uid-1/friends")
	assert.Equal(t, []any{uid(2), uid(4)}, field(items, "uid"))
	items, _ = list(t, s, "/users/cometchat-uid-4/friends?searchKey=and")
	assert.Equal(t, []any{uid(1)}, field(items, "uid"), "both are friends")
	assert.Equal(t, []any{uid(2), uid(4)}, field(clientList(t, s, uid(1), "/users?friendsOnly=true"), "uid"))
	must(t, s, "DELETE", "/users/cometchat-uid-2/friends", `{"friends":["cometchat-uid-1"]}`)
	items, _ = list(t, s, "/users/cometchat-uid-1/friends")
	assert.Equal(t, []any{uid(4)}, field(items, "uid"))
	refused(t, s, "DELETE", "/users/cometchat-uid-2/friends", `{"friends":["cometchat-uid-1"]}`, 400, "ERR_NOT_A_FRIEND", "")
	many := `{"accepted":["cometchat-uid-1"`
	for i := range 25 {
		many += `,"u` + strconv.Itoa(i) + `"`
	}
	refused(t, s, "POST", "/users/cometchat-uid-2/friends", many+`]}`, 400, "ERR_BAD_REQUEST", "validate")
	refused(t, s, "POST", "/users/cometchat-uid-2/friends", `{}`, 400, "ERR_BAD_REQUEST", "validate")
	refused(t, s, "DELETE", "/users/nobody/friends", `{}`, 404, "ERR_UID_NOT_FOUND", "nobody")
}

func TestClientListsUsers(t *testing.T) {
	t.Parallel()
	s := started(t)
	must(t, s, "DELETE", "/users/cometchat-uid-5", "")
	for query, want := range map[string][]any{
		"":                                          {uid(2), uid(3), uid(4)},
		"?per_page=2&page=2":                        {uid(4)},
		"?withDeactivated=true":                     {uid(2), uid(3), uid(4)},
		"?sortBy=name&sortOrder=desc":               {uid(4), uid(3), uid(2)},
		"?sortBy=uid&sortOrder=asc":                 {uid(2), uid(3), uid(4)},
		"?uids=cometchat-uid-3,X":                   {uid(3)},
		"?searchKey=s&searchIn=name":                {uid(4)},
		"?status=available":                         {uid(4)},
		"?" + url.QueryEscape("roles") + "=default": {uid(2), uid(3), uid(4)},
	} {
		if query == "?status=available" {
			client(t, s, uid(4), "PUT", "/me", "")
		}
		assert.Equal(t, want, field(clientList(t, s, uid(1), "/users"+query), "uid"), query)
	}
	assert.Equal(t, "cometchat-uid-1_user_cometchat-uid-2", clientList(t, s, uid(1), "/users")[0]["conversationId"])
	status, answer := client(t, s, uid(1), "GET", "/users?sortBy=age", "")
	assertRefused(t, status, answer, 400, "ERR_BAD_REQUEST", "")
}

func TestSettingsAndMe(t *testing.T) {
	t.Parallel()
	s := started(t)
	at, err := url.Parse(s.URL)
	require.NoError(t, err)
	port, err := strconv.Atoi(at.Port())
	require.NoError(t, err)
	status, answer := client(t, s, uid(1), "GET", "/settings", "")
	settings := data(t, status, answer)
	for key, want := range map[string]any{
		"CLIENT_API_HOST": at.Host, "ADMIN_API_HOST": at.Host, "CHAT_API_VERSION": "v3.0", "CHAT_HOST": at.Hostname(),
		"CHAT_HOST_APP_SPECIFIC": at.Hostname(), "CHAT_HOST_OVERRIDE": at.Hostname(), "CHAT_WSS_PORT": float64(port),
		"CHAT_USE_SSL": false, "ANALYTICS_PING_DISABLED": true, "MODE": "DEFAULT", "extensions": []any{},
		"APP_VERSION": float64(4), "ANALYTICS_HOST": at.Host,
	} {
		assert.Equal(t, want, settings[key], key)
	}
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/v3.0/settings", http.NoBody)
	r.Host = "[::1]:8443"
	r.Header.Set("appid", s.AppID)
	r.Header.Set("authtoken", s.CreateAuthToken(uid(1)))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	assert.Contains(t, w.Body.String(), `"CHAT_HOST":"[::1]"`, "with the brackets of a URL")
	assert.NotEmpty(t, settings["settingsHash"])
	assert.NotEmpty(t, settings["WS_API_VERSION"])

	status, answer = client(t, s, uid(1), "POST", "/user_sessions", `{"sessionId":"s1","data":{"app":{}},"generatedAt":1}`)
	assert.Equal(t, object{"sessionId": "s1"}, data(t, status, answer))

	status, answer = client(t, s, uid(1), "GET", "/me", "")
	me := data(t, status, answer)
	assert.Equal(t, "Andrew Joseph", me["name"])
	assert.Equal(t, "offline", me["status"], "GET changes nothing")
	assert.NotEmpty(t, me["jwt"])
	assert.NotEmpty(t, me["authToken"])
}
