package cometchat_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"slices"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRecordedSends compares the requests of SendMessage with those that the official SDK made for the same messages.
func TestRecordedSends(t *testing.T) {
	t.Parallel()
	type M = cometchat.OutgoingMessage
	user, group, no := cometchat.ToUser("cometchat-uid-2"), cometchat.ToGroup("group-1"), false
	yes := true
	png := func(name, url string, size int64) cometchat.Attachment {
		return cometchat.Attachment{Extension: "png", MimeType: "image/png", Name: name, URL: url, Size: size}
	}
	file := func(name, typ, content string) cometchat.File {
		return cometchat.File{Name: name, Type: typ, Reader: strings.NewReader(content)}
	}
	k := json.RawMessage(`{"k":1}`)
	x := &M{To: user, Text: "x"}
	assertSends(t, "messages-send", map[int]*M{
		2:  {To: user, Text: "hello"},
		5:  {To: group, Text: "hello all"},
		11: {To: user, Text: "in thread", ParentID: "7"},
		14: {To: group, Text: "in thread", ParentID: "7"},
		17: {To: user, Text: "new", QuotedMessageID: "5"},
		20: {To: user, Text: "hi " + cometchat.Mention("cometchat-uid-1")},
		27: {To: user, Text: "  x  "},
		73: {To: user, Attachments: []cometchat.Attachment{png("a", "https://files.example/a.png", 10)}, Text: "cap", Metadata: k, Tags: []string{"t"}, MUID: "mu-2"},
		76: {To: group, ParentID: "9", QuotedMessageID: "4", Attachments: []cometchat.Attachment{
			png("a", "https://files.example/a", 0), png("b", "https://files.example/b", 0),
		}},
		82:  {To: user, Files: []cometchat.File{file("up.png", "image/png", "data")}, Text: "cap", Metadata: k, Tags: []string{"t1", "t2"}, MUID: "mu-3", QuotedMessageID: "5"},
		85:  {To: group, ParentID: "7", Files: []cometchat.File{file("up1.txt", "text/plain", "data1"), file("up2.txt", "text/plain", "data2")}},
		88:  {To: user, Files: []cometchat.File{file("a.txt", "text/plain", "a"), file("b.txt", "text/plain", "b")}},
		91:  {To: user, Files: []cometchat.File{file("", "image/png", "x")}},
		99:  {To: user, Type: "sticker", Files: []cometchat.File{file("a.bin", "", "d")}},
		105: {To: user, Files: []cometchat.File{file("a.bin", "audio/mp3", "d")}},
		108: {To: user, Type: "location", CustomData: json.RawMessage(`{"lat":1.5,"lng":2}`)},
		111: {
			To: group, Type: "location", CustomData: object{"lat": 1}, SubType: "sub", Text: "ct", UpdateConversation: &yes, Metadata: k,
			Tags: []string{"t"}, MUID: "mu-4", ParentID: "8", QuotedMessageID: "5",
		},
		121: {To: user, Type: "location", CustomData: object{"a": 1}, UpdateConversation: &no},
		124: {
			To: user, Type: "form", InteractiveData: json.RawMessage(`{"title":"T","formFields":[]}`), AllowSenderInteraction: true,
			InteractionGoal: &cometchat.InteractionGoal{Type: cometchat.GoalAllOf, ElementIDs: []string{"e1", "e2"}}, Tags: []string{"t"},
			Metadata: k, MUID: "mu-5",
		},
		127: {To: group, Type: "form", InteractiveData: object{"title": "T"}, ParentID: "8"},
		// What differs is the server's answer, or how the JavaScript program calls the SDK.
		42: x, 55: x, 59: x, 63: x, 66: x, 69: x, 70: x, 133: x,
		32:  {To: cometchat.ToUser(" cometchat-uid-2 "), Text: "x"},
		52:  {To: cometchat.ToUser("nobody"), Text: "x"},
		136: {To: user, Text: "d"},
		139: {To: group, Text: "g"},
	}, map[int]string{
		8:   "the data has no keys of the app's own: CustomData has these",
		39:  "metadata that is no object is refused",
		45:  "a parent id that is no number is refused",
		79:  "a file that is at a URL is an attachment",
		94:  "media without files is refused",
		102: "media without a type has that of its first file",
		118: "a custom message without a type is refused",
		130: "TestRecordedMessageCalls compares the same request",
	})
	assertSends(t, "messages-calls-4", map[int]*M{
		5:  {To: group, Text: "a", MUID: "same"},
		8:  {To: group, Text: "a"},
		11: x,
	}, nil)
	assertSends(t, "messages-calls-3", map[int]*M{16: {To: user, Attachments: []cometchat.Attachment{png("up.png", "https://files.example/k1", 4)}}}, nil)
	assertSends(t, "messages-calls-5", map[int]*M{4: {To: user, Attachments: []cometchat.Attachment{
		png("a0", "https://files.example/0", 0), png("a1", "https://files.example/1", 0), png("a2", "https://files.example/2", 0),
		png("a3", "https://files.example/3", 0),
	}}}, nil)
}

