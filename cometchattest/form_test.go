package cometchattest_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// part is a part of a form; with a file, it is a file's part.
type part struct{ name, value, file, contentType string }

// formOf returns a body of multipart/form-data with its content type.
func formOf(t *testing.T, parts ...part) (body, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		header := textproto.MIMEHeader{"Content-Disposition": {multipart.FileContentDisposition(p.name, p.file)}}
		if p.file == "" {
			header.Set("Content-Disposition", `form-data; name="`+p.name+`"`)
		}
		if p.contentType != "" {
			header.Set("Content-Type", p.contentType)
		}
		to, err := w.CreatePart(header)
		require.NoError(t, err)
		_, err = io.WriteString(to, p.value)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.String(), w.FormDataContentType()
}

// mediaForm returns the fields of an image to the second user, and then the parts.
func mediaForm(parts ...part) []part {
	return append([]part{
		{name: "type", value: "image"}, {name: "receiverType", value: "user"}, {name: "category", value: "message"},
		{name: "receiver", value: uid(2)},
	}, parts...)
}

// sendForm sends a form as the first user.
func sendForm(t *testing.T, s *cometchattest.Server, path string, parts ...part) (int, object) {
	t.Helper()
	body, contentType := formOf(t, parts...)
	return call(t, s, "POST", path, body, headers{
		"authtoken": s.CreateAuthToken(uid(1)), "content-type": contentType, "resource": "sender",
	})
}

// fetched returns the answer of the storage to a GET of a file.
func fetched(t *testing.T, url any) reply {
	t.Helper()
	address, ok := url.(string)
	require.True(t, ok, "%v", url)
	got, err := send(t, "GET", address, "", nil)
	require.NoError(t, err)
	return got
}

// TestFormsThatAreBroken has bodies that are no form, to both calls that take one.
func TestFormsThatAreBroken(t *testing.T) {
	t.Parallel()
	s := started(t)
	whole, contentType := formOf(t, mediaForm(part{name: "files[]", value: "x", file: "a.png"})...)
	for name, tc := range map[string]struct{ body, contentType string }{
		"nothing":         {"", contentType},
		"cut in a header": {whole[:70], contentType},
		"cut in a file":   {whole[:len(whole)-30], contentType},
		"another body":    {`{"receiver":"x"}`, contentType},
		"no boundary":     {whole, "multipart/form-data"},
		"other boundary":  {whole, "multipart/form-data; boundary=other"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, answer := call(t, s, "POST", "/v3/messages", tc.body,
				headers{"authtoken": s.CreateAuthToken(uid(1)), "content-type": tc.contentType})
			assertRefused(t, status, answer, http.StatusBadRequest, "ERR_BAD_REQUEST", "multipart/form-data")
			got, err := send(t, "POST", s.URL+"/v3/media", tc.body, headers{"content-type": tc.contentType})
			require.NoError(t, err)
			assert.Equal(t, http.StatusBadRequest, got.status)
			assert.Contains(t, got.body, "<Code>MalformedPOSTRequest</Code>")
		})
	}
}

// TestFormOfAnotherCall shows that a form is refused, with the reason, where no files go.
func TestFormOfAnotherCall(t *testing.T) {
	t.Parallel()
	s := started(t)
	body, contentType := formOf(t, part{name: "uid", value: "ada"})
	status, answer := call(t, s, "POST", "/v3/users", body, headers{"apikey": s.APIKey, "content-type": contentType})
	assertRefused(t, status, answer, http.StatusBadRequest, "ERR_BAD_REQUEST", "this API takes JSON")
}

// TestClientThatLeavesAForm breaks off in a file. The message is not sent.
func TestClientThatLeavesAForm(t *testing.T) {
	t.Parallel()
	var seen []cometchattest.Event
	s := started(t, cometchattest.WithObserver(func(e cometchattest.Event) { seen = append(seen, e) }))
	body, contentType := formOf(t, mediaForm(part{name: "files[]", value: "content", file: "a.png"})...)
	cut := io.MultiReader(strings.NewReader(body[:len(body)-60]), iotest.ErrReader(io.ErrUnexpectedEOF))
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/v3/messages", cut)
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("authtoken", s.CreateAuthToken(uid(1)))
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() { s.ServeHTTP(httptest.NewRecorder(), r) })
	require.Len(t, seen, 1)
	assert.Zero(t, seen[0].Status)
	assert.Empty(t, s.Messages(uid(1)+"_user_"+uid(2)))
}

// TestObserverOfFiles shows that recordings do not hold whole files.
func TestObserverOfFiles(t *testing.T) {
	t.Parallel()
	seen := make(chan cometchattest.Event, 2)
	s := started(t, cometchattest.WithObserver(func(e cometchattest.Event) { seen <- e }))
	status, answer := sendForm(t, s, "/v3/messages",
		mediaForm(part{name: "files[]", value: strings.Repeat("x", 1<<20), file: "a.txt", contentType: "text/plain"})...)
	sent := data(t, status, answer)
	upload := <-seen
	assert.Less(t, len(upload.Body), 11<<10)
	assert.Contains(t, string(upload.Body), uid(2))
	assert.Contains(t, string(upload.Response), "attachments")
	assert.Less(t, len(s.Requests(cometchattest.To("POST", "/messages"))[0].Body), 11<<10)

	assert.Len(t, fetched(t, sent["data"].(object)["url"]).body, 1<<20)
	assert.Len(t, (<-seen).Response, 10<<10+len(`""`))
}
