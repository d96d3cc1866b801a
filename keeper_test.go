package cometchat_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStoreAfterATokenIsGone(t *testing.T) {
	t.Parallel()
	const newer = "newer"
	for name, tc := range map[string]struct {
		stored *cometchat.Session
		works  string // the only token that works
		gone   bool   // the call fails
		uid    string // who is logged in afterwards
		left   string // the token in the store
		calls  int
		events []string
	}{
		"the user's newer token is used":     {sessionOf(uid1, newer), newer, false, uid1, newer, 2, nil},
		"the user's newer token is gone too": {sessionOf(uid1, newer), "", true, "", "", 2, []string{"logoutSuccess"}},
		"another user's token is not used":   {sessionOf(uid2, newer), newer, true, "", newer, 1, []string{"logoutSuccess"}},
		"another process has logged out":     {nil, "", true, "", "", 1, []string{"logoutSuccess"}},
		"the store has the same token":       {sessionOf(uid1, tokenOf(uid1)), "", true, "", "", 1, []string{"logoutSuccess"}},
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
	bothStores(t, "another process has logged in again before the answer comes", func(t *testing.T, store cometchat.SessionStore) {
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
	inBubble(t, "a newer token of this client is used", func(t *testing.T) {
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
	t.Run("the session stays when the store cannot be read, and the next call tries again", func(t *testing.T) {
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
	t.Run("the session ends in this client when the store cannot be written", func(t *testing.T) {
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
	t.Run("a store that changes before the deletion is read again", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), newHookedStore()
		c := w.loggedIn(t, cometchat.WithSessionStore(store))
		w.onlyWith(newer)
		store.remove = func(string) error { // between the Load and the swap
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
		"the store has the same token":                          {sessionOf(uid1, tokenOf(uid1)), bye, nil, 1, ""},
		"a newer token of the user survives":                    {sessionOf(uid1, newer), bye, nil, 1, newer},
		"a newer token is logged out when the client's is gone": {sessionOf(uid1, newer), gone, bye, 2, ""},
		"a newer token that is gone too":                        {sessionOf(uid1, newer), gone, gone, 2, ""},
		"another user's token survives":                         {sessionOf(uid2, newer), gone, nil, 1, newer},
		"the store has none":                                    {nil, gone, nil, 1, ""},
		"the store has the same token, which is gone":           {sessionOf(uid1, tokenOf(uid1)), gone, nil, 1, ""},
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

// deafStore is a store whose Load, while it is deaf, returns only when its context ends.
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

func TestStoreThatDoesNotReturnAfterATokenIsGone(t *testing.T) {
	t.Parallel()
	deaf := func(t *testing.T, w *wire, opts ...cometchat.Option) *cometchat.Client {
		t.Helper()
		store := &deafStore{MemorySessionStore: cometchat.NewMemorySessionStore()}
		c := w.loggedIn(t, append(opts, cometchat.WithSessionStore(store))...)
		w.onlyWith()
		store.deaf.Store(true)
		return c
	}
	inBubble(t, "delays a call no longer than its context lasts", func(t *testing.T) {
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
	inBubble(t, "delays a call no longer than the client's timeout", func(t *testing.T) {
		w := newWire()
		c := deaf(t, w, cometchat.WithTimeout(15*time.Second))
		w.RegisterResponder("GET", userURL, slowly(respond(401, tokenGone())))
		took := stopwatch()
		require.ErrorIs(t, getUser(t, c), cometchat.ErrAuthTokenNotFound)
		assert.Equal(t, 15*time.Second, took())
	})
	inBubble(t, "delays a call no longer than until Close", func(t *testing.T) {
		c := deaf(t, newWire())
		call := started(func() error { return getUser(t, c) })
		took := stopwatch()
		require.NoError(t, c.Close())
		require.ErrorIs(t, <-call, cometchat.ErrClosed)
		assert.Zero(t, took())
	})
}

// TestEndOfASessionOutlivesItsCall checks that an ended session is deleted although the context of the call has ended.
func TestEndOfASessionOutlivesItsCall(t *testing.T) {
	t.Parallel()
	w, store := newWire(), newHookedStore()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := w.loggedIn(t, cometchat.WithSessionStore(store))
	w.onlyWith()
	loads := 0
	store.load = func(string) error {
		if loads++; loads == 1 { // the first Load looks for another token; the deletion follows, and would fail with an ended context
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
			require.NoError(t, err, "the server has confirmed the session")
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
	t.Run("keeps the session when offline, with a token provider and without", func(t *testing.T) {
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

// TestManyProcessesOnOneStore has separate clients log two users in and out of one store. No login returns the other user. The race
// detector watches.
func TestManyProcessesOnOneStore(t *testing.T) {
	if testing.Short() {
		t.Skip("it has many clients share a store")
	}
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
