package cometchat_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func texts(n int) []string { return make([]string, n) }

// elevenMentions returns a text that mentions more users than a message may.
func elevenMentions() string {
	var text strings.Builder
	for i := range 11 {
		text.WriteString(cometchat.Mention(fmt.Sprint("u", i)))
	}
	return text.String()
}

// TestOutgoingMessagesAreChecked checks that no request is made for a message that cannot be sent, and the JavaScript SDK's codes.
func TestOutgoingMessagesAreChecked(t *testing.T) {
	t.Parallel()
	type M = cometchat.OutgoingMessage
	to := cometchat.ToUser(uid2)
	file := cometchat.File{Name: "a.png", Reader: strings.NewReader("x")}
	at := cometchat.Attachment{URL: "https://files.example/a.png"}
	w := newWire()
	c := w.loggedIn(t)
	for name, tc := range map[string]struct {
		m    *M
		code string
		is   error
	}{
		"nil":                    {nil, "MISSING_PARAMETERS", cometchat.ErrMissingParameters},
		"no text":                {&M{To: to}, "INVALID_MESSAGE_TEXT", cometchat.ErrBadRequest},
		"blank text":             {&M{To: to, Text: " \n\t"}, "INVALID_MESSAGE_TEXT", cometchat.ErrBadRequest},
		"text that is not UTF-8": {&M{To: to, Text: "\xff"}, "INVALID_MESSAGE_TEXT", cometchat.ErrBadRequest},
		"text too long":          {&M{To: to, Text: strings.Repeat("ü", 65_537)}, "INVALID_MESSAGE_TEXT", cometchat.ErrBadRequest},
		"JSON too long":          {&M{To: to, Text: "x", Metadata: json.RawMessage(`{"k":"` + strings.Repeat("x", 65_536) + `"}`)}, "ERR_BAD_REQUEST", cometchat.ErrBadRequest},
		"nobody":                 {&M{Text: "x"}, "INVALID_RECEIVER_TYPE", cometchat.ErrBadRequest},
		"receiver type":          {&M{To: cometchat.Receiver{Type: "channel", ID: "c"}, Text: "x"}, "INVALID_RECEIVER_TYPE", cometchat.ErrBadRequest},
		"no receiver":            {&M{To: cometchat.ToUser(" "), Text: "x"}, "INVALID_RECEIVER_ID", cometchat.ErrBadRequest},
		"odd receiver":           {&M{To: cometchat.ToGroup(".."), Text: "x"}, "INVALID_RECEIVER_ID", cometchat.ErrBadRequest},
		"parent":                 {&M{To: to, Text: "x", ParentID: "abc"}, "INVALID_MESSAGE_ID", cometchat.ErrBadRequest},
		"parent 0":               {&M{To: to, Text: "x", ParentID: "0"}, "INVALID_MESSAGE_ID", cometchat.ErrBadRequest},
		"quoted":                 {&M{To: to, Text: "x", QuotedMessageID: "-5"}, "INVALID_MESSAGE_ID", cometchat.ErrBadRequest},
		"MUID":                   {&M{To: to, Text: "x", MUID: strings.Repeat("m", 101)}, "ERR_BAD_REQUEST", cometchat.ErrBadRequest},
		"tags":                   {&M{To: to, Text: "x", Tags: texts(26)}, "ERR_BAD_REQUEST", cometchat.ErrBadRequest},
		"tag":                    {&M{To: to, Text: "x", Tags: []string{strings.Repeat("t", 101)}}, "ERR_BAD_REQUEST", cometchat.ErrBadRequest},
		"mentions":               {&M{To: to, Text: elevenMentions()}, "ERR_BAD_REQUEST", cometchat.ErrBadRequest},
		"metadata":               {&M{To: to, Text: "x", Metadata: json.RawMessage(`"str"`)}, "ERR_BAD_REQUEST", cometchat.ErrBadRequest},
		"half metadata":          {&M{To: to, Text: "x", Metadata: json.RawMessage(`{"a":`)}, "ERR_BAD_REQUEST", cometchat.ErrBadRequest},
		"category":               {&M{To: to, Text: "x", Category: "call"}, "ERR_BAD_REQUEST", cometchat.ErrBadRequest},
		"type":                   {&M{To: to, Attachments: []cometchat.Attachment{at}, Type: "a\n"}, "ERR_BAD_REQUEST", cometchat.ErrBadRequest},
		"no custom data":         {cometchat.NewCustomMessage(to, "location", nil), "INVALID_CUSTOM_DATA", cometchat.ErrBadRequest},
		"empty custom data":      {cometchat.NewCustomMessage(to, "location", struct{}{}), "INVALID_CUSTOM_DATA", cometchat.ErrBadRequest},
		"a nil map":              {cometchat.NewCustomMessage(to, "location", map[string]int(nil)), "INVALID_CUSTOM_DATA", cometchat.ErrBadRequest},
		"custom data as a list":  {cometchat.NewCustomMessage(to, "location", []int{1}), "INVALID_CUSTOM_DATA", cometchat.ErrBadRequest},
		"unwritable custom data": {cometchat.NewCustomMessage(to, "location", func() {}), "INVALID_CUSTOM_DATA", cometchat.ErrBadRequest},
		"custom, no type":        {cometchat.NewCustomMessage(to, "", object{"a": 1}), "MISSING_PARAMETERS", cometchat.ErrMissingParameters},
		"no interactive data":    {cometchat.NewInteractiveMessage(to, "form", nil), "MISSING_PARAMETERS", cometchat.ErrMissingParameters},
		"interactive text":       {cometchat.NewInteractiveMessage(to, "form", "x"), "ERR_BAD_REQUEST", cometchat.ErrBadRequest},
		"interactive, no type":   {cometchat.NewInteractiveMessage(to, "", object{"a": 1}), "MISSING_PARAMETERS", cometchat.ErrMissingParameters},
		"interactive and text":   {&M{To: to, Type: "form", InteractiveData: object{"a": 1}, Text: "x"}, "INVALID_MESSAGE_TEXT", cometchat.ErrBadRequest},
		"custom and interactive": {&M{To: to, Type: "form", InteractiveData: object{"a": 1}, CustomData: object{"a": 1}}, "ERR_BAD_REQUEST", cometchat.ErrBadRequest},
		"a text's custom data":   {&M{To: to, Category: "message", Text: "x", CustomData: object{"a": 1}}, "INVALID_CUSTOM_DATA", cometchat.ErrBadRequest},
		"custom and files":       {&M{To: to, Type: "x", CustomData: object{"a": 1}, Files: []cometchat.File{file}}, "INVALID_MEDIA_OBJECT", cometchat.ErrBadRequest},
		"a text's files":         {&M{To: to, Type: "text", Text: "x", Files: []cometchat.File{file}}, "INVALID_MEDIA_OBJECT", cometchat.ErrBadRequest},
		"no files":               {cometchat.NewMediaMessage(to, "image"), "INVALID_MEDIA_OBJECT", cometchat.ErrBadRequest},
		"files and attachments":  {&M{To: to, Files: []cometchat.File{file}, Attachments: []cometchat.Attachment{at}}, "INVALID_MEDIA_OBJECT", cometchat.ErrBadRequest},
		"too many attachments":   {&M{To: to, Attachments: make([]cometchat.Attachment, 11)}, "ERR_FILE_COUNT_EXCEEDED", cometchat.ErrBadRequest},
		"attachment, no URL":     {&M{To: to, Attachments: []cometchat.Attachment{{Name: "a"}}}, "INVALID_MEDIA_OBJECT", cometchat.ErrBadRequest},
		"attachment, long URL":   {&M{To: to, Attachments: []cometchat.Attachment{{URL: strings.Repeat("u", 3001)}}}, "INVALID_MEDIA_OBJECT", cometchat.ErrBadRequest},
		"file, no reader":        {cometchat.NewMediaMessage(to, "", cometchat.File{Name: "a"}), "INVALID_MEDIA_OBJECT", cometchat.ErrBadRequest},
		"file, empty":            {cometchat.NewMediaMessage(to, "", cometchat.File{Reader: strings.NewReader("")}), "INVALID_MEDIA_OBJECT", cometchat.ErrBadRequest},
		"file, size":             {cometchat.NewMediaMessage(to, "", cometchat.File{Size: -1, Reader: file.Reader}), "INVALID_MEDIA_OBJECT", cometchat.ErrBadRequest},
		"file, name":             {cometchat.NewMediaMessage(to, "", cometchat.File{Name: "a\nb", Reader: file.Reader}), "INVALID_MEDIA_OBJECT", cometchat.ErrBadRequest},
		"file, type":             {cometchat.NewMediaMessage(to, "", cometchat.File{Type: "image/png\r\nX: y", Reader: file.Reader}), "INVALID_MEDIA_OBJECT", cometchat.ErrBadRequest},
	} {
		_, err := c.SendMessage(t.Context(), tc.m)
		assert.Equal(t, tc.code, code(err), name)
		require.ErrorIs(t, err, tc.is, name)
	}
	assert.Empty(t, w.lines())
}

