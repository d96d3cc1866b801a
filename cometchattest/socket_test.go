package cometchattest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// live is a test's end of a live connection.
type live struct {
	t    *testing.T
	conn *websocket.Conn
}

func dial(t *testing.T, s *cometchattest.Server) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	base, transport := reach(s)
	return websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(base, "http")+"/",
		&websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
}

// dialed opens a live connection without authenticating.
func dialed(t *testing.T, s *cometchattest.Server) *live {
	t.Helper()
	conn, _, err := dial(t, s) //nolint:bodyclose // documented: it need not be closed
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.CloseNow() }) // most connections are over by then
	return &live{t, conn}
}

// jwtOf logs a user in and returns the jwt.
func jwtOf(t *testing.T, s *cometchattest.Server, token string) string {
	t.Helper()
	status, answer := me(t, s, token, "")
	jwt, _ := data(t, status, answer)["jwt"].(string)
	return jwt
}

// connected opens a live connection and authenticates, with a device id and a subscription to presence: "ALL_USERS",
// "ROLES:a,b", "FRIENDS" or "".
func connected(t *testing.T, s *cometchattest.Server, token, device, subscription string) *live {
	t.Helper()
	l := dialed(t, s)
	kind, roles, _ := strings.Cut(subscription, ":")
	body := object{"auth": jwtOf(t, s, token), "deviceId": device, "presenceSubscription": kind}
	if roles != "" {
		body["roles"] = strings.Split(roles, ",")
	}
	l.send(object{"appId": s.AppID, "deviceId": device, "type": "auth", "sender": "whoever", "body": body})
	answer := l.next()
	assert.Equal(t, "auth", answer["type"])
	assert.Equal(t, device, answer["deviceId"])
	assert.Equal(t, object{"code": "200", "status": "OK"}, answer["body"])
	return l
}

func (l *live) send(frame any) {
	l.t.Helper()
	raw, ok := frame.(string)
	if !ok {
		b, err := json.Marshal(frame)
		require.NoError(l.t, err)
		raw = string(b)
	}
	require.NoError(l.t, l.conn.Write(l.t.Context(), websocket.MessageText, []byte(raw)))
}

const soon = 5 * time.Second

// next returns the next frame from the server.
func (l *live) next() object {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), soon)
	defer cancel()
	_, raw, err := l.conn.Read(ctx)
	require.NoError(l.t, err)
	var frame object
	require.NoError(l.t, json.Unmarshal(raw, &frame))
	return frame
}

// quiet asserts that the server has sent nothing: its next frame is the answer to a ping.
func (l *live) quiet() {
	l.t.Helper()
	l.send(object{"action": "ping", "ack": "true"})
	assert.Equal(l.t, object{"action": "pong", "ack": "true"}, l.next())
}

// closed waits until the connection is over. The code is -1 if there was no close frame.
func (l *live) closed() (code websocket.StatusCode, reason string) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), soon)
	defer cancel()
	_, raw, err := l.conn.Read(ctx)
	require.Error(l.t, err, "%s", raw)
	require.NoError(l.t, ctx.Err())
	var e websocket.CloseError
	if assert.NotErrorIs(l.t, err, context.DeadlineExceeded) && websocket.CloseStatus(err) >= 0 {
		require.ErrorAs(l.t, err, &e)
		return e.Code, e.Reason
	}
	return -1, ""
}

// told asserts that the next frame is the presence event of a user.
func (l *live) told(uid, action string) {
	l.t.Helper()
	f := l.next()
	assert.Equal(l.t, "presence", f["type"])
	assert.Equal(l.t, uid, f["sender"])
	body, _ := f["body"].(object)
	user, _ := body["user"].(object)
	assert.Equal(l.t, action, body["action"])
	assert.Equal(l.t, uid, user["uid"])
	assert.Equal(l.t, action, user["status"])
	assert.Positive(l.t, body["timestamp"])
}

func TestPing(t *testing.T) {
	t.Parallel()
	s := started(t)
	l := dialed(t, s)
	l.quiet() // the server answers pings before the authentication too
	for _, noise := range []any{"", "{", "[]", "null", `{"type":1}`, object{"type": "receipts"}, object{"type": "unknown"}} {
		l.send(noise)
	}
	l.quiet()
}

// refused authenticates with a jwt that the server refuses, and returns the reason of the close.
func (l *live) refused(jwt string) (reason string) {
	l.t.Helper()
	l.send(object{"type": "auth", "deviceId": "d", "body": object{"auth": jwt, "presenceSubscription": "ALL_USERS"}})
	assert.Equal(l.t, object{"code": "401", "status": "ERROR"}, l.next()["body"])
	code, reason := l.closed()
	assert.Equal(l.t, websocket.StatusPolicyViolation, code)
	return reason
}

