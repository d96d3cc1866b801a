package webhook_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/webhook"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNewRequest(t *testing.T) {
	t.Parallel()
	sent := &webhook.Event{Trigger: "message_sent", AppID: "app1", Region: "eu", Webhook: "w", Data: json.RawMessage(`{"message":{"id":"57","data":{"text":"<é>"}}}`)}
	var got *webhook.Event
	mux := http.NewServeMux()
	mux.Handle("POST /hook", newHandler(t, func(_ context.Context, e *webhook.Event) error { got = e; return nil }))
	r, err := webhook.NewRequest(t.Context(), "/hook", hookUser, hookPassword, sent)
	require.NoError(t, err)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	assert.Equal(t, 200, w.Code)
	assert.Equal(t, [4]string{sent.Trigger, sent.AppID, sent.Region, sent.Webhook}, [4]string{got.Trigger, got.AppID, got.Region, got.Webhook})
	assert.Equal(t, string(sent.Data), string(got.Data))
	assert.Len(t, got.ID, 64)
	assert.IsType(t, &webhook.MessageSent{}, got.Payload)

	s := httptest.NewServer(mux)
	defer s.Close()
	for password, status := range map[string]int{hookPassword: 200, "wrong": 401} {
		r, err := webhook.NewRequest(t.Context(), s.URL+"/hook", hookUser, password, &webhook.Event{Trigger: "t"})
		require.NoError(t, err)
		answer, err := s.Client().Do(r)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		assert.Equal(t, status, answer.StatusCode)
	}
	assert.Nil(t, got.Data)
}

func TestNewRequestRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		url   string
		event *webhook.Event
		kind  error
	}{
		"no event":       {"/", nil, cometchat.ErrMissingParameters},
		"no trigger":     {"/", &webhook.Event{}, cometchat.ErrMissingParameters},
		"data no JSON":   {"/", &webhook.Event{Trigger: "t", Data: json.RawMessage("{")}, cometchat.ErrBadRequest},
		"a URL no URL":   {"http://secret-host:x/", &webhook.Event{Trigger: "t"}, cometchat.ErrBadRequest},
		"a URL of bytes": {"/\x00secret-host", &webhook.Event{Trigger: "t"}, cometchat.ErrBadRequest},
	} {
		r, err := webhook.NewRequest(t.Context(), tc.url, "u", "secret-pw", tc.event)
		assert.Nil(t, r, name)
		require.ErrorIs(t, err, tc.kind, name)
		assert.NotContains(t, err.Error(), "secret", name)
		assert.Contains(t, err.Error(), "webhook.NewRequest", name)
	}
}
