package cometchat_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	messagesURL = clientHost + "/messages"
	threadURL   = clientHost + "/messages/7/thread"
	searchURL   = clientHost + "/users/" + uid2 + "/messages"
)

// stored returns a message from uid1 to uid2 as the server's JSON, sent now.
func stored(id int, muid string) object {
	return object{
		"id": strconv.Itoa(id), "muid": muid, "sender": uid1, "receiverType": "user", "receiver": uid2, "category": "message", "type": "text",
		"conversationId": uid1 + "_user_" + uid2, "data": object{"text": "hello"}, "sentAt": time.Now().Unix(),
	}
}

// echo answers a send with the message, whose id is 101.
func echo(r *http.Request) (*http.Response, error) {
	var m object
	_ = json.NewDecoder(r.Body).Decode(&m)
	maps.Copy(m, object{"id": "101", "sender": uid1, "sentAt": time.Now().Unix()})
	return httpmock.NewJsonResponse(200, data(m))
}

// conversation is a server's list of messages, as the search sees it.
type conversation struct {
	mu       sync.Mutex
	messages []object // guarded by mu; the newest last
}

func (c *conversation) add(messages ...object) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.messages = append(c.messages, messages...)
}

// list answers with the messages before the one that the query names.
func (c *conversation) list(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, err := strconv.Atoi(r.URL.Query().Get("id"))
	if err != nil {
		before = 1 << 40
	}
	perPage, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
	page := []object{}
	for _, m := range c.messages {
		if id, _ := strconv.Atoi(m["id"].(string)); id < before {
			page = append(page, m)
		}
	}
	return httpmock.NewJsonResponse(200, data(page[max(0, len(page)-perPage):]))
}

// searchable makes the server list the messages of a conversation.
func (w *wire) searchable(messages ...object) *conversation {
	c := &conversation{messages: messages}
	for _, url := range []string{searchURL, threadURL, clientHost + "/groups/group-1/messages"} {
		w.RegisterResponder("GET", url, c.list)
	}
	return c
}

func TestSendMessage(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	w.RegisterResponder("POST", messagesURL, echo)
	m := cometchat.NewTextMessage(cometchat.ToUser(uid2), "hello <b>")
	m.Tags = []string{"t1"}
	before := *m
	sent, err := c.SendMessage(t.Context(), m)
	require.NoError(t, err)
	assert.Equal(t, before, *m, "SendMessage has changed the message")
	assert.Equal(t, "101", sent.ID)
	assert.Equal(t, m.MUID, sent.MUID)
	assert.Equal(t, "hello <b>", sent.Text)
	requests := w.requests()
	require.Len(t, requests, 1)
	assert.Equal(t, `{"receiver":"`+uid2+`","receiverType":"user","category":"message","type":"text","data":{"text":"hello <b>"},"muid":"`+
		m.MUID+`","tags":["t1"]}`, requests[0].Body)
	assert.Empty(t, requests[0].Header.Get("Idempotency-Key"))

	again, err := c.SendMessage(t.Context(), m)
	require.NoError(t, err, "the same message sent again by the program's will")
	assert.Equal(t, "101", again.ID)
}

func TestSendMessageWithoutMUIDGetsOne(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	w.RegisterResponder("POST", messagesURL, echo)
	m := &cometchat.OutgoingMessage{To: cometchat.ToUser(uid2), Text: "x"}
	sent, err := c.SendMessage(t.Context(), m)
	require.NoError(t, err)
	assert.NotEmpty(t, sent.MUID)
	assert.Empty(t, m.MUID)
	w.answer("POST", messagesURL, 404, refusal("ERR_UID_NOT_FOUND", "no such user"))
	_, err = c.SendMessage(t.Context(), m)
	require.ErrorIs(t, err, cometchat.ErrUIDNotFound)
	assert.Equal(t, decoded(t, w.requests()[1].Body)["muid"], asError(err).MUID)
}

func TestSendMessageNeedsASession(t *testing.T) {
	t.Parallel()
	w := newWire()
	_, err := w.client(t).SendMessage(t.Context(), cometchat.NewTextMessage(cometchat.ToUser(uid2), "x"))
	require.ErrorIs(t, err, cometchat.ErrNotLoggedIn)
	_, err = w.client(t).ResolveSend(t.Context(), cometchat.NewTextMessage(cometchat.ToUser(uid2), "x"))
	require.ErrorIs(t, err, cometchat.ErrNotLoggedIn)
	_, err = (*cometchat.Client)(nil).SendMessage(t.Context(), nil)
	require.ErrorIs(t, err, cometchat.ErrNotInitialized)
	assert.Empty(t, w.lines())
}

