package live

import (
	"bytes"
	"encoding/json"
	"io"
	"sync"

	"github.com/cometchat-go/cometchat/internal/lenient"
)

// pingFrame is a ping as CometChat's clients send it.
var pingFrame = []byte(`{"action":"ping","ack":"true"}`)

// isPong reports whether a frame answers a ping. A message that mentions a pong is longer, or has no such action.
func isPong(frame []byte) bool {
	const longest = 256
	if len(frame) > longest || !bytes.Contains(frame, []byte(`"pong"`)) {
		return false
	}
	var f struct {
		Action string `json:"action"`
	}
	return json.Unmarshal(frame, &f) == nil && f.Action == "pong"
}

// authAnswer returns what the server says to an auth frame: nil when it accepts. ok is false for any other frame.
func authAnswer(frame []byte) (refusal error, ok bool) {
	var f struct {
		Type string `json:"type"`
		Body struct {
			Code   string `json:"code"` // seen as text and as number
			Status string `json:"status"`
		} `json:"body"`
	}
	_, _ = lenient.Unmarshal(frame, &f) // what cannot be read has no type
	if f.Type != "auth" {
		return nil, false
	}
	if f.Body.Code == "200" && f.Body.Status == "OK" {
		return nil, true
	}
	return &RefusedError{Code: f.Body.Code, Status: f.Body.Status}, true
}

// maxFrame is the longest frame that is read, in bytes. The rest of a longer one is thrown away.
const maxFrame = 4 << 20

// buffers hold frames while they are read: between frames, a connection has none.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readFrame reads a frame into a buffer, which release takes back; nil for a frame that is too long.
func readFrame(r io.Reader) (*bytes.Buffer, error) {
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	n, err := buf.ReadFrom(io.LimitReader(r, maxFrame+1))
	if err == nil && n <= maxFrame {
		return buf, nil
	}
	release(buf)
	if err == nil {
		_, err = io.Copy(io.Discard, r)
	}
	return nil, err
}

// release takes back a buffer, unless it is a large one.
func release(buf *bytes.Buffer) {
	const most = 16 << 10
	if buf.Cap() <= most {
		buffers.Put(buf)
	}
}
