package filestore_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/cometchat-go/cometchat/filestore"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// The flags of this package's tests: go test ./filestore -full, go test ./filestore -soak=1m
var (
	full = flag.Bool("full", false, "kill 500 processes instead of 10, and damage a file in every byte instead of every seventh")
	soak = flag.Duration("soak", 500*time.Millisecond, "how long TestProcessesLogInAndOut takes")
)

// childVariable turns the test program into a child process of a test. Its value is a child as JSON.
const childVariable = "COMETCHAT_FILESTORE_TEST_CHILD"

func TestMain(m *testing.M) {
	if order := os.Getenv(childVariable); order != "" {
		if err := runChild(order); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// child is the task of a child process. Without a Server, it saves sessions from number First on until it is killed. With a
// Server, it logs users in and out.
type child struct {
	Dir   string
	First int

	Server, AppID, AuthKey string
	Number                 int
	For                    time.Duration
}

// command returns the process, which the test must start.
func (c child) command(t *testing.T) *exec.Cmd {
	t.Helper()
	order, err := json.Marshal(c) //nolint:gosec // the key is the emulator's
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self) //nolint:gosec // it is this program
	cmd.Env = append(os.Environ(), childVariable+"="+string(order))
	return cmd
}

func runChild(order string) error {
	var c child
	if err := json.Unmarshal([]byte(order), &c); err != nil {
		return err
	}
	store, err := filestore.New(c.Dir)
	if err != nil {
		return err
	}
	if c.Server != "" {
		return c.logInAndOut(store)
	}
	for n := c.First; ; n++ {
		if err := store.Save(context.Background(), key, session(n)); err != nil {
			return err
		}
		fmt.Println(n) // the session is on the disk
	}
}

// TestKilledWhileSaving kills a process while it saves one session after the other. The store must then hold the session of
// the last Save that returned, or of the Save after it.
func TestKilledWhileSaving(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts and kills processes")
	}
	kills := 10
	if *full {
		kills = 500
	}
	dir := newDir(t)
	store := open(t, dir)
	require.NoError(t, store.Save(t.Context(), key, session(0)))
	there, between, leftovers, reads := 0, 0, 0, 0
	for range kills {
		cmd := child{Dir: dir, First: there + 1}.command(t)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewReader(out)
		_, err = fmt.Fscanln(lines, &there) // the first Save has returned
		require.NoError(t, err)
		for range rand.IntN(200) { //nolint:gosec // a random time until the kill, not a secret
			assertWhole(t, store)
			reads++
		}
		require.NoError(t, cmd.Process.Kill())
		for {
			n := 0
			if _, err := fmt.Fscanln(lines, &n); err != nil {
				break
			}
			there = n
		}
		require.Error(t, cmd.Wait())

		for _, name := range files(t, dir) {
			if strings.HasSuffix(name, ".tmp") {
				leftovers++
			}
		}
		store = open(t, dir)
		require.Len(t, files(t, dir), 1, "New removes what the killed process left")
		n := assertWhole(t, store)
		require.Contains(t, []int{there, there + 1}, n, "the old session or the new one")
		if n != there {
			between++
		}
		there = n
	}
	t.Logf("%d kills during %d saves: %d left a temporary file, %d fell between the new session and the return of Save; "+
		"%d reads meanwhile", kills, there, leftovers, between, reads)
}

// assertWhole loads the session, checks that all its fields come from one Save, and returns the session's number.
func assertWhole(t *testing.T, store cometchat.SessionStore) (n int) {
	t.Helper()
	got, err := store.Load(t.Context(), key)
	require.NoError(t, err)
	_, err = fmt.Sscanf(got.AuthToken, "token-%d", &n)
	require.NoError(t, err)
	require.Equal(t, session(n), got)
	return n
}

// TestProcessesLogInAndOut starts eight processes that share a directory. Each process logs in and out its own user, whose
// session no other process may change, and three users that all processes share.
//
// It takes two seconds with -full, and a minute with -soak=1m.
func TestProcessesLogInAndOut(t *testing.T) {
	const processes = 8
	if testing.Short() {
		t.Skip("it starts eight processes")
	}
	duration := *soak
	if *full {
		duration = max(duration, 2*time.Second)
	}
	server := cometchattest.NewServer()
	t.Cleanup(server.Close)
	for n := range processes {
		server.AddUser(&cometchat.User{UID: ownUser(n), Name: "Own"})
	}
	dir := newDir(t)
	bystander := open(t, dir)
	require.NoError(t, bystander.Save(t.Context(), "bystander", session(1)))

	var commands [processes]*exec.Cmd
	var outs [processes]bytes.Buffer
	for n := range commands {
		cmd := child{
			Dir: dir, Server: server.URL + "/v3.0", AppID: server.AppID, AuthKey: server.AuthKey, Number: n, For: duration,
		}.command(t)
		cmd.Stdout, cmd.Stderr = &outs[n], &outs[n]
		require.NoError(t, cmd.Start())
		commands[n] = cmd
	}
	var total counts
	for n, cmd := range commands {
		err := cmd.Wait()
		require.NoError(t, err, "process %d: %s", n, outs[n].String())
		var c counts
		require.NoError(t, json.Unmarshal(outs[n].Bytes(), &c))
		assert.NotZero(t, c.Logins)
		total.Logins += c.Logins
		total.Reads += c.Reads
		total.Logouts += c.Logouts
		total.Outrun += c.Outrun
	}
	got, err := bystander.Load(t.Context(), "bystander")
	require.NoError(t, err)
	assert.Equal(t, session(1), got)
	left, err := filepath.Glob(filepath.Join(dir, "*.tmp"))
	require.NoError(t, err)
	assert.Empty(t, left)
	t.Logf("in %v: %+v", duration, total)
}

