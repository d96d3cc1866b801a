package cometchat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The canaries are secrets that may appear in the header of a request only. They have characters that URLs, JSON and regular
// expressions escape.
const (
	canaryKey   = "canary-key/with+signs?\"quoted\" & <tags> (0)"
	canaryToken = "canary-token/with+signs?\"quoted\" & <tags> (1)"
	canaryPass  = "canary-pass/with+signs?\"quoted\" & <tags> (2) ü"
	canaryJWT   = "eyJjYW5hcnki.eyJjYW5hcnkiOjF9.Y2FuYXJ5LXNpZ25hdHVyZQ"
)

// spellings returns a secret in every form in which a text could have it.
func spellings(secret string) []string {
	quoted, _ := json.Marshal(secret)
	inner := string(quoted[1 : len(quoted)-1])
	goQuoted := strings.Trim(fmt.Sprintf("%q", secret), `"`)
	return []string{
		secret, inner, goQuoted, strings.Trim(fmt.Sprintf("%q", inner), `"`), url.PathEscape(secret), url.QueryEscape(secret),
		fmt.Sprintf("%x", secret), fmt.Sprintf("%v", []byte(secret)),
	}
}

func assertNoSecret(t *testing.T, what, text string) {
	t.Helper()
	for _, secret := range []string{canaryKey, canaryToken, canaryJWT, canaryPass} {
		for _, spelling := range spellings(secret) {
			assert.NotContains(t, strings.ToLower(text), strings.ToLower(spelling), what)
		}
	}
}

// assertUnprintable asserts that a value shows no secret, in whatever way it is printed, logged or encoded. Of an error it checks
// every wrapped error too.
func assertUnprintable(t *testing.T, v any) {
	t.Helper()
	name := fmt.Sprintf("%T", v)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		assertNoSecret(t, name+" as "+verb, fmt.Sprintf(verb, v))
		assertNoSecret(t, name+" inside another as "+verb, fmt.Sprintf(verb, []any{v, map[string]any{"k": v}, struct{ V any }{v}}))
	}
	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		logger := slog.New(handler)
		logger.With("with", v).WithGroup("g").Info("m", "v", v, slog.Group("h", "v", v))
	}
	assertNoSecret(t, name+" in a log", log.String())
	switch v.(type) {
	case cometchat.Session, *cometchat.Session: // their JSON is for stores, and has the secrets
	default:
		raw, _ := json.Marshal(v)
		assertNoSecret(t, name+" as JSON", string(raw))
	}
	switch wrapping := v.(type) {
	case interface{ Unwrap() error }:
		if inner := wrapping.Unwrap(); inner != nil {
			assertUnprintable(t, inner)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range wrapping.Unwrap() {
			assertUnprintable(t, inner)
		}
	}
}

// echoing answers with an error that has the credential of the request in each of its fields, in several spellings.
func echoing(status int) httpmock.Responder {
	return func(r *http.Request) (*http.Response, error) {
		secret := r.Header.Get("apikey") + r.Header.Get("authtoken")
		return httpmock.NewJsonResponse(status, object{"error": object{
			"code": "ERR_" + secret, "message": "The key " + secret + " and " + strings.ToUpper(secret),
			"devMessage": url.PathEscape(secret), "source": url.QueryEscape(secret),
			"details": object{secret: []any{secret, object{"deep": "x" + secret + "x"}}, "jwt": canaryJWT, "n": 1},
		}})
	}
}

func echoingText(status int, format string) httpmock.Responder {
	return func(r *http.Request) (*http.Response, error) {
		secret := r.Header.Get("apikey") + r.Header.Get("authtoken")
		return httpmock.NewStringResponse(status, fmt.Sprintf(format, secret)), nil
	}
}

