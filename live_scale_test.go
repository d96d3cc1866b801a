//go:build !race

// The race detector uses memory of its own, so that measurements under it mean nothing.

package cometchat_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// herald is the user whose presence all others hear of.
const herald = "herald"

func member(i int) string { return fmt.Sprint("member-", i) }

// scaleVariable is the environment variable of a child process that runs an emulator. Its value is an [emulatorOrder].
const scaleVariable = "COMETCHAT_TEST_SCALE"

type emulatorOrder struct {
	Members int
	TLS     bool
}

// emulatorNews is what the child process says.
type emulatorNews struct {
	URL, AppID, AuthKey string
	Certificate         []byte
	Settings            int // requests for them, since the start
	Logins              int // PUT /me, since the start
}

// TestEmulatorProcess is the child process of TestManyConnections. Each line of its input stops the emulator or starts it again
// at the same address with the same users.
func TestEmulatorProcess(t *testing.T) { //nolint:paralleltest // it is alone in its process
	var order emulatorOrder
	if json.Unmarshal([]byte(os.Getenv(scaleVariable)), &order) != nil {
		t.Skip("this is no child process")
	}
	address, state := "127.0.0.1:0", new(bytes.Buffer)
	input := bufio.NewScanner(os.Stdin)
	for more := true; more; more = input.Scan() {
		s := cometchattest.New()
		if state.Len() > 0 {
			require.NoError(t, s.Load(state))
		} else {
			s.AddUser(&cometchat.User{UID: herald, Name: herald, Role: herald})
			for i := range order.Members {
				s.AddUser(&cometchat.User{UID: member(i), Name: member(i)})
			}
		}
		server := httptest.NewUnstartedServer(s)
		_ = server.Listener.Close()
		var err error
		server.Listener, err = (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
		require.NoError(t, err)
		start := server.Start
		if order.TLS {
			start = server.StartTLS
		}
		server.Config.ErrorLog = silentLog
		start()
		address = server.Listener.Addr().String()
		news := emulatorNews{URL: server.URL, AppID: s.AppID, AuthKey: s.AuthKey}
		if order.TLS {
			news.Certificate = server.Certificate().Raw
		}
		say := func() { require.NoError(t, json.NewEncoder(os.Stdout).Encode(news)) } //nolint:gosec // the parent needs the emulator's key
		say()
		input.Scan()
		news.Settings = len(s.Requests(cometchattest.To("GET", "/settings")))
		news.Logins = len(s.Requests(cometchattest.To("PUT", "/me")))
		require.NoError(t, s.Save(state))
		s.Close()
		server.CloseClientConnections()
		server.Close()
		say()
	}
}

// emulatorProcess is the parent's end of the child process.
type emulatorProcess struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Scanner
	emulatorNews
}

func startEmulator(t *testing.T, order emulatorOrder) *emulatorProcess {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	child := exec.CommandContext(t.Context(), self, "-test.run=^TestEmulatorProcess$") //nolint:gosec // it is this program
	text, err := json.Marshal(order)
	require.NoError(t, err)
	child.Env = append(os.Environ(), scaleVariable+"="+string(text))
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	require.NoError(t, err)
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	t.Cleanup(func() {
		_ = child.Process.Kill()
		_ = child.Wait()
	})
	p := &emulatorProcess{t: t, in: in, out: bufio.NewScanner(out)}
	p.hear()
	return p
}

// turn stops the emulator, or starts it again.
func (p *emulatorProcess) turn() {
	p.t.Helper()
	_, err := io.WriteString(p.in, "\n")
	require.NoError(p.t, err)
	p.hear()
}

func (p *emulatorProcess) hear() {
	p.t.Helper()
	require.True(p.t, p.out.Scan(), "the child process has ended")
	require.NoError(p.t, json.Unmarshal(p.out.Bytes(), &p.emulatorNews), "%s", p.out.Text())
}

// options returns the options of the emulator's clients.
func (p *emulatorProcess) options(opts ...cometchat.Option) []cometchat.Option {
	opts = append(opts, cometchat.WithAdminHost(p.URL+"/v3.0"), cometchat.WithClientHost(p.URL+"/v3.0"),
		cometchat.WithPresence(cometchat.PresenceRoles(herald)), cometchat.WithTimeout(2*time.Minute))
	if p.Certificate != nil {
		certificate, err := x509.ParseCertificate(p.Certificate)
		require.NoError(p.t, err)
		roots := x509.NewCertPool()
		roots.AddCert(certificate)
		opts = append(opts, cometchat.WithTransport(func(rt http.RoundTripper) http.RoundTripper {
			rt.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
			return rt
		}))
	}
	return opts
}

// roll counts to a number, and says when.
type roll struct {
	missing atomic.Int64
	full    chan struct{}
}

func newRoll(n int) *roll {
	r := &roll{full: make(chan struct{})}
	r.missing.Store(int64(n))
	return r
}

func (r *roll) count() {
	if r.missing.Add(-1) == 0 {
		close(r.full)
	}
}

func (r *roll) wait(t *testing.T, what string) {
	t.Helper()
	select {
	case <-r.full:
	case <-time.After(time.Minute):
		require.FailNow(t, what, "%d are missing", r.missing.Load())
	}
}

// members are many connected users of one process.
type members struct {
	*cometchat.Pool
	n       int
	present atomic.Pointer[roll] // of those who have heard that the herald has come or gone
}

