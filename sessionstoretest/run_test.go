package sessionstoretest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMemoryStore(t *testing.T) {
	t.Parallel()
	Run(t, func(*testing.T) func() cometchat.SessionStore {
		store := cometchat.NewMemorySessionStore()
		return func() cometchat.SessionStore { return store }
	})
}

type session = cometchat.Session

// plain hides the CompareAndSwap of a store.
type plain struct{ cometchat.SessionStore }

func (plain) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte("plain")) }

func TestStoreThatIsNotShared(t *testing.T) {
	t.Parallel()
	Run(t, func(*testing.T) func() cometchat.SessionStore {
		store := plain{cometchat.NewMemorySessionStore()}
		return func() cometchat.SessionStore { return store }
	})
}

// recorder records the failures of a check, without failing the test around it.
type recorder struct {
	testing.TB
	mu       sync.Mutex
	failures []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	panic(r) // it ends the check: only the check's own goroutine calls Fatalf
}

// failing returns the promises that a store breaks.
func failing(t *testing.T, fresh func() func() cometchat.SessionStore) (promises []string) {
	t.Helper()
	run := func(promise string, check func(*recorder)) {
		r := &recorder{TB: t}
		func() {
			defer func() {
				if p := recover(); p != nil && p != any(r) {
					panic(p)
				}
			}()
			check(r)
		}()
		if len(r.failures) > 0 {
			promises = append(promises, promise)
			for _, failure := range r.failures {
				assert.NotContains(t, failure, "canary")
			}
		}
	}
	for _, c := range checks {
		run(c.promise, func(r *recorder) { c.check(r, fresh()) })
	}
	for _, c := range sharedChecks {
		run(c.promise, func(r *recorder) {
			open := fresh()
			c.check(r, func() cometchat.SharedSessionStore { return open().(cometchat.SharedSessionStore) })
		})
	}
	for _, c := range positionChecks {
		run(c.promise, func(r *recorder) { c.check(r, fresh()) })
	}
	return promises
}

// methods replace methods of a memory store. A nil method replaces nothing.
type methods struct {
	load   func(b *broken, ctx context.Context, key string) (*session, error)
	save   func(b *broken, ctx context.Context, key string, s *session) error
	remove func(b *broken, ctx context.Context, key string) error
	swap   func(b *broken, ctx context.Context, key string, old, next *session) (bool, error)
}

// broken is a memory store with some methods replaced.
type broken struct {
	*cometchat.MemorySessionStore
	methods

	here atomic.Int32 // the number of calls of waitForAnother
	mu   sync.Mutex
	kept map[string]*session // guarded by mu; for methods that keep the sessions themselves
}

func newBroken(m methods) *broken {
	return &broken{
		MemorySessionStore: cometchat.NewMemorySessionStore(), methods: m, kept: map[string]*session{},
	}
}

func (b *broken) Load(ctx context.Context, key string) (*session, error) {
	if b.load != nil {
		return b.load(b, ctx, key)
	}
	return b.MemorySessionStore.Load(ctx, key)
}

func (b *broken) Save(ctx context.Context, key string, s *session) error {
	if b.save != nil {
		return b.save(b, ctx, key, s)
	}
	return b.MemorySessionStore.Save(ctx, key, s)
}

func (b *broken) Delete(ctx context.Context, key string) error {
	if b.remove != nil {
		return b.remove(b, ctx, key)
	}
	return b.MemorySessionStore.Delete(ctx, key)
}

func (b *broken) CompareAndSwap(ctx context.Context, key string, old, next *session) (bool, error) {
	if b.swap != nil {
		return b.swap(b, ctx, key, old, next)
	}
	return b.MemorySessionStore.CompareAndSwap(ctx, key, old, next)
}

// fold changes every key before it reaches the memory store.
func fold(change func(key string) string) methods {
	return methods{
		load: func(b *broken, ctx context.Context, key string) (*session, error) {
			return b.MemorySessionStore.Load(ctx, change(key))
		},
		save: func(b *broken, ctx context.Context, key string, s *session) error {
			return b.MemorySessionStore.Save(ctx, change(key), s)
		},
		remove: func(b *broken, ctx context.Context, key string) error {
			return b.MemorySessionStore.Delete(ctx, change(key))
		},
	}
}

func beforeNUL(key string) string {
	before, _, _ := strings.Cut(key, "\x00")
	return before
}

