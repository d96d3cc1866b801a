package cometchat_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestClose(t *testing.T) {
	t.Parallel()
	t.Run("leaves the session in its store", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), cometchat.NewMemorySessionStore()
		c := w.loggedIn(t, cometchat.WithSessionStore(store))
		h := listen(c)
		require.NoError(t, c.Close())
		require.NoError(t, c.Close(), "a second Close is no error")
		_, err := store.Load(t.Context(), appID+"/session")
		require.NoError(t, err)
		assert.Empty(t, h.take())
		assert.Empty(t, w.lines(), "Close is not Logout")
	})
	t.Run("makes every later call fail", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		c := w.loggedIn(t)
		require.NoError(t, c.Close())
		for name, err := range everyCall(t.Context(), c) {
			require.ErrorIs(t, err, cometchat.ErrClosed, name)
		}
		assert.Empty(t, w.lines())
		c.AddLoginListener("x", cometchat.LoginListener{})
		c.RemoveLoginListener("x")
	})
	inBubble(t, "ends calls that are running", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t)
		w.RegisterResponder("POST", tokensURL(uid2), slowly(minted(uid2)))
		w.RegisterResponder("GET", clientHost+"/users/u9", slowly(respond(200, data(user("u9")))))
		errs := make(chan error, 2)
		go func() {
			_, err := c.Login(t.Context(), uid2, authKey)
			errs <- err
		}()
		go func() {
			_, err := c.GetUser(t.Context(), "u9")
			errs <- err
		}()
		settle()
		took := stopwatch()
		require.NoError(t, c.Close())
		require.ErrorIs(t, <-errs, cometchat.ErrClosed)
		require.ErrorIs(t, <-errs, cometchat.ErrClosed)
		assert.Zero(t, took())
	})
}

// everyCall makes each call that can fail, with good arguments, and returns their errors.
func everyCall(ctx context.Context, c *cometchat.Client) map[string]error {
	errs := map[string]error{"Logout": c.Logout(ctx)}
	_, errs["Login"] = c.Login(ctx, uid2, authKey)
	_, errs["LoginWithToken"] = c.LoginWithToken(ctx, tokenOf(uid2))
	_, errs["GetLoggedinUser"] = c.GetLoggedinUser(ctx)
	_, errs["EnsureLoggedIn"] = c.EnsureLoggedIn(ctx)
	_, errs["AuthToken"] = c.AuthToken(ctx)
	_, errs["VerifySession"] = c.VerifySession(ctx)
	_, errs["CreateUser"] = c.CreateUser(ctx, &cometchat.User{UID: "u9", Name: "Nine"}, authKey)
	_, errs["UpdateUser"] = c.UpdateUser(ctx, &cometchat.User{UID: "u9", Name: "Nine"}, authKey)
	_, errs["UpdateCurrentUserDetails"] = c.UpdateCurrentUserDetails(ctx, &cometchat.User{Name: "Me"})
	_, errs["GetUser"] = c.GetUser(ctx, "u9")
	errs["ListUsers"] = first(c.ListUsers(ctx, cometchat.UsersRequest{}))
	errs["ListBlockedUsers"] = first(c.ListBlockedUsers(ctx, cometchat.BlockedUsersRequest{}))
	_, errs["BlockUsers"] = c.BlockUsers(ctx, []string{"u9"})
	_, errs["UnblockUsers"] = c.UnblockUsers(ctx, []string{"u9"})
	return errs
}

// initialized makes the default client of a test. After the test there is no default client.
func initialized(t *testing.T, w *wire) *cometchat.Client {
	t.Helper()
	c, err := cometchat.Init(appID, cometchat.WithRegion("us"), cometchat.WithHTTPClient(&http.Client{Transport: w}))
	require.NoError(t, err)
	t.Cleanup(cometchat.Uninitialize)
	return c
}

func TestBeforeInit(t *testing.T) { // not parallel: there is one default client
	assert.Nil(t, cometchat.Default())
	assert.False(t, cometchat.IsInitialized())
	ctx := t.Context()
	_, login := cometchat.Login(ctx, uid1, authKey)
	_, withToken := cometchat.LoginWithToken(ctx, tokenOf(uid1))
	_, current := cometchat.GetLoggedinUser(ctx)
	_, ensured := cometchat.EnsureLoggedIn(ctx)
	for op, err := range map[string]error{
		"Login": login, "LoginWithToken": withToken, "GetLoggedinUser": current, "Logout": cometchat.Logout(ctx),
		"EnsureLoggedIn":      ensured,
		"AddLoginListener":    cometchat.AddLoginListener("x", cometchat.LoginListener{}),
		"RemoveLoginListener": cometchat.RemoveLoginListener("x"),
	} {
		// The JavaScript SDK throws a TypeError.
		require.ErrorIs(t, err, cometchat.ErrNotInitialized, op)
		assert.Equal(t, op, asError(err).Op)
		assert.Contains(t, err.Error(), "call cometchat.Init first")
	}
}

