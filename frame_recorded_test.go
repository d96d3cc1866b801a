package cometchat_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The ids of the recorded devices, which are their clients' own.
const (
	recordedDevice      = "WEB-4_2_0-0819f00e-c9f4-45ff-8201-23b4a3718a3f-1795598937745"
	recordedGroupDevice = "WEB-4_2_0-uuid1-ms"
)

// recordedFrame is a frame that the JavaScript SDK got, and what its listeners heard of it.
type recordedFrame struct {
	seq       int
	frame     []byte
	function  string // of the listener; "": nothing was heard
	arguments []json.RawMessage
}

// incoming returns the frames of a scenario.
func incoming(tb testing.TB, file, scenario string) (frames []recordedFrame) {
	tb.Helper()
	for _, line := range recording(tb, file) {
		switch {
		case line.Scenario != scenario:
		case line.What == "server to client":
			frames = append(frames, recordedFrame{seq: line.Seq, frame: completed(tb, line.Message)})
		case line.Kind == "listener" && len(frames) > 0:
			last := &frames[len(frames)-1]
			last.function, last.arguments = heardOf(tb, line)
		}
	}
	require.NotEmpty(tb, frames)
	return frames
}

// heardOf returns what a line of a listener says, which is of one of two forms.
func heardOf(tb testing.TB, line recordedLine) (function string, arguments []json.RawMessage) {
	tb.Helper()
	if line.Value != nil {
		return line.Event, []json.RawMessage{line.Value}
	}
	function, rest, _ := strings.Cut(line.Event, " ")
	for argument := range strings.SplitSeq(rest, " | ") {
		if argument == "" { // undefined
			argument = `""`
		}
		arguments = append(arguments, json.RawMessage(argument))
	}
	return function, arguments
}

// completed returns a recorded frame with the users and the group of its messages: the recording has them in full only once.
// A frame that is no JSON was recorded as a text.
func completed(tb testing.TB, recorded json.RawMessage) []byte {
	tb.Helper()
	var text string
	if json.Unmarshal(recorded, &text) == nil {
		return []byte(text)
	}
	if !bytes.Contains(recorded, []byte(`"<as above>"`)) {
		return recorded
	}
	var f object
	require.NoError(tb, json.Unmarshal(recorded, &f))
	complete(f)
	raw, err := json.Marshal(f)
	require.NoError(tb, err)
	return raw
}

func complete(fields object) {
	for _, value := range fields {
		if inner, ok := value.(object); ok {
			complete(inner)
		}
	}
	d, ok := fields["data"].(object)
	if !ok || d["entities"] != "<as above>" {
		return
	}
	from, to := "sender", "receiver"
	if fields["category"] == "action" {
		from, to = "by", "for"
	}
	d["entities"] = object{from: recordedEntity(fields["sender"]), to: recordedEntity(fields["receiver"])}
}

func recordedEntity(id any) object {
	switch id {
	case uid1:
		return object{"entityType": "user", "entity": object{"uid": uid1, "name": "Andrew Joseph", "status": "available", "role": "default"}}
	case "group-1":
		return object{"entityType": "group", "entity": object{
			"guid": "group-1", "name": "Group One", "type": "public", "owner": uid2, "membersCount": 3, "hasJoined": true, "scope": "participant",
		}}
	}
	return object{"entityType": "user", "entity": object{"uid": uid2, "name": "George Alan", "status": "available", "role": "default"}}
}

// summary describes an event in a few words.
func summary(e cometchat.Event) string {
	switch e := e.(type) {
	case nil:
		return "nothing"
	case cometchat.UnknownEvent:
		return "unknown " + e.Type
	case cometchat.MessageReceived:
		return "received " + e.Message.ID
	case cometchat.TypingChanged:
		return fmt.Sprintf("%s types to %s: %t", e.User.UID, e.Receiver, e.Started)
	case cometchat.ReceiptReceived:
		return fmt.Sprintf("%s by %s of %s in %s", e.Kind, e.User.UID, e.MessageID, e.Receiver)
	case cometchat.GroupMemberChanged:
		return fmt.Sprintf("%s %s by %s in %s", e.Action, e.Member.UID, e.By.UID, e.Group.GUID)
	}
	return fmt.Sprintf("%T", e)
}

// expected is an event that differs from what the JavaScript SDK's listeners heard: an event of our own, or noise in its fields.
type expected struct {
	event string // its summary
	noise noise
	why   string
}

// compareFrames compares the event of each frame of a scenario with what the recorded listeners heard. leftOut has the fields that
// our events do not have.
func compareFrames(t *testing.T, file, scenario, device string, leftOut noise, differs map[int]expected) {
	t.Helper()
	seen := map[int]bool{}
	for _, f := range incoming(t, file, scenario) {
		seen[f.seq] = true
		e, _ := cometchat.ReadFrame(f.frame, device)
		want := differs[f.seq]
		if want.event != "" {
			assert.Equal(t, want.event, summary(e), "%s %d: %s", scenario, f.seq, want.why)
			continue
		}
		function, arguments := javaScript(e)
		if !assert.True(t, f.function != "" && len(arguments) == len(f.arguments), "%s %d: the JavaScript SDK hears %q, and no row says "+
			"that this SDK tells %s", scenario, f.seq, f.function, summary(e)) {
			continue
		}
		theirs, ours := map[string]string{"function": f.function}, map[string]string{"function": function}
		for i, argument := range arguments {
			flatten(t, fmt.Sprint(i), inOneForm(t, f.arguments[i]), theirs)
			flatten(t, fmt.Sprint(i), inOneForm(t, argument), ours)
		}
		assertSame(t, fmt.Sprint(scenario, " ", f.seq), theirs, ours, leftOut, want.noise)
	}
	for seq := range differs {
		assert.True(t, seen[seq], "%s %d is no frame", scenario, seq)
	}
}