func TestJWT(t *testing.T) {
	t.Parallel()
	s := started(t)
	other := started(t)
	token := s.CreateAuthToken("cometchat-uid-1")
	good := jwtOf(t, s, token)
	head, rest, _ := strings.Cut(good, ".")
	claims, signature, _ := strings.Cut(rest, ".")
	for name, jwt := range map[string]string{
		"none":                "",
		"no jwt":              "x.y.z",
		"an auth token":       token,
		"unsigned":            head + "." + claims + ".",
		"another signature":   head + "." + claims + "." + strings.Repeat("A", len(signature)),
		"other claims":        head + "." + claims[1:] + "." + signature,
		"of another emulator": jwtOf(t, other, other.CreateAuthToken("cometchat-uid-1")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Contains(t, dialed(t, s).refused(jwt), "jwt")
		})
	}
	t.Run("a second auth frame", func(t *testing.T) {
		t.Parallel()
		assert.Contains(t, connected(t, s, token, "d", "").refused(good), "already")
	})
	for name, happens := range map[string]func(t *testing.T, s *cometchattest.Server){
		"expired": func(_ *testing.T, s *cometchattest.Server) { s.Advance(24 * time.Hour) },
		"of a deactivated user": func(t *testing.T, s *cometchattest.Server) {
			t.Helper()
			must(t, s, "DELETE", "/users/cometchat-uid-1", "")
		},
		"of a token that has been revoked": func(_ *testing.T, s *cometchattest.Server) {
			s.RevokeTokens("cometchat-uid-1")
			s.CreateAuthToken("cometchat-uid-1")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := started(t)
			token := s.CreateAuthToken("cometchat-uid-1")
			jwt := jwtOf(t, s, token)
			happens(t, s)
			assert.Contains(t, dialed(t, s).refused(jwt), "jwt")
			if name == "expired" {
				connected(t, s, token, "d", "") // a new jwt works
			}
		})
	}
}

func TestPresence(t *testing.T) {
	t.Parallel()
	s := started(t, cometchattest.WithRoles("nurse"))
	s.AddUser(&cometchat.User{UID: "ada", Name: "Ada", Role: "nurse"})
	s.MakeFriends("ADA", "cometchat-uid-1")
	all := connected(t, s, s.CreateAuthToken("cometchat-uid-2"), "d2", "ALL_USERS")
	roles := connected(t, s, s.CreateAuthToken("cometchat-uid-3"), "d3", "ROLES:x,NURSE")
	friend := connected(t, s, s.CreateAuthToken("cometchat-uid-1"), "d1", "FRIENDS")
	none := connected(t, s, s.CreateAuthToken("cometchat-uid-4"), "d4", "")
	blocked := connected(t, s, s.CreateAuthToken("cometchat-uid-5"), "d5", "ALL_USERS")
	must(t, s, "POST", "/users/ada/blockedusers", `{"blockedUids":["cometchat-uid-5"]}`)
	for _, uid := range []string{"3", "1", "4", "5"} {
		all.told("cometchat-uid-"+uid, "online")
	}
	all.quiet()

	first := connected(t, s, s.CreateAuthToken("ada"), "a1", "ALL_USERS")
	second := connected(t, s, s.CreateAuthToken("ada"), "a2", "ALL_USERS")
	for _, l := range []*live{all, roles, friend} {
		l.told("ada", "online")
	}
	first.told("ada", "online") // the other device
	for _, l := range []*live{all, roles, friend, none, blocked, first, second} {
		l.quiet() // one event
	}
	assert.Equal(t, "available", must(t, s, "GET", "/users/ada", "")["status"])

	require.NoError(t, first.conn.Close(websocket.StatusNormalClosure, ""))
	all.quiet() // another connection remains
	require.Equal(t, 1, s.DropSockets("Ada"))
	for _, l := range []*live{all, roles, friend} {
		l.told("ada", "offline")
	}
	none.quiet()
	blocked.quiet()
	gone := must(t, s, "GET", "/users/ada", "")
	assert.Equal(t, "offline", gone["status"])
	assert.Positive(t, gone["lastActiveAt"])
}

