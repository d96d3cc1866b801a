package cometchattest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestImport(t *testing.T) {
	t.Parallel()
	s := started(t)
	server := onBehalf(t, s, "")
	imported := func(kind, items string) object {
		return server.do("POST", "/data_import/"+kind, `{"`+kind+`":`+items+`}`)
	}
	users := imported("users", `{"Ada":{"uid":"Ada","name":"Ada","createdAt":"1673421419","lastActiveAt":1673421425,"metadata":{"k":1}},
		"ben":{"uid":"ben","name":"Ben","deactivatedAt":"1673421419"},"cometchat-uid-1":{"uid":"cometchat-uid-1","name":"x"}}`)
	assert.Equal(t, object{"success": true, "data": object{
		"uid": "ada", "name": "Ada", "role": "default", "status": "offline", "metadata": object{"k": 1.0},
		"createdAt": 1673421419.0, "lastActiveAt": 1673421425.0,
	}}, users["Ada"])
	assert.InDelta(t, 1673421419, at(t, users, "ben", "data", "deactivatedAt"), 0)
	assert.Equal(t, "ERR_UID_ALREADY_EXISTS", at(t, users, "cometchat-uid-1", "error", "code"))

	groups := imported("groups", `{"g":{"guid":"g","name":"G","type":"public","owner":"ADA","createdAt":"1673421419"},
		"app":{"guid":"app","name":"App","type":"private"}}`)
	assert.Equal(t, []any{"ada", 1673421419.0, "group_g"}, []any{
		at(t, groups, "g", "data", "owner"), at(t, groups, "g", "data", "createdAt"), at(t, groups, "g", "data", "conversationId"),
	})
	assert.Equal(t, "app_system", at(t, groups, "app", "data", "owner"))

	members := imported("members", `{"g_member_cometchat-uid-1":{"memberId":"x","guid":"g","uid":"cometchat-uid-1","scope":"admin","joinedAt":"1673421420"},
		"g_member_ada":{"guid":"g","uid":"ada"},"g_member_cometchat-uid-2":{"guid":"g","uid":"cometchat-uid-2"}}`)
	assert.Equal(t, object{"success": true, "data": object{"guid": "g", "uid": "cometchat-uid-1", "scope": "admin", "joinedAt": 1673421420.0}},
		members["g_member_cometchat-uid-1"])
	assert.Equal(t, "ERR_ALREADY_JOINED", at(t, members, "g_member_ada", "error", "code"))
	assert.Equal(t, "participant", at(t, members, "g_member_cometchat-uid-2", "data", "scope"))

	const text = `"category":"message","type":"text","data":{"text":"hi"}`
	messages := imported("messages", `{"z":{"muid":"z","sender":"ada","receiver":"cometchat-uid-1","receiverType":"user",`+text+`,
		"sentAt":"1674104348","deliveredAt":"1674224684","readAt":"1674224685","tags":["t"]},
		"a":{"muid":"a","sender":"ada","receiver":"g","receiverType":"group",`+text+`,"sentAt":1674104349}}`)
	first := at(t, messages, "z", "data").(object) //nolint:forcetypeassert // the test would panic
	assert.Equal(t, []any{"1", 1674104348.0, "z"}, []any{first["id"], first["sentAt"], first["muid"]})
	assert.Equal(t, "2", at(t, messages, "a", "data", "id"), "messages are kept in the order of the request")
	got := onBehalf(t, s, "ada").do("GET", "/messages/1", "")
	assert.Equal(t, []any{1674224684.0, 1674224685.0}, []any{got["deliveredAt"], got["readAt"]})
	again := imported("messages", `{"z":{"muid":"z","sender":"ada","receiver":"cometchat-uid-1","receiverType":"user",`+text+`,"sentAt":"1"}}`)
	assert.Equal(t, "ERR_IMPORT_MUID_ALREADY_EXISTS", at(t, again, "z", "error", "code"))
	saveAndLoad(t, s)
}

func TestRefusedImports(t *testing.T) {
	t.Parallel()
	s := started(t)
	server := onBehalf(t, s, "")
	server.do("POST", "/groups", `{"guid":"g","name":"G","type":"public"}`)
	const text = `"receiver":"cometchat-uid-2","receiverType":"user","category":"message","type":"text","data":{"text":"hi"}`
	for _, tc := range []struct{ kind, key, item, code string }{
		{"users", "u", `{"uid":"v","name":"V"}`, "ERR_IMPORT_INVALID_USER_FORMAT"},
		{"users", "u", `{"uid":"u"}`, "ERR_IMPORT_INVALID_USER_FORMAT"},
		{"users", "u", `{"uid":"u","name":7}`, "ERR_IMPORT_INVALID_USER_FORMAT"},
		{"users", "u", `{"uid":"u","name":"U","createdAt":"yesterday"}`, "ERR_IMPORT_INVALID_USER_FORMAT"},
		{"groups", "u", `{"guid":"u","name":"U"}`, "ERR_IMPORT_INVALID_GROUP_FORMAT"},
		{"groups", "g", `{"guid":"g","name":"G","type":"public"}`, "ERR_GUID_ALREADY_EXISTS"},
		{"groups", "h", `{"guid":"h","name":"H","type":"public","owner":"ghost"}`, "ERR_UID_NOT_FOUND"},
		{"members", "g-u", `{"guid":"g","uid":"u"}`, "ERR_IMPORT_INVALID_MEMBER_FORMAT"},
		{"members", "g_member_u", `{"guid":"g","uid":"u","scope":"owner"}`, "ERR_IMPORT_INVALID_MEMBER_FORMAT"},
		{"members", "g_member_u", `{"guid":"g","uid":"u","joinedAt":"x"}`, "ERR_IMPORT_INVALID_JOINEDAT"},
		{"members", "g_member_ghost", `{"guid":"g","uid":"ghost"}`, "ERR_UID_NOT_FOUND"},
		{"members", "h_member_ghost", `{"guid":"h","uid":"ghost"}`, "ERR_GUID_NOT_FOUND"},
		{"messages", "m", `{"muid":"n",` + text + `}`, "ERR_IMPORT_INVALID_MESSAGE_FORMAT"},
		{"messages", "m", `{"muid":"m","sender":"cometchat-uid-1",` + text + `}`, "ERR_IMPORT_INVALID_MESSAGE_FORMAT"},
		{"messages", "m", `{"muid":"m","sender":"ghost","sentAt":"1",` + text + `}`, "ERR_UID_NOT_FOUND"},
		{"messages", "m", `{"muid":"m","sender":"cometchat-uid-1","sentAt":"1","receiver":"g","receiverType":"group","category":"message",
			"type":"text","data":{"text":"hi"}}`, "ERR_GROUP_NOT_JOINED"},
		{"messages", "m", `{"muid":"m","sender":"cometchat-uid-1","sentAt":"1"}`, "ERR_EMPTY_RECEIVER"},
	} {
		answer := server.do("POST", "/data_import/"+tc.kind, fmt.Sprintf(`{%q:{%q:%s}}`, tc.kind, tc.key, tc.item))
		assert.Equal(t, tc.code, at(t, answer, tc.key, "error", "code"), "%s %s", tc.kind, tc.item)
	}
	for _, body := range []string{`{}`, `{"users":[]}`, `{"users":{}}`, `[`, `{"users":{` + strings.TrimSuffix(strings.Repeat(`"u":{},`, 51), ",") + `}}`} {
		server.refused("POST", "/data_import/users", body, http.StatusBadRequest, "ERR_BAD_REQUEST")
	}
	rows, _ := server.list("/users")
	require.Len(t, rows, 5)
}
