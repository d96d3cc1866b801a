package redisstore_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/cometchat-go/cometchat/redisstore"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var soak = flag.Duration("soak", 2*time.Second, "how long TestServerRestarts takes")

// childVariable turns the test program into a child process of a test. Its value is a fleet as JSON.
const childVariable = "COMETCHAT_REDISSTORE_TEST_CHILD"

func TestMain(m *testing.M) {
	if order := os.Getenv(childVariable); order != "" {
		if err := runChild(order); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const users = 200

func uidOf(n int) string { return fmt.Sprintf("user-%03d", n) }

// TestServerRestarts starts two processes that log 200 users in and out at random, and kills and restarts Redis meanwhile.
// While Redis is down, calls fail with an error of the store; after the restart they work again. A user never gets the
// session of another user.
//
// It takes two seconds, and a minute with -soak=1m.
func TestServerRestarts(t *testing.T) {
	server := startRedis(t, "--appendonly", "yes", "--appendfsync", "always") // every change that was answered survives
	emulator := cometchattest.NewServer()
	t.Cleanup(emulator.Close)
	for n := range users {
		emulator.AddUser(&cometchat.User{UID: uidOf(n), Name: "User"})
	}
	f := fleet{Redis: server.addr, Server: emulator.URL + "/v3.0", AppID: emulator.AppID, AuthKey: emulator.AuthKey}
	processes := []*process{f.start(t), f.start(t)}
	all := func(state string) {
		for _, p := range processes {
			p.waitFor(t, state)
		}
	}
	all(works)
	wait(t, *soak/2)
	server.kill()
	all(fails)
	wait(t, *soak/10)
	require.NoError(t, server.start(t))
	all(works)
	wait(t, *soak/2)
	for _, p := range processes {
		c := p.stop(t)
		t.Logf("%+v", c)
		assert.NotZero(t, c.Failed)
	}

	client := server.client(t)
	for n := range users { // every user can still log in and out
		err := f.as(client, http.DefaultClient, uidOf(n), func(c *cometchat.Client) error {
			user, err := c.Login(t.Context(), uidOf(n), f.AuthKey)
			require.NoError(t, err)
			require.Equal(t, uidOf(n), user.UID)
			return c.Logout(t.Context())
		})
		require.NoError(t, err)
	}
	left, err := client.Keys(t.Context(), "*/session").Result()
	require.NoError(t, err)
	assert.Empty(t, left)
}

// wait lets the processes do their work.
func wait(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}

// fleet has the addresses and keys that the servers of a fleet need.
type fleet struct{ Redis, Server, AppID, AuthKey string }

// A process prints one of these states when its calls begin to work or to fail.
const (
	works = "works"
	fails = "fails"
)

// process is a server of the fleet. It works until its standard input is closed, and then prints its counts.
type process struct {
	cmd   *exec.Cmd
	in    io.Closer
	lines *bufio.Scanner
	err   strings.Builder
}

func (f fleet) start(t *testing.T) *process {
	t.Helper()
	order, err := json.Marshal(f) //nolint:gosec // the key is the emulator's
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	p := &process{cmd: exec.CommandContext(t.Context(), self)} //nolint:gosec // the command is this program
	p.cmd.Env = append(os.Environ(), childVariable+"="+string(order))
	p.cmd.Stderr = &p.err
	p.in, err = p.cmd.StdinPipe()
	require.NoError(t, err)
	out, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	p.lines = bufio.NewScanner(out)
	require.NoError(t, p.cmd.Start())
	return p
}

// waitFor waits until the process prints the state.
func (p *process) waitFor(t *testing.T, state string) {
	t.Helper()
	for p.lines.Scan() {
		if p.lines.Text() == state {
			return
		}
	}
	require.Fail(t, "the process has ended", "%v: %s", p.cmd.Wait(), p.err.String())
}

func (p *process) stop(t *testing.T) (c counts) {
	t.Helper()
	require.NoError(t, p.in.Close())
	for p.lines.Scan() {
		if strings.HasPrefix(p.lines.Text(), "{") {
			require.NoError(t, json.Unmarshal(p.lines.Bytes(), &c))
		}
	}
	require.NoError(t, p.cmd.Wait(), p.err.String())
	return c
}

// counts has the numbers of a process's calls. Outrun counts the calls that failed because the other process changed the same
// session first. Failed counts the calls for which Redis did not answer; Said is the text of one of their errors.
type counts struct {
	Logins, Reads, Logouts, Outrun, Failed int
	Said                                   string
}

// worker holds the values that the goroutines of a process share.
type worker struct {
	fleet
	redis   *redis.Client
	http    *http.Client
	stopped atomic.Bool

	mu    sync.Mutex // guards the fields below
	last  string     // the state that the process printed last
	done  counts
	wrong error // a broken promise
}

func runChild(order string) error {
	w := &worker{http: &http.Client{Transport: &http.Transport{}}}
	if err := json.Unmarshal([]byte(order), &w.fleet); err != nil {
		return err
	}
	w.redis = redis.NewClient(&redis.Options{Addr: w.Redis, ContextTimeoutEnabled: true})
	redis.SetLogger(silent{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for !w.stopped.Load() {
				w.step()
			}
		})
	}
	_, _ = io.Copy(io.Discard, os.Stdin) // until the test closes it
	w.stopped.Store(true)
	wg.Wait()
	return errors.Join(w.wrong, w.redis.Close(), json.NewEncoder(os.Stdout).Encode(w.done))
}

// silent keeps go-redis from writing every failed connection to standard error.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// step logs one user in or out, or reads the user, and counts the result.
func (w *worker) step() {
	uid, action := uidOf(rand.IntN(users)), rand.IntN(3) //nolint:gosec // not a secret
	ctx := context.Background()
	err := w.as(w.redis, w.http, uid, func(c *cometchat.Client) error {
		user, err := c.GetLoggedinUser(ctx)
		if err != nil || user == nil {
			if action == 2 {
				return err
			}
			user, err = c.Login(ctx, uid, w.AuthKey)
		}
		if err != nil {
			return err
		}
		if user.UID != uid {
			w.isWrong(fmt.Errorf("%s has the session of %s", uid, user.UID))
		}
		token, err := c.AuthToken(ctx)
		if err == nil && !strings.HasPrefix(token, uid+"_") {
			w.isWrong(fmt.Errorf("the session of %s has the token of another user", uid))
		}
		if err == nil && action == 1 {
			err = c.Logout(ctx)
		}
		return err
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	state := works
	if e, ok := errors.AsType[*cometchat.Error](err); ok && e.Code == "ERR_SESSION_STORE" {
		state = fails
	}
	switch {
	case state == fails:
		w.done.Failed++
		w.done.Said = err.Error()
		if !strings.Contains(w.done.Said, "session store: redisstore: ") || strings.Contains(w.done.Said, uid+"_") {
			w.wrong = err
		}
	case errors.Is(err, cometchat.ErrNotLoggedIn) || errors.Is(err, cometchat.ErrAuthTokenNotFound):
		w.done.Outrun++
	case err != nil:
		w.wrong = fmt.Errorf("a failure that does not come from the store: %w", err)
	case action == 0:
		w.done.Logins++
	case action == 1:
		w.done.Logouts++
	default:
		w.done.Reads++
	}
	if state != w.last {
		w.last = state
		fmt.Println(state)
	}
}

func (w *worker) isWrong(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = err
}

// as calls do with a client for the session of user. Each user has another prefix, and so another session.
func (f fleet) as(r *redis.Client, transport *http.Client, user string, do func(*cometchat.Client) error) error {
	store, err := redisstore.New(r, redisstore.WithPrefix(user+"/"))
	if err != nil {
		return err
	}
	client, err := cometchat.New(f.AppID, cometchat.WithRegion("us"), cometchat.WithAdminHost(f.Server),
		cometchat.WithClientHost(f.Server), cometchat.WithHTTPClient(transport), cometchat.WithSessionStore(store))
	if err != nil {
		return err
	}
	return errors.Join(do(client), client.Close())
}
