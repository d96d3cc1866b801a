package cometchattest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestObserver(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var events []cometchattest.Event
	s := cometchattest.NewServer(cometchattest.WithObserver(func(e cometchattest.Event) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
	}))
	token := s.CreateAuthToken("cometchat-uid-1")
	l := connected(t, s, token, "d", "")
	l.quiet()
	require.NoError(t, l.conn.Close(websocket.StatusNormalClosure, "bye"))
	admin(t, s, "GET", "/users?perPage=1&perPage=2", "")
	refused(t, s, "PUT", "/users/nobody", "no JSON", 404, "ERR_UID_NOT_FOUND", "")
	s.InjectFault(cometchattest.Fault{DropAfter: true, Times: 1})
	s.InjectFault(cometchattest.Fault{DropBefore: true, Times: 1})
	for range 2 {
		_, err := raw(t, s, "POST", "/users", `{}`)
		require.Error(t, err)
	}
	s.Close()

	var http, live []cometchattest.Event
	for _, e := range events {
		assert.NotZero(t, e.At)
		assert.Equal(t, strings.TrimPrefix(s.URL, "http://"), e.Host)
		if e.Kind == "http" {
			http = append(http, e)
		} else {
			live = append(live, e)
		}
	}
	require.Len(t, http, 5)
	assert.Equal(t, "PUT", http[0].Method)
	assert.Equal(t, "/v3.0/me", http[0].Path)
	assert.Equal(t, token, http[0].Headers["authtoken"])
	assert.Equal(t, 200, http[0].Status)
	assert.Equal(t, uid(1), http[0].UID)
	assert.Empty(t, http[0].ErrorCode)
	assert.Empty(t, http[1].UID, "a server makes the request for itself")
	assert.Contains(t, string(http[0].Response), token)
	assert.Equal(t, map[string]string{"perPage": "1"}, http[1].Query)
	assert.JSONEq(t, `"no JSON"`, string(http[2].Body))
	assert.Equal(t, 404, http[2].Status)
	assert.Equal(t, "ERR_UID_NOT_FOUND", http[2].ErrorCode)
	assert.Zero(t, http[3].Status)
	assert.JSONEq(t, `{}`, string(http[3].Body))
	assert.Empty(t, http[4].Body)

	var whats []string
	for _, e := range live {
		whats = append(whats, e.What)
	}
	assert.Equal(t, []string{"open", "client to server", "server to client", "client to server", "server to client", "close"}, whats)
	assert.JSONEq(t, `{"action":"pong","ack":"true"}`, string(live[4].Message))
	last := live[len(live)-1]
	assert.Equal(t, "cometchat-uid-1", last.UID)
	assert.Equal(t, 1000, last.Code)
	assert.Equal(t, "bye", last.Reason)
	for _, e := range events {
		_, err := json.Marshal(e)
		require.NoError(t, err)
	}
}

// TestObserverIsToldTheUser covers the requests whose user is gone, or never was, when they are answered.
func TestObserverIsToldTheUser(t *testing.T) {
	t.Parallel()
	var events []cometchattest.Event // this test makes one request at a time
	s := started(t, cometchattest.WithObserver(func(e cometchattest.Event) { events = append(events, e) }))
	token := s.CreateAuthToken(uid(1))
	asUser := headers{"appid": s.AppID, "authtoken": token}
	data := func(header headers) headers {
		header["appid"], header["apikey"] = s.AppID, s.APIKey
		return header
	}
	call(t, s, "DELETE", "/v3/me", "", asUser)
	call(t, s, "DELETE", "/v3/me", "", asUser)
	call(t, s, "GET", "/v3/users", "", data(headers{"onBehalfOf": "COMETCHAT-uid-2"}))
	call(t, s, "GET", "/v3/users", "", data(headers{"onBehalfOf": "nobody"}))
	s.InjectFault(cometchattest.Fault{Status: 429, Body: `{"error":{"code":"ERR_TOO_MANY_REQUESTS"}}`})
	call(t, s, "GET", "/v3/users", "", data(headers{"onBehalfOf": uid(2)}))
	uids, codes := []string{}, []string{}
	for _, e := range events {
		uids, codes = append(uids, e.UID), append(codes, e.ErrorCode)
	}
	assert.Equal(t, []string{uid(1), "", uid(2), "", uid(2)}, uids)
	assert.Equal(t, []string{"", "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", "", "ERR_UID_NOT_FOUND", "ERR_TOO_MANY_REQUESTS"}, codes)
}

// TestNew makes an emulator for the caller's own server.
func TestNew(t *testing.T) {
	t.Parallel()
	s := cometchattest.New(cometchattest.WithKeys("auth-key", ""), cometchattest.WithRegion("eu"))
	defer s.Close()
	assert.Equal(t, "auth-key", s.AuthKey)
	assert.Len(t, s.APIKey, 40)
	assert.Equal(t, "eu", s.Region)
	var handler http.Handler = s
	assert.NotNil(t, handler)
	assert.Empty(t, s.URL)
}
