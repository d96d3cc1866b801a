package cometchat_test

import (
	"io"
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
	decided  atomic.Int64
	due      sync.Map // the indexes of ways, by the text of the header
	faults   [len(waysToFail)]atomic.Int64

	connections atomic.Int64 // that the server has
}

// faultHeader tells the server's side which decision is the request's.
const faultHeader = "X-Campaign-Fault"

// wrap returns the client's side, over the SDK's own transport. It shortens the wait for an answer, so that silence takes no
// 15 seconds.
func (n *faultyNetwork) wrap(own http.RoundTripper) http.RoundTripper {
	own.(*http.Transport).ResponseHeaderTimeout = campaignPatience
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		n.attempts.Add(1)
		if way, fails := r.Context().Value(actorKey{}).(*actor).attempt(); fails {
			header := strconv.FormatInt(n.decided.Add(1), 10)
			n.due.Store(header, way)
			r = r.Clone(r.Context())
			r.Header.Set(faultHeader, header)
		}
		return own.RoundTrip(r)
	})
}

// connState counts the server's connections.
func (n *faultyNetwork) connState(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		n.connections.Add(1)
	case http.StateClosed, http.StateHijacked: // reset closes what it hijacks
		n.connections.Add(-1)
	}
}

// ServeHTTP is the server's side. It carries a decision out once: net/http itself may send a request again whose connection
// broke.
func (n *faultyNetwork) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	due, fails := n.due.LoadAndDelete(r.Header.Get(faultHeader))
	if !fails {
		n.server.ServeHTTP(w, r)
		return
	}
	way := due.(int)
	n.faults[way].Add(1)
	emulated := httptest.NewRecorder()
	if waysToFail[way].handled {
		n.server.ServeHTTP(emulated, r)
	}
	_, _ = io.Copy(io.Discard, r.Body) // the server notices a client that leaves only when the body has been read
	waysToFail[way].answer(w, r, emulated)
}
