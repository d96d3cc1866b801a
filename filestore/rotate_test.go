package filestore_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/filestore"
	"github.com/cometchat-go/cometchat/sessionstoretest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var newKey = bytes.Repeat([]byte("n3w!"), 8)

// configurations are the options of a store during the change from encryptionKey to newKey, in the order of docs/stores.md.
var configurations = []filestore.Option{
	filestore.WithEncryptionKey(encryptionKey),
	filestore.WithEncryptionKey(encryptionKey, newKey),
	filestore.WithEncryptionKey(newKey, encryptionKey),
	filestore.WithEncryptionKey(newKey),
}

// TestContractDuringAKeyChange gives the handles of one directory two configurations in turn, as during a rolling deployment.
func TestContractDuringAKeyChange(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs the whole contract for each step of a key change")
	}
	t.Parallel()
	for name, handles := range map[string][][]filestore.Option{
		"first step":        {configurations[0:1], configurations[1:2]},
		"second step":       {configurations[1:2], configurations[2:3]},
		"one configuration": {configurations[2:3]},
		"plain accepted":    {configurations[2:3], {configurations[2], filestore.WithPlainSessionsAccepted()}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sessionstoretest.Run(t, func(t *testing.T) func() cometchat.SessionStore {
				dir, opened := newDir(t), 0
				return func() cometchat.SessionStore {
					opened++
					return open(t, dir, handles[opened%len(handles)]...)
				}
			})
		})
	}
}

// TestKeyChangeOfAFleet is the change of docs/stores.md: at each step, a process that has the new configuration and a process
// that still has the configuration before it read and replace each other's sessions.
func TestKeyChangeOfAFleet(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	require.NoError(t, open(t, dir, configurations[0]).Save(t.Context(), key, session(0)))
	n := 0
	for i := range configurations[1:] {
		late, early := open(t, dir, configurations[i]), open(t, dir, configurations[i+1])
		if i == 2 { // the last step comes when every session has been saved again
			swapped, err := late.CompareAndSwap(t.Context(), key, session(n), session(n))
			require.NoError(t, err)
			assert.True(t, swapped)
		}
		for range 2 {
			for _, store := range []*filestore.Store{early, late} {
				got, err := store.Load(t.Context(), key)
				require.NoError(t, err)
				require.Equal(t, session(n), got)
				swapped, err := store.CompareAndSwap(t.Context(), key, session(n+1), session(n+2))
				require.NoError(t, err)
				assert.False(t, swapped, "the store has another session")
				swapped, err = store.CompareAndSwap(t.Context(), key, session(n), session(n+1))
				require.NoError(t, err)
				assert.True(t, swapped)
				n++
			}
		}
	}
}

// TestKeyChangeInOneStep leaves the first step out: a process that has the old key alone cannot read new sessions.
func TestKeyChangeInOneStep(t *testing.T) {
	t.Parallel()
	late, path, _ := saved(t, configurations[0])
	early := open(t, filepath.Dir(path), configurations[2])
	swapped, err := early.CompareAndSwap(t.Context(), key, session(1), session(1))
	require.NoError(t, err)
	assert.True(t, swapped)
	assertRefused(t, late, path, "is encrypted, but no encryption key of the store decrypts it")
}

