package cometchat_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ensure is EnsureLoggedIn without its user.
func ensure(t *testing.T, c *cometchat.Client) error {
	t.Helper()
	_, err := c.EnsureLoggedIn(t.Context())
	return err
}

func TestEnsureLoggedIn(t *testing.T) {
	t.Parallel()
	bothStores(t, "logs in with a token of the provider, once for all callers", func(t *testing.T, store cometchat.SessionStore) {
		w := newWire()
		w.revoked(fresh)
		var calls atomic.Int32
		c := w.client(t, cometchat.WithSessionStore(store), cometchat.WithTokenProvider(func(context.Context) (string, error) {
			calls.Add(1)
			elapse(time.Second)
			return fresh, nil
		}))
		h := listen(c)
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				u, err := c.EnsureLoggedIn(t.Context())
				if assert.NoError(t, err) {
					u.Tags[0] = "mine" // the race detector reports it if two callers share the user
				}
			})
		}
		wg.Wait()
		assert.EqualValues(t, 1, calls.Load())
		assert.Equal(t, []string{"PUT " + meURL}, w.lines())
		assertToken(t, c, fresh)
		assertStored(t, store, fresh)
		assert.Equal(t, []string{"loginSuccess " + uid1}, h.take())

		u, err := c.EnsureLoggedIn(t.Context())
		require.NoError(t, err)
		assert.Equal(t, uid1, u.UID)
		assert.EqualValues(t, 1, calls.Load())
		assert.Empty(t, w.lines(), "with a session it makes no request")
		assert.Empty(t, h.take(), "nobody has logged in")
	})
	t.Run("uses the session of the store", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), cometchat.NewMemorySessionStore()
		otherProcess(t, store, sessionOf(uid1, "stored"))
		provider, calls := providing()
		c := w.client(t, provider, cometchat.WithSessionStore(store))
		h := listen(c)
		require.NoError(t, ensure(t, c))
		assertToken(t, c, "stored")
		assert.Empty(t, h.take(), "the user was logged in from the start")
		assert.Zero(t, calls.Load())
		assert.Empty(t, w.lines())
	})
	t.Run("uses a session that another client has stored since", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), cometchat.NewMemorySessionStore()
		provider, calls := providing()
		for name, c := range map[string]*cometchat.Client{
			"with a provider":    w.client(t, provider, cometchat.WithSessionStore(store)),
			"without a provider": w.client(t, cometchat.WithSessionStore(store)),
		} {
			otherProcess(t, store, nil)
			assertUID(t, c, "")
			h := listen(c)
			otherProcess(t, store, sessionOf(uid1, "stored"))
			require.NoError(t, ensure(t, c), name)
			assertToken(t, c, "stored")
			assert.Equal(t, []string{"loginSuccess " + uid1}, h.take(), name)
		}
		assert.Zero(t, calls.Load())
		assert.Empty(t, w.lines())
	})
	inBubble(t, "uses a session that another client stores while the provider runs", func(t *testing.T) {
		w, store := newWire(), cometchat.NewMemorySessionStore()
		c := w.client(t, cometchat.WithSessionStore(store), cometchat.WithTokenProvider(func(context.Context) (string, error) {
			elapse(time.Second)
			return fresh, nil
		}))
		call := started(func() error { return ensure(t, c) })
		otherProcess(t, store, sessionOf(uid1, "stored"))
		require.NoError(t, <-call)
		assertToken(t, c, "stored")
		assert.Empty(t, w.lines())
	})
	t.Run("does not bring back a session that has ended here", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), newHookedStore()
		provider, _ := providing()
		c := w.loggedIn(t, provider, cometchat.WithSessionStore(store))
		w.answer("DELETE", meURL, 200, data(object{"success": true}))
		store.remove = func(string) error { return errDisk }
		require.ErrorIs(t, c.Logout(t.Context()), errDisk)
		w.revoked(fresh)
		require.NoError(t, ensure(t, c))
		assertToken(t, c, fresh)
	})
}

func TestEnsureLoggedInWithoutAProvider(t *testing.T) {
	t.Parallel()
	w := newWire()
	for option, c := range map[string]*cometchat.Client{"WithTokenProvider": w.client(t), "WithPoolTokenProvider": w.pool(t).Client("one")} {
		h := listen(c)
		err := ensure(t, c)
		require.ErrorIs(t, err, cometchat.ErrNotLoggedIn)
		require.ErrorContains(t, err, "call Login or LoginWithToken first, or give a token provider with "+option)
		assert.Empty(t, h.take(), "no login was tried")
	}
	provider, _ := providing()
	c := w.client(t, provider)
	_, token := c.AuthToken(t.Context())
	_, info := c.SessionInfo(t.Context())
	for _, err := range []error{getUser(t, c), token, info} {
		require.ErrorIs(t, err, cometchat.ErrNotLoggedIn)
		require.ErrorContains(t, err, "call EnsureLoggedIn first")
	}
	assert.Empty(t, w.lines())
}

