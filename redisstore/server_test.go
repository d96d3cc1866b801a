package redisstore_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat/redisstore"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// redisServer is a real Redis on the loopback interface, for one test. By default it keeps nothing on disk.
type redisServer struct {
	addr     string
	settings []string
	process  *exec.Cmd
}

func startRedis(t *testing.T, settings ...string) *redisServer {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("redis-server is missing: apt-get install redis-server on Debian, brew install redis on macOS")
	}
	s := &redisServer{settings: append([]string{
		"--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "", "--appendonly", "no", "--logfile", "",
	}, settings...)}
	s.listen(t)
	return s
}

// startSentinel starts a Sentinel that knows the master under the name "main".
func startSentinel(t *testing.T, master *redisServer) *redisServer {
	t.Helper()
	host, port, err := net.SplitHostPort(master.addr)
	require.NoError(t, err)
	config := filepath.Join(t.TempDir(), "sentinel.conf") // Sentinel writes to it
	require.NoError(t, os.WriteFile(config, []byte("bind 127.0.0.1\nsentinel monitor main "+host+" "+port+" 1\n"), 0o600))
	s := &redisServer{settings: []string{config, "--sentinel"}}
	s.listen(t)
	return s
}

// listen starts the server on a free port. The server ends with the test.
func (s *redisServer) listen(t *testing.T) {
	t.Helper()
	var err error
	for range 5 { // another program may take the port that was free
		var l net.Listener
		l, err = new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		s.addr = l.Addr().String()
		require.NoError(t, l.Close())
		if err = s.start(t); err == nil {
			break
		}
	}
	require.NoError(t, err)
	t.Cleanup(s.kill)
}

// start starts the server and returns when it accepts connections.
func (s *redisServer) start(t *testing.T) error {
	t.Helper()
	_, port, _ := net.SplitHostPort(s.addr)
	args := slices.Concat(s.settings, []string{"--port", port})
	process := exec.Command("redis-server", args...) //nolint:gosec,noctx // the arguments are the test's own, and kill ends the process
	out, err := process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := process.Start(); err != nil {
		return err
	}
	var log strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		log.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "Ready to accept connections") || strings.Contains(lines.Text(), "Sentinel ID is") {
			s.process = process
			go func() { _, _ = io.Copy(io.Discard, out) }() // ends with the server
			return nil
		}
	}
	return errors.Join(fmt.Errorf("redis-server did not start: %s", log.String()), process.Wait())
}

// kill ends the server at once, like a power failure.
func (s *redisServer) kill() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

// client makes a client for the server, with the options that the package documentation asks for.
func (s *redisServer) client(t *testing.T) *redis.Client {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: s.addr, ContextTimeoutEnabled: true})
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	return client
}

func open(t *testing.T, client redis.UniversalClient, opts ...redisstore.Option) *redisstore.Store {
	t.Helper()
	store, err := redisstore.New(client, opts...)
	require.NoError(t, err)
	return store
}
