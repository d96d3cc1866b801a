package cometchat_test

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/cometchat-go/cometchat/cometchattest"
)

// campaignFaults is how many of the attempts fail.
const campaignFaults = 0.05

// wayToFail is one of the ways in which an attempt fails.
type wayToFail struct {
	name    string
	handled bool // the request takes effect
	// answer sends something instead of the emulator's answer, which has one if the request was handled.
	answer func(w http.ResponseWriter, r *http.Request, emulated *httptest.ResponseRecorder)
}

// waysToFail are equally likely. Texts repeat the credential of the request, as CometChat does.
var waysToFail = [...]wayToFail{
	{"500 with an envelope", true, func(w http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) {
		say(w, http.StatusInternalServerError, "application/json",
			`{"error":{"code":"ERR_EXCEPTION","message":"failed for `+credentialOf(r)+`"}}`)
	}},
	{"503", false, func(w http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) {
		say(w, http.StatusServiceUnavailable, "text/plain", "no server for "+credentialOf(r))
	}},
	{"429 with Retry-After", false, func(w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
		w.Header().Set("Retry-After", "0.02")
		say(w, http.StatusTooManyRequests, "application/json", `{"error":{"code":"ERR_TOO_MANY_REQUESTS","message":"wait"}}`)
	}},
	{"reset before it was handled", false, func(w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
		reset(w)
	}},
	{"reset after it was handled", true, func(w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
		reset(w)
	}},
	{"body cut", true, func(w http.ResponseWriter, _ *http.Request, emulated *httptest.ResponseRecorder) {
		w.Header().Set("Content-Length", strconv.Itoa(emulated.Body.Len()+1))
		say(w, emulated.Code, "application/json", emulated.Body.String()[:emulated.Body.Len()/2])
		panic(http.ErrAbortHandler)
	}},
	{"HTML with status 200", false, func(w http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) {
		say(w, http.StatusOK, "text/html", "<html><h1>Log in to the network</h1>"+credentialOf(r)+"</html>")
	}},
	{"silence", true, func(_ http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) {
		<-r.Context().Done() // until the client gives up
	}},
}

func say(w http.ResponseWriter, status int, contentType, body string) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body) // the client may be gone
}

// reset makes the client's next read or write fail.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // closes with a reset
	}
	_ = conn.Close()
}

func credentialOf(r *http.Request) string { return r.Header.Get("apikey") + r.Header.Get("authtoken") }

// faultyNetwork lets attempts fail. The client's side decides, because there an attempt is one of a call; the server's side
// carries the decision out on a real connection.
type faultyNetwork struct {
	server   *cometchattest.Server
	attempts atomic.Int64
	underWay sync.Map // the attempts that have not ended, by the text of the header
	faults   [len(waysToFail)]atomic.Int64

	mu   sync.Mutex
	fate *rand.Rand // guarded by mu: of the attempts that live connections make, which belong to no call

	connections atomic.Int64 // that the server has
}

// attemptHeader tells the server's side which attempt the request is.
const attemptHeader = "X-Campaign-Attempt"

// campaignAttempt is what both sides know of an attempt.
type campaignAttempt struct {
	mu    sync.Mutex // held while the emulator handles the request
	fails bool       // guarded by mu
	way   int
	over  bool // guarded by mu: the client waits no longer
}

func decide(fate *rand.Rand) *campaignAttempt {
	return &campaignAttempt{way: fate.IntN(len(waysToFail)), fails: fate.Float64() < campaignFaults}
}

// attempt decides about an attempt. No caller's context reaches those of a live connection.
func (n *faultyNetwork) attempt(ctx context.Context) *campaignAttempt {
	if a, ok := ctx.Value(actorKey{}).(*actor); ok {
		return a.attempt()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return decide(n.fate)
}

// wrap returns the client's side, over the SDK's own transport. It shortens the wait for an answer, so that silence takes no
// 15 seconds.
func (n *faultyNetwork) wrap(own http.RoundTripper) http.RoundTripper {
	own.(*http.Transport).ResponseHeaderTimeout = campaignPatience
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		a := n.attempt(r.Context())
		id := strconv.FormatInt(n.attempts.Add(1), 10)
		n.underWay.Store(id, a)
		defer n.underWay.Delete(id)
		r = r.Clone(r.Context())
		r.Header.Set(attemptHeader, id)
		resp, err := own.RoundTrip(r)
		if err != nil {
			a.mu.Lock() // a slow server must not carry it out later, when the state is checked
			a.over = true
			a.mu.Unlock()
		}
		return resp, err
	})
}

// connState counts the server's connections.
func (n *faultyNetwork) connState(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		n.connections.Add(1)
	case http.StateClosed, http.StateHijacked: // reset closes what it hijacks; live connections end with Disconnect
		n.connections.Add(-1)
	}
}

// ServeHTTP is the server's side.
func (n *faultyNetwork) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, ok := n.underWay.Load(r.Header.Get(attemptHeader))
	if !ok {
		panic(http.ErrAbortHandler) // it is over
	}
	if answer := n.handle(found.(*campaignAttempt), w, r); answer != nil {
		answer()
	}
}

// handle has the emulator handle a request, unless the attempt is over or the decision is another. It returns what is to be
// done instead of the emulator's answer, or nil.
func (n *faultyNetwork) handle(a *campaignAttempt, w http.ResponseWriter, r *http.Request) (answer func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.over:
		panic(http.ErrAbortHandler)
	case !a.fails:
		n.server.ServeHTTP(w, r)
		return nil
	}
	a.fails = false // once: net/http itself may send a request again whose connection broke
	n.faults[a.way].Add(1)
	emulated := httptest.NewRecorder()
	if waysToFail[a.way].handled {
		n.server.ServeHTTP(emulated, r)
	}
	_, _ = io.Copy(io.Discard, r.Body) // the server notices a client that leaves only when the body has been read
	return func() { waysToFail[a.way].answer(w, r, emulated) }
}
