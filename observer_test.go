package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func ExampleWithObserver() {
	server := cometchattest.NewServer()
	defer server.Close()
	observe := func(a cometchat.Attempt) { // update your metrics here
		fmt.Printf("%s, attempt %d at %s: %d %q\n", a.Op, a.Attempt, a.Route, a.Status, a.Code)
	}
	client, err := cometchat.New(server.AppID, append(server.Options(), cometchat.WithObserver(observe))...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	_, _ = client.Login(context.Background(), "cometchat-uid-1", server.AuthKey)
	_, _ = client.GetUser(context.Background(), "nobody")
	// Output:
	// Login, attempt 1 at POST /users/{uid}/auth_tokens: 200 ""
	// Login, attempt 1 at PUT /me: 200 ""
	// GetUser, attempt 1 at GET /users/{uid}: 404 "ERR_UID_NOT_FOUND"
}

// observed records the attempts that an observer gets.
type observed struct {
	mu       sync.Mutex
	attempts []cometchat.Attempt
}

func (o *observed) option() cometchat.Option {
	return cometchat.WithObserver(func(a cometchat.Attempt) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.attempts = append(o.attempts, a)
	})
}

// take returns the attempts since the last call.
func (o *observed) take() []cometchat.Attempt {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := o.attempts
	o.attempts = nil
	return all
}

func TestObserver(t *testing.T) {
	t.Parallel()
	type attempt = cometchat.Attempt
	inBubble(t, "gets each attempt", func(t *testing.T) {
		var o observed
		w := newWire()
		w.RegisterResponder("GET", clientHost+"/users/u9", slowly(respond(503, refusal("ERR_X", "x"))).
			Then(respond(200, "<html>")).Then(respond(200, data(user("u9")))))
		c := w.loggedIn(t, o.option(), cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: 2}))
		assert.Equal(t, []attempt{
			{Op: "Login", Route: "POST /users/{uid}/auth_tokens", Status: 200, Attempt: 1},
			{Op: "Login", Route: "PUT /me", Status: 200, Attempt: 1},
		}, o.take())

		_, err := c.GetUser(t.Context(), "u9")
		require.Error(t, err)
		assert.Equal(t, []attempt{
			{Op: "GetUser", Route: "GET /users/{uid}", Status: 503, Attempt: 1, Duration: 10 * time.Second, Code: "ERR_X"},
			{Op: "GetUser", Route: "GET /users/{uid}", Status: 200, Attempt: 2, Code: "FAILED_TO_FETCH"},
		}, o.take())
		require.NoError(t, getUser(t, c))
		assert.Equal(t, []attempt{{Op: "GetUser", Route: "GET /users/{uid}", Status: 200, Attempt: 1}}, o.take())
	})
	inBubble(t, "gets attempts without an answer", func(t *testing.T) {
		var o observed
		w := newWire()
		c := w.loggedIn(t, o.option(), once)
		o.take()
		w.RegisterResponder("GET", userURL, httpmock.NewErrorResponder(errReset))
		require.Error(t, getUser(t, c))
		assert.Equal(t, []attempt{{Op: "GetUser", Route: "GET /users/{uid}", Attempt: 1, Code: "FAILED_TO_FETCH"}}, o.take())

		ctx, cancel := context.WithCancel(t.Context())
		w.RegisterResponder("GET", userURL, func(*http.Request) (*http.Response, error) {
			cancel()
			return nil, ctx.Err()
		})
		_, err := c.GetUser(ctx, "u9")
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, []attempt{{Op: "GetUser", Route: "GET /users/{uid}", Attempt: 1}}, o.take())
	})
	t.Run("gets nothing without a request", func(t *testing.T) {
		t.Parallel()
		var o observed
		w := newWire()
		c := w.loggedIn(t, o.option())
		o.take()
		_, err := c.GetUser(t.Context(), "")
		require.Error(t, err)
		_, err = c.GetLoggedinUser(t.Context())
		require.NoError(t, err)
		assert.Empty(t, o.take())
	})
	t.Run("may be one of several, and works for pools and admins", func(t *testing.T) {
		t.Parallel()
		var one, two observed
		w := newWire()
		w.loginWorks(uid1)
		w.answer("GET", adminHost+"/users/u9", 200, data(user("u9")))
		_, err := w.pool(t, one.option(), two.option()).Client("x").LoginWithToken(t.Context(), tokenOf(uid1))
		require.NoError(t, err)
		_, err = w.admin(t, one.option(), two.option()).GetUser(t.Context(), "u9")
		require.NoError(t, err)
		heardByOne, heardByTwo := one.take(), two.take()
		assert.Len(t, heardByOne, 2)
		assert.Equal(t, heardByOne, heardByTwo)
	})
	t.Run("gets the route of a Do, not its path", func(t *testing.T) {
		t.Parallel()
		var o observed
		w := newWire()
		w.RegisterNoResponder(respond(200, data(object{})))
		require.NoError(t, w.admin(t, o.option()).Do(t.Context(), "DELETE", "/users/u9/auth_tokens/secret?a=b", nil, nil))
		heard := o.take()
		assert.Equal(t, "DELETE {path}", heard[0].Route)
		assert.Equal(t, "Do", heard[0].Op)
	})
	t.Run("may panic, and the panic reaches the caller", func(t *testing.T) {
		t.Parallel()
		boom, armed := errors.New("boom"), true
		w := newWire()
		w.loginWorks(uid1)
		c := w.client(t, cometchat.WithObserver(func(cometchat.Attempt) {
			if armed {
				armed = false
				panic(boom)
			}
		}))
		panicked := recovered(func() { _, _ = c.Login(t.Context(), uid1, authKey) })
		err, _ := panicked.(error)
		require.ErrorIs(t, err, boom)
		_, err = c.Login(t.Context(), uid1, authKey)
		require.NoError(t, err, "the client still works")
	})
	t.Run("may not be nil", func(t *testing.T) {
		t.Parallel()
		_, err := cometchat.New(appID, cometchat.WithRegion("us"), cometchat.WithObserver(nil))
		require.ErrorIs(t, err, cometchat.ErrBadRequest)
		require.ErrorContains(t, err, "observer is nil")
	})
}