// TestBrokenStores runs the checks on stores that each break a promise, and expects the check of that promise to fail.
func TestBrokenStores(t *testing.T) {
	t.Parallel()
	edited := func(edit func(s *session)) methods {
		return methods{save: func(b *broken, ctx context.Context, key string, s *session) error {
			if s != nil {
				c := *s
				edit(&c)
				s = &c
			}
			return b.MemorySessionStore.Save(ctx, key, s)
		}}
	}
	for name, c := range map[string]struct {
		store methods
		found string
	}{
		"Load returns nil, nil for no session": {methods{load: func(b *broken, ctx context.Context, key string) (*session, error) {
			s, _ := b.MemorySessionStore.Load(ctx, key)
			return s, nil
		}}, "Load returns ErrNoSession if there is no session"},
		"it loses a field":  {edited(func(s *session) { s.JWT = "" }), "every field of a session survives"},
		"it changes a time": {edited(func(s *session) { s.CreatedAt = s.CreatedAt.Add(1) }), "every field of a session survives"},
		"it decodes the metadata": {edited(func(s *session) {
			if s.User != nil {
				u := *s.User
				u.Metadata = []byte(strings.Replace(string(u.Metadata), "2.50", "2.5", 1))
				s.User = &u
			}
		}), "every field of a session survives"},
		"it keeps the first session": {methods{save: func(b *broken, ctx context.Context, key string, s *session) error {
			if _, err := b.MemorySessionStore.Load(ctx, key); err == nil && s != nil {
				return nil
			}
			return b.MemorySessionStore.Save(ctx, key, s)
		}}, "Save replaces the session"},
		"it does not delete": {methods{remove: func(*broken, context.Context, string) error { return nil }}, "Delete removes the session"},
		"Delete fails if there is no session": {methods{remove: func(b *broken, ctx context.Context, key string) error {
			if _, err := b.MemorySessionStore.Load(ctx, key); err != nil {
				return err
			}
			return b.MemorySessionStore.Delete(ctx, key)
		}}, "Delete removes the session"},
		"it ignores the case of a key":      {fold(strings.ToLower), "a key may be any text"},
		"it cleans a key like a path":       {fold(filepath.Clean), "a key may be any text"},
		"it ends a key at a NUL byte":       {fold(beforeNUL), "a key may be any text"},
		"it cuts a long key":                {fold(func(key string) string { return key[:min(len(key), 255)] }), "a key may be any text"},
		"it trims a key":                    {fold(strings.TrimSpace), "a key may be any text"},
		"it keeps the caller's own session": {keeping(), "the caller may change its sessions"},
		"it saves a nil session": {methods{save: func(b *broken, ctx context.Context, key string, s *session) error {
			if s == nil {
				s = &session{}
			}
			return b.MemorySessionStore.Save(ctx, key, s)
		}}, "Save refuses a nil session"},
		"Load returns ErrNoSession for an ended context": {methods{
			load: func(b *broken, ctx context.Context, key string) (*session, error) {
				if ctx.Err() != nil {
					return nil, cometchat.ErrNoSession
				}
				return b.MemorySessionStore.Load(ctx, key)
			},
		}, "calls with an ended context"},
		"with an ended context, Save returns nil and saves nothing": {methods{save: func(b *broken, ctx context.Context, key string, s *session) error {
			select {
			case <-ctx.Done():
				return nil
			default:
			}
			return b.MemorySessionStore.Save(ctx, key, s)
		}}, "calls with an ended context"},
		"it writes all keys at once": {wholesale(), "concurrent calls"},
		"an error quotes the session": {methods{save: func(b *broken, ctx context.Context, key string, s *session) error {
			if ctx.Err() != nil {
				return fmt.Errorf("could not save %s: %w", s.AuthToken, ctx.Err())
			}
			return b.MemorySessionStore.Save(ctx, key, s)
		}}, "printing the store shows no secret"},
		"it swaps without comparing": {methods{
			swap: func(b *broken, ctx context.Context, key string, _, next *session) (bool, error) {
				if next == nil {
					return true, b.Delete(ctx, key)
				}
				return true, b.Save(ctx, key, next)
			},
		}, "CompareAndSwap compares before it swaps"},
		"it compares, and swaps later": {methods{swap: (*broken).lookThenSwap}, "one of many replacements wins"},
		"it never swaps": {methods{swap: func(*broken, context.Context, string, *session, *session) (bool, error) {
			return false, nil
		}}, "one of many first sessions wins"},
		"it changes other keys too": {methods{swap: func(b *broken, ctx context.Context, key string, old, next *session) (bool, error) {
			_ = b.Delete(ctx, key+"s")
			return b.MemorySessionStore.CompareAndSwap(ctx, key, old, next)
		}}, "CompareAndSwap changes no other key"},
		"with an ended context, it returns false without an error": {methods{swap: func(b *broken, ctx context.Context, key string, old, next *session) (bool, error) {
			select {
			case <-ctx.Done():
				return false, nil
			default:
			}
			return b.MemorySessionStore.CompareAndSwap(ctx, key, old, next)
		}}, "CompareAndSwap with an ended context"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Contains(t, failing(t, func() func() cometchat.SessionStore {
				b := newBroken(c.store)
				return func() cometchat.SessionStore { return b }
			}), c.found)
		})
	}
	t.Run("each handle has its own sessions", func(t *testing.T) {
		t.Parallel()
		assert.Contains(t, failing(t, func() func() cometchat.SessionStore {
			return func() cometchat.SessionStore { return newBroken(methods{}) }
		}), "all handles see the same sessions")
	})
	t.Run("printing the store prints a session", func(t *testing.T) {
		t.Parallel()
		assert.Equal(t, []string{"printing the store shows no secret"}, failing(t, func() func() cometchat.SessionStore {
			store := &candid{MemorySessionStore: cometchat.NewMemorySessionStore()}
			return func() cometchat.SessionStore { return store }
		}))
	})
}

