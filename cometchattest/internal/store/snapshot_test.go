package store_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func saved(t *testing.T, s *store.Store) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, s.Save(&b, store.Keys{}))
	return b.String()
}

func load(s *store.Store, state string) error {
	_, err := s.Load([]byte(state), now)
	return err
}

func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	first := filled()
	first.SetRoles([]string{"nurse", "agent"})
	first.PutUser(&store.User{UID: "zoe", Role: "nurse", Metadata: []byte(`{"a":"<b>"}`), Tags: []string{"x"}, CreatedAt: 5})
	first.Befriend("zoe", "ada")
	first.Block("zoe", "eve", now)
	first.DeactivateUser("bob", now)
	token, _ := first.CreateToken("zoe", now)
	token.Device.Platform = "go"
	text := saved(t, first)
	assert.Contains(t, text, `"<b>"`, "HTML is not escaped")

	second := store.New()
	second.SendMessage(store.Message{}, now)
	require.NoError(t, load(second, text))
	assert.Equal(t, text, saved(t, second))
	assert.Equal(t, []string{"ada", "bob", "eve", "zoe"}, uids(second.Users(all)))
	assert.True(t, second.Friends("ada", "zoe"))
	assert.Equal(t, now.Unix(), second.BlockedAt("zoe", "eve"))
	assert.Nil(t, second.ActiveUser("bob"))
	assert.Equal(t, "go", second.Token(token.AuthToken).Device.Platform)
	assert.True(t, second.HasRole("agent") && !second.HasRole("other"))
	assert.Equal(t, first.JWTKey, second.JWTKey)
	assert.Equal(t, "2", second.SendMessage(store.Message{}, now).ID, "the count of messages goes on")
	second.PutUser(&store.User{UID: "new"})
	assert.Equal(t, "new", second.Users(all)[4].UID, "new users come after the loaded ones")
}

func TestNobodyIsConnectedAfterLoad(t *testing.T) {
	t.Parallel()
	s := filled()
	s.Connect("ada")
	require.NoError(t, load(s, saved(t, s)))
	assert.Equal(t, store.Offline, s.User("ada").Status)
	assert.NotNil(t, s.Connect("ada"), "it is the first connection")
}

func TestLoadFillsInWhatAPersonLeavesOut(t *testing.T) {
	t.Parallel()
	s := store.New()
	key := s.JWTKey
	require.NoError(t, load(s, `{
		"roles": ["Nurse"],
		"users": [{"uid": "Ada", "role": "NURSE", "metadata": null, "friends": ["BOB"], "blocked": {"EVE": 0}},
			{"uid": "bob", "metadata": { "a" : [ 1 ] }}, {"uid": "eve"}],
		"tokens": [{"uid": "ADA", "authToken": "ada_token"}]
	}`))
	ada := s.User("ada")
	assert.Equal(t, "nurse", ada.Role)
	assert.Equal(t, store.DefaultRole, s.User("bob").Role)
	assert.True(t, s.HasRole("nurse") && !s.HasRole("any"))
	assert.Equal(t, now.Unix(), ada.CreatedAt)
	assert.Empty(t, ada.Metadata)
	assert.Len(t, s.User("bob").Metadata, len(`{"a":[1]}`), "without the blanks, which count toward the limit")
	assert.True(t, s.Friends("bob", "ada"))
	assert.NotZero(t, s.BlockedAt("ada", "eve"))
	assert.Equal(t, &store.Token{UID: "ada", AuthToken: "ada_token", CreatedAt: now.Unix()}, s.Token("ada_token"))
	assert.Equal(t, key, s.JWTKey, "the key stays if the file has none")

	require.NoError(t, load(s, `{"users":[]}`))
	assert.True(t, s.HasRole("any"), "every role exists if the file lists none")
	require.NoError(t, load(s, `{"roles":[],"users":[]}`))
	assert.False(t, s.HasRole("any"), "an empty list of roles leaves only the default role")
	assert.Contains(t, saved(t, s), `"roles": []`)
}

func TestSaveAndLoadKeys(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	want := store.Keys{AuthKey: "the-auth-key", APIKey: "the-api-key"}
	require.NoError(t, filled().Save(&b, want))
	got, err := store.New().Load(b.Bytes(), now)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	assert.NotContains(t, saved(t, filled()), `"keys"`)
}

var errFull = errors.New("the disk is full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestSaveReturnsTheErrorOfTheWriter(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, store.New().Save(fullDisk{}, store.Keys{}), errFull)
}

func TestLoadKeepsTheNewestTokens(t *testing.T) {
	t.Parallel()
	first := filled()
	for i := range 100 {
		first.CreateToken("ada", now.Add(time.Duration(i)*time.Second))
	}
	text := strings.Replace(saved(t, first), `"tokens": [`, `"tokens": [{"uid":"ada","authToken":"oldest"},`, 1)
	second := store.New()
	require.NoError(t, load(second, text))
	assert.Len(t, second.Tokens("ada"), 100)
	assert.Nil(t, second.Token("oldest"))
}