// counts has the numbers of a process's calls. Outrun counts the calls that failed because another process changed the same
// session first.
type counts struct{ Logins, Reads, Logouts, Outrun int }

func ownUser(process int) string { return fmt.Sprintf("own-%d", process) }

// logInAndOut is the work of a process. It returns an error for a wrong session and for any failure of the store.
func (c child) logInAndOut(store *filestore.Store) error {
	ctx := context.Background()
	var done counts
	transport := &http.Client{Transport: &http.Transport{}}
	for end := time.Now().Add(c.For); time.Now().Before(end); {
		own := ownUser(c.Number)
		err := c.as(store, transport, own, func(client *cometchat.Client) error {
			_, err := client.Login(ctx, own, c.AuthKey)
			done.Logins++
			return err
		})
		if err != nil {
			return fmt.Errorf("login of %s: %w", own, err)
		}
		if err := c.disturb(store, transport, &done); err != nil {
			return err
		}
		err = c.as(store, transport, own, func(client *cometchat.Client) error {
			user, err := client.GetLoggedinUser(ctx)
			if err != nil {
				return err
			}
			if user == nil || user.UID != own {
				return fmt.Errorf("the logged-in user is %v", user)
			}
			done.Reads++
			done.Logouts++
			return client.Logout(ctx)
		})
		if err != nil {
			return fmt.Errorf("the session of %s was lost: %w", own, err)
		}
	}
	return json.NewEncoder(os.Stdout).Encode(done)
}

// disturb logs in or out one of the users that all processes share.
func (c child) disturb(store *filestore.Store, transport *http.Client, done *counts) error {
	ctx := context.Background()
	uid := fmt.Sprintf("cometchat-uid-%d", 1+rand.IntN(3)) //nolint:gosec // not a secret
	return c.as(store, transport, uid, func(client *cometchat.Client) error {
		user, err := client.GetLoggedinUser(ctx)
		done.Reads++
		if err != nil {
			return fmt.Errorf("reading %s: %w", uid, err)
		}
		if user != nil && user.UID != uid {
			return fmt.Errorf("%s has the session of %s", uid, user.UID)
		}
		if user == nil || rand.IntN(3) > 0 { //nolint:gosec // not a secret
			done.Logins++
			_, err = client.Login(ctx, uid, c.AuthKey)
		} else {
			done.Logouts++
			err = client.Logout(ctx)
		}
		// Another process may have logged the user out meanwhile.
		if errors.Is(err, cometchat.ErrNotLoggedIn) || errors.Is(err, cometchat.ErrAuthTokenNotFound) {
			done.Outrun++
			err = nil
		}
		return err
	})
}

// as calls do with a client for the session of user.
func (c child) as(store *filestore.Store, transport *http.Client, user string, do func(*cometchat.Client) error) error {
	client, err := cometchat.New(c.AppID, cometchat.WithRegion("us"), cometchat.WithAdminHost(c.Server),
		cometchat.WithClientHost(c.Server), cometchat.WithHTTPClient(transport), cometchat.WithSessionStore(userStore{store, user}))
	if err != nil {
		return err
	}
	return errors.Join(do(client), client.Close())
}

// userStore is one user's part of a store.
type userStore struct {
	store cometchat.SharedSessionStore
	user  string
}

func (u userStore) Load(ctx context.Context, key string) (*cometchat.Session, error) {
	return u.store.Load(ctx, u.user+"/"+key)
}

func (u userStore) Save(ctx context.Context, key string, s *cometchat.Session) error {
	return u.store.Save(ctx, u.user+"/"+key, s)
}

func (u userStore) Delete(ctx context.Context, key string) error {
	return u.store.Delete(ctx, u.user+"/"+key)
}

func (u userStore) CompareAndSwap(ctx context.Context, key string, old, next *cometchat.Session) (bool, error) {
	return u.store.CompareAndSwap(ctx, u.user+"/"+key, old, next)
}
