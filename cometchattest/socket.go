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
	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/cometchat-go/cometchat/internal/lenient"
)

const (
	maxFrame = 64 << 10 // bytes of a frame from a client
	// maxQueued is how many frames may wait for a client to read them. The server ends the connection of a client that reads
	// more slowly.
	maxQueued = 16 << 10
	// clientTimeout is how long a client may take to read a frame, or to answer a close.
	clientTimeout = time.Second
)

// ending is how the server ends a live connection. The zero ending breaks it without a close frame.
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
	invalidJWT   = ending{websocket.StatusPolicyViolation, "the jwt is not valid"}
	otherApp     = ending{websocket.StatusPolicyViolation, "the app does not exist in this region"}
	secondAuth   = ending{websocket.StatusPolicyViolation, "somebody has been let in already"}
	notReading   = ending{websocket.StatusTryAgainLater, "the client does not read"}
)

// socket is a live connection.
type socket struct {
	conn       *websocket.Conn
	gate       *gate       // beneath conn
	observe    func(Event) // may be nil
	host, path string
	uid        atomic.Value // the uid as a string, after authentication
	out        queue
	ended      chan struct{}
	once       sync.Once
	how        ending // written before ended is closed

	// Guarded by Server.mu.
	token    *store.Token // nil before authentication
	since    time.Time    // of the authentication, by the server's clock
	deviceID string       // the resource of the SDK
	presence string       // whose presence the client subscribed to: "ALL_USERS", "ROLES", "FRIENDS"; anything else: nobody's
	roles    []string
	frozen   bool     // half-open: see FreezeSockets
	line     *badLine // nil: all frames are sent
}

func newSocket(conn *websocket.Conn, g *gate, r *http.Request, observe func(Event)) *socket {
	conn.SetReadLimit(maxFrame)
	return &socket{
		conn: conn, gate: g, observe: observe, host: r.Host, path: r.URL.EscapedPath(),
		out: queue{ready: make(chan struct{}, 1)}, ended: make(chan struct{}),
	}
}

// end makes the connection close soon. The first call decides how. The caller holds Server.mu, unless k has left the server.
func (k *socket) end(how ending) {
	if k.frozen {
		how = broken
	}
	k.once.Do(func() {
		k.how = how
		close(k.ended)
	})
}

// frame is a message on a live connection, in either direction.
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

func (f *frame) encode() []byte {
	raw, _ := lenient.Marshal(f) // its Body is JSON
	return raw
}

// send sends a frame to the client. The caller holds Server.mu, as do the callers of the methods below.
func (k *socket) send(f frame) { k.sendRaw(f.encode()) }

// sendRaw sends an encoded frame, which nobody may change from now on.
func (k *socket) sendRaw(raw []byte) {
	if k.line != nil {
		k.line.send(raw)
		return
	}
	k.queue(raw)
}

// pong answers a ping.
func (k *socket) pong(ack string) {
	raw := (&frame{Action: "pong", Ack: ack}).encode()
	if k.line != nil {
		k.line.sendPong(raw)
		return
	}
	k.queue(raw)
}

// queue has a frame written, unless the connection is half-open.
func (k *socket) queue(raw []byte) {
	if !k.frozen && !k.out.add(raw) {
		k.end(notReading)
	}
}

// freeze makes the connection half-open. The frames that wait are still sent.
func (k *socket) freeze() {
	k.frozen = true
	k.gate.freeze()
}

// queue holds the frames to send. Its memory grows and shrinks with them.
type queue struct {
	mu     sync.Mutex // guards frames
	frames [][]byte
	ready  chan struct{} // has a value when there may be frames
}

// add reports false when too many frames wait already.
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

// next returns nil when there is nothing to send.
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

// serve reads and writes until the connection is over. It calls receive for each frame, and leave before it ends.
func (k *socket) serve(ctx context.Context, receive func(raw []byte), leave func()) {
	k.observeStep("open", nil, 0, "")
	// Not the request's context: it ends with the handler's server, and an ended context breaks the connection.
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var writing sync.WaitGroup
	writing.Go(func() { k.write(ctx, stop) })
	code, reason := k.read(ctx, receive)
	leave()
	k.end(broken)
	writing.Wait()
	k.observeStep("close", nil, code, reason)
}

// read reads frames until the connection is over, and returns the code and reason of the close.
func (k *socket) read(ctx context.Context, receive func(raw []byte)) (code int, reason string) {
	for {
		_, raw, err := k.conn.Read(ctx)
		if err != nil {
			if closed, ok := errors.AsType[websocket.CloseError](err); ok {
				return int(closed.Code), closed.Reason
			}
			return abnormal, ""
		}
		k.observeStep("client to server", raw, 0, "")
		receive(raw)
	}
}

// write sends the queued frames, and closes the connection once end is called.
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
		if !k.writeFrame(ctx, raw) {
			return
		}
	}
}

func (k *socket) writeFrame(ctx context.Context, raw []byte) bool {
	ctx, cancel := context.WithTimeout(ctx, clientTimeout)
	defer cancel()
	if err := k.conn.Write(ctx, websocket.MessageText, raw); err != nil {
		_ = k.conn.CloseNow() // the connection is over
		return false
	}
	k.observeStep("server to client", raw, 0, "")
	return true
}

func (k *socket) close(ctx context.Context, stop func()) {
	if k.how == broken {
		_ = k.conn.CloseNow()
		return
	}
	if k.how != notReading {
		for raw := k.out.next(); raw != nil; raw = k.out.next() { // such as the refusal of a jwt
			if !k.writeFrame(ctx, raw) {
				return
			}
		}
	}
	if int(k.how.code) == abnormal {
		_ = k.conn.CloseNow()
		return
	}
	late := time.AfterFunc(clientTimeout, stop) // Close waits longer for an answer, and CloseNow waits for Close
	defer late.Stop()
	_ = k.conn.Close(k.how.code, k.how.reason) // fails if the client does not answer
}

func (k *socket) observeStep(what string, message []byte, code int, reason string) {
	if k.observe == nil {
		return
	}
	uid, _ := k.uid.Load().(string)
	k.observe(Event{
		Kind: "websocket", At: time.Now(), Host: k.host, Path: k.path, What: what, UID: uid,
		Message: asJSON(message), Code: code, Reason: reason,
	})
}