// TestEndedConnection shows that a connection counts as over even before its client notices: the clients here do not read.
func TestEndedConnection(t *testing.T) {
	t.Parallel()
	t.Run("its frames have no effect", func(t *testing.T) {
		t.Parallel()
		s := started(t)
		receiver := connected(t, s, s.CreateAuthToken(uid(2)), "r", "")
		revoked := connected(t, s, s.CreateAuthToken(uid(1)), "d", "")
		s.RevokeTokens(uid(1))
		revoked.send(object{"type": "typing_indicator", "receiver": uid(2), "receiverType": "user", "body": object{}})
		revoked.closed()
		receiver.quiet()
	})
	t.Run("it is dropped once", func(t *testing.T) {
		t.Parallel()
		s := started(t)
		connected(t, s, s.CreateAuthToken(uid(1)), "d", "")
		assert.Equal(t, 1, s.DropSockets())
		assert.Zero(t, s.DropSockets())
		assert.Equal(t, "offline", must(t, s, "GET", "/users/cometchat-uid-1", "")["status"])
	})
	t.Run("it does not count after Load", func(t *testing.T) {
		t.Parallel()
		s := started(t)
		var saved bytes.Buffer
		require.NoError(t, s.Save(&saved))
		connected(t, s, s.CreateAuthToken(uid(1)), "d", "")
		require.NoError(t, s.Load(&saved))
		watcher := connected(t, s, s.CreateAuthToken(uid(2)), "w", "ALL_USERS")
		connected(t, s, s.CreateAuthToken(uid(1)), "d", "")
		watcher.told(uid(1), "online")
	})
	t.Run("it does not count for a new user with the same uid", func(t *testing.T) {
		t.Parallel()
		s := started(t)
		connected(t, s, s.CreateAuthToken(uid(1)), "d", "")
		s.DeleteUser(uid(1))
		s.AddUser(&cometchat.User{UID: uid(1), Name: "New"})
		connected(t, s, s.CreateAuthToken(uid(1)), "d", "")
		s.DropSockets()
		assert.Equal(t, "offline", must(t, s, "GET", "/users/cometchat-uid-1", "")["status"])
	})
	t.Run("friends see a deleted user go offline", func(t *testing.T) {
		t.Parallel()
		s := started(t)
		s.MakeFriends(uid(1), uid(2))
		must(t, s, "POST", "/users/cometchat-uid-2/blockedusers", `{"blockedUids":["cometchat-uid-3"]}`)
		friend := connected(t, s, s.CreateAuthToken(uid(1)), "f", "FRIENDS")
		blocked := connected(t, s, s.CreateAuthToken(uid(3)), "b", "ALL_USERS")
		connected(t, s, s.CreateAuthToken(uid(2)), "d", "")
		friend.told(uid(2), "online")
		s.DeleteUser(uid(2))
		friend.told(uid(2), "offline")
		blocked.quiet()
	})
	t.Run("it still counts after AddUser replaced the user", func(t *testing.T) {
		t.Parallel()
		s := started(t)
		watcher := connected(t, s, s.CreateAuthToken(uid(2)), "w", "ALL_USERS")
		l := connected(t, s, s.CreateAuthToken(uid(1)), "d", "")
		watcher.told(uid(1), "online")
		s.AddUser(&cometchat.User{UID: uid(1), Name: "New"})
		assert.Equal(t, "available", must(t, s, "GET", "/users/cometchat-uid-1", "")["status"])
		l.quiet()
		s.DropSockets(uid(1))
		watcher.told(uid(1), "offline")
		assert.Equal(t, "offline", must(t, s, "GET", "/users/cometchat-uid-1", "")["status"])
	})
	t.Run("it does not delay Close", func(t *testing.T) {
		t.Parallel()
		s := cometchattest.NewServer()
		for range 20 {
			dialed(t, s)
		}
		begin := time.Now()
		s.Close()
		assert.Less(t, time.Since(begin), 4*time.Second, "Close waits a second for all of them together")
	})
}

// TestABurstOfFrames shows that a client keeps its connection during a burst of frames, as long as it reads.
func TestABurstOfFrames(t *testing.T) {
	if testing.Short() {
		t.Skip("it sends thousands of frames")
	}
	t.Parallel()
	s := started(t)
	const users = 300
	watcher := connected(t, s, s.CreateAuthToken(uid(2)), "w", "ALL_USERS")
	told := make(chan int)
	go func() {
		n := 0
		for ; n < 2*users; n++ {
			if _, _, err := watcher.conn.Read(t.Context()); err != nil {
				break
			}
		}
		told <- n
	}()
	uids := make([]string, users)
	for i := range uids {
		uids[i] = fmt.Sprintf("u%d", i)
		s.AddUser(&cometchat.User{UID: uids[i], Name: "x"})
		connected(t, s, s.CreateAuthToken(uids[i]), "d", "")
	}
	s.DropSockets(uids...)
	assert.Equal(t, 2*users, <-told)
}

