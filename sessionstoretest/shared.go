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

	mustSwap(tb, store, nil, nil, true, "nil for nil, without a session")
	wantSession(tb, store, key, nil)
	mustSwap(tb, store, first, second, false, "a replacement, without a session")
	mustSwap(tb, store, first, nil, false, "a deletion, without a session")
	wantSession(tb, store, key, nil)
	mustSwap(tb, store, nil, first, true, "the first session")
	wantSession(tb, other, key, first)

	mustSwap(tb, other, nil, second, false, "a first session, with a session present")
	mustSwap(tb, other, nil, nil, false, "nil for nil, with a session present")
	mustSwap(tb, other, second, third, false, "a replacement of another session than the present one")
	mustSwap(tb, other, second, nil, false, "a deletion of another session than the present one")
	wantSession(tb, store, key, first)

	// Only the token identifies a session: the caller's other fields may be old.
	mustSwap(tb, other, &cometchat.Session{AuthToken: first.AuthToken}, second, true, "a replacement of the session with this token")
	wantSession(tb, store, key, second)
	refreshed := full(tb, "refreshed")
	refreshed.AuthToken = second.AuthToken
	mustSwap(tb, store, second, refreshed, true, "a replacement with the same token")
	wantSession(tb, other, key, refreshed)
	mustSwap(tb, store, second, nil, true, "a deletion")
	wantSession(tb, other, key, nil)

	device := &cometchat.Session{AppID: "app", DeviceID: "app_device"}
	mustSwap(tb, store, device, first, false, "a replacement of a session without a token, without a session")
	mustSwap(tb, store, nil, device, true, "a first session without a token")
	mustSwap(tb, store, nil, first, false, "a first session, with a session without a token present")
	mustSwap(tb, store, device, first, true, "a replacement of a session without a token")
	wantSession(tb, store, key, first)
	if d := difference(first, full(tb, "first")); d != "" {
		tb.Errorf("CompareAndSwap changed the caller's session: %s", d)
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

// racers is the number of concurrent calls in a race.
const racers = 16

// race calls CompareAndSwap from all racers at once, with the same old session, and returns the racer that got true. Exactly
// one racer must get true.
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
		tb.Fatalf("of %d concurrent calls of CompareAndSwap with the same session, %d returned true instead of one",
			racers, len(winners))
	}
	return winners[0]
}

// nextOf returns a function that makes another session for each racer.
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
			tb.Errorf("CompareAndSwap with a context that is %s returned false and no error, though the session was old", how)
		case err == nil:
			wantSession(tb, store, key, other)
		}
	}
}
