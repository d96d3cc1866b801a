package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv("COMETCHAT_EMULATOR_AS_PROGRAM") != "" { // TestSignal runs the test binary as the program
		main()
		return
	}
	goleak.VerifyTestMain(m)
}

// program is the emulator, running inside of the test.
type program struct {
	url, authKey, apiKey string
	banner               string
	log                  *strings.Builder // read it after stop
	stop                 func() error
}

// start runs the program, and reads its URL and keys from its output, as a person would.
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
	lines := bufio.NewScanner(stdoutReader)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "A line for each request") {
		p.banner += lines.Text() + "\n"
	}
	go func() { _, _ = io.Copy(io.Discard, stdoutReader) }()
	stopped := false
	p.stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-ended
	}
	t.Cleanup(func() { assert.NoError(t, p.stop()) })
	shown := func(label string) string {
		m := regexp.MustCompile(`(?m)^  ` + label + ` +(\S+)$`).FindStringSubmatch(p.banner)
		require.Len(t, m, 2, "%s in:\n%s", label, p.banner)
		return m[1]
	}
	p.url, p.authKey, p.apiKey = shown("REST API"), shown("auth key"), shown("REST API key")
	return p
}

// client makes a client of the program.
func (p *program) client(t *testing.T, appID string, h *http.Client) *cometchat.Client {
	t.Helper()
	c, err := cometchat.New(appID, cometchat.WithAdminHost(p.url), cometchat.WithClientHost(p.url), cometchat.WithHTTPClient(h))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
}

// plain returns an HTTP client that keeps no connection open.
func plain() *http.Client { return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} }

func TestRunsAnApp(t *testing.T) {
	t.Parallel()
	record := filepath.Join(t.TempDir(), "record.jsonl")
	p := start(t, "-app-id", "my-app", "-auth-key", "the-auth-key-of-a-test", "-record", record)
	assert.Contains(t, p.banner, "ws://localhost:")
	assert.Contains(t, p.banner, `cometchat.Init("my-app"`)
	assert.Contains(t, p.banner, "start the emulator with -tls")
	assert.Equal(t, "the-auth-key-of-a-test", p.authKey)
	assert.Len(t, p.apiKey, 40)
	c := p.client(t, "my-app", plain())
	u, err := c.Login(t.Context(), "cometchat-uid-1", p.authKey)
	require.NoError(t, err)
	assert.Equal(t, "Andrew Joseph", u.Name)
	token, err := c.AuthToken(t.Context())
	require.NoError(t, err)

	admin, err := cometchat.NewAdmin("my-app", p.apiKey, cometchat.WithAdminHost(p.url), cometchat.WithHTTPClient(plain()))
	require.NoError(t, err)
	require.NoError(t, admin.DeleteAuthToken(t.Context(), "cometchat-uid-1", token))
	require.NoError(t, admin.Close())

	require.NoError(t, p.stop())
	log := p.log.String()
	assert.Contains(t, log, "POST /v3.0/users/cometchat-uid-1/auth_tokens 200 in ")
	assert.Contains(t, log, "PUT /v3.0/me 200 in ")
	assert.Contains(t, log, "DELETE /v3.0/users/cometchat-uid-1/auth_tokens/... 200 in ")
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

func TestTLS(t *testing.T) {
	t.Parallel()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	p := start(t, "-tls", "-ca", ca)
	assert.Contains(t, p.banner, "wss://localhost:")
	assert.Contains(t, p.banner, ca)
	assert.NotContains(t, p.banner, "start the emulator with -tls")
	authority, err := os.ReadFile(ca) //nolint:gosec // the test has made the file
	require.NoError(t, err)
	assert.NotContains(t, string(authority), "PRIVATE")
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(authority))
	transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	c := p.client(t, "emulator-app", &http.Client{Transport: transport})
	_, err = c.Login(t.Context(), "cometchat-uid-1", p.authKey)
	require.NoError(t, err)

	conn, _, err := websocket.Dial(t.Context(), strings.Replace(strings.TrimSuffix(p.url, "/v3.0"), "https", "wss", 1)+"/", //nolint:bodyclose // documented: it need not be closed
		&websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
	require.NoError(t, err)
	closed := make(chan error, 1)
	go func() {
		_, _, err := conn.Read(t.Context())
		closed <- err
	}()
	require.NoError(t, p.stop())
	assert.Equal(t, websocket.StatusGoingAway, websocket.CloseStatus(<-closed), "the program closes live connections")

	_, err = p.client(t, "emulator-app", plain()).Login(t.Context(), "cometchat-uid-1", p.authKey)
	require.Error(t, err)
	block, _ := pem.Decode(authority)
	certificate, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	assert.Equal(t, []string{"localhost"}, certificate.PermittedDNSDomains, "the authority vouches for this machine alone")
	assert.Len(t, certificate.PermittedIPRanges, 2)
}

func TestSeedAndData(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	seed, data := filepath.Join(dir, "seed.json"), filepath.Join(dir, "data.json")
	require.NoError(t, os.WriteFile(seed, []byte(`{"users":[{"uid":"ada","name":"Ada"}],"tokens":[{"uid":"ada","authToken":"ada_token"}]}`), 0o600))
	p := start(t, "-seed", seed, "-data", data)
	assert.Contains(t, p.banner, `cometchat.Login(ctx, "ada"`)
	assert.Contains(t, p.banner, `CometChat.login("ada"`)
	c := p.client(t, "emulator-app", plain())
	u, err := c.LoginWithToken(t.Context(), "ada_token")
	require.NoError(t, err)
	assert.Equal(t, "Ada", u.Name)
	_, err = c.UpdateCurrentUserDetails(t.Context(), &cometchat.User{Name: "Ada L."})
	require.NoError(t, err)
	require.NoError(t, p.stop())
	info, err := os.Stat(data)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "the file holds tokens")

	p = start(t, "-seed", seed, "-data", data)
	u, err = p.client(t, "emulator-app", plain()).LoginWithToken(t.Context(), "ada_token")
	require.NoError(t, err)
	assert.Equal(t, "Ada L.", u.Name, "the seed counts only for the first start")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 2, "no temporary file is left")
}