func TestPackageLevelFlow(t *testing.T) {
	w := newWire()
	w.loginWorks(uid1)
	w.answer("DELETE", meURL, 200, data(object{"success": true}))
	c := initialized(t, w)
	assert.Same(t, c, cometchat.Default())
	assert.True(t, cometchat.IsInitialized())
	h := &loginEvents{}
	require.NoError(t, cometchat.AddLoginListener("h", h.listener()))
	ctx := t.Context()

	u, err := cometchat.GetLoggedinUser(ctx)
	require.NoError(t, err)
	assert.Nil(t, u)
	u, err = cometchat.Login(ctx, uid1, authKey)
	require.NoError(t, err)
	assert.Equal(t, uid1, u.UID)
	u, err = cometchat.LoginWithToken(ctx, tokenOf(uid1))
	require.NoError(t, err)
	assert.Equal(t, uid1, u.UID)
	u, err = cometchat.GetLoggedinUser(ctx)
	require.NoError(t, err)
	assert.Equal(t, uid1, u.UID)
	u, err = cometchat.EnsureLoggedIn(ctx)
	require.NoError(t, err)
	assert.Equal(t, uid1, u.UID)
	require.NoError(t, cometchat.Logout(ctx))
	assertUID(t, c, "")
	assert.Equal(t, []string{"loginSuccess " + uid1, "loginSuccess " + uid1, "logoutSuccess"}, h.take())

	require.NoError(t, cometchat.RemoveLoginListener("h"))
	_, err = cometchat.Login(ctx, uid1, authKey)
	require.NoError(t, err)
	assert.Empty(t, h.take())
}

func TestInitTwice(t *testing.T) {
	first := initialized(t, newWire())
	second := initialized(t, newWire())
	assert.Same(t, second, cometchat.Default())
	_, err := first.GetLoggedinUser(t.Context())
	require.ErrorIs(t, err, cometchat.ErrClosed)

	_, err = cometchat.Init("")
	require.ErrorIs(t, err, cometchat.ErrMissingParameters)
	assert.Equal(t, "Init", asError(err).Op)
	assert.Same(t, second, cometchat.Default(), "a failed Init leaves the default as it was")
	assertUID(t, second, "")
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		header http.Header
		want   cometchat.RateLimit
	}{
		"one spelling": {
			http.Header{"X-Rate-Limit": {"700"}, "X-Rate-Limit-Remaining": {"699"}},
			cometchat.RateLimit{Limit: 700, Remaining: 699},
		},
		"the other": {
			http.Header{"X-Ratelimit-Limit": {"500"}, "X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {"1625143246"}},
			cometchat.RateLimit{Limit: 500, Reset: time.Unix(1625143246, 0)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			c := w.client(t, once)
			_, ok := c.RateLimit()
			assert.False(t, ok)

			w.RegisterResponder("PUT", meURL, respond(429, "").HeaderSet(tc.header))
			_, err := c.LoginWithToken(t.Context(), tokenOf(uid1))
			require.ErrorIs(t, err, cometchat.ErrTooManyRequests, "the status decides, whatever the body is")
			assert.Equal(t, tc.want, asError(err).RateLimit)

			w.RegisterResponder("PUT", meURL, respond(200, data(meAnswer(uid1))))
			_, err = c.LoginWithToken(t.Context(), tokenOf(uid1))
			require.NoError(t, err)
			limit, ok := c.RateLimit()
			assert.True(t, ok)
			assert.Equal(t, tc.want, limit, "an answer without a rate limit does not change the last one")
		})
	}
}

func TestClientNotMadeByNew(t *testing.T) {
	t.Parallel()
	for _, c := range []*cometchat.Client{nil, {}} {
		for name, err := range everyCall(t.Context(), c) {
			require.ErrorIs(t, err, cometchat.ErrNotInitialized, name)
		}
		require.NoError(t, c.Close())
		assert.Equal(t, "client of no app", fmt.Sprint(c))
		_, ok := c.RateLimit()
		assert.False(t, ok)
		c.AddLoginListener("x", cometchat.LoginListener{})
		c.RemoveLoginListener("x")
	}
}
