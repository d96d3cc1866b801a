package cometchattest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestGroups(t *testing.T) {
	t.Parallel()
	s := started(t)
	one := actorOf(t, s, uid(1))
	created := one.do("POST", "/groups", `{"hasJoined":false,"membersCount":0,"isBanned":false,"guid":"G","name":"G","type":"password","password":"pw",
		"icon":"https://a.test/i.png","description":"d","metadata":{"k":[1]},"tags":["t"],"owner":"cometchat-uid-2"}`)
	delete(created, "createdAt")
	delete(created, "joinedAt")
	assert.Equal(t, object{
		"guid": "g", "name": "G", "type": "password", "icon": "https://a.test/i.png", "description": "d", "metadata": object{"k": []any{1.0}},
		"tags": []any{"t"}, "owner": uid(1), "hasJoined": true, "scope": "admin", "membersCount": 1.0, "onlineMembersCount": 0.0,
		"conversationId": "group_g",
	}, created, "a user cannot give a new group to another")
	updated := one.do("PUT", "/groups/g", `{"name":"H","type":"private","owner":"cometchat-uid-2","unset":["icon","description","metadata"],"tags":[]}`)
	assert.Equal(t, []any{"H", "private", uid(1), uid(1)}, []any{updated["name"], updated["type"], updated["owner"], updated["updatedBy"]})
	for _, key := range []string{"icon", "description", "metadata", "tags", "password"} {
		assert.NotContains(t, updated, key)
	}
	one.do("PUT", "/groups/g", `{"type":"password","password":"new"}`)
	one.do("PUT", "/groups/g", `{"icon":"https://a.test/j.png","description":"e","metadata":{}}`)

	server := onBehalf(t, s, "")
	assert.Equal(t, "app_system", server.do("POST", "/groups", `{"guid":"app","name":"App","type":"public"}`)["owner"])
	assert.Equal(t, uid(2), server.do("POST", "/groups", `{"guid":"two","name":"Two","type":"public","owner":"Cometchat-uid-2"}`)["owner"])
	server.do("POST", "/groups/two/members", `{"participants":["cometchat-uid-3"]}`)
	assert.Equal(t, uid(3), server.do("PUT", "/groups/two", `{"owner":"cometchat-uid-3"}`)["owner"])
	server.do("PUT", "/groups/two", `{"owner":"cometchat-uid-3"}`)
	assert.Equal(t, "participant", actorOf(t, s, uid(2)).do("GET", "/groups/two", "")["scope"], "the owner before")
	assert.Equal(t, "admin", actorOf(t, s, uid(3)).do("GET", "/groups/two", "")["scope"])
	assert.Equal(t, true, one.do("DELETE", "/groups/g", "")["success"])
	one.refused("GET", "/groups/g", "", http.StatusNotFound, "ERR_GUID_NOT_FOUND")
}

