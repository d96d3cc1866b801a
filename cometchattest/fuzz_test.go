package cometchattest_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzPath sends any method and path. The answer has to be an envelope.
func FuzzPath(f *testing.F) {
	for _, path := range []string{
		"/", "*", "//v3/users", "/v3/../v3.0/users", "/v3/users?perPage=1&page=2", "/v3/users?roles=a,b&roles=c&searchKey=%", "/v3/users/%2e%2e",
		"/v3/messages/1/thread?id=x", "/v3/messages/%2f", "/v3/messages?updatedAt[from]=1", "/v3/users/cometchat-uid-1/conversation/read",
		"/v3/users/a%2Fb/auth_tokens", "/v3/users/cometchat-uid-1/auth_tokens/x", "/v3.0/me", "http://x/v3/me", "/v3/users?page=9223372036854775807",
	} {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "CONNECT", "HEAD", "Ä"} {
			f.Add(method, path, "{}")
		}
	}
	f.Fuzz(func(t *testing.T, method, path, body string) {
		s := cometchattest.NewServer()
		defer s.Close()
		answered(t, s, method, path, body)
	})
}

// FuzzCall sends any uid, query and body to every call of the server.
func FuzzCall(f *testing.F) {
	s := cometchattest.NewServer()
	s.Close()
	routes := len(cometchattest.Routes())
	for n := range routes {
		for _, seed := range []struct{ uid, query, body string }{
			{"cometchat-uid-1", "", ""},
			{"COMETCHAT-UID-1", "perPage=1&page=9223372036854775807&tags=,&searchIn=uid", `{"uid":"A","name":"B","withAuthToken":true,"metadata":null}`},
			{"..", "withTags=1&status=available", `{"unset":["avatar","link","metadata"],"tags":[],"appInfo":{"userAgent":[]}}`},
			{"\x00\xff", ";%zz", `{"uidsToActivate":["cometchat-uid-1",null],"uidsToDeactivate":["a","A"],"permanent":true,"force":false}`},
			{"a", "", `{"metadata":{"a":"` + "\xff" + `"},"appInfo":{},"platform":"x","permanent":false}`},
			{"a/b?c#d", "x", `[`},
			{"cometchat-uid-2", "affix=append&id=1&per_page=2&unread=1&hasLinks=1&withParent=1", `{"receiver":"cometchat-uid-2","receiverType":"user",
				"category":"message","type":"text","data":{"text":"<@uid:a>","metadata":[]},"parentMessageId":"1","quotedMessageId":1,"messageId":"1"}`},
			{"cometchat-uid-2", "count=1&unread=1&updatedAt=1", `{"receiver":"cometchat-uid-2","receiverType":"user","category":"interactive",
				"type":"form","data":{"interactiveData":{},"interactionGoal":1},"interactions":["e"],"permanent":true,"deleteMessagesPermanently":true}`},
			{"cometchat-uid-2", "sentAt=1&sentAt[from]=1&limit=1000&tags=x", `{"receiver":"cometchat-uid-2","receiverType":"user","category":"message",
				"type":"image","data":{"attachments":[{"url":"u","mimeType":1}],"text":null},"tags":[]}`},
			{"cometchat-uid-2", "hasJoined=1&scopes=admin&types=public&searchIn=guid", `{"guid":"a/b","name":"G","type":"password","password":"p","owner":
				"cometchat-uid-2","scope":"moderator","members":{"admins":["cometchat-uid-2",null]},"participants":["a","A"],"usersToBan":["b"]}`},
			{"cometchat-uid-2", "status=offline&sortBy=guid&affix=append&updatedAt=1", `{"guid":"club","name":"G","type":"public","receiver":"club",
				"receiverType":"group","category":"message","data":{"text":"x"},"members":{},"unset":["icon"],"messageId":"1"}`},
		} {
			f.Add(uint8(n), seed.uid, seed.query, seed.body)
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, uid, query, body string) {
		s := cometchattest.NewServer()
		defer s.Close()
		s.SendMessage("cometchat-uid-1", "cometchat-uid-2", "hi")
		s.AddUser(&cometchat.User{UID: uid, Name: uid})
		token := s.CreateAuthToken(uid)
		method, path, _ := strings.Cut(cometchattest.Routes()[int(n)%routes], " ")
		for _, text := range []string{`{"interactiveData":{}}`, `{"interactiveData":{},"text":"hi"}`} {
			r := httptest.NewRequestWithContext(t.Context(), "POST", "/v3/messages", strings.NewReader(
				`{"receiver":"cometchat-uid-2","receiverType":"user","category":"interactive","type":"form","data":`+text+`}`))
			r.Header.Set("authtoken", s.CreateAuthToken("cometchat-uid-1"))
			s.ServeHTTP(httptest.NewRecorder(), r)
		}
		for _, step := range [][2]string{
			{"/groups", `{"guid":"club","name":"C","type":"public","members":{"admins":["cometchat-uid-2"]}}`},
			{"/messages", `{"receiver":"club","receiverType":"group","category":"message","type":"text","data":{"text":"hi"}}`},
		} {
			r := httptest.NewRequestWithContext(t.Context(), "POST", "/v3"+step[0], strings.NewReader(step[1]))
			r.Header.Set("authtoken", s.CreateAuthToken("cometchat-uid-1"))
			s.ServeHTTP(httptest.NewRecorder(), r)
		}
		path = strings.NewReplacer("{uid}", url.PathEscape(uid), "{authToken}", url.PathEscape(token), "{id}", "1",
			"{reaction}", url.PathEscape(uid), "{file}", url.PathEscape(uid), "{guid}", "club").Replace(path)
		answered(t, s, method, "/v3"+path+"?"+query, body)
	})
}