// TestSendsThatAreFinal checks failures after which the server certainly does not have the message: nothing is searched.
func TestSendsThatAreFinal(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer httpmock.Responder
		want   error
		posts  int
	}{
		"refused":               {respond(403, refusal("ERR_BLOCKED_RECEIVER", "blocked")), cometchat.ErrBlocked, 1},
		"refused with 200":      {respond(200, refusal("ERR_GUID_NOT_FOUND", "no group")), cometchat.ErrGUIDNotFound, 1},
		"too many":              {respond(429, refusal("ERR_TOO_MANY_REQUESTS", "wait")), cometchat.ErrTooManyRequests, 3},
		"too many, not the API": {respond(429, "<html>"), cometchat.ErrTooManyRequests, 3},
		"no connection":         {httpmock.NewErrorResponder(&net.OpError{Op: "dial", Err: errors.New("refused")}), nil, 3},
	} {
		inBubble(t, name, func(t *testing.T) {
			w := newWire()
			c := w.loggedIn(t)
			w.RegisterResponder("POST", messagesURL, tc.answer)
			_, err := c.SendMessage(t.Context(), cometchat.NewTextMessage(cometchat.ToUser(uid2), "x"))
			require.Error(t, err)
			require.NotErrorIs(t, err, cometchat.ErrSendUnknown)
			if tc.want != nil {
				require.ErrorIs(t, err, tc.want)
			}
			assert.NotEmpty(t, asError(err).MUID)
			lines := w.lines()
			assert.Len(t, lines, tc.posts)
			assert.NotContains(t, lines, "GET "+searchURL)
		})
	}
}

// lostAnswers are answers after which nobody knows whether the server has the message.
var lostAnswers = map[string]httpmock.Responder{
	"connection lost":   httpmock.NewErrorResponder(io.ErrUnexpectedEOF),
	"500":               respond(500, "oops"),
	"503, an envelope":  respond(503, refusal("ERR_DOWN", "down")),
	"403, no envelope":  respond(403, "<html>"),
	"a redirect":        respond(302, ""),
	"HTML":              respond(200, "<html>"),
	"nothing":           respond(200, ""),
	"null":              respond(200, "null"),
	"no data":           respond(200, "{}"),
	"data of null":      respond(200, `{"data":null}`),
	"empty data":        respond(200, `{"data":{}}`),
	"a list":            respond(200, `{"data":[]}`),
	"an action message": respond(200, `{"data":{"id":"9","category":"action","type":"message","data":{"action":"edited"}}}`),
	"another message":   respond(200, `{"data":{"id":"9","muid":"another","category":"message","type":"text"}}`),
	"half a message":    respond(200, `{"data":{"id":"9","mu`),
}

// TestSendsThatAreLost searches at once and again after three seconds, and then says that it does not know.
func TestSendsThatAreLost(t *testing.T) {
	t.Parallel()
	for name, lost := range lostAnswers {
		inBubble(t, name, func(t *testing.T) {
			w := newWire()
			c := w.loggedIn(t)
			w.RegisterResponder("POST", messagesURL, lost)
			old := stored(50, "old")
			old["sentAt"] = time.Now().Add(-time.Hour).Unix()
			messages := w.searchable(old)
			m := cometchat.NewTextMessage(cometchat.ToUser(uid2), "x")
			took := stopwatch()
			_, err := c.SendMessage(t.Context(), m)
			require.ErrorIs(t, err, cometchat.ErrSendUnknown)
			assert.Equal(t, 3*time.Second, took())
			e := asError(err)
			assert.Equal(t, m.MUID, e.MUID)
			require.Error(t, errors.Unwrap(err), "the cause")
			assert.Contains(t, err.Error(), "call ResolveSend")
			search := "GET " + searchURL + "?affix=prepend&per_page=100"
			assert.Equal(t, []string{"POST " + messagesURL, search, search}, w.lines())
			assert.InDelta(t, 27*time.Second, e.RetryAfter, float64(time.Second))

			_, err = c.SendMessage(t.Context(), m)
			require.ErrorIs(t, err, cometchat.ErrSendUnknown, "it is not sent twice")
			_, err = c.ResolveSend(t.Context(), m)
			require.ErrorIs(t, err, cometchat.ErrSendUnknown)
			assert.Equal(t, []string{search, search}, w.lines())

			if name == "500" { // the message comes after all
				messages.add(stored(60, m.MUID))
				found, err := c.ResolveSend(t.Context(), m)
				require.NoError(t, err)
				assert.Equal(t, "60", found.ID)
				return
			}
			elapse(asError(err).RetryAfter)
			_, err = c.ResolveSend(t.Context(), m)
			require.ErrorIs(t, err, cometchat.ErrNotSent)
			w.requests()
			w.RegisterResponder("POST", messagesURL, echo)
			sent, err := c.SendMessage(t.Context(), m)
			require.NoError(t, err)
			assert.Equal(t, m.MUID, sent.MUID)
			assert.Equal(t, []string{"POST " + messagesURL}, w.lines(), "what is settled is forgotten")
		})
	}
}

