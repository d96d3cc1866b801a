package cometchat_test

import (
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWithAutoConnect(t *testing.T) {
	t.Parallel()
	auto := cometchat.WithAutoConnect()
	live(t, "connects after a login", func(t *testing.T, w *liveWorld) {
		assert.Equal(t, again, w.changes())
		_, err := w.c.Login(t.Context(), uid2, w.AuthKey)
		require.NoError(t, err)
		assert.Equal(t, "disconnected; "+again, w.changes(), "as the other user")
		require.NoError(t, w.c.Logout(t.Context()))
		assert.Equal(t, "disconnected", w.changes())
	}, auto)
	inBubble(t, "connects when a call first reads a stored session", func(t *testing.T) {
		store := cometchat.WithSessionStore(cometchat.NewMemorySessionStore())
		w := newLiveWorld(t, store)
		_, err := w.c.Login(t.Context(), uid1, w.AuthKey)
		require.NoError(t, err)
		assert.Empty(t, w.changes(), "without the option")
		other := w.client(t, store, auto)
		w.listen(other)
		assert.Empty(t, w.changes(), "nothing has been read")
		_, err = other.GetLoggedinUser(t.Context())
		require.NoError(t, err)
		assert.Equal(t, again, w.changes())
	})
	live(t, "tries for ever, and tells each failure", func(t *testing.T, w *liveWorld) {
		w.events()
		fault := w.InjectFault(cometchattest.Fault{Method: "GET", Path: "/", Status: 503})
		w.DropSockets()
		elapse(10 * time.Minute)
		told := w.events()
		assert.Greater(t, len(told), 2*20)
		for i, e := range told {
			if e.Status == cometchat.Disconnected {
				assert.Positive(t, e.RetryIn)
				require.Error(t, e.Err)
			}
			assert.NotEqual(t, i%2 == 0, e.Status == cometchat.Connecting, "disconnected and connecting take turns")
		}
		fault.Remove()
		elapse(30 * time.Second)
		assert.Equal(t, cometchat.Connected, w.c.ConnectionStatus())
	}, auto)
	live(t, "Disconnect holds until the next login or Connect", func(t *testing.T, w *liveWorld) {
		require.NoError(t, w.c.Disconnect())
		w.events()
		_, err := w.c.VerifySession(t.Context())
		require.NoError(t, err)
		_, err = w.c.UpdateCurrentUserDetails(t.Context(), &cometchat.User{Name: "Ada"})
		require.NoError(t, err)
		elapse(time.Minute)
		assert.Empty(t, w.changes())
		require.NoError(t, w.c.Connect(t.Context()))
		assert.Equal(t, again, w.changes())
		require.NoError(t, w.c.Disconnect())
		_, err = w.c.Login(t.Context(), uid1, w.AuthKey)
		require.NoError(t, err)
		assert.Equal(t, "disconnected; "+again, w.changes())
	}, auto)
	live(t, "a Connect that gives up does not end it", func(t *testing.T, w *liveWorld) {
		w.InjectFault(cometchattest.Fault{Method: "GET", Path: "/", Times: 3, Status: 503})
		w.DropSockets()
		settle()
		ctx, cancel := within(t, time.Nanosecond)
		defer cancel()
		require.Error(t, w.c.Connect(ctx))
		elapse(time.Minute)
		assert.Equal(t, cometchat.Connected, w.c.ConnectionStatus())
	}, auto)
}
