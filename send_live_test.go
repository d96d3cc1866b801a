package cometchat_test

import (
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLiveFrameSettlesASend settles a send whose search fails: the message comes over the live connection.
func TestLiveFrameSettlesASend(t *testing.T) {
	t.Parallel()
	inBubble(t, "a frame", func(t *testing.T) {
		s := cometchattest.New()
		defer s.Close()
		c, other := emulated(t, s, once), emulated(t, s, once)
		for _, c := range []*cometchat.Client{c, other} {
			_, err := c.Login(t.Context(), uid1, s.AuthKey)
			require.NoError(t, err)
		}
		require.NoError(t, c.Connect(t.Context()))
		s.InjectFault(cometchattest.Fault{Method: "POST", Path: "/messages", Status: 503, Times: 1})
		s.InjectFault(cometchattest.Fault{Method: "GET", Path: "/users/{uid}/messages", Status: 500})
		m := cometchat.NewTextMessage(cometchat.ToUser(uid2), "x")
		took := stopwatch()
		var sent *cometchat.Message
		sending := started(func() (err error) { sent, err = c.SendMessage(t.Context(), m); return err })
		for _, text := range []string{"another message", "x"} { // the first one settles nothing
			if text != "x" {
				_, err := other.SendMessage(t.Context(), cometchat.NewTextMessage(cometchat.ToUser(uid2), text))
				require.NoError(t, err)
				continue
			}
			elapse(time.Second)
			_, err := other.SendMessage(t.Context(), m)
			require.NoError(t, err)
		}
		require.NoError(t, <-sending)
		assert.Equal(t, m.MUID, sent.MUID)
		assert.Equal(t, time.Second, took())
	})
}
