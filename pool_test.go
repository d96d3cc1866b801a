package cometchat_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pool returns a pool whose requests this wire answers. It is closed at the end of the test.
func (w *wire) pool(t *testing.T, opts ...cometchat.Option) *cometchat.Pool {
	t.Helper()
	p, err := cometchat.NewPool(appID, append([]cometchat.Option{
		cometchat.WithRegion("us"), cometchat.WithHTTPClient(&http.Client{Transport: w}),
	}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, p.Close()) })
	return p
}

func TestPoolHasOneClientAKey(t *testing.T) {
	t.Parallel()
	p := newWire().pool(t)
	assert.NotSame(t, p.Client("a"), p.Client("b"))
	var clients [64]*cometchat.Client
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			for range 1000 {
				c := p.Client(fmt.Sprint(i % 4))
				if clients[i] == nil {
					clients[i] = c
				}
				if clients[i] != c {
					t.Error("another client for the same key")
					return
				}
			}
		})
	}
	wg.Wait()
	for i, c := range clients {
		assert.Same(t, clients[i%4], c)
	}
}

func TestPoolKeepsSessionsApart(t *testing.T) {
	t.Parallel()
	w, store := newWire(), cometchat.NewMemorySessionStore()
	w.loginWorks(uid1, uid2)
	w.answer("DELETE", meURL, 200, data(object{"success": true}))
	p := w.pool(t, cometchat.WithSessionStore(store))
	one, two, none := p.Client("one"), p.Client("two"), p.Client("")
	h := listen(one)
	_, err := one.Login(t.Context(), uid1, authKey)
	require.NoError(t, err)
	_, err = two.Login(t.Context(), uid2, authKey)
	require.NoError(t, err)
	assertUID(t, one, uid1)
	assertUID(t, two, uid2)
	assertUID(t, none, "")
	assert.Equal(t, []string{"loginSuccess " + uid1}, h.take(), "a listener gets the events of its own client")

	devices, resources := map[string]bool{}, map[string]bool{}
	for _, r := range w.requests() {
		devices[assertLoginBody(t, r)] = true
		resources[r.Header.Get("resource")] = true
	}
	assert.Len(t, devices, 1, "a store has one device id")
	assert.Len(t, resources, 2, "each client has a resource of its own: the server tells the others what it does")
	for key, token := range map[string]string{"app1/one/session": tokenOf(uid1), "app1/two/session": tokenOf(uid2)} {
		s, err := store.Load(t.Context(), key)
		require.NoError(t, err)
		assert.Equal(t, token, s.AuthToken)
	}
	_, err = store.Load(t.Context(), "app1/device")
	require.NoError(t, err)

	require.NoError(t, one.Logout(t.Context()))
	assertUID(t, one, "")
	assertUID(t, two, uid2)

	alone := w.client(t, cometchat.WithSessionStore(store))
	_, err = alone.Login(t.Context(), uid1, authKey)
	require.NoError(t, err)
	assertUID(t, w.pool(t, cometchat.WithSessionStore(store)).Client(""), uid1)
}

func TestForget(t *testing.T) {
	t.Parallel()
	t.Run("closes the client, and leaves the session for the next client of the key", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		w.loginWorks(uid1, uid2)
		p := w.pool(t)
		gone, other := p.Client("one"), p.Client("two")
		for c, uid := range map[*cometchat.Client]string{gone: uid1, other: uid2} {
			_, err := c.Login(t.Context(), uid, authKey)
			require.NoError(t, err)
		}
		w.requests()
		p.Forget("one")
		p.Forget("one")
		p.Forget("never seen")
		assert.Equal(t, 1, p.Keys())
		_, err := gone.GetLoggedinUser(t.Context())
		require.ErrorIs(t, err, cometchat.ErrClosed)
		require.ErrorIs(t, getUser(t, gone), cometchat.ErrClosed)
		_, err = gone.Login(t.Context(), uid1, authKey)
		require.ErrorIs(t, err, cometchat.ErrClosed)
		assert.NotSame(t, gone, p.Client("one"))
		assertUID(t, p.Client("one"), uid1)
		assertUID(t, other, uid2)
		assert.Empty(t, w.lines())
	})
	inBubble(t, "ends the calls of this client only", func(t *testing.T) {
		w := newWire()
		w.loginWorks(uid1)
		w.RegisterResponder("PUT", meURL, slowly(respond(200, data(meAnswer(uid1)))))
		p := w.pool(t)
		logIn := func(key string) <-chan error {
			return started(func() error { _, err := p.Client(key).LoginWithToken(t.Context(), tokenOf(uid1)); return err })
		}
		gone, other := logIn("one"), logIn("two")
		took := stopwatch()
		p.Forget("one")
		require.ErrorIs(t, <-gone, cometchat.ErrClosed)
		assert.Zero(t, took(), "Forget does not wait for the network")
		require.NoError(t, <-other)
		assertUID(t, p.Client("one"), "")
	})
	t.Run("works in a listener, after Close and on a nil Pool", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		w.loginWorks(uid1)
		p := w.pool(t)
		c := p.Client("one")
		c.AddLoginListener("leaves", cometchat.LoginListener{LoginSuccess: func(*cometchat.User) { p.Forget("one") }})
		_, err := c.Login(t.Context(), uid1, authKey)
		require.NoError(t, err)
		assert.Zero(t, p.Keys())
		require.NoError(t, p.Close())
		p.Forget("one")
		(*cometchat.Pool)(nil).Forget("one")
		new(cometchat.Pool).Forget("one")
	})
}

