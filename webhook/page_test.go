package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"regexp"
	"testing"

	"github.com/cometchat-go/cometchat/webhook"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDeliveriesOfThePage makes a request of each delivery in docs/backend.md, in the way that the page shows.
func TestDeliveriesOfThePage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/backend.md")
	require.NoError(t, err)
	// A sentence that ends with the type of the payload, in brackets or not, and then the delivery.
	samples := regexp.MustCompile("(?s)`(\\*webhook\\.\\w+)`\\)?:\n\n```json\n(.*?)```").FindAllSubmatch(page, -1)
	var triggers []string
	for _, sample := range samples {
		var e webhook.Event
		require.NoError(t, json.Unmarshal(sample[2], &e))
		triggers = append(triggers, e.Trigger)
		var got *webhook.Event
		h := newHandler(t, func(_ context.Context, e *webhook.Event) error { got = e; return nil })
		r, err := webhook.NewRequest(t.Context(), "/webhooks/cometchat", hookUser, hookPassword, &e)
		require.NoError(t, err)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.Equal(t, 200, w.Code, e.Trigger)
		assert.JSONEq(t, string(e.Data), string(got.Data), e.Trigger)
		assert.Equal(t, string(sample[1]), fmt.Sprintf("%T", got.Payload), e.Trigger)
		assert.Equal(t, e.Trigger != "user_blocked", got.ID != "", "%s: the page says which events have an ID", e.Trigger)
	}
	assert.Equal(t, []string{
		"message_sent", "message_read_receipt", "message_reaction_added", "user_connection_status_changed", "group_member_joined", "user_blocked",
	}, triggers)
}
