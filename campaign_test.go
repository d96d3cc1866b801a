package cometchat_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	campaignCalls = flag.Int("campaign.calls", 1_000, "how many calls TestCampaign makes")
	campaignSeed  = flag.Uint64("campaign.seed", 1, "decides which calls TestCampaign makes, and which attempts fail")
)

const (
	campaignClients    = 100
	campaignGoroutines = 32
	campaignTimeout    = 5 * time.Second        // of a call
	campaignPatience   = 500 * time.Millisecond // of an attempt that gets no answer
	campaignShare      = 0.999                  // of the calls that may be repeated has to succeed
	campaignBadLuck    = 5                      // failed calls that a small campaign may have in addition
)

// TestCampaign makes thousands of calls while one attempt in twenty fails, and checks each call's result and what it left
// behind. docs/reliability.md has the figures. It is not parallel, so that it counts no goroutine of another test.
//
//	go test -v -run Campaign . -campaign.calls=20000 -campaign.seed=1
func TestCampaign(t *testing.T) {
	if testing.Short() {
		t.Skip("it makes 1,000 calls")
	}
	require.Positive(t, *campaignCalls)
	httptest.NewServer(nil).Close() // with its first socket the runtime opens two files, for good
	goroutines, files := runtime.NumGoroutine(), openFiles()
	c := newCampaign(t, *campaignSeed)
	took := stopwatch()
	c.run(*campaignCalls)
	c.figures.took = took()
	c.close()
	back := eventually(func() bool { return runtime.NumGoroutine() <= goroutines && openFiles() <= files })
	t.Logf("seed %d: %s\ngoroutines: %d before, %d after; open files: %d before, %d after", c.seed,
		c.figures.report(c.network), goroutines, runtime.NumGoroutine(), files, openFiles())
	assert.True(t, back, "goroutines or open files are left")
	repeatable := c.figures.repeatable
	failed := float64(repeatable.calls - repeatable.succeeded)
	assert.LessOrEqual(t, failed, campaignBadLuck+(1-campaignShare)*float64(repeatable.calls), "failed calls that may be repeated")
	assert.LessOrEqual(t, c.figures.slowest(), campaignTimeout+campaignPatience, "the slowest call")
}

// eventually waits until a condition holds, for two seconds at most, and returns whether it does.
func eventually(condition func() bool) bool {
	for waited := stopwatch(); !condition(); elapse(10 * time.Millisecond) {
		if waited() > 2*time.Second {
			return false
		}
	}
	return true
}

// openFiles returns how many files and sockets the process has open, and -1 where the system does not say.
func openFiles() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return -1
	}
	return len(entries)
}

// campaign is the world of TestCampaign: an emulator behind a faulty network, and a pool and an admin that use it.
type campaign struct {
	t        *testing.T
	seed     uint64
	emulator *cometchattest.Server
	network  *faultyNetwork
	server   *httptest.Server
	store    *cometchat.MemorySessionStore
	pool     *cometchat.Pool
	admin    *cometchat.Admin
	secrets  *secretFinder
	figures  campaignFigures
}

func newCampaign(t *testing.T, seed uint64) *campaign {
	t.Helper()
	// The first client that asks for the settings would have an attempt more than its seed says.
	emulator := cometchattest.New(cometchattest.WithSettingsInLogin())
	c := &campaign{t: t, seed: seed, emulator: emulator, store: cometchat.NewMemorySessionStore()}
	c.network = &faultyNetwork{server: c.emulator, fate: rand.New(rand.NewPCG(seed, campaignClients*2))} //nolint:gosec // as an actor's
	c.server = httptest.NewUnstartedServer(c.network)
	c.server.Config.ErrorLog = silentLog
	c.server.Config.ConnState = c.network.connState
	c.server.Start()
	c.emulator.URL = c.server.URL
	c.secrets = &secretFinder{t: t, keys: []string{c.emulator.AuthKey, c.emulator.APIKey}}

	shared := []cometchat.Option{
		cometchat.WithTransport(c.network.wrap), cometchat.WithTimeout(campaignTimeout),
		cometchat.WithRetry(cometchat.RetryPolicy{BaseDelay: 20 * time.Millisecond}),
		cometchat.WithLogger(slog.New(slog.NewTextHandler(c.secrets, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		cometchat.WithObserver(func(a cometchat.Attempt) { c.secrets.search(fmt.Sprintf("%+v", a)) }),
	}
	var err error
	c.admin, err = cometchat.NewAdmin(c.emulator.AppID, c.emulator.APIKey, append(c.emulator.AdminOptions(), shared...)...)
	require.NoError(t, err)
	c.pool, err = cometchat.NewPool(c.emulator.AppID, append(append(c.emulator.Options(), shared...),
		cometchat.WithSessionStore(c.store),
		cometchat.WithPoolTokenProvider(func(ctx context.Context, uid string) (string, error) {
			token, err := c.admin.CreateAuthToken(ctx, uid)
			if err != nil {
				return "", err
			}
			return token.Token, nil
		}))...)
	require.NoError(t, err)
	return c
}

func (c *campaign) close() {
	assert.NoError(c.t, c.pool.Close())
	assert.NoError(c.t, c.admin.Close())
	assert.True(c.t, eventually(func() bool { return c.network.connections.Load() == 0 }), "connections are left after Close")
	c.server.Close()
	c.emulator.Close()
}

// run makes so many calls. Each client has its share of them and makes one at a time, so that the seed alone decides what the
// client calls and which of its attempts fail. The goroutines take turns with the clients. A failure ends the run.
func (c *campaign) run(calls int) {
	waiting := make(chan *actor, campaignClients)
	clients := min(calls, campaignClients)
	actors := make([]*actor, clients)
	for i := range actors {
		actors[i] = newActor(c, i, (calls-i+clients-1)/clients)
		waiting <- actors[i]
	}
	var working atomic.Int64
	working.Store(int64(clients))
	var wg sync.WaitGroup
	for range campaignGoroutines {
		wg.Go(func() {
			for a := range waiting {
				if a.step(); a.left > 0 && !c.t.Failed() {
					waiting <- a
				} else if working.Add(-1) == 0 {
					close(waiting)
				}
			}
		})
	}
	wg.Wait()
	for _, a := range actors {
		wg.Go(a.settle)
	}
	wg.Wait()
}
