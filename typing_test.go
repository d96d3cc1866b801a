package cometchat_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTyping tests whom a client tells that its user types, and how often.
func TestTyping(t *testing.T) {
	t.Parallel()
	const types, ended = uid1 + " types to user " + uid2, uid1 + " has ended to user " + uid2
	bob := cometchat.ToUser(uid2)
	// typing is a client that is connected, with its user's receiver, who hears it.
	typing := func(name string, test func(t *testing.T, w *liveWorld, start func() error, heard *transcript)) {
		live(t, name, func(t *testing.T, w *liveWorld) {
			w.connect(t)
			_, heard := w.connected(t, uid2)
			test(t, w, func() error { return w.c.StartTyping(t.Context(), bob, nil) }, heard)
		})
	}
	typing("is told at most every 5 seconds, and ends after 10", func(t *testing.T, _ *liveWorld, start func() error, heard *transcript) {
		t.Helper()
		for second := range 8 {
			require.NoError(t, start(), "a key is pressed")
			assert.Equal(t, map[bool][]string{true: {types}, false: nil}[second%5 == 0], heard.take(), "second %d", second)
			elapse(time.Second)
		}
		elapse(9*time.Second - 1)
		assert.Empty(t, heard.take())
		elapse(1)
		assert.Equal(t, []string{ended}, heard.take(), "10 seconds after the last key")
		elapse(time.Hour)
		assert.Empty(t, heard.take())
		require.NoError(t, start())
		assert.Equal(t, []string{types}, heard.take())
	})
	typing("ends when the program says so, once", func(t *testing.T, w *liveWorld, start func() error, heard *transcript) {
		t.Helper()
		end := func() error {
			return w.c.EndTyping(t.Context(), cometchat.ToUser(strings.ToUpper(uid2)), json.RawMessage(`{"k":2}`))
		}
		require.NoError(t, end())
		assert.Empty(t, heard.take(), "nothing was begun")
		require.NoError(t, start())
		require.NoError(t, end())
		require.NoError(t, end())
		assert.Equal(t, []string{types, ended + ` {"k":2}`}, heard.take())
		require.NoError(t, start())
		assert.Equal(t, []string{types}, heard.take(), "5 seconds have not passed, but the typing had ended")
		elapse(9 * time.Second)
		require.NoError(t, end())
		elapse(time.Minute)
		assert.Equal(t, []string{ended + ` {"k":2}`}, heard.take())
	})
	typing("is told to each receiver", func(t *testing.T, w *liveWorld, start func() error, heard *transcript) {
		t.Helper()
		_, _, err := w.c.CreateGroup(t.Context(), cometchat.NewGroup{
			GUID: uid2, Name: "with the id of a user", Type: cometchat.GroupPublic, Members: cometchat.NewGroupMembers{Participants: []string{uid2}},
		})
		require.NoError(t, err)
		heard.take()
		require.NoError(t, start())
		require.NoError(t, w.c.StartTyping(t.Context(), cometchat.ToGroup(uid2), json.RawMessage(`{"k":1}`)))
		assert.Equal(t, []string{types, uid1 + ` types to group ` + uid2 + ` {"k":1}`}, heard.take())
		require.NoError(t, w.c.EndTyping(t.Context(), cometchat.ToGroup(uid2), nil))
		assert.Equal(t, []string{uid1 + " has ended to group " + uid2}, heard.take())
		elapse(time.Minute)
		assert.Equal(t, []string{ended}, heard.take())
	})
	typing("begins anew with each connection", func(t *testing.T, w *liveWorld, start func() error, heard *transcript) {
		t.Helper()
		require.NoError(t, start())
		assert.Equal(t, []string{types}, heard.take())
		w.DropSockets(uid1)
		settle()
		require.ErrorIs(t, start(), cometchat.ErrNotConnected)
		elapse(2 * time.Second)
		require.NoError(t, start())
		assert.Equal(t, []string{types}, heard.take(), "neither the connection before nor the failure counts")
		elapse(time.Minute)
		assert.Equal(t, []string{ended}, heard.take())
	})
	typing("that a broken connection does not carry does not count", func(t *testing.T, w *liveWorld, start func() error, heard *transcript) {
		t.Helper()
		w.FreezeSockets(uid1)
		require.ErrorIs(t, start(), cometchat.ErrNotConnected) // in memory nothing buffers
		settle()
		require.NoError(t, w.c.Connect(t.Context()))
		require.NoError(t, start())
		assert.Equal(t, []string{types}, heard.take())
	})
	typing("ends when it goes on no more, whoever calls", func(t *testing.T, w *liveWorld, start func() error, heard *transcript) {
		t.Helper()
		var calls sync.WaitGroup
		for range 50 {
			for _, call := range []func() error{start, start, func() error { return w.c.EndTyping(t.Context(), bob, nil) }} {
				calls.Go(func() { assert.NoError(t, call()) })
			}
			calls.Wait()
			elapse(10 * time.Second) // a timer and a call come at the same time
		}
		elapse(time.Minute)
		lines := heard.take()
		require.NotEmpty(t, lines)
		assert.Equal(t, []string{types, ended}, []string{lines[0], lines[len(lines)-1]})
		for i, line := range lines[1:] {
			assert.False(t, line == ended && lines[i] == ended, "line %d: nothing was begun", i+1)
		}
	})
	for name, stop := range map[string]func(t *testing.T, c *cometchat.Client) error{
		"Close":      func(_ *testing.T, c *cometchat.Client) error { return c.Close() },
		"Disconnect": func(_ *testing.T, c *cometchat.Client) error { return c.Disconnect() },
		"Logout":     func(t *testing.T, c *cometchat.Client) error { t.Helper(); return c.Logout(t.Context()) },
	} {
		typing("after "+name+" nothing is told", func(t *testing.T, w *liveWorld, start func() error, heard *transcript) {
			t.Helper()
			require.NoError(t, start())
			assert.Equal(t, []string{types}, heard.take())
			require.NoError(t, stop(t, w.c))
			elapse(time.Minute)
			assert.Empty(t, heard.take())
			require.Error(t, start())
		})
	}
	typing("that cannot be told is refused", func(t *testing.T, w *liveWorld, _ func() error, heard *transcript) {
		t.Helper()
		for _, call := range []func(cometchat.Receiver, json.RawMessage) error{
			func(to cometchat.Receiver, metadata json.RawMessage) error {
				return w.c.StartTyping(t.Context(), to, metadata)
			},
			func(to cometchat.Receiver, metadata json.RawMessage) error {
				return w.c.EndTyping(t.Context(), to, metadata)
			},
		} {
			require.ErrorIs(t, call(cometchat.Receiver{}, nil), cometchat.ErrBadRequest)
			require.ErrorIs(t, call(cometchat.ToUser(" "), nil), cometchat.ErrBadRequest)
			require.ErrorIs(t, call(cometchat.Receiver{Type: "x", ID: "u"}, nil), cometchat.ErrBadRequest)
			require.ErrorIs(t, call(bob, json.RawMessage(`"x"`)), cometchat.ErrBadRequest)
			require.ErrorIs(t, call(bob, json.RawMessage(`{`)), cometchat.ErrBadRequest)
		}
		assert.Empty(t, heard.take())
	})
}
