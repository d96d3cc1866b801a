package cometchat

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// searchAgain is when the second search for a message comes after the first.
const searchAgain = 3 * time.Second

// errUnsettled says that a search has not found a message that may still come.
var errUnsettled = errors.New("the message may still come")

// sending is a call about one message, of a client or of a server.
type sending struct {
	as       callAs
	sends    *sends
	timeout  time.Duration  // of calls; after it, a request that has got no answer cannot take effect
	known    func(*Message) // is told of the message; nil: nobody is
	op, muid string
	pending  *unsettled // what the call leaves unsettled; nil: nothing
	cause    error      // why
}

// send sends a message, unless the call before with its MUID has done so.
func (s *sending) send(ctx context.Context, out *outgoing) (*Message, error) {
	return s.run(ctx, func(ctx context.Context, by caller, state *sendState) (*Message, error) {
		if u := s.sends.open(state); u != nil {
			if sent, err := s.settle(ctx, by, state, u, 1); !errors.Is(err, ErrNotSent) {
				return sent, err
			}
		}
		began := time.Now()
		row, err := post(ctx, by, s.op, out, func(row *messageRow) string { return sentFlaw(row.Message, out.muid) })
		lost, ok := errors.AsType[*lostSend](err)
		switch {
		case err == nil:
			return row.Message, nil
		case !ok:
			return nil, err
		}
		u := &unsettled{to: out.to, parentID: out.parentID, began: began, ended: time.Now()}
		s.sends.keep(state, u)
		s.pending, s.cause = u, lost.error
		return s.settle(ctx, by, state, u, 2)
	})
}

// resolve finds out what became of a message.
func (s *sending) resolve(ctx context.Context, m *OutgoingMessage) (*Message, error) {
	return s.run(ctx, func(ctx context.Context, by caller, state *sendState) (*Message, error) {
		u := s.sends.open(state)
		if u == nil {
			u = &unsettled{to: m.To, parentID: m.ParentID, ended: time.Now()}
			s.sends.keep(state, u)
		}
		s.pending = u
		return s.settle(ctx, by, state, u, 1)
	})
}

func checkResolvable(op string, m *OutgoingMessage) error {
	switch {
	case m == nil:
		return newError(op, ErrMissingParameters, "the message is nil")
	case strings.TrimSpace(m.MUID) == "":
		return newError(op, ErrMissingParameters, "the message has no MUID: Error.MUID of SendMessage has it")
	}
	if err := checkReceiver(op, m.To); err != nil {
		return err
	}
	return m.checkIDs(op)
}

// lostSend is why it is unknown whether the server has a message.
type lostSend struct{ error }

// post makes the request that sends a message. Its error is a lostSend unless it is certain that the server has not taken the message.
func post[T any](ctx context.Context, by caller, op string, out *outgoing, flaw func(*T) string) (*T, error) {
	req := by.signed(rest.Request{Op: op, Method: "POST", Route: "/messages", Stream: out.form, Once: true})
	if out.form == nil {
		req.Body = out.body
	}
	if out.parentID != "" {
		req.Route, req.Vars = "/messages/{id}/thread", map[string]string{"id": out.parentID}
	}
	var e *envelope[T]
	a, err := answer(ctx, by.rest, &req, reader(&e, flaw))
	switch {
	case err == nil:
		return e.Data, nil
	case a.Unsent(), a.Err == nil && a.Status < 500 && readRefusal(a.Body) != nil:
		return nil, err
	}
	return nil, &lostSend{err}
}

// sentFlaw says what is wrong with the message in the answer to a send; "" if nothing is.
func sentFlaw(m *Message, muid string) string {
	switch {
	case m == nil:
		return "the server's answer has no message"
	case m.Category == CategoryAction, m.MUID != "" && m.MUID != muid:
		return "the server's answer is another message"
	}
	return ""
}

// run runs a call that has the turn of the message, and makes the caller's error of what it leaves unsettled.
func (s *sending) run(ctx context.Context, call func(context.Context, caller, *sendState) (*Message, error)) (*Message, error) {
	var m *Message
	err := s.as(ctx, s.op, func(ctx context.Context, by caller) (err error) {
		key := newSendKey(by.uid, s.muid)
		state, err := s.sends.enter(ctx, key)
		if err != nil { // another call sends the message
			s.pending = &unsettled{ended: time.Now()}
			return err
		}
		defer func() { s.sends.leave(key, state, m) }()
		if state.sent != nil {
			m, s.pending = state.sent, nil
			return nil
		}
		if m, err = call(ctx, by, state); err == nil && s.known != nil {
			s.known(m)
		}
		return err
	})
	switch {
	case err == nil:
		return m, nil
	case s.pending != nil:
		return nil, s.unknown(err)
	}
	if e, ok := errors.AsType[*Error](err); ok {
		own := *e // concurrent calls may share it
		own.MUID = s.muid
		err = &own
	}
	return nil, err
}

// unknown makes the error of a message that stays unsettled, because of err.
func (s *sending) unknown(err error) *Error {
	e := newError(s.op, ErrSendUnknown, "")
	if errors.Is(err, errUnsettled) { // says nothing more
		err = nil
	}
	if first, ok := errors.AsType[*Error](errors.Join(s.cause, err)); ok {
		e.StatusCode, e.Attempts, e.RateLimit = first.StatusCode, first.Attempts, first.RateLimit
		e.Host, e.RequestID, e.RetryAfter = first.Host, first.RequestID, first.RetryAfter
	}
	e.MUID, e.err = s.muid, errors.Join(s.cause, err)
	left := time.Until(s.pending.ended.Add(s.timeout)).Truncate(time.Millisecond) + time.Millisecond
	e.RetryAfter = max(e.RetryAfter, left)
	return e
}

// settle looks for the message of an unsettled send, as often as searches says. It returns the message; ErrNotSent; errUnsettled; or
// the error of the last search. It forgets the send in the first two cases.
func (s *sending) settle(ctx context.Context, by caller, state *sendState, u *unsettled, searches int) (*Message, error) {
	s.pending = u
	looking := &search{by: by, op: s.op, muid: s.muid, u: u}
	settled := func() {
		s.pending = nil
		s.sends.settle(state)
	}
	for {
		overdue := time.Since(u.ended) >= s.timeout // before the search: the message may come during it
		m, whole, err := looking.run(ctx)
		switch {
		case m != nil:
			settled()
			return m, nil
		case whole && overdue:
			settled()
			return nil, newError(s.op, ErrNotSent, "")
		case err == nil:
			err = errUnsettled
		}
		if searches--; searches == 0 || tokenGone(err) {
			return nil, err
		}
		timer := time.NewTimer(searchAgain)
		select {
		case <-timer.C:
		case <-u.heard:
		case <-ctx.Done(): // the next search fails at once
		}
		timer.Stop()
	}
}
