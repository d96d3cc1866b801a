package cometchat_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// liveCalls makes each call that sends a frame.
func liveCalls(ctx context.Context, c *cometchat.Client) map[string]func() error {
	to := cometchat.ToUser(uid2)
	m := &cometchat.Message{ID: "1", Sender: &cometchat.User{UID: uid2}, Receiver: cometchat.ToUser(uid1)}
	return map[string]func() error{
		"StartTyping":          func() error { return c.StartTyping(ctx, to, nil) },
		"EndTyping":            func() error { return c.EndTyping(ctx, to, nil) },
		"MarkAsRead":           func() error { return c.MarkAsRead(ctx, m) },
		"MarkAsDelivered":      func() error { return c.MarkAsDelivered(ctx, m) },
		"SendTransientMessage": func() error { return c.SendTransientMessage(ctx, to, object{"a": 1}) },
	}
}

// TestFramesThatCannotGo tests the error of each call that sends a frame, while no frame can go.
func TestFramesThatCannotGo(t *testing.T) {
	t.Parallel()
	refused := func(t *testing.T, c *cometchat.Client, want error) {
		t.Helper()
		for name, call := range liveCalls(t.Context(), c) {
			err := call()
			require.ErrorIs(t, err, want, name)
			assert.Equal(t, name, asError(err).Op)
		}
	}
	live(t, "before the connection, after it breaks, and after it ends", func(t *testing.T, w *liveWorld) {
		refused(t, w.c, cometchat.ErrNotConnected)
		require.ErrorContains(t, liveCalls(t.Context(), w.c)["MarkAsRead"](), "there is no live connection; call Connect first")
		w.connect(t)
		w.DropSockets(uid1)
		settle()
		refused(t, w.c, cometchat.ErrNotConnected)
		elapse(2 * time.Second)
		for name, call := range liveCalls(t.Context(), w.c) {
			require.NoError(t, call(), name)
		}
		require.NoError(t, w.c.Disconnect())
		refused(t, w.c, cometchat.ErrNotConnected)
		require.NoError(t, w.c.Logout(t.Context()))
		refused(t, w.c, cometchat.ErrNotLoggedIn)
		require.NoError(t, w.c.Close())
		refused(t, w.c, cometchat.ErrClosed)
		refused(t, &cometchat.Client{}, cometchat.ErrNotInitialized)
	})
	live(t, "while the connection is silent", func(t *testing.T, w *liveWorld) {
		w.connect(t)
		require.Positive(t, w.FreezeSockets(uid1))
		took := stopwatch()
		err := liveCalls(t.Context(), w.c)["MarkAsRead"]() // in memory nothing buffers
		require.ErrorIs(t, err, cometchat.ErrNotConnected)
		require.ErrorContains(t, err, "there is no live connection: the server did not answer a ping in time; call Connect")
		assert.Equal(t, 3*time.Second, took())
	})
	live(t, "with a context that has ended, and with none", func(t *testing.T, w *liveWorld) {
		w.connect(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for name, call := range liveCalls(ctx, w.c) {
			require.ErrorIs(t, call(), context.Canceled, name)
		}
		for name, call := range liveCalls(nil, w.c) { //nolint:staticcheck // a caller's mistake
			require.ErrorIs(t, call(), cometchat.ErrMissingParameters, name)
		}
		assert.Equal(t, cometchat.Connected, w.c.ConnectionStatus())
	})
	for mode, goes := range map[string]string{"NO_TRANSIENT": "", "LIMITED_TRANSIENT": "SendTransientMessage"} {
		live(t, "in the MODE "+mode, func(t *testing.T, w *liveWorld) {
			var settings object
			require.NoError(t, w.c.Do(t.Context(), "GET", "/settings", nil, &settings))
			settings["data"].(object)["MODE"] = mode
			body, err := json.Marshal(settings)
			require.NoError(t, err)
			w.InjectFault(cometchattest.Fault{Method: "GET", Path: "/settings", Status: 200, Body: string(body)})
			w.connect(t)
			_, heard := w.connected(t, uid2)
			for name, call := range liveCalls(t.Context(), w.c) {
				err := call()
				if name == goes {
					require.NoError(t, err)
					continue
				}
				require.ErrorIs(t, err, cometchat.ErrTemporarilyBlocked, name)
				require.ErrorContains(t, err, mode, name)
				assert.Equal(t, "RECEIPTS_TEMPORARILY_BLOCKED", code(err))
			}
			elapse(time.Minute)
			want := []string{uid1 + ` says to user ` + uid2 + ` {"a":1}`}
			if goes == "" {
				want = nil
			}
			assert.Equal(t, want, heard.take())
		})
	}
}

// TestReceipts tests who hears of the receipts of a message, and that the server keeps them.
func TestReceipts(t *testing.T) {
	t.Parallel()
	live(t, "of a message of a user", func(t *testing.T, w *liveWorld) {
		w.connect(t)
		mine := transcribe(w.c)
		bob, heard := w.connected(t, uid2)
		m := says(t, w.c, uid2, "hi")
		require.NoError(t, bob.MarkAsDelivered(t.Context(), m))
		require.NoError(t, bob.MarkAsRead(t.Context(), m))
		in := " " + m.ID + " by " + uid2 + " in user " + uid1
		assert.Equal(t, []string{"delivered" + in, "read" + in}, mine.take())
		assert.Equal(t, []string{"received " + m.ID + " hi"}, heard.take())
		receipts, err := w.c.GetMessageReceipts(t.Context(), m.ID)
		require.NoError(t, err)
		require.Len(t, receipts, 1)
		assert.False(t, receipts[0].ReadAt.IsZero())
	})
	live(t, "of one's own message go to the other user", func(t *testing.T, w *liveWorld) {
		w.connect(t)
		mine := transcribe(w.c)
		_, heard := w.connected(t, uid2)
		m := says(t, w.c, uid2, "hi")
		heard.take()
		require.NoError(t, w.c.MarkAsRead(t.Context(), m))
		assert.Equal(t, []string{"read " + m.ID + " by " + uid1 + " in user " + uid2}, heard.take())
		assert.Empty(t, mine.take())
	})
	live(t, "of a message of a group go to its members, and say when all have read it", func(t *testing.T, w *liveWorld) {
		w.connect(t)
		group := cometchat.ToGroup("hikers")
		bob, bobHears := w.connected(t, uid2)
		_, outsider := w.connected(t, "cometchat-uid-3")
		_, _, err := w.c.CreateGroup(t.Context(), cometchat.NewGroup{
			GUID: group.ID, Name: "Hikers", Type: cometchat.GroupPublic, Members: cometchat.NewGroupMembers{Participants: []string{uid2}},
		})
		require.NoError(t, err)
		mine := transcribe(w.c)
		bobHears.take()
		m, err := w.c.SendMessage(t.Context(), cometchat.NewTextMessage(group, "hi"))
		require.NoError(t, err)
		require.NoError(t, bob.MarkAsDelivered(t.Context(), m))
		require.NoError(t, bob.MarkAsRead(t.Context(), m))
		of := func(kind cometchat.ReceiptKind, uid string) string {
			return string(kind) + " " + m.ID + " by " + uid + " in group hikers"
		}
		assert.Equal(t, []string{
			of(cometchat.ReceiptDelivered, uid2), of(cometchat.ReceiptDeliveredToAll, "app_system"),
			of(cometchat.ReceiptRead, uid2), of(cometchat.ReceiptReadByAll, "app_system"),
		}, mine.take())
		assert.Equal(t, []string{
			"received " + m.ID + " hi", of(cometchat.ReceiptDeliveredToAll, "app_system"), of(cometchat.ReceiptReadByAll, "app_system"),
		}, bobHears.take())
		assert.Empty(t, outsider.take())
	})
	live(t, "of a message that a catch-up has fetched", func(t *testing.T, w *liveWorld) {
		w.connect(t)
		mine := transcribe(w.c)
		bob, _ := w.connected(t, uid2)
		require.NoError(t, bob.Disconnect())
		var missed *cometchat.Message
		bob.AddMessageListener("missed", cometchat.MessageListener{MessageReceived: func(m *cometchat.Message) {
			missed = m
			assert.NoError(t, bob.MarkAsRead(t.Context(), m), "from inside a listener")
		}})
		sent := says(t, w.c, uid2, "hi")
		require.NoError(t, bob.Connect(t.Context()))
		settle()
		require.NotNil(t, missed)
		assert.Equal(t, sent.ID, missed.ID)
		assert.Equal(t, []string{"read " + sent.ID + " by " + uid2 + " in user " + uid1}, mine.take())
	})
	live(t, "of nothing are refused", func(t *testing.T, w *liveWorld) {
		w.connect(t)
		bob := &cometchat.User{UID: uid2}
		for _, m := range []*cometchat.Message{
			nil, {}, {Sender: bob, Receiver: cometchat.ToUser(uid1)}, {ID: "1", Receiver: cometchat.ToUser(uid1)}, {ID: "1", Sender: bob},
			{ID: "1", Sender: &cometchat.User{}, Receiver: cometchat.ToUser(uid1)},
		} {
			require.ErrorIs(t, w.c.MarkAsRead(t.Context(), m), cometchat.ErrMissingParameters, "%+v", m)
			require.ErrorIs(t, w.c.MarkAsDelivered(t.Context(), m), cometchat.ErrMissingParameters, "%+v", m)
		}
	})
}

// TestTransientMessages tests who hears of transient messages, and what is refused.
func TestTransientMessages(t *testing.T) {
	t.Parallel()
	live(t, "go to a user, or to the members of a group", func(t *testing.T, w *liveWorld) {
		w.connect(t)
		_, heard := w.connected(t, uid2)
		_, outsider := w.connected(t, "cometchat-uid-3")
		_, _, err := w.c.CreateGroup(t.Context(), cometchat.NewGroup{
			GUID: "hikers", Name: "Hikers", Type: cometchat.GroupPublic, Members: cometchat.NewGroupMembers{Participants: []string{uid2}},
		})
		require.NoError(t, err)
		heard.take()
		for _, data := range []any{object{"a": "<b>"}, json.RawMessage(`{"a": 1}`), struct{}{}} {
			require.NoError(t, w.c.SendTransientMessage(t.Context(), cometchat.ToUser("COMETCHAT-UID-2"), data))
		}
		require.NoError(t, w.c.SendTransientMessage(t.Context(), cometchat.ToGroup("hikers"), object{}))
		toUser := uid1 + " says to user " + uid2
		assert.Equal(t, []string{toUser + ` {"a":"<b>"}`, toUser + ` {"a":1}`, toUser + " {}", uid1 + " says to group hikers {}"}, heard.take())
		assert.Empty(t, outsider.take())
		for _, data := range []any{nil, 5, "x", []int{1}, json.RawMessage("{"), func() {}} {
			require.ErrorIs(t, w.c.SendTransientMessage(t.Context(), cometchat.ToUser(uid2), data), cometchat.ErrBadRequest, "%T", data)
		}
		require.ErrorIs(t, w.c.SendTransientMessage(t.Context(), cometchat.Receiver{}, object{}), cometchat.ErrBadRequest)
		assert.Empty(t, heard.take())
	})
}
