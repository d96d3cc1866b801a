package benchmarks

import (
	"fmt"
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

// tokens are auth tokens of the user.
var tokens = func() (list [64]string) {
	for i := range list {
		list[i] = fmt.Sprintf("%s_1638354015%030x", uid, i)
	}
	return list
}()

// The answers. The one to a login is cut where the auth token goes in: like the real server, this one repeats the token.
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
	userAnswer = `{"data":{` + userFields + `,"deactivatedAt":1690000500,"hasBlockedMe":true,"blockedByMe":true,` +
		`"blockedAt":1690000600,"blockedByMeAt":1690000700,"conversationId":"` + uid + `_user_cometchat-uid-2"}}`

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
	case r.Method == http.MethodPost && path == "/messages":
		_, _ = io.WriteString(w, sentAnswer)
	case r.Method == http.MethodGet && path == "/users/"+uid:
		_, _ = io.WriteString(w, userAnswer)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}
