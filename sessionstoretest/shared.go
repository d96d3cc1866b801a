package sessionstoretest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cometchat-go/cometchat"
)

func checkSwap(t testing.TB, open func() cometchat.SharedSessionStore) {
	store, other := open(), open()
	first, second, third := full(t, "first"), full(t, "second"), full(t, "third")

	mustSwap(t, store, nil, nil, true, "nothing for nothing")
	wantSession(t, store, key, nil)
	mustSwap(t, store, first, second, false, "for what is not there")
	mustSwap(t, store, first, nil, false, "a deletion of what is not there")
	wantSession(t, store, key, nil)
	mustSwap(t, store, nil, first, true, "the first session")
	wantSession(t, other, key, first)

	mustSwap(t, other, nil, second, false, "for nothing, where a session is")
	mustSwap(t, other, nil, nil, false, "nothing for nothing, where a session is")
	mustSwap(t, other, second, third, false, "for another session than is there")
	mustSwap(t, other, second, nil, false, "a deletion of another session than is there")
	wantSession(t, store, key, first)

	// The token says which session it is; what else is known of it may be old.
	mustSwap(t, other, &cometchat.Session{AuthToken: first.AuthToken}, second, true, "for the session with this token")
	wantSession(t, store, key, second)
	refreshed := full(t, "refreshed")
	refreshed.AuthToken = second.AuthToken
	mustSwap(t, store, second, refreshed, true, "a session with the same token")
	wantSession(t, other, key, refreshed)
	mustSwap(t, store, second, nil, true, "a deletion")
	wantSession(t, other, key, nil)

	device := &cometchat.Session{AppID: "app", DeviceID: "app_device"}
	mustSwap(t, store, device, first, false, "for a session without a token, where nothing is")
	mustSwap(t, store, nil, device, true, "a session without a token")
	mustSwap(t, store, nil, first, false, "for nothing, where a session without a token is")
	mustSwap(t, store, device, first, true, "for a session without a token")
	wantSession(t, store, key, first)
	if d := difference(first, full(t, "first")); d != "" {
		t.Errorf("CompareAndSwap changed a session that it was given: %s", d)
	}
	first.User.Metadata[0] = '!'
	wantSession(t, store, key, full(t, "first"))
}

func checkSwapKeys(t testing.TB, open func() cometchat.SharedSessionStore) {
	store := open()
	neighbor := full(t, "neighbor")
	mustSave(t, store, key+"s", neighbor)
	mustSwap(t, store, nil, full(t, "s"), true, "the first session")
	mustSwap(t, store, full(t, "s"), nil, true, "a deletion")
	wantSession(t, store, key+"s", neighbor)
}

// racers is how many want the same at once.
const racers = 16

// race has racers make the same change at once, and returns which of them were told that it was they.
func race(t testing.TB, open func() cometchat.SharedSessionStore, old *cometchat.Session, next func(racer int) *cometchat.Session,
) (winners []int) {
	t.Helper()
	stores := []cometchat.SharedSessionStore{open(), open()}
	var won [racers]atomic.Bool
	start := make(chan struct{})
	var wg sync.WaitGroup
	for r := range racers {
		s := next(r)
		wg.Go(func() {
			<-start
			swapped, err := stores[r%2].CompareAndSwap(t.Context(), key, old, s)
			if err != nil {
				t.Errorf("CompareAndSwap failed: %v", err)
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
		t.Fatalf("of %d that swapped the same session at once, %d were told that they did", racers, len(winners))
	}
	return winners
}

func nextOf(t testing.TB) func(racer int) *cometchat.Session {
	return func(racer int) *cometchat.Session { return full(t, fmt.Sprintf("racer %d", racer)) }
}

func checkBeginRace(t testing.TB, open func() cometchat.SharedSessionStore) {
	winners := race(t, open, nil, nextOf(t))
	wantSession(t, open(), key, nextOf(t)(winners[0]))
}

func checkSwapRace(t testing.TB, open func() cometchat.SharedSessionStore) {
	old := full(t, "old")
	mustSave(t, open(), key, old)
	winners := race(t, open, old, nextOf(t))
	wantSession(t, open(), key, nextOf(t)(winners[0]))
}

func checkEndRace(t testing.TB, open func() cometchat.SharedSessionStore) {
	old := full(t, "old")
	mustSave(t, open(), key, old)
	race(t, open, old, func(int) *cometchat.Session { return nil })
	wantSession(t, open(), key, nil)
}

func checkSwapContext(t testing.TB, open func() cometchat.SharedSessionStore) {
	store := open()
	s, other := full(t, "s"), full(t, "other")
	for how, ctx := range ended(t) {
		mustSave(t, store, key, s)
		swapped, err := store.CompareAndSwap(ctx, key, s, other)
		endedWell(t, ctx, "CompareAndSwap", how, err)
		switch {
		case err == nil && !swapped:
			t.Errorf("CompareAndSwap with a context that is %s returned false and no error, where the session was the old one", how)
		case err == nil:
			wantSession(t, store, key, other)
		}
	}
}