func TestSecretsAreNeverShown(t *testing.T) {
	t.Parallel()
	for name, responder := range map[string]httpmock.Responder{
		"an echo of 400":  echoing(400),
		"an echo of 401":  echoing(401),
		"an echo of 429":  echoing(429),
		"an echo of 503":  echoing(503),
		"HTML":            echoingText(500, "<html>%s</html>"),
		"a redirect":      echoingText(302, "moved to ?key=%s"),
		"another JSON":    echoingText(403, `{"message":"%s"}`),
		"a long text":     echoingText(500, strings.Repeat(" ", 8<<10-20)+"%s"),
		"a longer text":   echoingText(500, strings.Repeat("x", 150)+"%s"),
		"half a success":  echoingText(200, `{"data":{"uid":"u9","authToken":"`+strings.ReplaceAll(canaryToken, `"`, `\"`)+`","x":"%s`),
		"a cut-off token": echoingText(500, `{"data":{"uid":"u9","authToken":"canary-token-of-somebody-else`),
		"a wrong success": echoingText(200, `{"data":{"uid":5,"authToken":"%s"}}`),
		"no answer": func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("proxy refused %s %v", r.URL, r.Header)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			w := newWire()
			me := meAnswer(uid1)
			me["authToken"], me["jwt"] = canaryToken, canaryJWT
			w.answer("PUT", meURL, 200, data(me))
			var told []error
			c := w.client(t, once, cometchat.WithLogger(
				slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
			c.AddLoginListener("x", cometchat.LoginListener{
				LoginFailure:  func(err error) { told = append(told, err) },
				LogoutFailure: func(err error) { told = append(told, err) },
			})
			u, err := c.LoginWithToken(t.Context(), canaryToken)
			require.NoError(t, err)
			token, err := c.AuthToken(t.Context())
			require.NoError(t, err)
			require.Equal(t, canaryToken, token)
			assertUnprintable(t, u)
			assertUnprintable(t, *u)
			assertUnprintable(t, c)
			assertUnprintable(t, *c)
			assertUnprintable(t, struct{ hidden *cometchat.Client }{c})

			w.Reset()
			w.RegisterNoResponder(responder)
			ctx := t.Context()
			_, login := c.Login(ctx, uid2, canaryKey)
			_, withToken := c.LoginWithToken(ctx, canaryToken+"2")
			_, verify := c.VerifySession(ctx)
			_, create := c.CreateUser(ctx, &cometchat.User{UID: "u9", Name: "x"}, canaryKey)
			_, update := c.UpdateUser(ctx, &cometchat.User{UID: "u9", Name: "x"}, canaryKey)
			_, updateMe := c.UpdateCurrentUserDetails(ctx, &cometchat.User{Name: "x"})
			_, get := c.GetUser(ctx, "u9")
			list := first(c.ListUsers(ctx, cometchat.UsersRequest{}))
			_, block := c.BlockUsers(ctx, []string{"u9"})
			ofMessages := failures(t, c)
			them := cometchat.ToUser("u9")
			_, conversation := c.GetConversation(ctx, them)
			_, conversations := c.ListConversationsPage(ctx, cometchat.ConversationsRequest{}, "")
			read := c.MarkConversationAsRead(ctx, them)
			_, unread := c.UnreadCounts(ctx, cometchat.UnreadRequest{})
			_, receipts := c.GetMessageReceipts(ctx, "7")
			text := cometchat.NewTextMessage(cometchat.ToUser(uid2), "canary-text")
			text.Metadata = json.RawMessage(`{"k":"canary-metadata"}`)
			short, cancel := context.WithTimeout(ctx, 100*time.Millisecond) // a lost send searches again after three seconds
			_, send := c.SendMessage(short, text)
			cancel()
			_, resolve := c.ResolveSend(ctx, text)
			_, upload := c.UploadFile(ctx, cometchat.ToUser(uid2), "", cometchat.File{Reader: strings.NewReader("canary-file")})
			for _, hidden := range []string{"canary-text", "canary-metadata", "canary-file"} {
				assert.NotContains(t, fmt.Sprint(send, resolve, upload)+log.String(), hidden)
			}
			logout := c.Logout(ctx)
			errs := []error{
				login, withToken, verify, create, update, updateMe, get, list, block,
				conversation, conversations, read, unread, receipts, send, resolve, upload, logout,
			}
			for _, err := range ofMessages {
				if err != nil { // some need no more than a success
					errs = append(errs, err)
				}
			}
			for _, err := range append(errs, told...) {
				require.Error(t, err)
				assertUnprintable(t, err)
				assert.NotContains(t, err.Error(), "somebody-else")
			}
			assert.NotEmpty(t, log.String())
			assertNoSecret(t, "the log", log.String())
		})
	}
}