func TestRefusedGroups(t *testing.T) {
	t.Parallel()
	s := started(t)
	one, server := actorOf(t, s, uid(1)), onBehalf(t, s, "")
	one.do("POST", "/groups", `{"guid":"g","name":"G","type":"public"}`)
	for body, code := range map[string]string{
		`{"guid":"G","name":"G","type":"public"}`:                   "ERR_GUID_ALREADY_EXISTS",
		`{"guid":"h","name":"G","type":"password"}`:                 "ERR_EMPTY_GROUP_PASS",
		`{"guid":"h","name":"G","type":"protected","password":"x"}`: "ERR_BAD_REQUEST",
		`{"guid":"h","name":"G"}`:                                   "ERR_BAD_REQUEST",
		`{"guid":"a b","name":"G","type":"public"}`:                 "ERR_BAD_REQUEST",
		`{"guid":"h","name":1,"type":"public"}`:                     "ERR_BAD_REQUEST",
		`{"guid":"h","name":"G","type":"public","metadata":[]}`:     "ERR_BAD_REQUEST",
		`{"guid":"h","name":"G","type":"public","unset":["name"]}`:  "ERR_BAD_REQUEST",
	} {
		one.refused("POST", "/groups", body, http.StatusBadRequest, code)
	}
	server.refused("POST", "/groups", `{"guid":"h","name":"G","type":"public","owner":"ghost"}`, http.StatusNotFound, "ERR_UID_NOT_FOUND")
	server.refused("PUT", "/groups/g", `{"owner":"ghost"}`, http.StatusNotFound, "ERR_UID_NOT_FOUND")
	onBehalf(t, s, "ghost").refused("POST", "/groups", `{}`, http.StatusNotFound, "ERR_UID_NOT_FOUND")
	onBehalf(t, s, "ghost").refused("GET", "/groups", "", http.StatusNotFound, "ERR_UID_NOT_FOUND")
	one.refused("PUT", "/groups/g", `{"name":" "}`, http.StatusBadRequest, "ERR_BAD_REQUEST")
	onBehalf(t, s, "ghost").refused("GET", "/groups/g", "", http.StatusNotFound, "ERR_UID_NOT_FOUND")
	for _, wrong := range [][3]string{
		{"PUT", "/groups/g", `{"type":"password"}`}, {"PATCH", "/groups/g/owner", `{}`},
		{"PUT", "/groups/g/members/cometchat-uid-2", `{"scope":"owner"}`},
	} {
		status, answer := call(t, s, wrong[0], "/v3.0"+wrong[1], wrong[2], one.header)
		assert.Equal(t, http.StatusBadRequest, status, "%s: %v", wrong, answer)
	}
	for _, path := range []string{"/groups", "/groups/g", "/groups/g/owner", "/groups/g/members", "/groups/g/members/cometchat-uid-2"} {
		for _, method := range []string{"POST", "PUT", "PATCH"} {
			if status, answer := call(t, s, method, "/v3.0"+path, `[`, one.header); status != http.StatusNotFound {
				assertRefused(t, status, answer, http.StatusBadRequest, "ERR_BAD_REQUEST", "")
			}
		}
	}
	one.refused("PUT", "/groups/g/members/ghost", `{}`, http.StatusNotFound, "ERR_UID_NOT_FOUND")
	one.refused("DELETE", "/groups/g/members/ghost", "", http.StatusNotFound, "ERR_UID_NOT_FOUND")
}

func TestGroupLists(t *testing.T) {
	t.Parallel()
	s := started(t)
	one, two := actorOf(t, s, uid(1)), actorOf(t, s, uid(2))
	one.do("POST", "/groups", `{"guid":"b","name":"Apple Pie","type":"public","tags":["x"]}`)
	one.do("POST", "/groups", `{"guid":"a","name":"Cherry","type":"private","tags":["x","y"]}`)
	two.do("POST", "/groups", `{"guid":"c","name":"Berry","type":"password","password":"p"}`)
	for query, want := range map[string][]any{
		"":                           {"b", "a", "c"},
		"hasJoined=1":                {"b", "a"},
		"searchKey=%20PIE%20":        {"b"},
		"searchKey=c&searchIn=guid":  {"c"},
		"tags=y,z":                   {"a"},
		"type=private":               {"a"},
		"types=public,password":      {"b", "c"},
		"sortBy=name&sortOrder=desc": {"a", "c", "b"},
		"sortBy=guid":                {"a", "b", "c"},
		"sortBy=createdAt":           {"b", "a", "c"},
		"per_page=2&page=2":          {"c"},
		"page=9":                     {},
		"affix=append&updatedAt=1":   {"b", "a", "c"},
		"affix=prepend&updatedAt=1":  {},
	} {
		rows, meta := one.list("/groups?" + query)
		assert.Equal(t, want, field(rows, "guid"), query)
		assert.Contains(t, meta, "pagination")
	}
	rows, _ := one.list("/groups?withTags=1&hasJoined=1")
	assert.Equal(t, []any{[]any{"x"}, []any{"x", "y"}}, field(rows, "tags"))
	rows, _ = two.list("/groups")
	assert.Equal(t, []any{"b", "c"}, field(rows, "guid"), "a private group is for its members")
	assert.Equal(t, []any{nil, nil}, field(rows, "tags"))
	rows, _ = onBehalf(t, s, "").list("/groups")
	assert.Len(t, rows, 3)
	onBehalf(t, s, "").refused("GET", "/groups?hasJoined=1", "", http.StatusBadRequest, "ERR_BAD_REQUEST")
	one.refused("GET", "/groups?sortBy=x", "", http.StatusBadRequest, "ERR_BAD_REQUEST")
}
