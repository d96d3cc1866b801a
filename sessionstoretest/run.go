// Package sessionstoretest tests the promises of a [cometchat.SessionStore]. Call [Run] in a test of your own store, as you
// would call [testing/fstest]. The stores of this SDK pass it too.
package sessionstoretest

import (
	"testing"

	"github.com/cometchat-go/cometchat"
)

// Run checks a store in subtests of t, one for each promise. Use the race detector too: go test -race.
//
// Each subtest calls fresh once, and fresh makes a new empty store. The function open that fresh returns opens a handle on
// that store, and a subtest may call open several times. For a store that several processes share, open returns what
// another process would use: another connection, or another value for the same directory. For a store in memory, open
// returns the store itself. Both functions may end the test, and may use [testing.T.Cleanup].
//
// If the store is a [cometchat.SharedSessionStore] or a [cometchat.PositionStore], Run also checks the promises of these
// interfaces; else it skips them. A store that never returns from a call fails at the time limit of go test.
func Run(t *testing.T, fresh func(t *testing.T) (open func() cometchat.SessionStore)) {
	t.Helper()
	for _, c := range checks {
		t.Run(c.promise, func(t *testing.T) {
			c.check(t, fresh(t))
		})
	}
	for _, c := range sharedChecks {
		t.Run(c.promise, func(t *testing.T) {
			open := fresh(t)
			if _, ok := open().(cometchat.SharedSessionStore); !ok {
				t.Skip("the store is not a SharedSessionStore: only one client at a time may use it")
			}
			c.check(t, func() cometchat.SharedSessionStore { return open().(cometchat.SharedSessionStore) })
		})
	}
	for _, c := range positionChecks {
		t.Run(c.promise, func(t *testing.T) {
			open := fresh(t)
			if _, ok := open().(cometchat.PositionStore); !ok {
				t.Skip("the store is not a PositionStore: it cannot be used with WithResume")
			}
			c.check(t, open)
		})
	}
}

// checks are the promises of every store.
var checks = []struct {
	promise string
	check   func(tb testing.TB, open func() cometchat.SessionStore)
}{
	{"Load returns ErrNoSession if there is no session", checkAbsent},
	{"every field of a session survives", checkFields},
	{"Save replaces the session", checkReplace},
	{"Delete removes the session", checkDelete},
	{"a key may be any text", checkKeys},
	{"the caller may change its sessions", checkOwn},
	{"Save refuses a nil session", checkNil},
	{"all handles see the same sessions", checkHandles},
	{"calls with an ended context", checkContext},
	{"concurrent calls", checkConcurrent},
	{"printing the store shows no secret", checkFormats},
}

// sharedChecks are the promises of a store for several processes.
var sharedChecks = []struct {
	promise string
	check   func(tb testing.TB, open func() cometchat.SharedSessionStore)
}{
	{"CompareAndSwap compares before it swaps", checkSwap},
	{"CompareAndSwap changes no other key", checkSwapKeys},
	{"one of many first sessions wins", checkBeginRace},
	{"one of many replacements wins", checkSwapRace},
	{"one of many deletions wins", checkEndRace},
	{"CompareAndSwap with an ended context", checkSwapContext},
}

// positionChecks are the promises of a store that keeps positions.
var positionChecks = []struct {
	promise string
	check   func(tb testing.TB, open func() cometchat.SessionStore)
}{
	{"LoadPosition returns the position that SavePosition has kept", checkPositions},
	{"a position and a session do not disturb each other", checkPositionBesideSession},
	{"positions with an ended context", checkPositionContext},
	{"concurrent calls about positions", checkPositionConcurrent},
}
