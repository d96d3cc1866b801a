package cometchat_test

import (
	"context"
	"errors"
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

// bothStores runs a test with clients that share a store which can compare and swap, and with one which cannot.
func bothStores(t *testing.T, name string, test func(t *testing.T, store cometchat.SessionStore)) {
	t.Helper()
	inBubble(t, name, func(t *testing.T) { test(t, cometchat.NewMemorySessionStore()) })
	inBubble(t, name+", in a store that cannot swap", func(t *testing.T) {
		test(t, plainStore{cometchat.NewMemorySessionStore()})
	})
}

// sessionOf is a session as another process would have stored it.
func sessionOf(uid, token string) *cometchat.Session {
	return &cometchat.Session{AppID: appID, DeviceID: "d", AuthToken: token, User: &cometchat.User{UID: uid}}
}

// otherProcess stores a session, or nothing, in place of whatever is there.
func otherProcess(t *testing.T, store cometchat.SessionStore, s *cometchat.Session) {
	t.Helper()
	if s == nil {
		require.NoError(t, store.Delete(t.Context(), sessionKey))
		return
	}
	require.NoError(t, store.Save(t.Context(), sessionKey, s))
}

// assertStored asserts which token the store has; "" is none.
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

// onlyWith has the server know a user u9, to whoever comes with this token.
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
		"the very token's": {sessionOf(uid2, tokenOf(uid2)), func(ctx context.Context, c *cometchat.Client) (*cometchat.User, error) {
			return c.LoginWithToken(ctx, tokenOf(uid2))
		}, tokenOf(uid2), 0},
		"another token of the user's": {sessionOf(uid2, "other"), func(ctx context.Context, c *cometchat.Client) (*cometchat.User, error) {
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

// TestLoginAfterAnEndThatTheStoreHasNotKept: the session is still in there, and is not to be logged in with.
func TestLoginAfterAnEndThatTheStoreHasNotKept(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(w *wire, c *cometchat.Client) error{
		"by a logout": func(_ *wire, c *cometchat.Client) error { return c.Logout(context.Background()) },
		"by the server's word": func(w *wire, c *cometchat.Client) error {
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

// TestTwoProcessesLogTheSameUserIn: both make their requests, and the session of whoever is first is the one for both.
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
		heardOfB := listen(b)
		first := started(func() error { _, err := a.Login(t.Context(), uid1, authKey); return err })
		second := started(func() error { _, err := b.Login(t.Context(), uid1, authKey); return err })
		require.NoError(t, <-first)
		require.NoError(t, <-second)
		assertToken(t, a, "first")
		assertToken(t, b, "first")
		assertStored(t, store, "first")
		assert.Equal(t, []string{"loginSuccess " + uid1}, heardOfB.take())
	})
	bothStores(t, "and another user in between", func(t *testing.T, store cometchat.SessionStore) {
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
	bothStores(t, "and one logs out meanwhile", func(t *testing.T, store cometchat.SessionStore) {
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
	t.Run("and a store in which nothing stays", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		c := w.client(t, cometchat.WithSessionStore(restlessStore{cometchat.NewMemorySessionStore()}))
		w.loginWorks(uid1)
		_, err := c.LoginWithToken(t.Context(), tokenOf(uid1))
		require.ErrorContains(t, err, "other clients change it all the time")
		assertUID(t, c, "")
	})
}

// restlessStore is one in which somebody is always faster.
type restlessStore struct{ *cometchat.MemorySessionStore }

func (r restlessStore) CompareAndSwap(ctx context.Context, key string, old, next *cometchat.Session) (bool, error) {
	if next == nil || next.AuthToken != "" {
		return false, nil
	}
	return r.MemorySessionStore.CompareAndSwap(ctx, key, old, next)
}

func TestOneDeviceIDHoweverManyMakeIt(t *testing.T) {
	t.Parallel()
	t.Run("clients of one store", func(t *testing.T) {
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
	t.Run("one comes second", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), newHookedStore()
		w.loginWorks(uid1)
		store.save = func(key string) error { // between looking and swapping
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

func TestTokenThatIsGoneIsLookedForInTheStore(t *testing.T) {
	t.Parallel()
	const newer = "newer"
	for name, tc := range map[string]struct {
		stored *cometchat.Session
		works  string // the token that does
		gone   bool   // the call fails
		uid    string // who is logged in afterwards
		left   string // the token in the store
		calls  int
		events []string
	}{
		"the user's newer one is used":               {sessionOf(uid1, newer), newer, false, uid1, newer, 2, nil},
		"the user's newer one is gone as well":       {sessionOf(uid1, newer), "", true, "", "", 2, []string{"logoutSuccess"}},
		"another user's is not used":                 {sessionOf(uid2, newer), newer, true, "", newer, 1, []string{"logoutSuccess"}},
		"none is there, as of a logout elsewhere":    {nil, "", true, "", "", 1, []string{"logoutSuccess"}},
		"the same is there, and the session is over": {sessionOf(uid1, tokenOf(uid1)), "", true, "", "", 1, []string{"logoutSuccess"}},
	} {
		bothStores(t, name, func(t *testing.T, store cometchat.SessionStore) {
			w := newWire()
			c := w.loggedIn(t, cometchat.WithSessionStore(store))
			h := listen(c)
			w.onlyWith(tc.works)
			otherProcess(t, store, tc.stored)
			err := getUser(t, c)
			if tc.gone {
				require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
			} else {
				require.NoError(t, err)
			}
			assert.Len(t, w.lines(), tc.calls)
			assertUID(t, c, tc.uid)
			assertStored(t, store, tc.left)
			assert.Equal(t, tc.events, h.take())
		})
	}
	bothStores(t, "that comes late, when another process has logged in again", func(t *testing.T, store cometchat.SessionStore) {
		w := newWire()
		c := w.loggedIn(t, cometchat.WithSessionStore(store))
		w.RegisterResponder("GET", userURL, slowly(respond(401, tokenGone())))
		late := started(func() error { return getUser(t, c) })
		otherProcess(t, store, sessionOf(uid1, newer))
		w.onlyWith(newer)
		require.NoError(t, <-late)
		assertToken(t, c, newer)
		assertStored(t, store, newer)
	})
	inBubble(t, "and a newer one of this client's own is used as well", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t)
		w.RegisterResponder("GET", userURL, slowly(respond(401, tokenGone())).Then(respond(200, data(user("u9")))))
		late := started(func() error { return getUser(t, c) })
		answer := meAnswer(uid1)
		answer["authToken"] = newer
		w.answer("PUT", meURL, 200, data(answer))
		_, err := c.LoginWithToken(t.Context(), newer)
		require.NoError(t, err)
		require.NoError(t, <-late)
	})
	t.Run("and when the store cannot be read, the session stays for the next call to find out", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), newHookedStore()
		c := w.loggedIn(t, cometchat.WithSessionStore(store))
		h := listen(c)
		w.onlyWith(newer)
		store.load = func(string) error { return errDisk }
		err := getUser(t, c)
		require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
		require.ErrorIs(t, err, errDisk)
		assertUID(t, c, uid1)
		store.load = func(string) error { return nil }
		require.NoError(t, store.Save(t.Context(), sessionKey, sessionOf(uid1, newer)))
		require.NoError(t, getUser(t, c))
		assert.Empty(t, h.take())
	})
	t.Run("and when it cannot be written, the session ends here", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), newHookedStore()
		c := w.loggedIn(t, cometchat.WithSessionStore(store))
		h := listen(c)
		w.onlyWith()
		store.remove = func(string) error { return errDisk }
		require.ErrorIs(t, getUser(t, c), errDisk)
		assertUID(t, c, "")
		assert.Equal(t, []string{"logoutSuccess"}, h.take())
	})
	t.Run("again if the store changes in between", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), newHookedStore()
		c := w.loggedIn(t, cometchat.WithSessionStore(store))
		w.onlyWith(newer)
		store.remove = func(string) error { // between looking and swapping
			return store.MemorySessionStore.Save(t.Context(), sessionKey, sessionOf(uid1, newer))
		}
		require.NoError(t, getUser(t, c))
		assertToken(t, c, newer)
	})
}

func TestLogoutOfASharedSession(t *testing.T) {
	t.Parallel()
	const newer = "newer"
	bye := respond(200, data(object{"success": true}))
	gone := respond(401, tokenGone())
	for name, tc := range map[string]struct {
		stored        *cometchat.Session
		first, second httpmock.Responder
		calls         int
		left          string
	}{
		"the same is there":                            {sessionOf(uid1, tokenOf(uid1)), bye, nil, 1, ""},
		"a newer one of the user's survives":           {sessionOf(uid1, newer), bye, nil, 1, newer},
		"unless it is what the user has now":           {sessionOf(uid1, newer), gone, bye, 2, ""},
		"even if that is gone too":                     {sessionOf(uid1, newer), gone, gone, 2, ""},
		"another user's survives":                      {sessionOf(uid2, newer), gone, nil, 1, newer},
		"none is there":                                {nil, gone, nil, 1, ""},
		"the same is there, and the server knows none": {sessionOf(uid1, tokenOf(uid1)), gone, nil, 1, ""},
	} {
		bothStores(t, name, func(t *testing.T, store cometchat.SessionStore) {
			w := newWire()
			c := w.loggedIn(t, cometchat.WithSessionStore(store))
			h := listen(c)
			answer := tc.first
			if tc.second != nil {
				answer = answer.Then(tc.second)
			}
			w.RegisterResponder("DELETE", meURL, answer)
			otherProcess(t, store, tc.stored)
			require.NoError(t, c.Logout(t.Context()))
			assert.Len(t, w.lines(), tc.calls)
			assertUID(t, c, "")
			assertStored(t, store, tc.left)
			assert.Equal(t, []string{"logoutSuccess"}, h.take())
		})
	}
}

// deafStore answers no Load before its context ends, while it is deaf.
type deafStore struct {
	*cometchat.MemorySessionStore
	deaf atomic.Bool
}

func (d *deafStore) Load(ctx context.Context, key string) (*cometchat.Session, error) {
	if d.deaf.Load() {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return d.MemorySessionStore.Load(ctx, key)
}

func TestStoreThatDoesNotAnswerWhenATokenIsGone(t *testing.T) {
	t.Parallel()
	deaf := func(t *testing.T, w *wire, opts ...cometchat.Option) *cometchat.Client {
		t.Helper()
		store := &deafStore{MemorySessionStore: cometchat.NewMemorySessionStore()}
		c := w.loggedIn(t, append(opts, cometchat.WithSessionStore(store))...)
		w.onlyWith()
		store.deaf.Store(true)
		return c
	}
	inBubble(t, "keeps a call no longer than its context", func(t *testing.T) {
		c := deaf(t, newWire())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		took := stopwatch()
		_, err := c.GetUser(ctx, "u9")
		assert.Equal(t, time.Second, took())
		require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assertUID(t, c, uid1)
	})
	inBubble(t, "nor longer than the client's timeout", func(t *testing.T) {
		w := newWire()
		c := deaf(t, w, cometchat.WithTimeout(15*time.Second))
		w.RegisterResponder("GET", userURL, slowly(respond(401, tokenGone())))
		took := stopwatch()
		require.ErrorIs(t, getUser(t, c), cometchat.ErrAuthTokenNotFound)
		assert.Equal(t, 15*time.Second, took())
	})
	inBubble(t, "nor past Close", func(t *testing.T) {
		c := deaf(t, newWire())
		call := started(func() error { return getUser(t, c) })
		took := stopwatch()
		require.NoError(t, c.Close())
		require.ErrorIs(t, <-call, cometchat.ErrClosed)
		assert.Zero(t, took())
	})
}

// TestEndOfASessionOutlivesItsCall: the session that is over is deleted although the call's context has ended.
func TestEndOfASessionOutlivesItsCall(t *testing.T) {
	t.Parallel()
	w, store := newWire(), newHookedStore()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := w.loggedIn(t, cometchat.WithSessionStore(store))
	w.onlyWith()
	loads := 0
	store.load = func(string) error {
		if loads++; loads == 1 { // the look for another token; the deletion is next, and fails with a context that has ended
			cancel()
		}
		return nil
	}
	_, err := c.GetUser(ctx, "u9")
	require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
	assertUID(t, c, "")
	assertStored(t, store.MemorySessionStore, "")
}

func TestVerifySession(t *testing.T) {
	t.Parallel()
	bothStores(t, "keeps the user and the time", func(t *testing.T, store cometchat.SessionStore) {
		w := newWire()
		c := w.loggedIn(t, cometchat.WithSessionStore(store))
		login, err := store.Load(t.Context(), sessionKey)
		require.NoError(t, err)
		assert.Equal(t, login.CreatedAt, login.VerifiedAt)
		elapse(time.Hour)
		changed := meAnswer(uid1)
		changed["name"] = "Renamed"
		w.answer("PUT", meURL, 200, data(changed))
		_, err = c.VerifySession(t.Context())
		require.NoError(t, err)
		s, err := store.Load(t.Context(), sessionKey)
		require.NoError(t, err)
		assert.Equal(t, "Renamed", s.User.Name)
		assert.Equal(t, login.CreatedAt, s.CreatedAt)
		assert.Equal(t, time.Hour, s.VerifiedAt.Sub(login.VerifiedAt))
	})
	bothStores(t, "leaves a newer session in the store alone", func(t *testing.T, store cometchat.SessionStore) {
		w := newWire()
		c := w.loggedIn(t, cometchat.WithSessionStore(store))
		for _, theirs := range []*cometchat.Session{sessionOf(uid1, "newer"), sessionOf(uid2, "newer")} {
			otherProcess(t, store, theirs)
			_, err := c.VerifySession(t.Context())
			require.NoError(t, err, "the server has confirmed this one")
			assertToken(t, c, tokenOf(uid1))
			assertStored(t, store, "newer")
		}
		otherProcess(t, store, nil)
		_, err := c.UpdateCurrentUserDetails(t.Context(), &cometchat.User{Name: "x"})
		require.NoError(t, err)
		assertStored(t, store, "")
	})
	t.Run("fails when the user cannot be stored", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), newHookedStore()
		c := w.loggedIn(t, cometchat.WithSessionStore(store))
		store.save = func(string) error { return errDisk }
		_, err := c.VerifySession(t.Context())
		require.ErrorIs(t, err, errDisk)
		assertUID(t, c, uid1)
	})
	t.Run("keeps the session when offline, provider or not", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		c := w.loggedIn(t, once, cometchat.WithTokenProvider(func(context.Context) (string, error) {
			return "", errors.New("not to be asked")
		}))
		h := listen(c)
		w.RegisterResponder("PUT", meURL, httpmock.NewErrorResponder(errors.New("no network")))
		_, err := c.VerifySession(t.Context())
		require.ErrorContains(t, err, "no network")
		assertUID(t, c, uid1)
		assert.Empty(t, h.take())
	})
}

// TestManyProcessesOnOneStore is for the race detector: clients that know nothing of each other log two users in and out
// of one store, and no call finds a session that is not one of theirs.
func TestManyProcessesOnOneStore(t *testing.T) {
	t.Parallel()
	s, store := emulator(t), cometchat.NewMemorySessionStore()
	rounds := 20
	if *full {
		rounds = 100
	}
	var wg sync.WaitGroup
	for i := range 8 {
		c := emulated(t, s, cometchat.WithSessionStore(store))
		wg.Go(func() {
			for range rounds {
				uid := []string{uid1, uid2}[i%2]
				u, err := c.Login(t.Context(), uid, s.AuthKey)
				if assert.NoError(t, err) {
					assert.Equal(t, uid, u.UID)
				}
				if _, err = c.GetUser(t.Context(), uid1); err != nil && !errors.Is(err, cometchat.ErrAuthTokenNotFound) {
					t.Error(err)
				}
				if err := c.Logout(t.Context()); err != nil && !errors.Is(err, cometchat.ErrNotLoggedIn) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
