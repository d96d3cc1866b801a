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

// childVariable makes the test's program another process of a test, with what it is told as JSON.
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

// TestServerRestarts has two processes log 200 users in, read them and log them out at random, and Redis killed and
// started again in the middle: calls fail while it is down and say so, and work after, and no session is ever that of
// another user.
//
// It takes two seconds, and with -soak=1m a minute.
func TestServerRestarts(t *testing.T) {
	server := startRedis(t, "--appendonly", "yes", "--appendfsync", "always") // what was answered survives
	emulator := cometchattest.NewServer()
	t.Cleanup(emulator.Close)
	for n := range users {
		emulator.AddUser(&cometchat.User{UID: uidOf(n), Name: "User"})
	}
	f := fleet{Redis: server.addr, Server: emulator.URL + "/v3.0", AppID: emulator.AppID, AuthKey: emulator.AuthKey}
	processes := []*process{f.start(t), f.start(t)}
	all := func(say string) {
		for _, p := range processes {
			p.waitFor(t, say)
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
	for n := range users { // everybody can still come and go
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

// fleet is where the servers of a fleet find everything.
type fleet struct{ Redis, Server, AppID, AuthKey string }

// What a process says when its calls begin to work, or to fail.
const (
	works = "works"
	fails = "fails"
)

// process is a server of the fleet; it works until its standard input is closed, and then says what it has done.
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
	p := &process{cmd: exec.CommandContext(t.Context(), self)} //nolint:gosec // it is this program
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

// waitFor reads what the process says until it says this.
func (p *process) waitFor(t *testing.T, say string) {
	t.Helper()
	for p.lines.Scan() {
		if p.lines.Text() == say {
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

// counts is what a process has done. Outrun is how often the other one had been faster with the same user, Failed how
// often the store could not be asked, and Said one of the errors of that.
type counts struct {
	Logins, Reads, Logouts, Outrun, Failed int
	Said                                   string
}

// worker is what the goroutines of a process share.
type worker struct {
	fleet
	redis   *redis.Client
	http    *http.Client
	stopped atomic.Bool

	mu    sync.Mutex // guards what follows
	last  string     // what was said last
	done  counts
	wrong error // what must not be
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

// silent keeps go-redis from telling the standard error of every connection that it did not get.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// step does something with one of the users, and says what came of it.
func (w *worker) step() {
	uid, action := uidOf(rand.IntN(users)), rand.IntN(3) //nolint:gosec // it is no secret
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
			w.isWrong(fmt.Errorf("the session of %s is that of %s", uid, user.UID))
		}
		token, err := c.AuthToken(ctx)
		if err == nil && !strings.HasPrefix(token, uid+"_") {
			w.isWrong(fmt.Errorf("the session of %s has the token of somebody else", uid))
		}
		if err == nil && action == 1 {
			err = c.Logout(ctx)
		}
		return err
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	say := works
	if e, ok := errors.AsType[*cometchat.Error](err); ok && e.Code == "ERR_SESSION_STORE" {
		say = fails
	}
	switch {
	case say == fails:
		w.done.Failed++
		w.done.Said = err.Error()
		if !strings.Contains(w.done.Said, "session store: redisstore: ") || strings.Contains(w.done.Said, uid+"_") {
			w.wrong = err
		}
	case errors.Is(err, cometchat.ErrNotLoggedIn) || errors.Is(err, cometchat.ErrAuthTokenNotFound):
		w.done.Outrun++
	case err != nil:
		w.wrong = fmt.Errorf("a failure that is not the store's: %w", err)
	case action == 0:
		w.done.Logins++
	case action == 1:
		w.done.Logouts++
	default:
		w.done.Reads++
	}
	if say != w.last {
		w.last = say
		fmt.Println(say)
	}
}

func (w *worker) isWrong(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = err
}

// as has a client for one user's session call do. Each user has a prefix, and so a session, of their own.
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
