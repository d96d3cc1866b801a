package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// unreadableDevice is a store whose record of the device cannot be read until it is deleted.
type unreadableDevice struct {
	*cometchat.MemorySessionStore
	mu      sync.Mutex
	deleted bool
}

func (s *unreadableDevice) unreadable(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.HasSuffix(key, "/device") && !s.deleted
}

func (s *unreadableDevice) Load(ctx context.Context, key string) (*cometchat.Session, error) {
	if s.unreadable(key) {
		return nil, fmt.Errorf("damaged: %w", cometchat.ErrUnreadableSession)
	}
	return s.MemorySessionStore.Load(ctx, key)
}

func (s *unreadableDevice) CompareAndSwap(ctx context.Context, key string, old, next *cometchat.Session) (bool, error) {
	if s.unreadable(key) {
		return false, fmt.Errorf("damaged: %w", cometchat.ErrUnreadableSession)
	}
	return s.MemorySessionStore.CompareAndSwap(ctx, key, old, next)
}

func (s *unreadableDevice) Delete(ctx context.Context, key string) error {
	s.mu.Lock()
	s.deleted = s.deleted || strings.HasSuffix(key, "/device")
	s.mu.Unlock()
	return s.MemorySessionStore.Delete(ctx, key)
}

// TestDeviceRecordThatCannotBeRead: it is made anew, and stops no login and no pool.
func TestDeviceRecordThatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.loginWorks(uid1)
	logger, log := logged()
	store := &unreadableDevice{MemorySessionStore: cometchat.NewMemorySessionStore()}
	p := w.pool(t, cometchat.WithSessionStore(store), cometchat.WithLogger(logger))
	_, err := p.Client("one").Login(t.Context(), uid1, authKey)
	require.NoError(t, err)
	assert.Contains(t, log(), "level=WARN")
	assert.Contains(t, log(), "the stored device id cannot be read")
	device, err := store.Load(t.Context(), "app1/device")
	require.NoError(t, err)
	assert.NotEmpty(t, device.DeviceID)
	_, err = p.Client("two").Login(t.Context(), uid1, authKey)
	require.NoError(t, err)
}

// TestLogoutSaysThatItDiscards: a Logout that discards an unreadable session says so, and only if it could.
func TestLogoutSaysThatItDiscards(t *testing.T) {
	t.Parallel()
	for _, deletable := range []bool{true, false} {
		store := &unreadableSession{MemorySessionStore: cometchat.NewMemorySessionStore(), deletable: deletable}
		c := newWire().client(t, cometchat.WithSessionStore(store))
		err := c.Logout(t.Context())
		require.ErrorIs(t, err, cometchat.ErrUnreadableSession)
		assert.Equal(t, deletable, strings.Contains(err.Error(), "has been discarded: log in again"), err)
	}
}

// unreadableSession is a store in which no record can be read.
type unreadableSession struct {
	*cometchat.MemorySessionStore
	deletable bool
}

func (s *unreadableSession) Load(context.Context, string) (*cometchat.Session, error) {
	return nil, fmt.Errorf("damaged: %w", cometchat.ErrUnreadableSession)
}

func (s *unreadableSession) Delete(ctx context.Context, key string) error {
	if !s.deletable {
		return errors.New("the disk is read-only")
	}
	return s.MemorySessionStore.Delete(ctx, key)
}
