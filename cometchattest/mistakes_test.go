package cometchattest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// panics asserts that do panics with a text that has says.
func panics(t *testing.T, says string, do func()) {
	t.Helper()
	defer func() { assert.Contains(t, fmt.Sprint(recover()), says) }()
	do()
	assert.Fail(t, "there was no panic")
}

// TestFaultsThatNeverHappen shows that a test cannot pass because its fault selects no request or does nothing.
func TestFaultsThatNeverHappen(t *testing.T) {
	t.Parallel()
	s := started(t)
	for _, tc := range []struct {
		fault cometchattest.Fault
		says  string
	}{
		{cometchattest.Fault{Method: "post", DropBefore: true}, `no call has the method "post" and the path ""; write one of: DELETE, GET, PATCH, POST, PUT`},
		{cometchattest.Fault{Method: "TRACE", DropBefore: true}, "write one of: DELETE, GET, PATCH, POST, PUT"},
		{cometchattest.Fault{Method: "PUT", Path: "/messages", DropBefore: true}, "write one of: GET, POST"},
		{cometchattest.Fault{Method: "POST", Path: "/", DropBefore: true}, "write one of: GET"},
		{cometchattest.Fault{Method: "POST", Path: "/v3/users", DropBefore: true}, `no call has the path "/v3/users"; write it without host, version and query, as one of: /, `},
		{cometchattest.Fault{Path: "/v3.0/me", DropBefore: true}, "/users/{uid}/auth_tokens/{authToken}"},
		{cometchattest.Fault{Path: "/users?page=1", DropBefore: true}, "without host, version and query"},
		{cometchattest.Fault{Path: s.URL + "/v3/users", DropBefore: true}, "without host, version and query"},
		{cometchattest.Fault{Path: "/users/", DropBefore: true}, "no call has the path"},
		{cometchattest.Fault{Path: "/bots/{uid}", DropBefore: true}, "no call has the path"},
		{cometchattest.Fault{Path: "/healthz", DropBefore: true}, "no call has the path"},
		{cometchattest.Fault{}, "does nothing: set Delay, DropBefore, DropAfter, Status or Truncate"},
		{cometchattest.Fault{Method: "GET", Path: "/users", Times: 1, Probability: 1}, "does nothing"},
		{cometchattest.Fault{Body: "{}"}, "needs a Status for its Header and Body"},
		{cometchattest.Fault{Header: http.Header{"Retry-After": {"1"}}, Delay: 1}, "needs a Status for its Header and Body"},
		{cometchattest.Fault{Status: -1}, "a Status from 200 to 999"},
		{cometchattest.Fault{Status: 101}, "a Status from 200 to 999"},
		{cometchattest.Fault{Status: 1000}, "a Status from 200 to 999"},
		{cometchattest.Fault{Late: 1}, "a Late of at least 0, with DropAfter"},
		{cometchattest.Fault{DropAfter: true, Late: -1}, "a Late of at least 0, with DropAfter"},
		{cometchattest.Fault{DropAfter: true, Late: 1, Status: 500}, "without DropBefore and Status"},
		{cometchattest.Fault{DropAfter: true, Late: 1, DropBefore: true}, "without DropBefore and Status"},
		{cometchattest.Fault{Delay: -1}, "a Delay and Times of at least 0"},
		{cometchattest.Fault{Status: 500, Times: -1}, "a Delay and Times of at least 0"},
		{cometchattest.Fault{Status: 500, Probability: 1.1}, "a Probability from 0 to 1"},
		{cometchattest.Fault{Status: 500, Probability: -0.1}, "a Probability from 0 to 1"},
	} {
		panics(t, tc.says, func() { s.InjectFault(tc.fault) })
	}
	assert.Zero(t, s.Faults())
	for _, f := range []cometchattest.Fault{
		{}, {Method: "GET"}, {Path: "/"}, {Method: "GET", Path: "/"}, {Path: "/users/{any}"}, {Path: "/users/ada"}, {Path: "users"},
		{Method: "PUT", Path: "/users/ada/auth_tokens/{authToken}"}, {Method: "DELETE", Path: "/users/{uid}/auth_tokens/a token"},
	} {
		f.Delay = time.Millisecond
		s.InjectFault(f).Remove()
	}
}

