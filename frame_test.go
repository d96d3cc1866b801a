package cometchat_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// endFrame is the frame that ends a test: all frames before it have been read then.
const endFrame = `{"type":"the end"}`

func text(frame string) func(*peer) { return func(p *peer) { p.send(textFrame, frame) } }

// upToEnd returns the events up to the end frame.
func upToEnd(tb testing.TB, next func() (cometchat.Event, bool)) (events []cometchat.Event) {
	tb.Helper()
	for {
		e, ok := next()
		require.True(tb, ok, "the events have ended")
		if unknown, isUnknown := e.(cometchat.UnknownEvent); isUnknown && string(unknown.Raw) == endFrame {
			return events
		}
		events = append(events, e)
	}
}

// TestFramesThatNeverEndAConnection checks the events that odd frames lead to.
func TestFramesThatNeverEndAConnection(t *testing.T) {
	t.Parallel()
	long := `{"type":"message","body":"` + strings.Repeat("x", 3<<20) + `"}`
	presence := func(body string) string { return `{"type":"presence","deviceId":"d","body":` + body + `}` }
	type told struct {
		kind, raw string // of an UnknownEvent
		presence  string
	}
	unknown := func(kind, raw string) *told { return &told{kind: kind, raw: raw} }
	for name, tc := range map[string]struct {
		frame string
		want  *told // nil: nothing
	}{
		"no JSON":               {"hello", unknown("", "hello")},
		"half a JSON":           {`{"type":"x`, unknown("", `{"type":"x`)},
		"null":                  {"null", unknown("", "null")},
		"an array":              {`[1,2]`, unknown("", `[1,2]`)},
		"a number":              {"5", unknown("", "5")},
		"an empty object":       {"{}", unknown("", "{}")},
		"no UTF-8":              {"\xff\xfe", unknown("", "\xff\xfe")},
		"an unknown type":       {`{"type":"party"}`, unknown("party", `{"type":"party"}`)},
		"a type that is number": {`{"type":7}`, unknown("7", `{"type":7}`)},
		"an error":              {`{"type":"error","body":{}}`, unknown("error", `{"type":"error","body":{}}`)},
		"a message without id":  {`{"type":"message","body":{"id":{}}}`, unknown("message", `{"type":"message","body":{"id":{}}}`)},
		"a long message":        {long, unknown("message", long)},
		"a message too long":    {strings.Repeat("x", 5<<20), nil},
		"a pong":                {`{"action":"pong","ack":"true"}`, nil},
		"a server's ping":       {`{"action":"ping"}`, unknown("", `{"action":"ping"}`)},
		"a refusal after all":   {`{"type":"auth","body":{"code":"401","status":"ERROR"}}`, nil},
		"presence online":       {presence(`{"action":"online","timestamp":1700000000,"user":{"uid":"u9"}}`), &told{presence: "u9 online 1700000000"}},
		"presence available":    {presence(`{"action":"available","user":{"uid":9,"status":"offline"}}`), &told{presence: "9 online 0"}},
		"presence offline":      {presence(`{"action":"offline","timestamp":"1700000001","user":{"uid":"u9","name":null}}`), &told{presence: "u9 offline 1700000001"}},
		"presence away":         {presence(`{"action":"away","user":{"uid":"u9"}}`), unknown("presence", presence(`{"action":"away","user":{"uid":"u9"}}`))},
		"presence of nobody":    {presence(`{"action":"online"}`), unknown("presence", presence(`{"action":"online"}`))},
		"presence without uid":  {presence(`{"action":"online","user":{}}`), unknown("presence", presence(`{"action":"online","user":{}}`))},
		"presence without body": {presence(`[]`), unknown("presence", presence(`[]`))},
		"the word presence":     {`{"type":"x","body":"presence"}`, unknown("x", `{"type":"x","body":"presence"}`)},
	} {
		inBubble(t, name, func(t *testing.T) {
			frames := make(chan func(*peer), 3)
			c := speaking(t, frames)
			events := c.Events(t.Context())
			require.NoError(t, c.Connect(t.Context()))
			frames <- func(p *peer) { p.send(binaryFrame, tc.frame[:min(len(tc.frame), 100)]) } // is skipped
			frames <- text(tc.frame)
			frames <- text(endFrame)
			close(frames)
			settle()
			assert.Equal(t, cometchat.Connected, c.ConnectionStatus())
			require.NoError(t, c.Close())
			var got []*told
			for e := range events {
				switch e := e.(type) {
				case cometchat.UnknownEvent:
					got = append(got, unknown(e.Type, string(e.Raw)))
				case cometchat.PresenceChanged:
					assert.Equal(t, e.Status, e.User.Status)
					at := int64(0)
					if !e.At.IsZero() {
						at = e.At.Unix()
					}
					got = append(got, &told{presence: fmt.Sprint(e.User.UID, " ", e.Status, " ", at)})
				}
			}
			want := []*told{tc.want, unknown("the end", endFrame)}
			if tc.want == nil {
				want = want[1:]
			}
			require.Len(t, got, len(want))
			for i := range want {
				assert.True(t, *want[i] == *got[i], "%.200v instead of %.200v", got[i], want[i]) //nolint:testifylint // Equal would print megabytes
			}
		})
	}
}

// TestOwnFramesOverASocket checks that a client knows its own frames by the device id of its auth frame.
func TestOwnFramesOverASocket(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		w.loginWorks(uid1)
		online := `{"type":"presence","deviceId":%q,"body":{"action":"online","user":{"uid":"u9"}}}`
		w.live(func(p *peer) {
			auth := decoded(t, string(p.letIn()))
			own, _ := auth["deviceId"].(string)
			p.send(textFrame, fmt.Sprintf(online, own))
			p.send(textFrame, fmt.Sprintf(`{"type":"party","deviceId":%q}`, own))
			p.send(textFrame, fmt.Sprintf(online, own+"2"))
			p.answerPings()
		})
		c := w.client(t)
		_, err := c.Login(t.Context(), uid1, authKey)
		require.NoError(t, err)
		resource := w.requests()[0].Header.Get("Resource")
		assert.Regexp(t, "^GO-", resource)
		events := c.Events(t.Context())
		require.NoError(t, c.Connect(t.Context()))
		settle()
		require.NoError(t, c.Close())
		presences := 0
		for e := range events {
			switch e.(type) {
			case cometchat.PresenceChanged:
				presences++
			case cometchat.UnknownEvent:
				assert.Fail(t, "an own frame was told")
			}
		}
		assert.Equal(t, 1, presences)
	})
}

// TestOwnFramesAreNotTold checks which frames a client hears that it has caused itself, and those that another client of its user has
// caused.
func TestOwnFramesAreNotTold(t *testing.T) {
	t.Parallel()
	const own, other = "GO-1", "GO-2"
	for frame, ownToo := range map[string]bool{
		`{"type":"presence","deviceId":%q,"body":{"action":"online","user":{"uid":"u"}}}`:                                     false,
		`{"type":"message","deviceId":%q,"body":{"id":"1","sender":"u"}}`:                                                     false,
		`{"type":"typing_indicator","deviceId":%q,"sender":"u","body":{"action":"started"}}`:                                  false,
		`{"type":"receipts","deviceId":%q,"sender":"u","body":{"action":"read","messageId":"1"}}`:                             false,
		`{"type":"transient_message","deviceId":%q,"sender":"u","body":{"data":{}}}`:                                          false,
		`{"type":"message_saved","deviceId":%q,"body":{"message":{"id":"1"}}}`:                                                false,
		`{"type":"conversation_pinned","deviceId":%q,"body":{"conversation":{"conversationId":"c"}}}`:                         false,
		`{"type":"party","deviceId":%q}`:                                                                                      false,
		`{"type":"on_moderation_status_changed","deviceId":%q,"body":{"id":"1","data":{"moderation":{"status":"approved"}}}}`: true,
	} {
		told := func(device string) bool {
			e, _ := cometchat.ReadFrame(fmt.Appendf(nil, frame, device), own)
			return e != nil
		}
		assert.Equal(t, ownToo, told(own), frame)
		assert.True(t, told(other), frame)
		assert.True(t, told(""), frame)
	}
	for _, device := range []string{own, other, ""} {
		e, _ := cometchat.ReadFrame(fmt.Appendf(nil, `{"type":"auth","deviceId":%q,"body":{"code":"200"}}`, device), own)
		assert.Nil(t, e, "an auth frame is about the connection")
	}
	live(t, "messages of the user's other clients are told", func(t *testing.T, w *liveWorld) {
		w.connect(t)
		mine := transcribe(w.c)
		c, heard := w.connected(t, uid1)
		_, bob := w.connected(t, uid2)
		m := says(t, c, uid2, "hi")
		_, err := c.EditMessage(t.Context(), m.ID, cometchat.MessageEdit{Text: "ho"})
		require.NoError(t, err)
		_, err = c.AddReaction(t.Context(), m.ID, "😀")
		require.NoError(t, err)
		_, err = c.SaveMessage(t.Context(), m.ID)
		require.NoError(t, err)
		lines := []string{"received " + m.ID + " hi", "edited " + m.ID + " ho", "added 😀 " + m.ID + " of " + uid1 + " in user " + uid2}
		assert.Equal(t, append(lines, "saved "+m.ID+" ho"), mine.take())
		assert.Equal(t, lines, bob.take())
		assert.Empty(t, heard.take())
	})
}