// FuzzForm sends any body of multipart/form-data, with the boundary B, to every call that takes a form.
func FuzzForm(f *testing.F) {
	field := func(name, value string) string {
		return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
	}
	message := field("type", "image") + field("receiverType", "user") + field("category", "message") + field("receiver", "cometchat-uid-2")
	file := field(`files[]"; filename="a.png`, "data")
	for _, body := range []string{
		message + file + "--B--\r\n", message + file + field("data", `{"text":"a","url":1}`) + file + field("parentMessageId", "1") + "--B--\r\n",
		message + field("data", `{"url":"https://a/b?c"}`) + field("tags[]", "\xff") + "--B--", message + field("data", "[]") + "--B--",
		message + file, field("key", "a") + field("policy", "e30=") + field("signature", "00") + field(`file"; filename="x`, "y") + "--B--",
		"--B\r\n\r\n\r\n--B--", "--B--", "", "--B\r\nContent-Disposition: form-data; filename=\"..\"\r\nContent-Type: ;\r\n\r\n\r\n--B--",
	} {
		for n := range uint8(3) {
			f.Add(n, body)
		}
	}
	s := cometchattest.New()
	f.Cleanup(s.Close)
	s.SendMessage("cometchat-uid-1", "cometchat-uid-2", "hi")
	token := s.CreateAuthToken("cometchat-uid-1")
	f.Fuzz(func(t *testing.T, n uint8, body string) {
		path := []string{"/v3/messages", "/v3/messages/1/thread", "/v3/media"}[n%3]
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=B")
		r.Header.Set("authtoken", token)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if path == "/v3/media" {
			assertOfStorage(t, w)
		} else {
			assertEnvelope(t, w)
		}
	})
}

// assertOfStorage asserts that an answer is a refusal of the storage: nobody can guess a signature or the URL of a file.
func assertOfStorage(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	assert.GreaterOrEqual(t, w.Code, 400)
	assert.Equal(t, "application/xml", w.Header().Get("Content-Type"))
	var refusal struct{ Code, Message string }
	require.NoError(t, xml.Unmarshal(w.Body.Bytes(), &refusal), "%s", w.Body)
	assert.NotEmpty(t, refusal.Code)
	assert.NotEmpty(t, refusal.Message)
}

