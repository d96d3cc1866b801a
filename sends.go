package cometchat

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/cometchat-go/cometchat/internal/xsync"
)

// maxUnsettled is how many unsettled sends a client remembers. The oldest is forgotten first.
const maxUnsettled = 10_000

// sends are the sends of a client that are running, and those that are unsettled: nobody knows whether the server has the message.
type sends struct {
	unsettled atomic.Int32 // how many of them there are: without any, frames cost nothing

	mu     sync.Mutex
	byMUID map[sendKey]*sendState // guarded by mu
}

// sendKey identifies a message before it has an id. The uid is in lower case.
type sendKey struct{ uid, muid string }

func newSendKey(uid, muid string) sendKey { return sendKey{foldUID(uid), muid} }

// sendState is what the calls about one message have in common.
type sendState struct {
	turn      xsync.Turn // one call at a time
	calls     int        // guarded by sends.mu: that have the turn, or wait for it
	sent      *Message   // guarded by turn: for the calls that wait
	unsettled *unsettled // guarded by sends.mu
}

// unsettled is a send of which nobody knows whether it took effect.
type unsettled struct {
	to       Receiver
	parentID string
	began    time.Time // the last attempt; zero if another process made it
	ended    time.Time
	heard    chan struct{} // closed when a live frame has brought the message
	message  *Message      // set before heard is closed
}

// enter takes the turn of a message. The caller calls leave, unless enter fails.
func (s *sends) enter(ctx context.Context, key sendKey) (*sendState, error) {
	s.mu.Lock()
	state := s.byMUID[key]
	if state == nil {
		state = &sendState{turn: xsync.NewTurn()}
		if s.byMUID == nil {
			s.byMUID = map[sendKey]*sendState{}
		}
		s.byMUID[key] = state
	}
	state.calls++
	s.mu.Unlock()
	if err := state.turn.Take(ctx); err != nil {
		s.release(key, state)
		return nil, err
	}
	return state, nil
}

// leave ends a call about a message. sent is what it has found or sent, or nil; the calls that wait get a copy.
func (s *sends) leave(key sendKey, state *sendState, sent *Message) {
	if s.release(key, state) && sent != nil {
		state.sent = sent.Clone()
	}
	state.turn.End()
}

// release counts a call less, and reports whether others are left. Without any, it forgets the message, unless that is unsettled.
func (s *sends) release(key sendKey, state *sendState) (others bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state.calls--; state.calls == 0 && state.unsettled == nil {
		delete(s.byMUID, key)
	}
	return state.calls > 0
}

// open returns the unsettled send of a message, or nil.
func (s *sends) open(state *sendState) *unsettled {
	s.mu.Lock()
	defer s.mu.Unlock()
	return state.unsettled
}

// keep remembers a send as unsettled.
func (s *sends) keep(state *sendState, u *unsettled) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state.unsettled == nil {
		s.unsettled.Add(1)
	}
	u.heard = make(chan struct{})
	state.unsettled = u
	if s.unsettled.Load() > maxUnsettled {
		s.forgetOldest()
	}
}

// settle forgets the unsettled send of a message.
func (s *sends) settle(state *sendState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state.unsettled != nil {
		state.unsettled = nil
		s.unsettled.Add(-1)
	}
}

// forgetOldest forgets the oldest unsettled send that no call is about. The caller has mu.
func (s *sends) forgetOldest() {
	var oldest sendKey
	var found *sendState
	for key, state := range s.byMUID {
		if u := state.unsettled; u != nil && state.calls == 0 && (found == nil || u.ended.Before(found.unsettled.ended)) {
			oldest, found = key, state
		}
	}
	if found != nil {
		delete(s.byMUID, oldest)
		s.unsettled.Add(-1)
	}
}

// hear settles the unsettled send whose message a live frame has. Frames of the client's own device count too.
func (s *sends) hear(frame []byte) {
	if s.unsettled.Load() == 0 || !bytes.Contains(frame, []byte(`"muid"`)) {
		return
	}
	var f struct {
		Type string     `json:"type"`
		Body messageRow `json:"body"`
	}
	if _, err := lenient.Unmarshal(frame, &f); err != nil || f.Type != "message" || f.Body.Message == nil {
		return
	}
	m := f.Body.Message
	s.mu.Lock()
	defer s.mu.Unlock()
	state := s.byMUID[newSendKey(m.Sender.UID, m.MUID)]
	if state == nil || state.unsettled == nil || state.unsettled.message != nil || m.Category == CategoryAction {
		return
	}
	state.unsettled.message = m
	close(state.unsettled.heard)
}

// running reports whether a call of this client is sending a message, or has sent it without an answer.
func (s *sends) running(m *Message) bool {
	if m.MUID == "" || m.Sender == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byMUID[newSendKey(m.Sender.UID, m.MUID)] != nil
}
