package cometchat_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func ExampleClient_SessionInfo() {
	client, server, end := newExampleClient()
	defer end()
	ctx := context.Background()
	if _, err := client.Login(ctx, "cometchat-uid-1", server.AuthKey); err != nil {
		fmt.Println(err)
		return
	}
	info, err := client.SessionInfo(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.UID, time.Since(info.CreatedAt) < time.Minute)
	// Output: cometchat-uid-1 true
}

func TestSessionInfo(t *testing.T) {
	t.Parallel()
	inBubble(t, "when a user is logged in", func(t *testing.T) {
		w, store := newWire(), cometchat.NewMemorySessionStore()
		me := meAnswer(uid1)
		me["authToken"], me["jwt"] = canaryToken, canaryJWT
		w.answer("PUT", meURL, 200, data(me))
		c := w.client(t, cometchat.WithSessionStore(store))
		login := time.Now()
		_, err := c.LoginWithToken(t.Context(), canaryToken)
		require.NoError(t, err)
		elapse(time.Hour)
		_, err = c.VerifySession(t.Context())
		require.NoError(t, err)
		w.requests()

		info, err := c.SessionInfo(t.Context())
		require.NoError(t, err)
		device, err := store.Load(t.Context(), appID+"/device")
		require.NoError(t, err)
		assert.Equal(t, uid1, info.UID)
		assert.Equal(t, device.DeviceID, info.DeviceID)
		assert.NotEmpty(t, info.DeviceID)
		assert.True(t, info.CreatedAt.Equal(login), "%v", info.CreatedAt)
		assert.Equal(t, time.Hour, info.VerifiedAt.Sub(info.CreatedAt))
		assertUnprintable(t, info)
		assertUnprintable(t, *info)

		info.UID = "changed"
		again, err := w.client(t, cometchat.WithSessionStore(store)).SessionInfo(t.Context())
		require.NoError(t, err)
		assert.Equal(t, uid1, again.UID, "another client of the store has the same session, and the user is a copy")
		assert.Empty(t, w.lines(), "SessionInfo makes no request")
	})
	t.Run("when nobody is logged in", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		c := w.loggedIn(t)
		w.answer("DELETE", meURL, 200, data(object{"success": true}))
		require.NoError(t, c.Logout(t.Context()))
		_, err := c.SessionInfo(t.Context())
		require.ErrorIs(t, err, cometchat.ErrNotLoggedIn)
		assert.Equal(t, "SessionInfo", asError(err).Op)
	})
	t.Run("of a closed or zero client", func(t *testing.T) {
		t.Parallel()
		c := newWire().client(t)
		require.NoError(t, c.Close())
		require.ErrorIs(t, second(c.SessionInfo(t.Context())), cometchat.ErrClosed)
		require.ErrorIs(t, second((*cometchat.Client)(nil).SessionInfo(t.Context())), cometchat.ErrNotInitialized)
		store := newHookedStore()
		store.load = func(string) error { return errDisk }
		require.ErrorIs(t, second(newWire().client(t, cometchat.WithSessionStore(store)).SessionInfo(t.Context())), errDisk)
	})
}
