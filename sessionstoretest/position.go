package sessionstoretest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/cometchat-go/cometchat"
)

// positionKey looks like the keys of the SDK.
const positionKey = "app/position"

func checkPositions(tb testing.TB, open func() cometchat.SessionStore) {
	store := positions(open())
	wantPosition(tb, store, positionKey, "")
	long := strings.Repeat("12345678,", 4<<10)
	for _, position := range []string{"1", `{"a":"<b> \u00e9 😀"}`, "\x00\n", long, "2", ""} {
		mustSavePosition(tb, store, positionKey, position)
		wantPosition(tb, store, positionKey, position)
		wantPosition(tb, positions(open()), positionKey, position)
	}
	for i, k := range keys() {
		mustSavePosition(tb, store, k, fmt.Sprint("position ", i))
	}
	for i, k := range keys() {
		wantPosition(tb, store, k, fmt.Sprint("position ", i))
	}
}

func checkPositionBesideSession(tb testing.TB, open func() cometchat.SessionStore) {
	store := open()
	mustSavePosition(tb, positions(store), positionKey, "1")
	wantSession(tb, store, key, nil)
	mustSave(tb, store, key, full(tb, "s"))
	wantPosition(tb, positions(store), positionKey, "1")
	mustSavePosition(tb, positions(store), positionKey, "2")
	wantSession(tb, store, key, full(tb, "s"))
	if err := store.Delete(tb.Context(), key); err != nil {
		tb.Errorf("Delete failed: %v", err)
	}
	wantPosition(tb, positions(store), positionKey, "2")
}

func checkPositionContext(tb testing.TB, open func() cometchat.SessionStore) {
	store := positions(open())
	mustSavePosition(tb, store, positionKey, "kept")
	ctx, cancel := context.WithCancel(tb.Context())
	cancel()
	if position, err := store.LoadPosition(ctx, positionKey); err == nil && position != "kept" {
		tb.Errorf("LoadPosition with an ended context returned neither the position nor an error")
	}
	// A store that does not look at the context saves the position.
	if err := store.SavePosition(ctx, positionKey, "new"); err != nil {
		wantPosition(tb, store, positionKey, "kept")
	}
}

func checkPositionConcurrent(tb testing.TB, open func() cometchat.SessionStore) {
	const writers, rounds = 4, 20
	name := func(i int) string { return fmt.Sprint("app/", i, "/position") }
	var all sync.WaitGroup
	for i := range writers {
		store, k := positions(open()), name(i)
		all.Go(func() {
			for n := range rounds {
				position := fmt.Sprint(i, " ", n)
				if err := store.SavePosition(tb.Context(), k, position); err != nil {
					tb.Errorf("SavePosition failed: %v", err)
				}
				if got, err := store.LoadPosition(tb.Context(), k); err != nil || got != position {
					tb.Errorf("LoadPosition returned %q after SavePosition of %q (error: %v)", got, position, err)
				}
			}
		})
	}
	all.Wait()
	for i := range writers {
		wantPosition(tb, positions(open()), name(i), fmt.Sprint(i, " ", rounds-1))
	}
}

func positions(store cometchat.SessionStore) cometchat.PositionStore {
	return store.(cometchat.PositionStore)
}

func mustSavePosition(tb testing.TB, store cometchat.PositionStore, key, position string) {
	tb.Helper()
	if err := store.SavePosition(tb.Context(), key, position); err != nil {
		tb.Fatalf("SavePosition for the key %s failed: %v", short(key), err)
	}
}

func wantPosition(tb testing.TB, store cometchat.PositionStore, key, want string) {
	tb.Helper()
	got, err := store.LoadPosition(tb.Context(), key)
	if err != nil || got != want {
		tb.Errorf("LoadPosition for the key %s returned %.100q instead of %.100q (error: %v)", short(key), got, want, err)
	}
}
