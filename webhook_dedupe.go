package cometchat

import (
	"context"
	"sync"
	"time"
)

// WebhookDeduper remembers events, so that one delivered again is not handled again. The default keeps 10,000 events
// for an hour in memory; use another for a service of several processes. Its methods are called from any number of
// goroutines.
type WebhookDeduper interface {
	// Begin claims an event: true means that the caller is the one to handle it, and calls Done afterwards; false, that
	// it was handled before. While somebody else is handling it, Begin waits for the outcome, or gives up with an error,
	// at the latest when ctx ends: then CometChat is asked to deliver again. Where a process may end before Done, claims
	// need to lapse by themselves.
	Begin(ctx context.Context, id string) (first bool, err error)
	// Done ends the claim. An event that was not handled is forgotten: the next Begin claims it. An error changes nothing
	// for the delivery that is being answered.
	Done(ctx context.Context, id string, handled bool) error
}

// What the default deduper remembers. The documented redeliveries come 10 and 30 seconds later.
const (
	maxWebhookIDs     = 10_000
	webhookMemoryTime = time.Hour
)

// memoryDeduper is the default WebhookDeduper.
type memoryDeduper struct {
	mu      sync.Mutex
	events  map[string]*webhookClaim // guarded by mu: those being handled, and those in handled
	handled []handledWebhook         // guarded by mu: oldest first
}

type webhookClaim struct {
	done    chan struct{} // closed when handle has ended
	handled bool          // set before done is closed
}

type handledWebhook struct {
	id string
	at time.Time
}

func (d *memoryDeduper) Begin(ctx context.Context, id string) (bool, error) {
	for {
		claim, first := d.claim(id)
		if first {
			return true, nil
		}
		select {
		case <-claim.done:
			if claim.handled {
				return false, nil
			}
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

func (d *memoryDeduper) claim(id string) (claim *webhookClaim, first bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget()
	if claim = d.events[id]; claim != nil {
		return claim, false
	}
	claim = &webhookClaim{done: make(chan struct{})}
	d.events[id] = claim
	return claim, true
}

func (d *memoryDeduper) Done(_ context.Context, id string, handled bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	claim := d.events[id]
	if handled {
		d.handled = append(d.handled, handledWebhook{id, time.Now()})
		d.forget()
	} else {
		delete(d.events, id)
	}
	claim.handled = handled
	close(claim.done)
	return nil
}

// forget drops what is too old or too much. It needs mu. What is being handled stays: it is as much as there are calls.
func (d *memoryDeduper) forget() {
	for len(d.handled) > maxWebhookIDs || len(d.handled) > 0 && time.Since(d.handled[0].at) >= webhookMemoryTime {
		delete(d.events, d.handled[0].id)
		d.handled = d.handled[1:]
	}
}