func TestEnsureLoggedInFails(t *testing.T) {
	t.Parallel()
	limited := &cometchat.Error{Code: "BUSY", Message: "later", RetryAfter: time.Minute}
	for name, tc := range map[string]struct {
		token  string
		err    error
		code   string
		says   string
		unused bool
	}{
		"the provider fails":                     {"", errDisk, "ERR_TOKEN_PROVIDER", "the token provider failed: the disk is on fire", false},
		"the provider has to wait":               {"", limited, "ERR_TOKEN_PROVIDER", "retry after 1m0s", false},
		"the provider returns none":              {"", nil, "ERR_TOKEN_PROVIDER", "the auth token of the token provider is missing", false},
		"the provider's token cannot be sent":    {"a\nb", nil, "ERR_TOKEN_PROVIDER", "contains a control character", false},
		"the server does not know the token":     {fresh, nil, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", "the token provider returned this token", false},
		"the server cannot be asked":             {"offline", nil, "FAILED_TO_FETCH", "no network", true},
		"the store cannot be written afterwards": {tokenOf(uid1), nil, "ERR_SESSION_STORE", "could not write the session", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, store := newWire(), newHookedStore()
			store.save = func(key string) error {
				if key == sessionKey {
					return errDisk
				}
				return nil
			}
			w.RegisterResponder("PUT", meURL, httpmock.NewErrorResponder(errors.New("no network")))
			if tc.token != "offline" {
				w.loginWorks(uid1)
			}
			calls := 0
			c := w.client(t, once, cometchat.WithSessionStore(store), cometchat.WithTokenProvider(func(context.Context) (string, error) {
				calls++
				return tc.token, tc.err
			}))
			h := listen(c)
			err := ensure(t, c)
			require.ErrorContains(t, err, tc.says)
			e := asError(err)
			assert.Equal(t, tc.code, e.Code)
			assert.Equal(t, "EnsureLoggedIn", e.Op)
			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
			}
			if errors.Is(tc.err, limited) {
				assert.Equal(t, time.Minute, e.RetryAfter)
			}
			assert.Equal(t, []string{"loginFailure " + tc.code}, h.take())
			assert.Equal(t, 1, calls)
			assertUID(t, c, "")
			assertStored(t, store, "")
			require.Error(t, ensure(t, c))
			if tc.unused {
				assert.Equal(t, 1, calls, "the next call uses the token")
			} else {
				assert.Equal(t, 2, calls, "the next call asks again")
			}
		})
	}
	t.Run("the store cannot be read", func(t *testing.T) {
		t.Parallel()
		store := newHookedStore()
		provider, calls := providing()
		c := newWire().client(t, provider, cometchat.WithSessionStore(store))
		assertUID(t, c, "")
		store.load = func(string) error { return errDisk }
		h := listen(c)
		require.ErrorIs(t, ensure(t, c), errDisk)
		assert.Equal(t, []string{"loginFailure ERR_SESSION_STORE"}, h.take())
		assert.Zero(t, calls.Load(), "somebody may be logged in")
	})
	t.Run("the provider panics, or ends its goroutine", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		w.revoked(fresh)
		provide := func() (string, error) { panic(errDisk) }
		c := w.client(t, cometchat.WithTokenProvider(func(context.Context) (string, error) { return provide() }))
		err, _ := recovered(func() { _ = ensure(t, c) }).(error)
		require.ErrorIs(t, err, errDisk)
		provide = func() (string, error) { runtime.Goexit(); return "", nil }
		require.ErrorContains(t, ensure(t, c), "the token provider ended its goroutine")
		provide = func() (string, error) { return fresh, nil }
		require.NoError(t, ensure(t, c), "the client still works")
	})
}

