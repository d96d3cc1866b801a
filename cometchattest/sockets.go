package cometchattest

import (
	"unicode/utf8"

	"github.com/coder/websocket"
)

// abnormal is the code of a close without a close frame.
const abnormal = int(websocket.StatusAbnormalClosure)

// DropSockets breaks the live connections of these users, or of everybody if there are no uids, without a close frame, as a
// failing network does. It returns how many it broke. Clients may connect again at once. It panics if no user has one of the
// uids.
func (s *Server) DropSockets(uids ...string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	dropped := s.socketsOf("DropSockets", uids)
	s.disconnect(dropped, broken)
	return len(dropped)
}

// CloseSockets closes the live connections of a user, or of everybody if the uid is "", with a code and a reason. The code 1006
// breaks them without a close frame, as [Server.DropSockets] does. It returns how many it closed. Clients may connect again at
// once. It panics if no user has the uid, or if no server may send the code or the reason.
func (s *Server) CloseSockets(uid string, code int, reason string) int {
	if wrong := checkClose(code, reason); wrong != "" {
		panic("cometchattest: CloseSockets " + wrong)
	}
	how := ending{websocket.StatusCode(code), reason}
	if code == abnormal {
		how = broken
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	closing := s.socketsOf("CloseSockets", orAll(uid))
	s.disconnect(closing, how)
	return len(closing)
}

// FreezeSockets makes the live connections of a user, or of everybody if the uid is "", half-open: the TCP connection stays, but
// the server reads nothing and sends nothing more, not even the answer to a ping. The server does not notice that the client
// leaves either. The user stays online until something ends the connection: [Server.DropSockets], [Server.CloseSockets], the
// end of the auth token, or Close. The client gets no close frame then. In memory, where nothing buffers, the client's next
// write waits: see [Server.Transport]. FreezeSockets returns how many connections it froze. It panics if no user has the uid.
func (s *Server) FreezeSockets(uid string) (frozen int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.socketsOf("FreezeSockets", orAll(uid)) {
		if !k.frozen {
			k.freeze()
			frozen++
		}
	}
	return frozen
}

// orAll returns the uids for socketsOf.
func orAll(uid string) []string {
	if uid == "" {
		return nil
	}
	return []string{uid}
}

// socketsOf returns the connections of these users, or of everybody if there are no uids. It panics in the name of the method
// if no user has one of the uids. The caller holds s.mu.
func (s *Server) socketsOf(method string, uids []string) []*socket {
	for _, uid := range uids {
		s.known(method, uid)
	}
	return s.socketsWhere(func(k *socket) bool {
		return len(uids) == 0 || k.token != nil && containsFold(uids, k.token.UID)
	})
}

// checkClose returns what is wrong with the code and the reason of a close, or "".
func checkClose(code int, reason string) string {
	const maxReason = 123 // bytes: what RFC 6455 leaves for it in a close frame
	sendable := code >= 1000 && code <= 1014 && code != 1004 && code != 1005 || code >= 3000 && code <= 4999
	switch {
	case !sendable:
		return "needs a close code that a server may send (1000 to 1003, 1007 to 1014, 3000 to 4999), or 1006"
	case code == abnormal && reason != "":
		return "has a close reason that no close frame carries: 1006 is a close without one"
	case len(reason) > maxReason || !utf8.ValidString(reason):
		return "needs a close reason of at most 123 bytes of UTF-8"
	}
	return ""
}
