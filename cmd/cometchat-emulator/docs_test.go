package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fences finds the fenced blocks of a language in a Markdown file.
func fences(t *testing.T, file, language string) (blocks []string) {
	t.Helper()
	raw, err := os.ReadFile(file) //nolint:gosec // a page of the docs
	require.NoError(t, err)
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(string(raw), -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

// serves is a command that runs until a signal ends it.
var serves = regexp.MustCompile(`^cometchat-emulator(?:.*-(?:env|check|version)\b)?`)

// serving is the part of a script that starts the emulator and waits for it.
const serving = `exec 3< <(%s); emulator=$!; trap 'kill $emulator' EXIT; while read -r -u 3 line; do [[ $line != "A line for each"* ]] || break; done
`

// TestDocumentedCommands runs each command of docs/emulator.md, the commands of a block in one shell. A block without an
// emulator of its own has one beside it. The shell stops at the first command that fails; curl fails if the status says so.
func TestDocumentedCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts processes")
	}
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	page := filepath.Join(root, "docs", "emulator.md")
	seed := fences(t, page, "json")
	require.Len(t, seed, 1)
	blocks := fences(t, page, "console")
	require.NotEmpty(t, blocks)
	self, err := os.Executable()
	require.NoError(t, err)

	bin := t.TempDir()
	wrapper := fmt.Sprintf("#!%s\n%s=1 exec '%s' -addr 127.0.0.1:$PORT \"$@\"\n", bash, asProgram, self)
	require.NoError(t, os.WriteFile(filepath.Join(bin, "cometchat-emulator"), []byte(wrapper), 0o700)) //nolint:gosec // it is a program
	require.NoError(t, os.WriteFile(filepath.Join(bin, ".curlrc"), []byte("fail\nsilent\n"), 0o600))

	for i, block := range blocks {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			script := documentedScript(t, root, block)
			if script == "" {
				return
			}
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, "seed.json"), []byte(seed[0]), 0o600))
			port := freePort(t, "127.0.0.1")
			cmd := exec.CommandContext(t.Context(), bash, "-euc", strings.ReplaceAll(script, "8443", port)) //nolint:gosec // our own docs
			cmd.Dir, cmd.WaitDelay = dir, 10*time.Second
			cmd.Env = append(userEnv, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "PORT="+port, "CURL_HOME="+bin,
				"XDG_CONFIG_HOME="+dir, "GOBIN="+filepath.Join(dir, "bin"))
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s\n%s", script, out)
		})
	}
}

// documentedScript makes a script of the commands of a block. It returns "" if this machine cannot run them.
func documentedScript(t *testing.T, root, block string) string {
	t.Helper()
	script, served := "", false
	for line := range strings.Lines(block) {
		command, found := strings.CutPrefix(strings.TrimSpace(line), "$ ")
		require.True(t, found, "%q is no command: a console block has commands alone", line)
		if command == "go run ./cmd/cometchat-emulator" { // TestUsage and CI build the programs
			command = "cometchat-emulator"
		}
		switch program, _, _ := strings.Cut(command, " "); {
		case program == "docker", program == "certutil", program == "npm", program == "npx":
			t.Logf("not run here: %s", command) // .ci/run builds the image where there is Docker, and interop/run.sh bundles a page
			return ""
		case strings.Contains(command, "TestEmulatorThroughput"):
			if !*full {
				t.Logf("only with -full: %s", command)
				return ""
			}
			command = strings.Replace(strings.Replace(command, "1000000", "20000", 1), "cd ", "cd "+root+"/", 1)
		case program == "curl":
			if _, err := exec.LookPath("curl"); err != nil {
				t.Logf("not run, because there is no curl: %s", command)
				return ""
			}
		case program == "go":
			command = strings.Replace(command, "go ", "go -C "+root+" ", 1)
		case program == "cometchat-emulator" && serves.FindString(command) == program:
			assert.False(t, served, "a block starts one emulator")
			command, served = fmt.Sprintf(serving, command), true
		case program != "cometchat-emulator" && program != "set" && program != "export":
			t.Errorf("this test does not know how to run %q", command)
		}
		script += command + "\n"
	}
	if !served {
		script = fmt.Sprintf(serving, "cometchat-emulator") + script
	}
	return script + "trap - EXIT; kill $emulator; wait $emulator\n"
}
