package cometchat_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestConnectionListeners(t *testing.T) {
	t.Parallel()
	live(t, "a slow listener holds up nobody", func(t *testing.T, w *liveWorld) {
		release := make(chan struct{})
		w.c.AddConnectionListener("slow", cometchat.ConnectionListener{Connecting: func() { <-release }})
		w.connect(t)
		w.DropSockets()
		elapse(time.Minute)
		assert.Equal(t, mended, w.changes())
		require.NoError(t, w.c.Close(), "Close waits for no listener")
		close(release)
	})
	logger, log := logged()
	live(t, "a panic and a Goexit end nothing else", func(t *testing.T, w *liveWorld) {
		connects := 0
		w.c.AddConnectionListener("panics", cometchat.ConnectionListener{
			Connecting:   func() { panic("at the disco") },
			Connected:    func() { connects++; runtime.Goexit() },
			Disconnected: func(cometchat.ConnectionChanged) { connects += 10 },
		})
		w.connect(t)
		require.NoError(t, w.c.Disconnect())
		w.events()
		w.connect(t)
		assert.Equal(t, 12, connects)
		assert.Contains(t, log(), "at the disco")
		assert.Contains(t, log(), "listeners_test.go", "the stack")
	}, cometchat.WithLogger(logger))
	live(t, "the same id replaces, and functions may be nil", func(t *testing.T, w *liveWorld) {
		var heard []string
		hear := func(s string) func() { return func() { heard = append(heard, s) } }
		w.c.AddConnectionListener("x", cometchat.ConnectionListener{Connecting: hear("old"), Connected: hear("old")})
		w.c.AddUserListener("x", cometchat.UserListener{})
		w.c.AddConnectionListener("x", cometchat.ConnectionListener{Connected: hear("new")})
		w.connect(t)
		require.NoError(t, w.c.Disconnect())
		settle()
		assert.Equal(t, []string{"new"}, heard)
		w.c.RemoveConnectionListener("x")
		w.c.RemoveConnectionListener("nobody")
		require.NoError(t, w.c.Connect(t.Context()))
		settle()
		assert.Equal(t, []string{"new"}, heard)
	})
	live(t, "a listener that removes itself hears nothing more", func(t *testing.T, w *liveWorld) {
		heard := 0
		w.c.AddConnectionListener("x", cometchat.ConnectionListener{
			Connecting: func() { heard++; w.c.RemoveConnectionListener("x") }, Connected: func() { heard++ },
		})
		w.connect(t)
		assert.Equal(t, 1, heard)
	})
	live(t, "the status in a listener is not older than its event", func(t *testing.T, w *liveWorld) {
		var got []cometchat.ConnectionStatus
		get := func() { got = append(got, w.c.ConnectionStatus()) }
		w.c.AddConnectionListener("x", cometchat.ConnectionListener{Connected: get})
		w.connect(t)
		assert.Equal(t, []cometchat.ConnectionStatus{cometchat.Connected}, got)
	})
	for name, call := range map[string]func(t *testing.T, c *cometchat.Client) error{
		"Disconnect": func(_ *testing.T, c *cometchat.Client) error { return c.Disconnect() },
		"Close":      func(_ *testing.T, c *cometchat.Client) error { return c.Close() },
		"Logout":     func(t *testing.T, c *cometchat.Client) error { t.Helper(); return c.Logout(t.Context()) },
	} {
		live(t, "a listener may call "+name, func(t *testing.T, w *liveWorld) {
			w.c.AddConnectionListener("x", cometchat.ConnectionListener{Connected: func() { assert.NoError(t, call(t, w.c)) }})
			require.NoError(t, w.c.Connect(t.Context()))
			assert.Contains(t, w.changes(), again+"; disconnected")
			elapse(time.Minute)
			assert.Empty(t, w.changes())
		})
	}
}
