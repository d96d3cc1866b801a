package main

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	noApp(t)
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	told := regexp.MustCompile(`connects again in .*`).ReplaceAllString(out.String(), "…")
	assert.Equal(t, `
Ada connects.
  Ada is connecting.
  Ada is connected.

Bob connects.
  Bob is online.

Bob disconnects.
  Bob is offline.

The network breaks the connection of Ada.
  Ada is disconnected. Her client …
  Ada is connecting.
  Ada is connected.

Bob connects again.
  Bob is online.

Bob logs out.
  Bob is offline.

Ada logs out.
  Ada is disconnected.
`, told)
}

func TestRunThatEnds(t *testing.T) {
	noApp(t)
	ctx, cancel := context.WithCancel(t.Context())
	out := writer(func(text string) {
		if strings.Contains(text, "breaks") {
			cancel()
		}
	})
	require.ErrorIs(t, run(ctx, out), context.Canceled)

	t.Setenv("COMETCHAT_APP_ID", "app")
	require.ErrorContains(t, run(t.Context(), out), "or none")
}

type writer func(text string)

func (w writer) Write(p []byte) (int, error) {
	w(string(p))
	return len(p), nil
}

// noApp has the example use an emulator.
func noApp(t *testing.T) {
	t.Helper()
	for _, name := range []string{"COMETCHAT_APP_ID", "COMETCHAT_REGION", "COMETCHAT_AUTH_KEY"} {
		t.Setenv(name, "")
	}
}
