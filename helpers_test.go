package cometchat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"log"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// full makes tests run at the size that proves something: go test . -full
var full = flag.Bool("full", false, "run tests at the size that proves something")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	appID   = "app1"
	authKey = "0123456789abcdef0123456789abcdef01234567"
	uid1    = "cometchat-uid-1"
	uid2    = "cometchat-uid-2"

	adminHost  = "https://app1.api-us.cometchat.io/v3.0"
	clientHost = "https://app1.apiclient-us.cometchat.io/v3.0"
	meURL      = clientHost + "/me"
)

func tokensURL(uid string) string { return adminHost + "/users/" + uid + "/auth_tokens" }

// tokenOf returns the auth token that the mocked server creates for a uid.
func tokenOf(uid string) string { return uid + "_1630306819c3027ce530b2367f3c97b4106f0cb8" }

// sent is a request that went out.
type sent struct {
	Method, URL string
	Header      http.Header
	Body        string
}

// wire is a mocked network: the transport of a client, which answers as the test says and keeps the requests for its assertions.
type wire struct {
	*httpmock.MockTransport
	mu   sync.Mutex
	sent []sent
}

func newWire() *wire { return &wire{MockTransport: httpmock.NewMockTransport()} }

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		_ = r.Body.Close()
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	w.mu.Lock()
	w.sent = append(w.sent, sent{r.Method, r.URL.String(), r.Header.Clone(), string(body)})
	w.mu.Unlock()
	return w.MockTransport.RoundTrip(r)
}

// requests returns the requests since the last call.
func (w *wire) requests() []sent {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.sent
	w.sent = nil
	return all
}

// lines returns the requests since the last call, each as "METHOD url".
func (w *wire) lines() []string {
	lines := []string{}
	for _, r := range w.requests() {
		lines = append(lines, r.Method+" "+r.URL)
	}
	return lines
}

// client returns a client whose requests this wire answers. It is closed at the end of the test.
func (w *wire) client(t *testing.T, opts ...cometchat.Option) *cometchat.Client {
	t.Helper()
	c, err := cometchat.New(appID, append([]cometchat.Option{
		cometchat.WithRegion("us"), cometchat.WithHTTPClient(&http.Client{Transport: w}),
	}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
}

// answer makes the server answer a request with this status and body: a string as it is, any other value as JSON.
func (w *wire) answer(method, url string, status int, body any) {
	w.RegisterResponder(method, url, respond(status, body))
}

func respond(status int, body any) httpmock.Responder {
	if text, ok := body.(string); ok {
		return httpmock.NewStringResponder(status, text)
	}
	return httpmock.NewJsonResponderOrPanic(status, body)
}

type object = map[string]any

// user returns a user as the server's JSON.
func user(uid string) object {
	return object{
		"uid": uid, "name": "Name " + uid, "avatar": "https://x/y.png", "link": "https://l", "role": "default",
		"status": "available", "statusMessage": "hey", "metadata": object{"a": 1}, "tags": []string{"t1"},
		"lastActiveAt": 1700000000, "createdAt": 1690000000, "updatedAt": 1690000001,
	}
}

func data(v any) object { return object{"data": v} }

func refusal(code, message string) object {
	return object{"error": object{"code": code, "message": message, "devMessage": message + " (dev)", "source": "user-api"}}
}

func tokenGone() object {
	return refusal("AUTH_ERR_AUTH_TOKEN_NOT_FOUND", "The auth token does not exist.")
}

// loginWorks makes the server accept logins with these uids and with their tokens.
func (w *wire) loginWorks(uids ...string) {
	for _, uid := range uids {
		w.RegisterResponder("POST", tokensURL(uid), minted(uid))
	}
	w.RegisterResponder("PUT", meURL, func(r *http.Request) (*http.Response, error) {
		for _, uid := range uids {
			if r.Header.Get("authtoken") == tokenOf(uid) {
				return httpmock.NewJsonResponse(200, data(meAnswer(uid)))
			}
		}
		return httpmock.NewJsonResponse(401, tokenGone())
	})
}

// meAnswer returns the server's data for PUT /me.
func meAnswer(uid string) object {
	u := user(uid)
	u["authToken"], u["jwt"], u["fat"] = tokenOf(uid), jwt, "fat-1"
	u["wsChannel"] = object{"identity": "[app1]" + uid, "secret": "sec", "service": "svc"}
	return u
}

const jwt = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1aWQiOiJjb21ldGNoYXQtdWlkLTEifQ.c2lnbmF0dXJl"

// loggedIn returns a client that is logged in as uid1.
func (w *wire) loggedIn(t *testing.T, opts ...cometchat.Option) *cometchat.Client {
	t.Helper()
	w.loginWorks(uid1, uid2)
	c := w.client(t, opts...)
	_, err := c.Login(t.Context(), uid1, authKey)
	require.NoError(t, err)
	w.requests()
	return c
}

// assertUID asserts which user is logged in; "" stands for none.
func assertUID(t *testing.T, c *cometchat.Client, uid string) {
	t.Helper()
	u, err := c.GetLoggedinUser(context.Background())
	require.NoError(t, err)
	if uid == "" {
		assert.Nil(t, u, "a user is logged in")
		return
	}
	if assert.NotNil(t, u, "nobody is logged in") {
		assert.Equal(t, uid, u.UID)
	}
}

// loginEvents records the calls of a login listener, as "loginSuccess uid" and so on.
type loginEvents struct {
	mu     sync.Mutex
	events []string
}

// listen adds a listener to a client, and returns the record of its events.
func listen(c *cometchat.Client) *loginEvents {
	h := &loginEvents{}
	c.AddLoginListener("test", h.listener())
	return h
}

func (h *loginEvents) listener() cometchat.LoginListener {
	say := func(event string) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.events = append(h.events, event)
	}
	return cometchat.LoginListener{
		LoginSuccess:  func(u *cometchat.User) { say("loginSuccess " + u.UID) },
		LoginFailure:  func(err error) { say("loginFailure " + code(err)) },
		LogoutSuccess: func() { say("logoutSuccess") },
		LogoutFailure: func(err error) { say("logoutFailure " + code(err)) },
	}
}

// take returns the events since the last call.
func (h *loginEvents) take() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.events
	h.events = nil
	return all
}

