//go:build !race

// The programs that it builds are the same with the race detector.

package examples_test

import (
	"bytes"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUsage(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds ten programs")
	}
	t.Parallel()
	bin := t.TempDir()
	names := []string{"quickstart", "authtoken", "backend", "multiuser", "persist", "presence", "usersync", "echobot", "chat", "groupbot"}
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", bin) //nolint:gosec // our own examples
	for _, name := range names {
		build.Args = append(build.Args, "./"+name)
	}
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	run := func(name string, args ...string) (code int, stdout, stderr string) {
		t.Helper()
		var out, errs bytes.Buffer
		cmd := exec.CommandContext(t.Context(), filepath.Join(bin, name), args...) //nolint:gosec // our own examples
		cmd.Env = []string{"HOME=" + bin}
		cmd.Stdout, cmd.Stderr = &out, &errs
		err := cmd.Run()
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return exit.ExitCode(), out.String(), errs.String()
		}
		require.NoError(t, err)
		return 0, out.String(), errs.String()
	}
	for _, name := range names {
		code, stdout, stderr := run(name, "-h")
		assert.Zero(t, code, name)
		help := stdout + stderr
		assert.True(t, strings.HasPrefix(help, "usage: "+name), help)
		assert.Contains(t, help, "\n"+name+" ", "it says what the example does")
		assert.Contains(t, help, "emulator")

		code, stdout, stderr = run(name, "more")
		assert.Equal(t, 2, code, name)
		assert.Empty(t, stdout)
		assert.Regexp(t, `^`+name+`: .*"more".*\n$`, stderr)
		code, _, _ = run(name, "-no-such-flag")
		assert.Equal(t, 2, code, name)
	}
	for _, wrong := range [][]string{
		{"multiuser", "-users", "0"}, {"multiuser", "-users", "-1"}, {"usersync", "-workers", "0"}, {"usersync", "-workers", "257"},
		{"usersync", "-no-such-flag"}, {"usersync", "-workers", "many"},
	} {
		code, stdout, stderr := run(wrong[0], wrong[1:]...)
		assert.Equal(t, 2, code, "%v", wrong)
		assert.Empty(t, stdout, "%v", wrong)
		assert.Regexp(t, `^`+wrong[0]+`: .*`+wrong[1]+`.*\n$`, stderr, "%v", wrong)
	}
}
