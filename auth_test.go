package cometchat_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// These tests follow recordings of the official JavaScript SDK: which requests go out, what happens to the session, which events
// the listeners get. A comment says where this SDK does better.

// assertHeaders asserts that a request has the headers of every request, and this credential as its only one.
func assertHeaders(t *testing.T, r sent, credential, value string) {
	t.Helper()
	assert.Equal(t, []string{appID}, r.Header["Appid"])
	assert.Equal(t, []string{"go@" + cometchat.Version}, r.Header["Sdk"])
	assert.Regexp(t, `^GO-\d+_\d+_\d+-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}-\d{13}$`,
		r.Header.Get("resource"))
	assert.Equal(t, []string{"application/json"}, r.Header["Accept"])
	assert.Equal(t, []string{"application/json"}, r.Header["Content-Type"])
	assert.Equal(t, "cometchat-go/"+cometchat.Version, r.Header.Get("User-Agent"))
	other := "Authtoken"
	if credential == "Authtoken" {
		other = "Apikey"
	}
	assert.Equal(t, []string{value}, r.Header[credential])
	assert.NotContains(t, r.Header, other, "a request carries one credential")
	assert.NotContains(t, r.Header, "Cookie")
	assert.NotContains(t, r.Header, "Authorization")
}

var deviceIDForm = regexp.MustCompile(`^app1_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}_\d{13}$`)

// assertLoginBody asserts that a request has the body that the official SDK sends with a login ("body D" of the recordings), and
// returns the device id in it.
func assertLoginBody(t *testing.T, r sent) string {
	t.Helper()
	body := decoded(t, r.Body)
	deviceID, _ := body["deviceId"].(string)
	assert.Regexp(t, deviceIDForm, deviceID)
	assert.Equal(t, object{
		"platform": "GO", "deviceId": deviceID,
		"appInfo": object{
			"version": "v" + cometchat.Version, "apiVersion": "v3.0", "userAgent": "cometchat-go/" + cometchat.Version,
		},
	}, body)
	return deviceID
}

func TestLoginWithAuthKey(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.loginWorks(uid1)
	c := w.client(t)
	h := listen(c)

	u, err := c.Login(t.Context(), uid1, authKey)
	require.NoError(t, err)

	// There are two requests. The official SDK also sends GET /settings, which only the live connection needs.
	requests := w.requests()
	require.Len(t, requests, 2)
	assert.Equal(t, "POST", requests[0].Method)
	assert.Equal(t, tokensURL(uid1), requests[0].URL)
	assertHeaders(t, requests[0], "Apikey", authKey)
	assert.Equal(t, "PUT", requests[1].Method)
	assert.Equal(t, meURL, requests[1].URL)
	assertHeaders(t, requests[1], "Authtoken", tokenOf(uid1))
	assert.Equal(t, assertLoginBody(t, requests[0]), assertLoginBody(t, requests[1]), "both requests have the same device id")
	assert.Equal(t, requests[0].Header.Get("resource"), requests[1].Header.Get("resource"), "a client has one resource")

	assert.Equal(t, "Name "+uid1, u.Name)
	assert.Equal(t, cometchat.StatusOnline, u.Status, "the REST API calls it available")
	assert.JSONEq(t, `{"a":1}`, string(u.Metadata))
	assert.EqualValues(t, 1700000000, u.LastActiveAt.Unix())
	assert.True(t, u.DeactivatedAt.IsZero())
	assertUID(t, c, uid1)
	token, err := c.AuthToken(t.Context())
	require.NoError(t, err)
	assert.Equal(t, tokenOf(uid1), token)
	assert.Equal(t, []string{"loginSuccess " + uid1}, h.take())
}

func TestLoginWithToken(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.loginWorks(uid1)
	c := w.client(t)
	h := listen(c)

	u, err := c.LoginWithToken(t.Context(), tokenOf(uid1))
	require.NoError(t, err)

	requests := w.requests()
	require.Len(t, requests, 1)
	assert.Equal(t, "PUT", requests[0].Method)
	assert.Equal(t, meURL, requests[0].URL)
	assertHeaders(t, requests[0], "Authtoken", tokenOf(uid1))
	assertLoginBody(t, requests[0])
	assert.Equal(t, uid1, u.UID)
	assertUID(t, c, uid1)
	assert.Equal(t, []string{"loginSuccess " + uid1}, h.take())
}

