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

// key looks like the keys of the SDK.
const key = "app/session"

func checkAbsent(tb testing.TB, open func() cometchat.SessionStore) {
	store := open()
	for _, k := range []string{key, "app/device", ""} {
		wantSession(tb, store, k, nil)
	}
	mustSave(tb, store, key, full(tb, "s"))
	wantSession(tb, store, "app/device", nil)
}

func checkFields(tb testing.TB, open func() cometchat.SessionStore) {
	store := open()
	for name, s := range map[string]*cometchat.Session{
		"every field":         full(tb, "s"),
		"the device id alone": {AppID: "app", DeviceID: "app_device"},
		"no field":            {},
	} {
		mustSave(tb, store, name, s)
		wantSession(tb, store, name, s)
		wantSession(tb, store, name, s) // Load removes nothing
	}
}

func checkReplace(tb testing.TB, open func() cometchat.SessionStore) {
	store := open()
	for _, s := range []*cometchat.Session{
		full(tb, "first"), full(tb, "second, which is longer"), full(tb, "3"), {AppID: "app"}, full(tb, "last"),
	} {
		mustSave(tb, store, key, s)
		wantSession(tb, store, key, s)
	}
}

func checkDelete(tb testing.TB, open func() cometchat.SessionStore) {
	store := open()
	mustDelete := func(what string) {
		tb.Helper()
		if err := store.Delete(tb.Context(), key); err != nil {
			tb.Errorf("Delete %s failed: %v", what, err)
		}
		wantSession(tb, store, key, nil)
	}
	mustDelete("of a key without a session")
	mustSave(tb, store, key, full(tb, "s"))
	mustDelete("of a session")
	mustDelete("of a session, once more")
	again := full(tb, "again")
	mustSave(tb, store, key, again)
	wantSession(tb, store, key, again)
}

