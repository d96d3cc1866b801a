package cometchat_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTimesOfAConnection(t *testing.T) {
	t.Parallel()
	live(t, "a missed pong is found within 18 seconds", func(t *testing.T, w *liveWorld) {
		w.connect(t)
		elapse(time.Second)
		w.FreezeSockets("")
		elapse(18 * time.Second)
		told := w.events()
		require.NotEmpty(t, told)
		require.ErrorContains(t, told[0].Err, "did not answer a ping in time")
	})
	live(t, "the first ping goes out at once", func(t *testing.T, w *liveWorld) {
		w.InjectLiveFault(cometchattest.LiveFault{Times: 1, HalfOpen: true})
		w.connect(t)
		elapse(3*time.Second + time.Millisecond)
		assert.Equal(t, cometchat.Disconnected, w.events()[0].Status)
	})
	live(t, "a server that lets in and closes at once is not hammered", func(t *testing.T, w *liveWorld) {
		w.InjectLiveFault(cometchattest.LiveFault{CloseCode: 1011})
		require.NoError(t, w.c.Connect(t.Context()))
		elapse(10 * time.Minute)
		// Waits of 15 s on average make 40 attempts, after about ten whose waits still grow.
		assert.Less(t, w.dials(), 90)
		assert.Greater(t, w.dials(), 20)
		longest := time.Duration(0)
		for _, e := range w.events() {
			longest = max(longest, e.RetryIn)
		}
		assert.LessOrEqual(t, longest, 30*time.Second)
		assert.Greater(t, longest, 10*time.Second)
	})
	live(t, "the first pong resets the wait", func(t *testing.T, w *liveWorld) {
		fault := w.InjectLiveFault(cometchattest.LiveFault{CloseCode: 1011})
		require.NoError(t, w.c.Connect(t.Context()))
		elapse(10 * time.Minute)
		fault.Remove()
		require.NoError(t, w.c.Connect(t.Context()))
		elapse(time.Second)
		for range 5 {
			w.events()
			w.CloseSockets("", 1001, "")
			settle()
			require.LessOrEqual(t, w.events()[0].RetryIn, 500*time.Millisecond)
			elapse(time.Second)
			require.Equal(t, cometchat.Connected, w.c.ConnectionStatus())
		}
	})
	live(t, "opening the socket has a limit", func(t *testing.T, w *liveWorld) {
		w.InjectFault(cometchattest.Fault{Method: "GET", Path: "/", Times: 1, Delay: time.Hour})
		took := stopwatch()
		require.NoError(t, w.c.Connect(t.Context()))
		assert.LessOrEqual(t, took(), 10*time.Second+500*time.Millisecond)
	})
	live(t, "a Connect does not sit out a wait", func(t *testing.T, w *liveWorld) {
		fault := w.InjectLiveFault(cometchattest.LiveFault{CloseCode: 1011})
		require.NoError(t, w.c.Connect(t.Context()))
		for fault.Count() < 15 {
			elapse(5 * time.Second)
		}
		fault.Remove()
		require.Equal(t, cometchat.Disconnected, w.c.ConnectionStatus())
		took := stopwatch()
		require.NoError(t, w.c.Connect(t.Context()))
		assert.Zero(t, took())
	})
}

