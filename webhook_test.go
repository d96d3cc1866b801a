package cometchat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	hookUser     = "hook-user"
	hookPassword = "hook-password"
	// answerTime is the documented time in which a delivery is answered.
	answerTime = 1500 * time.Millisecond
)

type handleFunc = func(context.Context, *cometchat.WebhookEvent) error

func newWebhook(t *testing.T, handle handleFunc, opts ...cometchat.WebhookOption) http.Handler {
	t.Helper()
	h, err := cometchat.WebhookHandler(hookUser, hookPassword, handle, opts...)
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

// connectionEvent is a delivery that has an ID, another one for each time.
func connectionEvent(ms int) string {
	return fmt.Sprintf(`{"trigger":"user_connection_status_changed","data":{"timestamp":%d,"user":{"uid":"a"},`+
		`"status":"online","currentConnection":{"action":"connected"}},"appId":"app1","region":"us","webhook":"w"}`, ms)
}

// ok handles everything, and counts.
func ok(calls *atomic.Int32) handleFunc {
	return func(context.Context, *cometchat.WebhookEvent) error {
		calls.Add(1)
		return nil
	}
}

// received delivers a body and returns the event that came of it.
func received(t *testing.T, body string) *cometchat.WebhookEvent {
	t.Helper()
	var got *cometchat.WebhookEvent
	h := newWebhook(t, func(_ context.Context, e *cometchat.WebhookEvent) error {
		got = e
		return nil
	})
	require.Equal(t, 200, deliver(h, body))
	require.NotNil(t, got)
	return got
}

func TestWebhookHandlerRefuses(t *testing.T) {
	t.Parallel()
	handle := ok(new(atomic.Int32))
	for name, tc := range map[string]struct {
		username, password string
		handle             handleFunc
		opt                cometchat.WebhookOption
		kind               error
		says               string
	}{
		"no username":             {"", "secret-pw", handle, nil, cometchat.ErrMissingParameters, "username is missing"},
		"a blank username":        {" ", "secret-pw", handle, nil, cometchat.ErrMissingParameters, "username is missing"},
		"no password":             {"u", "", handle, nil, cometchat.ErrMissingParameters, "password is missing"},
		"a blank password":        {"u", "\t", handle, nil, cometchat.ErrMissingParameters, "password is missing"},
		"a newline from a file":   {"u", "secret-pw\n", handle, nil, cometchat.ErrBadRequest, "password contains a control character"},
		"a colon in the username": {"u:v", "secret-pw", handle, nil, cometchat.ErrBadRequest, "colon"},
		"no function":             {"u", "secret-pw", nil, nil, cometchat.ErrMissingParameters, "function"},
		"a nil option":            {"u", "secret-pw", handle, nil, cometchat.ErrBadRequest, "option 1 is nil"},
		"a nil deduper":           {"u", "secret-pw", handle, cometchat.WithWebhookDeduper(nil), cometchat.ErrBadRequest, "deduper is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, err := cometchat.WebhookHandler(tc.username, tc.password, tc.handle, tc.opt)
			assert.Nil(t, h)
			require.ErrorIs(t, err, tc.kind)
			assert.Contains(t, err.Error(), tc.says)
			assert.NotContains(t, err.Error(), "secret-pw")
			assert.Equal(t, "WebhookHandler", asError(err).Op)
		})
	}
}

