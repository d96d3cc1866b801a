package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest"
)

// serve answers until ctx ends, and then what has come in by then.
func serve(ctx context.Context, listener net.Listener, emulator *cometchattest.Server, k *keeper, out *output) error {
	server := &http.Server{Handler: emulator, ReadHeaderTimeout: 10 * time.Second, ErrorLog: out.errors()}
	var unused unusedConns
	server.ConnState = unused.changed
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case err := <-failed:
			return err
		case <-tick.C:
			if err := k.save(); err != nil {
				out.say(err.Error())
			}
		case <-ctx.Done():
			out.say("closing")
			emulator.Close() // http.Server does not know of live connections
			patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			unused.close()
			err := server.Shutdown(patience)
			if errors.Is(err, context.DeadlineExceeded) { // a client that does not send what it has begun
				err = server.Close()
			}
			if failure := <-failed; !errors.Is(failure, http.ErrServerClosed) {
				err = errors.Join(err, failure)
			}
			return err
		}
	}
}

// unusedConns are the connections on which no request has come, as browsers open some in advance. Shutdown waits for them.
type unusedConns struct {
	mu     sync.Mutex
	conns  map[net.Conn]bool // guarded by mu
	closed bool              // guarded by mu
}

// changed is the server's ConnState.
func (u *unusedConns) changed(conn net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case state != http.StateNew:
		delete(u.conns, conn)
	case u.closed:
		_ = conn.Close() // nothing was asked on it, here and below
	default:
		if u.conns == nil {
			u.conns = map[net.Conn]bool{}
		}
		u.conns[conn] = true
	}
}

// close closes them, and those that are still to come.
func (u *unusedConns) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed = true
	for conn := range u.conns {
		_ = conn.Close()
	}
}

// visible is where a client finds the listener: one on every address is on this machine too.
func visible(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || tcp.IP.IsLoopback() && tcp.IP.String() != "127.0.0.1" {
		return addr.String()
	}
	if tcp.IP.IsUnspecified() || tcp.IP.IsLoopback() {
		return net.JoinHostPort("localhost", strconv.Itoa(tcp.Port)) // what a browser makes no trouble about
	}
	return addr.String()
}