// inOneForm writes a value as JSON with sorted fields.
func inOneForm(t *testing.T, value any) []byte {
	t.Helper()
	raw, err := json.Marshal(value)
	require.NoError(t, err)
	var v any
	require.NoError(t, json.Unmarshal(raw, &v))
	raw, err = json.Marshal(v)
	require.NoError(t, err)
	return raw
}

// assertSame compares the fields of an event. A field without a value is as good as none.
func assertSame(t *testing.T, what string, theirs, ours map[string]string, leftOut, differs noise) {
	t.Helper()
	for _, fields := range []map[string]string{theirs, ours} {
		maps.DeleteFunc(fields, func(name, value string) bool {
			return slices.Contains([]string{"0", `""`, "false", "null", "[]", "{}"}, value) ||
				slices.ContainsFunc(strings.Split(name, "."), func(part string) bool { return leftOut[part] != "" })
		})
	}
	for name, value := range theirs {
		if strings.HasSuffix(name, ".status") && value == `"available"` {
			theirs[name] = `"online"` // as the JavaScript SDK has it in other events
		}
	}
	for name := range differs {
		assert.NotEqual(t, theirs[name], ours[name], "%s: %s does not differ", what, name)
		delete(theirs, name)
		delete(ours, name)
	}
	assert.Equal(t, theirs, ours, what)
}

// TestRecordedMessageFrames compares what the JavaScript SDK made of the frames of messages.
func TestRecordedMessageFrames(t *testing.T) {
	t.Parallel()
	compareFrames(t, "message-events.jsonl", "message-events", recordedDevice, noise{
		"aiAssistantMessageData": "the Raw of the message has it",
	}, map[int]expected{
		8:   {noise: noise{"0.id": "an id is a text"}},
		14:  {noise: noise{"0.text": "the conversation text"}},
		17:  {noise: noise{"function": "a custom message is one of any type"}},
		23:  {noise: noise{"function": "an interactive message is one of any type"}},
		26:  {noise: noise{"0.text": "what the message says for programs without cards"}},
		29:  {noise: noise{"0.text": "what the assistant says"}},
		32:  {event: "received 211", why: "a later version of CometChat may have more categories"},
		43:  {event: "unknown message", why: "there is no message that was edited"},
		46:  {event: "joined " + uid2 + " by " + uid2 + " in group-1"},
		58:  {event: "unknown typing_indicator", why: "an unknown action"},
		60:  {event: uid2 + " types to user " + uid1 + ": true", why: "the frame has a sender"},
		77:  {event: "readByAll by " + uid2 + " of 202 in group group-1", why: "the frame has a sender"},
		79:  {event: "unknown receipts", why: "an unknown action"},
		81:  {event: "unknown receipts", why: "a receipt of no message"},
		89:  {event: "unknown reaction", why: "an unknown action"},
		128: {event: "unknown streamed_message", why: "this version has no assistant"},
		133: {event: "nothing", why: "this client's own frame"},
		135: {event: "unknown ", why: "a frame without a type"},
		137: {event: "unknown something_new"},
		139: {event: "unknown ", why: "no JSON"},
		141: {event: "unknown message", why: "a message without a body"},
	})
}

// TestRecordedGroupFrames compares what the JavaScript SDK made of the frames of groups.
func TestRecordedGroupFrames(t *testing.T) {
	t.Parallel()
	compareFrames(t, "group-events.jsonl", "group-events", recordedGroupDevice, noise{
		"data": "the Raw of the message has it", "message": "a sentence in English", "unknownField": "the Raw of the message has it",
	}, map[int]expected{
		4:  {event: "nothing", why: "the connection is told otherwise"},
		24: {noise: noise{"0.newScope": "told without the old scope", "2": "the same"}},
		27: {noise: noise{"1.uid": "the user who was invited, not the inviter", "1.name": "the same"}},
		30: {event: "unknown message", why: "an update of the group"},
		31: {event: "unknown message", why: "the creation of the group"},
		32: {event: "unknown message", why: "a deleted group is no deleted message"},
		34: {event: "unknown message", why: "another owner"},
		35: {event: "unknown message", why: "another owner"},
		37: {event: "unknown message", why: "an unknown action"},
		45: {event: "nothing", why: "this client's own frame"},
		47: {event: "unknown message", why: "nobody was kicked"},
		49: {noise: noise{
			"0.actionBy.status": "unknown, if the server does not say it", "0.sender.status": "the same", "2.status": "the same",
		}},
		51: {event: "added u2 by app_system in g1", why: "the message has a sender"},
		53: {event: "unknown message", why: "nobody joined"},
	})
}
