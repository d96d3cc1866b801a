package cometchat_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// liveWorld is an emulator in memory, a client whose user is logged in, and what the client has told of its connection.
type liveWorld struct {
	*cometchattest.Server
	c *cometchat.Client

	mu    sync.Mutex
	heard []cometchat.ConnectionChanged
}

// live runs a subtest with a liveWorld, on fake time. A goroutine that the client leaves behind fails the test.
func live(t *testing.T, name string, test func(t *testing.T, w *liveWorld), opts ...cometchat.Option) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newLiveWorld(t, opts...)
			_, err := w.c.Login(t.Context(), uid1, w.AuthKey)
			require.NoError(t, err)
			test(t, w)
		})
	})
}

func newLiveWorld(t *testing.T, opts ...cometchat.Option) *liveWorld {
	t.Helper()
	w := &liveWorld{Server: cometchattest.New()}
	t.Cleanup(w.Close)
	w.c = w.client(t, opts...)
	w.listen(w.c)
	return w
}

// client returns another client of the emulator.
func (w *liveWorld) client(t *testing.T, opts ...cometchat.Option) *cometchat.Client {
	t.Helper()
	return emulated(t, w.Server, append([]cometchat.Option{once}, opts...)...)
}

func (w *liveWorld) listen(c *cometchat.Client) {
	c.AddConnectionListener("world", cometchat.ConnectionListener{
		Connecting:   func() { w.hear(cometchat.ConnectionChanged{Status: cometchat.Connecting}) },
		Connected:    func() { w.hear(cometchat.ConnectionChanged{Status: cometchat.Connected}) },
		Disconnected: w.hear,
	})
}

func (w *liveWorld) hear(e cometchat.ConnectionChanged) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard = append(w.heard, e)
}

// events returns the changes since the last call.
func (w *liveWorld) events() []cometchat.ConnectionChanged {
	settle()
	w.mu.Lock()
	defer w.mu.Unlock()
	heard := w.heard
	w.heard = nil
	return heard
}

// changes returns the changes since the last call as one text.
func (w *liveWorld) changes() string {
	var texts []string
	for _, e := range w.events() {
		texts = append(texts, changeText(e))
	}
	return strings.Join(texts, "; ")
}

// changeText returns the status, the server's close, the code of the error, and whether the client connects again.
func changeText(e cometchat.ConnectionChanged) string {
	text := e.Status.String()
	if e.CloseCode != 0 {
		text += fmt.Sprintf(" %d %q", e.CloseCode, e.CloseReason)
	}
	if e.Err != nil {
		text += " " + code(e.Err)
	}
	if e.RetryIn > 0 {
		text += ", retries"
	}
	return text
}

// count returns how many requests of a call the emulator got.
func (w *liveWorld) count(method, path string) int {
	return len(w.Requests(cometchattest.To(method, path)))
}

// dials returns how many live connections were opened, or tried to.
func (w *liveWorld) dials() int { return w.count("GET", "/") }

// connect connects, and forgets what was told of it.
func (w *liveWorld) connect(t *testing.T) {
	t.Helper()
	require.NoError(t, w.c.Connect(t.Context()))
	assert.Equal(t, "connecting; connected", w.changes())
}
