package filestore_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/filestore"
	"github.com/cometchat-go/cometchat/sessionstoretest"
	"github.com/gofrs/flock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const key = "app1/session"

var encryptionKey = bytes.Repeat([]byte("k3y!"), 8)

// bothForms has the options for the two forms of a file.
var bothForms = map[string][]filestore.Option{
	"plain":     nil,
	"encrypted": {filestore.WithEncryptionKey(encryptionKey)},
}

func open(tb testing.TB, dir string, opts ...filestore.Option) *filestore.Store {
	tb.Helper()
	store, err := filestore.New(dir, opts...)
	require.NoError(tb, err)
	return store
}

// newDir returns the path of a directory that does not exist yet.
func newDir(tb testing.TB) string {
	tb.Helper()
	return filepath.Join(tb.TempDir(), "above", "sessions")
}

// session makes a session whose every field depends on n.
func session(n int) *cometchat.Session {
	text := fmt.Sprint(n)
	return &cometchat.Session{
		AppID: "app1", DeviceID: "device-" + text, AuthToken: "token-" + text, JWT: "jwt-" + text,
		CreatedAt: time.Unix(1_700_000_000+int64(n), 0).UTC(),
		User: &cometchat.User{
			UID: "uid-" + text, Metadata: []byte(`{"n":` + text + `}`), Name: strings.Repeat("name ", 20*(n%7)) + text,
		},
	}
}

// files returns the names in a directory without the lock files.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), "lock-") {
			names = append(names, entry.Name())
		}
	}
	return names
}

func TestContract(t *testing.T) {
	t.Parallel()
	for name, opts := range bothForms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sessionstoretest.Run(t, func(t *testing.T) func() cometchat.SessionStore {
				dir := newDir(t)
				return func() cometchat.SessionStore { return open(t, dir, opts...) }
			})
		})
	}
}

func TestOnlyTheOwnerReads(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	dir := newDir(t)
	store := open(t, dir)
	require.NoError(t, store.Save(t.Context(), key, session(1)))
	for _, path := range []string{filepath.Dir(dir), dir} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o700), info.Mode().Perm(), path)
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 2, "the session and its lock")
	for _, entry := range entries {
		info, err := entry.Info()
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), entry.Name())
	}

	for _, mode := range []os.FileMode{0o750, 0o701, 0o777} {
		require.NoError(t, os.Chmod(dir, mode))
		_, err = filestore.New(dir)
		require.ErrorContains(t, err, "other users have access to the directory "+dir)
		info, err := os.Stat(dir)
		require.NoError(t, err)
		assert.Equal(t, mode, info.Mode().Perm(), "New does not change the mode")
	}
}

func TestNewFails(t *testing.T) {
	t.Parallel()
	_, err := filestore.New("")
	require.ErrorIs(t, err, cometchat.ErrMissingParameters)
	_, err = filestore.New(newDir(t), nil, filestore.WithEncryptionKey([]byte("canary")), filestore.WithEncryptionKey(nil))
	require.ErrorIs(t, err, cometchat.ErrMissingParameters)
	require.ErrorIs(t, err, cometchat.ErrBadRequest)
	require.ErrorContains(t, err, "the encryption key has 6 bytes instead of 32")
	require.ErrorContains(t, err, "the encryption key has 0 bytes instead of 32")
	assert.NotContains(t, err.Error(), "canary")

	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err = filestore.New(file)
	require.ErrorContains(t, err, file)
	_, err = filestore.New(filepath.Join(file, "sessions"))
	require.ErrorContains(t, err, file)
}

func TestStoreNotMadeByNew(t *testing.T) {
	t.Parallel()
	store := new(filestore.Store)
	_, loadErr := store.Load(t.Context(), key)
	_, swapErr := store.CompareAndSwap(t.Context(), key, nil, nil)
	for _, err := range []error{
		loadErr, store.Save(t.Context(), key, session(1)), swapErr, store.Delete(t.Context(), key),
	} {
		require.ErrorIs(t, err, cometchat.ErrMissingParameters)
		require.ErrorContains(t, err, "the store was not made by New")
	}
}

func TestDefaultDir(t *testing.T) {
	config := t.TempDir()
	t.Setenv("HOME", config)
	t.Setenv("XDG_CONFIG_HOME", config)
	t.Setenv("AppData", config)
	dir, err := filestore.DefaultDir("app1")
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(dir, config), dir)
	assert.True(t, strings.HasSuffix(dir, filepath.Join("cometchat", "app1")), dir)
	assert.NoDirExists(t, dir)
	for _, appID := range []string{"", ".", "..", "a/b", `a\b`, "/a", "a\x00", "../a"} {
		_, err := filestore.DefaultDir(appID)
		require.ErrorIs(t, err, cometchat.ErrInvalidAppID, appID)
	}
	t.Setenv("HOME", "")
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv("AppData", "")
	_, err = filestore.DefaultDir("app1")
	require.ErrorContains(t, err, "there is no default directory")
}