func TestSecretsOfASessionAreNeverShown(t *testing.T) {
	t.Parallel()
	s := cometchat.Session{
		AppID: appID, AuthToken: canaryToken, JWT: canaryJWT, User: &cometchat.User{UID: uid1}, VerifiedAt: time.Unix(1, 0),
	}
	assertUnprintable(t, s)
	assertUnprintable(t, &s)
	assert.Equal(t, `session of "cometchat-uid-1" in app "app1"`, fmt.Sprint(s))
	assert.Equal(t, `session of "" in app "app1"`, cometchat.Session{AppID: appID}.String())
	store := cometchat.NewMemorySessionStore()
	require.NoError(t, store.Save(t.Context(), "k", &s))
	assertUnprintable(t, store)
}

// TestTokenProviderThatQuotesTokens checks errors of a provider that quote the refused token or the provider's own.
func TestTokenProviderThatQuotesTokens(t *testing.T) {
	t.Parallel()
	const refused = canaryToken + " refused"
	for name, tc := range map[string]struct {
		token string
		err   error
	}{
		"an error of its own":         {"", fmt.Errorf("no other than %s: %w", refused, errDisk)},
		"a token beside its error":    {canaryToken, fmt.Errorf("could not keep %q: %w", canaryToken, errDisk)},
		"the refused token":           {refused, nil},
		"another refused token":       {canaryToken, nil},
		"a token that cannot be sent": {canaryToken + "\n", nil},
		"a URL":                       {"", &url.Error{Op: "Post", URL: "https://x/" + canaryToken, Err: errDisk}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			w := newWire()
			me := meAnswer(uid1)
			me["authToken"], me["jwt"] = refused, canaryJWT
			w.answer("PUT", meURL, 200, data(me))
			p := w.pool(t, once, cometchat.WithLogger(
				slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
				cometchat.WithPoolTokenProvider(func(context.Context, string) (string, error) { return tc.token, tc.err }))
			c := p.Client("one")
			_, err := c.LoginWithToken(t.Context(), refused)
			require.NoError(t, err)
			gone := func(r *http.Request) (*http.Response, error) {
				return respond(401, refusal("AUTH_ERR_AUTH_TOKEN_NOT_FOUND", "no "+r.Header.Get("authtoken")))(r)
			}
			w.RegisterResponder("GET", userURL, gone)
			w.RegisterResponder("PUT", meURL, gone)
			err = getUser(t, c)
			require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
			if tc.err != nil {
				require.ErrorIs(t, err, errDisk)
			}
			assertUnprintable(t, err)
			assertUnprintable(t, p)
			assertUnprintable(t, struct{ hidden *cometchat.Pool }{p})
			assertUnprintable(t, c)
			assert.NotEmpty(t, log.String())
			assertNoSecret(t, "the log", log.String())
		})
	}
}

// TestTokenProviderOfALoginThatQuotesTheToken checks the errors of EnsureLoggedIn, also those that a listener gets.
func TestTokenProviderOfALoginThatQuotesTheToken(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		token string
		err   error
	}{
		"a token beside its error":    {canaryToken, fmt.Errorf("could not keep %q: %w", canaryToken, errDisk)},
		"a token that is refused":     {canaryToken, nil},
		"a token that cannot be sent": {canaryToken + "\n", nil},
		"a URL":                       {"", &url.Error{Op: "Post", URL: "https://x/" + canaryToken, Err: errDisk}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			w.RegisterResponder("PUT", meURL, echoing(401))
			c := w.client(t, once, cometchat.WithTokenProvider(func(context.Context) (string, error) { return tc.token, tc.err }))
			var told error
			c.AddLoginListener("x", cometchat.LoginListener{LoginFailure: func(err error) { told = err }})
			err := ensure(t, c)
			for _, err := range []error{err, told} {
				require.Error(t, err)
				assertUnprintable(t, err)
			}
		})
	}
}

