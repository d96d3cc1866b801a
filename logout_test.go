package cometchat_test

import (
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLogout(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	h := listen(c)
	w.answer("DELETE", meURL, 200, data(object{"success": true, "message": "bye"}))

	require.NoError(t, c.Logout(t.Context()))

	requests := w.requests()
	require.Len(t, requests, 1)
	assert.Equal(t, "DELETE", requests[0].Method)
	assert.Equal(t, meURL, requests[0].URL)
	assertHeaders(t, requests[0], "Authtoken", tokenOf(uid1))
	assert.Empty(t, requests[0].Body)
	assertUID(t, c, "")
	assert.Equal(t, []string{"logoutSuccess"}, h.take())
	_, err := c.AuthToken(t.Context())
	assert.ErrorIs(t, err, cometchat.ErrNotLoggedIn)
}

func TestLogoutThatTheServerRefusesClearsTheSession(t *testing.T) {
	t.Parallel()
	w := newWire()
	store := cometchat.NewMemorySessionStore()
	c := w.loggedIn(t, atOnce, cometchat.WithSessionStore(store))
	h := listen(c)
	w.answer("DELETE", meURL, 500, refusal("ERR_INTERNAL", "boom"))

	err := c.Logout(t.Context())
	assert.Equal(t, "ERR_INTERNAL", code(err))
	assert.Len(t, w.lines(), 3, "a 500 is retried")
	assertUID(t, c, "")
	_, err = store.Load(t.Context(), appID+"/session")
	require.ErrorIs(t, err, cometchat.ErrNoSession)
	// The recorded JavaScript SDK reports only logoutSuccess.
	assert.Equal(t, []string{"logoutFailure ERR_INTERNAL", "logoutSuccess"}, h.take())
}

func TestLogoutWithATokenThatIsGoneSucceeds(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	h := listen(c)
	w.answer("DELETE", meURL, 401, tokenGone())
	require.NoError(t, c.Logout(t.Context()))
	assert.Equal(t, []string{"DELETE " + meURL}, w.lines())
	assertUID(t, c, "")
	assert.Equal(t, []string{"logoutSuccess"}, h.take(), "once; the recorded JavaScript SDK reports it twice")
}

func TestLogoutWithoutSession(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.client(t)
	h := listen(c)
	err := c.Logout(t.Context())
	require.ErrorIs(t, err, cometchat.ErrNotLoggedIn)
	assert.Equal(t, "USER_NOT_LOGGED_IN", code(err), "this is the documented spelling; the JavaScript SDK sends USER_NOT_LOGED_IN")
	assert.Empty(t, w.lines())
	assert.Empty(t, h.take())
}

func TestLogoutAnsweredWithNothing(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t, atOnce)
	w.answer("DELETE", meURL, 204, "")
	require.NoError(t, c.Logout(t.Context()))
	_, err := c.Login(t.Context(), uid1, authKey)
	require.NoError(t, err)
	w.answer("DELETE", meURL, 200, "<html>welcome</html>")
	require.ErrorContains(t, c.Logout(t.Context()), "proxy in between")
}
