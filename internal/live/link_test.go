package live_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
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
		require.NoError(t, w.Keep())
		assert.Equal(t, 1, w.dials)
		<-time.After(time.Hour)
		assert.Empty(t, w.take())
		w.End(nil)
		w.End(nil)
		assert.Equal(t, live.Disconnected, w.Status())
		assert.Equal(t, "disconnected", w.take())
		w.Close()
		require.ErrorIs(t, w.Connect(t.Context()), live.ErrClosed)
		require.ErrorIs(t, w.Keep(), live.ErrClosed)
	})
	inBubble(t, "gives up when the auth answer does not come", func(_ int, p *peer) { p.answerPings() }, func(t *testing.T, w *world) {
		err := w.Connect(within(t, 15*time.Second))
		require.ErrorIs(t, err, live.ErrNoAnswer)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		synctest.Wait()
		assert.Equal(t, live.Disconnected, w.Status())
	})
	inBubble(t, "an answer at the very end of the time", func(_ int, p *peer) {
		p.read()
		<-time.After(10 * time.Second)
		p.say(accepted)
		p.answerPings()
	}, func(t *testing.T, w *world) {
		for range 100 { // who comes first differs
			err := w.Connect(within(t, 11*time.Second))
			if err != nil {
				require.ErrorIs(t, err, live.ErrNoAnswer)
			}
			w.End(nil)
		}
	})
	inBubble(t, "a Disconnect while the answer comes", func(_ int, p *peer) {
		p.read()
		<-time.After(time.Second)
		p.say(accepted)
		p.answerPings()
	}, func(t *testing.T, w *world) {
		for range 100 {
			time.AfterFunc(time.Second, func() { w.End(nil) })
			if err := w.Connect(t.Context()); err != nil {
				require.ErrorIs(t, err, live.ErrDisconnected)
			}
			w.End(nil)
			<-time.After(time.Minute)
		}
	})
	inBubble(t, "says why a socket cannot be opened", letIn, func(t *testing.T, w *world) {
		w.refuse = func(int) error { return io.ErrClosedPipe }
		err := w.Connect(within(t, 5*time.Second))
		failed, ok := errors.AsType[*live.DialError](err)
		require.True(t, ok)
		require.ErrorIs(t, failed, io.ErrClosedPipe)
		assert.Equal(t, failed.Err.Error(), failed.Error())
		assert.Positive(t, w.moved, "the address may have changed")
		w.refuse = nil
		require.NoError(t, w.Keep())
		synctest.Wait()
		assert.Equal(t, live.Connected, w.Status())
	})
	inBubble(t, "skips frames before the auth answer", func(_ int, p *peer) {
		p.read()
		_ = p.Write(p.t.Context(), websocket.MessageBinary, []byte(accepted))
		p.say(strings.Repeat(" ", 5<<20))
		p.say(`{"type":"presence"}`)
		p.say(accepted)
		p.answerPings()
	}, func(t *testing.T, w *world) {
		require.NoError(t, w.Connect(t.Context()))
		assert.Empty(t, w.frames)
	})
}