// TestTokenURLThatQuotesSecrets checks errors about a server that repeats the headers, the cookies and the token.
func TestTokenURLThatQuotesSecrets(t *testing.T) {
	t.Parallel()
	secrets := func(r *http.Request) string {
		return r.Header.Get("Authorization") + strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ") + r.Header.Get("Cookie")
	}
	for name, responder := range map[string]httpmock.Responder{
		"a refusal": func(r *http.Request) (*http.Response, error) {
			return httpmock.NewJsonResponse(401, refusal("X_"+secrets(r), "no "+secrets(r)+canaryToken))
		},
		"HTML":         func(r *http.Request) (*http.Response, error) { return respond(500, "<html>"+secrets(r))(r) },
		"a bad token":  respond(200, object{"authToken": canaryToken + "\n"}),
		"half a token": respond(200, `{"authToken":"`+url.PathEscape(canaryToken)),
		"no answer": func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("proxy refused %s %v", r.URL, r.Header)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			w.RegisterResponder("POST", tokenURL, responder)
			provider := w.tokenProvider(t, cometchat.WithTokenRequest(func(r *http.Request) error {
				r.Header.Set("Authorization", "Bearer "+canaryToken)
				r.Header.Set("Cookie", "session=canary-key")
				return nil
			}))
			_, err := provider(t.Context())
			require.Error(t, err)
			assertUnprintable(t, err)
			assert.NotContains(t, err.Error(), "canary")
			err = ensure(t, w.client(t, cometchat.WithTokenProvider(provider)))
			require.Error(t, err)
			assertUnprintable(t, err)
			assert.NotContains(t, err.Error(), "canary")
		})
	}
	_, err := newWire().tokenProvider(t, cometchat.WithTokenRequest(func(r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+canaryToken)
		return fmt.Errorf("cannot set %v", r.Header)
	}))(t.Context())
	require.Error(t, err)
	assertUnprintable(t, err)
}

func TestStoreThatQuotesTheSessionToSave(t *testing.T) {
	t.Parallel()
	w := newWire()
	me := meAnswer(uid1)
	me["authToken"], me["jwt"] = canaryToken, canaryJWT
	w.answer("PUT", meURL, 200, data(me))
	c := w.client(t, cometchat.WithSessionStore(quotingStore{cometchat.NewMemorySessionStore()}))
	_, err := c.LoginWithToken(t.Context(), canaryToken)
	require.ErrorContains(t, err, "could not write the session")
	assertUnprintable(t, err)
	require.ErrorIs(t, err, errDisk)
}

// TestContextOfALoginShowsNoSecret checks the contexts that stores and transports get, and may log.
func TestContextOfALoginShowsNoSecret(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.loginWorks(uid1)
	store := &printingStore{MemorySessionStore: cometchat.NewMemorySessionStore(), print: func(ctx context.Context) {
		assertUnprintable(t, ctx)
	}}
	transport := roundTripper(func(r *http.Request) (*http.Response, error) {
		assertUnprintable(t, r.Context())
		return w.RoundTrip(r)
	})
	c := w.client(t, cometchat.WithSessionStore(store), cometchat.WithHTTPClient(&http.Client{Transport: transport}))
	_, err := c.Login(t.Context(), uid1, canaryKey)
	require.NoError(t, err)
	_, err = c.LoginWithToken(t.Context(), canaryToken)
	require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
	assert.NotZero(t, store.printed.Load())
}

// printingStore calls print with the context of each call.
type printingStore struct {
	*cometchat.MemorySessionStore
	print   func(context.Context)
	printed atomic.Int32
}

func (p *printingStore) Load(ctx context.Context, key string) (*cometchat.Session, error) {
	p.printed.Add(1)
	p.print(ctx)
	return p.MemorySessionStore.Load(ctx, key)
}

func (p *printingStore) CompareAndSwap(ctx context.Context, key string, old, next *cometchat.Session) (bool, error) {
	p.printed.Add(1)
	p.print(ctx)
	return p.MemorySessionStore.CompareAndSwap(ctx, key, old, next)
}

// TestStoreThatQuotesTheSessionToLoad checks errors of a store that quote a record. The record may be the client's own session.
func TestStoreThatQuotesTheSessionToLoad(t *testing.T) {
	t.Parallel()
	w, store := newWire(), newHookedStore()
	me := meAnswer(uid1)
	me["authToken"], me["jwt"] = canaryToken, canaryJWT
	w.answer("PUT", meURL, 200, data(me))
	c := w.client(t, cometchat.WithSessionStore(store))
	_, err := c.LoginWithToken(t.Context(), canaryToken)
	require.NoError(t, err)
	w.onlyWith()
	store.load = func(string) error { return fmt.Errorf("corrupt entry: %q %s: %w", canaryToken, canaryJWT, errDisk) }
	_, login := c.LoginWithToken(t.Context(), "another")
	for what, err := range map[string]error{"a call": getUser(t, c), "login": login} {
		require.ErrorIs(t, err, errDisk, what)
		assertUnprintable(t, err)
	}
}

// TestSharedStoreThatQuotesTheSessions checks errors of CompareAndSwap that quote the old and the new session.
func TestSharedStoreThatQuotesTheSessions(t *testing.T) {
	t.Parallel()
	w, store := newWire(), &quotingSharedStore{MemorySessionStore: cometchat.NewMemorySessionStore()}
	me := meAnswer(uid1)
	me["authToken"], me["jwt"] = canaryToken, canaryJWT
	w.answer("PUT", meURL, 200, data(me))
	c := w.client(t, cometchat.WithSessionStore(store))
	_, err := c.LoginWithToken(t.Context(), canaryToken)
	require.NoError(t, err)
	store.broken = true
	w.answer("GET", userURL, 401, tokenGone())
	_, verify := c.VerifySession(t.Context())
	_, login := c.LoginWithToken(t.Context(), canaryToken+"2")
	for what, err := range map[string]error{"verify": verify, "login": login, "the end": getUser(t, c)} {
		require.ErrorIs(t, err, errDisk, what)
		assertUnprintable(t, err)
	}
	assertUID(t, c, "")
}

type quotingSharedStore struct {
	*cometchat.MemorySessionStore
	broken bool
}

func (q *quotingSharedStore) CompareAndSwap(ctx context.Context, key string, old, next *cometchat.Session) (bool, error) {
	if !q.broken {
		return q.MemorySessionStore.CompareAndSwap(ctx, key, old, next)
	}
	text := ""
	for _, s := range []*cometchat.Session{old, next} {
		if s != nil {
			text += fmt.Sprintf(" %q %s", s.AuthToken, s.JWT)
		}
	}
	return false, fmt.Errorf("cannot swap%s: %w", text, errDisk)
}

// quotingStore cannot compare and swap. The errors of its Save quote the session.
type quotingStore struct{ cometchat.SessionStore }

func (q quotingStore) Save(ctx context.Context, key string, s *cometchat.Session) error {
	if s.AuthToken == "" {
		return q.SessionStore.Save(ctx, key, s)
	}
	return fmt.Errorf("cannot write %q, %q: %w", s.AuthToken, s.JWT, errDisk)
}

