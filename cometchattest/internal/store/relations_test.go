package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestFriends(t *testing.T) {
	t.Parallel()
	s := filled()
	s.Befriend("ada", "bob")
	assert.True(t, s.Friends("ada", "bob") && s.Friends("bob", "ada"), "both are friends")
	assert.False(t, s.Friends("ada", "eve"))
	s.Unfriend("bob", "ada")
	assert.False(t, s.Friends("ada", "bob") || s.Friends("bob", "ada"))
}

func TestBlockedUsers(t *testing.T) {
	t.Parallel()
	s := filled()
	s.Block("ada", "bob", now)
	assert.Equal(t, now.Unix(), s.BlockedAt("ada", "bob"))
	assert.Zero(t, s.BlockedAt("bob", "ada"))
	assert.True(t, s.EitherBlocked("ada", "bob") && s.EitherBlocked("bob", "ada"))
	assert.False(t, s.EitherBlocked("ada", "eve"))
	s.Unblock("ada", "bob")
	assert.False(t, s.EitherBlocked("ada", "bob"))
	s.Block("ada", "bob", time.Unix(0, 0))
	assert.True(t, s.EitherBlocked("ada", "bob"), "also if the clock begins at 0")
}
