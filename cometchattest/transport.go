package cometchattest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
)

// Transport returns a transport whose http requests and live connections reach the server through memory, whatever their host,
// without a port or a network. It always returns the same one. After Close, its requests fail.
//
// For a server from [New] whose URL is empty, Options and AdminOptions have this transport already. With it, a test in a
// [testing/synctest] bubble sees real retries and real rate limits without waiting for them: all goroutines of the client and
// of the server wait on the bubble's clock.
//
//	synctest.Test(t, func(t *testing.T) {
//		server := cometchattest.New(cometchattest.WithRateLimit(2, 20*time.Second)) // in the bubble
//		defer server.Close()
//		client, err := cometchat.New(server.AppID, server.Options()...)
//		// A call that is one too many returns 20 seconds later on the bubble's clock, which is at once.
//	})
func (s *Server) Transport() http.RoundTripper {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.transport == nil {
		s.memory, s.transport = serveMemory(s, nil)
		if s.closed {
			s.memory.Close()
		}
	}
	return s.transport
}

// serveMemory starts a server that only the transport reaches. The contexts of its requests are made from that of base, if it is not nil.
func serveMemory(handler http.Handler, base func(net.Listener) context.Context) (*httptest.Server, *http.Transport) {
	pipes := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &httptest.Server{Listener: pipes, Config: &http.Server{ //nolint:gosec // it needs no time limits
		Handler: handler, BaseContext: base,
	}}
	server.Start()
	return server, &http.Transport{DialContext: pipes.dial}
}

var errClosed = errors.New("the emulator is closed")

// pipes is a listener whose connections are pipes in memory.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }
