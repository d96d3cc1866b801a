package cometchattest_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	first := started(t, cometchattest.WithRoles("nurse"))
	first.AddUser(&cometchat.User{UID: "ada", Name: "Ada", Role: "nurse", Tags: []string{"x"}, Metadata: []byte(`{"a":1}`)})
	first.MakeFriends("ada", uid(1))
	must(t, first, "POST", "/users/ada/blockedusers", `{"blockedUids":["cometchat-uid-3"]}`)
	must(t, first, "DELETE", "/users/cometchat-uid-2", "")
	first.DeleteUser(uid(5))
	older, newer := first.CreateAuthToken("ada"), first.CreateAuthToken("ada")
	status, _ := me(t, first, newer, `{"platform":"GO","appInfo":{"userAgent":"ua"}}`)
	require.Equal(t, 200, status)
	jwt := jwtOf(t, first, older)
	var saved bytes.Buffer
	require.NoError(t, first.Save(&saved))

	second := started(t)
	require.NoError(t, second.Load(bytes.NewReader(saved.Bytes())))
	var again bytes.Buffer
	require.NoError(t, second.Save(&again))
	assert.Equal(t, strings.ReplaceAll(saved.String(), `"available"`, `"offline"`), again.String(), "nobody is connected yet")
	users, _ := list(t, second, "/users?withDeactivated=true")
	assert.Equal(t, []any{uid(1), uid(2), uid(3), uid(4), "ada"}, field(users, "uid"))
	friends, _ := list(t, second, "/users/cometchat-uid-1/friends")
	assert.Equal(t, []any{"ada"}, field(friends, "uid"))
	blocked, _ := list(t, second, "/users/ada/blockedusers")
	assert.Equal(t, []any{uid(3)}, field(blocked, "uid"))
	tokens, _ := list(t, second, "/users/ada/auth_tokens")
	assert.Equal(t, []any{older, newer}, field(tokens, "authToken"))
	assert.Equal(t, []any{nil, "GO"}, field(tokens, "platform"))
	refused(t, second, "PUT", "/users/ada", `{"role":"other"}`, 404, "ERR_ROLE_NOT_FOUND", "other")
	l := dialed(t, second)
	l.send(object{"type": "auth", "body": object{"auth": jwt}})
	assert.Equal(t, object{"code": "200", "status": "OK"}, l.next()["body"], "a jwt outlives a restart")
	second.AddUser(&cometchat.User{UID: "last", Name: "Last"})
	users, _ = list(t, second, "/users")
	assert.Equal(t, "last", users[len(users)-1]["uid"])
}

func TestLoadWhatAPersonWrote(t *testing.T) {
	t.Parallel()
	s := started(t)
	require.NoError(t, s.Load(strings.NewReader(`{
		"roles": ["Moderator"],
		"users": [{"uid": "Ada", "name": "Ada", "role": "moderator", "friends": ["BOB"], "blocked": {"eve": 0}},
			{"uid": "bob", "name": "Bob"}, {"uid": "eve", "name": "Eve"}],
		"tokens": [{"uid": "ADA", "authToken": "ada_token"}]
	}`)))
	status, answer := me(t, s, "ada_token", "")
	ada := data(t, status, answer)
	assert.Equal(t, "ada", ada["uid"])
	assert.Equal(t, "moderator", ada["role"])
	assert.Positive(t, ada["createdAt"])
	friends, _ := list(t, s, "/users/bob/friends")
	assert.Equal(t, []any{"ada"}, field(friends, "uid"))
	blocked, _ := list(t, s, "/users/ada/blockedusers")
	assert.Equal(t, []any{"eve"}, field(blocked, "uid"))
}

func TestLoadWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := started(t)
	token := s.CreateAuthToken(uid(1))
	for state, says := range map[string]string{
		"":                          "EOF",
		"[]":                        "array",
		`{"users":[]} x`:            "after",
		`{"users":[],"colour":1}`:   "colour",
		`{"version":2,"users":[]}`:  "version 2",
		`{"users":[{"name":"A"}]}`:  "uid",
		`{"users":[{"uid":"a"}]}`:   "name",
		`{"users":[{"uid":"a b"}]}`: "letters",
		`{"users":[{"uid":"a","name":"A"},{"uid":"A","name":"A"}]}`: "twice",
		`{"users":[{"uid":"a","name":"A","friends":["b"]}]}`:        `"b"`,
		`{"users":[{"uid":"a","name":"A","blocked":{"b":1}}]}`:      `"b"`,
		`{"users":[{"uid":"a","name":"A","metadata":"x"}]}`:         "metadata",
		`{"users":[],"tokens":[{"uid":"a","authToken":"t"}]}`:       "token 1",
		`{"users":[{"uid":"a","name":"A"}],"tokens":[{"uid":"a"}]}`: "token 1",
	} {
		err := s.Load(strings.NewReader(state))
		require.ErrorContains(t, err, "could not be loaded", state)
		require.ErrorContains(t, err, says, state)
	}
	status, _ := me(t, s, token, "")
	assert.Equal(t, 200, status, "it is as it was")
	require.ErrorIs(t, s.Save(fullDisk{}), errFull)
}

var errFull = errors.New("the disk is full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }
