package cometchat

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
)

// Client is a connection to one CometChat app on behalf of at most one logged-in user. Make it with [New] (or [Init]; for
// many users at once with a [Pool]), share it, and Close it at the end. All its methods may be called from any number of
// goroutines; those that return an error return ErrNotInitialized for a client that was made in another way, nil among
// them.
//
// Every call ends: with its context, or else after the client's timeout (see [WithTimeout]). Two things go on when the
// context has ended, as half of them would be worse, and for no longer than the timeout: a login's session is being stored,
// which then succeeds; and a session that has ended is being deleted from the store.
//
// Beside the errors that a method names, each that returns an error may fail with ErrClosed after Close, and with the
// error of the session store (the code is "ERR_SESSION_STORE", and [errors.Is] finds the store's own error).
type Client struct {
	calls     *lifecycle
	rest      *restClient
	sessions  *sessionKeeper
	logins    *loginFlights
	refreshes *loginFlights
	listeners *loginListeners
	provider  TokenProvider // nil: there is none
	pooled    bool          // a Pool shares calls and rest among its clients, and closes them
}

// New returns a client for the app with this id. It makes no request and reads no store. The region is required; see
// [WithRegion].
//
// It fails with ErrMissingParameters without an app id or a region, with ErrInvalidAppID for an app id that cannot be
// one, and with ErrBadRequest for an option that cannot be used; the error names each of them.
func New(appID string, opts ...Option) (*Client, error) { return newClient("New", appID, opts) }

func newClient(op, appID string, opts []Option) (*Client, error) {
	cfg, err := newConfig(op, appID, opts, forClient)
	if err != nil {
		return nil, err
	}
	sessions := newSessionKeeper(cfg.store, appID, "", newDeviceKeeper())
	return assemble(newLifecycle(cfg.timeout), newRESTClient(cfg), sessions, cfg.provider), nil
}

// assemble makes a client of its parts.
func assemble(calls *lifecycle, rest *restClient, sessions *sessionKeeper, provider TokenProvider) *Client {
	c := &Client{calls: calls, rest: rest, sessions: sessions, provider: provider, listeners: &loginListeners{}}
	settled := c.listeners.deliver
	c.logins = &loginFlights{timeout: calls.timeout, settled: settled}
	c.refreshes = &loginFlights{timeout: calls.timeout, settled: settled}
	return c
}

// Close ends what is running, whose callers get ErrClosed, waits for logins to end, and releases the client's
// connections. The session stays in its store, and valid on the server: Close is not [Client.Logout]. (A Logout that is
// running still clears it.) Further calls on c fail with ErrClosed; closing again changes nothing. The error is always
// nil. A store or transport must not call it during a login, which waits for them.
//
// For a client of a [Pool] it does nothing: others may have the same one. [Pool.Close] closes it.
func (c *Client) Close() error {
	if c.lifecycle() == nil || c.pooled {
		return nil
	}
	first := c.calls.close()
	c.closeFlights()
	c.awaitFlights()
	if first {
		c.rest.closeIdle()
	}
	return nil
}

// closeFlights calls off the logins that are running, and awaitFlights waits for their ends.
func (c *Client) closeFlights() {
	c.logins.close()
	c.refreshes.close()
}

func (c *Client) awaitFlights() {
	c.logins.running.Wait()
	c.refreshes.running.Wait()
}

// Format names the app for every verb, and shows nothing of the session.
func (c *Client) Format(s fmt.State, verb rune) {
	text := "client of no app"
	if c.lifecycle() != nil {
		text = "client of app " + c.sessions.appID
	}
	formatText(s, verb, text)
}

// RateLimit returns what the newest answer that spoke of the app's rate limit said; ok is false before the first. It
// makes no request.
func (c *Client) RateLimit() (limit RateLimit, ok bool) {
	if c.lifecycle() == nil {
		return RateLimit{}, false
	}
	return c.rest.lastRateLimit()
}

// AddLoginListener has l told of logins and logouts from now on. The same id replaces. It makes no request.
func (c *Client) AddLoginListener(id string, l LoginListener) {
	if c.lifecycle() != nil {
		c.listeners.add(id, l)
	}
}

// RemoveLoginListener ends what AddLoginListener began; an id that is not there is fine.
func (c *Client) RemoveLoginListener(id string) {
	if c.lifecycle() != nil {
		c.listeners.remove(id)
	}
}

// begin opens a call; see lifecycle.begin. A pool holds an idle client weakly, so c is held until the end of its call.
func (c *Client) begin(ctx context.Context, op string) (context.Context, func(error) error, error) {
	call, end, err := c.lifecycle().begin(ctx, op)
	if err != nil {
		return nil, nil, err
	}
	return call, func(err error) error {
		defer runtime.KeepAlive(c)
		return end(err)
	}, nil
}

// lifecycle is nil for a client that nobody made.
func (c *Client) lifecycle() *lifecycle {
	if c == nil {
		return nil
	}
	return c.calls
}

var defaultClient atomic.Pointer[Client]

// Init makes a client as [New] does and installs it as the default, which the package-level functions use. It is for
// programs with one user. An earlier default is closed. When Init fails, the earlier default stays.
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

// AddLoginListener is [Client.AddLoginListener] of the default client. It fails with ErrNotInitialized before Init; a
// listener stays with the client it was added to.
func AddLoginListener(id string, l LoginListener) error {
	c, err := initialized("AddLoginListener")
	if err != nil {
		return err
	}
	c.AddLoginListener(id, l)
	return nil
}

// RemoveLoginListener is [Client.RemoveLoginListener] of the default client; ErrNotInitialized before Init.
func RemoveLoginListener(id string) error {
	c, err := initialized("RemoveLoginListener")
	if err != nil {
		return err
	}
	c.RemoveLoginListener(id)
	return nil
}

func initialized(op string) (*Client, error) {
	if c := Default(); c != nil {
		return c, nil
	}
	return nil, newError(op, ErrNotInitialized, "")
}
