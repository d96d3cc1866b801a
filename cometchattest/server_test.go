package cometchattest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type (
	object  = map[string]any
	headers = map[string]string
)

// reach returns a server's URL, and a transport that reaches the server: through memory if it listens nowhere.
func reach(s *cometchattest.Server) (base string, transport http.RoundTripper) {
	if s.URL == "" {
		return "http://emulator.test", s.Transport()
	}
	return s.URL, &http.Transport{DisableKeepAlives: true}
}

// exchange makes a request without the SDK, which could have the same bug as the emulator.
func exchange(t *testing.T, s *cometchattest.Server, method, path, body string, header headers) (int, http.Header, object) {
	t.Helper()
	base, transport := reach(s)
	r, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body))
	require.NoError(t, err)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	resp, err := transport.RoundTrip(r)
	require.NoError(t, err)
	defer func() { assert.NoError(t, resp.Body.Close()) }()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, "application/json", resp.Header.Get("Content-Type"))
	var answer object
	require.NoError(t, json.NewDecoder(bytes.NewReader(raw)).Decode(&answer), "%s", raw)
	return resp.StatusCode, resp.Header, answer
}

func call(t *testing.T, s *cometchattest.Server, method, path, body string, header headers) (int, object) {
	t.Helper()
	status, _, answer := exchange(t, s, method, path, body, header)
	return status, answer
}

// started starts an emulator, and closes it when the test and its subtests are over.
func started(t *testing.T, opts ...cometchattest.Option) *cometchattest.Server {
	t.Helper()
	s := cometchattest.NewServer(opts...)
	t.Cleanup(s.Close)
	return s
}

// admin makes a request with the REST API key.
func admin(t *testing.T, s *cometchattest.Server, method, path, body string) (int, object) {
	t.Helper()
	return call(t, s, method, "/v3"+path, body, headers{"appid": s.AppID, "apikey": s.APIKey})
}

// must makes a request with the REST API key, and returns the object in the answer.
func must(t *testing.T, s *cometchattest.Server, method, path, body string) object {
	t.Helper()
	status, answer := admin(t, s, method, path, body)
	return data(t, status, answer)
}

// list makes a request with the REST API key, and returns the list in the answer and the whole answer.
func list(t *testing.T, s *cometchattest.Server, path string) (items []object, answer object) {
	t.Helper()
	status, answer := admin(t, s, "GET", path, "")
	require.Equal(t, http.StatusOK, status, "%v", answer)
	values, ok := answer["data"].([]any)
	require.True(t, ok, "%v", answer)
	for _, value := range values {
		item, ok := value.(object)
		require.True(t, ok, "%v", answer)
		items = append(items, item)
	}
	return items, answer
}

// field returns one field of each item.
func field(items []object, name string) []any {
	values := []any{}
	for _, item := range items {
		values = append(values, item[name])
	}
	return values
}

// refused makes a request with the REST API key, and asserts that the server refuses it.
func refused(t *testing.T, s *cometchattest.Server, method, path, body string, wantStatus int, wantCode, says string) {
	t.Helper()
	status, answer := admin(t, s, method, path, body)
	assertRefused(t, status, answer, wantStatus, wantCode, says)
}

// me makes a PUT /me with an auth token.
func me(t *testing.T, s *cometchattest.Server, token, body string) (int, object) {
	t.Helper()
	return call(t, s, "PUT", "/v3.0/me", body, headers{"appid": s.AppID, "authtoken": token})
}

// clock is a clock that a test moves.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)} }

func (c *clock) pass(d time.Duration) { c.now = c.now.Add(d) }

// option is for a server that gets one request at a time.
func (c *clock) option() cometchattest.Option {
	return cometchattest.WithClock(func() time.Time { return c.now })
}

func data(t *testing.T, status int, answer object) object {
	t.Helper()
	require.Equal(t, http.StatusOK, status, "%v", answer)
	d, ok := answer["data"].(object)
	require.True(t, ok, "%v", answer)
	return d
}

