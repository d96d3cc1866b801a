package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTransitionsDoNotInterleave(t *testing.T) {
	t.Parallel()
	inBubble(t, "a logout waits for the login, a login for the logout", func(t *testing.T) {
		w := newWire()
		w.loginWorks(uid1, uid2)
		w.RegisterResponder("POST", tokensURL(uid1), slowly(minted(uid1)))
		w.RegisterResponder("DELETE", meURL, slowly(respond(200, data(object{"success": true}))))
		c := w.client(t)
		h := listen(c)
		login := started(func() error { _, err := c.Login(t.Context(), uid1, authKey); return err })
		logout := started(func() error { return c.Logout(t.Context()) })
		elapse(15 * time.Second) // now the login has ended, and the logout has not
		assertUID(t, c, uid1)
		_, err := c.Login(t.Context(), uid1, authKey)
		require.NoError(t, err)
		require.NoError(t, <-login)
		require.NoError(t, <-logout)
		assertUID(t, c, uid1)
		assert.Equal(t, []string{
			"POST " + tokensURL(uid1), "PUT " + meURL, "DELETE " + meURL, "POST " + tokensURL(uid1), "PUT " + meURL,
		}, w.lines(), "a login during the logout does not return the session that ends")
		assert.Equal(t, []string{"loginSuccess " + uid1, "logoutSuccess", "loginSuccess " + uid1}, h.take())
	})
	inBubble(t, "a logout that gives up waiting for a login leaves it alone", func(t *testing.T) {
		w := newWire()
		w.loginWorks(uid1)
		w.RegisterResponder("POST", tokensURL(uid1), slowly(minted(uid1)))
		c := w.client(t)
		login := started(func() error { _, err := c.Login(t.Context(), uid1, authKey); return err })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, c.Logout(ctx), context.DeadlineExceeded)
		require.NoError(t, <-login)
		assertUID(t, c, uid1)
	})
	inBubble(t, "a logout with an ended context clears the session", func(t *testing.T) {
		w := newWire()
		store := newHookedStore() // fails to delete when the context has ended
		c := w.loggedIn(t, cometchat.WithSessionStore(store))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, c.Logout(ctx), context.Canceled)
		assertUID(t, c, "")
		_, err := store.MemorySessionStore.Load(t.Context(), appID+"/session")
		require.ErrorIs(t, err, cometchat.ErrNoSession)
	})
	inBubble(t, "the second of two logouts at once finds nobody logged in", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t)
		w.RegisterResponder("DELETE", meURL, slowly(respond(200, data(object{"success": true}))))
		errs := make(chan error, 2)
		for range 2 {
			go func() { errs <- c.Logout(t.Context()) }()
		}
		first, second := <-errs, <-errs
		if first != nil { // the logout that came second has returned first
			first, second = second, first
		}
		require.NoError(t, first)
		require.ErrorIs(t, second, cometchat.ErrNotLoggedIn)
		assert.Len(t, w.lines(), 1)
	})
}

