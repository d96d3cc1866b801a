package cometchat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// defect is a defect of the official JavaScript SDK in its calls about messages and conversations, and a test that this SDK does
// not have it. Each test runs on fake time.
type defect struct {
	name string
	test func(t *testing.T)
}

// TestDefectsOfTheJavaScriptSDK tests what the official JavaScript SDK does wrong, by the numbers of the list that we keep of it.
func TestDefectsOfTheJavaScriptSDK(t *testing.T) {
	t.Parallel()
	for i, d := range []defect{
		{"an answer without usable data leaves a call hanging", unusableAnswers},
		{"a flag without a reason hangs", flagsWithoutReason},
		{"a request goes out without a session", requestsWithoutSession},
		{"a send changes the message", changedMessages},
		{"a broken connection doubles a send", doubledSends},
		{"the cause of a failure is lost", lostCauses},
		{"the status after a disconnect is connected", statusAfterDisconnect},
		{"typing is throttled by id, without an end", throttledTyping},
		{"a custom message of the type text is taken for a text", customTexts},
		{"an edit without a message passes undefined on", editsWithoutMessage},
		{"times, pages, limits and counts are off", unitsAndCounts},
		{"an id is not one segment of the path", idsInPaths},
		{"rows of a list become null, or disappear", oddRows},
		{"ids, times and counts keep their JSON type", kindsOfJSON},
		{"two lists at once disturb each other", listsAtOnce},
		{"the error of a list is empty", emptyErrors},
		{"ids are in lower case in some calls only", casesOfIDs},
		{"null, a listener that throws, and odd frames", nullAndThrowing},
		{"an edit sends back what it got", wholeEdits},
		{"the unread messages of a user have those of groups", unreadOfOthers},
	} {
		inBubble(t, fmt.Sprint(i+1, " ", d.name), d.test)
	}
}

// messagingCalls makes each call about messages and conversations that returns something, and returns its error.
func messagingCalls(ctx context.Context, c *cometchat.Client) map[string]func() error {
	calls := messageLists(ctx, c)
	for name, call := range aboutMessage(ctx, c) {
		calls[name] = func() error { _, err := call(); return err }
	}
	delete(calls, "FlagReasons") // are those of the settings, where none is an answer
	calls["SendMessage"] = func() error { _, err := c.SendMessage(ctx, cometchat.NewTextMessage(recordedWith, "x")); return err }
	calls["UploadFile"] = func() error {
		_, err := c.UploadFile(ctx, recordedWith, "", cometchat.File{Reader: strings.NewReader("x")})
		return err
	}
	calls["GetMessageReceipts"] = func() error { _, err := c.GetMessageReceipts(ctx, "101"); return err }
	calls["UnreadCounts"] = func() error { _, err := c.UnreadCounts(ctx, cometchat.UnreadRequest{}); return err }
	calls["ListConversations"] = func() error { _, err := conversationIDs(ctx, c); return err }
	for _, name := range []string{"GET /conversation", "PUT /conversation", "POST /conversation/pin"} {
		calls[name] = func() error { _, err := conversationCalls[name](c, ctx, recordedWith); return err }
	}
	return calls
}

// 1: each call ends, with an error of this SDK's, before the client's timeout.
func unusableAnswers(t *testing.T) {
	t.Helper()
	for name, answer := range map[string]httpmock.Responder{
		"no data": respond(200, `{}`), "null": respond(200, `{"data":null}`), "a text": respond(200, data("x")), "HTML": respond(200, "<html>"),
		"cut": respond(200, `{"data":{"id":"101"`), "nothing": respond(200, ""), "a broken connection": httpmock.NewErrorResponder(io.ErrUnexpectedEOF),
		"silence": func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() },
	} {
		w := newWire()
		c := w.loggedIn(t, once)
		w.RegisterNoResponder(answer)
		for call, makes := range messagingCalls(t.Context(), c) {
			took := stopwatch()
			require.NotNil(t, asError(makes()), "%s, answered with %s", call, name)
			assert.LessOrEqual(t, took(), 30*time.Second, "%s, answered with %s", call, name)
		}
	}
	w := newWire()
	c := w.loggedIn(t, once)
	ctx := t.Context()
	for _, tc := range []struct {
		answer, says string
		call         func() error
	}{
		{`{"data":{}}`, "has no message", messagingCalls(ctx, c)["SendMessage"]},
		{`{"data":{"id":"101","category":"message"}}`, "", messagingCalls(ctx, c)["EditMessage"]}, // the message itself does as well
		{`{"data":{"success":true,"message":"gone"}}`, "has no message", messagingCalls(ctx, c)["DeleteMessage"]},
		{`{"data":{}}`, "", messagingCalls(ctx, c)["UnreadCounts"]}, // as PHP writes an empty list
		{`{"data":[]}`, "", messagingCalls(ctx, c)["ListConversations"]},
		{`{"data":{"success":true}}`, "", func() error {
			return c.MarkAsUnread(ctx, &cometchat.Message{ID: "1", Receiver: cometchat.ToGroup("g")})
		}},
	} {
		w.RegisterNoResponder(respond(200, tc.answer))
		if err := tc.call(); tc.says == "" {
			require.NoError(t, err, tc.answer)
		} else {
			require.ErrorContains(t, err, tc.says)
		}
	}
}

