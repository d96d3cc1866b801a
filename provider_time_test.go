package cometchat_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTokenProviderAndTime(t *testing.T) {
	t.Parallel()
	// waiting returns a client whose provider takes ten seconds, unless its context ends earlier.
	waiting := func(t *testing.T, opts ...cometchat.Option) (*wire, *cometchat.Client, *atomic.Int32) {
		t.Helper()
		w, ended := newWire(), &atomic.Int32{}
		c := w.loggedIn(t, append(opts, cometchat.WithTokenProvider(func(ctx context.Context) (string, error) {
			select {
			case <-time.After(10 * time.Second):
				return fresh, nil
			case <-ctx.Done():
				ended.Add(1)
				return "", ctx.Err()
			}
		}))...)
		w.revoked(fresh)
		return w, c, ended
	}
	inBubble(t, "a caller that gives up does not end the refresh for the other caller", func(t *testing.T) {
		_, c, ended := waiting(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		hasty := started(func() error { _, err := c.GetUser(ctx, "u9"); return err })
		patient := started(func() error { return getUser(t, c) })
		require.ErrorIs(t, <-hasty, context.DeadlineExceeded, "who started it can leave as well")
		require.NoError(t, <-patient)
		assertToken(t, c, fresh)
		assert.Zero(t, ended.Load())
	})
	inBubble(t, "the provider gets the values of the first caller's context, and the client's timeout", func(t *testing.T) {
		type tenant struct{}
		var value any
		var left time.Duration
		w := newWire()
		c := w.loggedIn(t, cometchat.WithTokenProvider(func(ctx context.Context) (string, error) {
			deadline, _ := ctx.Deadline()
			value, left = ctx.Value(tenant{}), time.Until(deadline)
			return fresh, onNetwork(ctx, 3*time.Second)
		}))
		w.revoked(fresh)
		ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), tenant{}, "first"), time.Second)
		defer cancel()
		hasty := started(func() error { _, err := c.GetUser(ctx, "u9"); return err })
		patient := started(func() error { return getUser(t, c) })
		require.ErrorIs(t, <-hasty, context.DeadlineExceeded)
		require.NoError(t, <-patient, "a caller whose context ends gives up alone")
		assert.Equal(t, "first", value)
		assert.Equal(t, cometchat.DefaultTimeout, left)
	})
	inBubble(t, "the refresh ends with its last caller, and the session stays", func(t *testing.T) {
		_, c, ended := waiting(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.GetUser(ctx, "u9")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		settle()
		assert.EqualValues(t, 1, ended.Load())
		assertToken(t, c, tokenOf(uid1))
	})
	inBubble(t, "the refresh ends with the client's timeout", func(t *testing.T) {
		_, c, ended := waiting(t, cometchat.WithTimeout(5*time.Second))
		took := stopwatch()
		require.ErrorIs(t, getUser(t, c), context.DeadlineExceeded)
		assert.Equal(t, 5*time.Second, took())
		settle()
		assert.EqualValues(t, 1, ended.Load())
	})
	inBubble(t, "Close ends the refresh", func(t *testing.T) {
		w, c, ended := waiting(t)
		call := started(func() error { return getUser(t, c) })
		took := stopwatch()
		require.NoError(t, c.Close())
		require.ErrorIs(t, <-call, cometchat.ErrClosed)
		assert.Zero(t, took())
		settle()
		assert.EqualValues(t, 1, ended.Load())
		assert.Len(t, w.lines(), 1)
	})
	inBubble(t, "Close does not wait for a provider that ignores its context", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t, cometchat.WithTokenProvider(func(context.Context) (string, error) {
			elapse(time.Hour)
			return fresh, nil
		}))
		w.revoked(fresh)
		call := started(func() error { return getUser(t, c) })
		took := stopwatch()
		require.NoError(t, c.Close())
		require.ErrorIs(t, <-call, cometchat.ErrClosed)
		assert.Zero(t, took())
		elapse(2 * time.Hour) // the provider returns
		assert.Len(t, w.lines(), 1)
	})
	inBubble(t, "a logout does not wait for the refresh, which brings no session back", func(t *testing.T) {
		w, c, _ := waiting(t)
		w.answer("DELETE", meURL, 401, tokenGone())
		h := listen(c)
		call := started(func() error { return getUser(t, c) })
		took := stopwatch()
		require.NoError(t, c.Logout(t.Context()))
		assert.Zero(t, took())
		require.ErrorIs(t, <-call, cometchat.ErrAuthTokenNotFound)
		assertUID(t, c, "")
		assert.Equal(t, []string{"logoutSuccess"}, h.take())
	})
	inBubble(t, "the session of a login meanwhile is used", func(t *testing.T) {
		w, c, _ := waiting(t)
		call := started(func() error { return getUser(t, c) })
		w.revoked("newer")
		_, err := c.LoginWithToken(t.Context(), "newer")
		require.NoError(t, err)
		require.NoError(t, <-call)
		assertToken(t, c, "newer")
	})
}

