package cometchattest

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// Server is a running emulator. Its methods are safe for concurrent use.
type Server struct {
	// AppID and Region name the emulated app. It accepts AuthKey, which clients log in with during development, and APIKey,
	// which servers use. URL is where the server listens. Do not change them while the server runs.
	AppID, Region, AuthKey, APIKey, URL string

	http    *httptest.Server         // nil for a server from New
	observe func(Event)              // may be nil
	keysSet struct{ auth, api bool } // by WithKeys: Load leaves them alone
	serving sync.WaitGroup           // live connections
	closing chan struct{}            // closed with closed
	hooks   []*hook                  // by WithWebhook

	settingsInLogin bool // by WithSettingsInLogin

	mu        sync.Mutex       // guards the fields below
	memory    *httptest.Server // what transport reaches; nil until Transport is called
	transport *http.Transport
	now       func() time.Time
	ahead     time.Duration // added to now
	store     *store.Store
	sockets   map[*socket]bool // the live connections that have not been ended
	closed    bool
	limit     *limiter // nil: no limit
	faults    faults
	requests  requestLog
	files     files
	arrived   chan struct{} // closed when a message is kept; nil if nobody waits for it

	socketHost string // by SetSocketHost
}

// Option configures a [Server].
type Option func(*Server)

// NewServer starts an emulator with random keys and the five users of every new CometChat app, cometchat-uid-1 to
// cometchat-uid-5. The caller has to Close it. Like [httptest.NewServer], it panics if it cannot listen on the loopback
// interface.
func NewServer(opts ...Option) *Server {
	s := New(opts...)
	s.http = httptest.NewServer(s)
	s.URL = s.http.URL
	return s
}

// New returns an emulator like that of [NewServer], which listens nowhere. It is an [http.Handler] for the caller's own server:
// the caller sets URL before calling Options, and has to Close the emulator when that server ends. Without a URL, clients that
// are made with Options reach the emulator through memory: see [Server.Transport].
func New(opts ...Option) *Server {
	s := &Server{
		AppID: "emulator-app", Region: "us", AuthKey: store.RandomHex(40), APIKey: store.RandomHex(40),
		now: time.Now, store: store.New(), sockets: map[*socket]bool{}, closing: make(chan struct{}),
	}
	for _, opt := range opts {
		opt(s)
	}
	for i, name := range []string{"Andrew Joseph", "George Alan", "Nancy Grace", "Susan Marie", "John Paul"} {
		uid := "cometchat-uid-" + strconv.Itoa(i+1)
		s.store.PutUser(&store.User{UID: uid, Name: name, Role: store.DefaultRole, CreatedAt: s.time().Unix()})
	}
	return s
}

// Close ends the live connections, stops the server, and waits until the current requests are answered. Deliveries that wait for a
// webhook are dropped.
func (s *Server) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.closing)
		for _, h := range s.hooks {
			h.stop()
		}
	}
	for k := range s.sockets {
		k.end(goingAway)
	}
	listening := []*httptest.Server{s.http, s.memory}
	s.mu.Unlock()
	for _, server := range listening {
		closeServer(server)
	}
	s.serving.Wait()
	for _, h := range s.hooks {
		h.close()
	}
}

// closeServer stops a server, which may be nil, and waits until its requests are answered.
func closeServer(server *httptest.Server) {
	if server != nil {
		late := time.AfterFunc(clientTimeout, server.CloseClientConnections) // for clients that never finish their request
		server.Close()
		late.Stop()
	}
}

// Options returns the options with which [cometchat.New] and [cometchat.NewPool], for s.AppID, make clients of s.
func (s *Server) Options() []cometchat.Option {
	base := cmp.Or(s.URL, "http://localhost") + "/v3.0"
	options := []cometchat.Option{
		cometchat.WithRegion(s.Region), cometchat.WithAdminHost(base), cometchat.WithClientHost(base),
	}
	if s.URL == "" {
		options = append(options, cometchat.WithTransport(func(http.RoundTripper) http.RoundTripper { return s.Transport() }))
	}
	return options
}

// AdminOptions returns the options with which [cometchat.NewAdmin], for s.AppID and s.APIKey, makes an admin of s.
func (s *Server) AdminOptions() []cometchat.Option { return s.Options() }

// Advance moves the server's clock forward by d, for example past the end of a rate limit's period or of a jwt. It does not wake
// a client that waits for a Retry-After: for that, see [Server.Transport].
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
	s.wakeHooks()
}

// time returns the server's time. The caller holds s.mu.
func (s *Server) time() time.Time { return s.now().Add(s.ahead) }

// activeUser finds an active user by a uid in any case, or returns nil. The caller holds s.mu.
func (s *Server) activeUser(uid string) *store.User { return s.store.ActiveUser(strings.ToLower(uid)) }
