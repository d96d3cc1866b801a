package benchmarks

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

const (
	appID = "benchmark"
	uid   = "cometchat-uid-1"
)

// The answers, cut where the auth token goes in: like the real server, this one says the token it was called with.
var (
	userFields = `"uid":"` + uid + `","name":"Andrew Joseph","link":"https://example.com/andrew",` +
		`"avatar":"https://assets.cometchat.io/sampleapp/v2/users/cometchat-uid-1.webp",` +
		`"metadata":{"email":"user@email.com","contactNumber":"0123456789"},"status":"available",` +
		`"statusMessage":"At work","role":"default","tags":["Engineer","manager"],"lastActiveAt":1690000400,` +
		`"createdAt":1638354015,"updatedAt":1638354799`

	meBegin = `{"data":{` + userFields + `,"authToken":"`
	meEnd   = `","wsChannel":{"identity":"[benchmark]cometchat-uid-1","secret":"secret","service":"service"},` +
		`"jwt":"` + strings.Repeat("header", 6) + "." + strings.Repeat("claims", 25) + "." + strings.Repeat("signed", 7) + `",` +
		`"fat":"fat"}}`
	userAnswer   = `{"data":{` + userFields + `}}`
	mintedAnswer = `{"data":{"uid":"` + uid + `","authToken":"` + tokens[0] + `","createdAt":1638354015}}`
	goneAnswer   = `{"data":{"success":true,"message":"The user was logged out."}}`

	jsonType = []string{"application/json"}
)

// server answers as the API documents, with the least work that net/http lets it do.
type server struct {
	*httptest.Server
	host        string // what the clients call, API version included
	connections atomic.Int64
}

func newServer(tb testing.TB) *server {
	tb.Helper()
	s := &server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(answer))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.connections.Add(1)
		}
	}
	s.Start()
	tb.Cleanup(s.Close)
	s.host = s.URL + "/v3.0"
	return s
}

func answer(w http.ResponseWriter, r *http.Request) {
	w.Header()["Content-Type"] = jsonType
	switch path := strings.TrimPrefix(r.URL.Path, "/v3.0"); {
	case r.Method == http.MethodPut && path == "/me":
		_, _ = io.WriteString(w, meBegin)
		_, _ = io.WriteString(w, r.Header.Get("Authtoken")) //nolint:gosec // no browser reads this
		_, _ = io.WriteString(w, meEnd)
	case r.Method == http.MethodDelete && path == "/me":
		_, _ = io.WriteString(w, goneAnswer)
	case r.Method == http.MethodGet && path == "/users/"+uid:
		_, _ = io.WriteString(w, userAnswer)
	case r.Method == http.MethodPost && path == "/users/"+uid+"/auth_tokens":
		_, _ = io.WriteString(w, mintedAnswer)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}
