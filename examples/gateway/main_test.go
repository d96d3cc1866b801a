package main

import (
	"bytes"
	"context"
	"io"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestInMemory(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, command(t.Context(), []string{"-users", "20"}, "", &out, io.Discard))
	assert.Contains(t, out.String(), "The backend made 20 tokens for 20 logins.")
	assert.Contains(t, out.String(), "The backend made 0 tokens for 0 logins")
	assert.Contains(t, out.String(), "The call succeeded. The backend made 1 token for 1 login.")
	assert.Contains(t, out.String(), "OTHER_USER")
}

func TestInRedis(t *testing.T) {
	t.Parallel()
	url := startRedis(t)
	var out bytes.Buffer
	require.NoError(t, command(t.Context(), []string{"-users", "20", "-redis", url}, "", &out, io.Discard))
	assert.Contains(t, out.String(), "The backend made 20 tokens for 20 logins.")
	out.Reset()
	require.NoError(t, command(t.Context(), []string{"-users", "20"}, url, &out, io.Discard))
	assert.Contains(t, out.String(), "The backend made 0 tokens for 0 logins.")
	assert.Contains(t, out.String(), "20 users were logged in already")
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	var help bytes.Buffer
	require.NoError(t, command(t.Context(), []string{"-h"}, "", io.Discard, &help))
	assert.Contains(t, help.String(), "usage: gateway")
	assert.Contains(t, help.String(), "-redis address")
	for says, args := range map[string][]string{
		`unexpected argument "more"`: {"more"}, "-users must be": {"-users", "1"}, "not defined": {"-no-such-flag"},
	} {
		err := command(t.Context(), args, "", io.Discard, io.Discard)
		require.ErrorIs(t, err, errUsage)
		require.ErrorContains(t, err, says)
	}
	err := command(t.Context(), []string{"-redis", "redis://:a-password@host:port"}, "", io.Discard, io.Discard)
	require.EqualError(t, err, "the address of Redis cannot be used")
	err = command(t.Context(), []string{"-redis", "unix://" + filepath.Join(t.TempDir(), "none")}, "", io.Discard, io.Discard)
	require.ErrorContains(t, err, "could not read from Redis")
}

// startRedis starts a Redis for one test, and returns its URL.
func startRedis(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("redis-server is missing: apt-get install redis-server on Debian, brew install redis on macOS")
	}
	dir := t.TempDir()
	socket := filepath.Join(dir, "s")
	server := exec.CommandContext(t.Context(), "redis-server", //nolint:gosec // the arguments are the test's own
		"--port", "0", "--unixsocket", socket, "--dir", dir, "--save", "", "--appendonly", "no")
	require.NoError(t, server.Start())
	t.Cleanup(func() { _ = server.Wait() }) // the test's context, which has ended by then, has killed it
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: socket, MaxRetries: 100, MinRetryBackoff: 50 * time.Millisecond})
	defer func() { _ = client.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	require.NoError(t, client.Ping(ctx).Err())
	return "unix://" + socket
}