// keys returns keys that a store might take for a path, a pattern, the end of a text, or another key.
func keys() []string {
	long := strings.Repeat("long ", 2<<10)
	return []string{
		"", " ", ".", "..", "/", "../../etc/passwd", `..\..\x`, "app/session", "app/session/", "app/sessions", "app",
		"APP/session", "a\x00b", "a", "a\n", "ä", "a\u0308", "日本語/😀", "*", "?", "%2e%2e", "%s", "{a}b", "{a}", "a:b", "a::b",
		"'; --", `"`, `\`, "NUL", "~", "lock-0", "x.json", "x.tmp", long, long + "x",
	}
}

func checkKeys(tb testing.TB, open func() cometchat.SessionStore) {
	store := open()
	sessions := map[string]*cometchat.Session{}
	for i, k := range keys() {
		sessions[k] = full(tb, fmt.Sprintf("session %d", i))
		mustSave(tb, store, k, sessions[k])
	}
	for k, s := range sessions {
		wantSession(tb, store, k, s)
	}
	for i, k := range keys() {
		if i%2 == 0 {
			if err := store.Delete(tb.Context(), k); err != nil {
				tb.Errorf("Delete for the key %s failed: %v", short(k), err)
			}
			sessions[k] = nil
		}
	}
	for k, s := range sessions {
		wantSession(tb, store, k, s)
	}
}

func checkOwn(tb testing.TB, open func() cometchat.SessionStore) {
	store := open()
	spoil := func(s *cometchat.Session) {
		s.AuthToken, s.User.UID, s.User.Tags[0], s.User.Metadata[0] = "spoilt", "spoilt", "spoilt", '!'
	}
	given := full(tb, "s")
	mustSave(tb, store, key, given)
	if d := difference(given, full(tb, "s")); d != "" {
		tb.Errorf("Save changed the caller's session: %s", d)
	}
	spoil(given)
	wantSession(tb, store, key, full(tb, "s"))
	got, err := store.Load(tb.Context(), key)
	if err != nil || got == nil || got.User == nil || len(got.User.Tags) == 0 || len(got.User.Metadata) == 0 {
		tb.Fatalf("Load did not return the saved session (error: %v)", err)
	}
	spoil(got)
	wantSession(tb, store, key, full(tb, "s"))
}

func checkNil(tb testing.TB, open func() cometchat.SessionStore) {
	store := open()
	s := full(tb, "s")
	mustSave(tb, store, key, s)
	if err := store.Save(tb.Context(), key, nil); !errors.Is(err, cometchat.ErrMissingParameters) {
		tb.Errorf("Save of nil returned %v instead of ErrMissingParameters", err)
	}
	wantSession(tb, store, key, s)
}

func checkHandles(tb testing.TB, open func() cometchat.SessionStore) {
	first, second := open(), open()
	s, other := full(tb, "s"), full(tb, "other")
	mustSave(tb, first, key, s)
	wantSession(tb, second, key, s)
	mustSave(tb, second, key, other)
	wantSession(tb, first, key, other)
	wantSession(tb, open(), key, other)
	if err := second.Delete(tb.Context(), key); err != nil {
		tb.Errorf("Delete failed: %v", err)
	}
	wantSession(tb, first, key, nil)
}

func checkContext(tb testing.TB, open func() cometchat.SessionStore) {
	store := open()
	s, other := full(tb, "s"), full(tb, "other")
	for how, ctx := range ended(tb) {
		mustSave(tb, store, key, s)
		got, err := store.Load(ctx, key)
		endedWell(tb, ctx, "Load", how, err)
		if err == nil && difference(got, s) != "" {
			tb.Errorf("Load with a context that is %s returned another session than the saved one", how)
		}
		err = store.Save(ctx, key, other)
		endedWell(tb, ctx, "Save", how, err)
		if err == nil {
			wantSession(tb, store, key, other)
		}
		mustSave(tb, store, key, s)
		err = store.Delete(ctx, key)
		endedWell(tb, ctx, "Delete", how, err)
		if err == nil {
			wantSession(tb, store, key, nil)
		}
	}
	mustSave(tb, store, key, other)
	wantSession(tb, store, key, other)
}

// checkConcurrent runs goroutines that save under two keys each. Under its own key, a goroutine must find its last session.
// Under the key that all share, it may find the session of any goroutine, but a complete one.
func checkConcurrent(tb testing.TB, open func() cometchat.SessionStore) {
	const goroutines, rounds = 8, 10
	mine := make([][]*cometchat.Session, goroutines)
	whole := map[string]*cometchat.Session{}
	for g := range mine {
		for r := range rounds {
			s := full(tb, strings.Repeat("x", 1+7*g)+fmt.Sprintf(" %d %d", g, r))
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
					if err := store.Save(tb.Context(), k, s); err != nil {
						tb.Errorf("Save failed: %v", err)
					}
				}
				wantSession(tb, store, own, s)
				got, err := store.Load(tb.Context(), key)
				if err != nil || got == nil || whole[got.AuthToken] == nil || difference(got, whole[got.AuthToken]) != "" {
					tb.Errorf("Load, during concurrent calls of Save, returned a session that nobody saved (error: %v)", err)
				}
				if err := store.Delete(tb.Context(), "app/session/of nobody"); err != nil {
					tb.Errorf("Delete failed: %v", err)
				}
			}
		})
	}
	wg.Wait()
	for g := range mine {
		wantSession(tb, stores[0], fmt.Sprintf("app/session/%d", g), mine[g][rounds-1])
	}
}

func checkFormats(tb testing.TB, open func() cometchat.SessionStore) {
	const secret = "canary"
	store := open()
	s := full(tb, secret)
	mustSave(tb, store, key, s)
	wantSession(tb, store, key, s)
	canceled, cancel := context.WithCancel(tb.Context())
	cancel()
	shown := []any{store, []any{store}, map[string]any{"store": store}, store.Save(canceled, key, s)}
	for verb := range strings.SplitSeq("v +v #v s q +q x X #x d t e p c U b o w", " ") {
		for _, value := range shown {
			text := fmt.Errorf("%"+verb, value).Error() // like Sprintf, but with the verb %w
			if strings.Contains(text, secret) || strings.Contains(strings.ToLower(text), hex.EncodeToString([]byte(secret))) {
				tb.Errorf("%%%s of the %T shows a secret of a session", verb, value)
			}
		}
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).InfoContext(tb.Context(), "store", "store", store)
	slog.New(slog.NewTextHandler(&log, nil)).InfoContext(tb.Context(), "store", "store", store)
	raw, _ := json.Marshal(store) // it may fail
	if strings.Contains(log.String()+string(raw), secret) {
		tb.Errorf("a log record or the JSON of the store shows a secret of a session")
	}
}
