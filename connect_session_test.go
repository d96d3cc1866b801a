package cometchat_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLogoutIsNoBrokenConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := cometchattest.New()
		defer s.Close()
		slow := cometchat.WithObserver(func(cometchat.Attempt) { time.Sleep(time.Second) })
		c := connectedClient(t, s, slow) // the server closes the connection before Logout has its answer
		var ends []cometchat.ConnectionChanged
		c.AddConnectionListener("test", cometchat.ConnectionListener{
			Disconnected: func(e cometchat.ConnectionChanged) { ends = append(ends, e) },
		})
		require.NoError(t, c.Logout(t.Context()))
		synctest.Wait()
		assert.Equal(t, []cometchat.ConnectionChanged{{Status: cometchat.Disconnected}}, ends, "it is told once, without an error")
	})
}

func TestCloseIsNoWarning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := cometchattest.New()
		defer s.Close()
		var log bytes.Buffer
		c := connectedClient(t, s, cometchat.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		events := c.Events(t.Context())
		s.DropSockets(uid1)
		time.Sleep(time.Second)
		require.NoError(t, c.Close())
		var last cometchat.Event
		for last = range events {
		}
		changed, ok := last.(cometchat.ConnectionChanged)
		require.True(t, ok)
		require.ErrorIs(t, changed.Err, cometchat.ErrClosed)
		assert.Equal(t, 1, strings.Count(log.String(), "level=WARN"), log.String())
	})
}

func TestDisconnectHoldsWithAutoConnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := cometchattest.New()
		defer s.Close()
		c := connectedClient(t, s, cometchat.WithAutoConnect())
		require.NoError(t, c.Disconnect())
		for name, call := range map[string]func(context.Context) error{
			"VerifySession": func(ctx context.Context) error { _, err := c.VerifySession(ctx); return err },
			"UpdateCurrentUserDetails": func(ctx context.Context) error {
				_, err := c.UpdateCurrentUserDetails(ctx, &cometchat.User{StatusMessage: "away"})
				return err
			},
		} {
			require.NoError(t, call(t.Context()), name)
			time.Sleep(time.Minute)
			assert.Equal(t, cometchat.Disconnected, c.ConnectionStatus(), name)
		}
		_, err := c.Login(t.Context(), uid2, s.AuthKey)
		require.NoError(t, err)
		synctest.Wait()
		assert.Equal(t, cometchat.Connected, c.ConnectionStatus(), "a login connects")
	})
}

// connectedClient returns a client whose user uid1 is connected.
func connectedClient(t *testing.T, s *cometchattest.Server, opts ...cometchat.Option) *cometchat.Client {
	t.Helper()
	c, err := cometchat.New(s.AppID, append(s.Options(), opts...)...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	_, err = c.Login(t.Context(), uid1, s.AuthKey)
	require.NoError(t, err)
	require.NoError(t, c.Connect(t.Context()))
	return c
}