// code returns the code of an error of the SDK, and "" for any other error.
func code(err error) string {
	if e := asError(err); e != nil {
		return e.Code
	}
	return ""
}

func asError(err error) *cometchat.Error {
	e, _ := err.(*cometchat.Error) //nolint:errorlint // every method promises an *Error, not one that wraps it
	return e
}

// decoded returns the JSON object in a request's body.
func decoded(t *testing.T, body string) object {
	t.Helper()
	var v object
	require.NoError(t, json.Unmarshal([]byte(body), &v), "body: %s", body)
	return v
}

// emulator starts an emulator. It is closed at the end of the test.
func emulator(t *testing.T) *cometchattest.Server {
	t.Helper()
	s := cometchattest.NewServer()
	t.Cleanup(s.Close)
	return s
}

// emulated returns a client of an emulator. It is closed at the end of the test, before the emulator.
func emulated(t *testing.T, s *cometchattest.Server, opts ...cometchat.Option) *cometchat.Client {
	t.Helper()
	c, err := cometchat.New(s.AppID, append(s.Options(), opts...)...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
}

// atOnce retries without a wait.
var atOnce = cometchat.WithRetry(cometchat.RetryPolicy{BaseDelay: 1, MaxDelay: 1})

// once turns retries off.
var once = cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: 1})

// inBubble runs a subtest on fake time.
func inBubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// settle waits until every other goroutine of a bubble is blocked.
func settle() { synctest.Wait() }

// minted answers POST /users/{uid}/auth_tokens with tokenOf(uid).
func minted(uid string) httpmock.Responder {
	return respond(200, data(object{"uid": uid, "authToken": tokenOf(uid), "createdAt": 1700000000}))
}

// slowly delays an answer by ten seconds, for use on fake time.
func slowly(r httpmock.Responder) httpmock.Responder { return r.Delay(10 * time.Second) }

// stopwatch returns a function that returns the time since stopwatch was called.
func stopwatch() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// elapse waits on fake time.
func elapse(d time.Duration) { <-time.After(d) }

// roundTripper is a function as an http.RoundTripper.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// started runs a call of a bubble in the background until it blocks, and returns the channel of its error.
func started(call func() error) <-chan error {
	result := make(chan error, 1)
	go func() { result <- call() }()
	settle()
	return result
}

// logged returns a logger, and a function that returns its output so far.
func logged() (*slog.Logger, func() string) {
	log := &lockedBuffer{}
	return slog.New(slog.NewTextHandler(log, nil)), log.String
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer // guarded by mu
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

var silentLog = log.New(io.Discard, "", 0)
