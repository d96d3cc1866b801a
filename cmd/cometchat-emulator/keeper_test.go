package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSeedAndData(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	seed, data := filepath.Join(dir, "seed.json"), filepath.Join(dir, "data.json")
	require.NoError(t, os.WriteFile(seed, []byte(`{"users":[{"uid":"ada","name":"Ada"}],"tokens":[{"uid":"ada","authToken":"ada_token"}]}`), 0o600))
	p := start(t, "-seed", seed, "-data", data, "-auth-key", "mine")
	assert.Contains(t, p.banner, `cometchat.Login(ctx, "ada"`)
	assert.Contains(t, p.banner, `CometChat.login("ada"`)
	c := p.client(t, "emulator-app", unpooled())
	u, err := c.LoginWithToken(t.Context(), "ada_token")
	require.NoError(t, err)
	assert.Equal(t, "Ada", u.Name)
	_, err = c.UpdateCurrentUserDetails(t.Context(), &cometchat.User{Name: "Ada L."})
	require.NoError(t, err)

	err = run(t.Context(), []string{"-addr", "127.0.0.1:0", "-data", data}, io.Discard, io.Discard)
	require.EqualError(t, err, "-data: another emulator is using "+data)
	require.NoError(t, p.stop())
	info, err := os.Stat(data)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "the file holds tokens")

	p = start(t, "-data", data)
	u, err = p.client(t, "emulator-app", unpooled()).LoginWithToken(t.Context(), "ada_token")
	require.NoError(t, err)
	assert.Equal(t, "Ada L.", u.Name)
	assert.Equal(t, "mine", p.authKey, "the key is kept")
	assert.Equal(t, developmentAPIKey, p.apiKey)
	require.NoError(t, p.stop())
	assert.NotContains(t, p.log.String(), "WARN")
	p = start(t, "-data", data, "-auth-key", "another", "-api-key", developmentAPIKey)
	assert.Equal(t, "another", p.authKey, "a flag wins")
	require.NoError(t, p.stop())
	assert.Contains(t, p.log.String(), "WARN -auth-key replaced what "+data+" kept: programs with the earlier key are refused")

	err = run(t.Context(), []string{"-addr", "127.0.0.1:0", "-seed", seed, "-data", data + "x", "-api-key", developmentAuthKey}, io.Discard, io.Discard)
	require.ErrorContains(t, err, "have to differ")
	require.NoFileExists(t, data+"x")
	left, err := filepath.Glob(filepath.Join(dir, "*.new"))
	require.NoError(t, err)
	assert.Empty(t, left, "no temporary file is left")
}

func TestSeedThatDataWouldMakeVoid(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	seed, data := filepath.Join(dir, "seed.json"), filepath.Join(dir, "data.json")
	require.NoError(t, os.WriteFile(seed, []byte(`{"users":[{"uid":"ada"}]}`), 0o600))
	require.NoError(t, start(t, "-seed", seed, "-data", data).stop())
	before, err := os.ReadFile(data) //nolint:gosec // the test has made the file
	require.NoError(t, err)
	err = run(t.Context(), []string{"-addr", "127.0.0.1:0", "-seed", seed, "-data", data}, io.Discard, io.Discard)
	require.EqualError(t, err, fmt.Sprintf("-seed %s would be ignored, because -data %s exists: leave out -seed, or delete %[2]s", seed, data))
	after, err := os.ReadFile(data) //nolint:gosec // the test has made the file
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))
	require.NoError(t, start(t, "-data", data).stop(), "the file is not locked any more")
}

// TestFailedSave takes the file's folder away.
func TestFailedSave(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "folder")
	require.NoError(t, os.Mkdir(dir, 0o700))
	emulator := cometchattest.New()
	defer emulator.Close()
	k, err := newKeeper(emulator, "", filepath.Join(dir, "data.json"))
	require.NoError(t, err)
	var log strings.Builder
	out := newLogger(&log, "text", false)
	out.saveFailed(k.save())
	require.NoError(t, os.RemoveAll(dir))
	out.saveFailed(k.save())
	assert.Empty(t, log.String(), "without a change there is nothing to do")
	emulator.AddUser(&cometchat.User{UID: "ada"})
	out.saveFailed(k.save())
	out.saveFailed(k.save())
	assert.Equal(t, 1, strings.Count(log.String(), "ERROR -data: "), "the log has an error once: %s", &log)
	require.NoError(t, os.Mkdir(dir, 0o700))
	out.saveFailed(k.save())
	require.FileExists(t, k.file)
	require.NoError(t, k.close())
}

// TestKilled kills the program during writes. The file has to load each time, with every write that is older than a second.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts processes")
	}
	t.Parallel()
	chains, kills := 1, 4
	if *full {
		chains, kills = 4, 25
	}
	for chain := range chains {
		t.Run(strconv.Itoa(chain), func(t *testing.T) {
			t.Parallel()
			data := filepath.Join(t.TempDir(), "data.json")
			kept := map[string]bool{}
			lost, old := 0, 0
			for kill := range kills {
				n := 1 + rand.IntN(60) //nolint:gosec // it need not be secret
				if kill%4 == 3 {
					n = 400
				}
				p := spawn(t, "-data", data)
				written := writeUntilKilled(t, p, "u"+strconv.Itoa(kill)+"-", n)
				killed := time.Now()
				present := uidsIn(t, data)
				for uid := range kept {
					require.Contains(t, present, uid, "a write that was kept once is kept")
				}
				for uid, at := range written {
					if killed.Sub(at) > time.Second {
						old++
						require.Contains(t, present, uid, "%v before the kill, the write had succeeded", killed.Sub(at))
					}
					if !present[uid] {
						lost++
					}
				}
				kept = present
			}
			t.Logf("%d kills, %d users kept, %d lost, %d of the kept ones written more than a second before a kill", kills, len(kept), lost, old)
			assert.Positive(t, old)
		})
	}
}

// writeUntilKilled creates users, one every 5 ms, and kills the program when it has answered n times. It returns when each
// user was created.
func writeUntilKilled(t *testing.T, p *program, prefix string, n int) (written map[string]time.Time) {
	t.Helper()
	written = map[string]time.Time{}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	killed := make(chan struct{})
	pace := time.NewTicker(5 * time.Millisecond)
	defer pace.Stop()
	for {
		<-pace.C
		uid := prefix + strconv.Itoa(len(written))
		body := strings.NewReader(`{"uid":"` + uid + `","name":"N"}`)
		r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, p.url+"/users", body)
		require.NoError(t, err)
		r.Header = http.Header{"Appid": {"emulator-app"}, "Apikey": {p.apiKey}, "Content-Type": {"application/json"}}
		resp, err := (&http.Client{Transport: transport}).Do(r)
		if err != nil {
			require.GreaterOrEqual(t, len(written), n, "the program has ended by itself: %v", err)
			<-killed
			return written
		}
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusOK, resp.StatusCode)
		if written[uid] = time.Now(); len(written) == n {
			go func() {
				p.kill()
				close(killed)
			}()
		}
	}
}

// uidsIn loads a data file.
func uidsIn(t *testing.T, data string) map[string]bool {
	t.Helper()
	f, err := os.Open(data) //nolint:gosec // the test has made the file
	require.NoError(t, err)
	defer func() { assert.NoError(t, f.Close()) }()
	emulator := cometchattest.New()
	defer emulator.Close()
	require.NoError(t, emulator.Load(f))
	uids := map[string]bool{}
	for _, u := range emulator.Users() {
		uids[u.UID] = true
	}
	return uids
}
