package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// logged returns the log of some events, without the times.
func logged(form string, frames bool, events ...cometchattest.Event) string {
	var out strings.Builder
	l := newLogger(&out, form, frames)
	for _, e := range events {
		e.At = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		l.observe(e)
	}
	return out.String()
}

var events = []cometchattest.Event{
	{Kind: "http", Method: "GET", Path: "/v3.0/me", Status: 200, UID: "cometchat-uid-1", Took: 1234567},
	{Kind: "http", Method: "DELETE", Path: "/v3/users/ada/auth_tokens/secret-token", Status: 404, ErrorCode: "ERR_UID_NOT_FOUND", Took: 80 * time.Millisecond},
	{Kind: "http", Method: "PUT", Path: "/v3.0/me", Took: time.Second},
	{Kind: "webhook", What: "message_sent", Method: "POST", Path: "/hook", Status: 200, Took: 3 * time.Millisecond},
	{Kind: "webhook", What: "message_sent", Method: "POST", Path: "/hook", Took: time.Second, Reason: "refused"},
	{Kind: "websocket", What: "open", Path: "/"},
	{Kind: "websocket", What: "client to server", Path: "/", Message: []byte(`{"type":"auth","body":{"auth" : "the-\"jwt","deviceId":"d"}}`)},
	{Kind: "websocket", What: "server to client", Path: "/", UID: "ada", Message: []byte(`{"action":"pong"}`)},
	{Kind: "websocket", What: "close", Path: "/", UID: "ada", Code: 1006, Reason: "bye"},
}

func TestLog(t *testing.T) {
	t.Parallel()
	const requests = `03:04:05 200 GET         1.23 ms  cometchat-uid-1  /v3.0/me
03:04:05 404 DELETE     80.00 ms  -                /v3/users/ada/auth_tokens/...  ERR_UID_NOT_FOUND
03:04:05 --- PUT      1000.00 ms  -                /v3.0/me  the connection was broken
03:04:05 200 HOOK        3.00 ms  -                /hook  message_sent
03:04:05 --- HOOK     1000.00 ms  -                /hook  message_sent: refused
03:04:05  ws OPEN                 -                /
`
	const frames = `03:04:05  ws IN                   -                /  {"type":"auth","body":{"auth":"...","deviceId":"d"}}
03:04:05  ws OUT                  ada              /  {"action":"pong"}
`
	const end = `03:04:05  ws CLOSE                ada              /  1006 bye
`
	assert.Equal(t, requests+end, logged("text", false, events...))
	assert.Equal(t, requests+frames+end, logged("text", true, events...))
}

func TestLogAsJSON(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSpace(logged("json", true, events...)), "\n")
	require.Len(t, lines, len(events))
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &got))
	delete(got, "time")
	assert.Equal(t, map[string]any{
		"level": "INFO", "msg": "request", "method": "DELETE", "path": "/v3/users/ada/auth_tokens/...",
		"status": 404.0, "code": "ERR_UID_NOT_FOUND", "ms": 80.0,
	}, got)
	assert.Contains(t, lines[2], `"level":"WARN"`)
	assert.Contains(t, lines[4], `"level":"WARN"`)
	assert.Contains(t, lines[6], `"level":"DEBUG"`)
	assert.NotContains(t, lines[6], "the-")

	p := start(t, "-log", "json", "-addr", "0.0.0.0:0")
	require.NoError(t, p.stop())
	assert.Regexp(t, `^\{"time":"[^"]+","level":"WARN","msg":"whoever reaches \[::\]:\d+ may do everything, .*"\}\n\{.*"msg":"closing"\}\n$`, p.log.String())
}

// TestLogOfHostileTexts has clients who want to write their own lines, or codes that a terminal obeys.
func TestLogOfHostileTexts(t *testing.T) {
	t.Parallel()
	const hostile = "x\n12:00:00 200 GET\r\x1b[2J\u009b31m\u202etxt\x00" + "\xff"
	for _, form := range []string{"text", "json"} {
		for _, e := range []cometchattest.Event{
			{Kind: "http", Method: hostile, Path: hostile, Status: 200, UID: hostile, ErrorCode: hostile},
			{Kind: "websocket", What: "close", Path: hostile, UID: hostile, Reason: hostile},
			{Kind: "websocket", What: "client to server", Message: []byte("{\n\"a\":\"" + hostile + "\"}")},
		} {
			line, found := strings.CutSuffix(logged(form, true, e), "\n")
			assert.True(t, found)
			assert.Equal(t, line, strings.Map(func(r rune) rune {
				if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e' {
					return -1
				}
				return r
			}, line))
		}
	}
	var out strings.Builder
	newLogger(&out, "text", false).errors().Print("http: TLS handshake error: " + hostile)
	assert.Equal(t, 1, strings.Count(out.String(), "\n"))
	assert.Contains(t, out.String(), " WARN http: TLS")
	assert.Len(t, []rune(clean(strings.Repeat("ä", 1<<20))), longest+1)
}

func TestHideTokens(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/v3/users/ada/auth_tokens":             "/v3/users/ada/auth_tokens",
		"/v3/users/ada/auth_tokens/":            "/v3/users/ada/auth_tokens/",
		"/v3/users/ada/auth_tokens/s3cret":      "/v3/users/ada/auth_tokens/...",
		"/v3/users/ada/auth%5ftokens/s3cret/x":  "/v3/users/ada/auth%5ftokens/.../x",
		"/v3/users/auth_tokens/auth_tokens/abc": "/v3/users/auth_tokens/.../...",
		"/v3/apikeys/s3cret":                    "/v3/apikeys/...",
		"/v3/users/%zz/x":                       "/v3/users/%zz/x",
	} {
		assert.Equal(t, want, hideTokens(path), path)
	}
}

func TestColours(t *testing.T) {
	// Not parallel: it sets environment variables.
	for status, tint := range map[int]string{200: green, 404: yellow, 500: red, 0: red} {
		line := entry{Msg: "request", Status: status, Code: "ERR_X", Path: "/"}.line(true)
		assert.Equal(t, 2, strings.Count(line, tint), "%q", line)
		assert.Contains(t, line, tint+"ERR_X"+plain)
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, file.Close()) })
	device, err := os.Open(os.DevNull) // a character device, as a terminal is
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, device.Close()) })
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	assert.True(t, isTerminal(device))
	assert.False(t, isTerminal(file))
	assert.False(t, isTerminal(&strings.Builder{}))
	t.Setenv("TERM", "dumb")
	assert.False(t, isTerminal(device))
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "1")
	assert.False(t, isTerminal(device))
}

func TestLogOfRequests(t *testing.T) {
	t.Parallel()
	p := start(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/users/nobody", nil)
	require.NoError(t, err)
	r.Header = http.Header{"Appid": {"emulator-app"}, "Apikey": {p.apiKey}}
	resp, err := unpooled().Do(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.NoError(t, p.stop())
	assert.Regexp(t, `(?m)^..:..:.. 404 GET +\S+ ms  - +/v3.0/users/nobody  ERR_UID_NOT_FOUND$`, p.log)
}
