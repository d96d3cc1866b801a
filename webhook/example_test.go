package webhook_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/cometchat-go/cometchat/webhook"
)

func ExampleHandler() {
	handler, err := webhook.Handler("cometchat", "the password of the dashboard",
		func(_ context.Context, e *webhook.Event) error {
			switch p := e.Payload.(type) {
			case *webhook.UserBlocked:
				for _, u := range p.Users {
					fmt.Println(p.By.UID, "blocked", u.UID)
				}
			case *webhook.ReactionChanged:
				fmt.Println(p.User.UID, p.Action, p.Reaction)
			default:
				fmt.Println(e.Trigger, string(e.Data))
			}
			return nil // or an error, so that CometChat delivers the event again
		})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("/webhooks/cometchat", handler)

	// CometChat sends:
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

func ExampleNewRequest() {
	// The handler to test:
	handle := func(_ context.Context, e *webhook.Event) error {
		if p, ok := e.Payload.(*webhook.MessageSent); ok {
			fmt.Println("message", p.MessageID, "of", p.Sender.UID)
		}
		return nil
	}
	handler, err := webhook.Handler("cometchat", "the password of the dashboard", handle)
	if err != nil {
		fmt.Println(err)
		return
	}

	// CometChat delivers a message twice, and somebody else tries it with another password:
	message := &webhook.Event{
		Trigger: "message_sent", AppID: "2379614bd4db65dd", Region: "us", Webhook: "messages",
		Data: json.RawMessage(`{"message": {"id": "57", "sender": "cometchat-uid-1", "data": {"text": "hi"}}}`),
	}
	for _, password := range []string{"the password of the dashboard", "the password of the dashboard", "a guess"} {
		r, err := webhook.NewRequest(context.Background(), "/webhooks/cometchat", "cometchat", password, message)
		if err != nil {
			fmt.Println(err)
			return
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println(w.Code)
	}
	// Output:
	// message 57 of cometchat-uid-1
	// 200
	// 200
	// 401
}

// sharedDeduper stands for a table that several processes share. In Redis, Begin is SET with NX and EX and then GET, and
// Done is SET with EX, or DEL.
type sharedDeduper struct {
	table sync.Map // from the id of an event to true once the event has been handled
}

func (d *sharedDeduper) Begin(_ context.Context, id string) (bool, error) {
	handled, known := d.table.LoadOrStore(id, false)
	if known && handled == false {
		return false, errors.New("another process is handling the event")
	}
	return !known, nil
}

func (d *sharedDeduper) Done(_ context.Context, id string, handled bool) error {
	if handled {
		d.table.Store(id, true)
	} else {
		d.table.Delete(id)
	}
	return nil
}

func ExampleWithDeduper() {
	shared := &sharedDeduper{}
	handle := func(_ context.Context, e *webhook.Event) error {
		fmt.Println("handled", e.Trigger)
		return nil
	}
	for process := 1; process <= 2; process++ {
		handler, err := webhook.Handler("cometchat", "the password of the dashboard", handle, webhook.WithDeduper(shared))
		if err != nil {
			fmt.Println(err)
			return
		}
		r, err := webhook.NewRequest(context.Background(), "/", "cometchat", "the password of the dashboard", &webhook.Event{
			Trigger: "message_sent", AppID: "2379614bd4db65dd", Webhook: "messages", Data: json.RawMessage(`{"message": {"id": "57"}}`),
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println("process", process, "answers", w.Code)
	}
	// Output:
	// handled message_sent
	// process 1 answers 200
	// process 2 answers 200
}
