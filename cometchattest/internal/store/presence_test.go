package store_test

import (
	"testing"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/stretchr/testify/assert"
)

func TestConnections(t *testing.T) {
	t.Parallel()
	s := filled()
	ada := s.User("ada")
	assert.Same(t, ada, s.Connect("ada"), "the first connection makes the user available")
	assert.Equal(t, store.Available, ada.Status)
	assert.Nil(t, s.Connect("ada"), "the second one changes nothing")
	assert.Equal(t, 1, s.OnlineUsers())
	assert.Nil(t, s.Disconnect("ada", now), "one remains")
	assert.True(t, s.Connected("ada"))
	assert.Zero(t, ada.LastActiveAt)
	later := now.Add(time.Minute)
	assert.Same(t, ada, s.Disconnect("ada", later))
	assert.Equal(t, store.Offline, ada.Status)
	assert.Equal(t, later.Unix(), ada.LastActiveAt)
	assert.False(t, s.Connected("ada"))
	assert.Zero(t, s.OnlineUsers())
}

func TestLoginAndLogout(t *testing.T) {
	t.Parallel()
	s := filled()
	ada := s.User("ada")
	first, _ := s.CreateToken("ada", now)
	second, _ := s.CreateToken("ada", now)
	s.Login("ada", now)
	assert.Equal(t, store.Available, ada.Status)
	assert.Equal(t, now.Unix(), ada.LastActiveAt)
	s.Connect("ada")
	s.Logout(first)
	assert.Nil(t, s.Token(first.AuthToken))
	assert.Equal(t, store.Available, ada.Status, "another device is connected")
	s.Disconnect("ada", now)
	s.Login("ada", now)
	s.Logout(second)
	assert.Equal(t, store.Offline, ada.Status)
}
