package cometchat

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/cometchat-go/cometchat/internal/rest"
)

const (
	searchPage     = 100 // messages on a page, the most that the client API gives
	maxSearchPages = 50
	// clockMargin is how much older than the attempt a message has to be to end a search. The time of the attempt is taken from the
	// Date of the answers, so that the program's clock does not matter; the margin is for servers whose clocks differ.
	clockMargin = 2 * time.Minute
)

// search is a search for the message of an unsettled send.
type search struct {
	by       caller
	op, muid string
	u        *unsettled
}

// run looks for the message: in what the live connection has brought, and in the history, from the newest message back. whole reports whether it has seen all messages that could be it.
func (s *search) run(ctx context.Context) (found *Message, whole bool, err error) {
	before := "" // the oldest id so far
	for range maxSearchPages {
		select {
		case <-s.u.heard:
			return s.u.message, true, nil
		default:
		}
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		rows, now, err := s.page(ctx, before)
		if err != nil || len(rows) == 0 {
			return nil, err == nil, err
		}
		oldest, newer := &Message{ID: before}, false
		for _, row := range rows {
			m := row.Message
			if m == nil {
				continue // something else is between the messages
			}
			if s.isOurs(m) {
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
		if !s.u.began.IsZero() && !oldest.SentAt.IsZero() && oldest.SentAt.Before(now.Add(-time.Since(s.u.began)-clockMargin)) {
			return nil, true, nil
		}
		before = oldest.ID
	}
	return nil, false, nil
}

// isOurs reports whether m is the message of the send.
func (s *search) isOurs(m *Message) bool {
	return m.MUID == s.muid && m.Category != CategoryAction && sameUID(cmp.Or(m.Sender.UID, s.by.uid), s.by.uid)
}

// page gets the messages before one with an id, or the newest ones if the id is empty. now is the server's time.
func (s *search) page(ctx context.Context, before string) (rows []messageRow, now time.Time, err error) {
	req := s.by.signed(s.history())
	req.Op, req.Method, req.MaxBody = s.op, "GET", maxMessagesBody(searchPage)
	req.Query.Set("affix", affixBack)
	if before != "" {
		req.Query.Set("id", before)
	}
	var e *envelope[json.RawMessage]
	a, err := answer(ctx, s.by.rest, &req, reader(&e, func(list *json.RawMessage) string {
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

// history returns the request for the messages among which the message would be. For a client these are the messages of the thread, or
// of the conversation. For a server these are the sender's messages in the conversation, also for a reply: the server's list of a thread
// has no documented way back. Only with a user named is the list of a user a conversation; so for the app these are all messages that the
// app has sent to users. The filter conversationId is not used: the rule for the id of two users is not documented, and a wrong id would
// look like a message that was not sent.
func (s *search) history() rest.Request {
	size := strconv.Itoa(searchPage)
	req := rest.Request{Route: s.u.to.place() + "/messages", UID: s.u.to.ID}
	switch {
	case s.by.server:
		req.Query = url.Values{"limit": {size}, "sender": {s.by.uid}}
		if s.by.onBehalfOf == "" && !s.u.to.IsGroup() {
			req.Route, req.UID = "/messages", ""
			req.Query.Set("receiverType", ReceiverUser)
		}
		return req
	case s.u.parentID != "":
		req.Route, req.Vars = "/messages/{id}/thread", map[string]string{"id": s.u.parentID}
	}
	req.Query = url.Values{"per_page": {size}}
	return req
}