func TestWhatEndsALiveConnection(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		do   func(t *testing.T, s *cometchattest.Server, token string)
		code websocket.StatusCode
		says string
	}{
		"all tokens revoked": {func(_ *testing.T, s *cometchattest.Server, _ string) { s.RevokeTokens("cometchat-uid-1") }, 1008, "token"},
		"its token revoked by the API": {func(t *testing.T, s *cometchattest.Server, token string) {
			t.Helper()
			must(t, s, "DELETE", "/users/cometchat-uid-1/auth_tokens/"+token, "")
		}, 1008, "token"},
		"the oldest of too many tokens": {func(t *testing.T, s *cometchattest.Server, _ string) {
			t.Helper()
			for range 100 {
				s.CreateAuthToken("cometchat-uid-1")
			}
		}, 1008, "token"},
		"the user deleted": {func(_ *testing.T, s *cometchattest.Server, _ string) { s.DeleteUser("cometchat-uid-1") }, 1008, "token"},
		"the user deactivated": {func(t *testing.T, s *cometchattest.Server, _ string) {
			t.Helper()
			must(t, s, "DELETE", "/users/cometchat-uid-1", "")
		}, 1008, "user"},
		"logout": {func(t *testing.T, s *cometchattest.Server, token string) {
			t.Helper()
			call(t, s, "DELETE", "/v3.0/me", "", headers{"appid": s.AppID, "authtoken": token})
		}, 1000, "User logged out"},
		"the server closes": {func(_ *testing.T, s *cometchattest.Server, _ string) { go s.Close() }, 1001, "closes"},
		"the network": {func(t *testing.T, s *cometchattest.Server, _ string) {
			t.Helper()
			assert.Equal(t, 2, s.DropSockets())
		}, -1, ""},
		"Load": {func(t *testing.T, s *cometchattest.Server, _ string) {
			t.Helper()
			assert.NoError(t, s.Load(strings.NewReader(`{"users":[]}`)))
		}, 1001, ""},
		"a frame that is too long": {nil, 1009, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := started(t)
			token := s.CreateAuthToken("cometchat-uid-1")
			l, other := connected(t, s, token, "d", ""), connected(t, s, s.CreateAuthToken("cometchat-uid-2"), "d", "")
			if tc.do == nil {
				l.send(strings.Repeat(" ", 65<<10))
			} else {
				tc.do(t, s, token)
			}
			code, reason := l.closed()
			assert.Equal(t, tc.code, code)
			assert.Contains(t, reason, tc.says)
			switch name {
			case "the server closes", "the network", "Load": // these end all connections
				other.closed()
			default:
				other.quiet()
			}
		})
	}
}

func TestAnotherDeviceStaysConnected(t *testing.T) {
	t.Parallel()
	s := started(t)
	first, second := s.CreateAuthToken("cometchat-uid-1"), s.CreateAuthToken("cometchat-uid-1")
	gone, stays := connected(t, s, first, "d1", ""), connected(t, s, second, "d2", "")
	call(t, s, "DELETE", "/v3.0/me", "", headers{"appid": s.AppID, "authtoken": first})
	gone.closed()
	stays.quiet()
	assert.Equal(t, "available", must(t, s, "GET", "/users/cometchat-uid-1", "")["status"])
}

func TestSocketWithAFault(t *testing.T) {
	t.Parallel()
	s := started(t)
	s.InjectFault(cometchattest.Fault{Path: "/", Status: http.StatusServiceUnavailable, Times: 1})
	_, resp, err := dial(t, s)
	require.Error(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	dialed(t, s).quiet()
	assert.Len(t, s.Requests(cometchattest.To("GET", "/")), 2)
	for _, f := range []cometchattest.Fault{{DropBefore: true}, {DropAfter: true}, {Truncate: true}} {
		f.Path, f.Times = "/", 1
		s.InjectFault(f)
		_, _, err = dial(t, s) //nolint:bodyclose // there is no answer
		require.Error(t, err)
		dialed(t, s).quiet()
	}
}

// TestUpgradeElsewhere shows that only GET opens a live connection.
func TestUpgradeElsewhere(t *testing.T) {
	t.Parallel()
	s := started(t)
	status, answer := call(t, s, "PUT", "/v3/me", "", headers{"appid": s.AppID, "Connection": "Upgrade", "Upgrade": "websocket"})
	assertRefused(t, status, answer, 401, "AUTH_ERR_EMPTY_AUTH_TOKEN", "")
}
