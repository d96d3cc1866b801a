//go:build !race

// With the race detector, 10,000 messages take half a minute, and show nothing more.

package cometchattest_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
)

// TestWebhookBound sends more events than may wait, to a webhook that does not answer.
func TestWebhookBound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dropped := make(chan string, 10)
		hanging := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		server := hooked(t, hanging, cometchattest.WithObserver(func(e cometchattest.Event) {
			if e.Kind == "webhook" && e.What == "dropped" {
				dropped <- e.Reason
			}
		}))
		server.SendMessage(uid(1), uid(2), "being delivered")
		synctest.Wait()
		const waiting, more = 10_000, 7
		for range waiting + more {
			server.SendMessage(uid(1), uid(2), "waits")
		}
		assert.Equal(t, "7 events: too many deliveries wait", <-dropped)
	})
}
