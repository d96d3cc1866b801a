package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLoadRefuses shows that Load says where the error is, and changes nothing. A "|" is the end of a line.
func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	s := filled()
	before := saved(t, s)
	for state, says := range map[string]string{
		// not JSON
		"":                                   "the text is empty",
		" | \ufeff":                          "line 2, column 2: the JSON is wrong: invalid character",
		"\ufeff | ":                          "the text is empty",
		"\xff\xfe{\x00}\x00":                 "UTF-16",
		"\xfe\xff\x00{\x00}":                 "UTF-16",
		"{\x00}\x00":                         "UTF-16",
		"\x00{\x00}":                         "UTF-16",
		`{"users":[`:                         "line 1, column 10: the JSON is wrong: unexpected end",
		`{"users":[|{"uid":"a",}]}`:          `line 2, column 12: the JSON is wrong: invalid character '}'`,
		`{"users":[|{"uid":"é" "name":""}]}`: `line 2, column 12: the JSON is wrong: invalid character '"'`,
		`{"users":[]}| x`:                    "line 2, column 2: the JSON is wrong: invalid character 'x' after top-level value",
		"{|'users':[]}":                      `line 2, column 1: the JSON is wrong: invalid character '\''`,
		// the whole
		"[]":                                     `line 1: there must be an object with the field "users", not a list`,
		"|null":                                  `line 2: there must be an object with the field "users", not null`,
		`{"users":[],|"colour":1}`:               `line 2: unknown field "colour"`,
		`{|"version":2,"users":[]}`:              "line 2: it has version 2, but this emulator reads versions up to 1",
		`{|"version":1.5,"users":[]}`:            "line 2: the version must be a whole number, not a number",
		`{"jwtKey":"no base64!"}`:                "line 1: the jwtKey must be a text in base64",
		`{"jwtKey":1}`:                           "line 1: the jwtKey must be a text in base64, not a number",
		`{|"users":{"uid":"a"}}`:                 "line 2: the users must be a list, not an object",
		`{|"tokens":"t"}`:                        "line 2: the auth tokens must be a list, not a text",
		`{|"roles":"a"}`:                         "line 2: the roles must be a list, not a text",
		`{|"roles":["a",1]}`:                     "line 2: the roles must be a list of texts",
		`{"roles":["a",|"b c"]}`:                 `line 2: role "b c": the role may only contain letters`,
		`{"roles":["a",|null]}`:                  `line 2: role "": the role field is required`,
		`{|"keys":[]}`:                           "line 2: the keys must be an object, not a list",
		`{"keys":{|"authkey2":"k"}}`:             `line 2: keys: unknown field "authkey2"`,
		`{"keys":{|"apiKey":1}}`:                 "line 2: keys: the apiKey must be a text, not a number",
		`{|"keys":{"authKey":"k","apiKey":"k"}}`: "line 2: authKey and apiKey have to differ",
		// users
		`{"users":["ada",|"bob"]}`:                                  "line 1: user 1 must be an object, not a text",
		`{"users":[{"uid":"a"},|null]}`:                             "line 2: user 2 must be an object, not null",
		`{"users":[|{|"name":"A"}]}`:                                "line 2: user 1: the uid field is required",
		`{"users":[{"name":"A",|"uid":42}]}`:                        "line 2: user 1: the uid must be a text, not a number",
		`{"users":[{"name":"A",|"uid":"a b"}]}`:                     `line 2: user "a b": the uid may only contain letters, numbers, dashes and underscores`,
		`{"users":[{|"naem":"A",|"uid":"a"}]}`:                      `line 2: user "a": unknown field "naem"`,
		`{"users":[{"uid":"a",|"name":["A"]}]}`:                     `line 2: user "a": the name must be a text, not a list`,
		`{"users":[{"uid":"a",|"tags":"x"}]}`:                       `line 2: user "a": the tags must be a list, not a text`,
		`{"users":[{"uid":"a",|"tags":["x",1]}]}`:                   `line 2: user "a": the tags must be a list of texts`,
		`{"users":[{"uid":"a",|"metadata":"x"}]}`:                   `line 2: user "a": the metadata must be an object`,
		`{"users":[{"uid":"a",|"avatar":"x",|"link":"y"}]}`:         `line 2: user "a": the avatar must be a valid URL; the link must be a valid URL`,
		`{"users":[{"uid":"a",|"role":"r s"}]}`:                     `line 2: user "a": the role may only contain`,
		`{"users":[{"uid":"a",|"createdAt":"soon"}]}`:               `line 2: user "a": the createdAt must be a time, such as 1700000000 or "2024-05-01T10:00:00Z"`,
		`{"users":[{"uid":"a",|"lastActiveAt":true}]}`:              `line 2: user "a": the lastActiveAt must be a time`,
		`{"users":[{"uid":"a"},|{"uid":"b"},|{|"uid":"A"}]}`:        `line 4: user "A": the uid is there twice, first in line 1`,
		`{"users":[{"uid":"a","friends":["b",|"c"]},|{"uid":"b"}]}`: `line 2: user "a": the friend "c" is not the uid of another user`,
		`{"users":[{"uid":"a",|"friends":["A"]}]}`:                  `line 2: user "a": the friend "a" is not the uid of another user`,
		`{"users":[{"uid":"a",|"friends":"b"}]}`:                    `line 2: user "a": the friends must be a list, not a text`,
		`{"users":[{"uid":"a","blocked":{|"b":1}}]}`:                `line 2: user "a": the blocked "b" is not the uid of another user`,
		`{"users":[{"uid":"a","blocked":{|"A":1}}]}`:                `line 2: user "a": the blocked "a" is not the uid of another user`,
		`{"users":[{"uid":"a",|"blocked":["b"]}]}`:                  `line 2: user "a": the blocked must have a time for each uid`,
		`{"users":[{"uid":"a",|"blocked":{"b":"x"}}]}`:              `line 2: user "a": the blocked must have a time for each uid`,
		// tokens; an error never has the token
		`{"tokens":[1]}`: "line 1: auth token 1 must be an object, not a number",
		`{"users":[],"tokens":[|{"uid":"a","authToken":"secret"}]}`:                                              `line 2: auth token "a": no user has the uid "a"`,
		`{"users":[],"tokens":[|{"authToken":"secret"}]}`:                                                        `line 2: auth token 1: no user has the uid ""`,
		`{"users":[{"uid":"a"}],"tokens":[|{"uid":"a"}]}`:                                                        `line 2: auth token "a": the authToken is missing`,
		`{"users":[{"uid":"a"}],"tokens":[{"uid":"a",|"authToken":5}]}`:                                          `line 2: auth token "a": the authToken must be a text, not a number`,
		`{"users":[{"uid":"a"}],"tokens":[{"uid":"a","authToken":"secret",|"createdAt":[]}]}`:                    `line 2: auth token "a": the createdAt must be a time`,
		`{"users":[{"uid":"a"}],"tokens":[{"uid":"a",|"authtokn":"secret"}]}`:                                    `line 2: auth token "a": unknown field "authtokn"`,
		`{"users":[{"uid":"a"}],"tokens":[{"uid":"a","authToken":"secret"},|{"uid":"a","authToken":"secret"}]}`:  `line 2: auth token "a": the authToken is there twice, first in line 1`,
		`{"users":[{"uid":"a"},|{"uid":"b","authToken":"secret"}],|"tokens":[{"uid":"a","authToken":"secret"}]}`: `line 2: user "b": the authToken belongs to another user, in line 3`,
		`{"users":[{"uid":"a","authToken":"secret"},|{"uid":"b","authToken":"secret"}]}`:                         `line 2: user "b": the authToken belongs to another user, in line 1`,
	} {
		err := load(s, strings.ReplaceAll(state, "|", "\n"))
		require.ErrorContains(t, err, says, state)
		assert.NotContains(t, err.Error(), "secret")
		assert.NotContains(t, err.Error(), "\n")
		assert.Equal(t, before, saved(t, s), state)
	}
}

