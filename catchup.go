package cometchat

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/cometchat-go/cometchat/internal/live"
	"github.com/cometchat-go/cometchat/internal/xsync"
)

// historian reads the history of the logged-in user's messages.
type historian interface {
	// newestMessage returns the newest message, or 0 if there is none.
	newestMessage(ctx context.Context) (uint64, error)
	// messagesAfter returns a page of the messages after one, the oldest first; last says that there are no more now.
	messagesAfter(ctx context.Context, id uint64) (page []*Message, last bool, err error)
}

// catchUp fetches what the subscribers of a client have missed. It works while there is a connection.
type catchUp struct {
	hub      *hub
	history  historian
	resource string // names the client: what it has sent is not told
	herd     *live.Herd
	logger   *slog.Logger
	worker   xsync.Worker

	mu       sync.Mutex
	ctx      context.Context    //nolint:containedctx // guarded by mu: that of the connection; nil: there is none
	end      context.CancelFunc // guarded by mu
	failures int                // used by the worker alone: in a row
}

func newCatchUp(h *hub, history historian, resource string, herd *live.Herd) *catchUp {
	c := &catchUp{hub: h, history: history, resource: resource, herd: herd, logger: h.logger}
	c.worker.Step = c.step
	h.lacks = c.worker.Wake
	return c
}

// begin finds out, before the first connection, which message is the newest: what comes after it will be told. A failure does not
// keep the client from connecting: step tries again.
func (c *catchUp) begin(ctx context.Context) {
	const patience = 5 * time.Second
	if c.hub.begun() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if newest, err := c.history.newestMessage(ctx); err == nil {
		c.hub.begin(newest)
	}
}

// connected begins a catch-up. What an earlier one still brings is dropped.
func (c *catchUp) connected() {
	c.disconnected()
	c.mu.Lock()
	c.ctx, c.end = context.WithCancel(context.Background())
	c.mu.Unlock()
	c.hub.connected()
	c.worker.Wake()
}

// disconnected ends the catch-up.
func (c *catchUp) disconnected() {
	c.mu.Lock()
	if c.ctx != nil {
		c.end()
	}
	c.ctx = nil
	c.mu.Unlock()
	c.hub.disconnected()
}

// step fetches a page for all subscribers that need one, and reports whether there may be more to do.
func (c *catchUp) step() bool {
	c.mu.Lock()
	ctx := c.ctx
	c.mu.Unlock()
	if ctx == nil || ctx.Err() != nil {
		return false
	}
	if !c.hub.begun() {
		newest, err := c.history.newestMessage(ctx)
		if err == nil {
			c.hub.begin(newest)
		}
		return c.goesOn(ctx, err)
	}
	var behind []*mailbox
	from := uint64(0)
	for _, box := range c.hub.all() {
		if after, ok := box.wants(); ok {
			if len(behind) == 0 || after < from {
				from = after
			}
			behind = append(behind, box)
		}
	}
	if len(behind) == 0 {
		return false
	}
	page, last, err := c.fetch(ctx, from)
	if ctx.Err() != nil {
		return true // another connection may have begun
	}
	switch {
	case err == nil:
		c.tell(behind, from, page, last)
	case refusedForGood(err):
		for _, box := range behind {
			box.giveUp(Gap{AfterID: strconv.FormatUint(from, 10), Err: err})
		}
	}
	return c.goesOn(ctx, err)
}

// goesOn reports whether there may be more to do after a request. It waits after one that failed and may succeed later.
func (c *catchUp) goesOn(ctx context.Context, err error) bool {
	switch {
	case err == nil:
		c.failures = 0
	case refusedForGood(err):
		c.logger.Warn("the server does not list messages: those sent while there is no live connection are not told", "error", err)
		return c.hub.begun()
	case ctx.Err() == nil:
		c.logger.Warn("the messages sent without a live connection could not be fetched yet", "error", err)
		c.pause(ctx)
	}
	return true
}

// fetch takes its turn among the clients of a Pool.
func (c *catchUp) fetch(ctx context.Context, from uint64) (page []*Message, last bool, err error) {
	if err := c.herd.Enter(ctx); err != nil {
		return nil, false, err
	}
	defer c.herd.Exit()
	return c.history.messagesAfter(ctx, from)
}

// tell offers a page to the subscribers.
func (c *catchUp) tell(boxes []*mailbox, from uint64, page []*Message, last bool) {
	upTo := from
	var messages []mail
	for _, m := range page {
		id := messageNumber(m.ID)
		upTo = max(upTo, id)
		if id > 0 && m.Resource != c.resource {
			messages = append(messages, mail{messageEvent(m), id})
		}
	}
	for _, box := range boxes {
		box.offer(messages, upTo, last)
	}
}

// pause waits after a failure, longer each time.
func (c *catchUp) pause(ctx context.Context) {
	const first, longest = 500 * time.Millisecond, 30 * time.Second
	wait := min(first<<min(c.failures, 10), longest)
	c.failures++
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// refusedForGood reports whether the server would refuse the same request again.
func refusedForGood(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.StatusCode >= 400 && e.StatusCode < 500 && e.Code != codeFailedToFetch && !errors.Is(err, ErrTooManyRequests)
}
