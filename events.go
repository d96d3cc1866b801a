package cometchat

import (
	"context"
	"iter"
)

// Events returns the client's events from now on: it subscribes when it is called, not when the loop begins. The loop ends
// when ctx ends or when the client is closed; after Close, the events that wait are told first. It can be ranged over once. Give
// it a context that ends, or range over it: until then, events wait for the loop. It makes no request, and does not connect: see
// [Client.Connect].
//
// A loop that is too slow misses events that are not in the history of the messages, and [EventsDropped] says how many. On a client
// not made by New, and with a nil context, the loop ends at once.
func (c *Client) Events(ctx context.Context) iter.Seq[Event] {
	if c.lifecycle() == nil || ctx == nil {
		return func(func(Event) bool) {}
	}
	l := newLoop()
	leave := func() { c.events.drop(func(b namedBox) bool { return b.mailbox == &l.mailbox }) }
	c.events.add("", &l.mailbox)
	stop := context.AfterFunc(ctx, func() {
		l.close(true) // a loop that runs leaves by itself, when it has done with its event
		if !l.ranged.Load() {
			leave()
		}
	})
	return func(yield func(Event) bool) {
		l.ranged.Store(true)
		defer leave()
		defer stop()
		for e := l.next(); e != nil; e = l.next() {
			if !yield(e) {
				l.handled()
				return
			}
		}
	}
}
