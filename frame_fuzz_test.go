package cometchat_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"iter"
	"os"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recordedFrames returns frames that a server sent to the official SDK, and some that no server should send.
func recordedFrames(tb testing.TB) (frames [][]byte) {
	tb.Helper()
	raw, err := os.ReadFile("testdata/frames.jsonl")
	require.NoError(tb, err)
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
		frames = append(frames, bytes.Clone(lines.Bytes()))
	}
	require.NotEmpty(tb, frames)
	for file, scenario := range map[string]string{"message-events.jsonl": "message-events", "group-events.jsonl": "group-events"} {
		for _, f := range incoming(tb, file, scenario) {
			frames = append(frames, f.frame)
		}
	}
	for _, frame := range []string{
		"", "\xff\xfe", `{"type":"presence","body":{"action":"online","user":{"uid":1},"timestamp":1e99}}`,
		`{"type":"message","body":{"id":"18446744073709551615","data":{"entities":[]}}}`,
		`{"type":"message","body":{"id":1,"category":"action","receiverType":"group","receiver":"g","data":{"action":"left",` +
			`"entities":{"by":{"entity":{"uid":"u"}}}}}}`,
		`{"type":"save","body":{"action":"saved","id":7,"message":[]}}`,
		`{"type":"conversation_pin","body":{"action":"unpinned","conversation":[{"conversationId":5}]}}`,
	} {
		frames = append(frames, []byte(frame))
	}
	return frames
}

// assertWhole checks what an event promises to have. frame is what it was read from.
func assertWhole(t *testing.T, e cometchat.Event, frame []byte) {
	t.Helper()
	message := func(m *cometchat.Message) {
		require.NotNil(t, m)
		assert.NotEmpty(t, m.ID)
		assert.NotNil(t, m.Sender)
		assert.NotPanics(t, func() { _ = m.ReplyTo(); _ = m.String(); _ = m.Clone() })
		raw, err := json.Marshal(m)
		require.NoError(t, err)
		assert.NotEmpty(t, raw)
	}
	user := func(u *cometchat.User) {
		require.NotNil(t, u)
		assert.NotEmpty(t, u.UID)
	}
	switch e := e.(type) {
	case nil:
	case cometchat.UnknownEvent:
		assert.True(t, bytes.Contains(frame, e.Raw))
	case cometchat.PresenceChanged:
		user(e.User)
		assert.Contains(t, []string{"online", "offline"}, e.Status)
	case cometchat.MessageReceived:
		message(e.Message)
		assert.Nil(t, e.Message.Action)
	case cometchat.MessageEdited:
		message(e.Message)
	case cometchat.MessageDeleted:
		message(e.Message)
	case cometchat.MessageModerated:
		message(e.Message)
	case cometchat.MessagePinned:
		message(e.Message)
	case cometchat.MessageSaved:
		message(e.Message)
	case cometchat.ConversationPinned:
		assert.NotEmpty(t, e.Conversation.ID)
	case cometchat.TypingChanged:
		user(e.User)
	case cometchat.ReceiptReceived:
		user(e.User)
		assert.NotEmpty(t, e.MessageID)
	case cometchat.TransientMessageReceived:
		user(e.Sender)
	case cometchat.ReactionChanged:
		assert.NotEmpty(t, e.Reaction.MessageID)
	case cometchat.InteractionCompleted:
		user(e.User)
		assert.NotEmpty(t, e.MessageID)
	case cometchat.GroupMemberChanged:
		message(e.Message)
		user(e.Member)
		assert.NotEmpty(t, e.Group.GUID)
		function, _ := javaScript(e)
		assert.NotEmpty(t, function, "a listener's function for it")
	default:
		assert.Fail(t, "the frame led to an event of the connection", "%#v", e)
	}
}

// FuzzFrame reads frames. Each has an event that keeps its promises, and has it again the next time.
func FuzzFrame(f *testing.F) {
	for _, frame := range recordedFrames(f) {
		f.Add(frame)
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		before := bytes.Clone(frame)
		e, id := cometchat.ReadFrame(frame, recordedDevice)
		assertWhole(t, e, frame)
		again, sameID := cometchat.ReadFrame(bytes.Clone(frame), recordedDevice)
		assert.Equal(t, e, again)
		assert.Equal(t, id, sameID)
		assert.True(t, bytes.Equal(before, frame), "reading a frame does not change it")
	})
}

// TestOddFramesOverASocket sends each seed of FuzzFrame to a connected client. None ends the connection, and none keeps the client
// from hearing the next frame.
func TestOddFramesOverASocket(t *testing.T) {
	t.Parallel()
	inBubble(t, "all in a row", func(t *testing.T) {
		frames := make(chan func(*peer))
		c := speaking(t, frames)
		defer close(frames)
		next, stop := iter.Pull(c.Events(t.Context()))
		defer stop()
		require.NoError(t, c.Connect(t.Context()))
		settle()
		frames <- text(endFrame)
		_ = upToEnd(t, next) // the changes of the connection
		for _, frame := range recordedFrames(t) {
			frames <- text(string(frame))
			frames <- text(endFrame)
			events := upToEnd(t, next)
			require.LessOrEqual(t, len(events), 1)
			for _, e := range events {
				assertWhole(t, e, frame)
			}
			assert.Equal(t, cometchat.Connected, c.ConnectionStatus(), "%s", frame)
		}
		frames <- text(`{"type":"message","body":{"id":"999","data":{"text":"still here"}}}`)
		frames <- text(endFrame)
		events := upToEnd(t, next)
		require.Len(t, events, 1)
		assert.Equal(t, "received 999", summary(events[0]))
	})
}
