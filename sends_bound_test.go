//go:build !race

// With the race detector, 10,001 sends take ten seconds, and show nothing more.

package cometchat_test

import (
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestUnsettledSendsAreBounded forgets the oldest of more than 10,000.
func TestUnsettledSendsAreBounded(t *testing.T) {
	t.Parallel()
	inBubble(t, "10,001 sends", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t, once)
		w.answer("POST", messagesURL, 500, "")
		w.answer("GET", searchURL, 403, refusal("ERR_X", "no"))
		var first, second *cometchat.OutgoingMessage
		for i := range 10_001 {
			m := cometchat.NewTextMessage(cometchat.ToUser(uid2), "x")
			switch i {
			case 0:
				first = m
			case 1:
				second = m
			}
			_, err := c.SendMessage(t.Context(), m)
			require.ErrorIs(t, err, cometchat.ErrSendUnknown)
		}
		w.requests()
		w.RegisterResponder("POST", messagesURL, echo)
		_, err := c.SendMessage(t.Context(), first)
		require.NoError(t, err, "the oldest is forgotten")
		_, err = c.SendMessage(t.Context(), second)
		require.ErrorIs(t, err, cometchat.ErrSendUnknown)
		assert.True(t, strings.HasPrefix(w.lines()[0], "POST"))
	})
}