// 2: it fails before any request.
func flagsWithoutReason(t *testing.T) {
	t.Helper()
	w := newWire()
	c := w.loggedIn(t)
	require.ErrorIs(t, c.FlagMessage(t.Context(), "101", "", "remark"), cometchat.ErrMissingParameters)
	assert.Empty(t, w.lines())
}

// 3: there is no request.
func requestsWithoutSession(t *testing.T) {
	t.Helper()
	w := newWire()
	for name, call := range messagingCalls(t.Context(), w.client(t)) {
		require.ErrorIs(t, call(), cometchat.ErrNotLoggedIn, name)
	}
	assert.Empty(t, w.lines())
}

// 4: the message stays as it is, and can be sent again, with the same MUID.
func changedMessages(t *testing.T) {
	t.Helper()
	w := newWire()
	c := w.loggedIn(t)
	w.searchable()
	w.RegisterResponder("POST", messagesURL, respond(503, "").Then(echo))
	m := cometchat.NewTextMessage(recordedWith, "x")
	before := *m
	_, err := c.SendMessage(t.Context(), m)
	require.ErrorIs(t, err, cometchat.ErrSendUnknown)
	elapse(asError(err).RetryAfter)
	sent, err := c.SendMessage(t.Context(), m)
	require.NoError(t, err)
	assert.Equal(t, before, *m)
	assert.Equal(t, m.MUID, sent.MUID)
}

// 5: net/http would repeat a request on a connection that it has used before. A send is not repeated.
func doubledSends(t *testing.T) {
	t.Helper()
	s := cometchattest.New()
	t.Cleanup(s.Close)
	c := emulatedUser(t, s, uid1)
	dropped := s.InjectFault(cometchattest.Fault{Method: "POST", Path: "/messages", DropBefore: true, Times: 1})
	_, err := c.SendMessage(t.Context(), cometchat.NewTextMessage(recordedWith, "x"))
	require.ErrorIs(t, err, cometchat.ErrSendUnknown)
	assert.Equal(t, 1, dropped.Count())
	assert.Len(t, s.Requests(cometchattest.To("POST", "/messages")), 1)
	assert.Empty(t, s.Messages(uid1+"_user_"+uid2))
}

// 6: errors have the status and the cause, and Retry-After is respected.
func lostCauses(t *testing.T) {
	t.Helper()
	w := newWire()
	c := w.loggedIn(t)
	wait := respond(429, refusal("ERR_TOO_MANY_REQUESTS", "slow down")).HeaderSet(http.Header{"Retry-After": {"7"}})
	w.RegisterResponder("POST", messagesURL, wait.Then(echo))
	took := stopwatch()
	_, err := c.SendMessage(t.Context(), cometchat.NewTextMessage(recordedWith, "x"))
	require.NoError(t, err)
	assert.GreaterOrEqual(t, took(), 7*time.Second)

	w = newWire()
	c = w.loggedIn(t, once)
	for _, status := range []int{200, 500} {
		w.RegisterNoResponder(respond(status, "<html>"))
		for name, call := range messagingCalls(t.Context(), c) {
			assert.Equal(t, status, asError(call()).StatusCode, name)
		}
	}
	w.RegisterNoResponder(httpmock.NewErrorResponder(io.ErrUnexpectedEOF))
	for name, call := range messagingCalls(t.Context(), c) {
		require.ErrorIs(t, call(), io.ErrUnexpectedEOF, name)
	}
}

// 7: the status is true, and a receipt, a typing indicator or a transient message that cannot go says so.
func statusAfterDisconnect(t *testing.T) {
	t.Helper()
	w := newLiveWorld(t)
	_, err := w.c.Login(t.Context(), uid1, w.AuthKey)
	require.NoError(t, err)
	w.connect(t)
	require.NoError(t, w.c.Disconnect())
	assert.Equal(t, cometchat.Disconnected, w.c.ConnectionStatus())
	for name, call := range liveCalls(t.Context(), w.c) {
		require.ErrorIs(t, call(), cometchat.ErrNotConnected, name)
	}
}