// TestLiveFaultsThatNeverHappen shows the same for the faults of live connections.
func TestLiveFaultsThatNeverHappen(t *testing.T) {
	t.Parallel()
	s := started(t)
	for _, tc := range []struct {
		fault cometchattest.LiveFault
		says  string
	}{
		{cometchattest.LiveFault{}, "exactly one of Refuse, Silent, Answer, CloseCode and HalfOpen, or fields about frames"},
		{cometchattest.LiveFault{UID: uid(1), Times: 1, Seed: 1}, "exactly one of"},
		{cometchattest.LiveFault{Refuse: true, Silent: true}, "exactly one of"},
		{cometchattest.LiveFault{Answer: "{}", HalfOpen: true}, "exactly one of"},
		{cometchattest.LiveFault{Refuse: true, CloseReason: "x"}, "needs a CloseCode for its CloseReason"},
		{cometchattest.LiveFault{Refuse: true, Times: -1}, "Times of at least 0"},
		{cometchattest.LiveFault{HalfOpen: true, DelayFrames: 1}, "exactly one of"},
		{cometchattest.LiveFault{DelayFrames: -1}, "a DelayFrames and Times of at least 0"},
		{cometchattest.LiveFault{LoseFrames: 1.1}, "LoseFrames, DoubleFrames and ReorderFrames from 0 to 1"},
		{cometchattest.LiveFault{LoseFrames: -0.1}, "ReorderFrames from 0 to 1"},
		{cometchattest.LiveFault{DoubleFrames: 2}, "ReorderFrames from 0 to 1"},
		{cometchattest.LiveFault{ReorderFrames: -1}, "ReorderFrames from 0 to 1"},
		{cometchattest.LiveFault{LoseFrames: 1, PongsOvertake: true}, "for its PongsOvertake"},
		{cometchattest.LiveFault{CloseCode: 1005}, "a close code that a server may send"},
	} {
		panics(t, tc.says, func() { s.InjectLiveFault(tc.fault) })
	}
	for _, code := range []int{-1, 0, 1, 999, 1004, 1005, 1015, 1016, 2999, 5000} {
		panics(t, "CloseSockets needs a close code", func() { s.CloseSockets("", code, "") })
	}
	panics(t, "no close frame carries", func() { s.CloseSockets("", 1006, "x") })
	panics(t, "at most 123 bytes", func() { s.CloseSockets("", 1000, strings.Repeat("x", 124)) })
	panics(t, "bytes of UTF-8", func() { s.CloseSockets("", 1000, "\xff") })
	for _, host := range []string{"localhost", "localhost:", ":80", "localhost:0", "localhost:65536", "localhost:http", "http://localhost:80"} {
		panics(t, "is not a host and a port", func() { s.SetSocketHost(host) })
	}
	assert.Zero(t, s.Faults())
}

func TestToPanicsForACallThatDoesNotExist(t *testing.T) {
	t.Parallel()
	panics(t, "without host, version and query", func() { cometchattest.To("GET", "/v3/users/{uid}") })
	panics(t, "write one of: DELETE, GET, POST, PUT", func() { cometchattest.To("get", "/users") })
	panics(t, "write one of: DELETE, GET, PUT", func() { cometchattest.To("POST", "/me") })
	for _, route := range cometchattest.Routes() {
		var method, path string
		_, err := fmt.Sscan(route, &method, &path)
		require.NoError(t, err)
		assert.NotNil(t, cometchattest.To(method, path))
	}
}

func TestUnknownUIDsPanic(t *testing.T) {
	t.Parallel()
	s := started(t)
	before := state(t, s)
	panics(t, `DeleteUser: no user has the uid "cometchat-uid1"`, func() { s.DeleteUser("cometchat-uid1") })
	panics(t, `RevokeTokens: no user has the uid ""`, func() { s.RevokeTokens("") })
	panics(t, `MakeFriends: no user has the uid "nobody"`, func() { s.MakeFriends("nobody", uid(1)) })
	panics(t, `MakeFriends: no user has the uid "nobody"`, func() { s.MakeFriends(uid(1), "nobody") })
	panics(t, `MakeFriends: "cometchat-uid-1" cannot be its own friend`, func() { s.MakeFriends(uid(1), "COMETCHAT-uid-1") })
	panics(t, `DropSockets: no user has the uid "nobody"`, func() { s.DropSockets(uid(1), "nobody") })
	panics(t, `CloseSockets: no user has the uid "nobody"`, func() { s.CloseSockets("nobody", 1000, "") })
	panics(t, `FreezeSockets: no user has the uid "nobody"`, func() { s.FreezeSockets("nobody") })
	panics(t, `InjectLiveFault: no user has the uid "nobody"`, func() {
		s.InjectLiveFault(cometchattest.LiveFault{UID: "nobody", Refuse: true})
	})
	assert.Equal(t, before, state(t, s), "the server still works, and nothing has changed")
}
