package live

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// socket is one connection that the server has accepted.
type socket struct {
	conn      *websocket.Conn
	wire      io.Closer // beneath conn
	every     Intervals
	received  func([]byte)
	confirmed func()
	settled   func() // called at the first pong

	seen   atomic.Bool // a frame has come since the last ping
	pinged bool        // the next tick looks for the pong; only tick uses it
	timer  *time.Timer // runs tick
	left   atomic.Bool // leave was called, or is about to be

	mu    sync.Mutex // also held to start and stop timer
	cause error      // guarded by mu: why the connection has ended
}

// always is the context of all reads and writes. One that can end would end the connection, and takes eight allocations a frame.
var always = context.Background()

// dial opens a socket and has the server accept the auth frame.
func dial(ctx context.Context, config *Config, to Endpoint, settled func()) (*socket, error) {
	opening, cancel := context.WithTimeout(ctx, config.Dial)
	defer cancel()
	client, tap := *config.HTTPClient, &tap{next: cmp.Or(config.HTTPClient.Transport, http.DefaultTransport)}
	client.Transport = tap
	conn, resp, err := websocket.Dial(opening, to.URL, &websocket.DialOptions{HTTPClient: &client}) //nolint:bodyclose // conn closes it
	if err != nil {
		return nil, dialFailed(ctx, to, resp, err)
	}
	conn.SetReadLimit(-1) // readFrame has a limit, which does not end the connection
	s := &socket{conn: conn, wire: tap.wire, every: config.Intervals, received: config.Received, confirmed: config.Confirmed, settled: settled}
	s.timer = time.AfterFunc(time.Hour, s.tick)
	s.timer.Stop() // run starts it
	late := time.AfterFunc(config.Auth, func() { s.end(ErrNoAnswer) })
	// ctx must end the socket only while it opens.
	stop := context.AfterFunc(ctx, func() { s.end(context.Cause(ctx)) })
	err = s.authenticate(to.Auth)
	inTime, wanted := late.Stop(), stop()
	switch { // what was too late to be stopped may not have run yet
	case err != nil:
	case !wanted:
		err = context.Cause(ctx)
	case !inTime:
		err = ErrNoAnswer
	default:
		return s, nil
	}
	s.end(err)
	_ = conn.CloseNow() // the connection is over
	return nil, s.why(err)
}

// authenticate sends the auth frame and waits for its answer. The server has nothing to tell before it.
func (s *socket) authenticate(frame []byte) error {
	if err := s.conn.Write(always, websocket.MessageText, frame); err != nil {
		return err
	}
	for {
		frame, err := s.next()
		if err != nil {
			return err
		}
		refusal, ok := authAnswer(frame.Bytes())
		release(frame)
		if ok {
			return refusal
		}
	}
}

// next returns the next text frame, which the caller releases.
func (s *socket) next() (*bytes.Buffer, error) {
	for {
		kind, r, err := s.conn.Reader(always)
		if err != nil {
			return nil, err
		}
		s.seen.Store(true)
		if kind != websocket.MessageText {
			if _, err := io.Copy(io.Discard, r); err != nil {
				return nil, err
			}
			continue
		}
		frame, err := readFrame(r)
		if err != nil || frame != nil {
			return frame, err
		}
	}
}

// run reads frames until the connection is over, and returns why it is.
func (s *socket) run() error {
	s.timer.Reset(0) // the first ping goes out at once
	for {
		frame, err := s.next()
		if err != nil {
			s.end(err)
			_ = s.conn.CloseNow() // the connection is over
			return s.why(err)
		}
		switch {
		case s.left.Load(): // what comes during the goodbye would be told after the end
		case !isPong(frame.Bytes()):
			s.received(frame.Bytes())
		case s.settled != nil:
			s.settled()
			s.settled = nil
			s.confirmed()
		default:
			s.confirmed()
		}
		release(frame)
	}
}

// tick sends a ping or, the next time, looks for a sign of life since then. A timer runs it, one call after the other.
func (s *socket) tick() {
	next := s.every.Pong
	switch {
	case !s.pinged:
		s.seen.Store(false)
		_ = s.write(pingFrame) // after a failure run ends, or nothing is seen
	case !s.seen.Load():
		s.end(ErrSilent)
		return
	default:
		next = s.every.Ping - s.every.Pong
	}
	s.pinged = !s.pinged
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cause == nil {
		s.timer.Reset(next)
	}
}

// write sends a frame. A peer that does not take it in time is gone.
func (s *socket) write(frame []byte) error {
	late := time.AfterFunc(s.every.Pong, func() { s.end(ErrSilent) }) // a context of its own would hide the cause from run
	defer late.Stop()
	return s.conn.Write(always, websocket.MessageText, frame)
}

// end breaks the connection without a word to the peer. The first cause counts.
func (s *socket) end(cause error) {
	s.mu.Lock()
	if s.cause == nil {
		s.cause = cause
	}
	s.timer.Stop()
	s.mu.Unlock()
	_ = s.wire.Close() // conn's own Close would wait for that of leave
}

// leave closes the connection, and waits for the peer's answer for a short while.
func (s *socket) leave(cause error) {
	s.mu.Lock()
	if s.cause == nil {
		s.cause = cause
	}
	s.timer.Stop()
	s.mu.Unlock()
	late := time.AfterFunc(s.every.Goodbye, func() { _ = s.wire.Close() })
	defer late.Stop()
	_ = s.conn.Close(websocket.StatusNormalClosure, "User logged out") // as the official SDK says goodbye
}

// why returns why the connection is over: the cause that this side has given, or else err.
func (s *socket) why(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cause != nil {
		err = s.cause
	}
	if closed, ok := errors.AsType[websocket.CloseError](err); ok {
		return &ClosedError{int(closed.Code), closed.Reason}
	}
	return err
}

// tap is a transport that keeps the connection of the socket that it opens.
type tap struct {
	next http.RoundTripper
	wire io.Closer
}

func (t *tap) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(r)
	if err == nil {
		t.wire = resp.Body
	}
	return resp, err
}

// dialFailed returns the error of a socket that could not be opened.
func dialFailed(ctx context.Context, to Endpoint, resp *http.Response, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	failed := &DialError{URL: to.URL, Err: err}
	if resp != nil && resp.StatusCode != http.StatusSwitchingProtocols {
		failed.Status = resp.StatusCode
	}
	return failed
}
