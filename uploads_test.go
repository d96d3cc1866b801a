package cometchat_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	uploadURL  = clientHost + "/files/upload-url"
	storageURL = "https://upload.example/bucket"
)

// place is the server's answer to a request for a place in the storage.
func place(url string) object {
	return data(object{"file": object{
		"request":    object{"method": "POST", "url": url, "body": object{"key": "k1", "policy": "secret-policy-1"}},
		"attachment": object{"name": "up.png", "extension": "png", "mimeType": "image/png", "size": 4, "url": "https://files.example/k1"},
		"expiresAt":  1700003600,
	}})
}

func upload(t *testing.T, c *cometchat.Client) (*cometchat.Attachment, error) {
	t.Helper()
	return c.UploadFile(t.Context(), cometchat.ToUser(uid2), "7", cometchat.File{Name: "up.png", Type: "image/png", Reader: strings.NewReader("data")})
}

func TestUploadFile(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	w.answer("POST", uploadURL, 200, place(storageURL))
	w.answer("POST", storageURL, 204, "")
	a, err := upload(t, c)
	require.NoError(t, err)
	assert.Equal(t, &cometchat.Attachment{Name: "up.png", Extension: "png", MimeType: "image/png", Size: 4, URL: "https://files.example/k1"}, a)
	requests := w.requests()
	require.Len(t, requests, 2)
	assert.JSONEq(t, `{"files":{"file":{"fileId":"file","name":"up.png","size":4,"mimeType":"image/png"}},"receiver":"`+uid2+
		`","receiverType":"user","parentMessageId":7}`, requests[0].Body)
	var names []string
	for name := range requests[1].Header {
		names = append(names, name)
	}
	assert.Equal(t, []string{"Content-Type"}, names, "nothing of CometChat goes to the storage")
	body := requests[1].Body
	assert.Less(t, strings.Index(body, `name="policy"`), strings.Index(body, `name="file"; filename="up.png"`), "the file comes last")
	assert.Contains(t, body, "\r\n\r\ndata\r\n")
}

func TestUploadFileFails(t *testing.T) {
	t.Parallel()
	withPlace := func(url string) httpmock.Responder { return respond(200, place(url)) }
	for name, tc := range map[string]struct {
		place, storage httpmock.Responder
		code, says     string
		requests       int
	}{
		"the storage refuses": {withPlace(storageURL), respond(403, "<Error><Code>AccessDenied</Code><Message>no secret-policy-1</Message></Error>"), "ERR_S3_UPLOAD_FAILED", "no [redacted]", 2},
		"the storage redirects": {
			withPlace(storageURL), respond(302, "").HeaderSet(http.Header{"Location": {"https://elsewhere.example/"}}), "ERR_S3_UPLOAD_FAILED", "", 2,
		},
		"no answer of the storage": {withPlace(storageURL + "?signature=secret-signature"), httpmock.NewErrorResponder(io.ErrUnexpectedEOF), "ERR_S3_UPLOAD_FAILED", "upload.example", 2},
		"plain http":               {withPlace("http://upload.example/bucket"), nil, "FAILED_TO_FETCH", "plain http", 1},
		"a user in the URL":        {withPlace("https://me:secret@upload.example/"), nil, "FAILED_TO_FETCH", "cannot be used", 1},
		"another scheme":           {withPlace("ftp://upload.example/"), nil, "FAILED_TO_FETCH", "cannot be used", 1},
		"another method":           {respond(200, strings.Replace(`{"data":{"file":{"request":{"method":"PATCH","url":"U","body":{}},"attachment":{"url":"u"}}}}`, "U", storageURL, 1)), nil, "FAILED_TO_FETCH", "other than POST", 1},
		"no attachment":            {respond(200, `{"data":{"file":{"request":{"url":"`+storageURL+`"}}}}`), nil, "FAILED_TO_FETCH", "no attachment", 1},
		"no place":                 {respond(200, data(object{})), nil, "FAILED_TO_FETCH", "no place", 1},
		"a refusal of the file":    {respond(200, data(object{"file": object{"error": object{"code": "ERR_FILE_TOO_BIG", "message": "big"}}})), nil, "ERR_FILE_TOO_BIG", "big", 1},
		"a refusal":                {respond(404, refusal("ERR_UID_NOT_FOUND", "nobody")), nil, "ERR_UID_NOT_FOUND", "nobody", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			c := w.loggedIn(t, once)
			w.RegisterResponder("POST", uploadURL, tc.place)
			if tc.storage != nil {
				w.RegisterResponder("POST", storageURL, tc.storage)
			}
			a, err := upload(t, c)
			require.Error(t, err)
			assert.Nil(t, a)
			assert.Equal(t, tc.code, code(err))
			assert.Contains(t, err.Error(), tc.says)
			assert.NotContains(t, err.Error(), "secret")
			assert.Len(t, w.requests(), tc.requests)
		})
	}
}

func TestUploadFileIsChecked(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	to, file := cometchat.ToUser(uid2), cometchat.File{Reader: strings.NewReader("x")}
	for name, tc := range map[string]struct {
		to     cometchat.Receiver
		parent string
		file   cometchat.File
		code   string
	}{
		"nobody":     {cometchat.Receiver{}, "", file, "INVALID_RECEIVER_TYPE"},
		"bad parent": {to, "07", file, "INVALID_MESSAGE_ID"},
		"no reader":  {to, "", cometchat.File{}, "INVALID_MEDIA_OBJECT"},
		"no size":    {to, "", cometchat.File{Reader: bytes.NewBufferString("x")}, "INVALID_MEDIA_OBJECT"},
		"empty":      {to, "", cometchat.File{Reader: strings.NewReader("")}, "INVALID_MEDIA_OBJECT"},
	} {
		_, err := c.UploadFile(t.Context(), tc.to, tc.parent, tc.file)
		assert.Equal(t, tc.code, code(err), name)
	}
	assert.Empty(t, w.lines())
}

// TestUploadedFileIsSent uploads to the emulator's storage, and sends the attachment.
func TestUploadedFileIsSent(t *testing.T) {
	t.Parallel()
	s := emulator(t)
	c := emulated(t, s)
	_, err := c.Login(t.Context(), uid1, s.AuthKey)
	require.NoError(t, err)
	a, err := c.UploadFile(t.Context(), cometchat.ToUser(uid2), "", cometchat.File{Name: "a.png", Reader: bytes.NewBufferString("data"), Size: 4})
	require.NoError(t, err)
	m := cometchat.NewMediaMessage(cometchat.ToUser(uid2), "")
	m.Attachments = []cometchat.Attachment{*a}
	sent, err := c.SendMessage(t.Context(), m)
	require.NoError(t, err)
	assert.Equal(t, cometchat.TypeImage, sent.Type)
	require.Len(t, sent.Attachments, 1)
	direct, err := c.SendMessage(t.Context(), cometchat.NewMediaMessage(cometchat.ToUser(uid2), "", cometchat.File{Name: "b.txt", Reader: strings.NewReader("more")}))
	require.NoError(t, err)
	assert.Equal(t, cometchat.TypeFile, direct.Type)
	for url, want := range map[string]string{sent.Attachments[0].URL: "data", direct.Attachments[0].URL: "more"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		content, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, want, string(content))
	}
	http.DefaultClient.CloseIdleConnections()
}