func TestConnectsAtOnce(t *testing.T) {
	t.Parallel()
	live(t, "share one socket and one request for the settings", func(t *testing.T, w *liveWorld) {
		connect := func() error { return w.c.Connect(t.Context()) }
		w.InjectFault(cometchattest.Fault{Method: "GET", Path: "/settings", Times: 1, Delay: time.Second})
		first, second := started(connect), started(connect)
		require.NoError(t, <-first)
		require.NoError(t, <-second)
		require.NoError(t, connect(), "the connection is there already")
		assert.Equal(t, 1, w.dials())
		assert.Equal(t, 1, w.count("GET", "/settings"))
		assert.Equal(t, again, w.changes())
	})
	live(t, "a caller who gives up does not end the attempt of another", func(t *testing.T, w *liveWorld) {
		w.InjectFault(cometchattest.Fault{Method: "GET", Path: "/", Times: 1, Delay: 5 * time.Second})
		ctx, giveUp := context.WithCancel(t.Context())
		first := started(func() error { return w.c.Connect(ctx) })
		second := started(func() error { return w.c.Connect(t.Context()) })
		giveUp()
		require.ErrorIs(t, <-first, context.Canceled)
		require.NoError(t, <-second)
		assert.Equal(t, again, w.changes())
		assert.Equal(t, 1, w.dials())
	})
	live(t, "the end of a caller's context does not end the connection", func(t *testing.T, w *liveWorld) {
		ctx, cancel := context.WithCancel(t.Context())
		require.NoError(t, w.c.Connect(ctx))
		cancel()
		elapse(time.Minute)
		assert.Equal(t, again, w.changes())
	})
	for _, state := range []lifeState{loading, dialing, authenticating} {
		live(t, "the last caller who gives up ends the attempt: "+string(state), func(t *testing.T, w *liveWorld) {
			connecting, giveUp := state.enter(t, w)
			giveUp()
			require.ErrorIs(t, <-connecting, context.Canceled)
			assert.Equal(t, "disconnected", w.changes())
			elapse(time.Hour)
			assert.Empty(t, w.changes())
			assert.Equal(t, cometchat.Disconnected, w.c.ConnectionStatus())
			require.NoError(t, w.c.Connect(t.Context()))
		})
	}
	live(t, "a Connect that gives up returns the last cause", func(t *testing.T, w *liveWorld) {
		for _, fault := range []cometchattest.Fault{
			{Method: "GET", Path: "/settings", Status: 500},
			{Method: "GET", Path: "/", Status: 503},
		} {
			injected := w.InjectFault(fault)
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			err := w.c.Connect(ctx)
			cancel()
			injected.Remove()
			require.ErrorIs(t, err, context.DeadlineExceeded)
			e := asError(err)
			require.NotNil(t, e, "%T", err)
			assert.Equal(t, fault.Status, e.StatusCode)
			assert.Equal(t, "Connect", e.Op)
			assert.NotContains(t, err.Error(), "\n")
			told := w.events()
			last := told[len(told)-1]
			assert.Equal(t, cometchat.Disconnected, last.Status)
			require.Error(t, last.Err)
			assert.Zero(t, last.RetryIn)
			elapse(time.Hour)
			assert.Empty(t, w.events())
		}
		require.NoError(t, w.c.Connect(t.Context()))
	})
	live(t, "the client's timeout ends a Connect", func(t *testing.T, w *liveWorld) {
		w.InjectLiveFault(cometchattest.LiveFault{Silent: true})
		took := stopwatch()
		err := w.c.Connect(t.Context())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 4*time.Second, took())
	}, cometchat.WithTimeout(4*time.Second))
	live(t, "a Connect that is canceled before it begins opens no socket", func(t *testing.T, w *liveWorld) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, w.c.Connect(ctx), context.Canceled)
		assert.Equal(t, cometchat.Disconnected, w.c.ConnectionStatus())
		assert.Zero(t, w.dials())
	})
}

func TestConnectNeedsAClientWithAUser(t *testing.T) {
	t.Parallel()
	inBubble(t, "nobody is logged in", func(t *testing.T) {
		w := newLiveWorld(t)
		require.ErrorIs(t, w.c.Connect(t.Context()), cometchat.ErrNotLoggedIn)
		assert.Empty(t, w.changes())
	})
	live(t, "the user has logged out", func(t *testing.T, w *liveWorld) {
		w.connect(t)
		require.NoError(t, w.c.Logout(t.Context()))
		assert.Equal(t, "disconnected", w.changes())
		require.ErrorIs(t, w.c.Connect(t.Context()), cometchat.ErrNotLoggedIn)
	})
	live(t, "the client is closed", func(t *testing.T, w *liveWorld) {
		require.NoError(t, w.c.Close())
		require.ErrorIs(t, w.c.Connect(t.Context()), cometchat.ErrClosed)
		require.NoError(t, w.c.Disconnect())
	})
	for name, c := range map[string]*cometchat.Client{"a nil client": nil, "a zero client": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.ErrorIs(t, c.Connect(t.Context()), cometchat.ErrNotInitialized)
			require.NoError(t, c.Disconnect())
			assert.Equal(t, cometchat.Disconnected, c.ConnectionStatus())
			c.AddConnectionListener("x", cometchat.ConnectionListener{})
			c.RemoveConnectionListener("x")
			for range c.Events(t.Context()) {
				assert.Fail(t, "there are no events")
			}
			_, err := c.OnlineUserCount(t.Context())
			require.ErrorIs(t, err, cometchat.ErrNotInitialized)
		})
	}
	t.Run("a nil context", func(t *testing.T) {
		t.Parallel()
		c := newWire().loggedIn(t)
		require.ErrorIs(t, c.Connect(nil), cometchat.ErrMissingParameters) //nolint:staticcheck // a caller's mistake
		for range c.Events(nil) {                                          //nolint:staticcheck // a caller's mistake
			assert.Fail(t, "there are no events")
		}
	})
}

