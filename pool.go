package cometchat

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/cometchat-go/cometchat/internal/live"
	"github.com/cometchat-go/cometchat/internal/redact"
	"github.com/cometchat-go/cometchat/internal/rest"
)

// Pool makes one client for each user of one app in one process, for a gateway or for bots. A key tells the users apart; as
// a rule it is the uid, and [WithKeyAsUID] makes sure of that. The clients share their connections, the limits of
// [WithMaxConns] and [WithRequestRate], the retry budget, and the store, where the session of each key has a key of its own.
//
// Make it with [NewPool], share it, and close it at the end. All its methods are safe for concurrent use.
type Pool struct {
	calls  *lifecycle
	rest   *rest.Client
	cfg    *config
	device *deviceKeeper
	live   *liveConfig

	mu      sync.Mutex
	clients map[string]*Client // guarded by mu
}

// NewPool returns a pool of clients for the app with this id. It makes no request and reads no store. It takes the options of
// [New] except WithTokenProvider, and fails as New does. Without WithSessionStore, the sessions are in the pool's own memory,
// and stay there until they end.
func NewPool(appID string, opts ...Option) (*Pool, error) {
	cfg, err := newConfig("NewPool", appID, opts, forPool)
	if err != nil {
		return nil, err
	}
	return &Pool{
		calls: newLifecycle(nil, cfg.timeout), rest: newREST(cfg), cfg: cfg, device: newDeviceKeeper(cfg.logger),
		live:    newLiveConfig(cfg, live.NewHerd()),
		clients: map[string]*Client{},
	}, nil
}

// Client returns the client of a key, and makes it the first time: the same client for the same key, until [Pool.Forget]. It
// is never nil, and Client makes no request and reads no store. After Close, the calls of the client fail with ErrClosed; on
// a Pool not made by NewPool, they fail with ErrNotInitialized.
//
// The client is logged in from the start when the store has a session for the key, under "{appID}/{key}/session". The empty
// key has the session of a client made by [New].
func (p *Pool) Client(key string) *Client {
	if p == nil || p.calls == nil {
		return &Client{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.clients[key]
	if c == nil {
		c = p.newClient(key)
		if !p.calls.closed() {
			p.clients[key] = c
		}
	}
	return c
}

func (p *Pool) newClient(key string) *Client {
	var provider TokenProvider
	if forKey := p.cfg.poolProvider; forKey != nil {
		provider = func(ctx context.Context) (string, error) { return forKey(ctx, key) }
	}
	sessions := newSessionKeeper(p.cfg.store, p.cfg.appID, key, p.device)
	c := assemble(newLifecycle(p.calls, p.calls.timeout), p.rest.Share(newResource()), sessions, provider, p.live)
	c.pooled = true
	if p.cfg.keyAsUID {
		sessions.owner, c.calls.flaw = key, keyFlaw(key)
	}
	return c
}

// keyFlaw says why the key of a client cannot be its uid; nil if it can.
func keyFlaw(key string) *Error {
	flaw, _ := errors.AsType[*Error](checkUID("", key))
	if flaw != nil {
		flaw.Message = "the key of the pool's client cannot be the uid of its user: " + flaw.Message
	}
	return flaw
}

// Forget closes the client of a key and drops it, so that its memory can be freed: use it when a user has gone. The client's
// running calls end with ErrClosed, and so do all later calls on it; Forget waits for its logins to end. The session stays in
// the store, and valid on the server: [Pool.Client] makes a new client, which is logged in from the start if the store keeps
// the session. The client's login listeners are dropped. Forget does nothing for a key without a client.
//
// A store or transport must not call Forget during a login of this key: Forget waits for the login.
func (p *Pool) Forget(key string) {
	if p == nil || p.calls == nil {
		return
	}
	p.mu.Lock()
	c := p.clients[key]
	delete(p.clients, key)
	p.mu.Unlock()
	if c != nil {
		c.closeCalls()
		c.await()
	}
}

// RateLimit returns what the server last said to any of the clients about the app's rate limit; ok is false before an answer
// has mentioned it. It makes no request.
func (p *Pool) RateLimit() (limit RateLimit, ok bool) {
	if p == nil || p.calls == nil {
		return RateLimit{}, false
	}
	return lastRateLimit(p.rest)
}

// Close closes all clients, as [Client.Close] does for one: running calls end with ErrClosed, and the sessions stay in their
// store. Further calls on the clients fail with ErrClosed; closing again changes nothing. The error is always nil. A store or
// transport must not call Close during a login: Close waits for the login.
func (p *Pool) Close() error {
	if p == nil || p.calls == nil {
		return nil
	}
	p.calls.close()
	clients := p.removeAll()
	for _, c := range clients {
		c.closeCalls()
	}
	for _, c := range clients {
		c.await()
	}
	p.rest.Close()
	return nil
}

func (p *Pool) removeAll() []*Client {
	p.mu.Lock()
	defer p.mu.Unlock()
	clients := slices.Collect(maps.Values(p.clients))
	clear(p.clients)
	return clients
}

// Format writes the app's id for every verb, and nothing of the sessions.
func (p *Pool) Format(s fmt.State, verb rune) {
	text := "pool of no app"
	if p != nil && p.calls != nil {
		text = "pool of app " + p.cfg.appID
	}
	redact.Format(s, verb, text)
}