// TestSendThatTheServerHasTaken finds the message at the first search, or at the second.
func TestSendThatTheServerHasTaken(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		to     cometchat.Receiver
		parent string
		late   time.Duration
		search string
	}{
		"to a user":         {cometchat.ToUser(uid2), "", 0, searchURL},
		"to a group":        {cometchat.ToGroup("group-1"), "", 0, clientHost + "/groups/group-1/messages"},
		"in a thread":       {cometchat.ToUser(uid2), "7", 0, threadURL},
		"two seconds later": {cometchat.ToUser(uid2), "", 2 * time.Second, searchURL},
	} {
		inBubble(t, name, func(t *testing.T) {
			w := newWire()
			c := w.loggedIn(t)
			messages := w.searchable(stored(50, "old"), stored(51, ""))
			m := cometchat.NewTextMessage(tc.to, "x")
			m.ParentID = tc.parent
			lose := func(*http.Request) (*http.Response, error) {
				mine := stored(60, m.MUID)
				theirs := stored(61, m.MUID)
				theirs["sender"] = uid2
				time.AfterFunc(tc.late, func() { messages.add(mine, theirs) })
				if tc.late == 0 {
					settle()
				}
				return nil, io.ErrUnexpectedEOF
			}
			w.RegisterResponder("POST", messagesURL, lose)
			w.RegisterResponder("POST", threadURL, lose)
			sent, err := c.SendMessage(t.Context(), m)
			require.NoError(t, err)
			assert.Equal(t, "60", sent.ID)
			lines := w.lines()
			assert.Equal(t, "GET "+tc.search+"?affix=prepend&per_page=100", lines[1])
			if tc.late > 0 {
				assert.Len(t, lines, 1+2+1, "two pages, and after three seconds one page with the message: %v", lines)
			}
		})
	}
}

// TestSearchGoesBackToTheAttempt pages until a message is clearly older than the attempt.
func TestSearchGoesBackToTheAttempt(t *testing.T) {
	t.Parallel()
	inBubble(t, "found behind newer messages", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t)
		messages := w.searchable()
		m := cometchat.NewTextMessage(cometchat.ToUser(uid2), "x")
		w.RegisterResponder("POST", messagesURL, func(*http.Request) (*http.Response, error) {
			messages.add(stored(1000, m.MUID))
			for id := range 250 {
				messages.add(stored(1001+id, "other"))
			}
			return nil, io.ErrUnexpectedEOF
		})
		sent, err := c.SendMessage(t.Context(), m)
		require.NoError(t, err)
		assert.Equal(t, "1000", sent.ID)
		assert.Len(t, w.lines(), 1+3)
	})
	inBubble(t, "more messages than the search reads", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t)
		w.answer("POST", messagesURL, 500, "")
		messages := w.searchable()
		for id := range 6000 {
			messages.add(stored(1000+id, "other"))
		}
		m := cometchat.NewTextMessage(cometchat.ToUser(uid2), "x")
		_, err := c.SendMessage(t.Context(), m)
		require.ErrorIs(t, err, cometchat.ErrSendUnknown)
		assert.Len(t, w.lines(), 1+50+50)
		elapse(time.Minute)
		_, err = c.ResolveSend(t.Context(), m)
		require.ErrorIs(t, err, cometchat.ErrSendUnknown, "not all messages have been seen")
	})
	for name, list := range map[string]httpmock.Responder{
		"no list":           respond(200, data(object{})),
		"no data":           respond(200, object{}),
		"a refusal":         respond(403, refusal("ERR_GROUP_NOT_JOINED", "no")),
		"the same page":     respond(200, data([]object{stored(5, "a"), stored(6, "b")})),
		"nothing readable":  respond(200, data([]any{nil, object{}})),
		"a lost connection": httpmock.NewErrorResponder(io.ErrUnexpectedEOF),
	} {
		inBubble(t, name, func(t *testing.T) {
			w := newWire()
			c := w.loggedIn(t)
			w.answer("POST", messagesURL, 500, "")
			w.RegisterResponder("GET", searchURL, list)
			m := cometchat.NewTextMessage(cometchat.ToUser(uid2), "x")
			_, err := c.SendMessage(t.Context(), m)
			require.ErrorIs(t, err, cometchat.ErrSendUnknown)
			elapse(time.Minute)
			_, err = c.ResolveSend(t.Context(), m)
			require.ErrorIs(t, err, cometchat.ErrSendUnknown)
		})
	}
	inBubble(t, "a page that ends with the message asked for", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t)
		w.answer("POST", messagesURL, 500, "")
		w.answer("GET", searchURL, 200, data([]object{stored(5, "a")}))
		m := cometchat.NewTextMessage(cometchat.ToUser(uid2), "x")
		_, err := c.SendMessage(t.Context(), m)
		require.ErrorIs(t, err, cometchat.ErrSendUnknown)
		elapse(time.Minute)
		_, err = c.ResolveSend(t.Context(), m)
		require.ErrorIs(t, err, cometchat.ErrNotSent)
	})
}