// TestRefusedJWT checks the requests of a renewal. The table of TestLifeOfAConnection has its events.
func TestRefusedJWT(t *testing.T) {
	t.Parallel()
	live(t, "a jwt that says that it has expired is renewed before the server refuses it", func(t *testing.T, w *liveWorld) {
		elapse(25 * time.Hour)
		w.connect(t)
		assert.Equal(t, 2, w.count("PUT", "/me"))
		assert.Equal(t, 1, w.dials())
	})
	live(t, "a refusal that has been mended can be mended again", func(t *testing.T, w *liveWorld) {
		w.connect(t)
		for range 3 {
			w.InjectLiveFault(cometchattest.LiveFault{Times: 1, Refuse: true})
			w.DropSockets()
			elapse(time.Minute)
			assert.Equal(t, mended, w.changes())
		}
		assert.Equal(t, 1+3, w.count("PUT", "/me"))
	})
	live(t, "without a network the renewal is tried again", func(t *testing.T, w *liveWorld) {
		w.InjectLiveFault(cometchattest.LiveFault{Times: 1, Refuse: true})
		w.InjectFault(cometchattest.Fault{Method: "PUT", Path: "/me", Times: 1, DropBefore: true})
		require.NoError(t, w.c.Connect(t.Context()))
		assert.Equal(t, "connecting; disconnected FAILED_TO_FETCH, retries; "+again, w.changes())
	})
	for name, tc := range map[string]struct {
		provide func(w *liveWorld) (string, error)
		told    string
		final   error
	}{
		"a token provider saves a session": {
			func(w *liveWorld) (string, error) { return w.CreateAuthToken(uid1), nil }, again, nil,
		},
		"a token provider that returns a token that is gone": {
			func(*liveWorld) (string, error) { return "another-token", nil }, "connecting; " + gone, cometchat.ErrAuthTokenNotFound,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var w *liveWorld
				asked := 0
				w = newLiveWorld(t, cometchat.WithTokenProvider(func(context.Context) (string, error) {
					asked++
					return tc.provide(w)
				}))
				_, err := w.c.Login(t.Context(), uid1, w.AuthKey)
				require.NoError(t, err)
				w.connect(t)
				w.RevokeTokens(uid1)
				elapse(time.Minute)
				assert.Equal(t, `disconnected 1008 "the auth token has been revoked" WS_CONNECTION_FAIL, retries; `+tc.told, w.changes())
				assert.Equal(t, 1, asked)
				assert.Equal(t, tc.final == nil, w.c.ConnectionStatus() == cometchat.Connected)
			})
		})
	}
	inBubble(t, "a token provider may close the client", func(t *testing.T) {
		var w *liveWorld
		w = newLiveWorld(t, cometchat.WithTokenProvider(func(context.Context) (string, error) {
			return "", errors.Join(errDisk, w.c.Close())
		}))
		_, err := w.c.Login(t.Context(), uid1, w.AuthKey)
		require.NoError(t, err)
		w.RevokeTokens(uid1)
		require.ErrorIs(t, w.c.Connect(t.Context()), cometchat.ErrClosed)
	})
}
