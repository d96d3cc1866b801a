package live_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/cometchat-go/cometchat/internal/live"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestConnect(t *testing.T) {
	inBubble(t, "is connected once the server has accepted", letIn, func(t *testing.T, w *world) {
		assert.Equal(t, live.Disconnected, w.Status())
		require.NoError(t, w.Connect(t.Context()))
		assert.Equal(t, live.Connected, w.Status())
		assert.Equal(t, "connecting; connected", w.take())
		require.NoError(t, w.Connect(t.Context()))
		assert.Equal(t, 1, w.dials)
		<-time.After(time.Hour)
		assert.Empty(t, w.take())
		w.End(nil)
		assert.Equal(t, live.Disconnected, w.Status())
		assert.Equal(t, "disconnected", w.take())
	})
	inBubble(t, "gives up when the auth answer does not come", func(_ int, p *peer) { p.answerPings() }, func(t *testing.T, w *world) {
		err := w.Connect(within(t, 15*time.Second))
		require.ErrorIs(t, err, live.ErrNoAnswer)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		synctest.Wait()
		assert.Equal(t, live.Disconnected, w.Status())
	})
}

func TestClose(t *testing.T) {
	for _, code := range []websocket.StatusCode{1000, 1001, 1008, 1011, 4001, 4401} {
		inBubble(t, "", func(n int, p *peer) {
			p.read()
			p.say(accepted)
			if n == 1 {
				p.read()
				p.say(pong)
				_ = p.Close(code, "so")
				return
			}
			p.answerPings()
		}, func(t *testing.T, w *world) {
			require.NoError(t, w.Connect(t.Context()))
			<-time.After(time.Minute)
			assert.Equal(t, live.Connected, w.Status())
			t.Log(w.take(), w.dials, w.moved)
		})
	}
}

func TestSilence(t *testing.T) {
	inBubble(t, "", func(n int, p *peer) {
		p.read()
		p.say(accepted)
		if n == 1 {
			<-time.After(time.Minute)
			return
		}
		p.answerPings()
	}, func(t *testing.T, w *world) {
		start := time.Now()
		require.NoError(t, w.Connect(t.Context()))
		for w.Status() == live.Connected {
			<-time.After(time.Millisecond)
		}
		t.Log(time.Since(start), w.take())
		<-time.After(time.Minute)
		assert.Equal(t, live.Connected, w.Status())
	})
}

func TestRefused(t *testing.T) {
	inBubble(t, "twice is final", func(_ int, p *peer) {
		p.read()
		p.say(refused)
		p.answerPings()
	}, func(t *testing.T, w *world) {
		err := w.Connect(t.Context())
		_, ok := errors.AsType[*live.RefusedError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, 1, w.renewed)
		t.Log(w.take())
	})
	inBubble(t, "once is mended", func(n int, p *peer) {
		p.read()
		if n == 1 {
			p.say(refused)
			return
		}
		p.say(accepted)
		p.answerPings()
	}, func(t *testing.T, w *world) {
		require.NoError(t, w.Connect(t.Context()))
		assert.Equal(t, "connecting; connected", w.take())
	})
}
