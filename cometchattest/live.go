package cometchattest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/coder/websocket"
	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// serveSocket answers a request for a live connection, and returns when the connection is over.
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
	g := &gate{closed: make(chan struct{})}
	conn, err := websocket.Accept(g.gated(w), r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // Accept has answered
	}
	k := newSocket(conn, g, r, s.observe)
	s.mu.Lock()
	s.sockets[k] = true
	if s.closed {
		k.end(goingAway)
	}
	s.mu.Unlock()
	k.serve(r.Context(), func(raw []byte) { s.receive(k, raw) }, func() { s.leave(k) })
}

// receive handles a frame. It ignores frames that it does not understand, as no answer to them is documented.
func (s *Server) receive(k *socket, raw []byte) {
	var f frame
	if json.Unmarshal(raw, &f) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.sockets[k], k.frozen: // the server has ended it, and the client does not know yet; or the frame gets lost
	case f.Action == "ping":
		k.pong(f.Ack)
	case f.Type == "auth":
		s.authenticate(k, f)
	case k.token != nil && (f.Type == "receipts" || f.Type == "typing_indicator" || f.Type == "transient_message"):
		s.forward(k, f, raw)
	}
}

// authenticate answers the auth frame of a live connection.
func (s *Server) authenticate(k *socket, f frame) {
	var body struct {
		Auth     string   `json:"auth"`
		Presence string   `json:"presenceSubscription"`
		Roles    []string `json:"roles"`
	}
	_ = json.Unmarshal(f.Body, &body) // a jwt that cannot be read is refused below
	answer := frame{AppID: s.AppID, DeviceID: f.DeviceID, Type: "auth"}
	t, why := s.tokenOfJWT(body.Auth, s.time()), invalidJWT
	switch {
	case k.token != nil:
		t, why = nil, secondAuth
	case f.AppID != "" && f.AppID != s.AppID:
		t, why = nil, otherApp
	}
	fault := s.faults.takeLive(t)
	switch {
	case fault.Silent:
		return
	case t == nil, fault.Refuse:
		answer.Body = authBody(http.StatusUnauthorized, "ERROR")
		k.send(answer)
		s.disconnect([]*socket{k}, why)
		return
	}
	k.token, k.deviceID, k.presence, k.roles, k.since = t, f.DeviceID, body.Presence, body.Roles, s.time()
	k.uid.Store(t.UID)
	answer.Sender, answer.Body = t.UID, authBody(http.StatusOK, "OK")
	cameOnline := s.store.Connect(t.UID)
	if fault.Answer != "" {
		k.sendRaw([]byte(fault.Answer))
	} else {
		k.send(answer)
	}
	if cameOnline != nil {
		s.announce(cameOnline, online)
	} else {
		s.announceDevice(k)
	}
	s.reportConnection("connected", k, cameOnline != nil)
	fault.afterAnswer(s, k)
}

func authBody(code int, status string) json.RawMessage {
	raw, _ := json.Marshal(map[string]string{"code": strconv.Itoa(code), "status": status}) // strings always marshal
	return raw
}

// leave removes a connection that is over.
func (s *Server) leave(k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.disconnect([]*socket{k}, broken)
}

// disconnect ends connections. They count as over at once, whenever their clients notice. The caller holds s.mu, as do the
// callers of the methods below.
func (s *Server) disconnect(sockets []*socket, how ending) {
	sockets = slices.DeleteFunc(sockets, func(k *socket) bool { return !s.sockets[k] })
	for _, k := range sockets {
		k.end(how)
		delete(s.sockets, k)
	}
	for _, k := range sockets {
		if k.token == nil {
			continue
		}
		wentOffline := s.store.Disconnect(k.token.UID, s.time())
		if wentOffline != nil {
			s.announce(wentOffline, store.Offline)
		}
		s.reportConnection("disconnected", k, wentOffline != nil)
	}
}

// endConnections ends the live connections that were opened with these tokens.
func (s *Server) endConnections(tokens []*store.Token, how ending) {
	s.disconnect(s.socketsWhere(func(k *socket) bool { return k.token != nil && slices.Contains(tokens, k.token) }), how)
}

func (s *Server) socketsWhere(matches func(*socket) bool) (matching []*socket) {
	for k := range s.sockets {
		if matches(k) {
			matching = append(matching, k)
		}
	}
	return matching
}

// newToken makes an auth token for a user, which may end the oldest.
func (s *Server) newToken(uid string) *store.Token {
	t, ended := s.store.CreateToken(uid, s.time())
	s.endConnections(ended, tokenRevoked)
	return t
}

func (s *Server) revokeTokens(uid string) { s.endConnections(s.store.RevokeTokens(uid), tokenRevoked) }

func (s *Server) removeUser(uid string) {
	s.revokeTokens(uid) // before the relations are gone, which decide who sees the user go offline
	s.store.RemoveUser(uid)
}
