package cometchat

import (
	"context"
	"fmt"
	"sync"
	"time"
	"weak"
)

// Pool is many clients of one app in one process, as in a gateway or for bots: one for each key, made on demand. A key is
// whatever tells your users apart, as a rule the uid. The clients share their connections, the limits of [WithMaxConns] and
// [WithRequestRate], the budget for retries, and the store, where the session of each has a key of its own.
//
// Make it with [NewPool], share it, and Close it at the end. All its methods may be called from any number of goroutines.
type Pool struct {
	calls  *lifecycle
	rest   *restClient
	cfg    *config
	device *deviceKeeper

	mu      sync.Mutex
	clients map[string]pooledClient // guarded by mu
	sweep   *time.Timer             // guarded by mu; nil until there is something to sweep
}

// pooledClient is a client of a pool. One that is idle is held weakly: it is the key's client as long as somebody holds it.
type pooledClient struct {
	client *Client // nil when it is idle
	idle   weak.Pointer[Client]
	used   bool // since the last sweep
}

func (p pooledClient) get() *Client {
	if p.client != nil {
		return p.client
	}
	return p.idle.Value()
}

// NewPool returns a pool of clients for the app with this id. It makes no request and reads no store. It takes the options
// of [New], but for WithTokenProvider, and fails as that does. Without WithSessionStore, the sessions are in the pool's own
// memory, and stay there until they end.
func NewPool(appID string, opts ...Option) (*Pool, error) {
	cfg, err := newConfig("NewPool", appID, opts, forPool)
	if err != nil {
		return nil, err
	}
	return &Pool{
		calls: newLifecycle(cfg.timeout), rest: newRESTClient(cfg), cfg: cfg, device: newDeviceKeeper(),
		clients: map[string]pooledClient{},
	}, nil
}

// Client returns the client for a key: the same one for the same key, as long as somebody holds it. It is never nil, and
// makes no request and reads no store itself. After Close, the calls of what it returns fail with ErrClosed; for a pool
// that nobody made, with ErrNotInitialized.
//
// The client is logged in from the start when the store has a session for the key: under "{appID}/{key}/session". The
// empty key has the session of a client made by [New].
func (p *Pool) Client(key string) *Client {
	if p == nil || p.calls == nil {
		return &Client{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.clients[key].get()
	if c == nil {
		c = p.newClient(key)
	}
	if !p.calls.closed.Load() {
		p.clients[key] = pooledClient{client: c, used: true}
		p.sweepLater()
	}
	return c
}

func (p *Pool) newClient(key string) *Client {
	var provider TokenProvider
	if forKey := p.cfg.poolProvider; forKey != nil {
		provider = func(ctx context.Context) (string, error) { return forKey(ctx, key) }
	}
	c := assemble(p.calls, p.rest, newSessionKeeper(p.cfg.store, p.cfg.appID, key, p.device), provider)
	c.pooled = true
	return c
}

// sweepLater has what is idle found. The caller holds mu.
func (p *Pool) sweepLater() {
	if p.cfg.idleTimeout > 0 && p.sweep == nil {
		p.sweep = time.AfterFunc(p.cfg.idleTimeout, p.letGo)
	}
}

// letGo lets go of the clients that nobody has asked for since the last time, and forgets those that are gone.
func (p *Pool) letGo() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sweep = nil
	if p.calls.closed.Load() {
		return
	}
	for key, pooled := range p.clients {
		switch {
		case pooled.used:
			pooled.used = false
			p.clients[key] = pooled
		case pooled.client != nil:
			p.clients[key] = pooledClient{idle: weak.Make(pooled.client)}
		case pooled.idle.Value() == nil:
			delete(p.clients, key)
		}
	}
	if len(p.clients) > 0 {
		p.sweepLater()
	}
}

// RateLimit returns what the newest answer to any of the clients that spoke of the app's rate limit said; ok is false before
// the first. It makes no request.
func (p *Pool) RateLimit() (limit RateLimit, ok bool) {
	if p == nil || p.calls == nil {
		return RateLimit{}, false
	}
	return p.rest.lastRateLimit()
}

// Close closes all clients, as [Client.Close] does for one: what is running ends, and its callers get ErrClosed. The
// sessions stay in their store. Further calls on the clients fail with ErrClosed; closing again changes nothing. The error
// is always nil. A store or transport must not call it during a login, which waits for them.
func (p *Pool) Close() error {
	if p == nil || p.calls == nil {
		return nil
	}
	first := p.calls.close()
	clients := p.empty()
	for _, c := range clients {
		c.closeFlights()
	}
	for _, c := range clients {
		c.awaitFlights()
	}
	if first {
		p.rest.closeIdle()
	}
	return nil
}

// empty ends the sweeping, and returns the clients that somebody may be using, which the pool then no longer has.
func (p *Pool) empty() []*Client {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sweep != nil {
		p.sweep.Stop()
		p.sweep = nil
	}
	var clients []*Client
	for _, pooled := range p.clients {
		if c := pooled.get(); c != nil {
			clients = append(clients, c)
		}
	}
	clear(p.clients)
	return clients
}

// Format names the app for every verb, and shows nothing of the sessions.
func (p *Pool) Format(s fmt.State, verb rune) {
	text := "pool of no app"
	if p != nil && p.calls != nil {
		text = "pool of app " + p.cfg.appID
	}
	formatText(s, verb, text)
}