// TestFileCountOfTheSettings takes the limit of the settings that the client has, without a request for them.
func TestFileCountOfTheSettings(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.loginWorks(uid1)
	me := meAnswer(uid1)
	me["settings"] = object{"CHAT_HOST": "x.cometchat.io", "CHAT_WSS_PORT": 443, "file.count.max": "3"}
	w.answer("PUT", meURL, 200, data(me))
	c := w.client(t)
	_, err := c.LoginWithToken(t.Context(), tokenOf(uid1))
	require.NoError(t, err)
	w.requests()
	_, err = c.SendMessage(t.Context(), &cometchat.OutgoingMessage{To: cometchat.ToUser(uid2), Attachments: make([]cometchat.Attachment, 4)})
	assert.Equal(t, "ERR_FILE_COUNT_EXCEEDED", code(err))
	assert.Empty(t, w.lines())
}

func TestMessagesWithinTheLimits(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	w.RegisterResponder("POST", messagesURL, echo)
	to := cometchat.ToUser(uid2)
	text := cometchat.NewTextMessage(to, strings.Repeat("<@uid:same>", 20)+"<@uid:open "+strings.Repeat("ü", 65_000))
	custom := cometchat.NewCustomMessage(to, "location", object{"lat": 1})
	custom.Text = "the conversation text"
	tagged := cometchat.NewTextMessage(to, "  x  ")
	tagged.Tags = texts(25)
	for _, m := range []*cometchat.OutgoingMessage{text, custom, tagged} {
		sent, err := c.SendMessage(t.Context(), m)
		require.NoError(t, err)
		assert.Equal(t, m.Text, sent.Text)
	}
}

