package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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

const fresh = "fresh-token-of-the-provider"

// revoked makes the server refuse every token of uid1 but this one; "" stands for none.
func (w *wire) revoked(token string) {
	w.onlyWith(token)
	w.RegisterResponder("PUT", meURL, func(r *http.Request) (*http.Response, error) {
		if r.Header.Get("authtoken") != token {
			return httpmock.NewJsonResponse(401, tokenGone())
		}
		answer := meAnswer(uid1)
		answer["authToken"] = token
		return httpmock.NewJsonResponse(200, data(answer))
	})
}

// providing returns a token provider that returns the fresh token, and the number of its calls.
func providing() (cometchat.Option, *atomic.Int32) {
	calls := &atomic.Int32{}
	return cometchat.WithTokenProvider(func(context.Context) (string, error) {
		calls.Add(1)
		return fresh, nil
	}), calls
}

func TestTokenProvider(t *testing.T) {
	t.Parallel()
	bothStores(t, "is asked once for all calls, which are made once more each", func(t *testing.T, store cometchat.SessionStore) {
		w := newWire()
		var calls atomic.Int32
		c := w.loggedIn(t, cometchat.WithSessionStore(store), cometchat.WithTokenProvider(func(context.Context) (string, error) {
			calls.Add(1)
			elapse(time.Second)
			return fresh, nil
		}))
		h := listen(c)
		w.revoked(fresh)
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				_, err := c.GetUser(t.Context(), "u9")
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		assert.EqualValues(t, 1, calls.Load())
		counts := map[string]int{}
		for _, line := range w.lines() {
			counts[line]++
		}
		assert.Equal(t, map[string]int{"GET " + userURL: 128, "PUT " + meURL: 1}, counts)
		assertToken(t, c, fresh)
		assertStored(t, store, fresh)
		assert.Empty(t, h.take(), "the refresh is neither a login nor a logout")
	})
	t.Run("makes every kind of call succeed", func(t *testing.T) {
		t.Parallel()
		for name, call := range map[string]func(c *cometchat.Client) error{
			"GetUser":       func(c *cometchat.Client) error { return getUser(t, c) },
			"VerifySession": func(c *cometchat.Client) error { _, err := c.VerifySession(t.Context()); return err },
			"UpdateCurrentUserDetails": func(c *cometchat.Client) error {
				_, err := c.UpdateCurrentUserDetails(t.Context(), &cometchat.User{Name: "x"})
				return err
			},
		} {
			w := newWire()
			provider, calls := providing()
			c := w.loggedIn(t, provider)
			w.revoked(fresh)
			require.NoError(t, call(c), name)
			assertUID(t, c, uid1)
			assert.EqualValues(t, 1, calls.Load(), name)
		}
	})
	t.Run("is not called while the store has a token that works", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), cometchat.NewMemorySessionStore()
		provider, calls := providing()
		c := w.loggedIn(t, provider, cometchat.WithSessionStore(store))
		w.onlyWith("newer")
		otherProcess(t, store, sessionOf(uid1, "newer"))
		require.NoError(t, getUser(t, c))
		assert.Zero(t, calls.Load())

		w.revoked(fresh)
		otherProcess(t, store, sessionOf(uid1, "newest, and gone"))
		require.NoError(t, getUser(t, c))
		assert.EqualValues(t, 1, calls.Load())
		assertStored(t, store, fresh)
	})
	t.Run("is not called when another process has ended the session", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), cometchat.NewMemorySessionStore()
		provider, calls := providing()
		c := w.loggedIn(t, provider, cometchat.WithSessionStore(store))
		w.revoked(fresh)
		otherProcess(t, store, nil)
		require.ErrorIs(t, getUser(t, c), cometchat.ErrAuthTokenNotFound)
		assert.Zero(t, calls.Load())
		assertUID(t, c, "")
		assertStored(t, store, "")
	})
	t.Run("is called again when its token is gone too", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		token := fresh
		c := w.loggedIn(t, cometchat.WithTokenProvider(func(context.Context) (string, error) { return token, nil }))
		for range 3 {
			token += "+"
			w.revoked(token)
			require.NoError(t, getUser(t, c))
			assertToken(t, c, token)
		}
	})
}

