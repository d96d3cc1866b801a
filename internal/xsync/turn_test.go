package xsync_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/cometchat-go/cometchat/internal/xsync"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTurn(t *testing.T) {
	t.Parallel()
	inBubble(t, "goes to one goroutine at a time, in the order of the calls", func(t *testing.T) {
		turn := xsync.NewTurn()
		require.NoError(t, turn.Take(t.Context()))
		var order []int // guarded by turn
		for i := range 5 {
			go func() {
				assert.NoError(t, turn.Take(t.Context()))
				order = append(order, i)
				turn.End()
			}()
			synctest.Wait()
		}
		assert.Empty(t, order, "another goroutine took the turn before End")
		turn.End()
		synctest.Wait()
		assert.Equal(t, []int{0, 1, 2, 3, 4}, order)
	})
	inBubble(t, "a wait ends with the context", func(t *testing.T) {
		turn := xsync.NewTurn()
		require.NoError(t, turn.Take(t.Context()))
		ctx, cancel := context.WithCancel(t.Context())
		took := make(chan error, 1)
		go func() { took <- turn.Take(ctx) }()
		synctest.Wait()
		assert.Empty(t, took, "the turn is taken")
		cancel()
		require.ErrorIs(t, <-took, context.Canceled)
		turn.End()
		require.NoError(t, turn.Take(t.Context()), "the wait that was canceled took the turn")
	})
	inBubble(t, "a free turn is taken with an ended context too", func(t *testing.T) {
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		turn := xsync.NewTurn()
		for range 100 { // a select between two ready channels would choose at random
			require.NoError(t, turn.Take(ended))
			turn.End()
		}
	})
}

// inBubble runs a subtest on fake time.
func inBubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}
