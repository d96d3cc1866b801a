package cometchat_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// unusedTokens is a client whose provider returns provided-1, provided-2 and so on, and a server that fails on purpose.
type unusedTokens struct {
	*wire
	c        *cometchat.Client
	provided int
	offline  bool
	uid      string            // whose tokens the provider returns
	uids     map[string]string // by token
}

// newUnusedTokens makes a client without a session.
func newUnusedTokens(t *testing.T, opts ...cometchat.Option) *unusedTokens {
	t.Helper()
	u := &unusedTokens{wire: newWire(), uid: uid1, uids: map[string]string{}}
	u.loginWorks(uid1)
	u.uids[tokenOf(uid1)] = uid1
	u.RegisterResponder("PUT", meURL, func(r *http.Request) (*http.Response, error) {
		token := r.Header.Get("authtoken")
		switch {
		case u.offline:
			return nil, errReset
		case u.uids[token] == "":
			return respond(401, tokenGone())(r)
		}
		answer := meAnswer(u.uids[token])
		answer["authToken"] = token
		return respond(200, data(answer))(r)
	})
	u.RegisterResponder("GET", userURL, func(r *http.Request) (*http.Response, error) {
		if u.uids[r.Header.Get("authtoken")] == "" {
			return respond(401, tokenGone())(r)
		}
		return respond(200, data(user("u9")))(r)
	})
	u.answer("DELETE", meURL, 200, data(object{"success": true}))
	u.c = u.client(t, append(opts, once, cometchat.WithTokenProvider(func(context.Context) (string, error) {
		u.provided++
		token := fmt.Sprintf("provided-%d", u.provided)
		u.uids[token] = u.uid
		return token, nil
	}))...)
	return u
}

// failedLogin lets a login fail after the provider has returned a token.
func (u *unusedTokens) failedLogin(t *testing.T) {
	t.Helper()
	u.offline = true
	require.ErrorIs(t, ensure(t, u.c), errReset)
	u.offline = false
}

// TestTokenOfTheProviderThatNobodyUsed has logins fail after the provider has returned a token: each further token would take
// the place of one of the user's other tokens.
func TestTokenOfTheProviderThatNobodyUsed(t *testing.T) {
	t.Parallel()
	t.Run("the next login uses it, once", func(t *testing.T) {
		t.Parallel()
		u := newUnusedTokens(t)
		u.failedLogin(t)
		u.failedLogin(t)
		h := listen(u.c)
		require.NoError(t, ensure(t, u.c))
		assertToken(t, u.c, "provided-1")
		assert.Equal(t, 1, u.provided)
		assert.Equal(t, []string{"loginSuccess " + uid1}, h.take())
		require.NoError(t, u.c.Logout(t.Context()))
		require.NoError(t, ensure(t, u.c))
		assertToken(t, u.c, "provided-2")
	})
	t.Run("the provider is asked for another when it is gone", func(t *testing.T) {
		t.Parallel()
		u := newUnusedTokens(t)
		u.failedLogin(t)
		u.uids = map[string]string{}
		h := listen(u.c)
		require.NoError(t, ensure(t, u.c))
		assertToken(t, u.c, "provided-2")
		assert.Equal(t, []string{"loginSuccess " + uid1}, h.take())
	})
	t.Run("a logout drops it, for the next user", func(t *testing.T) {
		t.Parallel()
		u := newUnusedTokens(t)
		u.failedLogin(t)
		require.ErrorIs(t, u.c.Logout(t.Context()), cometchat.ErrNotLoggedIn)
		u.uid = uid2
		require.NoError(t, ensure(t, u.c))
		assertUID(t, u.c, uid2)
	})
	t.Run("another login drops it, if it succeeds", func(t *testing.T) {
		t.Parallel()
		for name, login := range map[string]func(c *cometchat.Client) error{
			"Login":          func(c *cometchat.Client) error { _, err := c.Login(t.Context(), uid1, authKey); return err },
			"LoginWithToken": func(c *cometchat.Client) error { _, err := c.LoginWithToken(t.Context(), tokenOf(uid1)); return err },
		} {
			store := cometchat.NewMemorySessionStore()
			u := newUnusedTokens(t, cometchat.WithSessionStore(store))
			u.failedLogin(t)
			_, err := u.c.LoginWithToken(t.Context(), "unknown")
			require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
			require.NoError(t, login(u.c), name)
			delete(u.uids, tokenOf(uid1))
			require.NoError(t, getUser(t, u.c), name)
			assertToken(t, u.c, "provided-2")
		}
	})
	t.Run("a refresh uses it, and leaves its own", func(t *testing.T) {
		t.Parallel()
		u := newUnusedTokens(t)
		require.NoError(t, ensure(t, u.c))
		delete(u.uids, "provided-1")
		u.offline = true
		for range 3 {
			err := getUser(t, u.c)
			require.ErrorIs(t, err, errReset)
			require.ErrorContains(t, err, "the session stays, and the next call tries again")
		}
		u.offline = false
		require.NoError(t, getUser(t, u.c))
		assertToken(t, u.c, "provided-2")
		assert.Equal(t, 2, u.provided)
		delete(u.uids, "provided-2")
		require.NoError(t, getUser(t, u.c))
		assertToken(t, u.c, "provided-3")
	})
	t.Run("a refresh asks the provider when it is gone, or another user's", func(t *testing.T) {
		t.Parallel()
		for _, owner := range []string{"", uid2} {
			u := newUnusedTokens(t)
			require.NoError(t, ensure(t, u.c))
			delete(u.uids, "provided-1")
			u.offline = true
			require.ErrorIs(t, getUser(t, u.c), errReset)
			u.offline = false
			u.uids["provided-2"] = owner
			require.NoError(t, getUser(t, u.c), owner)
			assertToken(t, u.c, "provided-3")
			assertUID(t, u.c, uid1)
		}
	})
	t.Run("another user's token is not kept for a client whose key is the uid", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		w.loginWorks(uid1, uid2)
		uid := uid2
		p := w.pool(t, cometchat.WithKeyAsUID(), cometchat.WithPoolTokenProvider(func(context.Context, string) (string, error) {
			return tokenOf(uid), nil
		}))
		require.ErrorIs(t, ensure(t, p.Client(uid1)), cometchat.ErrOtherUser)
		uid = uid1
		require.NoError(t, ensure(t, p.Client(uid1)))
	})
}
