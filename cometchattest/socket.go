package cometchattest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

const (
	maxFrame = 64 << 10 // bytes of a frame from a client
	// maxQueued is how many frames wait for a client to read them before it is given up.
	maxQueued = 16 << 10
	// patience is how long a client may take to read a frame, or to answer a close.
	patience = time.Second
)

// ending is how the server ends a live connection. The zero ending breaks it without a word.
type ending struct {
	code   websocket.StatusCode
	reason string
}

var (
	broken       = ending{}
	goingAway    = ending{websocket.StatusGoingAway, "the server closes"}
	loggedOut    = ending{websocket.StatusNormalClosure, "User logged out"}
	tokenRevoked = ending{websocket.StatusPolicyViolation, "the auth token has been revoked"}
	userGone     = ending{websocket.StatusPolicyViolation, "the user does not exist"}
	notLetIn     = ending{websocket.StatusPolicyViolation, "the jwt is not valid"}
	twice        = ending{websocket.StatusPolicyViolation, "somebody has been let in already"}
	notReading   = ending{websocket.StatusTryAgainLater, "the client does not read"}
)

// socket is a live connection.
type socket struct {
	server     *Server
	conn       *websocket.Conn
	host, path string
	uid        atomic.Value // a string, once it has been let in
	out        queue
	ended      chan struct{}
	once       sync.Once
	how        ending // to be read once ended is closed

	// What follows is the server's lock's.
	token    *token // nil until it has been let in
	user     *user
	deviceID string // the resource of the SDK
	presence string // whose presence it is told: "ALL_USERS", "ROLES", "FRIENDS", or else nobody's
	roles    []string
}

// end has the connection closed, soon; the first one decides how.
func (k *socket) end(how ending) {
	k.once.Do(func() {
		k.how = how
		close(k.ended)
	})
}

// frame is what goes over a live connection, in either direction.
type frame struct {
	AppID        string          `json:"appId,omitempty"`
	Receiver     string          `json:"receiver,omitempty"`
	ReceiverType string          `json:"receiverType,omitempty"`
	DeviceID     string          `json:"deviceId,omitempty"`
	Type         string          `json:"type,omitempty"`
	Sender       string          `json:"sender,omitempty"`
	Action       string          `json:"action,omitempty"` // of a ping and a pong, which have no type
	Ack          string          `json:"ack,omitempty"`
	Body         json.RawMessage `json:"body,omitempty"`
}

// send queues a frame. A client that lets too many wait is given up.
func (k *socket) send(f frame) {
	raw, _ := json.Marshal(f) // what is in it has been decoded, or made here
	k.sendRaw(raw)
}

func (k *socket) sendRaw(raw []byte) {
	if !k.out.add(raw) {
		k.end(notReading)
	}
}

// queue is what is to be sent. Its memory is in proportion to that, and not to what could be.
type queue struct {
	mu     sync.Mutex // guards frames
	frames [][]byte
	ready  chan struct{} // has one when there may be frames
}

func (q *queue) add(raw []byte) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.frames) == maxQueued {
		return false
	}
	q.frames = append(q.frames, raw)
	select {
	case q.ready <- struct{}{}:
	default:
	}
	return true
}

// next is nil when there is nothing to send.
func (q *queue) next() []byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.frames) == 0 {
		q.frames = nil
		return nil
	}
	raw := q.frames[0]
	q.frames[0], q.frames = nil, q.frames[1:]
	return raw
}

// serveSocket answers a request for a live connection, and returns when that is over.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	closed := s.closed
	if !closed {
		s.serving.Add(1)
	}
	s.mu.Unlock()
	if closed {
		http.Error(w, "the server closes", http.StatusServiceUnavailable)
		return
	}
	defer s.serving.Done()
	// Pages of any origin may connect, as to the real service.
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // it has been answered
	}
	conn.SetReadLimit(maxFrame)
	k := &socket{
		server: s, conn: conn, host: r.Host, path: r.URL.EscapedPath(),
		out: queue{ready: make(chan struct{}, 1)}, ended: make(chan struct{}),
	}
	s.mu.Lock()
	s.sockets[k] = true
	if s.closed {
		k.end(goingAway)
	}
	s.mu.Unlock()
	k.happened("open", nil, 0, "")
	// That of a hijacked request ends with its handler's server. The end of a context that is read with breaks the connection.
	ctx, stop := context.WithCancel(context.WithoutCancel(r.Context()))
	defer stop()
	var writing sync.WaitGroup
	writing.Go(func() { k.write(ctx, stop) })
	code, reason := k.read(ctx)
	s.leave(k)
	k.end(broken)
	writing.Wait()
	k.happened("close", nil, code, reason)
}

// read hands on what the client says, until the connection is over.
func (k *socket) read(ctx context.Context) (code int, reason string) {
	const abnormal = 1006 // there was no close
	for {
		_, raw, err := k.conn.Read(ctx)
		if err != nil {
			if closed, ok := errors.AsType[websocket.CloseError](err); ok {
				return int(closed.Code), closed.Reason
			}
			return abnormal, ""
		}
		k.happened("client to server", raw, 0, "")
		k.server.received(k, raw)
	}
}

// write sends what is queued, and closes the connection when it has been ended.
func (k *socket) write(ctx context.Context, stop func()) {
	for {
		select {
		case <-k.ended:
			k.close(ctx, stop)
			return
		default:
		}
		raw := k.out.next()
		if raw == nil {
			select {
			case <-k.out.ready:
			case <-k.ended:
			}
			continue
		}
		if !k.writeOne(ctx, raw) {
			return
		}
	}
}

func (k *socket) writeOne(ctx context.Context, raw []byte) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := k.conn.Write(ctx, websocket.MessageText, raw); err != nil {
		_ = k.conn.CloseNow() // it is over already
		return false
	}
	k.happened("server to client", raw, 0, "")
	return true
}

func (k *socket) close(ctx context.Context, stop func()) {
	if k.how == broken {
		_ = k.conn.CloseNow()
		return
	}
	if k.how != notReading {
		for raw := k.out.next(); raw != nil; raw = k.out.next() { // such as the refusal of a jwt
			if !k.writeOne(ctx, raw) {
				return
			}
		}
	}
	late := time.AfterFunc(patience, stop) // CloseNow would wait for Close, which is more patient
	defer late.Stop()
	_ = k.conn.Close(k.how.code, k.how.reason) // a client that does not answer it has gone
}
