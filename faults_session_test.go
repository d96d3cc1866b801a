package cometchat_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sabotage makes one call go wrong of those that the SDK makes to the user's code: store, transport, provider, listeners.
type sabotage struct {
	do        func(context.Context) error
	countdown atomic.Int32           // the call that brings it to zero goes wrong
	hit       atomic.Pointer[string] // the kind of call that went wrong; nil before
}

func (m *sabotage) strikes(ctx context.Context, what string) error {
	if m.countdown.Add(-1) != 0 {
		return nil
	}
	m.hit.Store(&what)
	return m.do(ctx)
}

// sabotagedStore cannot compare and swap; sabotagedSharedStore can.
type sabotagedStore struct {
	store *cometchat.MemorySessionStore
	*sabotage
}

func (u sabotagedStore) Load(ctx context.Context, key string) (*cometchat.Session, error) {
	if err := u.strikes(ctx, "load"); err != nil {
		return nil, err
	}
	return u.store.Load(ctx, key)
}

func (u sabotagedStore) Save(ctx context.Context, key string, s *cometchat.Session) error {
	if err := u.strikes(ctx, "save"); err != nil {
		return err
	}
	return u.store.Save(ctx, key, s)
}

func (u sabotagedStore) Delete(ctx context.Context, key string) error {
	if err := u.strikes(ctx, "delete"); err != nil {
		return err
	}
	return u.store.Delete(ctx, key)
}

type sabotagedSharedStore struct{ sabotagedStore }

func (u sabotagedSharedStore) CompareAndSwap(ctx context.Context, key string, old, next *cometchat.Session) (bool, error) {
	what := "save"
	if next == nil {
		what = "delete"
	}
	if err := u.strikes(ctx, what); err != nil {
		return false, err
	}
	return u.store.CompareAndSwap(ctx, key, old, next)
}

// knows makes the server accept these tokens only. The map has the uid of each token.
func (w *wire) knows(uids map[string]string) {
	answer := func(body func(token, uid string) object) httpmock.Responder {
		return func(r *http.Request) (*http.Response, error) {
			token := r.Header.Get("authtoken")
			if uid, ok := uids[token]; ok {
				return httpmock.NewJsonResponse(200, data(body(token, uid)))
			}
			return httpmock.NewJsonResponse(401, tokenGone())
		}
	}
	w.RegisterResponder("GET", userURL, answer(func(string, string) object { return user("u9") }))
	w.RegisterResponder("DELETE", meURL, answer(func(string, string) object { return object{"success": true} }))
	w.RegisterResponder("PUT", meURL, answer(func(token, uid string) object {
		me := meAnswer(uid)
		me["authToken"] = token
		return me
	}))
}

// TestOneThingGoesWrong makes each call to a store, transport, provider or listener go wrong in each way, one call per run. It
// checks that the SDK's call ends in time, that the client and the store agree afterwards, and that the client still works.
func TestOneThingGoesWrong(t *testing.T) {
	if testing.Short() {
		t.Skip("it breaks each step of each call")
	}
	t.Parallel()
	all := map[string]string{tokenOf(uid1): uid1, tokenOf(uid2): uid2, fresh: uid1}
	ways := map[string]func(context.Context) error{
		"an error":               func(context.Context) error { return errDisk },
		"a panic":                func(context.Context) error { panic(errDisk) },
		"the end of a goroutine": func(context.Context) error { runtime.Goexit(); return nil },
		"no answer in good time": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
	}
	for way, do := range ways {
		for name, script := range map[string]struct {
			knows map[string]string
			call  func(context.Context, *cometchat.Client) error
		}{
			"a login": {all, func(ctx context.Context, c *cometchat.Client) error {
				_, err := c.Login(ctx, uid2, authKey)
				return err
			}},
			"a logout": {all, func(ctx context.Context, c *cometchat.Client) error { return c.Logout(ctx) }},
			"VerifySession": {all, func(ctx context.Context, c *cometchat.Client) error {
				_, err := c.VerifySession(ctx)
				return err
			}},
			"a call whose token is gone": {map[string]string{fresh: uid1}, func(ctx context.Context, c *cometchat.Client) error {
				_, err := c.GetUser(ctx, "u9")
				return err
			}},
			"a call whose every token is gone": {nil, func(ctx context.Context, c *cometchat.Client) error {
				_, err := c.GetUser(ctx, "u9")
				return err
			}},
		} {
			for i, kind := range []string{"shared store and provider", "shared store", "store and provider", "store"} {
				inBubble(t, fmt.Sprintf("%s: %s, with a %s", name, way, kind), func(t *testing.T) {
					for after := int32(1); ; after++ {
						m := &sabotage{do: do}
						oneThingGoesWrong(t, m, after, i < 2, i%2 == 0, script.call, script.knows, all)
						if m.hit.Load() == nil {
							assert.Greater(t, after, int32(2))
							return // there are no more calls
						}
					}
				})
			}
		}
	}
}

