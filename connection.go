package cometchat

import (
	"bytes"
	"log/slog"
	"sync"

	"github.com/cometchat-go/cometchat/internal/live"
	"github.com/cometchat-go/cometchat/internal/xsync"
)

// connection is the live connection of a client, and what comes over it on its way to the events.
type connection struct {
	link     *live.Link
	hub      *hub
	logger   *slog.Logger
	resource string // names the client on the wire
	worker   xsync.Worker

	mu    sync.Mutex
	inbox []arrival // guarded by mu: oldest first
	room  sync.Cond // of inbox, for frames
}

// arrival is what the connection hears of: a frame, a change of its status, or its end.
type arrival struct {
	frame  []byte
	change *live.Change
}

// maxInbox is how many arrivals may wait. Reading keeps up with any network; the limit is for a flood.
const maxInbox = 1024

// newConnection makes a connection that is not there yet. config has everything but what it calls when something arrives.
func newConnection(config live.Config, h *hub, resource string) *connection {
	c := &connection{hub: h, logger: h.logger, resource: resource}
	c.room.L = &c.mu
	c.worker.Step = c.readNext
	config.Changed = func(change live.Change) { c.arrived(arrival{change: &change}) }
	config.Received = c.received
	c.link = live.NewLink(config)
	return c
}

// received keeps a frame for the worker. Reading it here would leave a stack of 8 KiB to each client, for good.
func (c *connection) received(frame []byte) {
	if c.hub.empty() {
		return
	}
	c.mu.Lock()
	for len(c.inbox) >= maxInbox {
		c.room.Wait()
	}
	c.mu.Unlock()
	c.arrived(arrival{frame: bytes.Clone(frame)})
}

// arrived does not wait, so that a link can tell of its changes.
func (c *connection) arrived(a arrival) {
	c.mu.Lock()
	c.inbox = append(c.inbox, a)
	c.mu.Unlock()
	c.worker.Wake()
}

// readNext makes an event of the oldest arrival, and reports whether there was one.
func (c *connection) readNext() bool {
	c.mu.Lock()
	if len(c.inbox) == 0 {
		c.inbox = nil // frees its memory
		c.mu.Unlock()
		return false
	}
	a := c.inbox[0]
	c.inbox[0] = arrival{}
	c.inbox = c.inbox[1:]
	c.room.Signal()
	c.mu.Unlock()
	switch {
	case a.change != nil:
		c.changed(*a.change)
	case a.frame == nil:
		c.hub.close()
	default:
		if e := readFrame(a.frame, c.resource); e != nil {
			c.hub.publish(e)
		}
	}
	return true
}

func (c *connection) changed(change live.Change) {
	if change.Err != nil {
		c.logger.Warn("there is no live connection", "error", change.Err, "retryIn", change.RetryIn)
	}
	c.hub.publish(ConnectionChanged{
		Status: ConnectionStatus(change.Status), Err: change.Err, CloseCode: change.Code, CloseReason: change.Reason,
		RetryIn: change.RetryIn,
	})
}

// close ends the connection, tells so, and ends the subscriptions. It waits for no subscriber.
func (c *connection) close() {
	c.link.Close()
	c.arrived(arrival{})
}
