package cometchattest_test

import (
	"net/http"
	"testing"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
)

func TestManagedRoles(t *testing.T) {
	t.Parallel()
	s := started(t)
	server := onBehalf(t, s, "")
	rows, _ := server.list("/roles")
	assert.Equal(t, []any{"default"}, field(rows, "role"), "while every role exists, the default role alone is listed")
	server.do("PUT", "/roles/default", `{"description":"everybody"}`)

	created := server.do("POST", "/roles", `{"role":"Teacher","name":"Teacher","description":"d","metadata":{"k":1},
		"settings":{"listUsers":"all","sendMessagesTo":"friendsOnly"}}`)
	assert.NotZero(t, created["createdAt"])
	delete(created, "createdAt")
	assert.Equal(t, object{
		"role": "teacher", "name": "Teacher", "description": "d", "metadata": object{"k": 1.0},
		"settings": object{"listUsers": "all", "sendMessagesTo": "friendsOnly"},
	}, created)
	updated := server.do("PUT", "/roles/TEACHER", `{"name":"Tutor","metadata":{"k":2},"settings":{"listUsers":"friendsOnly"}}`)
	assert.Equal(t, []any{"Tutor", object{"k": 2.0}, object{"listUsers": "friendsOnly"}}, []any{updated["name"], updated["metadata"], updated["settings"]})
	updated = server.do("PUT", "/roles/teacher", `{"unset":["settings","description","metadata"]}`)
	for _, key := range []string{"settings", "description", "metadata"} {
		assert.NotContains(t, updated, key)
	}
	assert.NotZero(t, server.do("GET", "/roles/teacher", "")["updatedAt"])
	rows, meta := server.list("/roles?perPage=1&page=2")
	assert.Equal(t, []any{"teacher"}, field(rows, "role"))
	assert.InDelta(t, 2, at(t, meta, "pagination", "total"), 0)
	saveAndLoad(t, s)

	for _, refusal := range []struct {
		method, path, body string
		status             int
		code               string
	}{
		{"POST", "/roles", `{"role":"Teacher","name":"x"}`, http.StatusBadRequest, "ERR_BAD_REQUEST"},
		{"POST", "/roles", `{"role":"x y","name":"x"}`, http.StatusBadRequest, "ERR_BAD_REQUEST"},
		{"POST", "/roles", `{"role":"x","name":"x","settings":{"listUsers":"some"}}`, http.StatusBadRequest, "ERR_BAD_REQUEST"},
		{"POST", "/roles", `[]`, http.StatusBadRequest, "ERR_BAD_REQUEST"},
		{"PUT", "/roles/teacher", `{"unset":["name"]}`, http.StatusBadRequest, "ERR_BAD_REQUEST"},
		{"GET", "/roles?page=x", "", http.StatusBadRequest, "ERR_BAD_REQUEST"},
		{"GET", "/roles/Nurse", "", http.StatusNotFound, "ERR_ROLE_NOT_FOUND"},
		{"PUT", "/users/cometchat-uid-1", `{"role":"nurse"}`, http.StatusNotFound, "ERR_ROLE_NOT_FOUND"},
		{"DELETE", "/roles/default", "", http.StatusForbidden, "ERR_ROLE_DELETE_DENIED"},
	} {
		server.refused(refusal.method, refusal.path, refusal.body, refusal.status, refusal.code)
	}
	server.do("PUT", "/users/cometchat-uid-1", `{"role":"teacher"}`)
	server.do("DELETE", "/roles/teacher", "")
	server.refused("GET", "/roles/teacher", "", http.StatusNotFound, "ERR_ROLE_NOT_FOUND")
	assert.Equal(t, "teacher", server.do("GET", "/users/cometchat-uid-1", "")["role"])

	listed := onBehalf(t, started(t, cometchattest.WithRoles("Nurse")), "")
	rows, _ = listed.list("/roles")
	assert.Equal(t, []any{"default", "nurse"}, field(rows, "role"))
}
