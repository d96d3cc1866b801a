package cometchat

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/cometchat-go/cometchat/internal/live"
	"github.com/cometchat-go/cometchat/internal/redact"
	"github.com/cometchat-go/cometchat/internal/rest"
	"github.com/cometchat-go/cometchat/internal/xsync"
)

// connection is the live connection of a client, and what comes over it on its way to the events.
type connection struct {
	link     *live.Link
	hub      *hub
	sends    *sends
	catchUp  *catchUp
	auto     bool   // it begins with the session
	resource string // names the client on the wire
	worker   xsync.Worker
	typist   typist
	// What the last attempt to connect used: the server may quote the secrets of the session, and the settings may be outdated.
	session  atomic.Pointer[Session]
	settings atomic.Pointer[appSettings]

	mu    sync.Mutex
	inbox []arrival // guarded by mu: oldest first
	room  sync.Cond // of inbox, for frames
	fresh bool      // guarded by mu: a frame has come since the last confirmation
}

// arrival is what the connection hears of: a frame, a change of its status, a confirmation that it is good, or its end.
type arrival struct {
	frame     []byte
	change    *live.Change
	confirmed bool
}

// maxInbox is how many arrivals may wait. Reading keeps up with any network; the limit is for a flood.
const maxInbox = 1024

// endpointFinder is the client of a connection: it makes the requests that the connection takes.
type endpointFinder interface {
	historian
	endpoint(ctx context.Context, renew, moved bool) (live.Endpoint, error)
}

// newConnection makes a connection that is not there yet.
func newConnection(l *liveConfig, r *rest.Client, client endpointFinder, h *hub, s *sends, positions *positionKeeper) *connection {
	c := &connection{hub: h, sends: s, auto: l.auto, resource: r.Resource}
	c.room.L = &c.mu
	c.worker.Step = c.readNext
	c.link = live.NewLink(live.Config{
		HTTPClient: r.SocketClient(), Endpoint: client.endpoint, Final: hopeless, Herd: l.herd,
		Changed:  func(change live.Change) { c.arrived(arrival{change: &change}) },
		Received: c.received, Confirmed: c.confirmed,
	})
	c.catchUp = &catchUp{
		hub: h, history: client, positions: positions, herd: l.herd,
		ours: func(m *Message) bool { return m.Resource == c.resource || s.running(m) },
	}
	c.catchUp.start()
	return c
}

// sessionChanged has the connection follow the session: it ends with the session, and with WithAutoConnect it begins with it.
func (c *connection) sessionChanged(old, current *Session, why error) {
	if old != nil && old != nobody && !old.sameUser(current) {
		c.link.End(why)
	}
	if old == nil && current != nobody {
		c.begin()
	}
}

// begin opens the connection with WithAutoConnect: after a login, and at the first look at a stored session. A later version of
// the session does not, as Disconnect holds.
func (c *connection) begin() {
	if c.auto {
		_ = c.link.Keep() // fails only after close
	}
}

// received keeps a frame for the worker. Reading it here would leave a stack of 8 KiB to each client, for good.
func (c *connection) received(frame []byte) {
	c.sends.hear(frame)
	if c.hub.empty() {
		return
	}
	c.mu.Lock()
	for len(c.inbox) >= maxInbox {
		c.room.Wait()
	}
	c.fresh = true
	c.mu.Unlock()
	c.arrived(arrival{frame: bytes.Clone(frame)})
}

// confirmed says that the server has answered a ping: what it sent before has arrived.
func (c *connection) confirmed() {
	c.mu.Lock()
	fresh := c.fresh
	c.fresh = false
	c.mu.Unlock()
	if fresh {
		c.arrived(arrival{confirmed: true})
	}
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
	case a.confirmed:
		c.hub.confirm()
	case a.frame == nil:
		c.hub.close()
	default:
		if e := readFrame(a.frame, c.resource); e.Event != nil {
			c.hub.publish(e)
		}
	}
	return true
}

