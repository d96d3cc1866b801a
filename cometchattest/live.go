package cometchattest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

// received does what a frame asks for. What is not understood is ignored, as nothing documents an answer to it.
func (s *Server) received(k *socket, raw []byte) {
	var f frame
	if json.Unmarshal(raw, &f) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.sockets[k]: // it has been ended, and the client does not know yet
	case f.Action == "ping":
		k.send(frame{Action: "pong", Ack: f.Ack})
	case f.Type == "auth":
		s.letIn(k, f)
	case k.token != nil && (f.Type == "receipts" || f.Type == "typing_indicator"):
		s.forward(k, f, raw)
	}
}

// letIn answers the auth frame of a live connection.
func (s *Server) letIn(k *socket, f frame) {
	var body struct {
		Auth     string   `json:"auth"`
		Presence string   `json:"presenceSubscription"`
		Roles    []string `json:"roles"`
	}
	_ = json.Unmarshal(f.Body, &body) // what is not there is not valid
	how, t := notLetIn, s.tokenOfJWT(body.Auth, s.time())
	if k.token != nil {
		how, t = twice, nil
	}
	if t == nil {
		k.send(frame{AppID: s.AppID, DeviceID: f.DeviceID, Type: "auth", Body: authBody(http.StatusUnauthorized, "ERROR")})
		s.cut([]*socket{k}, how)
		return
	}
	s.live[t.UID]++
	first := s.live[t.UID] == 1
	k.token, k.user, k.deviceID, k.presence, k.roles = t, s.users[t.UID], f.DeviceID, body.Presence, body.Roles
	k.uid.Store(t.UID)
	k.user.Status = available
	k.send(frame{AppID: s.AppID, DeviceID: f.DeviceID, Type: "auth", Sender: t.UID, Body: authBody(http.StatusOK, "OK")})
	if first {
		s.announce(k.user, online)
	}
}

func authBody(code int, status string) json.RawMessage {
	raw, _ := json.Marshal(map[string]string{"code": strconv.Itoa(code), "status": status}) // texts always marshal
	return raw
}

// leave forgets a connection that is over.
func (s *Server) leave(k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut([]*socket{k}, broken)
}

// cut ends connections, and has them be over at once, whenever the clients notice. It needs the lock held.
func (s *Server) cut(sockets []*socket, how ending) {
	sockets = slices.DeleteFunc(sockets, func(k *socket) bool { return !s.sockets[k] })
	for _, k := range sockets {
		k.end(how)
		delete(s.sockets, k)
	}
	for _, k := range sockets {
		if k.token == nil {
			continue
		}
		uid := k.user.UID
		if s.live[uid]--; s.connected(uid) {
			continue
		}
		delete(s.live, uid)
		k.user.Status, k.user.LastActiveAt = offline, s.time().Unix()
		s.announce(k.user, offline)
	}
}

// connected tells whether a user has a live connection. It needs the lock held, as the next ones do.
func (s *Server) connected(uid string) bool { return s.live[uid] > 0 }

// tokenEnded ends the live connections of an auth token that has been revoked.
func (s *Server) tokenEnded(t *token) { s.endSocketsOf(t, tokenRevoked) }

func (s *Server) endSocketsOf(t *token, how ending) {
	s.cut(s.socketsWhere(func(k *socket) bool { return k.token == t }), how)
}

func (s *Server) socketsWhere(matches func(*socket) bool) (some []*socket) {
	for k := range s.sockets {
		if matches(k) {
			some = append(some, k)
		}
	}
	return some
}

// DropSockets breaks the live connections of these users, or of everybody when none is named, as a network does: without a
// word. It returns how many there were. They may come back at once.
func (s *Server) DropSockets(uids ...string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	dropped := s.socketsWhere(func(k *socket) bool {
		return len(uids) == 0 || k.token != nil && containsFold(uids, k.user.UID)
	})
	s.cut(dropped, broken)
	return len(dropped)
}
