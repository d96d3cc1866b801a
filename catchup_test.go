package cometchat_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// heardMessages collects what a client hears of messages, as texts such as "812 hi" and "edited 812 ho".
func heardMessages(c *cometchat.Client) *[]string {
	var heard []string
	c.AddMessageListener("test", cometchat.MessageListener{
		MessageReceived: func(m *cometchat.Message) { heard = append(heard, m.ID+" "+m.Text) },
		MessageEdited:   func(m *cometchat.Message) { heard = append(heard, "edited "+m.ID+" "+m.Text) },
		MessageDeleted:  func(m *cometchat.Message) { heard = append(heard, "deleted "+m.ID) },
	})
	return &heard
}

func TestCatchUp(t *testing.T) {
	live(t, "what was said between two connections is told in order, before what is new", func(t *testing.T, w *liveWorld) {
		w.SendMessage(uid2, uid1, "before the first connection")
		heard := heardMessages(w.c)
		require.NoError(t, w.c.Connect(t.Context()))
		settle()
		assert.Empty(t, *heard)
		first := w.SendMessage(uid2, uid1, "live")
		settle()
		require.NoError(t, w.c.Disconnect())
		settle()
		var want []string
		want = append(want, first.ID+" live")
		for i := range 250 {
			m := w.SendMessage(uid2, uid1, fmt.Sprint("missed ", i))
			want = append(want, m.ID+" "+m.Text)
		}
		other := w.client(t)
		_, err := other.Login(t.Context(), uid2, w.AuthKey)
		require.NoError(t, err)
		_, err = other.EditMessage(t.Context(), first.ID, cometchat.MessageEdit{Text: "edited"})
		require.NoError(t, err)
		_, err = other.DeleteMessage(t.Context(), strings.Fields(want[1])[0])
		require.NoError(t, err)
		want = append(want, "edited "+first.ID+" edited", "deleted "+strings.Fields(want[1])[0])
		want[1] = strings.Fields(want[1])[0] + " " // its text is gone when it is fetched
		require.NoError(t, w.c.Connect(t.Context()))
		last := w.SendMessage(uid2, uid1, "new")
		want = append(want, last.ID+" new")
		elapse(time.Minute)
		settle()
		assert.Equal(t, want, *heard)
	})
	live(t, "what the client has changed itself is not told, even if the history does not name the client", func(t *testing.T, w *liveWorld) {
		nameless := func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				r = r.Clone(r.Context())
				r.Header.Del("resource")
				return next.RoundTrip(r)
			})
		}
		c, ctx := w.client(t, cometchat.WithTransport(nameless)), t.Context()
		_, err := c.Login(ctx, uid1, w.AuthKey)
		require.NoError(t, err)
		heard := heardMessages(c)
		require.NoError(t, c.Connect(ctx))
		require.NoError(t, c.Disconnect())
		m := says(t, c, uid2, "mine")
		_, err = c.EditMessage(ctx, m.ID, cometchat.MessageEdit{Text: "still mine"})
		require.NoError(t, err)
		_, err = c.DeleteMessage(ctx, m.ID)
		require.NoError(t, err)
		missed := w.SendMessage(uid2, uid1, "missed")
		require.NoError(t, c.Connect(ctx))
		elapse(time.Minute)
		settle()
		assert.Equal(t, []string{missed.ID + " missed"}, *heard)
	})
	live(t, "a slow subscriber falls behind, and misses nothing", func(t *testing.T, w *liveWorld) {
		events := w.c.Events(t.Context())
		require.NoError(t, w.c.Connect(t.Context()))
		settle()
		const sent = 2500
		for i := range sent {
			w.SendMessage(uid2, uid1, fmt.Sprint(i))
		}
		settle()
		next := 0
		for e := range events {
			if m, ok := e.(cometchat.MessageReceived); ok {
				require.Equal(t, fmt.Sprint(next), m.Message.Text)
				next++
			}
			settle()
			if next == sent {
				break
			}
		}
		assert.Equal(t, sent, next)
	})
	live(t, "a refusal is a gap", func(t *testing.T, w *liveWorld) {
		events := w.c.Events(t.Context())
		require.NoError(t, w.c.Connect(t.Context()))
		settle()
		require.NoError(t, w.c.Disconnect())
		w.SendMessage(uid2, uid1, "lost")
		w.InjectFault(cometchattest.Fault{Method: "GET", Path: "/messages", Status: 403, Times: 1,
			Body: `{"error":{"code":"ERR_PERMISSION_DENIED","message":"no"}}`})
		require.NoError(t, w.c.Connect(t.Context()))
		settle()
		w.SendMessage(uid2, uid1, "heard")
		settle()
		require.NoError(t, w.c.Close())
		var told []string
		for e := range events {
			switch e := e.(type) {
			case cometchat.Gap:
				require.ErrorIs(t, e.Err, cometchat.ErrNotPermitted)
				told = append(told, "gap after "+e.AfterID)
			case cometchat.CaughtUp:
				told = append(told, "caught up")
			case cometchat.MessageReceived:
				told = append(told, e.Message.Text)
			}
		}
		assert.Equal(t, []string{"caught up", "gap after 0", "heard"}, told)
	})
}
