package sessionstoretest

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/cometchat-go/cometchat"
)

// key is like those that the SDK uses.
const key = "app/session"

func checkAbsent(t testing.TB, open func() cometchat.SessionStore) {
	store := open()
	for _, k := range []string{key, "app/device", ""} {
		wantSession(t, store, k, nil)
	}
	mustSave(t, store, key, full(t, "s"))
	wantSession(t, store, "app/device", nil)
}

func checkFields(t testing.TB, open func() cometchat.SessionStore) {
	store := open()
	for name, s := range map[string]*cometchat.Session{
		"every field":        full(t, "s"),
		"the device's alone": {AppID: "app", DeviceID: "app_device"},
		"no field":           {},
	} {
		mustSave(t, store, name, s)
		wantSession(t, store, name, s)
		wantSession(t, store, name, s) // reading takes nothing away
	}
}

func checkReplace(t testing.TB, open func() cometchat.SessionStore) {
	store := open()
	for _, s := range []*cometchat.Session{
		full(t, "first"), full(t, "second, which is longer"), full(t, "3"), {AppID: "app"}, full(t, "last"),
	} {
		mustSave(t, store, key, s)
		wantSession(t, store, key, s)
	}
}

func checkDelete(t testing.TB, open func() cometchat.SessionStore) {
	store := open()
	mustDelete := func(what string) {
		t.Helper()
		if err := store.Delete(t.Context(), key); err != nil {
			t.Errorf("Delete %s failed: %v", what, err)
		}
		wantSession(t, store, key, nil)
	}
	mustDelete("of what was never there")
	mustSave(t, store, key, full(t, "s"))
	mustDelete("of a session")
	mustDelete("of a session, once more")
	again := full(t, "again")
	mustSave(t, store, key, again)
	wantSession(t, store, key, again)
}

