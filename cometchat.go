package cometchat

import (
	"fmt"
	"sync/atomic"

	"github.com/cometchat-go/cometchat/internal/redact"
	"github.com/cometchat-go/cometchat/internal/rest"
	"github.com/cometchat-go/cometchat/internal/xsync"
)

// Client is a connection to one CometChat app for at most one logged-in user. Make it with [New], with [Init], or for many
// users at once with a [Pool]; share it, and close it at the end. All its methods are safe for concurrent use. On a Client
// that was not made so, nil included, the methods that return an error return ErrNotInitialized.
//
// Every call ends: with its context, or else after the client's timeout (see [WithTimeout]). Two steps finish even after the
// context ends, within the timeout, because half of them would be worse: storing a new session and deleting an ended one.
//
// Beside the errors that a method names, each method that returns an error may fail with ErrClosed after Close, and with the
// error of the session store (the code is "ERR_SESSION_STORE", and [errors.Is] finds the store's own error).
type Client struct {
	calls     *lifecycle
	rest      *rest.Client
	sessions  *sessionKeeper
	logins    *xsync.Flights[loginID, *Session]
	refreshes *xsync.Flights[loginID, *Session]
	listeners *loginListeners
	live      *liveConfig
	events    *hub
	conn      *connection
	sends     *sends
	provider  TokenProvider // nil: there is none
	pooled    bool          // the client is a Pool's, which closes it
}

// New returns a client for the app with this id. It makes no request and reads no store. The region is required; see
// [WithRegion].
//
// It fails with ErrMissingParameters without an app id or a region, with ErrInvalidAppID for a malformed app id, and with
// ErrBadRequest for an option that cannot be used. The error names every bad option.
func New(appID string, opts ...Option) (*Client, error) { return newClient("New", appID, opts) }

func newClient(op, appID string, opts []Option) (*Client, error) {
	cfg, err := newConfig(op, appID, opts, forClient)
	if err != nil {
		return nil, err
	}
	sessions := newSessionKeeper(cfg.store, appID, "", newDeviceKeeper(cfg.logger))
	return assemble(newLifecycle(nil, cfg.timeout), newREST(cfg), sessions, cfg.provider, newLiveConfig(cfg, nil)), nil
}

// assemble makes a client of its parts.
func assemble(calls *lifecycle, r *rest.Client, sessions *sessionKeeper, provider TokenProvider, live *liveConfig) *Client {
	listeners := &loginListeners{}
	c := &Client{
		calls: calls, rest: r, sessions: sessions, provider: provider, listeners: listeners, live: live,
		logins:    xsync.NewFlights[loginID, *Session](calls.timeout, listeners.deliver),
		refreshes: xsync.NewFlights[loginID, *Session](calls.timeout, listeners.deliver),
		events:    &hub{logger: live.logger}, sends: &sends{},
	}
	var positions *positionKeeper
	if live.positions != nil {
		positions = &positionKeeper{store: live.positions, key: sessions.positionKey, hub: c.events, logger: live.logger}
		c.events.moved = positions.moved
	}
	c.conn = newConnection(live, r, c, c.events, c.sends, positions)
	sessions.changed = c.conn.sessionChanged
	return c
}

// Close ends the calls that are running, which fail with ErrClosed, waits for logins to end, and closes the client's
// connections. The session stays in its store, and valid on the server: Close is not [Client.Logout]. A Logout that is
// running still clears the session. Further calls fail with ErrClosed; closing again changes nothing. The error is always
// nil. A store or transport must not call Close during a login: Close waits for the login.
//
// On a client of a [Pool], Close does nothing, because others may use the same client. Use [Pool.Forget] or [Pool.Close].
func (c *Client) Close() error {
	if c.lifecycle() == nil || c.pooled {
		return nil
	}
	c.closeCalls()
	c.await()
	c.rest.Close()
	return nil
}

// closeCalls ends the calls that are running; await ends the live connection, and waits until it and the logins have ended.
func (c *Client) closeCalls() {
	c.calls.close()
	c.logins.Close()
	c.refreshes.Close()
}

func (c *Client) await() {
	c.conn.close()
	c.logins.Wait()
	c.refreshes.Wait()
}

// Format writes the app's id for every verb, and nothing of the session.
func (c *Client) Format(s fmt.State, verb rune) {
	text := "client of no app"
	if c.lifecycle() != nil {
		text = "client of app " + c.sessions.appID
	}
	redact.Format(s, verb, text)
}

// RateLimit returns what the server last said about the app's rate limit; ok is false before an answer has mentioned it. It
// makes no request.
func (c *Client) RateLimit() (limit RateLimit, ok bool) {
	if c.lifecycle() == nil {
		return RateLimit{}, false
	}
	return lastRateLimit(c.rest)
}

// AddLoginListener registers l for login and logout events, replacing any listener with this id. It makes no request.
func (c *Client) AddLoginListener(id string, l LoginListener) {
	if c.lifecycle() != nil {
		c.listeners.add(id, l)
	}
}

// RemoveLoginListener removes the listener with this id. It does nothing when there is none.
func (c *Client) RemoveLoginListener(id string) {
	if c.lifecycle() != nil {
		c.listeners.remove(id)
	}
}

// lifecycle returns nil for a client that was not made by New.
func (c *Client) lifecycle() *lifecycle {
	if c == nil {
		return nil
	}
	return c.calls
}

var defaultClient atomic.Pointer[Client]

// Init makes a client as [New] does and installs it as the default client, which the package-level functions use. It is for
// programs with one user. Init closes an earlier default client. When Init fails, the earlier default stays.
func Init(appID string, opts ...Option) (*Client, error) {
	c, err := newClient("Init", appID, opts)
	if err != nil {
		return nil, err
	}
	if old := defaultClient.Swap(c); old != nil {
		_ = old.Close()
	}
	return c, nil
}

// Default returns the client that the last Init made, or nil before the first.
func Default() *Client { return defaultClient.Load() }

// IsInitialized reports whether Init has succeeded.
func IsInitialized() bool { return Default() != nil }

// AddLoginListener is [Client.AddLoginListener] of the default client. It fails with ErrNotInitialized before Init. A later
// Init does not move the listener to the new default client.
func AddLoginListener(id string, l LoginListener) error {
	c, err := initialized("AddLoginListener")
	if err != nil {
		return err
	}
	c.AddLoginListener(id, l)
	return nil
}

// RemoveLoginListener is [Client.RemoveLoginListener] of the default client. It fails with ErrNotInitialized before Init.
func RemoveLoginListener(id string) error {
	c, err := initialized("RemoveLoginListener")
	if err != nil {
		return err
	}
	c.RemoveLoginListener(id)
	return nil
}

// initialized returns the default client, or ErrNotInitialized.
func initialized(op string) (*Client, error) {
	if c := Default(); c != nil {
		return c, nil
	}
	return nil, newError(op, ErrNotInitialized, "")
}
