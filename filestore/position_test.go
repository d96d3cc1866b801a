package filestore_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/filestore"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const positionKey = "app/position"

func TestPositionFiles(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]filestore.Option{"plain": nil, "encrypted": {filestore.WithEncryptionKey(make([]byte, 32))}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := newDir(t)
			store := open(t, dir, opts...)
			require.NoError(t, store.SavePosition(t.Context(), positionKey, "105"))
			paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
			require.NoError(t, err)
			require.Len(t, paths, 1)
			content, err := os.ReadFile(paths[0])
			require.NoError(t, err)

			for _, wrong := range [][]byte{nil, []byte("{}"), content[:len(content)-9], append(content, '!')} {
				put(t, paths[0], wrong)
				_, err = store.LoadPosition(t.Context(), positionKey)
				require.ErrorIs(t, err, cometchat.ErrUnreadableSession)
				require.ErrorContains(t, err, paths[0])
			}
			_, err = store.Load(t.Context(), positionKey)
			require.ErrorIs(t, err, cometchat.ErrUnreadableSession)
			require.NoError(t, store.SavePosition(t.Context(), positionKey, "106"), "it replaces what cannot be read")
			position, err := store.LoadPosition(t.Context(), positionKey)
			require.NoError(t, err)
			assert.Equal(t, "106", position)
		})
	}
}

func TestPositionsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	store := open(t, dir)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := store.LoadPosition(ended, positionKey)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, store.SavePosition(ended, positionKey, "1"), context.Canceled)
	require.ErrorIs(t, store.SavePosition(t.Context(), positionKey, string(make([]byte, 9<<20))), cometchat.ErrBadRequest)
	var zero filestore.Store
	_, err = zero.LoadPosition(t.Context(), positionKey)
	require.ErrorIs(t, err, cometchat.ErrMissingParameters)

	require.NoError(t, store.SavePosition(t.Context(), positionKey, "1"))
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	require.NoError(t, err)
	require.NoError(t, os.Remove(paths[0]))
	require.NoError(t, os.Mkdir(paths[0], 0o700))
	_, err = store.LoadPosition(t.Context(), positionKey)
	require.Error(t, err, "a directory is in its place")
	require.Error(t, store.SavePosition(t.Context(), positionKey, "1"))
}