func (c *connection) changed(change live.Change) {
	if change.Status != live.Connected {
		c.typist.forget()
	}
	e := ConnectionChanged{Status: ConnectionStatus(change.Status), Err: c.failed(change.Err), RetryIn: change.RetryIn}
	if closed, ok := errors.AsType[*live.ClosedError](change.Err); ok {
		e.CloseCode, e.CloseReason = closed.Code, c.secrets().Text(closed.Reason)
	}
	if e.Err != nil && !errors.Is(e.Err, ErrClosed) {
		c.hub.logger.Warn("there is no live connection", "error", e.Err, "retryIn", e.RetryIn)
	}
	if change.Status == live.Connected {
		c.hub.publish(mail{Event: e})
		c.catchUp.connected()
		return
	}
	c.catchUp.disconnected()
	c.hub.publish(mail{Event: e})
}

// close ends the connection, tells so, and ends the subscriptions. It waits for no subscriber.
func (c *connection) close() {
	c.link.Close()
	c.catchUp.disconnected()
	c.catchUp.positions.close()
	c.arrived(arrival{})
}

// liveConfig is what the live connections of a client, or of the clients of a Pool, have in common.
type liveConfig struct {
	settings  *settingsKeeper
	hosts     socketHosts
	presence  Presence
	auto      bool          // the connection begins with the session
	positions PositionStore // nil: none are kept
	logger    *slog.Logger
	herd      *live.Herd // nil: there is one client
}

func newLiveConfig(cfg *config, herd *live.Herd) *liveConfig {
	return &liveConfig{
		settings: newSettingsKeeper(), hosts: newSocketHosts(cfg), presence: cfg.presence, auto: cfg.autoConnect,
		logger: cfg.logger, herd: herd, positions: cfg.positions(),
	}
}

// hopeless reports whether another attempt to connect would end as this one did.
func hopeless(err error) bool {
	return errors.Is(err, ErrNotLoggedIn) || errors.Is(err, ErrClosed) || errors.Is(err, ErrJWTRefused) || errors.Is(err, ErrBadRequest)
}

// secrets knows what the server may quote.
func (c *connection) secrets() redact.Redactor { return redact.New(c.session.Load().secrets()...) }

// failed makes the Error of what internal/live says; nil for nil. Errors of the client's own requests stay as they are.
func (c *connection) failed(err error) error {
	const op = "Connect"
	refused, isRefused := errors.AsType[*live.RefusedError](err)
	dial, isDial := errors.AsType[*live.DialError](err)
	own, isOwn := errors.AsType[*Error](err)
	switch {
	case isOwn && err == error(own): //nolint:errorlint // and not a failure that a Connect has given up waiting after
		return own
	case isOwn:
		e := *own
		e.err = errors.Join(own.err, endOfWait(err))
		return &e
	case err == nil, err == context.DeadlineExceeded, err == context.Canceled: //nolint:errorlint // nothing has failed but the wait
		return err
	case isRefused:
		return newError(op, ErrJWTRefused, "%s", c.secrets().Text(refused.Error()))
	case errors.Is(err, live.ErrClosed):
		return newError(op, ErrClosed, "")
	case errors.Is(err, live.ErrDisconnected):
		return newError(op, ErrNotConnected, "the connection was ended meanwhile")
	}
	e := &Error{Op: op, Code: codeConnectionLost, Message: "the live connection is broken", err: c.secrets().Cause(err)}
	if isDial {
		e.Host, e.StatusCode = hostOf(dial.URL), dial.Status
		explainNoAnswer(context.Background(), &rest.Request{}, &rest.Answer{Base: dial.URL, Err: dial.Err, Status: dial.Status}, e)
		e.err = errors.Join(e.err, endOfWait(err))
	}
	return e
}

// endOfWait returns the end of the context of a Connect that has given up; nil for the failure of an attempt.
func endOfWait(err error) error {
	if both, ok := err.(interface{ Unwrap() []error }); ok {
		return both.Unwrap()[0]
	}
	return nil
}
