package main

import (
	"path/filepath"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/filestore"
	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	for _, name := range []string{"COMETCHAT_APP_ID", "COMETCHAT_REGION", "COMETCHAT_AUTH_KEY", "COMETCHAT_UID"} {
		t.Setenv(name, "")
	}
	dir := filepath.Join(t.TempDir(), "sessions")
	store, err := filestore.New(dir)
	require.NoError(t, err)
	require.NoError(t, run(t.Context(), dir, false))
	first, err := store.Load(t.Context(), "emulator-app/session")
	require.NoError(t, err)
	require.NoError(t, run(t.Context(), dir, false))
	second, err := store.Load(t.Context(), "emulator-app/session")
	require.NoError(t, err)
	require.Equal(t, first, second, "the second run does not log in")

	require.NoError(t, run(t.Context(), dir, true))
	_, err = store.Load(t.Context(), "emulator-app/session")
	require.ErrorIs(t, err, cometchat.ErrNoSession)
	require.ErrorIs(t, run(t.Context(), dir, true), cometchat.ErrNotLoggedIn)

	t.Setenv("COMETCHAT_APP_ID", "app")
	require.ErrorContains(t, run(t.Context(), dir, false), "or none")
}
