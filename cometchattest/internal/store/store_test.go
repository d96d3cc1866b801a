package store_test

import (
	"testing"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/stretchr/testify/assert"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// filled returns a store with the users ada, bob and eve.
func filled() *store.Store {
	s := store.New()
	for _, uid := range []string{"ada", "bob", "eve"} {
		s.PutUser(&store.User{UID: uid, Name: "The name of " + uid, Role: store.DefaultRole, CreatedAt: now.Unix()})
	}
	return s
}

func all(*store.User) bool { return true }

func uids(users []*store.User) []string {
	uids := []string{}
	for _, u := range users {
		uids = append(uids, u.UID)
	}
	return uids
}

func TestRandomHex(t *testing.T) {
	t.Parallel()
	first, second := store.RandomHex(30), store.RandomHex(30)
	assert.Regexp(t, `^[0-9a-f]{30}$`, first)
	assert.NotEqual(t, first, second)
	one, other := store.New(), store.New()
	assert.NotEqual(t, one.JWTKey, other.JWTKey)
}

func TestRoles(t *testing.T) {
	t.Parallel()
	s := store.New()
	assert.True(t, s.HasRole("any"), "every role exists until SetRoles")
	s.SetRoles([]string{"Nurse"})
	assert.True(t, s.HasRole("NURSE"))
	assert.True(t, s.HasRole(""), "the default role")
	assert.True(t, s.HasRole("Default"))
	assert.False(t, s.HasRole("any"))
	s.SetRoles(nil)
	assert.False(t, s.HasRole("nurse"), "SetRoles replaces the roles")
	assert.True(t, s.HasRole("default"))
}
