package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

var full = flag.Bool("full", false, "kill the program 100 times instead of 4, and run the commands of docs/emulator.md that take long")

// asProgram turns the test binary into the program.
const asProgram = "COMETCHAT_EMULATOR_AS_PROGRAM"

// userEnv is the environment of whoever runs the tests, for the go command.
var userEnv = os.Environ()

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	config, err := os.MkdirTemp("", "emulator-config")
	if err != nil {
		panic(err)
	}
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "AppData"} { // os.UserConfigDir reads one of them
		if err := os.Setenv(name, config); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(config) // it is in the system's temporary directory
		os.Exit(code)
	}))
}

// program is a running emulator.
type program struct {
	url, authKey, apiKey string
	banner               string
	log                  *strings.Builder // read it after stop or kill
	stop                 func() error
	kill                 func() // only a process has it, and the next
	signal               func(os.Signal) error
}

// start runs the program inside of the test, and reads its URL and keys from its output, as a person would.
func start(t *testing.T, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	stdoutReader, stdout := io.Pipe()
	p := &program{log: &strings.Builder{}}
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), stdout, p.log)
		_ = stdout.CloseWithError(io.EOF)
		ended <- err
	}()
	p.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { assert.NoError(t, p.stop()) })
	p.read(t, stdoutReader)
	return p
}

// spawn runs the program as a process.
func spawn(t *testing.T, args ...string) *program {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	p := &program{log: &strings.Builder{}}
	cmd := exec.CommandContext(t.Context(), self, append([]string{"-addr", "127.0.0.1:0"}, args...)...) //nolint:gosec // it is this test binary
	cmd.Env = append(os.Environ(), asProgram+"=1")
	cmd.Stderr = p.log
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	wait := sync.OnceValue(cmd.Wait)
	p.stop = wait
	p.kill = func() {
		_ = cmd.Process.Kill() // an error: it has ended
		_ = wait()             // says that it was killed
	}
	t.Cleanup(p.kill)
	p.signal = cmd.Process.Signal
	p.read(t, stdout)
	return p
}

// read reads what the program prints at its start.
func (p *program) read(t *testing.T, stdout io.Reader) {
	t.Helper()
	lines := bufio.NewScanner(stdout)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "A line for each request") {
		p.banner += lines.Text() + "\n"
	}
	shown := func(label string) string {
		m := regexp.MustCompile(`(?m)^  ` + label + ` +(\S+)$`).FindStringSubmatch(p.banner)
		require.Len(t, m, 2, "%s in:\n%s", label, p.banner)
		return m[1]
	}
	p.url, p.authKey, p.apiKey = shown("REST API"), shown("auth key"), shown("REST API key")
}

// client makes a client of the program.
func (p *program) client(t *testing.T, appID string, h *http.Client) *cometchat.Client {
	t.Helper()
	c, err := cometchat.New(appID, cometchat.WithAdminHost(p.url), cometchat.WithClientHost(p.url), cometchat.WithHTTPClient(h))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
}

// unpooled returns an HTTP client that keeps no connection open.
func unpooled() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
}

func TestRunsAnApp(t *testing.T) {
	t.Parallel()
	record := filepath.Join(t.TempDir(), "record.jsonl")
	p := start(t, "-app-id", "my-app", "-auth-key", "the-auth-key-of-a-test", "-record", record)
	assert.Contains(t, p.banner, "ws://localhost:")
	assert.Contains(t, p.banner, `cometchat.Init("my-app"`)
	assert.Contains(t, p.banner, "start the emulator with -tls")
	assert.Equal(t, "the-auth-key-of-a-test", p.authKey)
	assert.Equal(t, developmentAPIKey, p.apiKey)
	c := p.client(t, "my-app", unpooled())
	u, err := c.Login(t.Context(), "cometchat-uid-1", p.authKey)
	require.NoError(t, err)
	assert.Equal(t, "Andrew Joseph", u.Name)
	token, err := c.AuthToken(t.Context())
	require.NoError(t, err)

	admin, err := cometchat.NewAdmin("my-app", p.apiKey, cometchat.WithAdminHost(p.url), cometchat.WithHTTPClient(unpooled()))
	require.NoError(t, err)
	require.NoError(t, admin.DeleteAuthToken(t.Context(), "cometchat-uid-1", token))
	require.NoError(t, admin.Close())

	require.NoError(t, p.stop())
	log := p.log.String()
	assert.Regexp(t, `(?m)^..:..:.. 200 POST +\S+ ms  - +/v3.0/users/cometchat-uid-1/auth_tokens$`, log)
	assert.Regexp(t, `(?m)^..:..:.. 200 PUT +\S+ ms  cometchat-uid-1  /v3.0/me$`, log)
	assert.Regexp(t, `(?m)^..:..:.. 200 DELETE +\S+ ms  - +/v3.0/users/cometchat-uid-1/auth_tokens/\.\.\.$`, log)
	assert.NotContains(t, log, token)
	raw, err := os.ReadFile(record) //nolint:gosec // the test has made the file
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	require.Len(t, lines, 3)
	var e cometchattest.Event
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &e))
	assert.Equal(t, "/v3.0/me", e.Path)
	assert.Equal(t, token, e.Headers["authtoken"])
}

func TestLimitsAndLatency(t *testing.T) {
	t.Parallel()
	p := start(t, "-rate-limit", "1/h", "-latency", "20ms")
	begin := time.Now()
	var statuses []int
	for range 2 {
		resp, err := unpooled().Get(p.url + "/me") //nolint:noctx // it is local
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		statuses = append(statuses, resp.StatusCode)
	}
	assert.Equal(t, []int{401, 429}, statuses)
	assert.GreaterOrEqual(t, time.Since(begin), 40*time.Millisecond)
}