// TestFilesAreStreamed sends a file without holding it in memory, with a Content-Length where the size is known.
func TestFilesAreStreamed(t *testing.T) { // not parallel: it measures the memory of the process
	for name, tc := range map[string]struct {
		file   func() cometchat.File
		length bool
	}{
		"a reader":               {func() cometchat.File { return cometchat.File{Reader: io.LimitReader(zeros{}, 64<<20)} }, false},
		"a reader of known size": {func() cometchat.File { return cometchat.File{Reader: io.LimitReader(zeros{}, 64<<20), Size: 64 << 20} }, true},
		"a reader that can seek": {func() cometchat.File { return cometchat.File{Reader: io.NewSectionReader(zeros{}, 0, 64<<20)} }, true},
	} {
		t.Run(name, func(t *testing.T) {
			var length, files int64
			transport := roundTripper(func(r *http.Request) (*http.Response, error) {
				length = r.ContentLength
				_, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
				parts := multipart.NewReader(r.Body, params["boundary"])
				for part, err := parts.NextPart(); err == nil; part, err = parts.NextPart() {
					if part.FileName() != "" {
						files, _ = io.Copy(io.Discard, part)
					}
				}
				return respond(200, data(stored(101, "")))(r)
			})
			w := newWire()
			w.loginWorks(uid1)
			c := w.client(t, cometchat.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				if strings.HasSuffix(r.URL.Path, "/messages") {
					return transport(r)
				}
				return w.RoundTrip(r)
			})}))
			_, err := c.Login(t.Context(), uid1, authKey)
			require.NoError(t, err)
			var sent *cometchat.Message
			grown := allocated(func() {
				sent, err = c.SendMessage(t.Context(), cometchat.NewMediaMessage(cometchat.ToUser(uid2), "", tc.file()))
			})
			require.NoError(t, err)
			assert.Equal(t, "101", sent.ID)
			assert.Equal(t, int64(64<<20), files)
			assert.Equal(t, tc.length, length > 64<<20, "Content-Length %d", length)
			assert.Less(t, grown, uint64(8<<20), "bytes of memory")
		})
	}
}

