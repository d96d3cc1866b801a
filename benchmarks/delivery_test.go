//go:build unix && !race

package benchmarks

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
)

// BenchmarkDelivery sends messages through the emulator, to one client or to a group of 500, each after the last has reached all. It
// reports how long it takes from SendMessage to a listener, and how many messages a second reach listeners.
func BenchmarkDelivery(b *testing.B) {
	for _, receivers := range []int{1, 500} {
		b.Run(fmt.Sprint(receivers), func(b *testing.B) { deliver(b, receivers) })
	}
}

func deliver(b *testing.B, receivers int) {
	b.Helper()
	s := cometchattest.NewServer()
	b.Cleanup(s.Close)
	pool, err := cometchat.NewPool(s.AppID, s.Options()...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = pool.Close() })
	client := func(uid string) *cometchat.Client {
		c := pool.Client(uid)
		if _, err := c.Login(b.Context(), uid, s.AuthKey); err != nil {
			b.Fatal(err)
		}
		return c
	}
	sender := client(uid)
	group := cometchat.NewGroup{GUID: "all", Name: "All", Type: cometchat.GroupPublic}
	if _, _, err := sender.CreateGroup(b.Context(), group); err != nil {
		b.Fatal(err)
	}
	var began time.Time
	var mu sync.Mutex
	var took []time.Duration // guarded by mu
	var reached sync.WaitGroup
	for i := range receivers {
		name := fmt.Sprint("member-", i)
		s.AddUser(&cometchat.User{UID: name, Name: name})
		c := client(name)
		if _, err := c.JoinGroup(b.Context(), group.GUID, ""); err != nil {
			b.Fatal(err)
		}
		c.AddMessageListener("", cometchat.MessageListener{MessageReceived: func(*cometchat.Message) {
			mu.Lock()
			took = append(took, time.Since(began))
			mu.Unlock()
			reached.Done()
		}})
		if err := c.Connect(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		reached.Add(receivers)
		mu.Lock()
		began = time.Now()
		mu.Unlock()
		if _, err := sender.SendMessage(b.Context(), cometchat.NewTextMessage(cometchat.ToGroup(group.GUID), "hello")); err != nil {
			b.Fatal(err)
		}
		reached.Wait()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "heard/s")
}
