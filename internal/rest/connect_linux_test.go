package rest_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat/internal/rest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// deaf returns an address where connections are neither accepted nor refused: the queue of its socket is full.
func deaf(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = syscall.Close(fd) })
	require.NoError(t, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	require.NoError(t, syscall.Listen(fd, 0))
	name, err := syscall.Getsockname(fd)
	require.NoError(t, err)
	addr := fmt.Sprint("127.0.0.1:", name.(*syscall.SockaddrInet4).Port)
	for range 10 {
		conn, err := net.DialTimeout("tcp", addr, 100*time.Millisecond) //nolint:noctx // it has a timeout
		if err != nil {
			return addr
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	t.Fatal("the socket accepts more connections than it was told")
	return ""
}

// TestDialLimit checks that an attempt does not wait long for a host that swallows what it is sent.
func TestDialLimit(t *testing.T) {
	t.Parallel()
	tr, shut := rest.NewTransport(0)
	addr := deaf(t)
	t.Run("a dial ends with Close", func(t *testing.T) {
		t.Parallel()
		other, shutOther := rest.NewTransport(0)
		go shutOther()
		start := time.Now()
		_, err := other.DialContext(t.Context(), "tcp", addr)
		require.ErrorContains(t, err, "operation was canceled")
		assert.Less(t, time.Since(start), time.Second)
	})
	t.Run("a dial ends after its limit", func(t *testing.T) {
		t.Parallel()
		if testing.Short() {
			t.Skip("takes five seconds")
		}
		defer shut()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		_, err := tr.DialContext(ctx, "tcp", addr)
		failed, ok := errors.AsType[net.Error](err)
		require.True(t, ok && failed.Timeout(), "%v", err)
		assert.Less(t, time.Since(start), 8*time.Second)
	})
}
