package cometchat_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEvents(t *testing.T) {
	t.Parallel()
	collect := func(events func(func(cometchat.Event) bool)) (texts []string) {
		for e := range events {
			if changed, ok := e.(cometchat.ConnectionChanged); ok {
				texts = append(texts, changeText(changed))
			}
		}
		return texts
	}
	live(t, "are told from the call on, and after Close", func(t *testing.T, w *liveWorld) {
		before := w.c.Events(t.Context())
		w.connect(t)
		after := w.c.Events(t.Context())
		require.NoError(t, w.c.Disconnect())
		require.NoError(t, w.c.Close())
		settle()
		assert.Equal(t, []string{"connecting", "connected", "disconnected"}, collect(before))
		assert.Equal(t, []string{"disconnected"}, collect(after))
		assert.Empty(t, collect(before), "a second loop")
		assert.Empty(t, collect(w.c.Events(t.Context())), "after Close")
	})
	live(t, "end with their context", func(t *testing.T, w *liveWorld) {
		ctx, cancel := context.WithCancel(t.Context())
		events := w.c.Events(ctx)
		done := started(func() error { collect(events); return nil })
		w.connect(t)
		cancel()
		require.NoError(t, <-done)
		assert.Equal(t, cometchat.Connected, w.c.ConnectionStatus())
	})
	live(t, "end with a context that has ended", func(t *testing.T, w *liveWorld) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		events := w.c.Events(ctx)
		settle()
		w.connect(t)
		assert.Empty(t, collect(events))
	})
	live(t, "end with a break", func(t *testing.T, w *liveWorld) {
		events := w.c.Events(t.Context())
		w.connect(t)
		for e := range events {
			assert.Equal(t, cometchat.ConnectionChanged{Status: cometchat.Connecting}, e)
			break
		}
		assert.Empty(t, collect(events))
	})
	live(t, "a loop may end the connection, the session and the client", func(t *testing.T, w *liveWorld) {
		events := w.c.Events(t.Context())
		done := started(func() error {
			for e := range events {
				switch changed, _ := e.(cometchat.ConnectionChanged); changed.Status {
				case cometchat.Connecting:
				case cometchat.Connected:
					assert.NoError(t, w.c.Logout(t.Context()))
				case cometchat.Disconnected:
					assert.NoError(t, w.c.Close())
				}
			}
			return nil
		})
		require.NoError(t, w.c.Connect(t.Context()))
		require.NoError(t, <-done)
	})
}

func TestConnectionStatusText(t *testing.T) {
	t.Parallel()
	for status, text := range map[cometchat.ConnectionStatus]string{
		cometchat.Disconnected: "disconnected", cometchat.Connecting: "connecting", cometchat.Connected: "connected",
		7: "ConnectionStatus(7)",
	} {
		assert.Equal(t, text, status.String())
	}
}

// TestPresence checks who hears of whom, over the emulator.
func TestPresence(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		option cometchat.Option
		hears  bool
	}{
		"of nobody":         {cometchat.WithPresence(cometchat.Presence{}), false},
		"of all users":      {cometchat.WithPresence(cometchat.PresenceAllUsers()), true},
		"of friends":        {cometchat.WithPresence(cometchat.PresenceFriends()), false},
		"of a role":         {cometchat.WithPresence(cometchat.PresenceRoles("default")), true},
		"of another role":   {cometchat.WithPresence(cometchat.PresenceRoles("admin")), false},
		"of several roles":  {cometchat.WithPresence(cometchat.PresenceRoles("admin", "default")), true},
		"without an option": {cometchat.WithAutoConnect(), false},
	} {
		live(t, name, func(t *testing.T, w *liveWorld) {
			var heard []string
			w.c.AddUserListener("x", cometchat.UserListener{
				UserOnline:  func(u *cometchat.User) { heard = append(heard, u.UID+" "+u.Status) },
				UserOffline: func(u *cometchat.User) { heard = append(heard, u.UID+" "+u.Status) },
			})
			require.NoError(t, w.c.Connect(t.Context()))
			other := w.client(t)
			_, err := other.Login(t.Context(), uid2, w.AuthKey)
			require.NoError(t, err)
			require.NoError(t, other.Connect(t.Context()))
			settle()
			require.NoError(t, other.Disconnect())
			settle()
			if tc.hears {
				assert.Equal(t, []string{uid2 + " online", uid2 + " offline"}, heard)
			} else {
				assert.Empty(t, heard)
			}
			w.c.RemoveUserListener("x")
			require.NoError(t, other.Connect(t.Context()))
			settle()
			assert.Less(t, len(heard), 3)
		}, tc.option)
	}
	live(t, "of one's own other device", func(t *testing.T, w *liveWorld) {
		var heard int
		w.c.AddUserListener("x", cometchat.UserListener{UserOnline: func(*cometchat.User) { heard++ }})
		require.NoError(t, w.c.Connect(t.Context()))
		other := w.client(t)
		_, err := other.Login(t.Context(), uid1, w.AuthKey)
		require.NoError(t, err)
		require.NoError(t, other.Connect(t.Context()))
		settle()
		assert.Equal(t, 1, heard)
	}, cometchat.WithPresence(cometchat.PresenceAllUsers()))
}

