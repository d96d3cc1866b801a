package cometchattest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUploads(t *testing.T) {
	t.Parallel()
	png := part{name: "files[]", value: "data", file: "up.png", contentType: "image/png"}
	for name, tc := range map[string]struct {
		parts []part
		want  object   // of the data, without what the server adds
		files []object // the attachments without url
		types []string // with which the files are served
	}{
		"as the official SDK sends a file": {
			parts: []part{
				{name: "data", value: `{"text":"cap","metadata":{"k":1}}`}, png, {name: "caption", value: "cap"},
				{name: "tags[]", value: "t1"}, {name: "tags[]", value: "t2"}, {name: "muid", value: "mu-3"},
			},
			want:  object{"text": "cap", "metadata": object{"k": 1.0}},
			files: []object{{"name": "up.png", "extension": "png", "mimeType": "image/png", "size": 4.0}},
			types: []string{"image/png"},
		},
		"two files, and a caption that is not in the data": {
			parts: []part{
				png, {name: "data", value: "{}"}, {name: "caption", value: "<c>"},
				{name: "files[]", value: "two", file: "a.b.TXT", contentType: "text/plain; charset=utf-8"},
			},
			want: object{"text": "<c>"},
			files: []object{
				{"name": "up.png", "extension": "png", "mimeType": "image/png", "size": 4.0},
				{"name": "a.b.TXT", "extension": "TXT", "mimeType": "text/plain; charset=utf-8", "size": 3.0},
			},
			types: []string{"image/png", "text/plain; charset=utf-8"},
		},
		"a file without a type, and files in other fields": {
			parts: []part{{name: "files[]", value: "x", file: "blob"}, {name: "files", value: "y", file: "ignored"}},
			want:  object{},
			files: []object{{"name": "blob", "extension": "", "mimeType": "application/octet-stream", "size": 1.0}},
			types: []string{"application/octet-stream"},
		},
		"an empty file with an odd name and type": {
			parts: []part{{name: "files[]", file: "../a b.?ü/..%2F", contentType: "no type"}},
			want:  object{},
			files: []object{{"name": "..%2F", "extension": "%2F", "mimeType": "no type"}},
			types: []string{"application/octet-stream"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := started(t)
			receiver := connected(t, s, s.CreateAuthToken(uid(2)), "r", "")
			status, answer := sendForm(t, s, "/v3.0/messages", mediaForm(tc.parts...)...)
			sent := data(t, status, answer)
			frame := receiver.next()
			assert.Equal(t, "message", frame["type"])
			assert.Equal(t, sent["id"], frame["body"].(object)["id"])
			got := sent["data"].(object)
			assert.Equal(t, got["attachments"], frame["body"].(object)["data"].(object)["attachments"])
			attachments := got["attachments"].([]any)
			require.Len(t, attachments, len(tc.files))
			assert.Equal(t, attachments[0].(object)["url"], got["url"])
			contents := []string{}
			for _, p := range tc.parts {
				if p.name == "files[]" {
					contents = append(contents, p.value)
				}
			}
			for i, a := range attachments {
				file := fetched(t, a.(object)["url"])
				assert.Equal(t, http.StatusOK, file.status)
				assert.Equal(t, tc.types[i], file.header.Get("Content-Type"))
				assert.Equal(t, contents[i], file.body)
				delete(a.(object), "url")
				assert.Equal(t, tc.files[i], a)
			}
			assert.Equal(t, "sender", got["resource"])
			for _, key := range []string{"resource", "url", "attachments", "entities"} {
				delete(got, key)
			}
			assert.Equal(t, tc.want, got)
			if name == "as the official SDK sends a file" {
				assert.Equal(t, "mu-3", sent["muid"])
				assert.Equal(t, []any{"t1", "t2"}, sent["tags"])
			}
		})
	}
}

// TestFormWithAURL sends media by URL in a form, as the official SDK does for a file that is a text.
func TestFormWithAURL(t *testing.T) {
	t.Parallel()
	s := started(t)
	for address, want := range map[string]object{
		"https://files.example/x/a.png?k=1": {"name": "a.png", "extension": "png"},
		"https://files.example":             {"name": ".", "extension": ""},
		":no/url":                           {"name": "url", "extension": ""},
	} {
		status, answer := sendForm(t, s, "/v3/messages", mediaForm(part{name: "data", value: `{"url":"` + address + `"}`})...)
		got := data(t, status, answer)["data"].(object)
		want["url"] = address
		assert.Equal(t, address, got["url"])
		assert.Equal(t, []any{want}, got["attachments"])
	}
	status, answer := sendForm(t, s, "/v3/messages", part{name: "type", value: "text"}, part{name: "category", value: "message"},
		part{name: "receiver", value: uid(2)}, part{name: "receiverType", value: "user"}, part{name: "data", value: `{"text":"hi"}`})
	assert.NotContains(t, data(t, status, answer)["data"], "attachments", "a form need not have files")
}

// TestUploadInAThread sends a file as a reply, in the path as the official SDK does it, and in the fields.
func TestUploadInAThread(t *testing.T) {
	t.Parallel()
	s := started(t)
	parent, quoted := s.SendMessage(uid(2), uid(1), "hi"), s.SendMessage(uid(2), uid(1), "quote me")
	file := part{name: "files[]", value: "x", file: "a.png"}
	for path, parts := range map[string][]part{
		"/v3/messages/" + parent.ID + "/thread": mediaForm(file, part{name: "quotedMessageId", value: quoted.ID}),
		"/v3/messages":                          mediaForm(file, part{name: "quotedMessageId", value: quoted.ID}, part{name: "parentMessageId", value: parent.ID}),
	} {
		status, answer := sendForm(t, s, path, parts...)
		sent := data(t, status, answer)
		assert.Equal(t, parent.ID, sent["parentId"], path)
		assert.Equal(t, quoted.ID, sent["quotedMessageId"], path)
		assert.Equal(t, "x", fetched(t, sent["data"].(object)["url"]).body)
	}
}