func oneThingGoesWrong(t *testing.T, m *sabotage, after int32, shared, provider bool,
	call func(context.Context, *cometchat.Client) error, known, all map[string]string,
) {
	t.Helper()
	w, memory := newWire(), cometchat.NewMemorySessionStore()
	var store cometchat.SessionStore = sabotagedStore{memory, m}
	if shared {
		store = sabotagedSharedStore{sabotagedStore{memory, m}}
	}
	transport := roundTripper(func(r *http.Request) (*http.Response, error) {
		if err := m.strikes(r.Context(), "send"); err != nil {
			return nil, err
		}
		return w.RoundTrip(r)
	})
	opts := []cometchat.Option{once, cometchat.WithSessionStore(store), cometchat.WithHTTPClient(&http.Client{Transport: transport})}
	if provider {
		opts = append(opts, cometchat.WithTokenProvider(func(ctx context.Context) (string, error) {
			return fresh, m.strikes(ctx, "provide")
		}))
	}
	c := w.loggedIn(t, opts...)
	brief, cancel := context.WithCancel(t.Context())
	cancel() // a listener has no context; without this, "no answer in good time" would last for ever
	told := func() { _ = m.strikes(brief, "tell") }
	c.AddLoginListener("sabotaged", cometchat.LoginListener{
		LoginSuccess: func(*cometchat.User) { told() }, LoginFailure: func(error) { told() },
		LogoutSuccess: told, LogoutFailure: func(error) { told() },
	})
	w.knows(known)

	m.countdown.Store(after)
	took := stopwatch()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() { _ = recover() }()
		_ = call(t.Context(), c)
	}()
	<-ended
	assert.LessOrEqual(t, took(), cometchat.DefaultTimeout)
	elapse(cometchat.DefaultTimeout) // a deletion may go on for this long after its call
	settle()
	m.countdown.Store(-1)
	met := "nothing"
	if what := m.hit.Load(); what != nil {
		met = *what
	}

	// A session of the client is in the store too. The store alone has a session only if deleting it failed.
	here, err := c.GetLoggedinUser(t.Context())
	require.NoError(t, err)
	there, err := memory.Load(t.Context(), sessionKey)
	switch {
	case here != nil:
		require.NoError(t, err, "call %d, %s: logged in and not stored", after, met)
		assert.Equal(t, here.UID, there.User.UID)
		assertToken(t, c, there.AuthToken)
	case err == nil && shared:
		assert.Equal(t, "delete", met, "call %d: stored and not logged in", after)
	case err == nil: // before deleting, the client loads the session to compare it
		assert.Contains(t, []string{"delete", "load"}, met, "call %d: stored and not logged in", after)
	}

	w.knows(all)
	took = stopwatch()
	_, err = c.Login(t.Context(), uid2, authKey)
	require.NoError(t, err, "call %d, %s", after, met)
	require.NoError(t, getUser(t, c))
	_, err = c.VerifySession(t.Context())
	require.NoError(t, err)
	require.NoError(t, c.Logout(t.Context()))
	assertUID(t, c, "")
	_, err = c.Login(t.Context(), uid1, authKey)
	require.NoError(t, err)
	assert.Zero(t, took())
	require.NoError(t, c.Close())
}