// assertSends compares requests of a scenario with those of SendMessage. absent says why there is none for some of messages-send.
func assertSends(t *testing.T, scenario string, messages map[int]*cometchat.OutgoingMessage, absent map[int]string) {
	t.Helper()
	for seq, m := range messages {
		w := newWire()
		c := w.loggedIn(t)
		w.RegisterNoResponder(respond(403, refusal("ERR_X", "only the request matters")))
		_, err := c.SendMessage(t.Context(), m)
		require.Equal(t, "ERR_X", code(err), "%d: %v", seq, err)
		requests := w.requests()
		require.Len(t, requests, 1, seq)
		assertSend(t, recordedRequest(t, "messages.jsonl", scenario, seq), requests[0], m.MUID)
	}
	if absent != nil {
		assertNamed(t, "messages.jsonl", scenario, slices.Concat(slices.Collect(maps.Keys(messages)), slices.Collect(maps.Keys(absent))))
	}
}

// assertSend compares a recorded send with ours. The official SDK sends no MUID unless the program sets one.
func assertSend(t *testing.T, theirs recordedLine, ours sent, muid string) {
	t.Helper()
	assert.Equal(t, theirs.Method+" "+strings.TrimPrefix(theirs.Path, "/v3.0"), ours.Method+" "+strings.TrimPrefix(ours.URL, clientHost), theirs.Seq)
	body, contentType := string(theirs.Body), "application/json"
	if json.Unmarshal(theirs.Body, &body) == nil {
		contentType = "multipart/form-data; boundary=B"
	}
	want, got := meant(t, contentType, body), meant(t, ours.Header.Get("Content-Type"), ours.Body)
	if muid == "" {
		assert.NotEmpty(t, got["muid"])
		delete(got, "muid")
	}
	if data, ok := want["data"].(object); ok && data["sendNotification"] == false {
		delete(data, "sendNotification") // the default
	}
	assert.Equal(t, want, got, "%s %d", theirs.Scenario, theirs.Seq)
}

// undocumented are the fields of the official SDK's requests that the API does not document: they repeat the data or the path.
var undocumented = []string{
	"text", "metadata", "caption", "customData", "subType", "interactiveData", "interactionGoal", "interactions",
	"allowSenderInteraction", "parentMessageId", "processedText", "mentionedUsers", "sentAt", "quotedMessage",
}

// meant returns what a request means: its documented fields, and its files as "name type: content".
func meant(t *testing.T, contentType, body string) object {
	t.Helper()
	fields := object{}
	if media, params, _ := mime.ParseMediaType(contentType); media == "multipart/form-data" {
		fields = formMeant(t, body, params["boundary"])
	} else {
		require.NoError(t, json.Unmarshal([]byte(body), &fields), body)
	}
	for _, name := range undocumented {
		delete(fields, name)
	}
	if data, ok := fields["data"].(object); ok && data["url"] == "" {
		delete(data, "url") // says nothing
	}
	if id, ok := fields["quotedMessageId"]; ok {
		fields["quotedMessageId"] = fmt.Sprint(id) // documented as a text
	}
	return fields
}

func formMeant(t *testing.T, body, boundary string) object {
	t.Helper()
	fields, files, tags := object{}, []string{}, []any{}
	parts := multipart.NewReader(strings.NewReader(body), boundary)
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		content, err := io.ReadAll(part)
		require.NoError(t, err)
		switch name := part.FormName(); name {
		case "files[]", "file":
			files = append(files, part.FileName()+" "+part.Header.Get("Content-Type")+": "+string(content))
		case "tags[]":
			tags = append(tags, string(content))
		case "data":
			fields["data"] = decoded(t, string(content))
		default:
			fields[name] = string(content)
		}
	}
	if len(tags) > 0 {
		fields["tags"] = tags
	}
	fields["files"] = files
	return fields
}
