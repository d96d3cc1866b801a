package live_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat/internal/live"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRenewalIsRetried lets the first two renewals of a refused auth frame fail, as in an outage of the API. The old frame is
// not sent again: its refusal would be final.
func TestRenewalIsRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sent []string
		w := &world{serve: func(_ int, p *peer) {
			frame := p.read()
			sent = append(sent, frame)
			if frame == "old" {
				p.say(refused)
				return
			}
			p.say(accepted)
			p.answerPings()
		}}
		renewals := 0
		w.config.Endpoint = func(_ context.Context, renew, _ bool) (live.Endpoint, error) {
			if !renew {
				return live.Endpoint{URL: "ws://chat.example/", Auth: []byte("old")}, nil
			}
			if renewals++; renewals <= 2 {
				return live.Endpoint{}, errors.New("no answer")
			}
			return live.Endpoint{URL: "ws://chat.example/", Auth: []byte("new")}, nil
		}
		w.start(t)
		require.NoError(t, w.Connect(within(t, time.Minute)))
		assert.Equal(t, []string{"old", "new"}, sent)
	})
}
