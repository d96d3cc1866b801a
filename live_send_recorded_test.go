package cometchat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// frameLog has the frames that an emulator got, without pings and auth frames.
type frameLog struct {
	mu     sync.Mutex
	frames []json.RawMessage
}

func (l *frameLog) observe(e cometchattest.Event) {
	if e.What != "client to server" || bytes.Contains(e.Message, []byte(`"ping"`)) || bytes.Contains(e.Message, []byte(`"auth"`)) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.frames = append(l.frames, e.Message)
}

// take returns the frames since the last call.
func (l *frameLog) take() []json.RawMessage {
	settle()
	l.mu.Lock()
	defer l.mu.Unlock()
	frames := l.frames
	l.frames = nil
	return frames
}

// sentFrame is a recorded frame of the JavaScript SDK: our call that sends it, or why none does.
type sentFrame struct {
	call   func(ctx context.Context, c *cometchat.Client) error
	absent string
}

// recordedSender is a client of an emulator that keeps the frames.
func recordedSender(t *testing.T) (*cometchat.Client, *frameLog) {
	t.Helper()
	log := &frameLog{}
	s := cometchattest.New(cometchattest.WithAppID(appID), cometchattest.WithObserver(log.observe))
	t.Cleanup(s.Close)
	c := emulatedUser(t, s, uid1)
	require.NoError(t, c.Connect(t.Context()))
	return c, log
}

func transient(to cometchat.Receiver, data any) sentFrame {
	return sentFrame{call: func(ctx context.Context, c *cometchat.Client) error { return c.SendTransientMessage(ctx, to, data) }}
}

func startTyping(to cometchat.Receiver, metadata string) sentFrame {
	return sentFrame{call: func(ctx context.Context, c *cometchat.Client) error {
		return c.StartTyping(ctx, to, json.RawMessage(metadata))
	}}
}

func receipt(mark func(*cometchat.Client, context.Context, *cometchat.Message) error, id, sender string, to cometchat.Receiver) sentFrame {
	return sentFrame{call: func(ctx context.Context, c *cometchat.Client) error {
		return mark(c, ctx, &cometchat.Message{ID: id, Sender: &cometchat.User{UID: sender}, Receiver: to})
	}}
}

// TestRecordedSentFrames compares each frame that the JavaScript SDK sent with ours.
func TestRecordedSentFrames(t *testing.T) {
	t.Parallel()
	me, bob, group := cometchat.ToUser(uid1), cometchat.ToUser(uid2), cometchat.ToGroup("group-1")
	read, delivered := (*cometchat.Client).MarkAsRead, (*cometchat.Client).MarkAsDelivered
	receivers := "this SDK knows users and groups, and refuses other receivers"
	for scenario, calls := range map[string]map[int]sentFrame{
		"frames-sent": {
			2:  receipt(read, "105", uid2, me),
			5:  receipt(read, "106", uid2, group),
			8:  receipt(read, "107", uid1, bob),
			11: receipt(read, "105", uid2, me), // with four arguments in place of a message
			18: {absent: receivers},
			21: receipt(delivered, "106", uid2, group),
			24: receipt(delivered, "105", uid2, me),
			27: startTyping(bob, `{"k":1}`),
			32: startTyping(group, ""),
			35: {call: func(ctx context.Context, c *cometchat.Client) error {
				if err := c.StartTyping(ctx, bob, nil); err != nil {
					return err
				}
				return c.EndTyping(ctx, bob, json.RawMessage(`{"k":2}`))
			}},
			40: startTyping(bob, ""),
			45: {absent: receivers},
			50: transient(bob, object{"live": "reaction"}),
			53: transient(group, object{"a": 1}),
			56: transient(bob, object{}),
		},
		"socket-down":            {26: receipt(read, "105", uid2, me), 29: startTyping(cometchat.ToUser("cometchat-uid-3"), "")},
		"mode-limited-transient": {8: transient(bob, object{"a": 1})},
		"mode-no-transient":      {},
	} {
		seen := map[int]bool{}
		for _, line := range recording(t, "message-events.jsonl") {
			if line.Scenario != scenario || line.What != "client to server" {
				continue
			}
			seen[line.Seq] = true
			call, named := calls[line.Seq]
			require.True(t, named, "nobody names the frame %s %d", scenario, line.Seq)
			if call.absent != "" {
				continue
			}
			synctest.Test(t, func(t *testing.T) { compareSent(t, line, call) })
		}
		for seq := range calls {
			assert.True(t, seen[seq], "%s %d is no frame", scenario, seq)
		}
	}
}

func compareSent(t *testing.T, line recordedLine, call sentFrame) {
	t.Helper()
	c, log := recordedSender(t)
	require.NoError(t, call.call(t.Context(), c), "%s %d", line.Scenario, line.Seq)
	frames := log.take()
	require.NotEmpty(t, frames, "%s %d", line.Scenario, line.Seq)
	theirs, ours := map[string]string{}, map[string]string{}
	flatten(t, "frame", line.Message, theirs)
	flatten(t, "frame", frames[len(frames)-1], ours)
	assert.Regexp(t, "^\"GO-", ours["frame.deviceId"])
	assertSame(t, fmt.Sprint(line.Scenario, " ", line.Seq), theirs, ours, nil, noise{
		"frame.deviceId": "each client has an id of its own",
	})
}
