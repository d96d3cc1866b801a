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

// TestEachListenerHearsItsEvents sends the recorded frames, and looks at what each function of the listeners was called with.
func TestEachListenerHearsItsEvents(t *testing.T) {
	t.Parallel()
	hear := func(t *testing.T, frames ...[]byte) []string {
		t.Helper()
		send := make(chan func(*peer))
		c := speaking(t, send)
		c.AddMessageListener("no functions", cometchat.MessageListener{})
		c.AddGroupListener("no functions", cometchat.GroupListener{})
		c.AddConversationListener("no functions", cometchat.ConversationListener{})
		heard := transcribe(c)
		require.NoError(t, c.Connect(t.Context()))
		for _, frame := range frames {
			send <- text(string(frame))
		}
		lines := heard.take()
		c.RemoveMessageListener("transcript")
		c.RemoveGroupListener("transcript")
		c.RemoveConversationListener("transcript")
		for _, frame := range frames {
			send <- text(string(frame))
		}
		close(send)
		assert.Empty(t, heard.take(), "after their removal")
		return lines
	}
	inBubble(t, "messages and conversations", func(t *testing.T) {
		var frames [][]byte
		for _, f := range incoming(t, "message-events.jsonl", "message-events") {
			frames = append(frames, f.frame)
		}
		const unpinned = `{"type":"conversation_pin","body":{"action":"unpinned","conversation":{"conversationId":"c"}}}`
		lines := hear(t, append(frames, []byte(unpinned))...)
		of, in := " by "+uid2+" in ", " of "+uid2+" in "
		for _, line := range []string{
			"received 201 hello", "edited 201 edited", "deleted 201 hello", "moderated 230 bad", "pinned 201 hello", "unpinned 201 hello",
			"saved 201 hello", "unsaved 201 hello", "pinned c", "unpinned c", uid2 + ` types to user ` + uid1 + ` {"k":1}`,
			uid2 + ` has ended to user ` + uid1 + ` {"k":1}`, "delivered 201" + of + "user " + uid1, "read 201" + of + "user " + uid1,
			"deliveredToAll 202" + of + "group group-1", "readByAll 202" + of + "group group-1", "added 😀 201" + in + "user " + uid1,
			"removed 😀 202" + in + "group group-1", uid2 + ` says to group group-1 {"a":1}`, "completed 207 by " + uid2,
			"joined: " + uid2 + of + "group-1 of 3",
		} {
			assert.Contains(t, lines, line)
		}
	})
	inBubble(t, "groups", func(t *testing.T) {
		var frames [][]byte
		for _, f := range incoming(t, "group-events.jsonl", "group-events") {
			frames = append(frames, f.frame)
		}
		by := ": u2 by u1 in g1 of 3"
		assert.Equal(t, []string{
			"joined: u2 by u2 in g1 of 3", "left: u2 by u2 in g1 of 3", "added" + by, "kicked" + by, "banned" + by, "unbanned" + by,
			"scope" + by + ", participant to admin", "scope" + by + ",  to", "scope" + by + ",  to admin", "joined" + by,
			"kicked: " + uid1 + " by u1 in g1 of 3", "kicked: u2 by " + uid1 + " in g1 of 3", "kicked: u2 by " + uid1 + " in g1 of 3",
			"kicked: u2 by app_system in g1 of 3", "added: u2 by app_system in g1 of 3",
		}, hear(t, frames...), "a message that says nothing, and another with its id, are no events")
	})
}