// keeping returns from Load the same pointer that Save got.
func keeping() methods {
	return methods{
		load: func(b *broken, _ context.Context, key string) (*session, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			if s := b.kept[key]; s != nil {
				return s, nil
			}
			return nil, cometchat.ErrNoSession
		},
		save: func(b *broken, _ context.Context, key string, s *session) error {
			if s == nil {
				return cometchat.ErrMissingParameters
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			b.kept[key] = s
			return nil
		},
	}
}

// wholesale reads all sessions, changes one and writes all back, so that concurrent calls overwrite each other.
func wholesale() methods {
	m := keeping()
	m.save = func(b *broken, _ context.Context, key string, s *session) error {
		if s == nil {
			return cometchat.ErrMissingParameters
		}
		b.mu.Lock()
		all := maps.Clone(b.kept)
		b.mu.Unlock()
		b.waitForAnother()
		all[key] = s
		b.mu.Lock()
		defer b.mu.Unlock()
		b.kept = all
		return nil
	}
	return m
}

func (b *broken) lookThenSwap(ctx context.Context, key string, old, next *session) (bool, error) {
	s, err := b.Load(ctx, key)
	if (old == nil) != errors.Is(err, cometchat.ErrNoSession) || s != nil && s.AuthToken != old.AuthToken {
		return false, nil
	}
	b.waitForAnother()
	if next == nil {
		return true, b.Delete(ctx, key)
	}
	return true, b.Save(ctx, key, next)
}

// waitForAnother gives another goroutine time to call it too.
func (b *broken) waitForAnother() {
	n := b.here.Add(1)
	for range 10_000 {
		if b.here.Load() != n {
			return
		}
		runtime.Gosched()
	}
}

// candid prints the auth token of its last session.
type candid struct {
	*cometchat.MemorySessionStore
	mu   sync.Mutex
	last string
}

func (c *candid) Format(s fmt.State, _ rune) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = s.Write([]byte(c.last))
}

func (c *candid) Save(ctx context.Context, key string, s *session) error {
	if s != nil {
		c.mu.Lock()
		c.last = s.AuthToken
		c.mu.Unlock()
	}
	return c.MemorySessionStore.Save(ctx, key, s)
}

func TestFullHasEverything(t *testing.T) {
	t.Parallel()
	s, other := full(t, "a"), full(t, "b")
	require.Empty(t, difference(s, full(t, "a")))
	assert.NotZero(t, s.User.BlockedByMeAt)
	assert.NotEqual(t, s.AuthToken, s.JWT)
	assert.Equal(t, "the session's AppID", difference(s, other))
	other = full(t, "a")
	other.User.Tags[1] = "x"
	assert.Equal(t, "the session's User's Tags", difference(s, other))
	other.User = nil
	assert.Equal(t, "the session's User", difference(s, other))
}