func TestOnlineUserCount(t *testing.T) {
	t.Parallel()
	live(t, "counts users, also without a connection", func(t *testing.T, w *liveWorld) {
		for want := range 2 {
			n, err := w.c.OnlineUserCount(t.Context())
			require.NoError(t, err)
			assert.Equal(t, want, n)
			require.NoError(t, w.c.Connect(t.Context()))
		}
		assert.Equal(t, 1, w.count("GET", "/settings"))
	})
	live(t, "needs a session", func(t *testing.T, w *liveWorld) {
		w.RevokeTokens(uid1)
		_, err := w.c.OnlineUserCount(t.Context())
		require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
		_, err = w.c.OnlineUserCount(t.Context())
		require.ErrorIs(t, err, cometchat.ErrNotLoggedIn)
		require.NoError(t, w.c.Close())
		_, err = w.c.OnlineUserCount(t.Context())
		require.ErrorIs(t, err, cometchat.ErrClosed)
	})
	const countURL = "https://" + socketHost + ":443/api/v9.0/online-members"
	for name, tc := range map[string]struct {
		status int
		body   any
		want   int
		fails  string
	}{
		"a count":          {200, data(object{"onlineUsersCount": 7}), 7, ""},
		"a count as text":  {200, data(object{"onlineUsersCount": "8"}), 8, ""},
		"no count":         {200, data(object{}), 0, "no count"},
		"a negative count": {200, data(object{"onlineUsersCount": -1}), 0, "no count"},
		"a refusal":        {401, refusal("ERR_NO_AUTH", "no"), 0, "ERR_NO_AUTH"},
		"HTML":             {502, "<html>", 0, "502"},
	} {
		inBubble(t, name, func(t *testing.T) {
			w := newWire()
			c := w.loggedIn(t, once)
			named := settings()
			named["WS_API_VERSION"] = "v9.0"
			w.answer("GET", settingsURL, 200, data(named))
			w.answer("POST", countURL, tc.status, tc.body)
			n, err := c.OnlineUserCount(t.Context())
			assert.Equal(t, tc.want, n)
			if tc.fails != "" {
				require.ErrorContains(t, err, tc.fails)
				assert.Equal(t, "OnlineUserCount", asError(err).Op)
			} else {
				require.NoError(t, err)
			}
			requests := w.requests()
			last := requests[len(requests)-1]
			assert.Equal(t, jwt, last.Header.Get("Authorization"))
			assert.Empty(t, last.Header.Get("Authtoken"))
		})
	}
}

// TestClientsOfAPoolHearForThemselves checks that Forget ends a client's connection and no other.
func TestClientsOfAPoolHearForThemselves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newLiveWorld(t)
		p, err := cometchat.NewPool(w.AppID, w.Options()...)
		require.NoError(t, err)
		for _, uid := range []string{uid1, uid2} {
			_, err := p.Client(uid).Login(t.Context(), uid, w.AuthKey)
			require.NoError(t, err)
			require.NoError(t, p.Client(uid).Connect(t.Context()))
		}
		gone, stays := p.Client(uid1), p.Client(uid2)
		settle() // the connection is told to those who listen then
		w.listen(gone)
		p.Forget(uid1)
		assert.Equal(t, "disconnected CLIENT_CLOSED", w.changes())
		assert.Equal(t, cometchat.Disconnected, gone.ConnectionStatus())
		assert.Equal(t, cometchat.Connected, stays.ConnectionStatus())
		require.NoError(t, p.Close())
		assert.Equal(t, cometchat.Disconnected, stays.ConnectionStatus())
	})
}