func TestSessionRestoredAfterRestart(t *testing.T) {
	t.Parallel()
	w := newWire()
	store := cometchat.NewMemorySessionStore()
	first := w.loggedIn(t, cometchat.WithSessionStore(store))
	require.NoError(t, first.Close())

	second := w.client(t, cometchat.WithSessionStore(store))
	assertUID(t, second, uid1)
	assert.Empty(t, w.lines(), "restoring a session makes no request")

	changed := meAnswer(uid1)
	changed["name"] = "Renamed"
	w.answer("PUT", meURL, 200, data(changed))
	u, err := second.VerifySession(t.Context())
	require.NoError(t, err)

	requests := w.requests()
	require.Len(t, requests, 1)
	assert.Equal(t, "PUT", requests[0].Method)
	assert.Equal(t, meURL, requests[0].URL)
	assertHeaders(t, requests[0], "Authtoken", tokenOf(uid1))
	assertLoginBody(t, requests[0])
	assert.Equal(t, "Renamed", u.Name)
	kept, err := second.GetLoggedinUser(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "Renamed", kept.Name, "the stored user is refreshed")
	stored, err := store.Load(t.Context(), appID+"/session")
	require.NoError(t, err)
	assert.Equal(t, "Renamed", stored.User.Name)
}

func TestLoginOfTheSessionsOwnUserNeedsNoRequest(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	h := listen(c)

	t.Run("same uid", func(t *testing.T) {
		u, err := c.Login(t.Context(), uid1, authKey)
		require.NoError(t, err)
		assert.Equal(t, uid1, u.UID)
		assert.Empty(t, w.lines())
		assert.Equal(t, []string{"loginSuccess " + uid1}, h.take())
	})
	t.Run("same uid in capitals: the server lower-cases uids", func(t *testing.T) {
		// The JavaScript SDK makes a full login here.
		u, err := c.Login(t.Context(), strings.ToUpper(uid1), authKey)
		require.NoError(t, err)
		assert.Equal(t, uid1, u.UID)
		assert.Empty(t, w.lines())
		assert.Equal(t, []string{"loginSuccess " + uid1}, h.take())
	})
	t.Run("same token", func(t *testing.T) {
		u, err := c.LoginWithToken(t.Context(), tokenOf(uid1))
		require.NoError(t, err)
		assert.Equal(t, uid1, u.UID)
		assert.Empty(t, w.lines())
		assert.Equal(t, []string{"loginSuccess " + uid1}, h.take())
	})
}

func TestLoginOfAnotherUserReplacesTheSession(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	h := listen(c)

	u, err := c.Login(t.Context(), uid2, authKey)
	require.NoError(t, err)
	assert.Equal(t, uid2, u.UID)
	assert.Equal(t, []string{"POST " + tokensURL(uid2), "PUT " + meURL}, w.lines())
	assertUID(t, c, uid2)

	_, err = c.LoginWithToken(t.Context(), tokenOf(uid1))
	require.NoError(t, err)
	assert.Equal(t, []string{"PUT " + meURL}, w.lines())
	assertUID(t, c, uid1)
	assert.Equal(t, []string{"loginSuccess " + uid2, "loginSuccess " + uid1}, h.take())
}

func TestSecondLoginAtOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, "is refused when it is for another user", func(t *testing.T) {
		w := newWire()
		w.loginWorks(uid1, uid2)
		w.RegisterResponder("POST", tokensURL(uid1), slowly(minted(uid1)))
		c := w.client(t)
		h := listen(c)
		done := started(func() error { _, err := c.Login(t.Context(), uid1, authKey); return err })
		_, err := c.Login(t.Context(), uid2, authKey)
		require.ErrorIs(t, err, cometchat.ErrLoginInProgress)
		assert.Equal(t, "LOGIN_IN_PROGRESS", code(err), "the JavaScript SDK reports -1")
		require.NoError(t, <-done)
		assert.Equal(t, []string{"loginSuccess " + uid1}, h.take(), "the refused login causes no loginFailure")
		assertUID(t, c, uid1)
	})
	inBubble(t, "shares the first login when it is the same", func(t *testing.T) {
		// The JavaScript SDK refuses the second login here too.
		w := newWire()
		w.loginWorks(uid1)
		w.RegisterResponder("POST", tokensURL(uid1), slowly(minted(uid1)))
		c := w.client(t)
		done := make(chan error)
		for range 2 {
			go func() {
				_, err := c.Login(t.Context(), uid1, authKey)
				done <- err
			}()
		}
		require.NoError(t, <-done)
		require.NoError(t, <-done)
		assert.Equal(t, []string{"POST " + tokensURL(uid1), "PUT " + meURL}, w.lines())
	})
}

func TestMissingParameters(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.client(t)
	h := listen(c)
	for _, call := range []func() error{
		func() error { _, err := c.Login(t.Context(), "", authKey); return err },
		func() error { _, err := c.Login(t.Context(), uid1, ""); return err },
		func() error { _, err := c.LoginWithToken(t.Context(), ""); return err },
	} {
		err := call()
		require.ErrorIs(t, err, cometchat.ErrMissingParameters)
		assert.Equal(t, "MISSING_PARAMETERS", code(err))
	}
	assert.Empty(t, w.lines())
	assert.Empty(t, h.take())
}

func TestUIDWithBlanksIsSentAsItIs(t *testing.T) {
	t.Parallel()
	w := newWire()
	const uid = "  " + uid1 + " "
	w.answer("POST", adminHost+"/users/%20%20cometchat-uid-1%20/auth_tokens", 200,
		data(object{"uid": uid, "authToken": tokenOf(uid1)}))
	w.answer("PUT", meURL, 200, data(meAnswer(uid)))
	c := w.client(t)
	_, err := c.Login(t.Context(), uid, authKey)
	require.NoError(t, err)
	assert.Equal(t, "POST "+adminHost+"/users/%20%20cometchat-uid-1%20/auth_tokens", w.lines()[0])
	assertUID(t, c, uid)
}

func TestServerErrorWithEnvelope(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.answer("POST", tokensURL("nope"), 404, object{"error": object{
		"code": "ERR_UID_NOT_FOUND", "message": "The UID nope does not exist.",
		"devMessage": "The UID nope does not exist (dev).", "source": "user-api", "details": object{"uid": []string{"bad"}},
	}})
	c := w.client(t)
	h := listen(c)

	u, err := c.Login(t.Context(), "nope", authKey)
	assert.Nil(t, u)
	require.ErrorIs(t, err, cometchat.ErrUIDNotFound)
	e := asError(err)
	assert.Equal(t, "Login", e.Op)
	assert.Equal(t, "ERR_UID_NOT_FOUND", e.Code)
	assert.Equal(t, "The UID nope does not exist.", e.Message)
	assert.Equal(t, "The UID nope does not exist (dev).", e.DevMessage)
	assert.Equal(t, "user-api", e.Source)
	assert.JSONEq(t, `{"uid":["bad"]}`, string(e.Details))
	assert.Equal(t, 404, e.StatusCode)
	assert.Equal(t, 1, e.Attempts)
	assert.Equal(t, []string{"POST " + tokensURL("nope")}, w.lines())
	assert.Equal(t, []string{"loginFailure ERR_UID_NOT_FOUND"}, h.take())
	assertUID(t, c, "")
}

