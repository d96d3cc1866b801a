package cometchattest

import (
	"bufio"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// gate is the connection beneath a live connection. Once it is frozen, nothing reads from it, and its Read waits for Close.
type gate struct {
	net.Conn
	frozen atomic.Bool
	closed chan struct{}
	once   sync.Once
}

// gatedWriter puts a gate on the connection that is hijacked from a ResponseWriter.
type gatedWriter struct {
	http.ResponseWriter
	gate *gate
}

// Hijack returns the gate as the connection.
func (w gatedWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffers, err := http.NewResponseController(w.ResponseWriter).Hijack()
	w.gate.Conn = conn
	return w.gate, buffers, err
}

// gated returns a writer for websocket.Accept. It returns w itself if w cannot be hijacked, which Accept then says.
func (g *gate) gated(w http.ResponseWriter) http.ResponseWriter {
	for inner := w; ; {
		switch unwrapped := inner.(type) {
		case http.Hijacker:
			return gatedWriter{w, g}
		case interface{ Unwrap() http.ResponseWriter }:
			inner = unwrapped.Unwrap()
		default:
			return w
		}
	}
}

func (g *gate) freeze() {
	g.frozen.Store(true)
	_ = g.SetReadDeadline(time.Unix(1, 0)) // ends a Read that waits; a closed connection needs none
}

// Read reads from the connection, unless the gate is frozen.
func (g *gate) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	if g.frozen.Load() {
		<-g.closed
		return 0, net.ErrClosed
	}
	return n, err
}

// Close closes the connection.
func (g *gate) Close() error {
	g.once.Do(func() { close(g.closed) })
	return g.Conn.Close()
}
