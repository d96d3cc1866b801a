package cometchat_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestConnectSmoke(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := cometchattest.New()
		defer s.Close()
		ada, err := cometchat.New(s.AppID, append(s.Options(), cometchat.WithPresence(cometchat.PresenceAllUsers()))...)
		require.NoError(t, err)
		defer ada.Close()
		bob, err := cometchat.New(s.AppID, append(s.Options(), cometchat.WithAutoConnect())...)
		require.NoError(t, err)
		defer bob.Close()
		require.ErrorIs(t, ada.Connect(t.Context()), cometchat.ErrNotLoggedIn)
		_, err = ada.Login(t.Context(), uid1, s.AuthKey)
		require.NoError(t, err)
		events := ada.Events(t.Context())
		ada.AddUserListener("x", cometchat.UserListener{UserOnline: func(u *cometchat.User) { t.Log("online", u, time.Now()) }})
		require.NoError(t, ada.Connect(t.Context()))
		assert.Equal(t, cometchat.Connected, ada.ConnectionStatus())
		_, err = bob.Login(t.Context(), uid2, s.AuthKey)
		require.NoError(t, err)
		synctest.Wait()
		assert.Equal(t, cometchat.Connected, bob.ConnectionStatus())
		s.DropSockets(uid1)
		time.Sleep(time.Minute)
		require.NoError(t, bob.Logout(t.Context()))
		synctest.Wait()
		require.NoError(t, ada.Disconnect())
		require.NoError(t, ada.Close())
		for e := range events {
			t.Logf("%#v", e)
		}
	})
}
