package filestore_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/cometchat-go/cometchat/filestore"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// saved returns a store that holds session(1), the path of the session's file, and the file's content.
func saved(tb testing.TB, opts ...filestore.Option) (store *filestore.Store, path string, content []byte) {
	tb.Helper()
	dir := newDir(tb)
	store = open(tb, dir, opts...)
	require.NoError(tb, store.Save(tb.Context(), key, session(1)))
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	require.NoError(tb, err)
	require.Len(tb, paths, 1)
	content, err = os.ReadFile(paths[0])
	require.NoError(tb, err)
	return store, paths[0], content
}

func put(tb testing.TB, path string, content []byte) {
	tb.Helper()
	require.NoError(tb, os.WriteFile(path, content, 0o600)) //nolint:gosec // the path is the test's own
}

// assertRefused checks that every method but Delete refuses a file with an error that names the file, and that none of them
// changes it.
func assertRefused(t *testing.T, store *filestore.Store, path, why string) {
	t.Helper()
	before, err := os.ReadFile(path) //nolint:gosec // the path is the test's own
	require.NoError(t, err)
	ctx := t.Context()
	_, loadErr := store.Load(ctx, key)
	_, swapErr := store.CompareAndSwap(ctx, key, session(1), session(2))
	_, beginErr := store.CompareAndSwap(ctx, key, nil, session(2))
	_, endErr := store.CompareAndSwap(ctx, key, session(1), nil)
	for _, err := range []error{loadErr, store.Save(ctx, key, session(2)), swapErr, beginErr, endErr} {
		require.ErrorContains(t, err, "the session file "+path+" "+why)
		require.ErrorContains(t, err, "to discard it, log out or remove the file")
		require.ErrorIs(t, err, cometchat.ErrUnreadableSession)
		require.NotErrorIs(t, err, cometchat.ErrNoSession)
		assert.NotContains(t, err.Error(), "token-1")
	}
	after, err := os.ReadFile(path) //nolint:gosec // the path is the test's own
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

func TestFilesWithoutASession(t *testing.T) {
	t.Parallel()
	store, path, content := saved(t)
	other := filepath.Join(filepath.Dir(path), "x")
	require.NoError(t, os.Rename(path, other))
	require.NoError(t, store.Save(t.Context(), "app2/session", session(1)))
	others, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*.json"))
	require.NoError(t, err)
	anotherKeys, err := os.ReadFile(others[0])
	require.NoError(t, err)
	edited := func(old, replacement string) []byte {
		require.Contains(t, string(content), old)
		return bytes.Replace(content, []byte(old), []byte(replacement), 1)
	}
	const damaged = "is damaged, cut off, or not a session of this SDK"
	for name, c := range map[string]struct {
		content []byte
		why     string
	}{
		"empty":                  {nil, damaged},
		"zeros":                  {make([]byte, len(content)), damaged},
		"text":                   {[]byte("token-1"), damaged},
		"another program's JSON": {[]byte(`{"authToken":"token-1","version":1}`), damaged},
		"a session alone":        {[]byte(`{"version":1,"appId":"app1","deviceId":"d","authToken":"token-1"}`), damaged},
		"an edited token":        {edited("token-1", "token-2"), damaged},
		"text after the session": {append(bytes.Clone(content), "{}"...), damaged},
		"twice":                  {append(bytes.Clone(content), content...), damaged},
		"of another key":         {anotherKeys, "holds the session of another key"},
		"a later version":        {edited(`"version":1`, `"version":2`), "has the format version 2, and this SDK reads versions up to 1"},
		"no version":             {edited(`"version":1`, `"version":0`), damaged},
		"another format":         {edited("cometchat-session", "cometchat-sessions"), damaged},
		"too large":              {bytes.Repeat([]byte(" "), 9<<20), "has more than 8388608 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			put(t, path, c.content)
			assertRefused(t, store, path, c.why)
		})
	}
	t.Run("Delete discards it", func(t *testing.T) {
		put(t, path, []byte("not a session"))
		require.NoError(t, store.Delete(t.Context(), key))
		assert.NoFileExists(t, path)
		require.NoError(t, store.Save(t.Context(), key, session(3)))
	})
}