func TestWebhookStatuses(t *testing.T) {
	t.Parallel()
	const event = `{"trigger":"t","data":{}}`
	fail := func(context.Context, *cometchat.WebhookEvent) error { return errors.New("internal-detail") }
	for name, tc := range map[string]struct {
		method string
		body   io.Reader
		handle handleFunc
		status int
	}{
		"handled":                {"POST", strings.NewReader(event), nil, 200},
		"handle fails":           {"POST", strings.NewReader(event), fail, 500},
		"GET":                    {"GET", nil, nil, 405},
		"PUT":                    {"PUT", strings.NewReader(event), nil, 405},
		"HEAD":                   {"HEAD", nil, nil, 405},
		"no body":                {"POST", nil, nil, 400},
		"no JSON":                {"POST", strings.NewReader(`trigger=t`), nil, 400},
		"cut JSON":               {"POST", strings.NewReader(event[:9]), nil, 400},
		"more than JSON":         {"POST", strings.NewReader(event + "}"), nil, 400},
		"null":                   {"POST", strings.NewReader(`null`), nil, 400},
		"a list":                 {"POST", strings.NewReader(`[` + event + `]`), nil, 400},
		"no trigger":             {"POST", strings.NewReader(`{"data":{}}`), nil, 400},
		"a trigger of no kind":   {"POST", strings.NewReader(`{"trigger":{}}`), nil, 400},
		"deep JSON":              {"POST", strings.NewReader(strings.Repeat(`[`, 20_000)), nil, 400},
		"a broken connection":    {"POST", iotest.ErrReader(io.ErrUnexpectedEOF), nil, 400},
		"one that breaks late":   {"POST", io.MultiReader(strings.NewReader(event), iotest.ErrReader(io.ErrUnexpectedEOF)), nil, 400},
		"exactly as long":        {"POST", strings.NewReader(event + strings.Repeat(" ", 1<<20-len(event))), nil, 200},
		"one byte too long":      {"POST", strings.NewReader(event + strings.Repeat(" ", 1<<20-len(event)+1)), nil, 413},
		"endless":                {"POST", endless{}, nil, 413},
		"no data, strange types": {"POST", strings.NewReader(`{"trigger":"t","appId":5,"region":[],"webhook":{}}`), nil, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			handle := ok(&calls)
			if tc.handle != nil {
				handle = tc.handle
			}
			r := httptest.NewRequestWithContext(t.Context(), tc.method, "/", tc.body)
			r.SetBasicAuth(hookUser, hookPassword)
			w := httptest.NewRecorder()
			newWebhook(t, handle).ServeHTTP(w, r)
			assert.Equal(t, tc.status, w.Code)
			if tc.status == 200 {
				assert.Equal(t, int32(1), calls.Load())
				assert.Empty(t, w.Body.String())
				return
			}
			assert.Zero(t, calls.Load())
			assert.Equal(t, http.StatusText(tc.status)+"\n", w.Body.String(), "and nothing internal")
			assert.Equal(t, tc.status == 405, w.Header().Get("Allow") == "POST")
		})
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, strings.Repeat(" ", len(p))), nil }

func TestWebhookCredentials(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	h := newWebhook(t, ok(&calls))
	basic := func(username, password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(username, password) }
	}
	header := func(value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", value) }
	}
	first := ""
	for name, set := range map[string]func(*http.Request){
		"none":                      func(*http.Request) {},
		"a wrong username":          basic("other", hookPassword),
		"a wrong password":          basic(hookUser, "other"),
		"both wrong":                basic("other", "other"),
		"both empty":                basic("", ""),
		"swapped":                   basic(hookPassword, hookUser),
		"another case":              basic(hookUser, strings.ToUpper(hookPassword)),
		"the beginning":             basic(hookUser, hookPassword[:5]),
		"more than the password":    basic(hookUser, hookPassword+"x"),
		"the colon in another spot": basic("hook", "user:"+hookPassword),
		"a scheme that is not it":   header("Bearer " + hookPassword),
		"no base64":                 header("Basic %%%"),
	} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/", strings.NewReader(connectionEvent(1)))
		set(r)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		assert.Equal(t, 401, w.Code, name)
		assert.Equal(t, `Basic realm="webhook", charset="UTF-8"`, w.Header().Get("WWW-Authenticate"), name)
		answer := fmt.Sprint(w.Header(), w.Body)
		if first == "" {
			first = answer
		}
		assert.Equal(t, first, answer, "%s: the answer tells which part is wrong", name)
		assert.NotContains(t, answer, hookUser)
	}
	assert.Zero(t, calls.Load())
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		assert.NotContains(t, fmt.Sprintf(verb, h), "hook-", "neither name nor password is printed")
	}
}