func TestPoolThatIsClosed(t *testing.T) {
	t.Parallel()
	inBubble(t, "ends the calls of all clients, and leaves their sessions", func(t *testing.T) {
		w, store := newWire(), cometchat.NewMemorySessionStore()
		w.loginWorks(uid1, uid2)
		p := w.pool(t, cometchat.WithSessionStore(store))
		idle := p.Client("idle")
		_, err := idle.Login(t.Context(), uid1, authKey)
		require.NoError(t, err)
		w.RegisterResponder("POST", tokensURL(uid2), slowly(minted(uid2)))
		w.RegisterResponder("GET", userURL, slowly(respond(200, data(user("u9")))))
		login := started(func() error { _, err := p.Client("two").Login(t.Context(), uid2, authKey); return err })
		call := started(func() error { return getUser(t, idle) })
		took := stopwatch()
		require.NoError(t, p.Close())
		require.NoError(t, p.Close(), "twice is fine")
		require.ErrorIs(t, <-login, cometchat.ErrClosed)
		require.ErrorIs(t, <-call, cometchat.ErrClosed)
		assert.Zero(t, took())
		for _, c := range []*cometchat.Client{idle, p.Client("two"), p.Client("new")} {
			for name, err := range everyCall(t.Context(), c) {
				require.ErrorIs(t, err, cometchat.ErrClosed, name)
			}
		}
		_, err = store.Load(t.Context(), "app1/idle/session")
		require.NoError(t, err)
	})
	inBubble(t, "is not closed by the Close of a client", func(t *testing.T) {
		w := newWire()
		w.loginWorks(uid1)
		p := w.pool(t)
		require.NoError(t, p.Client("one").Close())
		_, err := p.Client("one").Login(t.Context(), uid1, authKey)
		require.NoError(t, err)
	})
	t.Run("while clients are made and used", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		w.loginWorks(uid1)
		p := w.pool(t)
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				for j := 0; ; j++ {
					if _, err := p.Client(fmt.Sprint(i, j)).LoginWithToken(t.Context(), tokenOf(uid1)); err != nil {
						assert.ErrorIs(t, err, cometchat.ErrClosed)
						return
					}
				}
			})
		}
		runtime.Gosched()
		require.NoError(t, p.Close())
		wg.Wait()
	})
}

func TestPoolNotMadeByNewPool(t *testing.T) {
	t.Parallel()
	for _, p := range []*cometchat.Pool{nil, {}} {
		for name, err := range everyCall(t.Context(), p.Client("one")) {
			require.ErrorIs(t, err, cometchat.ErrNotInitialized, name)
		}
		require.NoError(t, p.Close())
		assert.Equal(t, "pool of no app", fmt.Sprint(p))
		_, ok := p.RateLimit()
		assert.False(t, ok)
	}
}

func TestPoolTokenProvider(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.loginWorks(uid1)
	var keys []string
	p := w.pool(t, cometchat.WithPoolTokenProvider(func(_ context.Context, key string) (string, error) {
		keys = append(keys, key)
		return fresh, nil
	}))
	_, err := p.Client("one").Login(t.Context(), uid1, authKey)
	require.NoError(t, err)
	w.revoked(fresh)
	require.NoError(t, getUser(t, p.Client("one")))
	assert.Equal(t, []string{"one"}, keys)
}