func TestCutOffOrDamaged(t *testing.T) {
	t.Parallel()
	for name, opts := range bothForms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, path, content := saved(t, opts...)
			step := 7
			if *full {
				step = 1
			}
			for n := 0; n < len(content); n += step {
				put(t, path, content[:n])
				_, err := store.Load(t.Context(), key)
				require.ErrorContains(t, err, path, "cut off after %d bytes", n)
				require.ErrorIs(t, err, cometchat.ErrUnreadableSession)
				require.NotErrorIs(t, err, cometchat.ErrNoSession)
			}
			for n := 0; n < len(content); n += step {
				for _, flip := range []byte{1, 0x20, 0x80} {
					wrong := bytes.Clone(content)
					wrong[n] ^= flip
					put(t, path, wrong)
					// Changing the case of a letter in a field's name changes nothing: JSON ignores it.
					if got, err := store.Load(t.Context(), key); err == nil {
						require.Equal(t, session(1), got, "byte %d changed by %#x", n, flip)
					}
				}
			}
			put(t, path, content)
			got, err := store.Load(t.Context(), key)
			require.NoError(t, err)
			assert.Equal(t, session(1), got)
		})
	}
}

func TestEncryption(t *testing.T) {
	t.Parallel()
	store, path, content := saved(t, filestore.WithEncryptionKey(encryptionKey))
	dir := filepath.Dir(path)
	for _, word := range []string{"token-1", "jwt-1", "uid-1", "device-1", "app1"} {
		assert.NotContains(t, string(content), word)
	}
	require.NoError(t, store.Save(t.Context(), key, session(1)))
	again, err := os.ReadFile(path) //nolint:gosec // the path is the test's own
	require.NoError(t, err)
	assert.NotEqual(t, content, again, "each Save encrypts with a new nonce")

	const wrongKey = "is encrypted, but no encryption key of the store decrypts it"
	assertRefused(t, open(t, dir, filestore.WithEncryptionKey(bytes.Repeat([]byte{1}, 32))), path, wrongKey)
	assertRefused(t, open(t, dir), path, "is encrypted, but the store has no encryption key")

	require.NoError(t, store.Save(t.Context(), "app2/session", session(2)))
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	require.NoError(t, err)
	for _, other := range paths {
		if other != path {
			content, err := os.ReadFile(other) //nolint:gosec // the path is the test's own
			require.NoError(t, err)
			put(t, path, content)
		}
	}
	assertRefused(t, store, path, wrongKey) // the session of another key

	put(t, path, bytes.Replace(again, []byte("AES-256-GCM"), []byte("AES-256-CBC"), 1))
	assertRefused(t, store, path, "is damaged")

	_, path, _ = saved(t)
	assertRefused(t, open(t, filepath.Dir(path), filestore.WithEncryptionKey(encryptionKey)), path, "is plain (not encrypted)")
}

func TestDirectoryOrLinkInPlaceOfAFile(t *testing.T) {
	t.Parallel()
	store, path, content := saved(t)
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Mkdir(path, 0o700))
	_, err := store.Load(t.Context(), key)
	require.ErrorContains(t, err, path+" is not a regular file")
	require.ErrorIs(t, err, cometchat.ErrUnreadableSession)
	require.ErrorContains(t, store.Save(t.Context(), key, session(2)), path+" is not a regular file")
	require.NoError(t, os.Remove(path))

	target := filepath.Join(t.TempDir(), "target")
	put(t, target, content)
	if err := os.Symlink(target, path); err != nil {
		t.Skip("this system cannot make a symbolic link:", err)
	}
	_, err = store.Load(t.Context(), key)
	require.ErrorContains(t, err, path+" is not a regular file")
	require.NoError(t, store.Delete(t.Context(), key))
	assert.FileExists(t, target)
}

// occupy puts a directory that cannot be removed at a path, in place of a file.
func occupy(t *testing.T, path string) {
	t.Helper()
	require.NoError(t, os.RemoveAll(path))
	require.NoError(t, os.MkdirAll(filepath.Join(path, "inside"), 0o700))
}