func TestEnsureLoggedInAndTime(t *testing.T) {
	t.Parallel()
	// waiting returns a client whose provider takes ten seconds, unless its context ends earlier.
	waiting := func(t *testing.T, opts ...cometchat.Option) (*wire, *cometchat.Client) {
		t.Helper()
		w := newWire()
		w.revoked(fresh)
		return w, w.client(t, append(opts, cometchat.WithTokenProvider(func(ctx context.Context) (string, error) {
			return fresh, onNetwork(ctx, 10*time.Second)
		}))...)
	}
	inBubble(t, "a caller that gives up does not end the login for the other caller", func(t *testing.T) {
		_, c := waiting(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		hasty := started(func() error { _, err := c.EnsureLoggedIn(ctx); return err })
		patient := started(func() error { return ensure(t, c) })
		require.ErrorIs(t, <-hasty, context.DeadlineExceeded)
		require.NoError(t, <-patient)
		assertToken(t, c, fresh)
	})
	inBubble(t, "the login ends with its last caller", func(t *testing.T) {
		w, c := waiting(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.EnsureLoggedIn(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		_, err = c.EnsureLoggedIn(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded, "a context that has ended already")
		elapse(time.Minute)
		assert.Empty(t, w.lines())
		assertUID(t, c, "")
	})
	inBubble(t, "the login ends with the client's timeout", func(t *testing.T) {
		_, c := waiting(t, cometchat.WithTimeout(5*time.Second))
		took := stopwatch()
		require.ErrorIs(t, ensure(t, c), context.DeadlineExceeded)
		assert.Equal(t, 5*time.Second, took())
	})
	inBubble(t, "Close ends the login", func(t *testing.T) {
		w, c := waiting(t)
		call := started(func() error { return ensure(t, c) })
		took := stopwatch()
		require.NoError(t, c.Close())
		require.ErrorIs(t, <-call, cometchat.ErrClosed)
		assert.Zero(t, took())
		assert.Empty(t, w.lines())
	})
	inBubble(t, "another login at the same time fails, and so does EnsureLoggedIn during a login", func(t *testing.T) {
		w, c := waiting(t)
		call := started(func() error { return ensure(t, c) })
		_, err := c.LoginWithToken(t.Context(), fresh)
		require.ErrorIs(t, err, cometchat.ErrLoginInProgress)
		require.NoError(t, <-call)

		nobody := w.client(t)
		w.RegisterResponder("PUT", meURL, slowly(respond(200, data(meAnswer(uid1)))))
		login := started(func() error { _, err := nobody.LoginWithToken(t.Context(), tokenOf(uid1)); return err })
		require.ErrorIs(t, ensure(t, nobody), cometchat.ErrLoginInProgress)
		require.NoError(t, <-login)
	})
	inBubble(t, "a logout does not wait for the provider", func(t *testing.T) {
		_, c := waiting(t)
		call := started(func() error { return ensure(t, c) })
		took := stopwatch()
		require.ErrorIs(t, c.Logout(t.Context()), cometchat.ErrNotLoggedIn)
		assert.Zero(t, took())
		require.NoError(t, <-call)
	})
	inBubble(t, "a provider that makes the call does not wait for itself", func(t *testing.T) {
		w := newWire()
		w.revoked(fresh)
		var c *cometchat.Client
		var inner error
		c = w.client(t, cometchat.WithTokenProvider(func(ctx context.Context) (string, error) {
			_, inner = c.EnsureLoggedIn(ctx)
			return fresh, nil
		}))
		took := stopwatch()
		require.NoError(t, ensure(t, c))
		require.ErrorIs(t, inner, cometchat.ErrNotLoggedIn)
		require.ErrorContains(t, inner, "cannot wait for the login")
		assert.Zero(t, took())
	})
}

// TestEnsureLoggedInWithTheEmulator logs in and out and revokes tokens at the same time. The race detector watches.
func TestEnsureLoggedInWithTheEmulator(t *testing.T) {
	t.Parallel()
	s, store := emulator(t), cometchat.NewMemorySessionStore()
	var wg sync.WaitGroup
	for range 2 {
		c := emulated(t, s, cometchat.WithSessionStore(store), cometchat.WithTokenProvider(func(context.Context) (string, error) {
			return s.CreateAuthToken(uid1), nil
		}))
		for i := range 4 {
			wg.Go(func() {
				for range 25 {
					err := ensure(t, c)
					if i == 0 {
						s.RevokeTokens(uid1)
					} else if i == 1 && err == nil {
						err = c.Logout(t.Context())
					}
					if err != nil && !errors.Is(err, cometchat.ErrAuthTokenNotFound) && !errors.Is(err, cometchat.ErrNotLoggedIn) {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	c := emulated(t, s, cometchat.WithSessionStore(store), cometchat.WithTokenProvider(func(context.Context) (string, error) {
		return s.CreateAuthToken(uid1), nil
	}))
	require.NoError(t, ensure(t, c))
	require.NoError(t, c.Do(t.Context(), "GET", "/users/"+uid2, nil, nil))
}
