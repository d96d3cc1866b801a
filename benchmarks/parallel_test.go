package benchmarks

import (
	"context"
	"runtime"
	"testing"
)

// BenchmarkGetUserParallel is a busy server: 256 goroutines that share one client. How many connections the transport
// keeps decides here; conns/op says how many were made for a call.
func BenchmarkGetUserParallel(b *testing.B) {
	const goroutines = 256
	s := newServer(b)
	untuned, tuned := newFloor(b, s, untunedTransport()), newFloor(b, s, tunedTransport())
	c := newClient(b, s.host)
	if _, err := c.LoginWithToken(b.Context(), tokens[0]); err != nil {
		b.Fatal(err)
	}
	byHand := func(f *floor) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := f.getUser(ctx, tokens[0], uid)
			return err
		}
	}
	for _, w := range []way{
		{"floor-default-transport", byHand(untuned)},
		{"floor-tuned", byHand(tuned)},
		{"sdk", func(ctx context.Context) error {
			_, err := c.GetUser(ctx, uid)
			return err
		}},
	} {
		b.Run(w.name, func(b *testing.B) {
			ctx := b.Context()
			before := s.connections.Load()
			b.SetParallelism(goroutines / runtime.GOMAXPROCS(0))
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := w.do(ctx); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(s.connections.Load()-before)/float64(b.N), "conns/op")
		})
	}
}
