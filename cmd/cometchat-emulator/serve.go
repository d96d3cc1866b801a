package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest"
)

// saveInterval is how often the emulator looks for changes to save. Documented is that at most the last second is lost.
const saveInterval = 250 * time.Millisecond

// serve answers requests until ctx ends, and then finishes those that came in.
func serve(ctx context.Context, listener net.Listener, emulator *cometchattest.Server, k *keeper, out *logger) error {
	server := &http.Server{Handler: emulator, ReadHeaderTimeout: 10 * time.Second, ErrorLog: out.errors()}
	var unused unusedConns
	server.ConnState = unused.changed
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	tick := time.NewTicker(saveInterval)
	defer tick.Stop()
	for {
		select {
		case err := <-failed:
			return err
		case <-tick.C:
			out.saveFailed(k.save())
		case <-ctx.Done():
			out.say(slog.LevelInfo, "closing")
			emulator.Close() // Shutdown does not close live connections
			patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			unused.close()
			err := server.Shutdown(patience)
			if errors.Is(err, context.DeadlineExceeded) { // a client does not finish its request
				err = server.Close()
			}
			if failure := <-failed; !errors.Is(failure, http.ErrServerClosed) {
				err = errors.Join(err, failure)
			}
			return err
		}
	}
}

// unusedConns are the connections without a request so far: browsers open some in advance. Shutdown would wait for them.
type unusedConns struct {
	mu     sync.Mutex
	conns  map[net.Conn]bool // guarded by mu
	closed bool              // guarded by mu
}

// changed is the ConnState of the server.
func (u *unusedConns) changed(conn net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case state != http.StateNew:
		delete(u.conns, conn)
	case u.closed:
		_ = conn.Close() // an error does not matter, as there was no request
	default:
		if u.conns == nil {
			u.conns = map[net.Conn]bool{}
		}
		u.conns[conn] = true
	}
}

// close closes the unused connections, and from then on every new connection.
func (u *unusedConns) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed = true
	for conn := range u.conns {
		_ = conn.Close()
	}
}

// visible returns the address for a client on this machine. A listener on every address is on this machine too.
func visible(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || tcp.IP.IsLoopback() && tcp.IP.String() != "127.0.0.1" {
		return addr.String()
	}
	if len(tcp.IP) == 0 || tcp.IP.IsUnspecified() || tcp.IP.IsLoopback() {
		return net.JoinHostPort("localhost", strconv.Itoa(tcp.Port)) // browsers treat it as secure
	}
	return addr.String()
}
