package cometchattest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"github.com/coder/websocket"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCloseSockets(t *testing.T) {
	t.Parallel()
	s := started(t)
	watcher := connected(t, s, s.CreateAuthToken(uid(2)), "w", "ALL_USERS")
	for _, code := range []int{1000, 1001, 1006, 1008, 1011, 1014, 3000, 4001, 4401, 4999} {
		reason := ""
		if code != 1006 {
			reason = "as the test says"
		}
		l := connected(t, s, s.CreateAuthToken(uid(1)), "d", "")
		watcher.told(uid(1), "online")
		assert.Equal(t, 1, s.CloseSockets("COMETCHAT-uid-1", code, reason))
		got, why := l.closed()
		if code == 1006 {
			code = -1 // there was no close frame
		}
		assert.Equal(t, websocket.StatusCode(code), got)
		assert.Equal(t, reason, why)
		watcher.told(uid(1), "offline")
	}
	watcher.quiet()
	unknown := dialed(t, s)
	unknown.quiet() // the server has it now
	assert.Equal(t, 2, s.CloseSockets("", 4000, ""), "everybody")
	for _, l := range []*live{watcher, unknown} {
		got, _ := l.closed()
		assert.Equal(t, websocket.StatusCode(4000), got)
	}
	assert.Zero(t, s.CloseSockets("", 4000, ""))
}

// TestFreezeSockets shows that a half-open connection stays until something ends it, which its client sees as a broken
// connection.
func TestFreezeSockets(t *testing.T) {
	t.Parallel()
	for name, ends := range map[string]func(s *cometchattest.Server){
		"dropped":     func(s *cometchattest.Server) { s.DropSockets(uid(1)) },
		"closed":      func(s *cometchattest.Server) { s.CloseSockets(uid(1), 4001, "never sent") },
		"revoked":     func(s *cometchattest.Server) { s.RevokeTokens(uid(1)) },
		"end of test": func(s *cometchattest.Server) { go s.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := inMemory(t)
				watcher := connected(t, s, s.CreateAuthToken(uid(2)), "w", "ALL_USERS")
				l := connected(t, s, s.CreateAuthToken(uid(1)), "d", "ALL_USERS")
				watcher.told(uid(1), "online")
				assert.Equal(t, 1, s.FreezeSockets("COMETCHAT-uid-1"))
				assert.Zero(t, s.FreezeSockets(uid(1)), "it is frozen already")
				connected(t, s, s.CreateAuthToken(uid(3)), "d", "")
				watcher.told(uid(3), "online")
				end := l.silent()
				assert.Equal(t, "available", must(t, s, "GET", "/users/cometchat-uid-1", "")["status"])
				ends(s)
				assert.Empty(t, <-end)
				code, _ := l.closed()
				assert.Equal(t, websocket.StatusCode(-1), code)
			})
		})
	}
}

// TestAFrozenConnectionReadsNothing writes over the network, where the system takes the frames.
func TestAFrozenConnectionReadsNothing(t *testing.T) {
	t.Parallel()
	s := started(t)
	receiver := connected(t, s, s.CreateAuthToken(uid(2)), "r", "")
	l := connected(t, s, s.CreateAuthToken(uid(1)), "d", "")
	assert.Equal(t, 2, s.FreezeSockets(""), "everybody")
	second := connected(t, s, s.CreateAuthToken(uid(2)), "r2", "")
	for range 3 {
		l.send(object{"type": "typing_indicator", "receiver": uid(2), "receiverType": "user", "body": object{}})
	}
	require.NoError(t, l.conn.CloseNow(), "the server does not notice it")
	second.quiet()
	assert.Equal(t, "available", must(t, s, "GET", "/users/cometchat-uid-1", "")["status"])
	assert.Equal(t, 1, s.DropSockets(uid(1)))
	assert.Equal(t, 2, s.DropSockets(uid(2)))
	receiver.closed()
}

// TestALiveConnectionThroughMiddleware shows which ResponseWriters of a caller's server carry a live connection.
func TestALiveConnectionThroughMiddleware(t *testing.T) {
	t.Parallel()
	type unwrapping struct{ http.ResponseWriter }
	for name, tc := range map[string]struct {
		wrap   func(http.ResponseWriter) http.ResponseWriter
		status int
	}{
		"with Unwrap":    {func(w http.ResponseWriter) http.ResponseWriter { return unwrapper{w} }, http.StatusSwitchingProtocols},
		"without Unwrap": {func(w http.ResponseWriter) http.ResponseWriter { return unwrapping{w} }, http.StatusNotImplemented},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := cometchattest.New()
			t.Cleanup(s.Close)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.ServeHTTP(tc.wrap(w), r) }))
			t.Cleanup(server.Close)
			conn, resp, _ := websocket.Dial(t.Context(), server.URL, nil) //nolint:bodyclose // Dial has read the body
			assert.Equal(t, tc.status, resp.StatusCode)
			if conn != nil {
				assert.NoError(t, conn.CloseNow())
			}
		})
	}
}

// unwrapper is a ResponseWriter as a caller's middleware has it.
type unwrapper struct{ http.ResponseWriter }

func (w unwrapper) Unwrap() http.ResponseWriter { return w.ResponseWriter }