// TestFramesThatSayTooLittle checks which frames are events although something is missing, and which are not.
func TestFramesThatSayTooLittle(t *testing.T) {
	t.Parallel()
	const left = `{"type":"message","body":{"id":"1","category":"action",%s"data":{"action":"left","entities":{%s"by":{"entity":{"uid":"u"}}}}}}`
	for frame, want := range map[string]string{
		`{"type":"on_moderation_status_changed","body":{"data":{}}}`:                                                "unknown on_moderation_status_changed",
		`{"type":"typing_indicator","body":{"action":"started"}}`:                                                   "unknown typing_indicator",
		`{"type":"typing_indicator","sender":"u","receiverType":"user","receiver":"v"}`:                             "unknown typing_indicator",
		`{"type":"typing_indicator","sender":"u","body":[]}`:                                                        "unknown typing_indicator",
		`{"type":"transient_message","body":{"data":{}}}`:                                                           "unknown transient_message",
		`{"type":"interaction_completed","sender":"u","body":{"interactions":[]}}`:                                  "unknown interaction_completed",
		`{"type":"reaction","body":{"action":"message_reaction_added"}}`:                                            "unknown reaction",
		`{"type":"message_pinned","body":{"message":{}}}`:                                                           "unknown message_pinned",
		`{"type":"pin","body":{"action":"unheard of","message":{"id":"1"}}}`:                                        "unknown pin",
		`{"type":"message_pinned","body":{"id":"1"}}`:                                                               "cometchat.MessagePinned",
		`{"type":"conversation_pinned","body":{}}`:                                                                  "unknown conversation_pinned",
		`{"type":"conversation_pin","body":{"action":"x","conversation":{"conversationId":"c"}}}`:                   "unknown conversation_pin",
		`{"type":"conversation_pin","body":{"action":"conversation_pinned","conversation":{"conversationId":"c"}}}`: "cometchat.ConversationPinned",
		fmt.Sprintf(left, "", ""):                                                                                   "unknown message",
		fmt.Sprintf(left, `"receiverType":"user","receiver":"v",`, ""):                                              "unknown message",
		fmt.Sprintf(left, `"receiverType":"group","receiver":"g",`, ""):                                             "left u by u in g",
		fmt.Sprintf(left, `"receiverType":"group",`, `"receiver":{"entity":{"guid":"g"}},`):                         "left u by u in g",
	} {
		e, _ := cometchat.ReadFrame([]byte(frame), "GO-1")
		assert.Equal(t, want, summary(e), frame)
	}
	e, _ := cometchat.ReadFrame([]byte(`{"type":"reaction","sender":"u","body":{"action":"message_reaction_added","messageId":"1"}}`), "GO-1")
	added, ok := e.(cometchat.ReactionChanged)
	require.True(t, ok)
	assert.Equal(t, "u", added.Reaction.UID, "the sender of the frame")
}