func TestAnswerThatIsNoEnvelope(t *testing.T) {
	t.Parallel()
	errDropped := errors.New("connection reset by peer")
	for name, tc := range map[string]struct {
		responder httpmock.Responder
		says      string
	}{
		// The JavaScript SDK reports FAILED_TO_FETCH too, but without the cause.
		"HTML":               {respond(500, "<html>oops</html>"), `"<html>oops</html>"; is it CometChat at this host, or a proxy in between? (FAILED_TO_FETCH, POST /users/{uid}/auth_tokens, HTTP 500)`},
		"empty":              {respond(500, ""), "HTTP 500"},
		"connection dropped": {httpmock.NewErrorResponder(errDropped), "connection reset by peer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			w.RegisterResponder("POST", tokensURL(uid1), tc.responder)
			c := w.client(t, once)
			h := listen(c)
			_, err := c.Login(t.Context(), uid1, authKey)
			require.Error(t, err)
			assert.Equal(t, "FAILED_TO_FETCH", code(err))
			assert.Contains(t, err.Error(), tc.says)
			assert.Equal(t, name == "connection dropped", errors.Is(err, errDropped))
			assert.Equal(t, []string{"POST " + tokensURL(uid1)}, w.lines())
			assert.Equal(t, []string{"loginFailure FAILED_TO_FETCH"}, h.take())
			assertUID(t, c, "")
		})
	}
}

func TestRateLimitedLogin(t *testing.T) {
	t.Parallel()
	inBubble(t, "waits and retries", func(t *testing.T) {
		// The JavaScript SDK gives up at once.
		w := newWire()
		w.loginWorks(uid1)
		limited := respond(429, refusal("ERR_TOO_MANY_REQUESTS", "slow down")).
			HeaderSet(http.Header{"Retry-After": {"7"}})
		w.RegisterResponder("POST", tokensURL(uid1), limited.Then(
			minted(uid1)))
		c := w.client(t, atOnce)
		took := stopwatch()
		_, err := c.Login(t.Context(), uid1, authKey)
		require.NoError(t, err)
		assert.Equal(t, 7*time.Second, took().Round(time.Millisecond))
		assert.Len(t, w.lines(), 3)
	})
	inBubble(t, "fails with the server's message when the limit stays", func(t *testing.T) {
		w := newWire()
		w.RegisterResponder("POST", tokensURL(uid1), respond(429, refusal("ERR_TOO_MANY_REQUESTS", "slow down")).
			HeaderSet(http.Header{"Retry-After": {"7"}}))
		c := w.client(t, atOnce)
		h := listen(c)
		took := stopwatch()
		_, err := c.Login(t.Context(), uid1, authKey)
		require.ErrorIs(t, err, cometchat.ErrTooManyRequests)
		assert.Equal(t, 7*time.Second, asError(err).RetryAfter)
		assert.Equal(t, 5, asError(err).Attempts)
		assert.Equal(t, 28*time.Second, took().Round(time.Millisecond), "a sixth attempt would be past the timeout of 30 s")
		assert.Equal(t, []string{"loginFailure ERR_TOO_MANY_REQUESTS"}, h.take())
		assertUID(t, c, "")
	})
}

func TestGetLoggedinUserMakesNoRequest(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.client(t)
	u, err := c.GetLoggedinUser(t.Context())
	require.NoError(t, err, "it is no error that nobody is logged in")
	assert.Nil(t, u)

	w.loginWorks(uid1)
	_, err = c.Login(t.Context(), uid1, authKey)
	require.NoError(t, err)
	w.requests()
	assertUID(t, c, uid1)
	assert.Empty(t, w.lines())
}

func TestAnyCallAnsweredTokenNotFoundEndsTheSession(t *testing.T) {
	t.Parallel()
	userURL := clientHost + "/users/u9"
	for name, tc := range map[string]struct {
		method, url string
		call        func(context.Context, *cometchat.Client) error
	}{
		"GetUser": {"GET", userURL, func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.GetUser(ctx, "u9")
			return err
		}},
		"VerifySession": {"PUT", meURL, func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.VerifySession(ctx)
			return err
		}},
		"UpdateCurrentUserDetails": {"PUT", meURL, func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.UpdateCurrentUserDetails(ctx, &cometchat.User{Name: "x"})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			store := cometchat.NewMemorySessionStore()
			c := w.loggedIn(t, cometchat.WithSessionStore(store))
			h := listen(c)
			w.answer(tc.method, tc.url, 401, tokenGone())
			err := tc.call(t.Context(), c)
			require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
			assert.Equal(t, []string{tc.method + " " + tc.url}, w.lines())
			assertUID(t, c, "")
			_, err = store.Load(t.Context(), appID+"/session")
			require.ErrorIs(t, err, cometchat.ErrNoSession)
			assert.Equal(t, []string{"logoutSuccess"}, h.take())

			err = tc.call(t.Context(), c)
			require.ErrorIs(t, err, cometchat.ErrNotLoggedIn, "the next call makes no request")
			assert.Empty(t, w.lines())
		})
	}
	t.Run("ERR_AUTH_TOKEN_NOT_FOUND is about a token in the path and does not end it", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		c := w.loggedIn(t)
		w.answer("GET", userURL, 404, refusal("ERR_AUTH_TOKEN_NOT_FOUND", "no such token"))
		_, err := c.GetUser(t.Context(), "u9")
		require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
		assertUID(t, c, uid1)
	})
	t.Run("any other error does not end it", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		c := w.loggedIn(t)
		w.answer("GET", userURL, 401, refusal("ERR_NO_AUTH", "no"))
		_, err := c.GetUser(t.Context(), "u9")
		require.Error(t, err)
		assertUID(t, c, uid1)
	})
}