// TestSearchUsesTheServersClock ends a search by the Date of the answers, however wrong the program's clock is.
func TestSearchUsesTheServersClock(t *testing.T) {
	t.Parallel()
	inBubble(t, "a server ahead by a day", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t)
		w.answer("POST", messagesURL, 500, "")
		theirs := time.Now().Add(24 * time.Hour)
		old := stored(5, "a")
		old["sentAt"] = theirs.Add(-5 * time.Minute).Unix()
		w.RegisterResponder("GET", searchURL, respond(200, data([]object{old})).HeaderSet(http.Header{
			"Date": {theirs.UTC().Format(http.TimeFormat)},
		}))
		_, err := c.SendMessage(t.Context(), cometchat.NewTextMessage(cometchat.ToUser(uid2), "x"))
		require.ErrorIs(t, err, cometchat.ErrSendUnknown)
		assert.Len(t, w.lines(), 1+1+1, "one page is enough for each search")
	})
}

// TestSendThatEnds ends the call while nobody knows: never as not sent, and at once.
func TestSendThatEnds(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		end  func(c *cometchat.Client, cancel context.CancelFunc)
		want error
		took time.Duration
	}{
		"its context": {func(_ *cometchat.Client, cancel context.CancelFunc) { cancel() }, context.Canceled, time.Second},
		"its timeout": {func(*cometchat.Client, context.CancelFunc) {}, context.DeadlineExceeded, 30 * time.Second},
		"the client":  {func(c *cometchat.Client, _ context.CancelFunc) { _ = c.Close() }, cometchat.ErrClosed, time.Second},
	} {
		for phase, post := range map[string]httpmock.Responder{
			"during the request":       respond(200, "").Delay(time.Hour),
			"between the two searches": respond(500, ""),
		} {
			if tc.took == 30*time.Second && phase != "during the request" {
				continue
			}
			inBubble(t, name+" "+phase, func(t *testing.T) {
				w := newWire()
				c := w.loggedIn(t)
				w.RegisterResponder("POST", messagesURL, post)
				w.searchable()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				took := stopwatch()
				time.AfterFunc(time.Second, func() { tc.end(c, cancel) })
				_, err := c.SendMessage(ctx, cometchat.NewTextMessage(cometchat.ToUser(uid2), "x"))
				require.ErrorIs(t, err, cometchat.ErrSendUnknown)
				require.ErrorIs(t, err, tc.want)
				assert.Equal(t, tc.took, took())
			})
		}
	}
	inBubble(t, "while it waits after 429", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t)
		w.RegisterResponder("POST", messagesURL, respond(429, refusal("ERR_TOO_MANY_REQUESTS", "wait")).HeaderSet(http.Header{"Retry-After": {"20"}}))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := c.SendMessage(ctx, cometchat.NewTextMessage(cometchat.ToUser(uid2), "x"))
		require.ErrorIs(t, err, cometchat.ErrTooManyRequests)
		require.NotErrorIs(t, err, cometchat.ErrSendUnknown, "it is known that nothing was sent")
	})
}

// TestSendsWithOneMUID sends a message once, however many calls want it at the same time.
func TestSendsWithOneMUID(t *testing.T) {
	t.Parallel()
	inBubble(t, "sent once", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t)
		w.RegisterResponder("POST", messagesURL, slowly(echo))
		m := cometchat.NewTextMessage(cometchat.ToUser(uid2), "x")
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				sent, err := c.SendMessage(t.Context(), m)
				if assert.NoError(t, err) {
					assert.Equal(t, "101", sent.ID)
					sent.Tags = append(sent.Tags, "mine") // each caller has its own
				}
			})
		}
		group.Wait()
		assert.Len(t, w.lines(), 1)
	})
	inBubble(t, "a call that waits for another one's ends as unknown", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t)
		w.RegisterResponder("POST", messagesURL, slowly(echo))
		m := cometchat.NewTextMessage(cometchat.ToUser(uid2), "x")
		first := started(func() error { _, err := c.SendMessage(t.Context(), m); return err })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.SendMessage(ctx, m)
		require.ErrorIs(t, err, cometchat.ErrSendUnknown)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NoError(t, <-first)
	})
}

