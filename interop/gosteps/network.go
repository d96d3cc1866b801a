package main

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
)

// network is a transport whose connections can break.
type network struct {
	http.Transport
	mu    sync.Mutex
	conns []net.Conn // guarded by mu: since the last break
}

func newNetwork(config *tls.Config) *network {
	n := &network{Transport: http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}}
	n.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			n.mu.Lock()
			n.conns = append(n.conns, conn)
			n.mu.Unlock()
		}
		return conn, err
	}
	return n
}

// breaks ends every connection without a close frame. New connections are possible at once.
func (n *network) breaks() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, conn := range n.conns {
		_ = conn.Close() // it may be closed already
	}
	n.conns = nil
}
