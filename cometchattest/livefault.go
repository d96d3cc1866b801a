package cometchattest

import (
	"time"

	"github.com/coder/websocket"
	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// LiveFault is a failure of live connections, for [Server.InjectLiveFault]. It takes effect at the auth frame of a connection
// whose jwt is valid, and stays with that connection, also after [Injected.Remove]. The connections that exist already stay as
// they are: [Server.DropSockets] has their clients open others. UID and Times select connections, and the other fields say how
// they fail: exactly one of the fields up to HalfOpen, or any of those about frames. For a connection that cannot be opened, use
// a [Fault] with the path "/".
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

	// LoseFrames, DoubleFrames and ReorderFrames are probabilities, from 0 to 1, for each frame after the server's answer to the
	// auth frame. The same Seed gives each connection the same sequence of decisions. The observer sees what is really sent.
	//
	// LoseFrames loses a frame, also a pong. DoubleFrames sends a frame once more, after up to three later frames. ReorderFrames
	// holds a frame back until one to three later frames have gone, or been held back too. A frame may be both doubled and
	// reordered. What is held back goes after a second at the latest.
	LoseFrames, DoubleFrames, ReorderFrames float64
	Seed                                    uint64
	// DelayFrames passes before each frame is sent, pongs included, by the real clock or that of a [testing/synctest] bubble. The
	// order stays. To the SDKs, a connection whose pong takes 3 seconds is broken. The frames that are delayed or held back when
	// the connection ends are lost.
	DelayFrames time.Duration
	// PongsOvertake sends each pong at once. Without it, a pong comes after all earlier frames that are not lost, as on a real
	// connection, since clients rely on that: what is held back goes first, and the pong has the same delay. Pongs are never
	// doubled or held back.
	PongsOvertake bool
}

// check returns what is wrong with a fault, or "".
func (f LiveFault) check() string {
	ways := 0
	for _, set := range []bool{f.Refuse, f.Silent, f.Answer != "", f.CloseCode != 0, f.HalfOpen, f.frames()} {
		if set {
			ways++
		}
	}
	switch {
	case f.Times < 0 || f.DelayFrames < 0:
		return "needs a DelayFrames and Times of at least 0"
	case min(f.LoseFrames, f.DoubleFrames, f.ReorderFrames) < 0 || max(f.LoseFrames, f.DoubleFrames, f.ReorderFrames) > 1:
		return "needs LoseFrames, DoubleFrames and ReorderFrames from 0 to 1"
	case f.PongsOvertake && f.DoubleFrames == 0 && f.ReorderFrames == 0 && f.DelayFrames == 0:
		return "needs DoubleFrames, ReorderFrames or DelayFrames for its PongsOvertake"
	case f.CloseReason != "" && f.CloseCode == 0:
		return "needs a CloseCode for its CloseReason"
	case ways != 1:
		return "needs exactly one of Refuse, Silent, Answer, CloseCode and HalfOpen, or fields about frames"
	case f.CloseCode != 0:
		return checkClose(f.CloseCode, f.CloseReason)
	}
	return ""
}

// frames reports whether the fault is one of single frames.
func (f LiveFault) frames() bool {
	return f.LoseFrames != 0 || f.DoubleFrames != 0 || f.ReorderFrames != 0 || f.DelayFrames != 0
}

// afterAnswer does to a connection, which the server has let in and answered, what the fault says. The caller holds s.mu.
func (f LiveFault) afterAnswer(s *Server, k *socket) {
	switch {
	case f.CloseCode != 0:
		s.disconnect([]*socket{k}, ending{websocket.StatusCode(f.CloseCode), f.CloseReason})
	case f.HalfOpen:
		k.freeze()
	case f.frames():
		k.line = newBadLine(s, k, f)
	}
}

// InjectLiveFault makes the coming live connections that f selects fail as f says, until f.Times is used up or the fault is
// removed. If several faults select a connection, the one that was injected first takes effect. InjectLiveFault panics if f
// could never happen: if no user has f.UID, if f does not say how, or if a field is out of its range.
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
