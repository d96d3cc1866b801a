package xsync_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/cometchat-go/cometchat/internal/xsync"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errDisk = errors.New("disk full")

func TestCaptured(t *testing.T) {
	t.Parallel()
	t.Run("returns what the function returns", func(t *testing.T) {
		t.Parallel()
		value, err := xsync.Captured(t.Context(), func() (int, error) { return 7, errDisk })
		assert.Equal(t, 7, value)
		assert.Equal(t, errDisk, err)
	})
	t.Run("returns a panic as an error with the stack", func(t *testing.T) {
		t.Parallel()
		_, err := xsync.Captured(t.Context(), panics)
		panicked, ok := errors.AsType[*xsync.PanicError](err)
		require.True(t, ok)
		assert.Equal(t, "a value", panicked.Value)
		require.NoError(t, panicked.Unwrap(), "the value is no error")
		assert.Regexp(t, `^a value\n\n(?s).*xsync_test\.panics`, err.Error())
	})
	t.Run("a panic with an error matches this error", func(t *testing.T) {
		t.Parallel()
		_, err := xsync.Captured(t.Context(), func() (int, error) { panic(errDisk) })
		require.ErrorIs(t, err, errDisk)
	})
	t.Run("returns ErrGoexit when the function ends its goroutine", func(t *testing.T) {
		t.Parallel()
		_, err := xsync.Captured(t.Context(), func() (int, error) { runtime.Goexit(); return 0, nil })
		require.ErrorIs(t, err, xsync.ErrGoexit)
	})
	inBubble(t, "does not wait beyond the end of the context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		release := make(chan struct{})
		value, err := xsync.Captured(ctx, func() (int, error) { <-release; return 7, nil })
		require.ErrorIs(t, err, context.Canceled)
		assert.Zero(t, value)
		close(release)
	})
}

func panics() (int, error) { panic("a value") }