// TestOldSessionsAreEncryptedAgain starts with a session of an earlier configuration. Load leaves the file as it is. Save and
// CompareAndSwap encrypt the session with the new key.
func TestOldSessionsAreEncryptedAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ before, after []filestore.Option }{
		"an old key's": {configurations[0:1], configurations[2:3]},
		"plain":        {nil, []filestore.Option{configurations[2], filestore.WithPlainSessionsAccepted()}},
	} {
		for how, change := range map[string]func(t *testing.T, store *filestore.Store) error{
			"Save": func(t *testing.T, store *filestore.Store) error {
				t.Helper()
				return store.Save(t.Context(), key, session(1))
			},
			"CompareAndSwap": func(t *testing.T, store *filestore.Store) error {
				t.Helper()
				for _, old := range []*cometchat.Session{nil, session(2)} {
					swapped, err := store.CompareAndSwap(t.Context(), key, old, session(3))
					require.NoError(t, err)
					assert.False(t, swapped, "the store has another session")
				}
				swapped, err := store.CompareAndSwap(t.Context(), key, session(1), session(1))
				assert.True(t, swapped)
				return err
			},
		} {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				_, path, content := saved(t, c.before...)
				dir := filepath.Dir(path)
				onlyNew := open(t, dir, configurations[3])
				store := open(t, dir, c.after...)
				got, err := store.Load(t.Context(), key)
				require.NoError(t, err)
				assert.Equal(t, session(1), got)
				now, err := os.ReadFile(path) //nolint:gosec // the path is the test's own
				require.NoError(t, err)
				assert.Equal(t, content, now)
				_, err = onlyNew.Load(t.Context(), key)
				require.ErrorIs(t, err, cometchat.ErrUnreadableSession)

				require.NoError(t, change(t, store))
				got, err = onlyNew.Load(t.Context(), key)
				require.NoError(t, err)
				assert.Equal(t, session(1), got)
				assertRefused(t, open(t, dir, configurations[0]), path, "is encrypted, but no encryption key of the store")

				ended, err := open(t, dir, c.after...).CompareAndSwap(t.Context(), key, session(1), nil)
				require.NoError(t, err)
				assert.True(t, ended)
				assert.NoFileExists(t, path)
			})
		}
	}
}

// TestPlainSessions damages plain files: a store that accepts plain sessions checks them like a store without a key.
func TestPlainSessions(t *testing.T) {
	t.Parallel()
	rotated := configurations[2]
	_, path, content := saved(t)
	dir := filepath.Dir(path)
	assertRefused(t, open(t, dir, rotated), path, "is plain (not encrypted), but the store has an encryption key")
	store := open(t, dir, filestore.WithPlainSessionsAccepted(), rotated) // the order of the options does not matter
	put(t, path, bytes.Replace(content, []byte("token-1"), []byte("token-2"), 1))
	assertRefused(t, store, path, "is damaged")
	require.NoError(t, open(t, dir).Save(t.Context(), "app2/session", session(2)))
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	require.NoError(t, err)
	for _, other := range paths {
		if other != path {
			content, err := os.ReadFile(other) //nolint:gosec // the path is the test's own
			require.NoError(t, err)
			put(t, path, content)
		}
	}
	assertRefused(t, store, path, "holds the session of another key")
}

func TestNewRefusesKeys(t *testing.T) {
	t.Parallel()
	for why, opts := range map[string][]filestore.Option{
		"the old encryption key 1 of 1 has 6 bytes":                 {filestore.WithEncryptionKey(newKey, []byte("canary"))},
		"the old encryption key 2 of 2 is equal to a key before it": {filestore.WithEncryptionKey(newKey, encryptionKey, newKey)},
		"WithPlainSessionsAccepted needs WithEncryptionKey":         {filestore.WithPlainSessionsAccepted()},
	} {
		dir := newDir(t)
		_, err := filestore.New(dir, opts...)
		require.ErrorIs(t, err, cometchat.ErrBadRequest)
		require.ErrorContains(t, err, "filestore: "+why)
		assert.NotContains(t, err.Error(), "canary")
		assert.NoDirExists(t, dir)
	}
}

func TestMetadataKeepsItsBytes(t *testing.T) {
	t.Parallel()
	const metadata = `{"html":"<p>a & b</p>","url":"https://example.com/?a=1&b=2","n":1.0}`
	for _, opts := range bothForms {
		store := open(t, newDir(t), opts...)
		s := session(1)
		s.User.Metadata = []byte(metadata)
		require.NoError(t, store.Save(t.Context(), key, s))
		got, err := store.Load(t.Context(), key)
		require.NoError(t, err)
		assert.Equal(t, s, got)
	}
}
