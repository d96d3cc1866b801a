package main

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The client's side of a test of containers: the emulator listens on secondLoopback, and only the client's own resolver knows
// its name.
const (
	secondLoopback = "127.0.0.2"
	serviceName    = "cometchat-emulator"
)

// resolving makes a transport find the service. Nothing else resolves.
func resolving(transport *http.Transport) *http.Client {
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(addr)
		if err == nil && host != serviceName {
			err = &net.DNSError{Err: "no such host", Name: host}
		}
		if err != nil {
			return nil, err
		}
		return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort(secondLoopback, port))
	}
	return &http.Client{Transport: transport}
}

// freePort returns a port of a loopback address, for an emulator that restarts.
func freePort(t *testing.T, ip string) string {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(ip, "0")) //nolint:noctx // it is local
	if err != nil {
		t.Skipf("this system has no loopback address %s: %v", ip, err)
	}
	defer func() { require.NoError(t, l.Close()) }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return port
}

// TestFromAnotherContainer has clients in Go and Node whose configuration stays while the emulator restarts.
func TestFromAnotherContainer(t *testing.T) {
	t.Parallel()
	dir, port := t.TempDir(), freePort(t, secondLoopback)
	args := []string{
		"-tls", "-host", serviceName, "-addr", net.JoinHostPort(secondLoopback, port),
		"-data", filepath.Join(dir, "data.json"), "-ca", filepath.Join(dir, "ca.pem"),
	}
	env := map[string]string{}
	for line := range strings.Lines(printed(t, append([]string{"-env"}, args...)...)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		env[name] = value
	}
	require.Equal(t, "https://"+serviceName+":"+port, env["COMETCHAT_EMULATOR_HOST"])

	client, err := cometchat.New(env["COMETCHAT_APP_ID"], cometchat.WithEmulator(env["COMETCHAT_EMULATOR_HOST"]),
		cometchat.WithHTTPClient(resolving(trusting(t, env["SSL_CERT_FILE"]))))
	require.NoError(t, err)
	defer client.Close()
	goClient := buildGoClient(t)
	for _, at := range []string{"the first start", "the restart"} {
		p := start(t, args...)
		assert.Contains(t, p.banner, "here          https://"+secondLoopback+":"+port)
		if at == "the first start" {
			_, err = client.Login(t.Context(), "cometchat-uid-1", env["COMETCHAT_AUTH_KEY"])
		} else {
			_, err = client.VerifySession(t.Context())
		}
		require.NoError(t, err, at)
		runNode(t, env)
		runGo(t, goClient, env, p)
		require.NoError(t, p.stop())
	}
}

// runNode runs the Node client of examples/compose.
func runNode(t *testing.T, env map[string]string) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Log("the Node client does not run, because there is no node")
		return
	}
	resolver := filepath.Join(t.TempDir(), "resolver.cjs")
	require.NoError(t, os.WriteFile(resolver, []byte(`require("dns").lookup = (name, options, done) => {
		if (name !== "`+serviceName+`") done(new Error("no such host: " + name));
		else if (options.all) done(null, [{ address: "`+secondLoopback+`", family: 4 }]);
		else done(null, "`+secondLoopback+`", 4);
	};`), 0o600))
	client := filepath.Join("..", "..", "examples", "compose", "client.mjs")
	cmd := exec.CommandContext(t.Context(), node, "--require", resolver, client) //nolint:gosec // LookPath has found it
	cmd.Env = os.Environ()
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Equal(t, "Node: logged in as Node\n", string(out))
}

// buildGoClient builds the Go client of examples/compose, or returns "".
func buildGoClient(t *testing.T) (bin string) {
	t.Helper()
	if testing.Short() {
		t.Log("the Go client does not run: it would have to be built")
		return ""
	}
	bin = filepath.Join(t.TempDir(), "goclient")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "../../examples/compose/goclient") //nolint:gosec // our own example
	build.Env = userEnv
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return bin
}

// runGo runs the Go client. As its resolver is the system's, it takes the emulator's address.
func runGo(t *testing.T, bin string, env map[string]string, p *program) {
	t.Helper()
	if bin == "" {
		return
	}
	cmd := exec.CommandContext(t.Context(), bin)
	cmd.Env = os.Environ()
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	address := strings.TrimSuffix(strings.Replace(p.url, serviceName, secondLoopback, 1), "/v3.0")
	cmd.Env = append(cmd.Env, "COMETCHAT_EMULATOR_HOST="+address)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Equal(t, "Go: logged in as Andrew Joseph\n", string(out))
}

// TestPlainHTTPFromAnotherContainer needs no certificate, but the client has to allow it.
func TestPlainHTTPFromAnotherContainer(t *testing.T) {
	t.Parallel()
	port := freePort(t, secondLoopback)
	p := start(t, "-host", serviceName, "-addr", net.JoinHostPort(secondLoopback, port))
	assert.Contains(t, p.banner, `cometchat.WithEmulator("cometchat-emulator:`+port+`"), cometchat.WithInsecureHost("cometchat-emulator"))`)
	host := net.JoinHostPort(serviceName, port)
	_, err := cometchat.New("emulator-app", cometchat.WithEmulator(host))
	require.ErrorContains(t, err, `WithInsecureHost("cometchat-emulator")`)
	client, err := cometchat.New("emulator-app", cometchat.WithEmulator(host), cometchat.WithInsecureHost(serviceName),
		cometchat.WithHTTPClient(resolving(&http.Transport{DisableKeepAlives: true})))
	require.NoError(t, err)
	defer client.Close()
	_, err = client.Login(t.Context(), "cometchat-uid-1", p.authKey)
	require.NoError(t, err)
}

// TestComposeFile compares the environment in compose.yaml with what -env prints.
func TestComposeFile(t *testing.T) {
	t.Parallel()
	compose, err := os.ReadFile(filepath.Join("..", "..", "examples", "compose", "compose.yaml"))
	require.NoError(t, err)
	for line := range strings.Lines(printed(t, "-env", "-host", serviceName)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		value = strings.Replace(value, serviceName+":", "https://"+serviceName+":", 1)
		assert.Contains(t, string(compose), "\n  "+name+": "+value+"\n")
	}
}