// TestObserverSeesNoSecret makes calls with tokens in the path, and the server puts the credential into every part of its errors.
func TestObserverSeesNoSecret(t *testing.T) {
	t.Parallel()
	for name, responder := range map[string]httpmock.Responder{
		"an echo":   echoing(400),
		"HTML":      echoingText(500, "<html>%s</html>"),
		"no answer": func(r *http.Request) (*http.Response, error) { return nil, fmt.Errorf("no %s %v", r.URL, r.Header) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var o observed
			w := newWire()
			me := meAnswer(uid1)
			me["authToken"], me["jwt"] = canaryToken, canaryJWT
			w.answer("PUT", meURL, 200, data(me))
			c := w.client(t, once, o.option())
			_, err := c.LoginWithToken(t.Context(), canaryToken)
			require.NoError(t, err)
			w.Reset()
			w.RegisterNoResponder(responder)
			a, err := cometchat.NewAdmin(appID, canaryKey, cometchat.WithRegion("us"), once, o.option(),
				cometchat.WithHTTPClient(&http.Client{Transport: w}))
			require.NoError(t, err)
			defer a.Close()
			path := "/users/u9/auth_tokens/" + url.PathEscape(canaryToken)
			require.Error(t, c.Do(t.Context(), "GET", path+"?"+url.QueryEscape(canaryToken), nil, nil))
			require.Error(t, a.Do(t.Context(), "GET", path, nil, nil))
			require.Error(t, a.DeleteAuthToken(t.Context(), "u9", canaryToken))
			require.Error(t, getUser(t, c))
			heard := o.take()
			assert.Len(t, heard, 5)
			for _, attempt := range heard {
				assertUnprintable(t, attempt)
			}
		})
	}
}

func TestAppInfo(t *testing.T) {
	t.Parallel()
	const sdk = "cometchat-go/" + cometchat.Version
	for want, option := range map[string]cometchat.Option{
		sdk + " my-app/1.2.3+b": cometchat.WithAppInfo("my-app", "1.2.3+b"),
		sdk + " my-app":         cometchat.WithAppInfo("my-app", ""),
		sdk:                     cometchat.WithTimeout(time.Minute),
	} {
		w := newWire()
		w.loginWorks(uid1)
		w.RegisterNoResponder(respond(200, data(user("u9"))))
		_, err := w.client(t, option).Login(t.Context(), uid1, authKey)
		require.NoError(t, err)
		_, err = w.admin(t, option).GetUser(t.Context(), "u9")
		require.NoError(t, err)
		requests := w.requests()
		assert.Len(t, requests, 3)
		for _, request := range requests {
			assert.Equal(t, []string{want}, request.Header["User-Agent"])
		}
	}
	long := fmt.Sprintf("%065d", 0)
	for _, bad := range []string{" ", "a b", "a/b", "(a)", "a)", "a\n", "a\r\nApikey:x", "ü", "\x7f", long} {
		for _, option := range []cometchat.Option{cometchat.WithAppInfo(bad, "1"), cometchat.WithAppInfo("app", bad)} {
			_, err := cometchat.New(appID, cometchat.WithRegion("us"), option)
			require.ErrorIs(t, err, cometchat.ErrBadRequest, "%q", bad)
			require.ErrorContains(t, err, "1 to 64 visible ASCII characters")
		}
	}
	_, err := cometchat.New(appID, cometchat.WithRegion("us"), cometchat.WithAppInfo("", "1"))
	require.ErrorIs(t, err, cometchat.ErrBadRequest, "the name is missing")
	c, err := cometchat.New(appID, cometchat.WithRegion("us"), cometchat.WithAppInfo(long[:64], long[:64]))
	require.NoError(t, err)
	require.NoError(t, c.Close())
}