func TestVerifySessionOfflineKeepsTheSession(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t, once)
	h := listen(c)
	w.RegisterResponder("PUT", meURL, httpmock.NewErrorResponder(errors.New("network is unreachable")))
	_, err := c.VerifySession(t.Context())
	require.Error(t, err)
	assertUID(t, c, uid1)

	w.answer("PUT", meURL, 200, data(meAnswer(uid2)))
	_, err = c.VerifySession(t.Context())
	require.ErrorContains(t, err, "another user")
	assertUID(t, c, uid1)
	assert.Empty(t, h.take())
}

func TestVerifySessionWithoutSession(t *testing.T) {
	t.Parallel()
	w := newWire()
	_, err := w.client(t).VerifySession(t.Context())
	require.ErrorIs(t, err, cometchat.ErrNotLoggedIn)
	assert.Empty(t, w.lines())
}

func TestSessionsArePerAppID(t *testing.T) {
	t.Parallel()
	w := newWire()
	store := cometchat.NewMemorySessionStore()
	w.loggedIn(t, cometchat.WithSessionStore(store))

	other, err := cometchat.New("app2", cometchat.WithRegion("us"), cometchat.WithSessionStore(store),
		cometchat.WithHTTPClient(&http.Client{Transport: w}))
	require.NoError(t, err)
	defer func() { assert.NoError(t, other.Close()) }()
	assertUID(t, other, "")

	assertUID(t, w.client(t, cometchat.WithSessionStore(store)), uid1)
}

// TestTokenOfALoginThatFailed has logins fail after the server has made a token: the next login uses it, or a user whose
// logins fail would lose the tokens of other devices.
func TestTokenOfALoginThatFailed(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.client(t, once)
	w.loginWorks(uid1, uid2)
	login := func(uid, key string) error {
		_, err := c.Login(t.Context(), uid, key)
		return err
	}
	mint, signIn := "POST "+tokensURL(uid1), "PUT "+meURL

	w.RegisterResponder("PUT", meURL, httpmock.NewErrorResponder(errReset))
	require.ErrorIs(t, login(uid1, authKey), errReset)
	require.ErrorIs(t, login(uid1, authKey), errReset)
	assert.Equal(t, []string{mint, signIn, signIn}, w.lines(), "the second login makes no token")
	require.ErrorIs(t, login(uid1, "another-key"), errReset)
	assert.Equal(t, []string{mint, signIn}, w.lines(), "the token is for the same key alone")

	w.answer("PUT", meURL, 401, tokenGone())
	require.ErrorIs(t, login(uid1, "another-key"), cometchat.ErrAuthTokenNotFound)
	assert.Equal(t, []string{signIn, mint, signIn}, w.lines(), "a token that is gone is not used again")
	w.loginWorks(uid1, uid2)
	require.NoError(t, login(uid1, "another-key"))
	assert.Equal(t, []string{signIn}, w.lines())
	w.answer("DELETE", meURL, 200, data(object{"success": true}))
	require.NoError(t, c.Logout(t.Context()))
	w.requests()
	require.NoError(t, login(uid1, "another-key"))
	assert.Equal(t, []string{mint, signIn}, w.lines(), "a token of a session is used once")
}