func TestPoolSharesTheRateLimit(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.RegisterResponder("PUT", meURL, respond(200, data(meAnswer(uid1))).HeaderSet(http.Header{"X-Rate-Limit": {"700"}}))
	p := w.pool(t)
	_, ok := p.RateLimit()
	assert.False(t, ok)
	_, err := p.Client("one").LoginWithToken(t.Context(), tokenOf(uid1))
	require.NoError(t, err)
	limit, ok := p.RateLimit()
	assert.True(t, ok)
	assert.Equal(t, 700, limit.Limit)
	limit, _ = p.Client("two").RateLimit()
	assert.Equal(t, 700, limit.Limit)
	assert.Equal(t, "pool of app app1", fmt.Sprint(p))
}

func TestOptionsOfAPool(t *testing.T) {
	t.Parallel()
	us := cometchat.WithRegion("us")
	one := cometchat.WithTokenProvider(func(context.Context) (string, error) { return "", nil })
	many := cometchat.WithPoolTokenProvider(func(context.Context, string) (string, error) { return "", nil })
	newPool := func(opts ...cometchat.Option) error {
		p, err := cometchat.NewPool(appID, append(opts, us)...)
		if err == nil {
			require.NoError(t, p.Close())
		}
		return err
	}
	newClient := func(opts ...cometchat.Option) error {
		c, err := cometchat.New(appID, append(opts, us)...)
		if err == nil {
			require.NoError(t, c.Close())
		}
		return err
	}
	newAdmin := func(opts ...cometchat.Option) error {
		a, err := cometchat.NewAdmin(appID, "key", append(opts, us)...)
		if err == nil {
			require.NoError(t, a.Close())
		}
		return err
	}
	conns, rate := cometchat.WithMaxConns(10), cometchat.WithRequestRate(10, time.Second)
	for _, err := range []error{
		newPool(many, conns, rate, cometchat.WithKeyAsUID()), newClient(one, conns, rate), newAdmin(conns, rate),
	} {
		require.NoError(t, err)
	}
	for says, err := range map[string]error{
		"use WithPoolTokenProvider":                  newPool(one),
		"use WithTokenProvider":                      newClient(many),
		"no auth token to provide":                   newAdmin(one),
		"an admin has no auth token to provide":      newAdmin(many),
		"WithKeyAsUID is for a pool":                 newClient(cometchat.WithKeyAsUID()),
		"WithKeyAsUID is for a pool, whose":          newAdmin(cometchat.WithKeyAsUID()),
		"the token provider is nil":                  newClient(cometchat.WithTokenProvider(nil)),
		"NewPool: the token provider is nil":         newPool(cometchat.WithPoolTokenProvider(nil)),
		"the limit of 0 connections":                 newClient(cometchat.WithMaxConns(0)),
		"the request rate of 0 in 1s":                newClient(cometchat.WithRequestRate(0, time.Second)),
		"the request rate of 1 in -1s":               newClient(cometchat.WithRequestRate(1, -time.Second)),
		"the transport of WithHTTPClient":            newClient(conns, cometchat.WithHTTPClient(&http.Client{})),
		"the transport of WithHTTPClient: set its M": newPool(cometchat.WithHTTPClient(&http.Client{}), conns),
	} {
		require.ErrorIs(t, err, cometchat.ErrBadRequest, says)
		assert.Contains(t, err.Error(), says)
	}
}

func TestMaxConns(t *testing.T) {
	t.Parallel()
	var connections, most atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"data":{"uid":"a"}}`)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			most.Store(max(most.Load(), connections.Add(1)))
		case http.StateClosed:
			connections.Add(-1)
		default:
		}
	}
	server.Start()
	defer server.Close()
	p, err := cometchat.NewPool(appID, cometchat.WithMaxConns(2), cometchat.WithAdminHost(server.URL),
		cometchat.WithClientHost(server.URL))
	require.NoError(t, err)
	defer func() { assert.NoError(t, p.Close()) }()
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			_, err := p.Client(fmt.Sprint(i)).LoginWithToken(t.Context(), "token")
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	assert.LessOrEqual(t, most.Load(), int32(2))
}