// each calls f for each member, from several goroutines.
func (m *members) each(t *testing.T, f func(c *cometchat.Client, i int) error) {
	t.Helper()
	const workers = 8
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			for i := worker; i < m.n; i += workers {
				if err := f(m.Client(member(i)), i); !assert.NoError(t, err) {
					return
				}
			}
		})
	}
	wg.Wait()
}

// TestManyConnections measures what a live connection takes of the memory, how soon a user's presence is known to all others,
// and how all come back when the server has restarted. It is not parallel, so that it measures no other test.
func TestManyConnections(t *testing.T) { //nolint:paralleltest // see above
	n := 200
	if *full {
		n = 2_000
	}
	t.Run("ws", func(t *testing.T) { manyConnections(t, n, false, 20<<10) })
	t.Run("wss", func(t *testing.T) { manyConnections(t, n, true, 26<<10) })
}

func manyConnections(t *testing.T, n int, secure bool, most int) { //nolint:thelper // its lines are the test's
	p := startEmulator(t, emulatorOrder{n, secure})
	pool, err := cometchat.NewPool(p.AppID, p.options()...)
	require.NoError(t, err)
	defer func() { assert.NoError(t, pool.Close()) }()
	m := &members{Pool: pool, n: n}
	h, err := cometchat.New(p.AppID, p.options()...)
	require.NoError(t, err)
	defer func() { assert.NoError(t, h.Close()) }()
	_, err = h.Login(t.Context(), herald, p.AuthKey)
	require.NoError(t, err)
	m.each(t, func(c *cometchat.Client, i int) error {
		_, err := c.Login(t.Context(), member(i), p.AuthKey)
		return err
	})

	before, goroutines := memory(), runtime.NumGoroutine()
	start := time.Now()
	m.each(t, func(c *cometchat.Client, _ int) error {
		count := func(*cometchat.User) { m.present.Load().count() }
		c.AddUserListener("", cometchat.UserListener{UserOnline: count, UserOffline: count})
		return c.Connect(t.Context())
	})
	t.Logf("%d clients are connected after %v", n, time.Since(start).Round(time.Millisecond))
	m.presence(t, h)
	each := (memory() - before) / n
	t.Logf("a connection takes %.1f KiB of heap and stack beyond the session, goal %d KiB", float64(each)/(1<<10), most>>10)
	assert.LessOrEqual(t, each, most)
	const idle = 2 * 32 // of the connections that the clients' first requests have opened, 32 at the same time
	assert.InDelta(t, n, runtime.NumGoroutine()-goroutines, 8+idle, "goroutines")
	if *full || !secure {
		m.restart(t, p)
	}
}

// presence has the herald come online, and measures until all have heard of it. The best of three rounds counts.
func (m *members) presence(t *testing.T, h *cometchat.Client) { //nolint:thelper // its lines are the test's
	const limit = 2 * time.Second
	best := time.Hour
	for range 3 {
		online, offline := newRoll(m.n), newRoll(m.n)
		m.present.Store(online)
		start := time.Now()
		require.NoError(t, h.Connect(t.Context()))
		online.wait(t, "not everybody has heard")
		best = min(best, time.Since(start))
		m.present.Store(offline)
		require.NoError(t, h.Disconnect())
		offline.wait(t, "not everybody has heard of the end")
	}
	t.Logf("%d clients have heard of a user's presence %v after the user began to connect", m.n, best.Round(time.Millisecond))
	assert.Less(t, best, limit)
}

// restart has the server go away and come back, and shows when the clients are back.
func (m *members) restart(t *testing.T, p *emulatorProcess) { //nolint:thelper // its lines are the test's
	const step = 500 * time.Millisecond
	var mu sync.Mutex
	arrivals := map[int]int{} // by step
	attempts := make([]atomic.Int64, m.n)
	gone, back := newRoll(m.n), newRoll(m.n)
	var start time.Time // written before any is back
	m.each(t, func(c *cometchat.Client, i int) error {
		var once sync.Once
		c.AddConnectionListener("", cometchat.ConnectionListener{
			Connecting:   func() { attempts[i].Add(1) },
			Disconnected: func(cometchat.ConnectionChanged) { once.Do(gone.count) },
			Connected: func() {
				mu.Lock()
				defer mu.Unlock()
				arrivals[int(time.Since(start)/step)]++
				back.count()
			},
		})
		return nil
	})
	p.turn()
	gone.wait(t, "not everybody has noticed")
	mu.Lock()
	start = time.Now()
	mu.Unlock()
	p.turn()
	back.wait(t, "not everybody is back")
	most := int64(0)
	for i := range attempts {
		most = max(most, attempts[i].Load())
	}
	for _, i := range slices.Sorted(maps.Keys(arrivals)) {
		t.Logf("%4.1f s %5d %s", (time.Duration(i) * step).Seconds(), arrivals[i], strings.Repeat("*", arrivals[i]*60/m.n))
	}
	p.turn()
	t.Logf("at most %d attempts of a client; %d requests for the settings, %d for a jwt", most, p.Settings, p.Logins)
	assert.LessOrEqual(t, most, int64(12))
	assert.LessOrEqual(t, int64(p.Settings), most, "the clients share the settings")
}

// memory returns how many bytes of heap and stack are in use.
func memory() int {
	for range 4 { // each shrinks stacks
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc + m.StackInuse) //nolint:gosec // it is no exabyte
}
