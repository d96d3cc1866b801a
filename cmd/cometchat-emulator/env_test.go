package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// printed returns what the program prints before it ends by itself.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr strings.Builder
	require.NoError(t, run(t.Context(), args, &stdout, &stderr))
	assert.Empty(t, stderr.String())
	return stdout.String()
}

func TestEnv(t *testing.T) {
	t.Parallel()
	const app = `COMETCHAT_APP_ID=emulator-app
COMETCHAT_REGION=us
COMETCHAT_AUTH_KEY=emulator-auth-key-for-development-only
COMETCHAT_API_KEY=emulator-api-key-for-development-only
`
	assert.Equal(t, app+"COMETCHAT_EMULATOR_HOST=localhost:8443\n", printed(t, "-env"))
	assert.Equal(t, app+"COMETCHAT_EMULATOR_HOST=localhost:99\n", printed(t, "-env", "-addr", ":99"))
	assert.Equal(t, app+"COMETCHAT_EMULATOR_HOST=[::1]:99\n", printed(t, "-env", "-addr", "[::1]:99"))
	assert.Equal(t, app+"COMETCHAT_EMULATOR_HOST=emulator:8443\n", printed(t, "-env", "-host", "emulator,10.1.2.3"))
	assert.Contains(t, printed(t, "-env", "-region", "EU", "-app-id", "x"), "COMETCHAT_APP_ID=x\nCOMETCHAT_REGION=eu\n")

	data := filepath.Join(t.TempDir(), "data.json")
	p := start(t, "-data", data, "-auth-key", "mine") // -env works beside the running emulator
	env := printed(t, "-env", "-data", data, "-tls")
	assert.Contains(t, env, "COMETCHAT_AUTH_KEY=mine\n")
	assert.True(t, strings.HasSuffix(env, "COMETCHAT_EMULATOR_HOST=https://localhost:8443\nSSL_CERT_FILE="+data+".ca.pem\nNODE_EXTRA_CA_CERTS="+data+".ca.pem\n"), env)
	require.FileExists(t, data+".ca.pem")
	require.NoError(t, p.stop())

	seed := filepath.Join(t.TempDir(), "seed.json")
	require.NoError(t, os.WriteFile(seed, []byte(`{"keys":{"authKey":"of-the-seed"},"users":[]}`), 0o600))
	assert.Contains(t, printed(t, "-env", "-seed", seed, "-data", seed+"x"), "COMETCHAT_AUTH_KEY=of-the-seed\n")
	assert.Contains(t, printed(t, "-env", "-seed", seed, "-data", data), "COMETCHAT_AUTH_KEY=mine\n", "the seed was for the first start")

	require.NoError(t, os.WriteFile(data, []byte("{"), 0o600))
	require.ErrorContains(t, run(t.Context(), []string{"-env", "-data", data}, &strings.Builder{}, &strings.Builder{}), "-data: ")
	require.ErrorContains(t, run(t.Context(), []string{"-env", "-addr", "nowhere:x"}, &strings.Builder{}, &strings.Builder{}), "-addr: ")
	require.ErrorContains(t, run(t.Context(), []string{"-env", "-api-key", "it's"}, &strings.Builder{}, &strings.Builder{}),
		"-env: COMETCHAT_API_KEY has a quote")
}

// TestEnvInAShell reads the variables with a shell. No value may run as a command.
func TestEnvInAShell(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh")
	}
	dir := t.TempDir()
	for _, key := range []string{"plain", "two words", "$(touch hacked)", "`touch hacked`", `"a\n;touch hacked"`, "#x", "~", "a&b|c*"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, ".env"), []byte(printed(t, "-env", "-api-key", key)), 0o600))
		cmd := exec.CommandContext(t.Context(), sh, "-c", `. ./.env; printf %s "$COMETCHAT_API_KEY"`) //nolint:gosec // LookPath has found it
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		assert.Equal(t, key, string(out))
	}
	assert.NoFileExists(t, filepath.Join(dir, "hacked"))
}

func TestVersion(t *testing.T) {
	t.Parallel()
	assert.Regexp(t, `^cometchat-emulator `+cometchat.Version+"\ngo\tgo1\\.", printed(t, "-version"))
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"-tls"}, {"-rate-limit", "1/h", "-latency", "1h"}} {
		p := start(t, args...)
		_, rest, _ := strings.Cut(p.url, "://")
		addr := strings.TrimSuffix(rest, "/v3.0")
		for range 2 {
			assert.Empty(t, printed(t, "-check", addr))
			assert.Empty(t, printed(t, "-check", strings.TrimSuffix(p.url, "v3.0")), "as COMETCHAT_EMULATOR_HOST may have it")
		}
		require.NoError(t, p.stop())
		assert.NotContains(t, p.log.String(), "WARN", "a check leaves no line in the log")
		require.ErrorContains(t, run(t.Context(), []string{"-check", addr}, &strings.Builder{}, &strings.Builder{}), "-check: ")
	}
	require.ErrorContains(t, run(t.Context(), []string{"-check", "a b"}, &strings.Builder{}, &strings.Builder{}), "-check: ")
}