// TestLoadTakesWhatTheAPIWrites loads users as programs and CometChat's own answers have them.
func TestLoadTakesWhatTheAPIWrites(t *testing.T) {
	t.Parallel()
	s := store.New()
	require.NoError(t, load(s, "\ufeff"+`{"users":[
		{"uid":"ada","createdAt":"1673421419","updatedAt":1673421420123,"lastActiveAt":"2023-01-11T07:17:05Z","deactivatedAt":"0"},
		{"uid":"bob","name":"Bob","link":"https://cometchat.com","status":"available","role":"manager","createdAt":1638354015,
			"tags":null,"conversationId":"ada_user_bob","blockedByMe":true,"blockedByMeAt":1638346853,"blockedAt":"1638346853",
			"hasBlockedMe":0,"scope":"admin","joinedAt":1578291575,"authToken":"bob_token","jwt":"x","fat":"y","wsChannel":{}},
		{"uid":"eve","authToken":"eve_token","blocked":{"ada":"2023-01-11 07:17:05","bob":1673421425000},"deactivatedAt":1673421425}],
		"tokens":[{"uid":"ada","authToken":"ada_token","createdAt":"1673421419","platform":"web","userAgent":"ua","appInfo":"{}"},
			{"uid":"eve","authToken":"eve_token"}]}`))
	ada := s.User("ada")
	assert.Equal(t, []int64{1673421419, 1673421420, 1673421425, 0},
		[]int64{ada.CreatedAt, ada.UpdatedAt, ada.LastActiveAt, ada.DeactivatedAt})
	assert.Equal(t, store.Offline, s.User("bob").Status, "nobody is connected yet")
	assert.Equal(t, int64(1673421425), s.User("eve").DeactivatedAt)
	assert.Equal(t, int64(1673421425), s.BlockedAt("eve", "ada"))
	assert.Equal(t, int64(1673421425), s.BlockedAt("eve", "bob"))
	assert.Equal(t, int64(1673421419), s.Token("ada_token").CreatedAt)
	assert.Equal(t, "web", s.Token("ada_token").Device.Platform)
	assert.Equal(t, &store.Token{UID: "bob", AuthToken: "bob_token", CreatedAt: 1638354015}, s.Token("bob_token"))
	assert.Len(t, s.Tokens("eve"), 1, "the token of a user may be in the list of tokens too")
	assert.False(t, s.EitherBlocked("ada", "bob"), "blockedByMe is about the user who asked")
	assert.NotContains(t, saved(t, s), "conversationId")
}

// TestLoadOfManyUsers has each user on a line of its own.
func TestLoadOfManyUsers(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString(`{"users":[`)
	const users = 1000
	for i := range users {
		fmt.Fprintf(&text, "{\"uid\":\"u%d\",\"friends\":[\"last\"]},\n", i)
	}
	s := store.New()
	require.NoError(t, load(s, text.String()+`{"uid":"last"}]}`))
	assert.Len(t, s.Users(all), users+1)
	require.EqualError(t, load(s, text.String()+`{"uid":"u9"}]}`),
		`line 1001: user "u9": the uid is there twice, first in line 10`)
}