func TestWebhookPayloads(t *testing.T) {
	t.Parallel()
	const by, other = `{"uid":"cometchat-uid-1","name":"Andrew Joseph","status":"available","role":"default","lastActiveAt":1696935105}`,
		`{"uid":"cometchat-uid-2","name":"George Alan","status":"offline","conversationId":"x","metadata":{"a": 1}}`
	andrew := &cometchat.User{UID: "cometchat-uid-1", Name: "Andrew Joseph", Status: "online", Role: "default", LastActiveAt: time.Unix(1696935105, 0)}
	george := &cometchat.User{UID: "cometchat-uid-2", Name: "George Alan", Status: "offline", ConversationID: "x", Metadata: json.RawMessage(`{"a": 1}`)}
	disconnected := &cometchat.UserConnectionStatusChanged{
		User: andrew, Status: "offline", Action: "disconnected", Platform: "javascript", At: time.UnixMilli(1696935103114),
	}
	const connection = `"status":"offline","currentConnection":{"action":"disconnected","platform":"javascript"}`
	for name, tc := range map[string]struct {
		trigger, data string
		payload       any
	}{
		"blocked":                   {"user_blocked", `{"users":{"cometchat-uid-2":` + other + `},"by":` + by + `}`, &cometchat.UserBlocked{By: andrew, Users: []*cometchat.User{george}}},
		"unblocked":                 {"user_unblocked", `{"users":{"cometchat-uid-2":` + other + `},"by":` + by + `}`, &cometchat.UserUnblocked{By: andrew, Users: []*cometchat.User{george}}},
		"several, by uid":           {"user_blocked", `{"users":{"z":{"uid":"z"},"b":{"uid":"b"}},"by":` + by + `}`, &cometchat.UserBlocked{By: andrew, Users: []*cometchat.User{{UID: "b"}, {UID: "z"}}}},
		"a list of users":           {"user_blocked", `{"users":[` + other + `,null,7],"by":` + by + `}`, &cometchat.UserBlocked{By: andrew, Users: []*cometchat.User{george, {UID: "7"}}}},
		"uids for users":            {"user_unblocked", `{"users":["b"],"by":"a"}`, &cometchat.UserUnblocked{By: &cometchat.User{UID: "a"}, Users: []*cometchat.User{{UID: "b"}}}},
		"users without a uid":       {"user_blocked", `{"users":{"b":{"name":"B"},"c":null},"by":"a"}`, &cometchat.UserBlocked{By: &cometchat.User{UID: "a"}, Users: []*cometchat.User{{UID: "b", Name: "B"}, {UID: "c"}}}},
		"a field of another form":   {"user_blocked", `{"users":{"b":{"uid":"b","lastActiveAt":1696935103114}},"by":{"uid":"a","tags":"x"}}`, &cometchat.UserBlocked{By: &cometchat.User{UID: "a"}, Users: []*cometchat.User{{UID: "b"}}}},
		"nobody blocked":            {"user_blocked", `{"users":{},"by":` + by + `}`, nil},
		"blocked by nobody":         {"user_blocked", `{"users":{"b":{}}}`, nil},
		"unblocked by nobody":       {"user_unblocked", `{"users":{"b":{}},"by":{}}`, nil},
		"data of another form":      {"user_blocked", `["a"]`, nil},
		"disconnected":              {"user_connection_status_changed", `{"timestamp":1696935103114,"user":` + by + `,` + connection + `,"userPresenceChanged":true}`, disconnected},
		"a quoted time":             {"user_connection_status_changed", `{"timestamp":"1696935103114","user":` + by + `,` + connection + `}`, disconnected},
		"no status but the user's":  {"user_connection_status_changed", `{"user":` + by + `,"timestamp":true}`, &cometchat.UserConnectionStatusChanged{User: andrew, Status: "online"}},
		"available":                 {"user_connection_status_changed", `{"user":"a","status":"available"}`, &cometchat.UserConnectionStatusChanged{User: &cometchat.User{UID: "a"}, Status: "online"}},
		"nobody connected":          {"user_connection_status_changed", `{"timestamp":1,` + connection + `}`, nil},
		"legacy":                    {"after_connection_status_changed", `{"user":{"uid":"a","status":"online","status_updated":true},"event":{"type":"connected","at":"1673017183000","event_for":{"platform":"ios"}},"connections":[]}`, &cometchat.UserConnectionStatusChanged{User: &cometchat.User{UID: "a", Status: "online"}, Status: "online", Action: "connected", Platform: "ios", At: time.UnixMilli(1673017183000)}},
		"legacy, by the page":       {"user_connection_status_change", `{"user":{"uid":"a"},"event":{"type":"connected","at":5}}`, &cometchat.UserConnectionStatusChanged{User: &cometchat.User{UID: "a"}, Action: "connected", At: time.UnixMilli(5)}},
		"a trigger nobody knows":    {"group_created", `{ "group" : {"guid":"g"} , "big": 12345678901234567890.10 }`, nil},
		"data that is no object":    {"other", `"é\u00e9"`, nil},
		"null for data":             {"other", `null`, nil},
		"a user's uid in two forms": {"user_blocked", `{"users":{"b":"b2"},"by":5}`, &cometchat.UserBlocked{By: &cometchat.User{UID: "5"}, Users: []*cometchat.User{{UID: "b2"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := received(t, `{"trigger":"`+tc.trigger+`", "data": `+tc.data+` ,"appId":"app1","region":"eu","webhook":"w1","origin":{"platform":"API"}}`)
			assert.Equal(t, tc.trigger, e.Trigger)
			assert.Equal(t, "app1 eu w1", e.AppID+" "+e.Region+" "+e.Webhook)
			assert.Equal(t, tc.data, string(e.Data), "byte for byte")
			assert.Equal(t, tc.payload, e.Payload)
		})
	}
	assert.Nil(t, received(t, `{"trigger":"user_blocked"}`).Data)
}

func TestWebhookID(t *testing.T) {
	t.Parallel()
	envelope := func(app, hook, trigger, data, more string) string {
		return fmt.Sprintf(`{"trigger":%q,"data":%s,"appId":%q,"webhook":%q%s}`, trigger, data, app, hook, more)
	}
	seen := map[string]string{}
	for name, body := range map[string]string{
		"a message":          envelope("a", "w", "message_sent", `{"message":{"id":"1"}}`, ""),
		"another message":    envelope("a", "w", "message_sent", `{"message":{"id":"2"}}`, ""),
		"another trigger":    envelope("a", "w", "message_deleted", `{"message":{"id":"1"}}`, ""),
		"another webhook":    envelope("a", "w2", "message_sent", `{"message":{"id":"1"}}`, ""),
		"another app":        envelope("a2", "w", "message_sent", `{"message":{"id":"1"}}`, ""),
		"a shifted border":   envelope("a2w", "", "message_sent", `{"message":{"id":"1"}}`, ""),
		"a connection":       connectionEvent(1),
		"a later connection": connectionEvent(2),
		"its other device":   strings.Replace(connectionEvent(2), `"action"`, `"deviceId":"d2","action"`, 1),
		"an id of its own":   envelope("a", "w", "group_created", `{}`, `,"id":7`),
		"an event id":        envelope("a", "w", "group_created", `{}`, `,"eventId":"e"`),
	} {
		id := received(t, body).ID
		assert.Regexp(t, `^[0-9a-f]{64}$`, id, name)
		assert.Empty(t, seen[id], "%s has the ID of that", name)
		seen[id] = name
		assert.Equal(t, id, received(t, body).ID, "%s: delivered again", name)
	}
	// The data of a message may change between deliveries, as that of its users does.
	assert.Contains(t, seen, received(t, envelope("a", "w", "message_sent", `{"message":{"id":1,"x":0}}`, `,"region":"us"`)).ID)

	for name, body := range map[string]string{
		"blocked: nothing tells one block from the next": envelope("a", "w", "user_blocked", `{"by":"a","users":["b"]}`, ""),
		"a connection without a time":                    envelope("a", "w", "user_connection_status_changed", `{"user":"a"}`, ""),
		"a message without an id":                        envelope("a", "w", "message_sent", `{"message":{}}`, ""),
		"another trigger":                                envelope("a", "w", "group_created", `{"timestamp":1}`, ""),
	} {
		assert.Empty(t, received(t, body).ID, name)
		var calls atomic.Int32
		h := newWebhook(t, ok(&calls))
		assert.Equal(t, 200, deliver(h, body))
		assert.Equal(t, 200, deliver(h, body))
		assert.Equal(t, int32(2), calls.Load(), "%s: handled each time", name)
	}
}

func TestWebhookDuplicates(t *testing.T) {
	t.Parallel()
	t.Run("one after the other", func(t *testing.T) {
		t.Parallel()
		var calls atomic.Int32
		h := newWebhook(t, ok(&calls))
		for range 3 {
			assert.Equal(t, 200, deliver(h, connectionEvent(1)))
		}
		assert.Equal(t, int32(1), calls.Load())
		assert.Equal(t, 200, deliver(h, connectionEvent(2)))
		assert.Equal(t, int32(2), calls.Load())
	})
	t.Run("failed, then delivered again", func(t *testing.T) {
		t.Parallel()
		var calls atomic.Int32
		h := newWebhook(t, func(context.Context, *cometchat.WebhookEvent) error {
			if calls.Add(1) < 3 {
				return errors.New("no")
			}
			return nil
		})
		for _, want := range []int{500, 500, 200, 200} {
			assert.Equal(t, want, deliver(h, connectionEvent(1)))
		}
		assert.Equal(t, int32(3), calls.Load())
	})
	inBubble(t, "at once", func(t *testing.T) {
		var calls atomic.Int32
		h := newWebhook(t, func(context.Context, *cometchat.WebhookEvent) error {
			calls.Add(1)
			<-time.After(time.Second)
			return nil
		})
		deliverAtOnce(t, h, 50, map[int]int{200: 50})
		assert.Equal(t, int32(1), calls.Load())
	})
	inBubble(t, "at once, and the first fails", func(t *testing.T) {
		var calls atomic.Int32
		h := newWebhook(t, func(context.Context, *cometchat.WebhookEvent) error {
			if calls.Add(1) == 1 {
				<-time.After(time.Second)
				return errors.New("no")
			}
			return nil
		})
		deliverAtOnce(t, h, 10, map[int]int{500: 1, 200: 9})
		assert.Equal(t, int32(2), calls.Load(), "another takes over, and the rest wait for that")
	})
	inBubble(t, "many events at once", func(t *testing.T) {
		var calls atomic.Int32
		h := newWebhook(t, ok(&calls))
		var wg sync.WaitGroup
		for i := range 400 {
			wg.Go(func() { assert.Equal(t, 200, deliver(h, connectionEvent(1+i%20))) })
		}
		wg.Wait()
		assert.Equal(t, int32(20), calls.Load())
	})
}

// deliverAtOnce delivers one event n times at once, and asserts how often there was which answer.
func deliverAtOnce(t *testing.T, h http.Handler, n int, want map[int]int) {
	t.Helper()
	statuses := make(chan int, n)
	for range n {
		go func() { statuses <- deliver(h, connectionEvent(1)) }()
	}
	got := map[int]int{}
	for range n {
		got[<-statuses]++
	}
	assert.Equal(t, want, got)
}

func TestWebhookSlowHandle(t *testing.T) {
	t.Parallel()
	inBubble(t, "goes on, and then the event was handled", func(t *testing.T) {
		var calls atomic.Int32
		h := newWebhook(t, func(ctx context.Context, _ *cometchat.WebhookEvent) error {
			calls.Add(1)
			<-time.After(5 * time.Second)
			assert.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
			return nil
		})
		start := time.Now()
		assert.Equal(t, 503, deliver(h, connectionEvent(1)))
		assert.Equal(t, answerTime, time.Since(start))
		assert.Equal(t, 503, deliver(h, connectionEvent(1)), "still being handled")
		assert.Equal(t, 2*answerTime, time.Since(start))
		<-time.After(10 * time.Second)
		again := time.Now()
		assert.Equal(t, 200, deliver(h, connectionEvent(1)))
		assert.Zero(t, time.Since(again))
		assert.Equal(t, int32(1), calls.Load())
	})
	inBubble(t, "goes on, and fails", func(t *testing.T) {
		var calls atomic.Int32
		h := newWebhook(t, func(ctx context.Context, _ *cometchat.WebhookEvent) error {
			if calls.Add(1) == 1 {
				<-time.After(2 * time.Second)
				return ctx.Err()
			}
			return nil
		})
		assert.Equal(t, 503, deliver(h, connectionEvent(1)))
		<-time.After(10 * time.Second)
		assert.Equal(t, 200, deliver(h, connectionEvent(1)))
		assert.Equal(t, int32(2), calls.Load())
	})
	inBubble(t, "a redelivery gets the outcome that it waited for", func(t *testing.T) {
		h := newWebhook(t, func(context.Context, *cometchat.WebhookEvent) error {
			<-time.After(2 * time.Second)
			return nil
		})
		assert.Equal(t, 503, deliver(h, connectionEvent(1)))
		assert.Equal(t, 200, deliver(h, connectionEvent(1)))
	})
	inBubble(t, "stops with its context", func(t *testing.T) {
		h := newWebhook(t, func(ctx context.Context, _ *cometchat.WebhookEvent) error {
			<-ctx.Done()
			return context.Cause(ctx)
		})
		assert.Contains(t, []int{500, 503}, deliver(h, connectionEvent(1)))
	})
	inBubble(t, "the sender goes away", func(t *testing.T) {
		handled := false
		h := newWebhook(t, func(ctx context.Context, _ *cometchat.WebhookEvent) error {
			<-time.After(time.Second)
			handled = ctx.Err() == nil
			return ctx.Err()
		})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, delivery(connectionEvent(1)).WithContext(ctx))
		assert.Equal(t, 503, w.Code)
		<-time.After(time.Second)
		synctest.Wait()
		assert.True(t, handled)
		assert.Equal(t, 200, deliver(h, connectionEvent(1)))
	})
	inBubble(t, "a body that comes too late", func(t *testing.T) {
		var calls atomic.Int32
		r := delivery("")
		r.Body = io.NopCloser(slowReader{strings.NewReader(connectionEvent(1))})
		w := httptest.NewRecorder()
		newWebhook(t, ok(&calls)).ServeHTTP(w, r)
		assert.Equal(t, 503, w.Code)
		synctest.Wait()
		assert.Zero(t, calls.Load())
	})
}

type slowReader struct{ io.Reader }

func (r slowReader) Read(p []byte) (int, error) {
	<-time.After(time.Second)
	return r.Reader.Read(p)
}

func TestWebhookPanic(t *testing.T) {
	t.Parallel()
	t.Run("is the server's to see, and forgotten", func(t *testing.T) {
		t.Parallel()
		var none []int
		for name, fail := range map[string]func(){
			"a value":  func() { panic(http.ErrAbortHandler) },
			"nil":      func() { panic(nil) }, //nolint:govet // what a panic with nil does is the point
			"an index": func() { _ = none[0] },
		} {
			var calls atomic.Int32
			h := newWebhook(t, func(context.Context, *cometchat.WebhookEvent) error {
				if calls.Add(1) == 1 {
					fail()
				}
				return nil
			})
			assert.Panics(t, func() { deliver(h, connectionEvent(1)) }, name)
			assert.Equal(t, 200, deliver(h, connectionEvent(1)), name)
			assert.Equal(t, int32(2), calls.Load())
		}
		h := newWebhook(t, func(context.Context, *cometchat.WebhookEvent) error { panic(http.ErrAbortHandler) })
		assert.PanicsWithValue(t, http.ErrAbortHandler, func() { deliver(h, connectionEvent(1)) })
	})
	t.Run("the end of its goroutine", func(t *testing.T) {
		t.Parallel()
		var calls atomic.Int32
		h := newWebhook(t, func(context.Context, *cometchat.WebhookEvent) error {
			if calls.Add(1) == 1 {
				runtime.Goexit()
			}
			return nil
		})
		assert.Equal(t, 500, deliver(h, connectionEvent(1)))
		assert.Equal(t, 200, deliver(h, connectionEvent(1)))
	})
	inBubble(t, "too late", func(t *testing.T) {
		var logged bytes.Buffer
		server := &http.Server{ErrorLog: log.New(&logged, "", 0)} //nolint:gosec // it does not listen
		var calls atomic.Int32
		h := newWebhook(t, func(context.Context, *cometchat.WebhookEvent) error {
			if calls.Add(1) == 1 {
				<-time.After(2 * time.Second)
				panic("too late")
			}
			return nil
		})
		w := httptest.NewRecorder()
		h.ServeHTTP(w, delivery(connectionEvent(1)).WithContext(context.WithValue(t.Context(), http.ServerContextKey, server)))
		assert.Equal(t, 503, w.Code)
		assert.Equal(t, 200, deliver(h, connectionEvent(1)), "a redelivery that waited for it handles the event")
		synctest.Wait()
		assert.Contains(t, logged.String(), "too late\ngoroutine")
		assert.Contains(t, logged.String(), "webhook_test.go", "the stack of the panic")
		assert.NotContains(t, logged.String(), hookPassword)
	})
}

func TestWebhookMemory(t *testing.T) {
	t.Parallel()
	t.Run("is bounded", func(t *testing.T) {
		t.Parallel()
		const limit = 10_000
		var calls atomic.Int32
		h := newWebhook(t, ok(&calls))
		for i := range limit + 1 {
			require.Equal(t, 200, deliver(h, connectionEvent(1+i)))
		}
		deliver(h, connectionEvent(2))
		assert.Equal(t, int32(limit+1), calls.Load(), "the oldest that is remembered")
		deliver(h, connectionEvent(1))
		assert.Equal(t, int32(limit+2), calls.Load(), "the oldest is forgotten")
	})
	inBubble(t, "ends after an hour", func(t *testing.T) {
		var calls atomic.Int32
		h := newWebhook(t, ok(&calls))
		deliver(h, connectionEvent(1))
		<-time.After(time.Hour - time.Nanosecond)
		deliver(h, connectionEvent(1))
		assert.Equal(t, int32(1), calls.Load())
		<-time.After(time.Nanosecond)
		deliver(h, connectionEvent(1))
		assert.Equal(t, int32(2), calls.Load())
	})
	inBubble(t, "keeps what is being handled", func(t *testing.T) {
		var calls atomic.Int32
		h := newWebhook(t, func(context.Context, *cometchat.WebhookEvent) error {
			calls.Add(1)
			<-time.After(2 * time.Hour)
			return nil
		})
		assert.Equal(t, 503, deliver(h, connectionEvent(1)))
		<-time.After(time.Hour)
		assert.Equal(t, 503, deliver(h, connectionEvent(1)))
		<-time.After(time.Hour)
		assert.Equal(t, 200, deliver(h, connectionEvent(1)))
		assert.Equal(t, int32(1), calls.Load())
	})
}

// deduper is one of the user's.
type deduper struct {
	first    bool
	beginErr error
	doneErr  error
	done     []string
}

func (d *deduper) Begin(context.Context, string) (bool, error) { return d.first, d.beginErr }

func (d *deduper) Done(ctx context.Context, id string, handled bool) error {
	d.done = append(d.done, fmt.Sprintf("%s %t %v", id, handled, ctx.Err()))
	return d.doneErr
}

func TestWithWebhookDeduper(t *testing.T) {
	t.Parallel()
	id := received(t, connectionEvent(1)).ID
	fails := errors.New("redis://secret@host is down")
	for name, tc := range map[string]struct {
		deduper deduper
		err     error
		status  int
		calls   int32
		done    []string
	}{
		"handled":            {deduper{first: true}, nil, 200, 1, []string{id + " true <nil>"}},
		"failed":             {deduper{first: true}, fails, 500, 1, []string{id + " false <nil>"}},
		"handled before":     {deduper{}, nil, 200, 0, nil},
		"it cannot say":      {deduper{first: true, beginErr: fails}, nil, 503, 0, nil},
		"it cannot remember": {deduper{first: true, doneErr: fails}, nil, 200, 1, []string{id + " true <nil>"}},
	} {
		var calls atomic.Int32
		h := newWebhook(t, func(context.Context, *cometchat.WebhookEvent) error {
			calls.Add(1)
			return tc.err
		}, cometchat.WithWebhookDeduper(&tc.deduper))
		assert.Equal(t, tc.status, deliver(h, connectionEvent(1)), name)
		assert.Equal(t, tc.calls, calls.Load(), name)
		assert.Equal(t, tc.done, tc.deduper.done, name)
	}
	var calls atomic.Int32
	d := &deduper{}
	h := newWebhook(t, ok(&calls), cometchat.WithWebhookDeduper(d))
	assert.Equal(t, 200, deliver(h, `{"trigger":"user_blocked"}`))
	assert.Equal(t, int32(1), calls.Load(), "it is not asked about an event without an ID")
	assert.Empty(t, d.done)
}

// TestWebhookServed goes through a real server: what it makes of a panic, and of a body that is too long.
func TestWebhookServed(t *testing.T) {
	t.Parallel()
	h := newWebhook(t, func(_ context.Context, e *cometchat.WebhookEvent) error {
		if e.Trigger == "panic" {
			panic(http.ErrAbortHandler)
		}
		return nil
	})
	s := httptest.NewServer(h)
	defer s.Close()
	for body, want := range map[string]int{
		connectionEvent(1):          200,
		`{"trigger":"panic"}`:       0,
		strings.Repeat(" ", 2<<20):  413,
		`{"trigger":"t","data":[]}`: 200,
	} {
		r := delivery(body)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, r.Body)
		require.NoError(t, err)
		r.SetBasicAuth(hookUser, hookPassword)
		answer, err := s.Client().Do(r)
		if want == 0 {
			require.Error(t, err)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, want, answer.StatusCode)
		require.NoError(t, answer.Body.Close())
	}
}

