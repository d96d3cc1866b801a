//go:build unix && !race

package benchmarks

import (
	"context"
	"testing"
)

// logins compares the whole work of a login with a token: the SDK's with that of net/http by hand.
func logins(tb testing.TB) *comparison {
	tb.Helper()
	s := newServer(tb)
	f, c := newFloor(tb, s), newClient(tb, s)
	var byFloor, bySDK int
	return &comparison{
		goroutines: 1, turns: 60, calls: 20, timeGoal: 1.15, extraAllocs: 25,
		floor: func(ctx context.Context) error {
			byFloor++
			_, _, err := f.loginWithToken(ctx, tokens[byFloor%len(tokens)])
			return err
		},
		sdk: func(ctx context.Context) error {
			bySDK++ // with the token of its session the SDK would make no request
			_, err := c.LoginWithToken(ctx, tokens[bySDK%len(tokens)])
			return err
		},
	}
}

func TestLoginWithToken(t *testing.T) { logins(t).test(t) }

func BenchmarkLoginWithToken(b *testing.B) { logins(b).benchmark(b) }