func TestLimitsAndLatency(t *testing.T) {
	t.Parallel()
	p := start(t, "-rate-limit", "1/h", "-latency", "20ms")
	begin := time.Now()
	var statuses []int
	for range 2 {
		resp, err := plain().Get(p.url + "/me") //nolint:noctx // it is local
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
		"an empty app id":       {[]string{"-app-id", ""}, "-app-id", true},
		"the same keys":         {[]string{"-auth-key", "a", "-api-key", "a"}, "differ", true},
		"a rate without period": {[]string{"-rate-limit", "5"}, "500/1m", true},
		"a rate of nothing":     {[]string{"-rate-limit", "0/m"}, "500/1m", true},
		"an odd period":         {[]string{"-rate-limit", "5/x"}, "500/1m", true},
		"a negative latency":    {[]string{"-latency", "-1s"}, "negative", true},
		"a missing seed":        {[]string{"-seed", filepath.Join(dir, "none")}, "-seed: ", false},
		"a malformed seed":      {[]string{"-seed", broken}, "letters", false},
		"malformed data":        {[]string{"-data", broken}, "-data " + broken, false},
		"a folder as data":      {[]string{"-data", dir}, "-data: ", false},
		"data in no folder":     {[]string{"-data", filepath.Join(dir, "no", "data")}, "-data: ", false},
		"a CA in no folder":     {[]string{"-tls", "-ca", filepath.Join(dir, "no", "ca")}, "-ca: ", false},
		"a record in no folder": {[]string{"-record", filepath.Join(dir, "no", "r")}, "-record: ", false},
		"a port that is taken":  {[]string{"-addr", taken.Addr().String()}, "address already in use", false},
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
				return
			}
			assert.ErrorContains(t, err, tc.says)
		})
	}
}

// TestSignal ends the program by a signal.
func TestSignal(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	require.NoError(t, err)
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		cmd := exec.CommandContext(t.Context(), self, "-addr", "127.0.0.1:0") //nolint:gosec // it is this test binary
		cmd.Env = append(os.Environ(), "COMETCHAT_EMULATOR_AS_PROGRAM=1")
		var stderr strings.Builder
		cmd.Stderr = &stderr
		stdout, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(stdout)
		addr := ""
		for lines.Scan() && !strings.HasPrefix(lines.Text(), "A line for each request") {
			if m := regexp.MustCompile(`http://localhost(:\d+)/v3.0$`).FindStringSubmatch(lines.Text()); m != nil {
				addr = "127.0.0.1" + m[1]
			}
		}
		conn, err := net.Dial("tcp", addr) //nolint:noctx // it is local
		require.NoError(t, err)            // as a browser, which opens a connection in advance
		begin := time.Now()
		require.NoError(t, cmd.Process.Signal(signal))
		require.NoError(t, cmd.Wait(), stderr.String())
		assert.Less(t, time.Since(begin), 4*time.Second)
		require.NoError(t, conn.Close())
		assert.Contains(t, stderr.String(), "closing")
	}
}