func TestCallsOfAUserGoToTheClientAPI(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t, once)
	_, err := c.GetUser(t.Context(), "u9")
	require.Error(t, err)
	requests := w.requests()
	require.NotEmpty(t, requests)
	for _, r := range requests {
		u, err := url.Parse(r.URL)
		require.NoError(t, err)
		assert.Equal(t, "app1.apiclient-us.cometchat.io", u.Host)
	}
}

func TestStoreThatQuotesARecord(t *testing.T) {
	t.Parallel()
	store := newHookedStore()
	store.load = func(string) error {
		return fmt.Errorf("bad record %q", `{"authToken":"opaque-canary","jwt":"canary-2"}`)
	}
	_, err := newWire().client(t, cometchat.WithSessionStore(store)).GetLoggedinUser(t.Context())
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "canary")
}

func TestLongTextOfAServer(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.answer("PUT", meURL, 400, refusal("ERR_X", strings.Repeat("long ", 300_000)))
	_, err := w.client(t).LoginWithToken(t.Context(), "t")
	require.Error(t, err)
	assert.Less(t, len(err.Error()), 3000)
}

// TestGroupPasswordIsNeverShown has the server repeat the password of a group in each way that a call about groups reads.
func TestGroupPasswordIsNeverShown(t *testing.T) {
	t.Parallel()
	g := cometchat.NewGroup{
		GUID: "g", Name: "Hikers", Type: cometchat.GroupPassword, Password: new(canaryPass), Members: cometchat.NewGroupMembers{Admins: []string{"a"}},
	}
	update := cometchat.GroupUpdate{Password: new(canaryPass)}
	for _, v := range []any{g, &g, update, &update, struct{ hidden *cometchat.NewGroup }{&g}, struct{ hidden cometchat.GroupUpdate }{update}} {
		assertUnprintable(t, v)
	}
	raw, err := json.Marshal(g)
	require.NoError(t, err)
	assert.JSONEq(t, `{"guid":"g","name":"Hikers","type":"password","members":{"admins":["a"]}}`, string(raw))

	quoted, err := json.Marshal(canaryPass)
	require.NoError(t, err)
	failed := object{"code": "ERR_" + canaryPass, "message": "no " + canaryPass}
	for name, responder := range map[string]httpmock.Responder{
		"an error":         respond(400, object{"error": object{"code": "ERR_WRONG_GROUP_PASS", "message": canaryPass, "devMessage": url.PathEscape(canaryPass), "details": object{"password": []string{canaryPass}}}}),
		"an error of 200":  respond(200, object{"error": failed}),
		"HTML":             respond(500, "<html>"+canaryPass),
		"another JSON":     respond(403, object{"password": canaryPass}),
		"half a success":   respond(200, `{"data":{"password":`+string(quoted)+`,"x`),
		"a wrong success":  respond(200, data(object{"guid": canaryPass, "success": false})),
		"a failed outcome": respond(200, data(object{"guid": "g", "password": canaryPass, "members": object{"data": object{"admins": object{"a": object{"success": false, "error": failed}}}}})),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			w := newWire()
			c := w.loggedIn(t, once, cometchat.WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
			w.RegisterNoResponder(responder)
			group, outcomes, err := c.CreateGroup(t.Context(), g)
			failures := []error{err}
			for _, outcome := range outcomes {
				failures = append(failures, outcome)
			}
			joined, err := c.JoinGroup(t.Context(), "g", canaryPass)
			failures = append(failures, err)
			updated, err := c.UpdateGroup(t.Context(), "g", update)
			failures = append(failures, err)
			_, err = c.JoinGroup(t.Context(), "g", canaryPass+"\n") // is refused here
			require.Error(t, err)
			failures, told := append(failures, err), 0
			for _, err := range failures {
				if err != nil {
					told++
					assertUnprintable(t, err)
				}
			}
			assert.GreaterOrEqual(t, told, 2)
			for _, g := range []*cometchat.Group{group, joined, updated} {
				assertUnprintable(t, g)
			}
			assert.NotEmpty(t, log.String())
			assertNoSecret(t, "the log", log.String())
		})
	}
}