// keys are what a store might mistake for a path, a pattern, an end or another key.
func keys() []string {
	long := strings.Repeat("long ", 2<<10)
	return []string{
		"", " ", ".", "..", "/", "../../etc/passwd", `..\..\x`, "app/session", "app/session/", "app/sessions", "app", "APP/session",
		"a\x00b", "a", "a\n", "ä", "a\u0308", "日本語/😀", "*", "?", "%2e%2e", "%s", "{a}b", "{a}", "a:b", "a::b", "'; --", `"`, `\`, "NUL", "~",
		"lock-0", "x.json", "x.tmp", long, long + "x",
	}
}

func checkKeys(t testing.TB, open func() cometchat.SessionStore) {
	store := open()
	sessions := map[string]*cometchat.Session{}
	for i, k := range keys() {
		sessions[k] = full(t, fmt.Sprintf("session %d", i))
		mustSave(t, store, k, sessions[k])
	}
	for k, s := range sessions {
		wantSession(t, store, k, s)
	}
	for i, k := range keys() {
		if i%2 == 0 {
			if err := store.Delete(t.Context(), k); err != nil {
				t.Errorf("Delete for the key %s failed: %v", short(k), err)
			}
			sessions[k] = nil
		}
	}
	for k, s := range sessions {
		wantSession(t, store, k, s)
	}
}

func checkOwn(t testing.TB, open func() cometchat.SessionStore) {
	store := open()
	spoil := func(s *cometchat.Session) {
		s.AuthToken, s.User.UID, s.User.Tags[0], s.User.Metadata[0] = "spoilt", "spoilt", "spoilt", '!'
	}
	given := full(t, "s")
	mustSave(t, store, key, given)
	if d := difference(given, full(t, "s")); d != "" {
		t.Errorf("Save changed the session that it was given: %s", d)
	}
	spoil(given)
	wantSession(t, store, key, full(t, "s"))
	got, err := store.Load(t.Context(), key)
	if err != nil || got == nil || got.User == nil || len(got.User.Tags) == 0 || len(got.User.Metadata) == 0 {
		t.Fatalf("Load did not return what was saved (error: %v)", err)
	}
	spoil(got)
	wantSession(t, store, key, full(t, "s"))
}

func checkNil(t testing.TB, open func() cometchat.SessionStore) {
	store := open()
	s := full(t, "s")
	mustSave(t, store, key, s)
	if err := store.Save(t.Context(), key, nil); !errors.Is(err, cometchat.ErrMissingParameters) {
		t.Errorf("Save of nil returned %v instead of ErrMissingParameters", err)
	}
	wantSession(t, store, key, s)
}

func checkHandles(t testing.TB, open func() cometchat.SessionStore) {
	first, second := open(), open()
	s, other := full(t, "s"), full(t, "other")
	mustSave(t, first, key, s)
	wantSession(t, second, key, s)
	mustSave(t, second, key, other)
	wantSession(t, first, key, other)
	wantSession(t, open(), key, other)
	if err := second.Delete(t.Context(), key); err != nil {
		t.Errorf("Delete failed: %v", err)
	}
	wantSession(t, first, key, nil)
}

func checkContext(t testing.TB, open func() cometchat.SessionStore) {
	store := open()
	s, other := full(t, "s"), full(t, "other")
	for how, ctx := range ended(t) {
		mustSave(t, store, key, s)
		got, err := store.Load(ctx, key)
		endedWell(t, ctx, "Load", how, err)
		if err == nil && difference(got, s) != "" {
			t.Errorf("Load with a context that is %s returned another session", how)
		}
		err = store.Save(ctx, key, other)
		endedWell(t, ctx, "Save", how, err)
		if err == nil {
			wantSession(t, store, key, other)
		}
		mustSave(t, store, key, s)
		err = store.Delete(ctx, key)
		endedWell(t, ctx, "Delete", how, err)
		if err == nil {
			wantSession(t, store, key, nil)
		}
	}
	mustSave(t, store, key, other)
	wantSession(t, store, key, other)
}

// checkConcurrent has goroutines with a key of their own, whose changes nobody may lose, and all of them with one key,
// where each may find any session that was saved, but a whole one.
func checkConcurrent(t testing.TB, open func() cometchat.SessionStore) {
	const goroutines, rounds = 8, 10
	mine := make([][]*cometchat.Session, goroutines)
	whole := map[string]*cometchat.Session{}
	for g := range mine {
		for r := range rounds {
			s := full(t, strings.Repeat("x", 1+7*g)+fmt.Sprintf(" %d %d", g, r))
			mine[g] = append(mine[g], s)
			whole[s.AuthToken] = s
		}
	}
	stores := []cometchat.SessionStore{open(), open()}
	var wg sync.WaitGroup
	for g := range mine {
		store, own := stores[g%2], fmt.Sprintf("app/session/%d", g)
		wg.Go(func() {
			for _, s := range mine[g] {
				for _, k := range []string{own, key} {
					if err := store.Save(t.Context(), k, s); err != nil {
						t.Errorf("Save failed: %v", err)
					}
				}
				wantSession(t, store, own, s)
				got, err := store.Load(t.Context(), key)
				if err != nil || got == nil || whole[got.AuthToken] == nil || difference(got, whole[got.AuthToken]) != "" {
					t.Errorf("Load of a key that others save at the same time returned no session that was saved (error: %v)", err)
				}
				if err := store.Delete(t.Context(), "app/session/of nobody"); err != nil {
					t.Errorf("Delete failed: %v", err)
				}
			}
		})
	}
	wg.Wait()
	for g := range mine {
		wantSession(t, stores[0], fmt.Sprintf("app/session/%d", g), mine[g][rounds-1])
	}
}

func checkFormats(t testing.TB, open func() cometchat.SessionStore) {
	const secret = "canary"
	store := open()
	s := full(t, secret)
	mustSave(t, store, key, s)
	wantSession(t, store, key, s)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	shown := []any{store, []any{store}, map[string]any{"store": store}, store.Save(canceled, key, s)}
	for _, verb := range strings.Split("v +v #v s q +q x X #x d t e p c U b o w", " ") {
		for _, value := range shown {
			text := fmt.Errorf("%"+verb, value).Error() // as Sprintf, which has no %w
			if strings.Contains(text, secret) || strings.Contains(strings.ToLower(text), hex.EncodeToString([]byte(secret))) {
				t.Errorf("%%%s of the %T shows a secret of a session", verb, value)
			}
		}
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).InfoContext(t.Context(), "store", "store", store)
	slog.New(slog.NewTextHandler(&log, nil)).InfoContext(t.Context(), "store", "store", store)
	raw, _ := json.Marshal(store) // that it cannot be written as JSON is fine
	if strings.Contains(log.String()+string(raw), secret) {
		t.Errorf("a log record or the JSON of the store shows a secret of a session")
	}
}
