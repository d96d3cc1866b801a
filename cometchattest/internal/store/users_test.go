package store_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fields decodes the fields of a request about a user.
func fields(t *testing.T, body string) store.UserFields {
	t.Helper()
	var f store.UserFields
	require.NoError(t, json.Unmarshal([]byte(body), &f))
	return f
}

func TestUsersStayInTheOrderOfTheirCreation(t *testing.T) {
	t.Parallel()
	s := filled()
	assert.Equal(t, []string{"ada", "bob", "eve"}, uids(s.Users(all)))
	s.PutUser(&store.User{UID: "bob", Name: "Replaced", Status: store.Available})
	assert.Equal(t, []string{"ada", "bob", "eve"}, uids(s.Users(all)), "a replaced user keeps the position")
	assert.Equal(t, store.Offline, s.User("bob").Status, "and the status")
	s.RemoveUser("ada")
	s.PutUser(&store.User{UID: "ada"})
	assert.Equal(t, []string{"bob", "eve", "ada"}, uids(s.Users(all)), "a user who was removed comes last")
	assert.Equal(t, []string{"eve"}, uids(s.Users(func(u *store.User) bool { return u.UID == "eve" })))
	assert.Nil(t, s.User("nobody"))
}

func TestReplacingAConnectedUserKeepsTheStatus(t *testing.T) {
	t.Parallel()
	s := filled()
	s.Connect("ada")
	s.PutUser(&store.User{UID: "ada", Name: "New"})
	assert.Equal(t, store.Available, s.User("ada").Status)
	gone := s.Disconnect("ada", now)
	require.NotNil(t, gone)
	assert.Equal(t, "New", gone.Name)
}

func TestCreateUser(t *testing.T) {
	t.Parallel()
	s := store.New()
	u := s.CreateUser(fields(t, `{"uid":"Ada","name":"Ada","avatar":"https://a","unset":["avatar"],"role":"Chief"}`), now)
	assert.Same(t, u, s.User("ada"))
	raw, err := json.Marshal(u)
	require.NoError(t, err)
	assert.JSONEq(t, `{"uid":"ada","name":"Ada","avatar":"https://a","role":"chief","status":"offline","createdAt":1795521600}`,
		string(raw), "there is nothing to unset yet, and no update")
	assert.Equal(t, now.Unix(), u.ChangedAt())
	assert.Equal(t, store.DefaultRole, s.CreateUser(fields(t, `{"uid":"bob","name":"Bob"}`), now).Role)
}

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	s := store.New()
	s.CreateUser(fields(t, `{"uid":"ada","name":"Ada","avatar":"https://a","link":"https://l","metadata":{"a":1},"tags":["x"]}`), now)
	later := now.Add(time.Minute)
	update := func(body string) *store.User {
		f := fields(t, body)
		s.UpdateUser("ada", &f, later)
		return s.User("ada")
	}
	u := update(`{"name":null,"metadata":null,"tags":null}`)
	assert.Equal(t, "Ada", u.Name)
	assert.Equal(t, []string{"x"}, u.Tags)
	assert.JSONEq(t, `{"a":1}`, string(u.Metadata))
	assert.Zero(t, u.UpdatedAt, "null fields change nothing")

	u = update(`{"uid":"eve","statusMessage":"hi","tags":[],"metadata":{"b":2},"role":"","link":"https://other","unset":["avatar","link"]}`)
	assert.Equal(t, "ada", u.UID, "a uid never changes")
	assert.Equal(t, "hi", u.StatusMessage)
	assert.Empty(t, u.Tags)
	assert.Empty(t, u.Avatar)
	assert.Empty(t, u.Link, "unset wins over a value")
	assert.JSONEq(t, `{"b":2}`, string(u.Metadata), "metadata is replaced, not merged")
	assert.Equal(t, store.DefaultRole, u.Role)
	assert.Equal(t, later.Unix(), u.ChangedAt())
	assert.Empty(t, update(`{"unset":["metadata"]}`).Metadata)
}