func TestRefusedCommandLines(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.json")
	require.NoError(t, os.WriteFile(broken, []byte(`{"users":[{"uid":"a b","name":"A"}]}`), 0o600))
	taken, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is local
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, taken.Close()) }) // after the subtests
	for name, tc := range map[string]struct {
		args  []string
		says  string
		usage bool
	}{
		"an unknown flag":       {[]string{"-colour"}, "colour", true},
		"an argument":           {[]string{"x"}, `"x" is not a flag`, true},
		"an empty app id":       {[]string{"-app-id", ""}, "-app-id: the app id is missing", true},
		"another app id":        {[]string{"-app-id", "a b"}, "-app-id: the app id is not", true},
		"a key as app id":       {[]string{"-app-id", strings.Repeat("a", 40)}, "-app-id: the app id looks like a key", true},
		"an unknown region":     {[]string{"-region", "xx"}, `-region: the region "xx" is not us, eu or in`, true},
		"a long auth key":       {[]string{"-auth-key", strings.Repeat("k", 101)}, "-auth-key: the key is longer", true},
		"an odd REST API key":   {[]string{"-api-key", "a\nb"}, "-api-key: the key contains", true},
		"no port":               {[]string{"-addr", "localhost"}, "-addr", true},
		"no host":               {[]string{"-host", "a,"}, `"" is neither`, true},
		"a URL as host":         {[]string{"-host", "https://a"}, `"https://a" is neither`, true},
		"every host":            {[]string{"-host", "*.example"}, `"*.example" is neither`, true},
		"another form of log":   {[]string{"-log", "xml"}, "text or json", true},
		"-ca without -tls":      {[]string{"-ca", "x"}, "-ca needs -tls", true},
		"-cert without -tls":    {[]string{"-cert", "x", "-key", "y"}, "need -tls", true},
		"-cert without -key":    {[]string{"-tls", "-cert", "x"}, "need each other", true},
		"-key without -cert":    {[]string{"-tls", "-key", "x"}, "need each other", true},
		"-cert with -ca":        {[]string{"-tls", "-cert", "x", "-key", "y", "-ca", "z"}, "do not go together", true},
		"-record as -data":      {[]string{"-record", "./x", "-data", "x"}, "a file of its own", true},
		"-env without a port":   {[]string{"-env"}, "not 0", true},
		"a webhook of no host":  {[]string{"-webhook", "localhost:8080"}, "-webhook needs an http or https URL", true},
		"a missing -cert":       {[]string{"-tls", "-cert", filepath.Join(dir, "no"), "-key", broken}, "-cert: ", false},
		"the same keys":         {[]string{"-auth-key", "a", "-api-key", "a"}, "differ", true},
		"a rate without period": {[]string{"-rate-limit", "5"}, "500/1m", true},
		"a rate of nothing":     {[]string{"-rate-limit", "0/m"}, "500/1m", true},
		"an odd period":         {[]string{"-rate-limit", "5/x"}, "500/1m", true},
		"no kept message":       {[]string{"-keep", "0"}, "-keep needs a positive number", true},
		"a latency of no unit":  {[]string{"-latency", "80"}, "such as 80ms", true},
		"a negative latency":    {[]string{"-latency", "-1s"}, "negative", true},
		"a missing seed":        {[]string{"-seed", filepath.Join(dir, "none")}, "-seed: ", false},
		"a malformed seed":      {[]string{"-seed", broken}, "letters", false},
		"malformed data":        {[]string{"-data", broken}, "-data: " + broken, false},
		"a folder as data":      {[]string{"-data", dir}, "-data: ", false},
		"data in no folder":     {[]string{"-data", filepath.Join(dir, "no", "data")}, "-data: ", false},
		"a CA in no folder":     {[]string{"-tls", "-ca", filepath.Join(dir, "no", "ca")}, "-ca: ", false},
		"a record in no folder": {[]string{"-record", filepath.Join(dir, "no", "r")}, "-record: ", false},
		"a port that is taken":  {[]string{"-addr", taken.Addr().String()}, "address already in use; -addr picks another", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stderr strings.Builder
			ctx, cancel := context.WithCancel(t.Context())
			cancel() // ends the program at once if it starts
			err := run(ctx, append([]string{"-addr", "127.0.0.1:0"}, tc.args...), io.Discard, &stderr)
			require.Error(t, err)
			if tc.usage {
				require.ErrorIs(t, err, errUsage)
				assert.Contains(t, stderr.String(), tc.says)
				if strings.HasPrefix(stderr.String(), "cometchat-emulator:") {
					assert.Equal(t, 1, strings.Count(stderr.String(), "\n"), "it is one line")
				}
				return
			}
			assert.ErrorContains(t, err, tc.says)
		})
	}
}

// TestSignal ends the program by a signal.
func TestSignal(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		p := spawn(t)
		u, err := url.Parse(p.url)
		require.NoError(t, err)
		conn, err := net.Dial("tcp", "127.0.0.1:"+u.Port()) //nolint:noctx // it is local
		require.NoError(t, err)                             // as a browser, which opens a connection in advance
		begin := time.Now()
		require.NoError(t, p.signal(signal))
		require.NoError(t, p.stop(), p.log)
		assert.Less(t, time.Since(begin), 4*time.Second)
		require.NoError(t, conn.Close())
		assert.Contains(t, p.log.String(), "closing")
	}
}