func TestTokenProviderWithoutAUsableToken(t *testing.T) {
	t.Parallel()
	errProvider := errors.New("the backend is down")
	for name, tc := range map[string]struct {
		token string
		err   error
		now   string // the only token that the server knows
		says  string
		uid   string // who is logged in afterwards
	}{
		"it fails":                           {"", errProvider, fresh, "the token provider failed: the backend is down", uid1},
		"it returns the refused token":       {tokenOf(uid1), nil, fresh, "returned the token that was refused", uid1},
		"it returns none":                    {"", nil, fresh, "the auth token of the token provider is missing", uid1},
		"it returns one that cannot be sent": {"a\nb", nil, fresh, "contains a control character", uid1},
		"it returns another refused one":     {fresh, nil, "", "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", ""},
		"it returns another user's":          {tokenOf(uid2), nil, "", "the token provider returned a token of another user", uid1},
		"its token cannot be checked":        {"offline", nil, "", "no network", uid1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, store := newWire(), cometchat.NewMemorySessionStore()
			calls := 0
			c := w.loggedIn(t, once, cometchat.WithSessionStore(store), cometchat.WithTokenProvider(func(context.Context) (string, error) {
				calls++
				return tc.token, tc.err
			}))
			h := listen(c)
			w.onlyWith(tc.now)
			w.RegisterResponder("PUT", meURL, func(r *http.Request) (*http.Response, error) {
				switch r.Header.Get("authtoken") {
				case tokenOf(uid2):
					return respond(200, data(meAnswer(uid2)))(r)
				case "offline":
					return nil, errors.New("no network")
				}
				return respond(401, tokenGone())(r)
			})
			err := getUser(t, c)
			require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound, "the server's refusal comes first")
			require.ErrorContains(t, err, tc.says)
			assert.Equal(t, "GetUser", asError(err).Op)
			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
			}
			assert.Equal(t, 1, calls, "the call asks once")
			assertUID(t, c, tc.uid)
			if tc.uid == "" {
				assertStored(t, store, "")
				assert.Equal(t, []string{"logoutSuccess"}, h.take())
				return
			}
			assertStored(t, store, tokenOf(uid1))
			assert.Empty(t, h.take())
			require.ErrorIs(t, getUser(t, c), cometchat.ErrAuthTokenNotFound)
			if tc.token == "offline" {
				assert.Equal(t, 1, calls, "the next call uses the token")
			} else {
				assert.Equal(t, 2, calls, "the next call asks again")
			}
		})
	}
	t.Run("its token works for PUT /me, but for no other call", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		provider, calls := providing()
		c := w.loggedIn(t, provider)
		h := listen(c)
		w.revoked(fresh)
		w.onlyWith()
		require.ErrorIs(t, getUser(t, c), cometchat.ErrAuthTokenNotFound)
		assert.EqualValues(t, 1, calls.Load())
		assert.Len(t, w.lines(), 3)
		assertUID(t, c, "")
		assert.Equal(t, []string{"logoutSuccess"}, h.take())
	})
	t.Run("its panic reaches the caller, and the client still works", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		broken := true
		c := w.loggedIn(t, cometchat.WithTokenProvider(func(context.Context) (string, error) {
			if broken {
				panic(errProvider)
			}
			return fresh, nil
		}))
		w.revoked(fresh)
		value := recovered(func() { _ = getUser(t, c) })
		err, _ := value.(error)
		require.ErrorIs(t, err, errProvider)
		broken = false
		require.NoError(t, getUser(t, c))
	})
	t.Run("a panic that it recovers from is an error", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		panicking := roundTripper(func(*http.Request) (*http.Response, error) { panic(errProvider) })
		other := newWire().client(t, cometchat.WithHTTPClient(&http.Client{Transport: panicking}))
		c := w.loggedIn(t, cometchat.WithTokenProvider(func(ctx context.Context) (_ string, err error) {
			defer func() {
				if value, ok := recover().(error); ok {
					err = fmt.Errorf("recovered: %w", value)
				}
			}()
			_, err = other.LoginWithToken(ctx, "token")
			return "", err
		}))
		w.revoked(fresh)
		var err error
		require.NotPanics(t, func() { err = getUser(t, c) })
		require.ErrorContains(t, err, "recovered")
		require.ErrorIs(t, err, errProvider)
		assertUID(t, c, uid1)
	})
	t.Run("it ends its goroutine", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		c := w.loggedIn(t, cometchat.WithTokenProvider(func(context.Context) (string, error) {
			runtime.Goexit()
			return "", nil
		}))
		w.revoked(fresh)
		require.ErrorContains(t, getUser(t, c), "ended its goroutine")
		assertUID(t, c, uid1)
	})
	t.Run("the old session stays when the store cannot save the new one", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), newHookedStore()
		provider, _ := providing()
		c := w.loggedIn(t, provider, cometchat.WithSessionStore(store))
		w.revoked(fresh)
		store.save = func(string) error { return errDisk }
		require.ErrorIs(t, getUser(t, c), errDisk)
		assertToken(t, c, tokenOf(uid1))
	})
}

// TestStoreThatChangesDuringARefresh changes the stored session, as another process does, while the client logs in with a fresh
// token.
func TestStoreThatChangesDuringARefresh(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		stored *cometchat.Session
		works  bool
		uid    string
		left   string
	}{
		"the user's new session is used":     {sessionOf(uid1, "newer"), true, uid1, "newer"},
		"after a logout":                     {nil, false, "", ""},
		"another user's session is not used": {sessionOf(uid2, "newer"), false, "", "newer"},
	} {
		bothStores(t, name, func(t *testing.T, store cometchat.SessionStore) {
			w := newWire()
			provider, _ := providing()
			c := w.loggedIn(t, provider, cometchat.WithSessionStore(store))
			w.revoked(fresh)
			w.onlyWith("newer")
			answer := meAnswer(uid1)
			answer["authToken"] = fresh
			w.RegisterResponder("PUT", meURL, slowly(respond(200, data(answer))))
			call := started(func() error { return getUser(t, c) })
			otherProcess(t, store, tc.stored)
			if err := <-call; tc.works {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
				require.ErrorIs(t, err, cometchat.ErrNotLoggedIn)
			}
			assertUID(t, c, tc.uid)
			assertStored(t, store, tc.left)
		})
	}
}
