package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/cometchat-go/cometchat/webhook"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	hookUser     = "hook-user"
	hookPassword = "hook-password"
)

type handleFunc = func(context.Context, *webhook.Event) error

func newHandler(t *testing.T, handle handleFunc, opts ...webhook.Option) http.Handler {
	t.Helper()
	h, err := webhook.Handler(hookUser, hookPassword, handle, opts...)
	require.NoError(t, err)
	return h
}

// deliver sends a body as CometChat does, and returns the answer's status.
func deliver(h http.Handler, body string) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, delivery(body))
	return w.Code
}

func delivery(body string) *http.Request {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "Application/json") // with this capital
	r.SetBasicAuth(hookUser, hookPassword)
	return r
}

// ok returns a function that counts its calls and returns nil.
func ok(calls *atomic.Int32) handleFunc {
	return func(context.Context, *webhook.Event) error {
		calls.Add(1)
		return nil
	}
}

// connectionEvent is a delivery with an ID; each time gives another ID.
func connectionEvent(ms int) string {
	return fmt.Sprintf(`{"trigger":"user_connection_status_changed","data":{"timestamp":%d,"user":{"uid":"a"},`+
		`"status":"online","currentConnection":{"action":"connected"}},"appId":"app1","region":"us","webhook":"w"}`, ms)
}

// received delivers a body and returns the event that handle got.
func received(t *testing.T, body string) *webhook.Event {
	t.Helper()
	var got *webhook.Event
	h := newHandler(t, func(_ context.Context, e *webhook.Event) error {
		got = e
		return nil
	})
	require.Equal(t, 200, deliver(h, body))
	require.NotNil(t, got)
	return got
}

// inBubble runs a test on fake time.
func inBubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}
