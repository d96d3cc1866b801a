package cometchat_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestListenerRegistry(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.loginWorks(uid1)
	c := w.client(t)
	var order []string
	says := func(what string) cometchat.LoginListener {
		return cometchat.LoginListener{LoginSuccess: func(*cometchat.User) { order = append(order, what) }}
	}
	login := func() []string {
		order = nil
		_, err := c.LoginWithToken(t.Context(), tokenOf(uid1))
		require.NoError(t, err)
		return order
	}
	c.AddLoginListener("a", says("a"))
	c.AddLoginListener("b", says("b"))
	c.AddLoginListener("nothing", cometchat.LoginListener{})
	assert.Equal(t, []string{"a", "b"}, login())
	c.AddLoginListener("a", says("A"))
	assert.Equal(t, []string{"A", "b"}, login(), "a listener with the same id replaces the first one")
	c.RemoveLoginListener("a")
	c.RemoveLoginListener("never there")
	assert.Equal(t, []string{"b"}, login())
	c.AddLoginListener("b", cometchat.LoginListener{LoginSuccess: func(*cometchat.User) {
		c.RemoveLoginListener("b")
		c.AddLoginListener("late", says("late"))
	}})
	assert.Empty(t, login(), "a listener added during an event gets the next event")
	assert.Equal(t, []string{"late"}, login())
}

func TestListenerThatCallsTheClient(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(t *testing.T, c *cometchat.Client){
		"Logout": func(t *testing.T, c *cometchat.Client) {
			t.Helper()
			assert.NoError(t, c.Logout(t.Context()))
		},
		"Login": func(t *testing.T, c *cometchat.Client) {
			t.Helper()
			c.RemoveLoginListener("call")
			_, err := c.Login(t.Context(), uid2, authKey)
			assert.NoError(t, err)
		},
		"the same Login": func(t *testing.T, c *cometchat.Client) {
			t.Helper()
			c.RemoveLoginListener("call")
			_, err := c.Login(t.Context(), uid1, authKey)
			assert.NoError(t, err)
		},
		"GetLoggedinUser": func(t *testing.T, c *cometchat.Client) {
			t.Helper()
			assertUID(t, c, uid1)
		},
		"Close": func(t *testing.T, c *cometchat.Client) {
			t.Helper()
			assert.NoError(t, c.Close())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			w.loginWorks(uid1, uid2)
			w.answer("DELETE", meURL, 200, data(object{"success": true}))
			c := w.client(t)
			c.AddLoginListener("call", cometchat.LoginListener{LoginSuccess: func(*cometchat.User) { call(t, c) }})
			_, err := c.Login(t.Context(), uid1, authKey)
			assert.NoError(t, err)
		})
	}
}

func TestListenerThatPanics(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.loginWorks(uid1)
	w.answer("DELETE", meURL, 200, data(object{"success": true}))
	c := w.client(t)
	boom := fmt.Errorf("boom")
	c.AddLoginListener("boom", cometchat.LoginListener{
		LoginSuccess:  func(*cometchat.User) { panic(boom) },
		LogoutSuccess: func() { panic(boom) },
	})
	h := listen(c)

	panicked := recovered(func() { _, _ = c.Login(t.Context(), uid1, authKey) })
	err, _ := panicked.(error)
	require.ErrorIs(t, err, boom, "the panic reaches the caller of Login")
	assert.Contains(t, err.Error(), "listener_test.go", "the text has the stack of the listener")
	assertUID(t, c, uid1)
	assert.Equal(t, []string{"loginSuccess " + uid1}, h.take(), "the other listeners are called")

	assert.Equal(t, boom, recovered(func() { _ = c.Logout(t.Context()) }))
	assertUID(t, c, "")
	assert.Equal(t, []string{"logoutSuccess"}, h.take())

	c.RemoveLoginListener("boom")
	_, err = c.Login(t.Context(), uid1, authKey)
	require.NoError(t, err, "the client still works")
	assert.Equal(t, []string{"loginSuccess " + uid1}, h.take())
}

func recovered(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

func TestListenerAndStoreThatEndTheirGoroutine(t *testing.T) {
	t.Parallel()
	// A test's t.FailNow in a listener does this.
	w := newWire()
	w.loginWorks(uid1, uid2)
	store := newHookedStore()
	c := w.client(t, cometchat.WithSessionStore(store))
	c.AddLoginListener("exit", cometchat.LoginListener{LoginSuccess: func(*cometchat.User) { runtime.Goexit() }})
	h := listen(c)
	_, err := c.Login(t.Context(), uid1, authKey)
	require.NoError(t, err)
	assert.Equal(t, []string{"loginSuccess " + uid1}, h.take())

	c.RemoveLoginListener("exit")
	store.save = func(string) error { runtime.Goexit(); return nil }
	_, err = c.LoginWithToken(t.Context(), tokenOf(uid2))
	require.ErrorContains(t, err, "ended the goroutine of the login")
	store.save = func(string) error { return nil }
	_, err = c.LoginWithToken(t.Context(), tokenOf(uid2))
	require.NoError(t, err, "the client still works")
}

func TestEventsAreToldInOrderAndOneAtATime(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.loginWorks(uid1)
	w.answer("DELETE", meURL, 200, data(object{"success": true}))
	c := w.client(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	c.AddLoginListener("slow", cometchat.LoginListener{LoginSuccess: func(*cometchat.User) {
		entered <- struct{}{}
		<-leave
	}})
	h := listen(c)
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := c.Login(t.Context(), uid1, authKey)
		assert.NoError(t, err)
	})
	<-entered
	assertUID(t, c, uid1)
	require.NoError(t, c.Logout(t.Context()), "a busy listener does not block the client")
	assertUID(t, c, "")
	assert.Empty(t, h.take(), "the second event waits for the first")
	leave <- struct{}{}
	wg.Wait()
	assert.Equal(t, []string{"loginSuccess " + uid1, "logoutSuccess"}, h.take())
}