// 8: whoever types, and where, and how often: the program hears of it. Sent, a throttle ends, is for one receiver of one type, and does
// not outlive a failure: see TestTyping.
func throttledTyping(t *testing.T) {
	t.Helper()
	var frames, want []string
	for _, receiver := range []string{"user", "group", "user"} {
		frames = append(frames, `{"type":"typing_indicator","sender":"u","receiver":"x","receiverType":"`+receiver+`","body":{"action":"started"}}`)
		want = append(want, "u types to "+receiver+" x")
	}
	assert.Equal(t, want, heardFrames(t, frames...))

	c, log := recordedSender(t)
	user, group := cometchat.ToUser("x"), cometchat.ToGroup("x")
	for _, tc := range []struct {
		to   cometchat.Receiver
		wait time.Duration
		goes int
	}{{user, 0, 1}, {user, 0, 0}, {group, 0, 1}, {user, 5500 * time.Millisecond, 1}} {
		elapse(tc.wait)
		require.NoError(t, c.StartTyping(t.Context(), tc.to, nil))
		assert.Len(t, log.take(), tc.goes, "%s", tc.to)
	}
	require.NoError(t, c.Disconnect())
	settle()
	require.ErrorIs(t, c.StartTyping(t.Context(), user, nil), cometchat.ErrNotConnected)
	require.NoError(t, c.Connect(t.Context()))
	require.NoError(t, c.StartTyping(t.Context(), user, nil))
	assert.Len(t, log.take(), 1)
}

// heardFrames returns the frames that reach the program, of those that the server sends.
func heardFrames(t *testing.T, frames ...string) (heard []string) {
	t.Helper()
	send := make(chan func(*peer), len(frames))
	c := speaking(t, send)
	c.AddConnectionListener("throws", cometchat.ConnectionListener{Connected: func() { panic("at the disco") }})
	events := c.Events(t.Context())
	require.NoError(t, c.Connect(t.Context()))
	for _, frame := range frames {
		send <- text(frame)
	}
	close(send)
	settle()
	require.NoError(t, c.Close())
	for e := range events {
		switch e := e.(type) {
		case cometchat.UnknownEvent:
			heard = append(heard, string(e.Raw))
		case cometchat.TypingChanged:
			heard = append(heard, fmt.Sprintf("%s types to %s", e.User.UID, e.Receiver))
		}
	}
	return heard
}

// 9: it is a custom message, with its data.
func customTexts(t *testing.T) {
	t.Helper()
	for m, err := range listed(t, `{"id":"1","category":"custom","type":"text","data":{"customData":{"a":1}}}`) {
		require.NoError(t, err)
		assert.Equal(t, cometchat.CategoryCustom, m.Category)
		assert.JSONEq(t, `{"a":1}`, string(m.CustomData))
	}
}

// listed lists the messages that a server sends.
func listed(t *testing.T, rows ...string) func(func(*cometchat.Message, error) bool) {
	t.Helper()
	w := newWire()
	c := w.loggedIn(t, once)
	w.RegisterNoResponder(respond(200, `{"data":[`+strings.Join(rows, ",")+`]}`))
	return c.ListMessages(t.Context(), cometchat.MessagesRequest{With: recordedWith})
}

// 10: the call fails, and the event is none about a message.
func editsWithoutMessage(t *testing.T) {
	t.Helper()
	const event = `{"id":"103","category":"action","type":"message","data":{"action":"edited","entities":{}}}`
	w := newWire()
	c := w.loggedIn(t, once)
	w.RegisterNoResponder(respond(200, `{"data":`+event+`}`))
	m, err := c.EditMessage(t.Context(), "101", cometchat.MessageEdit{Text: "x"})
	require.ErrorContains(t, err, "has no message")
	assert.Nil(t, m)
	var action cometchat.Message
	require.NoError(t, json.Unmarshal([]byte(event), &action))
	assert.Nil(t, action.Action.OnMessage)
	assert.Equal(t, cometchat.ActionEdited, action.Action.Action)
	told, _ := cometchat.ReadFrame([]byte(`{"type":"message","body":`+event+`}`), recordedDevice)
	assert.Equal(t, cometchat.UnknownEvent{Type: "message", Raw: json.RawMessage(event)}, told)
}
