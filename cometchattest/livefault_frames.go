package cometchattest

import (
	"math/rand/v2"
	"slices"
	"time"
)

const (
	// maxAhead is how many later frames go before a frame that is held back, at most.
	maxAhead = 3
	// maxHeld is how long a frame is held back, at most: fewer later frames may come.
	maxHeld = time.Second
)

// badLine makes the frames of a live connection fail as a [LiveFault] says. Guarded by Server.mu.
type badLine struct {
	server  *Server
	socket  *socket
	fault   LiveFault
	random  *rand.Rand
	held    []*heldFrame // the oldest first
	delayed [][]byte     // the oldest first, each with a timer
}

// heldFrame is a frame that is held back.
type heldFrame struct {
	raw   []byte
	ahead int       // how many later frames go before it
	until time.Time // when it goes at the latest
}

func newBadLine(s *Server, k *socket, f LiveFault) *badLine {
	random := rand.New(rand.NewPCG(f.Seed, f.Seed)) //nolint:gosec // its decisions have to be repeatable
	return &badLine{server: s, socket: k, fault: f, random: random}
}

func (b *badLine) happens(probability float64) bool { return b.random.Float64() < probability }

// send takes a frame other than a pong.
func (b *badLine) send(raw []byte) {
	if b.happens(b.fault.LoseFrames) {
		return
	}
	reordered, doubled := b.happens(b.fault.ReorderFrames), b.happens(b.fault.DoubleFrames)
	if !reordered {
		b.delay(raw)
	}
	b.release(func(h *heldFrame) bool { h.ahead--; return h.ahead == 0 })
	if reordered {
		b.hold(raw, 1+b.random.IntN(maxAhead))
	}
	if doubled {
		b.hold(raw, b.random.IntN(maxAhead+1))
	}
}

// sendPong takes a pong, which tells the client that it has got all frames before.
func (b *badLine) sendPong(raw []byte) {
	switch {
	case b.happens(b.fault.LoseFrames):
	case b.fault.PongsOvertake:
		b.socket.queue(raw)
	default:
		b.release(func(*heldFrame) bool { return true })
		b.delay(raw)
	}
}

// hold keeps a frame back until this many later frames have gone, or been held back too.
func (b *badLine) hold(raw []byte, ahead int) {
	if ahead == 0 {
		b.delay(raw)
		return
	}
	b.held = append(b.held, &heldFrame{raw, ahead, time.Now().Add(maxHeld)})
	b.after(maxHeld, func() {
		now := time.Now()
		b.release(func(h *heldFrame) bool { return !h.until.After(now) })
	})
}

// release sends the frames that are held back and due.
func (b *badLine) release(due func(*heldFrame) bool) {
	b.held = slices.DeleteFunc(b.held, func(h *heldFrame) bool {
		if !due(h) {
			return false
		}
		b.delay(h.raw)
		return true
	})
}

// delay sends a frame after the delay of all frames.
func (b *badLine) delay(raw []byte) {
	if b.fault.DelayFrames == 0 {
		b.socket.queue(raw)
		return
	}
	b.delayed = append(b.delayed, raw)
	b.after(b.fault.DelayFrames, func() { // timers that end together may run in any order: each takes the oldest frame
		b.socket.queue(b.delayed[0])
		b.delayed = b.delayed[1:]
	})
}

func (b *badLine) after(d time.Duration, do func()) {
	time.AfterFunc(d, func() {
		b.server.mu.Lock()
		defer b.server.mu.Unlock()
		do()
	})
}
