package cometchat_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	sessionKey = appID + "/session"
	userURL    = clientHost + "/users/u9"
)

// plainStore is a store that cannot compare and swap.
type plainStore struct{ cometchat.SessionStore }

// bothStores runs a subtest on fake time twice: with a store that can compare and swap, and with a store that cannot.
func bothStores(t *testing.T, name string, test func(t *testing.T, store cometchat.SessionStore)) {
	t.Helper()
	inBubble(t, name, func(t *testing.T) { test(t, cometchat.NewMemorySessionStore()) })
	inBubble(t, name+", in a store that cannot swap", func(t *testing.T) {
		test(t, plainStore{cometchat.NewMemorySessionStore()})
	})
}

// sessionOf returns a session as another process would store it.
func sessionOf(uid, token string) *cometchat.Session {
	return &cometchat.Session{AppID: appID, DeviceID: "d", AuthToken: token, User: &cometchat.User{UID: uid}}
}

// otherProcess replaces the stored session, as another process would; nil deletes it.
func otherProcess(t *testing.T, store cometchat.SessionStore, s *cometchat.Session) {
	t.Helper()
	if s == nil {
		require.NoError(t, store.Delete(t.Context(), sessionKey))
		return
	}
	require.NoError(t, store.Save(t.Context(), sessionKey, s))
}

// assertStored asserts which token the store has; "" stands for no session.
func assertStored(t *testing.T, store cometchat.SessionStore, token string) {
	t.Helper()
	s, err := store.Load(t.Context(), sessionKey)
	if token == "" {
		require.ErrorIs(t, err, cometchat.ErrNoSession)
		return
	}
	require.NoError(t, err)
	assert.Equal(t, token, s.AuthToken)
}

func assertToken(t *testing.T, c *cometchat.Client, token string) {
	t.Helper()
	got, err := c.AuthToken(context.Background())
	require.NoError(t, err)
	assert.Equal(t, token, got)
}

// onlyWith makes GET /users/u9 succeed with these tokens only.
func (w *wire) onlyWith(tokens ...string) {
	w.RegisterResponder("GET", userURL, func(r *http.Request) (*http.Response, error) {
		for _, token := range tokens {
			if r.Header.Get("authtoken") == token {
				return httpmock.NewJsonResponse(200, data(user("u9")))
			}
		}
		return httpmock.NewJsonResponse(401, tokenGone())
	})
}

func getUser(t *testing.T, c *cometchat.Client) error {
	t.Helper()
	_, err := c.GetUser(t.Context(), "u9")
	return err
}

func TestLoginFindsTheSessionOfAnotherProcess(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		stored *cometchat.Session
		login  func(context.Context, *cometchat.Client) (*cometchat.User, error)
		token  string
		lines  int
	}{
		"the same user's": {sessionOf(uid2, "other"), loginUID2, "other", 0},
		"in capitals":     {sessionOf("COMETCHAT-uid-2", "other"), loginUID2, "other", 0},
		"the token's own": {sessionOf(uid2, tokenOf(uid2)), func(ctx context.Context, c *cometchat.Client) (*cometchat.User, error) {
			return c.LoginWithToken(ctx, tokenOf(uid2))
		}, tokenOf(uid2), 0},
		"of the same user, with another token": {sessionOf(uid2, "other"), func(ctx context.Context, c *cometchat.Client) (*cometchat.User, error) {
			return c.LoginWithToken(ctx, tokenOf(uid2))
		}, tokenOf(uid2), 1},
		"another user's": {sessionOf("u9", "other"), loginUID2, tokenOf(uid2), 2},
		"nobody's":       {nil, loginUID2, tokenOf(uid2), 2},
	} {
		for _, before := range []string{"logged in as somebody else", "logged out"} {
			bothStores(t, name+", "+before, func(t *testing.T, store cometchat.SessionStore) {
				w := newWire()
				w.loginWorks(uid1, uid2)
				c := w.client(t, cometchat.WithSessionStore(store))
				assertUID(t, c, "")
				if before != "logged out" {
					_, err := c.Login(t.Context(), uid1, authKey)
					require.NoError(t, err)
				}
				h := listen(c)
				w.requests()
				otherProcess(t, store, tc.stored)
				u, err := tc.login(t.Context(), c)
				require.NoError(t, err)
				assert.Len(t, w.lines(), tc.lines)
				assertToken(t, c, tc.token)
				assertStored(t, store, tc.token)
				assert.Equal(t, []string{"loginSuccess " + u.UID}, h.take())
			})
		}
	}
}

func loginUID2(ctx context.Context, c *cometchat.Client) (*cometchat.User, error) {
	return c.Login(ctx, uid2, authKey)
}

// TestLoginAfterAFailedDeletion checks that a login does not use an ended session that the store could not delete.
func TestLoginAfterAFailedDeletion(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(w *wire, c *cometchat.Client) error{
		"after a logout": func(_ *wire, c *cometchat.Client) error { return c.Logout(context.Background()) },
		"after the server refused the token": func(w *wire, c *cometchat.Client) error {
			w.onlyWith()
			_, err := c.GetUser(context.Background(), "u9")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, store := newWire(), newHookedStore()
			c := w.loggedIn(t, cometchat.WithSessionStore(store))
			w.answer("DELETE", meURL, 200, data(object{"success": true}))
			store.remove = func(string) error { return errDisk }
			require.ErrorIs(t, end(w, c), errDisk)
			assertUID(t, c, "")
			assertStored(t, store, tokenOf(uid1))
			w.requests()
			_, err := c.Login(t.Context(), uid1, authKey)
			require.NoError(t, err)
			assert.Len(t, w.lines(), 2)
		})
	}
}

