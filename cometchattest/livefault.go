package cometchattest

import (
	"math/rand/v2"

	"github.com/coder/websocket"
	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// LiveFault is a failure of live connections, for [Server.InjectLiveFault]. It takes effect at the auth frame of a connection
// whose jwt is valid. UID and Times select connections, and exactly one of the other fields says how they fail. For a
// connection that cannot be opened, use a [Fault] with the path "/".
type LiveFault struct {
	// UID selects the connections of a user; "" selects those of everybody.
	UID string
	// Times is how many connections fail; 0 means all.
	Times int

	// Refuse answers as to a jwt that is not valid: 401, then a close with 1008.
	Refuse bool
	// Silent sends no answer. The connection stays open and belongs to nobody: the server answers its pings, but the user does
	// not come online.
	Silent bool
	// Answer is sent as it is, in place of the server's answer, to a client that the server lets in.
	Answer string
	// CloseCode closes the connection at once after the server has let the client in. It is a code that a server may send, or
	// 1006, which breaks the connection without a close frame. CloseReason goes with it.
	CloseCode   int
	CloseReason string
	// HalfOpen freezes the connection after the server has let the client in: see [Server.FreezeSockets].
	HalfOpen bool
	// LoseFrames, from 0 to 1, is how likely the server loses each frame after its answer, pongs included. The client then does
	// not get the frame, and the observer does not see it. The same Seed gives each connection the same sequence of decisions.
	LoseFrames float64
	Seed       uint64
}

// check returns what is wrong with a fault, or "".
func (f LiveFault) check() string {
	ways := 0
	for _, set := range []bool{f.Refuse, f.Silent, f.Answer != "", f.CloseCode != 0, f.HalfOpen, f.LoseFrames != 0} {
		if set {
			ways++
		}
	}
	switch {
	case f.Times < 0 || f.LoseFrames < 0 || f.LoseFrames > 1:
		return "needs Times of at least 0, and LoseFrames from 0 to 1"
	case f.CloseReason != "" && f.CloseCode == 0:
		return "needs a CloseCode for its CloseReason"
	case ways != 1:
		return "needs exactly one of Refuse, Silent, Answer, CloseCode, HalfOpen and LoseFrames"
	case f.CloseCode != 0:
		return checkClose(f.CloseCode, f.CloseReason)
	}
	return ""
}

// afterAnswer does to a connection, which the server has let in and answered, what the fault says. The caller holds s.mu.
func (f LiveFault) afterAnswer(s *Server, k *socket) {
	switch {
	case f.CloseCode != 0:
		s.disconnect([]*socket{k}, ending{websocket.StatusCode(f.CloseCode), f.CloseReason})
	case f.HalfOpen:
		k.freeze()
	case f.LoseFrames > 0:
		k.loses, k.random = f.LoseFrames, rand.New(rand.NewPCG(f.Seed, f.Seed)) //nolint:gosec // its decisions have to be repeatable
	}
}

// InjectLiveFault makes the coming live connections that f selects fail as f says, until f.Times is used up or the fault is
// removed. If several faults select a connection, the one that was injected first takes effect. InjectLiveFault panics if f
// could never happen: if no user has f.UID, if f does not say exactly one failure, or if a field is out of its range.
func (s *Server) InjectLiveFault(f LiveFault) *Injected {
	if wrong := f.check(); wrong != "" {
		panic("cometchattest: the LiveFault for InjectLiveFault " + wrong)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.UID != "" {
		f.UID = s.known("InjectLiveFault", f.UID)
	}
	return s.faults.add(&Injected{server: s, times: f.Times, live: f})
}

// takeLive returns the fault of a connection that opens with t, and counts it, or the zero LiveFault. A nil t has none: its
// connection fails anyhow.
func (fs *faults) takeLive(t *store.Token) LiveFault {
	for _, i := range *fs {
		if t != nil && i.matches == nil && (i.live.UID == "" || i.live.UID == t.UID) {
			fs.use(i)
			return i.live
		}
	}
	return LiveFault{}
}
