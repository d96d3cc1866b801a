package cometchat_test

import (
	"context"
	"flag"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/require"
)

var (
	modelSchedules = flag.Int("model.schedules", 300, "how many random schedules TestModel runs")
	modelSeed      = flag.Uint64("model.seed", 1, "the seed of TestModel's first schedule; the next have the next numbers")
)

// TestModel calls clients of one store from several goroutines, in random orders, with a slow and failing world, and has a
// sequential reference explain what happened. A schedule that fails is repeated with
//
//	go test -run TestModel . -model.schedules=1 -model.seed=S
//
// Every second seed has delays that make much happen at the same moment; such a schedule may need -count=100.
func TestModel(t *testing.T) {
	began := time.Now()
	calls := 0
	r := &reference{seed: maphash.MakeSeed()}
	for seed := *modelSeed; seed < *modelSeed+uint64(*modelSchedules); seed++ {
		synctest.Test(t, func(t *testing.T) { calls += runSchedule(t, seed, r) })
		if t.Failed() {
			return
		}
	}
	t.Logf("%d schedules with %d calls in %v", *modelSchedules, calls, time.Since(began).Round(time.Millisecond))
}

// schedule is a run of the clients of one store.
type schedule struct {
	*modelWorld
	t       *testing.T
	seed    uint64
	pool    bool                // the clients are those of pools
	poolKey string              // of the clients of pools; "a": some of the pools have WithKeyAsUID
	sharing bool                // the store can compare and swap
	slots   []int               // the client of each slot; guarded by mu
	made    []*cometchat.Client // guarded by mu
	forgets []func()            // close the clients; guarded by mu
	keyed   [refClients]bool    // the clients of pools with WithKeyAsUID; guarded by mu
}

// keyOwner is the user whose uid is the key of a pool's client.
const keyOwner = 'A'

func runSchedule(t *testing.T, seed uint64, r *reference) (calls int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 0))
	s := &schedule{t: t, seed: seed, pool: rng.IntN(3) == 0, modelWorld: &modelWorld{
		seed: seed, ties: seed%2 == 0, faults: []float64{0, 0, 0.05, 0.2}[rng.IntN(4)], provider: rng.IntN(2) == 0,
		names: map[byte]int{'A': 1, 'B': 2}, named: 2, start: time.Now(), store: cometchat.NewMemorySessionStore(),
	}}
	s.slots = make([]int, 1+rng.IntN(3))
	s.sharing = len(s.slots) > 1 || rng.IntN(2) == 0
	s.nested = s.makeNested
	if s.key = appID + "/session"; s.pool && rng.IntN(2) == 0 {
		s.poolKey, s.key = "a", appID+"/a/session"
	}
	first := refSession{}
	if rng.IntN(2) == 0 { // a session from an earlier run
		user := rng.IntN(4) / 3 // mostly A
		first = refSession{uint8(s.mint("AB"[user])), uint8(1 + user)}
		require.NoError(t, s.store.Save(t.Context(), s.key, &cometchat.Session{
			AppID: appID, DeviceID: "d", AuthToken: "token-1", User: &cometchat.User{UID: "ab"[user : user+1], Name: fmt.Sprint(1 + user)},
		}))
	}
	for i := range s.slots {
		s.slots[i] = s.newClient()
	}
	ended := make(chan struct{})
	go s.run(rng, ended)
	select {
	case <-ended:
		synctest.Wait() // for a Close that a provider has called: the provider's call may have returned already
	case <-time.After(time.Hour):
		t.Fatalf("a call does not end\n%s", s)
	}
	r.ops, r.owners, r.provider, r.keyed = s.ops, s.owners, s.provider, s.keyed
	if wrong := r.explain(s.history, first, s.stored(), s.line); wrong != "" {
		t.Errorf("%s\n%s", wrong, s)
	}
	return len(s.ops)
}

