package webhook

import (
	"context"
	"errors"
	"sync"
)

// Deduper remembers events by [Event.ID], so that an event that is delivered twice is handled once. The default keeps the
// last 10,000 handled events in memory. A service of several processes needs a Deduper that the processes share, in a
// database for example; give it to [WithDeduper].
//
// The methods must be safe for concurrent use.
type Deduper interface {
	// Begin claims the event with this id for the caller. It returns true if the caller must handle the event and then
	// call Done, and false if the event has been handled. It returns an error if the event is being handled at the moment,
	// or if it cannot tell: the answer is then 503, and CometChat delivers the event again.
	//
	// Begin must be atomic: of two concurrent calls for an id, only one returns true. If a process can die between Begin
	// and Done, the claim must expire by itself, or the event is never handled. The claim must not expire while the event
	// is still being handled.
	Begin(ctx context.Context, id string) (first bool, err error)
	// Done ends the claim. If handled is true, later calls of Begin return false; otherwise Done forgets the event, and
	// the next Begin claims it again. ctx has a time limit of 1.5 seconds of its own. An error changes nothing in the
	// answer to the delivery.
	Done(ctx context.Context, id string, handled bool) error
}

// maxHandled is how many handled events the default Deduper remembers.
const maxHandled = 10_000

var errInProgress = errors.New("another delivery of the event is being handled")

// memoryDeduper is the default Deduper.
type memoryDeduper struct {
	mu     sync.Mutex
	events map[string]bool    // guarded by mu: false while the event is being handled, then true
	ring   [maxHandled]string // guarded by mu: the handled events; the next one replaces the oldest
	oldest int                // guarded by mu: an index of ring
}

func newMemoryDeduper() *memoryDeduper { return &memoryDeduper{events: map[string]bool{}} }

func (d *memoryDeduper) Begin(_ context.Context, id string) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch handled, known := d.events[id]; {
	case !known:
		d.events[id] = false
		return true, nil
	case !handled:
		return false, errInProgress
	}
	return false, nil
}

func (d *memoryDeduper) Done(_ context.Context, id string, handled bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !handled {
		delete(d.events, id)
		return nil
	}
	delete(d.events, d.ring[d.oldest])
	d.ring[d.oldest] = id
	d.oldest = (d.oldest + 1) % maxHandled
	d.events[id] = true
	return nil
}