func TestServerCloses(t *testing.T) {
	for _, code := range []websocket.StatusCode{1000, 1001, 1008, 1011, 4001, 4401} {
		inBubble(t, code.String(), func(n int, p *peer) {
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
			closed := &live.ClosedError{Code: int(code), Reason: "so"}
			assert.Equal(t, "connecting; connected; "+describe(live.Change{Err: closed, RetryIn: 1})+"; connecting; connected", w.take())
			assert.Zero(t, w.moved, "the connection was good")
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
		require.NoError(t, w.Connect(t.Context()))
		<-time.After(2999 * time.Millisecond)
		assert.Equal(t, "connecting; connected", w.take())
		<-time.After(2 * time.Millisecond)
		assert.True(t, strings.HasPrefix(w.take(), "disconnected (the server did not answer a ping in time), retries"))
		<-time.After(time.Minute)
		assert.Equal(t, live.Connected, w.Status())
	})
	inBubble(t, "any frame is a sign of life", func(_ int, p *peer) {
		p.read()
		p.say(accepted)
		for p.read() != "" {
			p.say("x")
		}
	}, func(t *testing.T, w *world) {
		w.connect(t)
		<-time.After(time.Minute + time.Second)
		assert.Empty(t, w.take())
		assert.Len(t, w.frames, 5, "after 0, 15, 30, 45 and 60 seconds")
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
		require.ErrorContains(t, err, `code "401"`)
		assert.Equal(t, 1, w.renewed)
		assert.Equal(t, "connecting; disconnected ("+err.Error()+")", w.take())
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
	inBubble(t, "a final error of the endpoint ends it", letIn, func(t *testing.T, w *world) {
		w.gone = true
		require.ErrorIs(t, w.Connect(t.Context()), errGone)
		assert.Equal(t, "connecting; disconnected (the token is gone)", w.take())
	})
}

func TestSend(t *testing.T) {
	inBubble(t, "", func(_ int, p *peer) {
		p.read()
		p.say(accepted)
		for frame := p.read(); frame != ""; frame = p.read() {
			if strings.Contains(frame, "ping") {
				p.say(pong)
			} else if frame == "stop" {
				<-time.After(time.Minute)
			}
		}
	}, func(t *testing.T, w *world) {
		require.ErrorIs(t, w.Send([]byte("x")), live.ErrNotConnected)
		w.connect(t)
		require.NoError(t, w.Send([]byte("stop")))
		require.ErrorIs(t, w.Send([]byte("x")), live.ErrSilent) // in memory nothing buffers
		w.End(nil)
		require.ErrorIs(t, w.Send([]byte("x")), live.ErrNotConnected)
	})
}

// TestEndAtEachStep ends a link while it does something, and again when it is connected to a peer that does not answer.
func TestEndAtEachStep(t *testing.T) {
	for name, serve := range map[string]func(int, *peer){
		"while the auth answer is due": func(_ int, p *peer) { p.answerPings() },
		"while the peer sleeps":        func(_ int, p *peer) { p.read(); p.say(accepted); <-time.After(time.Hour) },
		"while it is connected":        letIn,
	} {
		inBubble(t, name, serve, func(t *testing.T, w *world) {
			require.NoError(t, w.Keep())
			synctest.Wait()
			begun := time.Now()
			w.End(errGone)
			assert.Zero(t, time.Since(begun), "it does not wait")
			w.Close()
			assert.LessOrEqual(t, time.Since(begun), 300*time.Millisecond)
			assert.True(t, strings.HasSuffix(w.take(), "disconnected (the token is gone)"))
		})
	}
	inBubble(t, "while the server does not answer the opening", letIn, func(t *testing.T, w *world) {
		w.refuse = func(int) error { <-time.After(5 * time.Second); return nil }
		result := make(chan error, 1)
		go func() { result <- w.Connect(t.Context()) }()
		synctest.Wait()
		w.End(nil)
		require.ErrorIs(t, <-result, live.ErrDisconnected)
		assert.Equal(t, "connecting; disconnected", w.take())
		<-time.After(time.Minute)
		assert.Equal(t, live.Disconnected, w.Status())
	})
}

func TestHerd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const links = 100
		herd := live.NewHerd()
		var mu sync.Mutex // guards busy, most and waits
		var busy, most int
		all := make([]*live.Link, links)
		var waits []time.Duration
		for i := range all {
			all[i] = live.NewLink(live.Config{
				HTTPClient: &http.Client{}, Herd: herd, Final: func(error) bool { return false },
				Endpoint: func(ctx context.Context, _, _ bool) (live.Endpoint, error) {
					mu.Lock()
					busy++
					most = max(most, busy)
					mu.Unlock()
					select {
					case <-ctx.Done():
					case <-time.After(time.Second):
					}
					mu.Lock()
					busy--
					mu.Unlock()
					return live.Endpoint{}, errGone
				},
				Changed: func(c live.Change) {
					mu.Lock()
					defer mu.Unlock()
					if c.RetryIn > 0 {
						waits = append(waits, c.RetryIn)
					}
				},
			})
			require.NoError(t, all[i].Keep())
			synctest.Wait()
		}
		<-time.After(3500 * time.Millisecond)
		synctest.Wait()
		assert.Equal(t, 32, most, "dials at once")
		assert.Greater(t, len(waits), 32)
		for _, l := range all {
			l.Close()
		}
		assert.Zero(t, busy)
	})
}

func TestErrorTexts(t *testing.T) {
	t.Parallel()
	require.EqualError(t, &live.ClosedError{Code: 1001}, "the server closed the live connection with code 1001")
	require.EqualError(t, &live.ClosedError{Code: 1001, Reason: "bye"}, `the server closed the live connection with code 1001 and reason "bye"`)
	require.EqualError(t, &live.DialError{Status: 503, Err: io.EOF},
		"the server answered the opening of the live connection with the status 503")
}
