package cometchat_test

import (
	"bufio"
	"bytes"
	"crypto/sha1" //nolint:gosec // RFC 6455 wants it
	"encoding/base64"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/require"
)

const (
	settingsURL = clientHost + "/settings"
	socketHost  = "app1.websocket-us.cometchat.io"
	socketURL   = "https://" + socketHost + ":443/"
	authOK      = `{"type":"auth","body":{"code":"200","status":"OK"}}`

	textFrame, binaryFrame, closeFrame = 1, 2, 8
)

// peer is the server's end of a live connection, for what the emulator never sends.
type peer struct {
	net.Conn
	r *bufio.Reader
}

// settings returns the server's settings of an app.
func settings() object {
	return object{"CHAT_HOST_APP_SPECIFIC": socketHost, "CHAT_HOST": "chat-us.cometchat.io", "CHAT_WSS_PORT": "443"}
}

// live makes the server have live connections: serve is the server's side of each.
func (w *wire) live(serve func(p *peer)) {
	w.answer("GET", settingsURL, 200, data(settings()))
	w.RegisterResponder("GET", socketURL, func(r *http.Request) (*http.Response, error) {
		here, there := net.Pipe()
		go func() {
			defer func() { _ = there.Close() }()
			serve(&peer{there, bufio.NewReader(there)})
		}()
		accept := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // as above
		return &http.Response{StatusCode: http.StatusSwitchingProtocols, Body: here, Header: http.Header{
			"Upgrade": {"websocket"}, "Connection": {"Upgrade"},
			"Sec-Websocket-Accept": {base64.StdEncoding.EncodeToString(accept[:])},
		}}, nil
	})
}

// send sends a frame. It returns when the client has read it, or has gone.
func (p *peer) send(kind byte, payload string) {
	frame := []byte{0x80 | kind, 127}
	frame = binary.BigEndian.AppendUint64(frame, uint64(len(payload)))
	if len(payload) < 126 {
		frame = []byte{0x80 | kind, byte(len(payload))} //nolint:gosec // it fits
	} else if len(payload) < 1<<16 {
		frame = binary.BigEndian.AppendUint16([]byte{0x80 | kind, 126}, uint16(len(payload))) //nolint:gosec // it fits
	}
	_, _ = p.Write(append(frame, payload...))
}

func (p *peer) close(code uint16, reason string) {
	p.send(closeFrame, string(binary.BigEndian.AppendUint16(nil, code))+reason)
}

// read returns the payload of the client's next frame, and nil when the client has gone.
func (p *peer) read() []byte {
	var head [2]byte
	if _, err := io.ReadFull(p.r, head[:]); err != nil {
		return nil
	}
	n := uint64(head[1] & 0x7f)
	if n == 126 {
		var length [2]byte
		_, _ = io.ReadFull(p.r, length[:])
		n = uint64(binary.BigEndian.Uint16(length[:]))
	}
	var mask [4]byte
	_, _ = io.ReadFull(p.r, mask[:])
	payload := make([]byte, n)
	if _, err := io.ReadFull(p.r, payload); err != nil || head[0]&0xf == closeFrame {
		return nil
	}
	for i := range payload {
		payload[i] ^= mask[i%4]
	}
	return payload
}

// letIn accepts the auth frame, and returns it.
func (p *peer) letIn() []byte {
	auth := p.read()
	p.send(textFrame, authOK)
	return auth
}

// answerPings answers pings until the client has gone.
func (p *peer) answerPings() {
	for frame := p.read(); frame != nil; frame = p.read() {
		if bytes.Contains(frame, []byte("ping")) {
			p.send(textFrame, `{"action":"pong","ack":"true"}`)
		}
	}
}

// speaking returns a client whose live connection the test feeds with frames: it gets what the test sends to the channel,
// until the channel is closed.
func speaking(tb testing.TB, frames <-chan func(*peer), opts ...cometchat.Option) *cometchat.Client {
	tb.Helper()
	w := newWire()
	w.loginWorks(uid1)
	w.live(func(p *peer) {
		p.letIn()
		go func() {
			for say := range frames {
				say(p)
			}
		}()
		p.answerPings()
	})
	c, err := cometchat.New(appID, append([]cometchat.Option{
		cometchat.WithRegion("us"), cometchat.WithHTTPClient(&http.Client{Transport: w}),
	}, opts...)...)
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = c.Close() })
	_, err = c.Login(tb.Context(), uid1, authKey)
	require.NoError(tb, err)
	return c
}