func TestCheckUserFields(t *testing.T) {
	t.Parallel()
	for body, wrong := range map[string]string{
		`{"uid":"ada_1-X","name":"Ada","avatar":"","link":"https://l","role":"","metadata":{},"tags":["x"],"unset":["avatar"]}`: "",
		`{"name":"Ada"}`:                      "uid",
		`{"uid":"","name":"Ada"}`:             "uid",
		`{"uid":"a b","name":"Ada"}`:          "uid",
		`{"uid":"ada"}`:                       "name",
		`{"uid":"ada","name":" "}`:            "name",
		`{"uid":"ada","name":"A","role":"/"}`: "role",
		`{"uid":"ada","name":"A","link":"l"}`: "link",
		`{"uid":"ada","name":"A","avatar":"https://` + strings.Repeat("x", 3000) + `"}`:  "avatar",
		`{"uid":"ada","name":"` + strings.Repeat("ä", 100) + `"}`:                        "",
		`{"uid":"ada","name":"` + strings.Repeat("ä", 101) + `"}`:                        "name",
		`{"uid":"ada","name":"A","metadata":[]}`:                                         "metadata",
		`{"uid":"ada","name":"A","metadata":{"a":"` + strings.Repeat("x", 5<<10) + `"}}`: "metadata",
		`{"uid":"ada","name":"A","tags":["` + strings.Repeat("x", 101) + `"]}`:           "tags",
		`{"uid":"ada","name":"A","tags":[` + strings.Repeat(`"x",`, 25) + `"x"]}`:        "tags",
		`{"uid":"ada","name":"A","unset":["avatar","name","uid"]}`:                       "unset",
	} {
		f := fields(t, body)
		errs := f.Check(true)
		if wrong == "" {
			assert.Empty(t, errs, body)
			continue
		}
		if assert.Len(t, errs, 1, body) && assert.NotEmpty(t, errs[wrong], body) {
			assert.Contains(t, errs[wrong][0], "The "+wrong+" ")
		}
	}
	f := fields(t, `{}`)
	assert.Empty(t, f.Check(false), "an update requires no field")
	f = fields(t, `{"name":""}`)
	assert.Contains(t, f.Check(false), "name")
}

func TestDeactivatedUser(t *testing.T) {
	t.Parallel()
	s := filled()
	token, _ := s.CreateToken("ada", now)
	s.Connect("ada")
	assert.Equal(t, []*store.Token{token}, s.DeactivateUser("ada", now), "the server refuses these tokens now")
	assert.Nil(t, s.ActiveUser("ada"))
	assert.Equal(t, store.Offline, s.User("ada").Status)
	s.DeactivateUser("ada", now.Add(time.Hour))
	assert.Equal(t, now.Unix(), s.User("ada").DeactivatedAt, "the first time counts")
	s.ActivateUser("ada")
	assert.NotNil(t, s.ActiveUser("ada"))
	assert.Same(t, token, s.Token(token.AuthToken), "its tokens work again")
	s.DeactivateUser("bob", time.Unix(0, 0))
	assert.Nil(t, s.ActiveUser("bob"), "also if the clock begins at 0")
	assert.Nil(t, s.ActiveUser("nobody"))
}

func TestRemoveUser(t *testing.T) {
	t.Parallel()
	s := filled()
	token, _ := s.CreateToken("ada", now)
	s.Connect("ada")
	s.Befriend("ada", "bob")
	s.Block("ada", "eve", now)
	s.Block("bob", "ada", now)
	s.RemoveUser("ada")
	s.RemoveUser("nobody")
	assert.Equal(t, []string{"bob", "eve"}, uids(s.Users(all)))
	assert.Nil(t, s.Token(token.AuthToken))
	s.PutUser(&store.User{UID: "ada"})
	assert.False(t, s.Connected("ada"), "a new user with the uid inherits nothing")
	assert.Empty(t, s.Tokens("ada"))
	assert.False(t, s.Friends("ada", "bob") || s.Friends("bob", "ada"))
	assert.False(t, s.EitherBlocked("ada", "eve") || s.EitherBlocked("ada", "bob"))
}