func TestLoginFlow(t *testing.T) {
	t.Parallel()
	s := cometchattest.NewServer()
	defer s.Close()
	for _, version := range []string{"/v3.0", "/v3"} {
		status, answer := call(t, s, "POST", version+"/users/COMETCHAT-uid-1/auth_tokens", "", headers{"appid": s.AppID, "apikey": s.AuthKey})
		minted := data(t, status, answer)
		assert.Equal(t, "cometchat-uid-1", minted["uid"], "uids are lower-cased")
		assert.Regexp(t, `^cometchat-uid-1_\d{10}[0-9a-f]{30}$`, minted["authToken"])
		assert.Positive(t, minted["createdAt"])
		token, _ := minted["authToken"].(string)

		status, answer = call(t, s, "PUT", version+"/me", `{"platform":"GO","deviceId":"d"}`, headers{"appid": s.AppID, "authtoken": token})
		me := data(t, status, answer)
		assert.Equal(t, "Andrew Joseph", me["name"])
		assert.Equal(t, "available", me["status"])
		assert.Equal(t, token, me["authToken"])
		assert.Regexp(t, `^[\w-]+\.[\w-]+\.[\w-]+$`, me["jwt"])
		assert.NotContains(t, me, "updatedAt", "a login updates nothing")

		status, answer = call(t, s, "DELETE", version+"/me", "", headers{"appid": s.AppID, "authtoken": token})
		bye := data(t, status, answer)
		assert.Equal(t, true, bye["success"])
		status, answer = call(t, s, "PUT", version+"/me", "", headers{"appid": s.AppID, "authtoken": token})
		assertRefused(t, status, answer, 401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", token)
	}
}

func assertRefused(t *testing.T, status int, answer object, wantStatus int, wantCode, says string) {
	t.Helper()
	assert.Equal(t, wantStatus, status)
	e, _ := answer["error"].(object)
	assert.Equal(t, wantCode, e["code"], "%v", answer)
	message, _ := e["message"].(string)
	assert.Contains(t, message, says)
	assert.NotEmpty(t, e["devMessage"])
	assert.NotEmpty(t, e["source"])
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := cometchattest.NewServer()
	t.Cleanup(s.Close) // after the subtests
	app, key := headers{"appid": s.AppID}, headers{"apikey": s.AuthKey}
	token := headers{"authtoken": s.CreateAuthToken("cometchat-uid-1")}
	both := func(a, b headers) headers {
		sum := maps.Clone(a)
		maps.Copy(sum, b)
		return sum
	}
	const mint = "/v3.0/users/cometchat-uid-1/auth_tokens"
	for name, tc := range map[string]struct {
		method, path, body string
		header             headers
		status             int
		code, says         string
	}{
		"another app id":        {"POST", mint, "", both(headers{"appid": "other"}, key), 401, "AUTH_ERR_INVALID_APPID", "other"},
		"no key":                {"POST", mint, "", app, 401, "AUTH_ERR_EMPTY_APIKEY", "apikey"},
		"an unknown key":        {"POST", mint, "", both(app, headers{"apikey": "bad-key"}), 401, "AUTH_ERR_APIKEY_NOT_FOUND", "bad-key"},
		"the key before a uid":  {"POST", "/v3.0/users/nobody/auth_tokens", "", both(app, headers{"apikey": "bad-key"}), 401, "AUTH_ERR_APIKEY_NOT_FOUND", "bad-key"},
		"an unknown uid":        {"POST", "/v3.0/users/nobody/auth_tokens", "", both(app, key), 404, "ERR_UID_NOT_FOUND", "The UID nobody does not exist"},
		"no token":              {"PUT", "/v3.0/me", "", app, 401, "AUTH_ERR_EMPTY_AUTH_TOKEN", "auth token"},
		"an unknown token":      {"PUT", "/v3.0/me", "", both(app, headers{"authtoken": "bad-token"}), 401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", "bad-token"},
		"an unknown user":       {"GET", "/v3.0/users/nobody", "", both(app, token), 404, "ERR_UID_NOT_FOUND", "nobody"},
		"updating nobody":       {"PUT", "/v3.0/users/nobody", "{}", both(app, key), 404, "ERR_UID_NOT_FOUND", "nobody"},
		"a user without fields": {"POST", "/v3.0/users", "{}", both(app, key), 400, "ERR_BAD_REQUEST", "validate"},
		"a user with a bad uid": {"POST", "/v3.0/users", `{"uid":"a b","name":"A"}`, both(app, key), 400, "ERR_BAD_REQUEST", "validate"},
		"a uid that is taken":   {"POST", "/v3.0/users", `{"uid":"Cometchat-UID-1","name":"A"}`, both(app, key), 400, "ERR_UID_ALREADY_EXISTS", "cometchat-uid-1"},
		"a long name":           {"PUT", "/v3.0/me", `{"name":"` + strings.Repeat("x", 101) + `"}`, both(app, token), 400, "ERR_BAD_REQUEST", "validate"},
		"metadata of a word":    {"PUT", "/v3.0/me", `{"metadata":"x"}`, both(app, token), 400, "ERR_BAD_REQUEST", "validate"},
		"large metadata":        {"PUT", "/v3.0/me", `{"metadata":{"a":"` + strings.Repeat("x", 6<<10) + `"}}`, both(app, token), 400, "ERR_BAD_REQUEST", "validate"},
		"too many tags":         {"PUT", "/v3.0/me", `{"tags":["` + strings.Repeat(`x","`, 26) + `"]}`, both(app, token), 400, "ERR_BAD_REQUEST", "validate"},
		"no JSON":               {"PUT", "/v3.0/me", `{`, both(app, token), 400, "ERR_BAD_REQUEST", "JSON"},
		"a body over 10 KB":     {"PUT", "/v3.0/me", strings.Repeat(" ", 11<<10), both(app, token), 413, "ERR_BAD_REQUEST", "10 KB"},
		"an unknown path":       {"GET", "/v3.0/nothing", "", both(app, key), 404, "ERR_API_NOT_FOUND", "/v3.0/nothing"},
		"an unknown method":     {"PATCH", "/v3.0/me", "", both(app, token), 404, "ERR_API_NOT_FOUND", "PATCH"},
		"an unknown version":    {"PUT", "/v2/me", "", both(app, token), 404, "ERR_INVALID_API_VERSION", "v2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, answer := call(t, s, tc.method, tc.path, tc.body, tc.header)
			assertRefused(t, status, answer, tc.status, tc.code, tc.says)
			if tc.says == "validate" {
				assert.NotEmpty(t, answer["error"].(object)["details"]) //nolint:forcetypeassert // just checked
			}
		})
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	s := cometchattest.NewServer(cometchattest.WithAppID("my-app"))
	defer s.Close()
	assert.Equal(t, "my-app", s.AppID)
	for _, key := range []string{s.AuthKey, s.APIKey} {
		uid := "user-" + key[:4]
		header := headers{"appid": "my-app", "apikey": key}
		status, answer := call(t, s, "POST", "/v3.0/users", `{"uid":"`+strings.ToUpper(uid)+`","name":"A","tags":["x"],"metadata":{"a":1}}`, header)
		u := data(t, status, answer)
		assert.Equal(t, uid, u["uid"])
		assert.Equal(t, "default", u["role"])
		assert.Equal(t, "offline", u["status"])
		assert.NotContains(t, u, "updatedAt")
		status, answer = call(t, s, "PUT", "/v3.0/users/"+uid, `{"name":"B","role":"manager","avatar":"https://a"}`, header)
		u = data(t, status, answer)
		assert.Equal(t, "B", u["name"])
		assert.Equal(t, "manager", u["role"])
		assert.Equal(t, []any{"x"}, u["tags"], "fields that were not sent stay")
		assert.Positive(t, u["updatedAt"])

		header = headers{"appid": "my-app", "authtoken": s.CreateAuthToken(uid)}
		status, answer = call(t, s, "PUT", "/v3.0/me", `{"statusMessage":"hi","role":"admin"}`, header)
		u = data(t, status, answer)
		assert.Equal(t, "hi", u["statusMessage"])
		assert.Equal(t, "manager", u["role"], "users do not change their own role")
		status, answer = call(t, s, "GET", "/v3.0/users/cometchat-uid-5", "", header)
		assert.Equal(t, "John Paul", data(t, status, answer)["name"])
	}
}

func TestMethodsForTests(t *testing.T) {
	t.Parallel()
	s := cometchattest.NewServer()
	defer s.Close()
	s.AddUser(&cometchat.User{UID: "Ada", Name: "Ada"})
	works := func(token string) bool {
		status, _ := call(t, s, "PUT", "/v3.0/me", "", headers{"appid": s.AppID, "authtoken": token})
		return status == http.StatusOK
	}
	first, second, other := s.CreateAuthToken("ADA"), s.CreateAuthToken("ada"), s.CreateAuthToken("cometchat-uid-1")
	assert.True(t, works(first) && works(second) && works(other))
	s.RevokeTokens("Ada")
	assert.False(t, works(first) || works(second))
	assert.Equal(t, cometchat.StatusOffline, s.Users()[5].Status)
	third := s.CreateAuthToken("ada")
	s.DeleteUser("ADA")
	assert.False(t, works(third))
	assert.True(t, works(other))
	assert.Empty(t, s.CreateAuthToken("ada"))
	assert.Nil(t, s.User("ada"))

	users := s.Users()
	require.Len(t, users, 5)
	assert.Equal(t, "George Alan", users[1].Name)
	assert.Equal(t, cometchat.StatusOnline, users[0].Status)
	users[0].Name = "changed"
	assert.Equal(t, "Andrew Joseph", s.Users()[0].Name, "the returned values are copies")
	assert.Equal(t, s.Users()[0], s.User("CometChat-uid-1"))
	must(t, s, "DELETE", "/users/cometchat-uid-1", "")
	assert.NotZero(t, s.User("cometchat-uid-1").DeactivatedAt, "a deactivated user is there too")
}

// TestCloseWithAStalledRequest shows that Close does not wait for a client that sent only the beginning of a request.
func TestCloseWithAStalledRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t)
		body, end := io.Pipe()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://emulator.test/v3/me", body)
		require.NoError(t, err)
		failed := make(chan error, 1)
		go func() {
			_, err := s.Transport().RoundTrip(r) //nolint:bodyclose // there is no answer
			failed <- err
		}()
		_, err = io.WriteString(end, "{") // the server reads the body
		require.NoError(t, err)
		synctest.Wait()
		begin := time.Now()
		s.Close()
		assert.Equal(t, time.Second, time.Since(begin))
		require.NoError(t, end.Close())
		require.Error(t, <-failed)
	})
}

// TestManyServers starts and closes 1,000 servers, each with a live connection. goleak finds a goroutine that is left.
func TestManyServers(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts many servers")
	}
	t.Parallel()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 125 {
				s := cometchattest.NewServer()
				conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http"), nil) //nolint:bodyclose // documented: it need not be closed
				if err != nil {
					t.Error(err)
					return
				}
				assert.NotEmpty(t, s.CreateAuthToken("cometchat-uid-1"))
				closing, begun := make(chan struct{}), time.Now()
				go func() {
					defer close(closing)
					s.Close()
				}()
				_, _, err = conn.Read(t.Context())
				if time.Since(begun) < time.Second { // the server breaks a slower connection
					assert.Equal(t, websocket.StatusGoingAway, websocket.CloseStatus(err))
				}
				assert.Error(t, err)
				<-closing
			}
		})
	}
	wg.Wait()
}