// TestTokenProviderThatCallsTheClient checks that a provider may call the client: the client holds no lock meanwhile.
func TestTokenProviderThatCallsTheClient(t *testing.T) {
	t.Parallel()
	calling := func(t *testing.T, call func(ctx context.Context, c *cometchat.Client) error) (*cometchat.Client, *wire, *error) {
		t.Helper()
		w := newWire()
		var c *cometchat.Client
		var got error
		c = w.loggedIn(t, cometchat.WithTokenProvider(func(ctx context.Context) (string, error) {
			got = call(ctx, c)
			return fresh, nil
		}))
		w.revoked(fresh)
		w.answer("DELETE", meURL, 200, data(object{"success": true}))
		return c, w, &got
	}
	inBubble(t, "with another call, whose token is gone too", func(t *testing.T) {
		c, _, got := calling(t, func(ctx context.Context, c *cometchat.Client) error { _, err := c.GetUser(ctx, "u9"); return err })
		took := stopwatch()
		require.NoError(t, getUser(t, c))
		require.ErrorIs(t, *got, cometchat.ErrAuthTokenNotFound)
		assert.Zero(t, took(), "the provider did not wait for itself")
	})
	inBubble(t, "to log in", func(t *testing.T) {
		c, w, got := calling(t, func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.LoginWithToken(ctx, fresh)
			return err
		})
		require.NoError(t, getUser(t, c))
		require.NoError(t, *got)
		assert.Len(t, w.lines(), 3, "no request follows the provider's login")
	})
	inBubble(t, "to log out", func(t *testing.T) {
		c, _, got := calling(t, func(ctx context.Context, c *cometchat.Client) error { return c.Logout(ctx) })
		require.ErrorIs(t, getUser(t, c), cometchat.ErrAuthTokenNotFound)
		require.NoError(t, *got)
		assertUID(t, c, "")
	})
	inBubble(t, "to close it", func(t *testing.T) {
		c, _, got := calling(t, func(_ context.Context, c *cometchat.Client) error { return c.Close() })
		require.ErrorIs(t, getUser(t, c), cometchat.ErrClosed)
		settle()
		require.NoError(t, *got)
	})
}

// TestTokenProviderWithTheEmulator revokes tokens while calls run. The race detector watches.
func TestTokenProviderWithTheEmulator(t *testing.T) {
	t.Parallel()
	s, store := emulator(t), cometchat.NewMemorySessionStore()
	var wg sync.WaitGroup
	stop := make(chan struct{})
	var revoking sync.WaitGroup
	revoking.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				s.RevokeTokens(uid1)
				runtime.Gosched()
			}
		}
	})
	var worked atomic.Int32
	for range 2 {
		c := emulated(t, s, cometchat.WithSessionStore(store), cometchat.WithTokenProvider(func(context.Context) (string, error) {
			return s.CreateAuthToken(uid1), nil
		}))
		for range 4 {
			wg.Go(func() {
				for range 50 {
					_, err := c.Login(t.Context(), uid1, s.AuthKey)
					if err == nil {
						_, err = c.VerifySession(t.Context())
					}
					if err == nil {
						worked.Add(1)
					} else if !errors.Is(err, cometchat.ErrAuthTokenNotFound) && !errors.Is(err, cometchat.ErrNotLoggedIn) &&
						!strings.Contains(err.Error(), "LOGIN_IN_PROGRESS") {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	close(stop)
	revoking.Wait()
	t.Logf("%d of 400 calls worked", worked.Load())
}
