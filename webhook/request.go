package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/internal/lenient"
)

// NewRequest returns a delivery of an event as CometChat makes it, for tests of your own handler: give it to the ServeHTTP of the
// handler, or send it to your server with an http.Client. url is the URL of the webhook; a path alone, such as
// "/webhooks/cometchat", is enough for ServeHTTP.
//
// The delivery has the event's Trigger, AppID, Region, Webhook and Data. It does not have the Payload and the ID: the handler makes
// them of the other fields. So the event needs Data in the form in which CometChat sends it; docs/backend.md has the JSON of a
// delivery for the main triggers, and json.Unmarshal makes an event of it. Give the event an AppID and a Webhook if your test
// compares IDs. With a nil Data, the delivery has no "data", and the event that arrives has neither Data nor Payload.
//
// It makes no request. It fails with cometchat.ErrMissingParameters if the event is nil or has no trigger, and with
// cometchat.ErrBadRequest if Data is not JSON or url is malformed.
func NewRequest(ctx context.Context, url, username, password string, e *Event) (*http.Request, error) {
	const op = "webhook.NewRequest"
	if e == nil || e.Trigger == "" {
		return nil, &cometchat.Error{Op: op, Code: missingParameters, Message: "the event or its trigger is missing"}
	}
	body, err := lenient.Marshal(struct {
		Trigger string          `json:"trigger"`
		Data    json.RawMessage `json:"data,omitempty"`
		AppID   string          `json:"appId"`
		Region  string          `json:"region,omitempty"`
		Webhook string          `json:"webhook"`
	}{e.Trigger, e.Data, e.AppID, e.Region, e.Webhook})
	if err != nil {
		return nil, &cometchat.Error{Op: op, Code: badRequestCode, Message: "the data of the event is not JSON"}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil { // its text has the URL, which may hold a secret
		return nil, &cometchat.Error{Op: op, Code: badRequestCode, Message: "the URL is malformed, or the context is nil"}
	}
	r.Header.Set("Content-Type", "application/json")
	r.SetBasicAuth(username, password)
	return r, nil
}
