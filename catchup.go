package cometchat

import (
	"context"
	"errors"
	"log/slog"
	"slices"
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
	messagesAfter(ctx context.Context, id uint64) (messages []*Message, last bool, err error)
}

// catchUp fetches what the subscribers of a client have missed. It works while there is a connection.
type catchUp struct {
	hub       *hub
	history   historian
	positions *positionKeeper     // nil: none are kept
	ours      func(*Message) bool // reports whether the client itself has sent a message, which is not told then
	herd      *live.Herd
	logger    *slog.Logger
	worker    xsync.Worker

	mu       sync.Mutex
	uid      string             // guarded by mu: whose messages they are
	ctx      context.Context    //nolint:containedctx // guarded by mu: that of the connection; nil: there is none
	end      context.CancelFunc // guarded by mu
	failures int                // used by the worker alone: in a row
}

// start makes the catch-up ready.
func (c *catchUp) start() {
	c.logger, c.worker.Step, c.hub.lacks = c.hub.logger, c.step, c.worker.Wake
}

// begin finds out, before the first connection, what the subscribers have been told of the user's messages: what comes after will be
// told. A failure does not keep the client from connecting: step tries again.
func (c *catchUp) begin(ctx context.Context, uid string) {
	const patience = 5 * time.Second
	c.mu.Lock()
	c.uid = uid
	c.mu.Unlock()
	if c.hub.begunFor(uid) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_ = c.find(ctx)
}

// find finds out where the catch-up begins: where the program has been before, or else with what comes after the newest message.
func (c *catchUp) find(ctx context.Context) error {
	c.mu.Lock()
	uid := c.uid
	c.mu.Unlock()
	t, ok, lost := c.positions.load(ctx, uid)
	if lost != nil {
		lost = storeFailed("read the position from", lost)
		if !errors.Is(lost, ErrUnreadableSession) {
			return lost
		}
	}
	newest, err := c.history.newestMessage(ctx)
	if err != nil {
		return err
	}
	if ok {
		if t.complete > newest { // with the position as it is, all messages up to there would be taken for told
			c.logger.Warn("the position in the messages is that of other messages, of an emulator that forgot them, for example",
				"position", t.complete, "newest", newest)
			t = toldUpTo(newest)
		}
		c.hub.begin(uid, t, true)
		return nil
	}
	c.hub.begin(uid, toldUpTo(newest), false)
	c.positions.save()
	if lost != nil {
		c.logger.Warn("the position in the messages is lost", "error", lost)
		c.hub.publish(mail{Event: Gap{Err: lost}})
	}
	return nil
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
		return c.goesOn(ctx, c.find(ctx))
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
	messages, last, err := c.fetch(ctx, from)
	if ctx.Err() != nil {
		return true // another connection may have begun
	}
	switch {
	case err == nil:
		c.tell(behind, messages, &page{upTo: from, last: last})
	case refusedForGood(err):
		for _, box := range behind {
			box.giveUp(err)
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
func (c *catchUp) fetch(ctx context.Context, from uint64) (messages []*Message, last bool, err error) {
	if err := c.herd.Enter(ctx); err != nil {
		return nil, false, err
	}
	defer c.herd.Exit()
	return c.history.messagesAfter(ctx, from)
}

// tell offers a page to the subscribers.
func (c *catchUp) tell(boxes []*mailbox, messages []*Message, p *page) {
	marked := slices.ContainsFunc(boxes, (*mailbox).wantsMarked)
	for _, m := range messages {
		id := messageNumber(m.ID)
		p.upTo = max(p.upTo, id)
		told, repeated := mail{id: id}, mail{id: id}
		if !c.ours(m) {
			told.Event = messageEvent(m)
			if marked {
				repeated.Event = messageEvent(m.mayRepeat())
			}
		}
		p.mail, p.marked = append(p.mail, told), append(p.marked, repeated)
	}
	for _, box := range boxes {
		box.offer(p)
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
