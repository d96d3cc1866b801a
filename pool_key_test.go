package cometchat_test

import (
	"context"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestKeyAsUID checks that no user's session reaches the client of another user.
func TestKeyAsUID(t *testing.T) {
	t.Parallel()
	const key = appID + "/" + uid1 + "/session"
	// keyed returns the client of uid1, and its store.
	keyed := func(t *testing.T, w *wire, opts ...cometchat.Option) (*cometchat.Client, *cometchat.MemorySessionStore) {
		t.Helper()
		store := cometchat.NewMemorySessionStore()
		w.loginWorks(uid1, uid2)
		return w.pool(t, append(opts, once, cometchat.WithKeyAsUID(), cometchat.WithSessionStore(store))...).Client(uid1), store
	}
	// assertRefused asserts that an error is about another user, and does not name that user.
	assertRefused := func(t *testing.T, err error) {
		t.Helper()
		require.ErrorIs(t, err, cometchat.ErrOtherUser)
		assert.NotContains(t, err.Error(), uid2)
		assert.NotContains(t, err.Error(), "Name ")
	}
	t.Run("refuses another user's uid before any request", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		c, _ := keyed(t, w)
		_, err := c.Login(t.Context(), uid2, authKey)
		assertRefused(t, err)
		require.ErrorContains(t, err, `the uid is that of another user than "cometchat-uid-1", the key of this client`)
		assert.Empty(t, w.lines())
	})
	t.Run("accepts its own user, in upper case too", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		c, _ := keyed(t, w)
		_, err := c.Login(t.Context(), uid1, authKey)
		require.NoError(t, err)
		_, err = c.Login(t.Context(), "COMETCHAT-UID-1", authKey)
		require.NoError(t, err)
		upper := w.pool(t, cometchat.WithKeyAsUID()).Client("COMETCHAT-UID-1")
		_, err = upper.LoginWithToken(t.Context(), tokenOf(uid1))
		require.NoError(t, err)
		assertUID(t, upper, uid1)
	})
	t.Run("refuses another user's token, and keeps nothing of it", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		c, store := keyed(t, w, cometchat.WithPoolTokenProvider(func(context.Context, string) (string, error) { return tokenOf(uid2), nil }))
		h := listen(c)
		_, err := c.LoginWithToken(t.Context(), tokenOf(uid2))
		assertRefused(t, err)
		assertRefused(t, ensure(t, c))
		assert.Equal(t, []string{"loginFailure OTHER_USER", "loginFailure OTHER_USER"}, h.take())
		assertUID(t, c, "")
		_, err = store.Load(t.Context(), key)
		require.ErrorIs(t, err, cometchat.ErrNoSession)

		_, err = c.LoginWithToken(t.Context(), tokenOf(uid1))
		require.NoError(t, err)
		_, err = c.LoginWithToken(t.Context(), tokenOf(uid2))
		assertRefused(t, err)
		assertToken(t, c, tokenOf(uid1))

		w.onlyWith()
		err = getUser(t, c)
		require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
		assertRefused(t, err)
		assertToken(t, c, tokenOf(uid1))
	})
	t.Run("refuses another user's session in the store, and leaves it there", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		provider := cometchat.WithPoolTokenProvider(func(context.Context, string) (string, error) { return tokenOf(uid1), nil })
		c, store := keyed(t, w, provider)
		require.NoError(t, store.Save(t.Context(), key, sessionOf(uid2, "of another")))
		for name, err := range everyCall(t.Context(), c) {
			switch name {
			case "CreateUser", "UpdateUser": // they need no session
			case "Login", "LoginWithToken": // everyCall logs uid2 in
				require.Error(t, err)
			default:
				assertRefused(t, err)
			}
		}
		_, err := c.Login(t.Context(), uid1, authKey)
		assertRefused(t, err)
		s, err := store.Load(t.Context(), key)
		require.NoError(t, err)
		assert.Equal(t, "of another", s.AuthToken)

		require.NoError(t, store.Delete(t.Context(), key))
		require.NoError(t, ensure(t, c), "the client works once the record is gone")
		assertUID(t, c, uid1)
	})
	t.Run("does not go on with another user's session when its token is gone", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		c, store := keyed(t, w)
		_, err := c.LoginWithToken(t.Context(), tokenOf(uid1))
		require.NoError(t, err)
		require.NoError(t, store.Save(t.Context(), key, sessionOf(uid2, "of another")))
		w.onlyWith("of another")
		err = getUser(t, c)
		require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
		assertRefused(t, err)
	})
	t.Run("refuses a key that cannot be a uid", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		p := w.pool(t, cometchat.WithKeyAsUID())
		for key, want := range map[string]error{"": cometchat.ErrMissingParameters, "..": cometchat.ErrInvalidUID} {
			for name, err := range everyCall(t.Context(), p.Client(key)) {
				require.ErrorIs(t, err, want, name)
				require.ErrorContains(t, err, "the key of the pool's client cannot be the uid of its user", name)
				assert.Equal(t, name, asError(err).Op)
			}
		}
		assert.Empty(t, w.lines())
	})
}
