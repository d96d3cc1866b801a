package cometchattest_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"

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

// TestWhatIsSavedCanBeLoaded saves users at the limits of what the server accepts.
func TestWhatIsSavedCanBeLoaded(t *testing.T) {
	t.Parallel()
	again := func(t *testing.T, s *cometchattest.Server) *cometchattest.Server {
		t.Helper()
		var saved bytes.Buffer
		require.NoError(t, s.Save(&saved))
		other := started(t)
		require.NoError(t, other.Load(&saved))
		return other
	}
	for name, metadata := range map[string]string{
		"many short values":   `{"a":[` + strings.Repeat("1,", 1000) + `1]}`,
		"what HTML escapes":   `{"a":"` + strings.Repeat("<", 5000) + `"}`,
		"blanks, and nothing": `{   }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := started(t)
			must(t, s, "POST", "/users", `{"uid":"ada","name":"Ada","metadata":`+metadata+`}`)
			want := must(t, s, "GET", "/users/ada", "")["metadata"]
			assert.Equal(t, want, must(t, again(t, s), "GET", "/users/ada", "")["metadata"])
		})
	}
	t.Run("no name", func(t *testing.T) {
		t.Parallel()
		s := started(t)
		s.AddUser(&cometchat.User{UID: "ada"})
		refused(t, s, "PUT", "/users/ada", `{"name":""}`, 400, "ERR_BAD_REQUEST", "validate")
		must(t, again(t, s), "GET", "/users/ada", "")
	})
	t.Run("only the default role", func(t *testing.T) {
		t.Parallel()
		s := again(t, started(t, cometchattest.WithRoles()))
		refused(t, s, "PUT", "/users/cometchat-uid-1", `{"role":"any"}`, 404, "ERR_ROLE_NOT_FOUND", "any")
	})
	t.Run("a clock that begins at 0", func(t *testing.T) {
		t.Parallel()
		s := started(t, cometchattest.WithClock(func() time.Time { return time.Unix(0, 0) }))
		must(t, s, "POST", "/users/cometchat-uid-1/blockedusers", `{"blockedUids":["cometchat-uid-2"]}`)
		must(t, s, "DELETE", "/users/cometchat-uid-3", "")
		s = again(t, s)
		blocked, _ := list(t, s, "/users/cometchat-uid-1/blockedusers")
		assert.Equal(t, []any{uid(2)}, field(blocked, "uid"))
		refused(t, s, "GET", "/users/cometchat-uid-3", "", 404, "ERR_UID_NOT_FOUND", uid(3))
	})
}

func TestLoadTakesTheKeys(t *testing.T) {
	t.Parallel()
	first := started(t)
	var saved bytes.Buffer
	require.NoError(t, first.Save(&saved))
	load := func(state string, opts ...cometchattest.Option) *cometchattest.Server {
		s := started(t, opts...)
		require.NoError(t, s.Load(strings.NewReader(state)))
		must(t, s, "GET", "/users/cometchat-uid-1", "")
		return s
	}
	s := load(saved.String())
	assert.Equal(t, [2]string{first.AuthKey, first.APIKey}, [2]string{s.AuthKey, s.APIKey})
	s = load(saved.String(), cometchattest.WithKeys("", "mine"), cometchattest.WithKeys("", ""))
	assert.Equal(t, [2]string{first.AuthKey, "mine"}, [2]string{s.AuthKey, s.APIKey}, "WithKeys has named a key")
	s = load(saved.String(), cometchattest.WithKeys("mine", ""))
	assert.Equal(t, [2]string{"mine", first.APIKey}, [2]string{s.AuthKey, s.APIKey})
	s = load(`{"keys":{"authKey":"k"},"users":[{"uid":"cometchat-uid-1"}]}`, cometchattest.WithKeys("", "mine"))
	assert.Equal(t, [2]string{"k", "mine"}, [2]string{s.AuthKey, s.APIKey})
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	s := started(t)
	token := s.CreateAuthToken(uid(1))
	l := connected(t, s, token, "d", "")
	for state, says := range map[string]string{
		"": "the text is empty",
		`{"users":[{"uid":"a"},` + "\n" + `{"uid":"A"}]}`: `line 2: user "A": the uid is there twice, first in line 1`,
	} {
		err := s.Load(strings.NewReader(state))
		require.ErrorContains(t, err, "could not be loaded", state)
		require.ErrorContains(t, err, says, state)
	}
	require.ErrorIs(t, s.Load(iotest.ErrReader(errDisk)), errDisk)
	status, _ := me(t, s, token, "")
	assert.Equal(t, 200, status, "a failed Load changes nothing")
	l.quiet()
	require.ErrorIs(t, s.Save(brokenDisk{}), errDisk)
}

var errDisk = errors.New("the disk is broken")

type brokenDisk struct{}

func (brokenDisk) Write([]byte) (int, error) { return 0, errDisk }