func (z zeros) ReadAt(p []byte, _ int64) (int, error) { return z.Read(p) }

// allocated returns how many bytes of memory a function takes in all.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestSendsOfFilesThatAreRetried reads a file again after 429 only if its reader can seek, from where it stood.
func TestSendsOfFilesThatAreRetried(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		reader io.Reader
		posts  int
	}{
		"can seek":    {strings.NewReader("skipped, then sent"), 2},
		"cannot seek": {bytes.NewBufferString("skipped, then sent"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := io.CopyN(io.Discard, tc.reader, int64(len("skipped, ")))
			require.NoError(t, err)
			w := newWire()
			c := w.loggedIn(t, atOnce)
			w.RegisterResponder("POST", messagesURL, respond(429, refusal("ERR_TOO_MANY_REQUESTS", "wait")).Then(respond(200, data(stored(101, "")))))
			_, err = c.SendMessage(t.Context(), cometchat.NewMediaMessage(cometchat.ToUser(uid2), "", cometchat.File{Reader: tc.reader}))
			requests := w.requests()
			require.Len(t, requests, tc.posts)
			if tc.posts == 1 {
				require.ErrorIs(t, err, cometchat.ErrTooManyRequests)
				return
			}
			require.NoError(t, err)
			for _, r := range requests {
				assert.Equal(t, []string{"blob application/octet-stream: then sent"}, meant(t, r.Header.Get("Content-Type"), r.Body)["files"])
			}
			rest, err := io.ReadAll(tc.reader)
			require.NoError(t, err)
			assert.Equal(t, "then sent", string(rest), "the reader stands where it stood")
		})
	}
}

// TestFilesThatCannotBeRead fails without a search: the server has not got a whole request.
func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]cometchat.File{
		"an error":  {Reader: io.MultiReader(strings.NewReader("half"), failingReader{})},
		"too short": {Reader: io.LimitReader(zeros{}, 5), Size: 6},
		"too long":  {Reader: io.LimitReader(zeros{}, 7), Size: 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := emulator(t)
			c := emulated(t, s)
			_, err := c.Login(t.Context(), uid1, s.AuthKey)
			require.NoError(t, err)
			_, err = c.SendMessage(t.Context(), cometchat.NewMediaMessage(cometchat.ToUser(uid2), "", f))
			require.Error(t, err)
			require.NotErrorIs(t, err, cometchat.ErrSendUnknown)
			assert.Equal(t, "INVALID_MEDIA_OBJECT", code(err), err)
			if name == "an error" {
				require.ErrorIs(t, err, errDisk)
			}
		})
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errDisk }