// TestSendWithATokenThatIsGone sends again with a fresh token, as the refusal is final, and searches with a fresh token too.
func TestSendWithATokenThatIsGone(t *testing.T) {
	t.Parallel()
	provider := cometchat.WithTokenProvider(func(context.Context) (string, error) { return tokenOf(uid2), nil })
	gone := func(next httpmock.Responder) httpmock.Responder {
		return func(r *http.Request) (*http.Response, error) {
			if r.Header.Get("authtoken") == tokenOf(uid1) {
				return respond(401, tokenGone())(r)
			}
			return next(r)
		}
	}
	setUp := func(t *testing.T) (*wire, *cometchat.Client) {
		t.Helper()
		w := newWire()
		c := w.loggedIn(t, provider)
		w.RegisterResponder("PUT", meURL, func(r *http.Request) (*http.Response, error) {
			me := meAnswer(uid1)
			me["authToken"] = r.Header.Get("authtoken")
			return httpmock.NewJsonResponse(200, data(me))
		})
		return w, c
	}
	inBubble(t, "the send", func(t *testing.T) {
		w, c := setUp(t)
		w.RegisterResponder("POST", messagesURL, gone(echo))
		_, err := c.SendMessage(t.Context(), cometchat.NewTextMessage(cometchat.ToUser(uid2), "x"))
		require.NoError(t, err)
		assert.Equal(t, []string{"POST " + messagesURL, "PUT " + meURL, "POST " + messagesURL}, w.lines())
	})
	inBubble(t, "the search", func(t *testing.T) {
		w, c := setUp(t)
		m := cometchat.NewTextMessage(cometchat.ToUser(uid2), "x")
		w.answer("POST", messagesURL, 500, "")
		w.RegisterResponder("GET", searchURL, gone(respond(200, data([]object{stored(60, m.MUID)}))))
		sent, err := c.SendMessage(t.Context(), m)
		require.NoError(t, err)
		assert.Equal(t, "60", sent.ID)
	})
}

// TestResolveSendOfAnotherProcess resolves a MUID that this client has not sent.
func TestResolveSendOfAnotherProcess(t *testing.T) {
	t.Parallel()
	inBubble(t, "it was sent", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t)
		old := stored(50, "theirs")
		old["sentAt"] = 5
		w.searchable(old)
		found, err := c.ResolveSend(t.Context(), &cometchat.OutgoingMessage{To: cometchat.ToUser(uid2), MUID: "theirs"})
		require.NoError(t, err)
		assert.Equal(t, "50", found.ID)
	})
	inBubble(t, "it was not sent", func(t *testing.T) {
		w := newWire()
		c := w.loggedIn(t)
		old := stored(50, "old")
		old["sentAt"] = 5
		w.searchable(old)
		m := cometchat.NewTextMessage(cometchat.ToUser(uid2), "x")
		_, err := c.ResolveSend(t.Context(), m)
		require.ErrorIs(t, err, cometchat.ErrSendUnknown, "its attempt counts as made now")
		assert.Len(t, w.lines(), 2, "the whole conversation is searched, also what is old")
		elapse(asError(err).RetryAfter)
		_, err = c.ResolveSend(t.Context(), m)
		require.ErrorIs(t, err, cometchat.ErrNotSent)
		assert.Equal(t, m.MUID, asError(err).MUID)
	})
}

func TestResolveSendIsChecked(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	to := cometchat.ToUser(uid2)
	for name, tc := range map[string]struct {
		m    *cometchat.OutgoingMessage
		code string
	}{
		"nil":         {nil, "MISSING_PARAMETERS"},
		"no MUID":     {&cometchat.OutgoingMessage{To: to}, "MISSING_PARAMETERS"},
		"no receiver": {&cometchat.OutgoingMessage{MUID: "m"}, "INVALID_RECEIVER_TYPE"},
		"bad parent":  {&cometchat.OutgoingMessage{To: to, MUID: "m", ParentID: "x"}, "INVALID_MESSAGE_ID"},
	} {
		_, err := c.ResolveSend(t.Context(), tc.m)
		assert.Equal(t, tc.code, code(err), name)
	}
	assert.Empty(t, w.lines())
}
