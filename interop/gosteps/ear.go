package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/cometchat-go/cometchat"
)

// ear keeps what a client hears about messages and groups, since the beginning of the step.
type ear struct {
	mu     sync.Mutex // guards events
	events []heard
	more   chan struct{} // has a value when there may be new events
}

// newEar listens until the client is closed. A loop hears all events in one order, which listeners do not.
func newEar(client *cometchat.Client) *ear {
	e := &ear{more: make(chan struct{}, 1)}
	events := client.Events(context.Background())
	go func() {
		for event := range events {
			if h := viewEvent(event); h.Event != "" {
				e.add(h)
			}
		}
	}()
	return e
}

func (e *ear) add(h heard) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.events = append(e.events, h)
	select {
	case e.more <- struct{}{}:
	default:
	}
}

// forget does nothing for a client that does not exist yet.
func (e *ear) forget() {
	if e != nil {
		e.mu.Lock()
		e.events = nil
		e.mu.Unlock()
	}
}

// before returns the events before the first that matches; ok is false if none does.
func (e *ear) before(matches func(heard) bool) (events []heard, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.IndexFunc(e.events, matches)
	if i < 0 {
		return slices.Clone(e.events), false
	}
	return slices.Clone(e.events[:i]), true
}

// withHeard has the results of the steps include what both users have heard of messages in them. browser/steps.mjs does the same.
func withHeard(steps []step) []step {
	for i, s := range steps {
		steps[i].run = func(ctx context.Context, w *world, c *checks) {
			if s.run(ctx, w, c); c.broken != nil {
				return
			}
			result := map[string]any{"heard": [][]heard{
				c.heardUntilNow(w, w.ear, func(data any) error { return w.second.SendTransientMessage(ctx, cometchat.ToUser(one), data) }),
				c.heardUntilNow(w, w.secondEar, func(data any) error { return w.client.SendTransientMessage(ctx, cometchat.ToUser(two), data) }),
			}}
			if w.result != nil {
				result["returned"] = w.result
			}
			w.tell(result)
		}
	}
	return steps
}

// heardUntilNow returns what an ear has heard since the beginning of the step: up to a transient message, which say sends to it. So an
// event that is missing, or comes twice, does not go unnoticed.
func (c *checks) heardUntilNow(w *world, e *ear, say func(data any) error) []heard {
	w.ends++
	isEnd := func(h heard) bool {
		v, ok := h.Value.(liveView)
		return ok && string(v.Data) == fmt.Sprintf(`{"end":%d}`, w.ends)
	}
	c.ok("SendTransientMessage", say(map[string]int{"end": w.ends}))
	return c.waits(e, "the end of the step", isEnd)
}

// hears waits until an ear has heard an event.
func (c *checks) hears(e *ear, event string) {
	c.waits(e, event, func(h heard) bool { return h.Event == event })
}

// waits waits for an event, and returns what the ear has heard before it.
func (c *checks) waits(e *ear, what string, matches func(heard) bool) []heard {
	const patience = 15 * time.Second
	late := time.After(patience)
	for {
		events, ok := e.before(matches)
		if ok {
			return events
		}
		select {
		case <-e.more:
		case <-late:
			raw, _ := json.Marshal(events)
			c.fail("waited in vain for %s; heard %s", what, raw)
			return events
		}
	}
}
