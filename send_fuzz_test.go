package cometchat_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzSendAnswer answers a send and its search with anything. The send returns a message, or an error of a known kind.
func FuzzSendAnswer(f *testing.F) {
	for _, body := range []string{
		``, `null`, `{}`, `[]`, `<html>`, `{"data":null}`, `{"data":{}}`, `{"data":[]}`, `{"data":[{"id":"5","muid":"m"}]}`, `{"data":{"id":5,"muid":"m"}}`,
		`{"data":{"id":"9","muid":"m","category":"action"}}`, `{"error":{"code":"ERR_X"}}`, `{"data":{"id":"9","muid":"x"}}`, `{"data":[null,5,{}]}`,
	} {
		f.Add(200, body)
		f.Add(404, body)
		f.Add(503, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 {
			status = 200
		}
		synctest.Test(t, func(t *testing.T) { sendAnswered(t, status, body) }) // the second search comes after three seconds
	})
}

func sendAnswered(t *testing.T, status int, body string) {
	t.Helper()
	w := newWire()
	c := w.loggedIn(t, once)
	w.RegisterNoResponder(respond(status, body))
	m := &cometchat.OutgoingMessage{To: cometchat.ToUser(uid2), Text: "hidden text", MUID: "m"}
	sent, err := c.SendMessage(t.Context(), m)
	if err == nil {
		assert.NotEmpty(t, sent.ID)
		return
	}
	assert.Nil(t, sent)
	require.NotNil(t, asError(err))
	assert.Equal(t, "m", asError(err).MUID)
	assert.NotContains(t, err.Error(), "hidden text")
	if status >= 500 || !strings.Contains(body, `"error"`) && status != 429 {
		require.ErrorIs(t, err, cometchat.ErrSendUnknown)
	}
}

// FuzzForm sends a file with any name, type, content and text: the form that goes out is read back as it was meant, or the message
// is refused before the request.
func FuzzForm(f *testing.F) {
	f.Add("a.png", "image/png", "data", "caption", "tag")
	f.Add("a\"b\\c.txt", "text/plain; charset=utf-8", "--boundary\r\n", "", "")
	f.Add("ü\u2028.bin", "", "", "\"<>&", ",")
	f.Add("a\r\nX: y", "x/y\r\nZ: z", "x", "x", "x")
	f.Fuzz(func(t *testing.T, name, typ, content, text, tag string) {
		w := newWire()
		c := w.loggedIn(t)
		w.RegisterNoResponder(respond(403, refusal("ERR_X", "only the request matters")))
		m := cometchat.NewMediaMessage(cometchat.ToUser(uid2), cometchat.TypeFile, cometchat.File{Name: name, Type: typ, Reader: strings.NewReader(content)})
		m.Text, m.Tags = text, []string{tag}
		_, err := c.SendMessage(t.Context(), m)
		require.Error(t, err)
		requests := w.requests()
		if code(err) != "ERR_X" {
			require.ErrorIs(t, err, cometchat.ErrBadRequest)
			assert.Empty(t, requests)
			return
		}
		require.Len(t, requests, 1)
		form := meant(t, requests[0].Header.Get("Content-Type"), requests[0].Body)
		assert.Equal(t, []any{tag}, form["tags"])
		assert.Equal(t, m.MUID, form["muid"])
		if text != "" {
			assert.Equal(t, text, form["data"].(object)["text"])
		}
		files := form["files"].([]string)
		require.Len(t, files, 1)
		assert.True(t, strings.HasSuffix(files[0], ": "+content), "the content")
		assert.True(t, utf8.ValidString(files[0][:len(files[0])-len(content)]))
	})
}
