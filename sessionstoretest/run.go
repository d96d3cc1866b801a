// Package sessionstoretest tests that a [cometchat.SessionStore] keeps its promises, a store of your own too: like
// [testing/fstest], it is one call in a test of yours. The stores of this SDK are tested with it.
package sessionstoretest

import (
	"testing"

	"github.com/cometchat-go/cometchat"
)

// Run checks a store, in subtests of t that are named after the promises. Run it with the race detector too.
//
// Each subtest calls fresh once, for an empty store of its own. What fresh returns opens a handle on that one store, and
// may be called several times: a store that several processes share returns what another process would have, such as
// another connection or another value for the same directory; one that lives in memory returns itself. Both may end the
// test, and release with [testing.T.Cleanup] what they use.
//
// That a store is a [cometchat.SharedSessionStore] is found out; for one that is not, the subtests about that are skipped.
// A store that never returns from a call fails its test when Go's time limit for tests is over.
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
				t.Skip("the store is no SharedSessionStore: it is for one client at a time")
			}
			c.check(t, func() cometchat.SharedSessionStore { return open().(cometchat.SharedSessionStore) })
		})
	}
}

// checks are the promises of every store.
var checks = []struct {
	promise string
	check   func(tb testing.TB, open func() cometchat.SessionStore)
}{
	{"what is not there is ErrNoSession", checkAbsent},
	{"every field of a session is kept", checkFields},
	{"Save replaces", checkReplace},
	{"Delete forgets", checkDelete},
	{"a key is any text", checkKeys},
	{"a session is the caller's own", checkOwn},
	{"a nil session is refused", checkNil},
	{"another handle sees the same", checkHandles},
	{"a context that has ended", checkContext},
	{"many at once", checkConcurrent},
	{"no format shows a secret", checkFormats},
}

// sharedChecks are the promises of a store for several processes.
var sharedChecks = []struct {
	promise string
	check   func(tb testing.TB, open func() cometchat.SharedSessionStore)
}{
	{"CompareAndSwap needs to know what is there", checkSwap},
	{"CompareAndSwap leaves other keys alone", checkSwapKeys},
	{"of many that begin, one wins", checkBeginRace},
	{"of many that go on, one wins", checkSwapRace},
	{"of many that end, one wins", checkEndRace},
	{"CompareAndSwap and a context that has ended", checkSwapContext},
}
