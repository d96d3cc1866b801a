package live

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// Herd keeps the links of a process from doing everything at the same moment. A nil Herd is that of a single link.
type Herd struct {
	dials   chan struct{}
	members atomic.Int64 // links that stay connected
}

const (
	// maxDials is how many links of a herd connect at the same time.
	maxDials = 32
	// apart is how far the first attempts of a herd's links are from each other, on average, after all were lost.
	apart = 5 * time.Millisecond
)

// NewHerd returns a Herd without links.
func NewHerd() *Herd { return &Herd{dials: make(chan struct{}, maxDials)} }

// Enter waits until there is room for another dial or catch-up; Exit makes room.
func (h *Herd) Enter(ctx context.Context) error {
	if h == nil {
		return nil
	}
	select {
	case h.dials <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Exit ends what Enter has begun.
func (h *Herd) Exit() {
	if h != nil {
		<-h.dials
	}
}

func (h *Herd) joined() {
	if h != nil {
		h.members.Add(1)
	}
}

func (h *Herd) left() {
	if h != nil {
		h.members.Add(-1)
	}
}

// wait returns a random wait after so many failures, evenly spread from zero ("full jitter") but never zero. The more links a
// herd has, the longer it is.
func (h *Herd) wait(failures int, every Intervals) time.Duration {
	longest := every.MaxWait
	if doubled := every.FirstWait << min(failures, 30); doubled > 0 && doubled < longest {
		longest = doubled
	}
	if h != nil {
		longest = min(max(longest, time.Duration(h.members.Load())*apart), every.MaxWait)
	}
	return 1 + rand.N(longest) //nolint:gosec // jitter needs no cryptography
}