// FuzzWebhook delivers anything, twice: the answer is a status, and an event that has an ID is handled once.
func FuzzWebhook(f *testing.F) {
	for _, body := range []string{
		``, `null`, `{}`, `[]`, `{"trigger":"t"}`, `{"trigger":5,"id":1e999}`, connectionEvent(1), connectionEvent(-1), "\xff",
		`{"trigger":"user_blocked","data":{"by":{"uid":"a"},"users":{"b":{"uid":"b","tags":[1]},"":null}}}`,
		`{"trigger":"user_unblocked","data":{"by":"a","users":["b",{"uid":"c","metadata":null}]}}`,
		`{"trigger":"after_connection_status_changed","data":{"user":{"uid":"a"},"event":{"type":"connected","at":"99999999999999999999"}}}`,
		`{"trigger":"message_sent","data":{"message":{"id":"1"}},"trigger":"user_blocked","data":"\ud800"}`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		var events []*cometchat.WebhookEvent
		h := newWebhook(t, func(_ context.Context, e *cometchat.WebhookEvent) error {
			events = append(events, e)
			return nil
		})
		status := deliver(h, body)
		assert.Contains(t, []int{200, 400, 413}, status)
		assert.Equal(t, status, deliver(h, body))
		if status != 200 {
			assert.Empty(t, events)
			return
		}
		e := events[0]
		assert.NotEmpty(t, e.Trigger)
		assert.Equal(t, e.ID == "", len(events) == 2)
		assert.True(t, e.Data == nil || json.Valid(e.Data) && strings.Contains(body, string(e.Data)))
		switch p := e.Payload.(type) {
		case *cometchat.UserBlocked:
			assertUsers(t, append(p.Users, p.By), 2)
		case *cometchat.UserUnblocked:
			assertUsers(t, append(p.Users, p.By), 2)
		case *cometchat.UserConnectionStatusChanged:
			assertUsers(t, []*cometchat.User{p.User}, 1)
		default:
			assert.Nil(t, p)
		}
	})
}

func assertUsers(t *testing.T, users []*cometchat.User, atLeast int) {
	t.Helper()
	assert.GreaterOrEqual(t, len(users), atLeast)
	for _, u := range users {
		if assert.NotNil(t, u) {
			assert.NotEmpty(t, u.UID)
		}
	}
}

func TestWebhookOfAMessageEditedTwice(t *testing.T) {
	t.Parallel()
	id := func(message string) string {
		return received(t, `{"trigger":"message_edited","appId":"a","webhook":"w","data":{"message":`+message+`}}`).ID
	}
	assert.NotEqual(t, id(`{"id":"1","editedAt":5}`), id(`{"id":"1","editedAt":6}`), "two edits are two events")
	assert.Equal(t, id(`{"id":"1","editedAt":5,"x":1}`), id(`{"id":"1","editedAt":5}`))
	assert.NotEmpty(t, id(`{"id":"1","updatedAt":5}`))
	assert.Empty(t, id(`{"id":"1"}`), "without a time they cannot be told apart")
}