// answered makes a request with every credential, and all of that twice, as the first round may change the state.
func answered(t *testing.T, s *cometchattest.Server, method, path, body string) {
	t.Helper()
	for range 2 {
		for _, credential := range []headers{
			{"apikey": s.APIKey, "onBehalfOf": path},
			{"apikey": s.AuthKey},
			{"authtoken": s.CreateAuthToken("cometchat-uid-1")},
			{"authtoken": body},
		} {
			r, err := http.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
			if err != nil {
				t.Skip("not a request")
			}
			r.Header.Set("appid", s.AppID)
			for name, value := range credential {
				r.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if strings.HasPrefix(w.Header().Get("Content-Type"), "application/xml") {
				assertOfStorage(t, w)
				continue
			}
			assertEnvelope(t, w)
		}
	}
}

// FuzzFrame sends any frame over a live connection. The server has to go on and answer the next frame.
func FuzzFrame(f *testing.F) {
	s := cometchattest.NewServer()
	f.Cleanup(s.Close)
	for _, frame := range []string{
		`{"action":"ping"}`, `{"type":"auth","body":{"auth":"x"}}`, `{"type":"auth","body":[]}`, `{"type":"receipts","receiver":1}`,
		`{"type":"typing_indicator","receiver":"cometchat-uid-2","receiverType":"user","sender":{}}`,
		`{"type":"receipts","receiver":"club","receiverType":"group","body":{"action":"read","messageId":1}}`, `{"type":"transient_message"}`, `null`, `[]`, "\xff", "",
	} {
		f.Add([]byte(frame), true)
		f.Add([]byte(frame), false)
	}
	f.Fuzz(func(t *testing.T, frame []byte, in bool) {
		l := dialed(t, s)
		if in {
			l = connected(t, s, s.CreateAuthToken("cometchat-uid-1"), "d", "ALL_USERS")
		}
		require.NoError(t, l.conn.Write(t.Context(), websocket.MessageText, frame))
		var parsed struct{ Type, Action string }
		if json.Unmarshal(frame, &parsed) == nil && (parsed.Type == "auth" || parsed.Action == "ping") {
			l.next()
		}
		dialed(t, s).quiet()
	})
}

// FuzzLoad loads any text. If Load accepts it, the saved state has to load again, unchanged.
func FuzzLoad(f *testing.F) {
	for _, state := range []string{
		`{"users":[]}`, `{"version":1,"roles":["a"],"users":[{"uid":"A","name":"A","metadata":{},"friends":["b"],"blocked":{"b":1}},{"uid":"b"}]}`,
		`{"users":[{"uid":"a","name":"A"}],"tokens":[{"uid":"a","authToken":"t","platform":"x"}],"jwtKey":"AA=="}`,
		`{"conversations":[{"conversationId":"a_user_b","sides":{"a":null,"b":{"readTo":1}}}],"messages":[{"sender":"a","receiver":"b","data":{"text":"<"},
			"reactions":null,"savedBy":{"a":1}},{"id":"7","sender":"b","receiver":"A","parentId":"1","sentAt":"2024-05-01","category":"action"}]}`,
		`{"users":[{"uid":"a"},{"uid":"b"}],"groups":[{"guid":"G","owner":"A","type":"password","password":"p","members":{"b":null},"metadata":null}],
			"conversations":[{"guid":"g","sides":{"b":{"readTo":1},"x":null}}],"messages":[{"receiverType":"group","receiver":"G","sender":"c"}]}`,
		"\ufeff" + `{"keys":{"authKey":"k"},"users":[{"uid":"a","createdAt":"2024-05-01","authToken":"t","scope":1,"blocked":{}}],"tokens":null}`,
	} {
		f.Add([]byte(state))
	}
	f.Fuzz(func(t *testing.T, state []byte) {
		s := cometchattest.New()
		defer s.Close()
		if s.Load(bytes.NewReader(state)) != nil {
			return
		}
		var saved, again bytes.Buffer
		require.NoError(t, s.Save(&saved))
		require.NoError(t, s.Load(bytes.NewReader(saved.Bytes())))
		require.NoError(t, s.Save(&again))
		assert.Equal(t, saved.String(), again.String())
	})
}

func assertEnvelope(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
	var answer struct {
		Data  json.RawMessage
		Error *struct{ Code, Message, Source string }
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer), "%s", w.Body)
	if w.Code == http.StatusOK {
		assert.Nil(t, answer.Error)
		assert.NotEmpty(t, answer.Data)
		assert.NotEqual(t, "null", string(answer.Data))
		return
	}
	assert.Empty(t, answer.Data)
	if assert.NotNil(t, answer.Error, "%s", w.Body) {
		assert.Contains(t, answer.Error.Code, "ERR_")
		assert.NotEqual(t, "ERR_EXCEPTION", answer.Error.Code)
		assert.NotEmpty(t, answer.Error.Message)
		assert.NotEmpty(t, answer.Error.Source)
	}
}