func TestDirectoryInPlaceOfATemporaryFile(t *testing.T) {
	t.Parallel()
	store, path, content := saved(t)
	temp := strings.TrimSuffix(path, ".json") + ".tmp"
	occupy(t, temp)
	swapped, err := store.CompareAndSwap(t.Context(), key, session(1), session(2))
	assert.False(t, swapped)
	require.ErrorContains(t, err, temp)
	require.ErrorContains(t, store.Save(t.Context(), key, session(2)), temp)
	require.ErrorContains(t, store.Delete(t.Context(), key), temp)
	now, err := os.ReadFile(path) //nolint:gosec // the path is the test's own
	require.NoError(t, err)
	assert.Equal(t, content, now, "the session stays")
	_, err = filestore.New(filepath.Dir(path))
	require.ErrorContains(t, err, "could not clean up")
	require.ErrorContains(t, err, temp)
}

func TestDirectoryInPlaceOfALockFile(t *testing.T) {
	t.Parallel()
	store, path, _ := saved(t)
	dir, name := filepath.Split(path)
	lock := filepath.Join(dir, "lock-"+name[:1])
	occupy(t, lock)
	for _, err := range []error{
		store.Save(t.Context(), key, session(2)),
		store.Delete(t.Context(), key),
	} {
		require.ErrorContains(t, err, "could not lock "+lock)
	}
	put(t, strings.TrimSuffix(path, ".json")+".tmp", nil)
	_, err := filestore.New(dir)
	require.ErrorContains(t, err, lock)
}

func TestSessionThatIsNoJSON(t *testing.T) {
	t.Parallel()
	store, path, content := saved(t)
	wrong := session(2)
	wrong.User.Metadata = []byte("{")
	swapped, err := store.CompareAndSwap(t.Context(), key, session(1), wrong)
	assert.False(t, swapped)
	require.ErrorContains(t, err, "filestore: CompareAndSwap: the session cannot be written as JSON")
	require.ErrorContains(t, store.Save(t.Context(), key, wrong), "filestore: Save: the session cannot be written as JSON")
	now, err := os.ReadFile(path) //nolint:gosec // the path is the test's own
	require.NoError(t, err)
	assert.Equal(t, content, now)
}

// TestClientAndADamagedFile shows what a user of the SDK sees when a session file is damaged.
func TestClientAndADamagedFile(t *testing.T) {
	t.Parallel()
	server := cometchattest.NewServer()
	defer server.Close()
	dir := newDir(t)
	store := open(t, dir)
	client, err := cometchat.New(server.AppID, append(server.Options(), cometchat.WithSessionStore(store))...)
	require.NoError(t, err)
	defer client.Close()
	_, err = client.Login(t.Context(), "cometchat-uid-1", server.AuthKey)
	require.NoError(t, err)

	again, err := cometchat.New(server.AppID, append(server.Options(), cometchat.WithSessionStore(store))...)
	require.NoError(t, err)
	defer again.Close()
	path := ""
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	require.NoError(t, err)
	for _, p := range paths {
		if content, err := os.ReadFile(p); err == nil && bytes.Contains(content, []byte("/session")) { //nolint:gosec // the path is the test's own
			path = p
			put(t, p, content[:len(content)/2])
		}
	}
	_, err = again.GetLoggedinUser(t.Context())
	require.ErrorContains(t, err, path)
	_, err = again.Login(t.Context(), "cometchat-uid-1", server.AuthKey)
	require.ErrorContains(t, err, path)
	e, ok := errors.AsType[*cometchat.Error](err)
	require.True(t, ok)
	assert.Equal(t, "ERR_SESSION_STORE", e.Code)
	assert.FileExists(t, path)

	err = again.Logout(t.Context())
	require.ErrorContains(t, err, path, "Logout names the file that it discarded")
	require.ErrorIs(t, err, cometchat.ErrUnreadableSession)
	assert.NoFileExists(t, path)
	_, err = again.Login(t.Context(), "cometchat-uid-1", server.AuthKey)
	require.NoError(t, err)
}
