package benchmarks

import (
	"bytes"
	"runtime/debug"
	"slices"
	"testing"

	"github.com/cometchat-go/cometchat"
)

// loggedIn returns a client that has a session, on the memory store.
func loggedIn(tb testing.TB) *cometchat.Client {
	tb.Helper()
	c := newClient(tb, newServer(tb).host)
	if _, err := c.LoginWithToken(tb.Context(), tokens[0]); err != nil {
		tb.Fatal(err)
	}
	return c
}

// roomyHeap lets the heap grow to 40 MB between collections, as that of a program with 20 MB in use. With next to nothing
// in use the collector runs every few milliseconds, on the second core, and would be all that is measured.
func roomyHeap(tb testing.TB) {
	tb.Helper()
	before := debug.SetGCPercent(1000)
	tb.Cleanup(func() { debug.SetGCPercent(before) })
}

// kept makes the copies that the floor makes outlive their function, as those of the SDK do.
var kept *cometchat.User

// copyUser is what handing out a user takes, if the caller may change it.
func copyUser(u *cometchat.User) *cometchat.User {
	c := *u
	c.Metadata = bytes.Clone(u.Metadata)
	c.Tags = slices.Clone(u.Tags)
	return &c
}

func BenchmarkGetLoggedinUser(b *testing.B) {
	roomyHeap(b)
	c := loggedIn(b)
	u, err := c.GetLoggedinUser(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Run("floor", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			kept = copyUser(u)
		}
	})
	b.Run("sdk", func(b *testing.B) {
		ctx := b.Context()
		b.ReportAllocs()
		for b.Loop() {
			if u, err := c.GetLoggedinUser(ctx); u == nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("sdk-parallel", func(b *testing.B) {
		ctx := b.Context()
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if u, err := c.GetLoggedinUser(ctx); u == nil {
					b.Error(err)
					return
				}
			}
		})
	})
}
