package cometchat

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/cometchat-go/cometchat/internal/rest"
)

const (
	searchAgain    = 3 * time.Second // after the first search for a message
	searchPage     = 100             // messages on a page, the most that the client API gives
	maxSearchPages = 50
	// clockMargin is how much older than the attempt a message has to be to end a search. The time of the attempt is taken from the
	// Date of the answers, so that the program's clock does not matter; the margin is for servers whose clocks differ.
	clockMargin = 2 * time.Minute
)

// errUnsettled says that a search has not found a message that may still come.
var errUnsettled = errors.New("the message may still come")

// sending is a call about one message.
type sending struct {
	c        *Client
	op, muid string
	pending  *unsettled // what the call leaves unsettled; nil: nothing
	cause    error      // why
}

// run runs a call that has the turn of the message, for the logged-in user, and makes the caller's error of what it leaves unsettled.
func (s *sending) run(ctx context.Context, call func(context.Context, *Session, *sendState) (*Message, error)) (*Message, error) {
	var m *Message
	err := s.c.withSession(ctx, s.op, func(ctx context.Context, session *Session) (err error) {
		key := newSendKey(session.User.UID, s.muid)
		state, err := s.c.sends.enter(ctx, key)
		if err != nil { // another call sends the message
			s.pending = &unsettled{ended: time.Now()}
			return err
		}
		defer func() { s.c.sends.leave(key, state, m) }()
		if state.sent != nil {
			m, s.pending = state.sent, nil
			return nil
		}
		if m, err = call(ctx, session, state); err == nil {
			s.c.events.knows(messageNumber(m.ID))
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
	left := time.Until(s.pending.ended.Add(s.c.calls.timeout)).Truncate(time.Millisecond) + time.Millisecond
	e.RetryAfter = max(e.RetryAfter, left)
	return e
}

// settle looks for the message of an unsettled send, as often as searches says. It returns the message; ErrNotSent; errUnsettled; or
// the error of the last search. It forgets the send in the first two cases.
func (s *sending) settle(ctx context.Context, session *Session, state *sendState, u *unsettled, searches int) (*Message, error) {
	s.pending = u
	settled := func() {
		s.pending = nil
		s.c.sends.settle(state)
	}
	for {
		overdue := time.Since(u.ended) >= s.c.calls.timeout // before the search: the message may come during it
		m, whole, err := s.search(ctx, session, u)
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

// search looks for the message of an unsettled send, in what the live connection has brought and from the newest message of its
// conversation or thread back. whole reports whether it has seen all messages that could be it.
func (s *sending) search(ctx context.Context, session *Session, u *unsettled) (found *Message, whole bool, err error) {
	before := "" // the oldest id so far
	for range maxSearchPages {
		select {
		case <-u.heard:
			return u.message, true, nil
		default:
		}
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		rows, now, err := s.page(ctx, session, u, before)
		if err != nil || len(rows) == 0 {
			return nil, err == nil, err
		}
		oldest, newer := &Message{ID: before}, false
		for _, row := range rows {
			m := row.Message
			if m == nil {
				continue // something else is between the messages
			}
			if s.isOurs(m, session) {
				return m, true, nil
			}
			newer = newer || before != "" && compareIDs(before, m.ID) < 0
			if oldest.ID == "" || compareIDs(m.ID, oldest.ID) < 0 {
				oldest = m
			}
		}
		if oldest.ID == before { // some servers repeat the last message; one that does not page at all tells nothing
			return nil, before != "" && !newer, nil
		}
		if !u.began.IsZero() && !oldest.SentAt.IsZero() && oldest.SentAt.Before(now.Add(-time.Since(u.began)-clockMargin)) {
			return nil, true, nil
		}
		before = oldest.ID
	}
	return nil, false, nil
}

// isOurs reports whether m is the message that the call is about.
func (s *sending) isOurs(m *Message, session *Session) bool {
	me := session.User.UID
	return m.MUID == s.muid && m.Category != CategoryAction && sameUID(cmp.Or(m.Sender.UID, me), me)
}

// page gets the messages before one with an id, or the newest ones if the id is empty. now is the server's time.
func (s *sending) page(ctx context.Context, session *Session, u *unsettled, before string) (rows []messageRow, now time.Time, err error) {
	req := rest.Request{
		Op: s.op, Method: "GET", Route: u.to.place() + "/messages", UID: u.to.ID, MaxBody: maxMessagesBody(searchPage),
		Query:      url.Values{"per_page": {strconv.Itoa(searchPage)}, "affix": {"prepend"}},
		Credential: rest.AuthToken(session.AuthToken),
	}
	if u.parentID != "" {
		req.Route, req.Vars = "/messages/{id}/thread", map[string]string{"id": u.parentID}
	}
	if before != "" {
		req.Query.Set("id", before)
	}
	var e *envelope[json.RawMessage]
	a, err := answer(ctx, s.c.rest, &req, reader(&e, func(list *json.RawMessage) string {
		rows = nil
		if _, err := lenient.Unmarshal(*list, &rows); err != nil || !bytes.HasPrefix(*list, []byte("[")) {
			return "the server's answer has no list of messages"
		}
		return ""
	}))
	if err != nil {
		return nil, time.Time{}, err
	}
	if now, err = http.ParseTime(a.Header.Get("Date")); err != nil {
		now = time.Now()
	}
	return rows, now, nil
}
