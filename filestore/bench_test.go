package filestore_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/cometchat-go/cometchat/filestore"
	"github.com/stretchr/testify/require"
)

// BenchmarkSave compares Save with writing the session's JSON to a file. Save also takes the lock, checks the current file,
// renames the new one, and syncs the file and the directory.
func BenchmarkSave(b *testing.B) {
	s := session(3)
	b.Run("os.WriteFile", func(b *testing.B) {
		path := filepath.Join(b.TempDir(), "session.json")
		b.ReportAllocs()
		for b.Loop() {
			raw, err := json.Marshal(s)
			require.NoError(b, err)
			require.NoError(b, os.WriteFile(path, raw, 0o600))
		}
	})
	b.Run("os.WriteFile, fsync and rename", func(b *testing.B) {
		dir := b.TempDir()
		b.ReportAllocs()
		for b.Loop() {
			raw, err := json.Marshal(s)
			require.NoError(b, err)
			file, err := os.CreateTemp(dir, "session")
			require.NoError(b, err)
			_, err = file.Write(raw)
			require.NoError(b, err)
			require.NoError(b, file.Sync())
			require.NoError(b, file.Close())
			require.NoError(b, os.Rename(file.Name(), filepath.Join(dir, "session.json")))
		}
	})
	benchmarkStores(b, func(b *testing.B, store *filestore.Store) {
		require.NoError(b, store.Save(b.Context(), key, s))
	})
}

// BenchmarkLoad compares Load with reading the session's JSON from a file.
func BenchmarkLoad(b *testing.B) {
	s := session(3)
	b.Run("os.ReadFile", func(b *testing.B) {
		path := filepath.Join(b.TempDir(), "session.json")
		raw, err := json.Marshal(s)
		require.NoError(b, err)
		require.NoError(b, os.WriteFile(path, raw, 0o600))
		b.ReportAllocs()
		for b.Loop() {
			raw, err := os.ReadFile(path) //nolint:gosec // the path is the benchmark's own
			require.NoError(b, err)
			require.NoError(b, json.Unmarshal(raw, s))
		}
	})
	benchmarkStores(b, func(b *testing.B, store *filestore.Store) {
		_, err := store.Load(b.Context(), key)
		require.NoError(b, err)
	})
}

func benchmarkStores(b *testing.B, call func(b *testing.B, store *filestore.Store)) {
	b.Helper()
	for name, opts := range map[string][]filestore.Option{
		"store":            nil,
		"store, encrypted": {filestore.WithEncryptionKey(encryptionKey)},
	} {
		b.Run(name, func(b *testing.B) {
			store := open(b, newDir(b), opts...)
			require.NoError(b, store.Save(b.Context(), key, session(3)))
			b.ReportAllocs()
			for b.Loop() {
				call(b, store)
			}
		})
	}
}
