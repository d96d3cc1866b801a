package cometchat_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/cometchat-go/cometchat"
)

func ExampleWebhookHandler() {
	webhook, err := cometchat.WebhookHandler("cometchat", "the password of the dashboard",
		func(_ context.Context, e *cometchat.WebhookEvent) error {
			switch p := e.Payload.(type) {
			case *cometchat.UserBlocked:
				for _, u := range p.Users {
					fmt.Println(p.By.UID, "blocked", u.UID)
				}
			case *cometchat.UserConnectionStatusChanged:
				fmt.Println(p.User.UID, "is", p.Status)
			default:
				fmt.Println(e.Trigger, string(e.Data))
			}
			return nil // or an error, to have the event delivered again
		})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("/webhooks/cometchat", webhook)

	// What CometChat sends:
	r := httptest.NewRequestWithContext(context.Background(), "POST", "/webhooks/cometchat", strings.NewReader(`{
		"trigger": "user_blocked",
		"data": {"by": {"uid": "cometchat-uid-1"}, "users": {"cometchat-uid-2": {"uid": "cometchat-uid-2"}}},
		"appId": "2379614bd4db65dd", "region": "us", "webhook": "users"}`))
	r.SetBasicAuth("cometchat", "the password of the dashboard")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Println(w.Code)
	// Output:
	// cometchat-uid-1 blocked cometchat-uid-2
	// 200
}