// run makes the calls of the schedule's goroutines, and then looks at what is left.
func (s *schedule) run(rng *rand.Rand, ended chan<- struct{}) {
	defer close(ended)
	var wg sync.WaitGroup
	for range 2 + rng.IntN(3) {
		own := rand.New(rand.NewPCG(s.seed, rng.Uint64()))
		wg.Go(func() {
			for range 2 + own.IntN(3) {
				s.pause(own)
				s.call(context.Background(), own.IntN(len(s.slots)), kindsOfCalls[own.IntN(len(kindsOfCalls))], own, nil)
			}
		})
	}
	wg.Go(func() {
		for rng.IntN(3) > 0 {
			s.pause(rng)
			s.revoke("AB"[rng.IntN(2)])
		}
	})
	wg.Wait()
	s.mu.Lock() // a provider that a closed client has given up may still run
	s.faults = 0
	s.mu.Unlock()
	for slot := range s.slots {
		for _, kind := range []opKind{opUser, opVerify, opAuthToken} {
			s.call(context.Background(), slot, kind, rng, &modelOp{})
		}
	}
	s.mu.Lock()
	forgets := slices.Clone(s.forgets)
	s.mu.Unlock()
	for _, forget := range forgets {
		forget()
	}
}

func (s *schedule) pause(rng *rand.Rand) {
	d := time.Duration(rng.Int64N(int64(60 * time.Millisecond)))
	if s.ties {
		d = d.Round(10 * time.Millisecond)
	}
	<-time.After(d)
}

// newClient makes a client of the store, its own or that of a pool, and returns its number; -1 when there are many.
func (s *schedule) newClient() (index int) {
	s.mu.Lock()
	index = len(s.made)
	if index == refClients {
		s.mu.Unlock()
		return -1
	}
	s.made, s.forgets = append(s.made, nil), append(s.forgets, nil)
	rng := rand.New(rand.NewPCG(s.seed, uint64(1000+index)))
	s.keyed[index] = s.poolKey != "" && rng.IntN(3) > 0
	keyed := s.keyed[index]
	s.mu.Unlock()
	var store cometchat.SessionStore = modelStore{s.modelWorld}
	if s.sharing {
		store = modelSharedStore{modelStore{s.modelWorld}}
	}
	opts := []cometchat.Option{
		cometchat.WithRegion("us"), once, cometchat.WithSessionStore(store),
		cometchat.WithHTTPClient(&http.Client{Transport: s.modelWorld}),
	}
	var c *cometchat.Client
	var err error
	var forget func()
	if s.pool {
		if s.provider {
			opts = append(opts, cometchat.WithPoolTokenProvider(func(ctx context.Context, _ string) (string, error) { return s.provide(ctx) }))
		}
		if keyed {
			opts = append(opts, cometchat.WithKeyAsUID())
		}
		var p *cometchat.Pool
		p, err = cometchat.NewPool(appID, opts...)
		require.NoError(s.t, err)
		c = p.Client(s.poolKey)
		forget = func() { p.Forget(s.poolKey) }
	} else {
		if s.provider {
			opts = append(opts, cometchat.WithTokenProvider(s.provide))
		}
		c, err = cometchat.New(appID, opts...)
		require.NoError(s.t, err)
		forget = func() { _ = c.Close() }
	}
	s.mu.Lock()
	s.made[index], s.forgets[index] = c, forget
	s.mu.Unlock()
	s.listen(index, c, &modelOp{rng: rng})
	return index
}

// makeNested makes the call of a listener or a provider.
func (s *schedule) makeNested(ctx context.Context, within *modelOp) {
	s.mu.Lock()
	makes, kind := within.rng.IntN(4) == 0, kindsOfCalls[within.rng.IntN(len(kindsOfCalls))]
	s.mu.Unlock()
	if makes {
		s.call(ctx, -1, kind, within.rng, within)
	}
}

// slotOf returns the slot that a client is in, and -1 for a client that another one has replaced.
func (s *schedule) slotOf(client int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Index(s.slots, client)
}

// stored returns the session that is in the store at the end.
func (s *schedule) stored() refSession {
	session := modelStore{s.modelWorld}.inside(s.t.Context(), s.key)
	if session == nil {
		return refSession{}
	}
	var name uint8
	_, _ = fmt.Sscan(session.User.Name, &name)
	return refSession{uint8(tokenNumber(session)), name}
}
