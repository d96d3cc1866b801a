package benchmarks

import (
	"bytes"
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