func TestLateAnswers(t *testing.T) {
	t.Parallel()
	userURL := clientHost + "/users/u9"
	for name, mint := range map[string]httpmock.Responder{
		"do not end a newer session":                          minted(uid2),
		"during a login do not end the session that it makes": slowly(minted(uid2)),
	} {
		inBubble(t, name, func(t *testing.T) {
			w := newWire()
			c := w.loggedIn(t)
			h := listen(c)
			w.RegisterResponder("GET", userURL, respond(401, tokenGone()).Delay(5*time.Second))
			w.RegisterResponder("POST", tokensURL(uid2), mint)
			late := started(func() error { _, err := c.GetUser(t.Context(), "u9"); return err })
			_, err := c.Login(t.Context(), uid2, authKey)
			require.NoError(t, err)
			require.ErrorIs(t, <-late, cometchat.ErrAuthTokenNotFound)
			assertUID(t, c, uid2)
			assert.Equal(t, []string{"loginSuccess " + uid2}, h.take())
		})
	}
	inBubble(t, "end their own session once, however many there are", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t)
		h := listen(c)
		w.RegisterResponder("GET", userURL, slowly(respond(401, tokenGone())))
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				_, err := c.GetUser(t.Context(), "u9")
				assert.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
			})
		}
		wg.Wait()
		assertUID(t, c, "")
		assert.Equal(t, []string{"logoutSuccess"}, h.take())
	})
	for name, begin := range map[string]func(context.Context, *cometchat.Client) error{
		"do not replace a newer answer": func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.UpdateCurrentUserDetails(ctx, &cometchat.User{Name: "one"})
			return err
		},
		"to VerifySession do not replace a newer answer": func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.VerifySession(ctx)
			return err
		},
	} {
		inBubble(t, name, func(t *testing.T) {
			w := newWire()
			store := cometchat.NewMemorySessionStore()
			c := w.loggedIn(t, cometchat.WithSessionStore(store))
			named := func(name string) httpmock.Responder {
				answer := meAnswer(uid1)
				answer["name"] = name
				return respond(200, data(answer))
			}
			w.RegisterResponder("PUT", meURL, slowly(named("one")))
			late := started(func() error { return begin(t.Context(), c) })
			w.RegisterResponder("PUT", meURL, named("two"))
			_, err := c.UpdateCurrentUserDetails(t.Context(), &cometchat.User{Name: "two"})
			require.NoError(t, err)
			require.NoError(t, <-late)
			u, err := c.GetLoggedinUser(t.Context())
			require.NoError(t, err)
			assert.Equal(t, "two", u.Name)
			s, err := store.Load(t.Context(), sessionKey)
			require.NoError(t, err)
			assert.Equal(t, "two", s.User.Name)
		})
	}
	inBubble(t, "do not replace that of a newer login with the same token", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t)
		old := meAnswer(uid1)
		old["name"] = "old"
		w.RegisterResponder("PUT", meURL, slowly(respond(200, data(old))))
		late := started(func() error { _, err := c.VerifySession(t.Context()); return err })
		w.loginWorks(uid1, uid2)
		for _, uid := range []string{uid2, uid1} {
			_, err := c.LoginWithToken(t.Context(), tokenOf(uid))
			require.NoError(t, err)
		}
		require.NoError(t, <-late)
		u, err := c.GetLoggedinUser(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "Name "+uid1, u.Name)
	})
	inBubble(t, "about a user do not change another user's session", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t)
		w.RegisterResponder("PUT", meURL, slowly(respond(200, data(meAnswer(uid1)))))
		late := started(func() error { _, err := c.VerifySession(t.Context()); return err })
		w.RegisterResponder("PUT", meURL, respond(200, data(meAnswer(uid2))))
		_, err := c.LoginWithToken(t.Context(), tokenOf(uid2))
		require.NoError(t, err)
		require.NoError(t, <-late)
		assertUID(t, c, uid2)
	})
}

// TestManyGoroutinesOnOneClient calls one client from many goroutines. No call returns a user that has not logged in. The race
// detector watches.
func TestManyGoroutinesOnOneClient(t *testing.T) {
	if testing.Short() {
		t.Skip("it is for the race detector")
	}
	t.Parallel()
	const goroutines = 64
	rounds := int64(1024)
	if *full {
		rounds = 8192
	}
	s := emulator(t)
	c := emulated(t, s)
	h := listen(c)
	known := map[string]bool{}
	uids := make([]string, 4)
	for i := range uids {
		uids[i] = fmt.Sprintf("cometchat-uid-%d", i+1)
		known[uids[i]] = true
	}
	// fine reports whether a call succeeded, and fails the test for any error but these.
	fine := func(err error, ways ...error) bool {
		if err != nil && !slices.ContainsFunc(ways, func(way error) bool { return errors.Is(err, way) }) {
			t.Errorf("unexpected: %v", err)
		}
		return err == nil
	}
	var left atomic.Int64
	left.Store(rounds)
	var logins, reads, logouts atomic.Int64
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				u, err := c.Login(t.Context(), uids[g%len(uids)], s.AuthKey)
				if fine(err, cometchat.ErrLoginInProgress) {
					logins.Add(1)
					assert.Equal(t, uids[g%len(uids)], u.UID)
				}
				u, err = c.GetLoggedinUser(t.Context())
				if fine(err) && u != nil {
					reads.Add(1)
					assert.True(t, known[u.UID], u.UID)
				}
				_, err = c.GetUser(t.Context(), uids[0])
				fine(err, cometchat.ErrNotLoggedIn, cometchat.ErrAuthTokenNotFound)
				if fine(c.Logout(t.Context()), cometchat.ErrNotLoggedIn) {
					logouts.Add(1)
				}
			}
		})
	}
	wg.Wait()
	events := h.take()
	t.Logf("%d rounds: %d logins, %d reads of a user, %d logouts, %d events",
		rounds, logins.Load(), reads.Load(), logouts.Load(), len(events))
	for i, event := range events {
		if event == "logoutSuccess" && (i == 0 || events[i-1] == event) {
			t.Fatalf("event %d: a logout without a login", i)
		}
	}
	assert.Positive(t, logins.Load())
	assert.Positive(t, logouts.Load())
	assertUID(t, c, "")
}