// TestTwoProcessesLogTheSameUserIn checks that both processes make their requests, and that both use the session stored first.
func TestTwoProcessesLogTheSameUserIn(t *testing.T) {
	t.Parallel()
	bothStores(t, "at once", func(t *testing.T, store cometchat.SessionStore) {
		w := newWire()
		w.loginWorks(uid1)
		var minted atomic.Int32
		w.RegisterResponder("POST", tokensURL(uid1), func(r *http.Request) (*http.Response, error) {
			token := []string{"", "first", "second"}[minted.Add(1)]
			elapse(time.Duration(minted.Load()) * time.Second)
			return respond(200, data(object{"uid": uid1, "authToken": token}))(r)
		})
		me := func(r *http.Request) (*http.Response, error) {
			answer := meAnswer(uid1)
			answer["authToken"] = r.Header.Get("authtoken")
			return respond(200, data(answer))(r)
		}
		w.RegisterResponder("PUT", meURL, me)
		a, b := w.client(t, cometchat.WithSessionStore(store)), w.client(t, cometchat.WithSessionStore(store))
		eventsOfB := listen(b)
		first := started(func() error { _, err := a.Login(t.Context(), uid1, authKey); return err })
		second := started(func() error { _, err := b.Login(t.Context(), uid1, authKey); return err })
		require.NoError(t, <-first)
		require.NoError(t, <-second)
		assertToken(t, a, "first")
		assertToken(t, b, "first")
		assertStored(t, store, "first")
		assert.Equal(t, []string{"loginSuccess " + uid1}, eventsOfB.take())
	})
	bothStores(t, "while a third process logs another user in", func(t *testing.T, store cometchat.SessionStore) {
		w := newWire()
		w.loginWorks(uid1)
		w.RegisterResponder("POST", tokensURL(uid1), slowly(minted(uid1)))
		c := w.client(t, cometchat.WithSessionStore(store))
		login := started(func() error { _, err := c.Login(t.Context(), uid1, authKey); return err })
		otherProcess(t, store, sessionOf(uid2, "other"))
		require.NoError(t, <-login)
		assertToken(t, c, tokenOf(uid1))
		assertStored(t, store, tokenOf(uid1))
	})
	bothStores(t, "while one of them logs out", func(t *testing.T, store cometchat.SessionStore) {
		w := newWire()
		w.loginWorks(uid1, uid2)
		w.answer("DELETE", meURL, 200, data(object{"success": true}))
		a := w.client(t, cometchat.WithSessionStore(store))
		_, err := a.Login(t.Context(), uid2, authKey)
		require.NoError(t, err)
		w.RegisterResponder("POST", tokensURL(uid1), slowly(minted(uid1)))
		b := w.client(t, cometchat.WithSessionStore(store))
		login := started(func() error { _, err := b.Login(t.Context(), uid1, authKey); return err })
		require.NoError(t, a.Logout(t.Context()))
		require.NoError(t, <-login)
		assertUID(t, a, "")
		assertUID(t, b, uid1)
		assertStored(t, store, tokenOf(uid1))
	})
	t.Run("into a store that changes all the time", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		c := w.client(t, cometchat.WithSessionStore(restlessStore{cometchat.NewMemorySessionStore()}))
		w.loginWorks(uid1)
		_, err := c.LoginWithToken(t.Context(), tokenOf(uid1))
		require.ErrorContains(t, err, "other clients change it all the time")
		assertUID(t, c, "")
	})
}

// restlessStore is a store in which another process is always faster.
type restlessStore struct{ *cometchat.MemorySessionStore }

func (r restlessStore) CompareAndSwap(ctx context.Context, key string, old, next *cometchat.Session) (bool, error) {
	if next == nil || next.AuthToken != "" {
		return false, nil
	}
	return r.MemorySessionStore.CompareAndSwap(ctx, key, old, next)
}

func TestOneDeviceIDForAllClientsOfAStore(t *testing.T) {
	t.Parallel()
	t.Run("that log in at once", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), cometchat.NewMemorySessionStore()
		w.loginWorks(uid1, uid2)
		var wg sync.WaitGroup
		for i := range 16 {
			c := w.client(t, cometchat.WithSessionStore(store))
			wg.Go(func() {
				_, err := c.Login(t.Context(), []string{uid1, uid2}[i%2], authKey)
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		ids := map[string]bool{}
		for _, r := range w.requests() {
			ids[assertLoginBody(t, r)] = true
		}
		assert.Len(t, ids, 1)
	})
	t.Run("when another process stores its device id first", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), newHookedStore()
		w.loginWorks(uid1)
		store.save = func(key string) error { // between the Load and the swap
			if key == appID+"/device" {
				return store.MemorySessionStore.Save(t.Context(), key, &cometchat.Session{AppID: appID, DeviceID: "theirs"})
			}
			return nil
		}
		_, err := w.client(t, cometchat.WithSessionStore(store)).Login(t.Context(), uid1, authKey)
		require.NoError(t, err)
		for _, r := range w.requests() {
			assert.Equal(t, "theirs", decoded(t, r.Body)["deviceId"])
		}
	})
}
