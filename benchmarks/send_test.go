//go:build unix && !race

package benchmarks

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/cometchat-go/cometchat"
)

// sentAnswer is the answer to a message to the user cometchat-uid-2.
var sentAnswer = `{"data":{"id":"812","muid":"m-1","conversationId":"` + uid + `_user_cometchat-uid-2","sender":"` + uid + `","receiverType":"user",` +
	`"receiver":"cometchat-uid-2","category":"message","type":"text","data":{"text":"Hello, how are you today?","resource":"` + floorResource + `",` +
	`"entities":{"sender":{"entity":{` + userFields + `},"entityType":"user"},"receiver":{"entity":{` + userFields + `},"entityType":"user"}}},` +
	`"sentAt":1700000000,"updatedAt":1700000000}}`

type floorOutgoing struct {
	Receiver     string           `json:"receiver"`
	ReceiverType string           `json:"receiverType"`
	Category     string           `json:"category"`
	Type         string           `json:"type"`
	Data         floorMessageData `json:"data"`
	MUID         string           `json:"muid"`
}

type floorMessageData struct {
	Text     string `json:"text"`
	Resource string `json:"resource,omitempty"`
	Entities *struct {
		Sender, Receiver struct {
			Entity floorUser `json:"entity"`
		}
	} `json:"entities,omitempty"`
}

// floorMessage has the fields of the answer.
type floorMessage struct {
	ID             string           `json:"id"`
	MUID           string           `json:"muid"`
	ConversationID string           `json:"conversationId"`
	Sender         string           `json:"sender"`
	ReceiverType   string           `json:"receiverType"`
	Receiver       string           `json:"receiver"`
	Category       string           `json:"category"`
	Type           string           `json:"type"`
	Data           floorMessageData `json:"data"`
	SentAt         unix             `json:"sentAt"`
	UpdatedAt      unix             `json:"updatedAt"`
}

// send sends a text with net/http, and keeps the message's JSON as the SDK does.
func (f *floor) send(ctx context.Context, authToken, muid, text string) (*floorMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	body, err := json.Marshal(floorOutgoing{"cometchat-uid-2", "user", "message", "text", floorMessageData{Text: text}, muid})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.host+"/messages", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{
		"Accept": "application/json", "Appid": appID, "Authtoken": authToken, "Content-Type": "application/json",
		"Resource": floorResource, "Sdk": floorSDK, "User-Agent": floorAgent,
	} {
		req.Header.Set(name, value)
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the answer is %s", resp.Status)
	}
	var answer struct {
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return nil, err
	}
	m := new(floorMessage)
	return m, json.Unmarshal(answer.Data, m)
}

// sends compares the whole work of sending a text: the SDK's with that of net/http and encoding/json by hand.
func sends(tb testing.TB) *comparison {
	tb.Helper()
	s := newServer(tb)
	f, c := newFloor(tb, s), loggedIn(tb, s)
	m := cometchat.NewTextMessage(cometchat.ToUser("cometchat-uid-2"), "Hello, how are you today?")
	m.MUID = "m-1"
	return &comparison{
		goroutines: 1, turns: 60, calls: 20, timeGoal: 1.2, extraAllocs: 35,
		floor: func(ctx context.Context) error {
			_, err := f.send(ctx, tokens[0], m.MUID, m.Text)
			return err
		},
		sdk: func(ctx context.Context) error {
			_, err := c.SendMessage(ctx, m)
			return err
		},
	}
}

func TestSendMessage(t *testing.T) { sends(t).test(t) }

func BenchmarkSendMessage(b *testing.B) { sends(b).benchmark(b) }
