package filestore_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSyncsOfASave checks the order that makes a session outlast a power cut: the new file is synced before it replaces the old
// file, and the directory is synced after it.
func TestSyncsOfASave(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not sync directories")
	}
	store, path, old := saved(t)
	var synced []string
	failing := errors.New("the disk is full")
	var fail error
	store.Watch(func(string) {}, func(name string) error {
		content, _ := os.ReadFile(path) //nolint:gosec // the path is the test's own
		switch {
		case content == nil:
			synced = append(synced, filepath.Ext(name)+" without the file")
		case string(content) == string(old):
			synced = append(synced, filepath.Ext(name)+" with the old file")
		default:
			synced = append(synced, filepath.Ext(name)+" with the new file")
		}
		return fail
	})
	require.NoError(t, store.Save(t.Context(), key, session(2)))
	assert.Equal(t, []string{".tmp with the old file", " with the new file"}, synced)
	synced = nil
	require.NoError(t, store.Delete(t.Context(), key))
	assert.Equal(t, []string{" without the file"}, synced)

	fail = failing
	require.ErrorIs(t, store.Save(t.Context(), key, session(3)), failing)
	_, err := store.Load(t.Context(), key)
	require.ErrorIs(t, err, cometchat.ErrNoSession, "a file that is not on the disk replaces none")
	assert.Empty(t, files(t, filepath.Dir(path)), "the temporary file is removed")
}

// TestLinkInPlaceOfATemporaryFile puts a link where a Save is about to make its temporary file. The Save must not write
// through the link.
func TestLinkInPlaceOfATemporaryFile(t *testing.T) {
	t.Parallel()
	store, path, _ := saved(t)
	target := filepath.Join(t.TempDir(), "target")
	put(t, target, []byte("mine"))
	if err := os.Symlink(target, target+".link"); err != nil {
		t.Skip("this system cannot make a symbolic link:", err)
	}
	store.Watch(func(name string) {
		assert.Equal(t, strings.TrimSuffix(path, ".json")+".tmp", name)
		assert.NoError(t, os.Symlink(target, name))
	}, func(string) error { return nil })
	require.ErrorIs(t, store.Save(t.Context(), key, session(2)), os.ErrExist)
	content, err := os.ReadFile(target) //nolint:gosec // the path is the test's own
	require.NoError(t, err)
	assert.Equal(t, "mine", string(content))
}

// TestMemoryOfAHugeFile reads a file of 512 MB, most of which is not read. It is not parallel: it counts what the process
// allocates.
func TestMemoryOfAHugeFile(t *testing.T) {
	store, path, _ := saved(t)
	require.NoError(t, os.Truncate(path, 512<<20))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := store.Load(t.Context(), key)
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, cometchat.ErrUnreadableSession)
	require.ErrorContains(t, err, "has more than 8388608 bytes")
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(128<<20))
}
