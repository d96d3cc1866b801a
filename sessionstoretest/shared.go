package sessionstoretest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cometchat-go/cometchat"
)

func checkSwap(tb testing.TB, open func() cometchat.SharedSessionStore) {
	store, other := open(), open()
	first, second, third := full(tb, "first"), full(tb, "second"), full(tb, "third")

	mustSwap(tb, store, nil, nil, true, "nothing for nothing")
	wantSession(tb, store, key, nil)
	mustSwap(tb, store, first, second, false, "for what is not there")
	mustSwap(tb, store, first, nil, false, "a deletion of what is not there")
	wantSession(tb, store, key, nil)
	mustSwap(tb, store, nil, first, true, "the first session")
	wantSession(tb, other, key, first)

	mustSwap(tb, other, nil, second, false, "for nothing, where a session is")
	mustSwap(tb, other, nil, nil, false, "nothing for nothing, where a session is")
	mustSwap(tb, other, second, third, false, "for another session than is there")
	mustSwap(tb, other, second, nil, false, "a deletion of another session than is there")
	wantSession(tb, store, key, first)

	// The token says which session it is; what else is known of it may be old.
	mustSwap(tb, other, &cometchat.Session{AuthToken: first.AuthToken}, second, true, "for the session with this token")
	wantSession(tb, store, key, second)
	refreshed := full(tb, "refreshed")
	refreshed.AuthToken = second.AuthToken
	mustSwap(tb, store, second, refreshed, true, "a session with the same token")
	wantSession(tb, other, key, refreshed)
	mustSwap(tb, store, second, nil, true, "a deletion")
	wantSession(tb, other, key, nil)

	device := &cometchat.Session{AppID: "app", DeviceID: "app_device"}
	mustSwap(tb, store, device, first, false, "for a session without a token, where nothing is")
	mustSwap(tb, store, nil, device, true, "a session without a token")
	mustSwap(tb, store, nil, first, false, "for nothing, where a session without a token is")
	mustSwap(tb, store, device, first, true, "for a session without a token")
	wantSession(tb, store, key, first)
	if d := difference(first, full(tb, "first")); d != "" {
		tb.Errorf("CompareAndSwap changed a session that it was given: %s", d)
	}
	first.User.Metadata[0] = '!'
	wantSession(tb, store, key, full(tb, "first"))
}

func checkSwapKeys(tb testing.TB, open func() cometchat.SharedSessionStore) {
	store := open()
	neighbor := full(tb, "neighbor")
	mustSave(tb, store, key+"s", neighbor)
	mustSwap(tb, store, nil, full(tb, "s"), true, "the first session")
	mustSwap(tb, store, full(tb, "s"), nil, true, "a deletion")
	wantSession(tb, store, key+"s", neighbor)
}

// racers is how many want the same at once.
const racers = 16

// race has racers make the same change at once, and returns the one that was told that it was it: there has to be one.
func race(tb testing.TB, open func() cometchat.SharedSessionStore, old *cometchat.Session,
	next func(racer int) *cometchat.Session,
) (winner int) {
	tb.Helper()
	stores := []cometchat.SharedSessionStore{open(), open()}
	var won [racers]atomic.Bool
	winners := []int{}
	start := make(chan struct{})
	var wg sync.WaitGroup
	for r := range racers {
		s := next(r)
		wg.Go(func() {
			<-start
			swapped, err := stores[r%2].CompareAndSwap(tb.Context(), key, old, s)
			if err != nil {
				tb.Errorf("CompareAndSwap failed: %v", err)
			}
			won[r].Store(swapped)
		})
	}
	close(start)
	wg.Wait()
	for r := range won {
		if won[r].Load() {
			winners = append(winners, r)
		}
	}
	if len(winners) != 1 {
		tb.Fatalf("of %d that swapped the same session at once, %d were told that they did", racers, len(winners))
	}
	return winners[0]
}

// nextOf gives each racer a session of its own.
func nextOf(tb testing.TB) func(racer int) *cometchat.Session {
	tb.Helper()
	return func(racer int) *cometchat.Session { return full(tb, fmt.Sprintf("racer %d", racer)) }
}

func checkBeginRace(tb testing.TB, open func() cometchat.SharedSessionStore) {
	winner := race(tb, open, nil, nextOf(tb))
	wantSession(tb, open(), key, nextOf(tb)(winner))
}

func checkSwapRace(tb testing.TB, open func() cometchat.SharedSessionStore) {
	old := full(tb, "old")
	mustSave(tb, open(), key, old)
	winner := race(tb, open, old, nextOf(tb))
	wantSession(tb, open(), key, nextOf(tb)(winner))
}

func checkEndRace(tb testing.TB, open func() cometchat.SharedSessionStore) {
	old := full(tb, "old")
	mustSave(tb, open(), key, old)
	race(tb, open, old, func(int) *cometchat.Session { return nil })
	wantSession(tb, open(), key, nil)
}

func checkSwapContext(tb testing.TB, open func() cometchat.SharedSessionStore) {
	store := open()
	s, other := full(tb, "s"), full(tb, "other")
	for how, ctx := range ended(tb) {
		mustSave(tb, store, key, s)
		swapped, err := store.CompareAndSwap(ctx, key, s, other)
		endedWell(tb, ctx, "CompareAndSwap", how, err)
		switch {
		case err == nil && !swapped:
			tb.Errorf("CompareAndSwap with a context that is %s returned false and no error, where the session was the old one", how)
		case err == nil:
			wantSession(tb, store, key, other)
		}
	}
}
