package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func lines(text ...string) *strings.Reader { return strings.NewReader(strings.Join(text, "\n") + "\n") }

// TestReadSortsRequestsIntoSteps reads the recording of two SDKs that run one after the other.
func TestReadSortsRequestsIntoSteps(t *testing.T) {
	t.Parallel()
	rec := recording{}
	err := rec.read(lines(
		`{"kind":"http","method":"DELETE","path":"/v3.0/users/a","headers":{"apikey":"k"}}`,
		`{"kind":"http","method":"GET","path":"/v3.0/interop/javascript/log%20in","headers":{}}`,
		`{"kind":"http","method":"PUT","path":"/v3.0/me","headers":{"sdk":"javascript@4.2.0"}}`,
		`{"kind":"websocket","what":"open","path":"/"}`,
		`{"kind":"websocket","what":"client to server","path":"/","message":{"type":"auth"}}`,
		`{"kind":"websocket","what":"client to server","path":"/","message":{"action":"ping"}}`,
		`{"kind":"websocket","what":"server to client","path":"/","message":{"action":"pong"}}`,
		`{"kind":"http","method":"POST","path":"/v3.0/users/a/auth_tokens","headers":{"apikey":"k"}}`,
		`{"kind":"http","method":"GET","path":"/v3.0/settings","headers":{"sdk":"javascript@4.2.0"}}`,
		`{"kind":"http","method":"GET","path":"/v3.0/interop/javascript/log%20out","headers":{}}`,
		`{"kind":"http","method":"GET","path":"/v3.0/interop/go/log%20in","headers":{}}`,
		`{"kind":"http","method":"PUT","path":"/v3.0/me","headers":{"sdk":"go@0.1.0"}}`,
		`{"kind":"http","method":"OPTIONS","path":"/v3.0/media","headers":{}}`,
		`{"kind":"http","method":"POST","path":"/v3.0/media","headers":{}}`,
		`{"kind":"http","method":"POST","path":"/v3.0/interop/go","headers":{},"body":[1]}`,
	))
	require.NoError(t, err)
	require.Len(t, rec[javaScript], 2)
	assert.Equal(t, "log in", rec[javaScript][0].name)
	assert.Equal(t, "[PUT /v3.0/me GET /v3.0/settings]", text(rec[javaScript][0].requests))
	assert.Equal(t, "[frame auth frame ping]", text(rec[javaScript][0].frames))
	assert.Equal(t, "log out", rec[javaScript][1].name)
	assert.Empty(t, rec[javaScript][1].requests)
	require.Len(t, rec[golang], 1)
	assert.Equal(t, "[PUT /v3.0/me POST /v3.0/media]", text(rec[golang][0].requests), "an upload does not say which SDK makes it")
	assert.Equal(t, []request{{Method: result, Path: "log in", Body: json.RawMessage(`[1]`)}}, rec[golang][0].results)
}

func text(requests []request) string {
	var names []string
	for _, q := range requests {
		names = append(names, q.String())
	}
	return "[" + strings.Join(names, " ") + "]"
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	const begin = `{"kind":"http","method":"GET","path":"/v3.0/interop/go/a","headers":{}}`
	for name, recorded := range map[string][]string{
		"a line that is not JSON":   {`{"kind":`},
		"a frame before any step":   {`{"kind":"websocket","what":"client to server","message":{"type":"auth"}}`},
		"a request before any step": {`{"kind":"http","path":"/v3.0/me","headers":{"sdk":"go@0.1.0"}}`},
		"a request of another SDK":  {begin, `{"kind":"http","path":"/v3.0/me","headers":{"sdk":"swift@4.0.0"}}`},
		"a step of another SDK":     {`{"kind":"http","path":"/v3.0/interop/swift/a","headers":{}}`},
		"a step that occurs twice":  {begin, begin},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Error(t, recording{}.read(lines(recorded...)))
		})
	}
}

// TestFields checks that every leaf of a request becomes a field.
func TestFields(t *testing.T) {
	t.Parallel()
	q := request{
		Method: "PUT", Host: "localhost:1", Path: "/v3.0/me", Query: map[string]string{"page": "1"},
		Headers: map[string]string{"appid": "app"}, Status: 200,
		Body: json.RawMessage(`{"uid":"a","tags":["x","y"],"metadata":{"deep":{"n":1.0},"none":null},"empty":{},"list":[]}`),
	}
	assert.Equal(t, map[string]string{
		"method": "PUT", "host": "admin", "path": "/v3.0/me", "status": "200", "query.page": "1", "header.appid": "app",
		"body.uid": `"a"`, "body.tags.0": `"x"`, "body.tags.1": `"y"`, "body.metadata.deep.n": "1.0",
		"body.metadata.none": "null", "body.empty": "{}", "body.list": "[]",
	}, q.fields(map[string]string{"localhost": "admin"}))

	q = request{Method: "GET", Host: "elsewhere", Path: "/v3.0/me", Status: 401}
	assert.Equal(t, map[string]string{"method": "GET", "host": "elsewhere", "path": "/v3.0/me", "status": "401"},
		q.fields(map[string]string{"localhost": "admin"}), "without a body there is no field for it")
}

// TestFieldsOfForms checks that the parts of a form become fields, whatever its boundary is.
func TestFieldsOfForms(t *testing.T) {
	t.Parallel()
	const form = "--b\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n{\"text\":\"a\\u003cb\"}\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"tags[]\"\r\n\r\nx y\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"tags[]\"\r\n\r\nz\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"files[]\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
	fields := func(body string) map[string]string {
		raw, err := json.Marshal(body)
		require.NoError(t, err)
		return request{Headers: map[string]string{"content-type": "multipart/form-data; boundary=b"}, Body: raw}.parts()
	}
	assert.Equal(t, map[string]string{
		"part.data.0.text": `"a\u003cb"`, "part.tags[].0": "x y", "part.tags[].1": "z",
		"part.files[].0.disposition": `form-data; name="files[]"; filename="a.txt"`, "part.files[].0.type": "text/plain",
		"part.files[].0.content": "hello",
	}, fields(form+"--b--\r\n"))
	assert.Contains(t, fields(form), "part", "a form that is cut is not equal to the whole form")
	assert.Nil(t, request{Headers: map[string]string{"content-type": "application/json"}, Body: json.RawMessage(`"--b--"`)}.parts())
}

// TestTextsAreEqualHoweverEscaped checks that a text has one form.
func TestTextsAreEqualHoweverEscaped(t *testing.T) {
	t.Parallel()
	assert.Equal(t, flat("body", json.RawMessage(`{"a":"<é"}`)), flat("body", json.RawMessage(`{"a":"\u003c\u00e9"}`)))
}
