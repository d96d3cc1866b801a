package rest

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// The limits of the SDK's own transport. Together they leave a call of 30 seconds the time for a second attempt.
const (
	dialLimit   = 5 * time.Second  // with the name's resolution
	tlsLimit    = 5 * time.Second  // of the handshake
	answerLimit = 15 * time.Second // until the header of an answer
	pingAfter   = 4 * time.Second  // that an HTTP/2 connection is silent
	pongLimit   = 4 * time.Second  // after which the connection is dropped
	headerLimit = 256 << 10        // bytes; net/http would read 10 MiB
)

// NewTransport returns the SDK's own transport, and shut, which closes its connections and ends its dials for good. maxConns
// limits the connections to a host; 0 does not.
//
// It is no clone of http.DefaultTransport, where other code may have put anything. It keeps more idle connections: with
// net/http's two, nearly every call of 256 goroutines would dial. It pings a silent HTTP/2 connection: all calls share one, and
// would fail until the kernel gives a dead one up, after 15 minutes.
func NewTransport(maxConns int) (_ *http.Transport, shut func()) {
	life, shut := context.WithCancel(context.Background())
	d := &dialer{
		Dialer:   net.Dialer{Timeout: dialLimit},
		whenShut: func(f func()) (stop func() bool) { return context.AfterFunc(life, f) },
	}
	t := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment, // not for localhost, if that is in lower case, and for loopback addresses
		DialContext:            d.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    tlsLimit,
		ResponseHeaderTimeout:  answerLimit,
		MaxResponseHeaderBytes: headerLimit,
		MaxIdleConns:           512,
		MaxIdleConnsPerHost:    256,
		IdleConnTimeout:        50 * time.Second,
		MaxConnsPerHost:        maxConns,
		ForceAttemptHTTP2:      true, // else a dialer of our own turns HTTP/2 off
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pongLimit},
	}
	return t, shut
}

// dialer makes connections that end when the transport is shut. CloseIdleConnections would leave an HTTP/2 connection open whose
// calls have been canceled a moment ago.
type dialer struct {
	net.Dialer
	whenShut func(f func()) (stop func() bool)
}

func (d *dialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer d.whenShut(cancel)()
	conn, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return &mortalConn{conn, d.whenShut(func() { _ = conn.Close() })}, nil
}

// mortalConn is a connection that ends when its transport is shut.
type mortalConn struct {
	net.Conn
	release func() bool
}

func (c *mortalConn) Close() error {
	c.release()
	return c.Conn.Close()
}
