package cometchat_test

import (
	"context"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestIdenticalLoginsShareOneFlight(t *testing.T) {
	t.Parallel()
	inBubble(t, "and each caller gets a user of its own", func(t *testing.T) {
		w := newWire()
		w.loginWorks(uid1)
		w.RegisterResponder("POST", tokensURL(uid1), slowly(minted(uid1)))
		c := w.client(t)
		h := listen(c)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				u, err := c.Login(t.Context(), uid1, authKey)
				if assert.NoError(t, err) {
					u.Tags[0] = "mine" // the race detector reports it if two callers share the user
				}
			})
		}
		wg.Wait()
		assert.Equal(t, []string{"POST " + tokensURL(uid1), "PUT " + meURL}, w.lines())
		assert.Equal(t, []string{"loginSuccess " + uid1}, h.take())
	})
	inBubble(t, "and its failure", func(t *testing.T) {
		w := newWire()
		w.RegisterResponder("POST", tokensURL(uid1), slowly(respond(404, refusal("ERR_UID_NOT_FOUND", "no"))))
		c := w.client(t)
		h := listen(c)
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				_, err := c.Login(t.Context(), uid1, authKey)
				assert.ErrorIs(t, err, cometchat.ErrUIDNotFound)
			})
		}
		wg.Wait()
		assert.Len(t, w.lines(), 1)
		assert.Equal(t, []string{"loginFailure ERR_UID_NOT_FOUND"}, h.take())
	})
	inBubble(t, "but not with another key for the same uid", func(t *testing.T) {
		w := newWire()
		w.loginWorks(uid1)
		w.RegisterResponder("POST", tokensURL(uid1), slowly(minted(uid1)))
		c := w.client(t)
		login := started(func() error { _, err := c.Login(t.Context(), uid1, authKey); return err })
		_, err := c.Login(t.Context(), uid1, "another key")
		require.ErrorIs(t, err, cometchat.ErrLoginInProgress)
		_, err = c.LoginWithToken(t.Context(), tokenOf(uid1))
		require.ErrorIs(t, err, cometchat.ErrLoginInProgress)
		require.NoError(t, <-login)
	})
}

func TestCallerThatGivesUp(t *testing.T) {
	t.Parallel()
	inBubble(t, "does not end the login for the remaining callers", func(t *testing.T) {
		w := newWire()
		w.loginWorks(uid1)
		w.RegisterResponder("POST", tokensURL(uid1), slowly(minted(uid1)))
		c := w.client(t)
		first, cancel := context.WithCancel(t.Context())
		gaveUp, stayed := make(chan error, 1), make(chan error, 1)
		go func() {
			_, err := c.Login(first, uid1, authKey)
			gaveUp <- err
		}()
		settle()
		go func() {
			_, err := c.Login(t.Context(), uid1, authKey)
			stayed <- err
		}()
		settle()
		cancel()
		require.ErrorIs(t, <-gaveUp, context.Canceled, "the first caller may give up too")
		require.NoError(t, <-stayed)
		assert.Len(t, w.lines(), 2)
		assertUID(t, c, uid1)
	})
	inBubble(t, "ends the login when there is no other caller", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t)
		w.RegisterResponder("POST", tokensURL(uid2), slowly(minted(uid2)))
		h := listen(c)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Login(ctx, uid2, authKey)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Contains(t, err.Error(), "gave up waiting")
		settle()
		assert.Equal(t, []string{"POST " + tokensURL(uid2)}, w.lines())
		assertUID(t, c, uid1)
		assert.Equal(t, []string{"loginFailure "}, h.take())
	})
	inBubble(t, "does not block the next login", func(t *testing.T) {
		w := newWire()
		w.loginWorks(uid1, uid2)
		w.RegisterResponder("POST", tokensURL(uid1), slowly(minted(uid1)))
		c := w.client(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Login(ctx, uid1, authKey)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		_, err = c.Login(t.Context(), uid2, authKey)
		require.NoError(t, err)
		assertUID(t, c, uid2)
	})
	t.Run("before the login begins sends nothing", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		c := w.client(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := c.Login(ctx, uid1, authKey)
		require.ErrorIs(t, err, context.Canceled)
		assert.NotNil(t, asError(err))
		assert.Empty(t, w.lines())
	})
	inBubble(t, "before the session is stored leaves no session", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		accepted := respond(200, data(meAnswer(uid1)))
		deaf := roundTripper(func(r *http.Request) (*http.Response, error) { // ignores the end of the context
			cancel()
			elapse(time.Second)
			return accepted(r)
		})
		c := newWire().client(t, cometchat.WithHTTPClient(&http.Client{Transport: deaf}))
		h := listen(c)
		_, err := c.LoginWithToken(ctx, tokenOf(uid1))
		require.ErrorIs(t, err, context.Canceled)
		elapse(time.Minute)
		assertUID(t, c, "")
		assert.Equal(t, []string{"loginFailure "}, h.take())
	})
}

func TestDeadlineOfASharedLogin(t *testing.T) {
	t.Parallel()
	limited := respond(429, refusal("ERR_TOO_MANY_REQUESTS", "slow down")).HeaderSet(http.Header{"Retry-After": {"20"}})
	inBubble(t, "is the latest deadline of its callers", func(t *testing.T) {
		w := newWire()
		w.loginWorks(uid1)
		w.RegisterResponder("POST", tokensURL(uid1), limited.Delay(time.Second).Then(minted(uid1)))
		c := w.client(t)
		patient := make(chan error, 1)
		go func() {
			elapse(time.Millisecond)
			_, err := c.Login(t.Context(), uid1, authKey)
			patient <- err
		}()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := c.Login(ctx, uid1, authKey)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NoError(t, <-patient)
	})
	for name, opts := range map[string][]cometchat.Option{
		"makes a login fail at once that the server would let in too late":        nil,
		"makes a login fail at once that the client's own limit lets in too late": {cometchat.WithRequestRate(1, 20*time.Second)},
	} {
		inBubble(t, name, func(t *testing.T) {
			w := newWire()
			w.loginWorks(uid1)
			if opts == nil {
				w.RegisterResponder("POST", tokensURL(uid1), limited)
			}
			c := w.client(t, opts...)
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			took := stopwatch()
			_, err := c.Login(ctx, uid1, authKey)
			require.ErrorIs(t, err, cometchat.ErrTooManyRequests)
			assert.Equal(t, 20*time.Second, asError(err).RetryAfter)
			assert.Zero(t, took())
		})
	}
	inBubble(t, "is not the deadline of a caller in the context that a store gets", func(t *testing.T) {
		w := newWire()
		w.loginWorks(uid1)
		c := w.client(t, cometchat.WithSessionStore(networkStore{cometchat.NewMemorySessionStore()}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		hasty := started(func() error { _, err := c.Login(ctx, uid1, authKey); return err })
		patient := started(func() error { _, err := c.Login(t.Context(), uid1, authKey); return err })
		require.ErrorIs(t, <-hasty, context.DeadlineExceeded)
		require.NoError(t, <-patient, "a caller whose context ends does not end the login for the other caller")
	})
	inBubble(t, "is never more than the client's timeout", func(t *testing.T) {
		w := newWire()
		w.RegisterResponder("POST", tokensURL(uid1), limited.Delay(time.Second))
		c := w.client(t, cometchat.WithTimeout(10*time.Second))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		took := stopwatch()
		_, err := c.Login(ctx, uid1, authKey)
		require.ErrorIs(t, err, cometchat.ErrTooManyRequests)
		assert.Equal(t, time.Second, took())
	})
}

// networkStore takes three seconds to load.
type networkStore struct{ cometchat.SharedSessionStore }

func (n networkStore) Load(ctx context.Context, key string) (*cometchat.Session, error) {
	if err := onNetwork(ctx, 3*time.Second); err != nil {
		return nil, err
	}
	return n.SharedSessionStore.Load(ctx, key)
}

// onNetwork waits as a network connection does, which gets the deadline of the context once, at its start.
func onNetwork(ctx context.Context, takes time.Duration) error {
	limit := time.Hour
	if deadline, ok := ctx.Deadline(); ok {
		limit = time.Until(deadline)
	}
	select {
	case <-time.After(takes):
		return nil
	case <-time.After(limit):
		return context.DeadlineExceeded
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestLoginAfterLogoutIsANewLogin checks that no call joins a login that has ended.
func TestLoginAfterLogoutIsANewLogin(t *testing.T) {
	t.Parallel()
	accepted := func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodDelete {
			return respond(200, data(object{"success": true}))(r)
		}
		return respond(200, data(meAnswer(uid1)))(r)
	}
	c := newWire().client(t, cometchat.WithHTTPClient(&http.Client{Transport: roundTripper(accepted)}))
	rounds := 500
	if *full {
		rounds = 3000
	}
	for range rounds {
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = c.LoginWithToken(t.Context(), tokenOf(uid1)) })
		wg.Go(func() {
			for range 50 {
				if c.Logout(t.Context()) == nil {
					if _, err := c.LoginWithToken(t.Context(), tokenOf(uid1)); err != nil {
						t.Error(err)
					}
					assertUID(t, c, uid1)
					return
				}
				runtime.Gosched()
			}
		})
		wg.Wait()
		_ = c.Logout(t.Context())
	}
}

func TestLoginThatGivesUpTooLate(t *testing.T) {
	t.Parallel()
	inBubble(t, "succeeds when only a listener is still running", func(t *testing.T) {
		w := newWire()
		w.loginWorks(uid1)
		c := w.client(t)
		c.AddLoginListener("slow", cometchat.LoginListener{LoginSuccess: func(*cometchat.User) { elapse(2 * time.Second) }})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		u, err := c.Login(ctx, uid1, authKey)
		require.NoError(t, err)
		assert.Equal(t, uid1, u.UID)
		assertUID(t, c, uid1)
		elapse(time.Minute)
	})
	inBubble(t, "succeeds when the session is being stored", func(t *testing.T) {
		w := newWire()
		w.loginWorks(uid1)
		store := &slowStore{cometchat.NewMemorySessionStore()}
		c := w.client(t, cometchat.WithSessionStore(store))
		h := listen(c)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Login(ctx, uid1, authKey)
		require.NoError(t, err)
		_, err = store.Load(t.Context(), appID+"/session")
		require.NoError(t, err)
		assertUID(t, c, uid1)
		elapse(time.Second)
		assert.Equal(t, []string{"loginSuccess " + uid1}, h.take())
	})
}

// slowStore saves a session and takes ten seconds for it. It fails when its context ends, although the session is saved.
type slowStore struct{ *cometchat.MemorySessionStore }

func (s *slowStore) Save(ctx context.Context, key string, session *cometchat.Session) error {
	return s.slowly(ctx, session, s.MemorySessionStore.Save(ctx, key, session))
}

func (s *slowStore) CompareAndSwap(ctx context.Context, key string, old, next *cometchat.Session) (bool, error) {
	swapped, err := s.MemorySessionStore.CompareAndSwap(ctx, key, old, next)
	return swapped, s.slowly(ctx, next, err)
}

func (s *slowStore) slowly(ctx context.Context, session *cometchat.Session, err error) error {
	if err != nil || session.AuthToken == "" {
		return err
	}
	select {
	case <-time.After(10 * time.Second):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestUIDsThatAreEqualOnlyByUnicodeFolding(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.loginWorks("sam")
	c := w.client(t)
	_, err := c.Login(t.Context(), "sam", authKey)
	require.NoError(t, err)
	answer := meAnswer("\u017fam")
	answer["authToken"] = tokenOf("other") // a token is ASCII
	w.answer("POST", adminHost+"/users/%C5%BFam/auth_tokens", 200, data(answer))
	w.answer("PUT", meURL, 200, data(answer))
	u, err := c.Login(t.Context(), "\u017fam", authKey)
	require.NoError(t, err)
	assert.Equal(t, "\u017fam", u.UID)
}