// TestDirectoryIsFoundOnce changes the working directory and a symbolic link after New.
func TestDirectoryIsFoundOnce(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("making a symbolic link needs a privilege there")
	}
	top := t.TempDir()
	t.Chdir(top)
	require.NoError(t, os.MkdirAll("first", 0o700))
	require.NoError(t, os.MkdirAll("second", 0o700))
	require.NoError(t, os.Symlink("first", "link"))
	store := open(t, "link")
	require.NoError(t, os.Remove("link"))
	require.NoError(t, os.Symlink("second", "link"))
	t.Chdir(t.TempDir())
	require.NoError(t, store.Save(t.Context(), key, session(1)))
	assert.Len(t, files(t, filepath.Join(top, "first")), 1)
	assert.Empty(t, files(t, filepath.Join(top, "second")))
}

// TestKeyIsCopied wipes the caller's encryption key.
func TestKeyIsCopied(t *testing.T) {
	t.Parallel()
	dir, mine := newDir(t), bytes.Clone(encryptionKey)
	option := filestore.WithEncryptionKey(mine)
	clear(mine)
	require.NoError(t, open(t, dir, option).Save(t.Context(), key, session(1)))
	got, err := open(t, dir, filestore.WithEncryptionKey(encryptionKey)).Load(t.Context(), key)
	require.NoError(t, err)
	assert.Equal(t, session(1), got)
}

func TestNoFormatShowsTheEncryptionKey(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	option := filestore.WithEncryptionKey(newKey, encryptionKey)
	store := open(t, dir, option)
	type holder struct{ store *filestore.Store } // fmt does not call Format of an unexported field
	type inside struct{ store filestore.Store }
	for verb := range strings.SplitSeq("%v %+v %#v %s %q %x %X %d %t %p %c %U", " ") {
		for _, value := range []any{store, *store, holder{store}, inside{*store}, option} {
			text := strings.ToLower(fmt.Sprintf(verb, value))
			assert.NotContains(t, text, "k3y!")
			assert.NotContains(t, text, "n3w!")
			assert.NotContains(t, text, "6b337921")             // in hex
			assert.NotContains(t, text, "[107 51 121")          // as bytes
			assert.NotContains(t, text, "0x6b, 0x33, 0x79, 0x") // as Go
		}
	}
	assert.Equal(t, "session store in the directory "+dir, fmt.Sprint(store))
	assert.Equal(t, `"session store in the directory `+dir+`"`, fmt.Sprintf("%q", *store))
}

func TestWaitingForALockEndsWithTheContext(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	store := open(t, dir)
	require.NoError(t, store.Save(t.Context(), key, session(1)))
	for _, c := range "0123456789abcdef" { // like another process
		lock := flock.New(filepath.Join(dir, "lock-"+string(c)))
		require.NoError(t, lock.Lock())
		t.Cleanup(func() { assert.NoError(t, lock.Unlock()) })
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	for _, err := range []error{
		store.Save(ctx, key, session(2)),
		store.Delete(ctx, key),
		func() error { _, err := store.CompareAndSwap(ctx, key, session(1), nil); return err }(),
	} {
		require.ErrorIs(t, err, context.DeadlineExceeded)
	}
	got, err := store.Load(t.Context(), key)
	if runtime.GOOS != "windows" { // on Windows, Load needs the lock too
		require.NoError(t, err)
		assert.Equal(t, session(1), got)
	}
}

// TestLeftoversAreRemoved leaves the temporary file of a process that was killed during Save.
func TestLeftoversAreRemoved(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	store := open(t, dir)
	require.NoError(t, store.Save(t.Context(), key, session(1)))
	name := files(t, dir)[0]
	leftover := filepath.Join(dir, strings.TrimSuffix(name, ".json")+".tmp")
	leave := func() { require.NoError(t, os.WriteFile(leftover, []byte(`{"format":"comet`), 0o600)) }
	foreign := filepath.Join(dir, "mine.tmp")
	require.NoError(t, os.WriteFile(foreign, nil, 0o600))

	leave()
	got, err := store.Load(t.Context(), key)
	require.NoError(t, err)
	assert.Equal(t, session(1), got)

	open(t, dir)
	assert.NoFileExists(t, leftover)
	assert.FileExists(t, foreign)

	leave()
	require.NoError(t, store.Save(t.Context(), key, session(2)))
	assert.NoFileExists(t, leftover)

	leave()
	require.NoError(t, store.Delete(t.Context(), key))
	assert.Equal(t, []string{"mine.tmp"}, files(t, dir), "Delete leaves nothing of the session")

	leave()
	lock := flock.New(filepath.Join(dir, "lock-"+name[:1])) // another process is writing the file
	require.NoError(t, lock.Lock())
	open(t, dir)
	assert.FileExists(t, leftover)
	require.NoError(t, lock.Unlock())
}

func TestDirectoryThatWasRemoved(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	store := open(t, dir)
	require.NoError(t, os.RemoveAll(dir))
	_, err := store.Load(t.Context(), key)
	require.ErrorIs(t, err, cometchat.ErrNoSession)
	for _, err := range []error{
		store.Save(t.Context(), key, session(1)),
		store.Delete(t.Context(), key),
		func() error { _, err := store.CompareAndSwap(t.Context(), key, nil, session(1)); return err }(),
	} {
		require.ErrorIs(t, err, os.ErrNotExist)
		require.ErrorContains(t, err, dir)
	}
}
