//go:build unix && !race

package benchmarks

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

var errNobody = errors.New("nobody is logged in")

// loggedinUsers compares GetLoggedinUser with a copy of the user. Both make the same garbage. Its collection takes longer
// than the calls and would hide the difference, so it is not measured.
func loggedinUsers(tb testing.TB, goroutines int) *comparison {
	tb.Helper()
	c := loggedIn(tb, newServer(tb))
	u, err := c.GetLoggedinUser(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return &comparison{
		goroutines: goroutines, turns: 20, calls: 10_000, collect: true, timeGoal: 1.1,
		floor: func(context.Context) error {
			if copyUser(u) == nil {
				return errNobody
			}
			return nil
		},
		sdk: func(ctx context.Context) error {
			if u, err := c.GetLoggedinUser(ctx); u == nil {
				return errors.Join(errNobody, err)
			}
			return nil
		},
	}
}

func TestGetLoggedinUser(t *testing.T) { loggedinUsers(t, 1).test(t) }

func TestGetLoggedinUserFromTwoGoroutines(t *testing.T) { loggedinUsers(t, 2).test(t) }

func BenchmarkGetLoggedinUser(b *testing.B) {
	for _, goroutines := range []int{1, 2} {
		b.Run(fmt.Sprint(goroutines), loggedinUsers(b, goroutines).benchmark)
	}
}