// TestFilesOverTLS shows that the URL of a file has the scheme and the host that the client has called.
func TestFilesOverTLS(t *testing.T) {
	t.Parallel()
	s := started(t)
	body, contentType := formOf(t, mediaForm(part{name: "files[]", value: "x", file: "a.png"})...)
	r := httptest.NewRequestWithContext(t.Context(), "POST", "https://emulator.test:8443/v3/messages", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("authtoken", s.CreateAuthToken(uid(1)))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	assert.Regexp(t, `"url":"https://emulator\.test:8443/v3\.0/media/[A-Z2-7]{26}\.png"`, w.Body.String())
}

func TestRefusedUploads(t *testing.T) {
	t.Parallel()
	s := started(t)
	file := part{name: "files[]", value: "x", file: "a.png"}
	many := make([]part, 11)
	for i := range many {
		many[i] = file
	}
	for name, tc := range map[string]struct {
		parts  []part
		status int
		code   string
	}{
		"no file":             {mediaForm(), 400, "ERR_EMPTY_MESSAGE_FILE"},
		"an empty URL":        {mediaForm(part{name: "data", value: `{"url":""}`}), 400, "ERR_EMPTY_MESSAGE_FILE"},
		"a URL of a number":   {mediaForm(part{name: "data", value: `{"url":1}`}), 400, "ERR_EMPTY_MESSAGE_FILE"},
		"11 files":            {mediaForm(many...), 400, "ERR_FILE_COUNT_EXCEEDED"},
		"data that is null":   {mediaForm(file, part{name: "data", value: "null"}), 400, "ERR_INVALID_MESSAGE_DATA"},
		"data that is a list": {mediaForm(file, part{name: "data", value: "[]"}), 400, "ERR_INVALID_MESSAGE_DATA"},
		"data that is broken": {mediaForm(file, part{name: "data", value: "{"}), 400, "ERR_INVALID_MESSAGE_DATA"},
		"a text of a number":  {mediaForm(file, part{name: "data", value: `{"text":1}`}), 400, "ERR_BAD_REQUEST"},
		"an unknown receiver": {append([]part{{name: "receiver", value: "nobody"}}, mediaForm(file)...), 404, "ERR_UID_NOT_FOUND"},
		"no receiver":         {[]part{file}, 400, "ERR_EMPTY_RECEIVER"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, answer := sendForm(t, s, "/v3/messages", tc.parts...)
			assertRefused(t, status, answer, tc.status, tc.code, "")
		})
	}
	t.Cleanup(func() { assert.Zero(t, s.FileBytes(), "nothing is kept of a refused message") })
}

// endless is a reader of zeros.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestUploadsThatAreTooLarge has more than a file, and more than a form, may have.
func TestUploadsThatAreTooLarge(t *testing.T) {
	t.Parallel()
	s := started(t)
	require.NoError(t, cometchattest.CheckFormFile(100<<20))
	require.ErrorContains(t, cometchattest.CheckFormFile(100<<20+1), "ERR_FILE_SIZE_EXCEEDED")
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/v3/messages", io.LimitReader(endless{}, 101<<20+1))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=B")
	r.Header.Set("authtoken", s.CreateAuthToken(uid(1)))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var answer object
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
	assertRefused(t, w.Code, answer, http.StatusRequestEntityTooLarge, "ERR_BAD_REQUEST", "103424 KB")
}

// TestOldFilesAreDropped shows that the memory of files is bounded, and that one file may be larger than the bound.
func TestOldFilesAreDropped(t *testing.T) {
	t.Parallel()
	s := started(t)
	first, second := s.KeepFile(1<<20), s.KeepFile(1<<20)
	s.KeepFile(62 << 20)
	gone := fetched(t, s.URL+first)
	assert.Equal(t, http.StatusNotFound, gone.status)
	assert.Equal(t, "application/xml", gone.header.Get("Content-Type"))
	assert.Contains(t, gone.body, "<Code>NoSuchKey</Code>")
	assert.Len(t, fetched(t, s.URL+second).body, 1<<20)
	assert.LessOrEqual(t, s.FileBytes(), 64<<20)
	s.KeepFile(70 << 20)
	assert.Equal(t, http.StatusNotFound, fetched(t, s.URL+second).status)
	assert.Greater(t, s.FileBytes(), 70<<20)
	last := s.KeepFile(1)
	assert.Len(t, fetched(t, s.URL+last).body, 1)
	assert.Less(t, s.FileBytes(), 2<<10)
}

// TestManyUploadsAtOnce uploads in both ways, and reads back, while the race detector looks.
func TestManyUploadsAtOnce(t *testing.T) {
	t.Parallel()
	s := started(t)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			content := strings.Repeat(strconv.Itoa(i), 10_000)
			var address any
			if i%2 == 0 {
				status, answer := sendForm(t, s, "/v3/messages", mediaForm(part{name: "files[]", value: content, file: "a.bin"})...)
				address = data(t, status, answer)["data"].(object)["url"]
			} else {
				place := placeOf(t, s, object{"name": "a.bin", "size": len(content), "mimeType": "x/y"})
				assert.Equal(t, http.StatusNoContent, place.upload(t, content, nil).status)
				address = place.attachment["url"]
			}
			assert.Equal(t, content, fetched(t, address).body)
		})
	}
	wg.Wait()
	assert.Len(t, s.Messages(uid(1)+"_user_"+uid(2)), 20)
	assert.Len(t, s.Requests(cometchattest.To("GET", "/media/{file}")), 40)
}
