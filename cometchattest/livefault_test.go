package cometchattest_test

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// authenticates opens a live connection and sends its auth frame, without waiting for an answer.
func authenticates(t *testing.T, s *cometchattest.Server, uid string) *live {
	t.Helper()
	l := dialed(t, s)
	l.send(object{"type": "auth", "deviceId": "d", "body": object{
		"auth": jwtOf(t, s, s.CreateAuthToken(uid)), "presenceSubscription": "ALL_USERS",
	}})
	return l
}

// accepted reads the answer that lets the client in.
func (l *live) accepted() *live {
	l.t.Helper()
	assert.Equal(l.t, object{"code": "200", "status": "OK"}, l.next()["body"])
	return l
}

// read starts a goroutine that reads a frame, and returns a channel for its text or for "" at the end of the connection.
func (l *live) read() <-chan string {
	frame := make(chan string, 1)
	go func() {
		_, raw, _ := l.conn.Read(l.t.Context())
		frame <- string(raw)
	}()
	return frame
}

// silent asserts that nothing comes within a minute on the clock of the bubble, and that the connection stays.
func (l *live) silent() (frame <-chan string) {
	l.t.Helper()
	frame = l.read()
	time.Sleep(time.Minute)
	synctest.Wait()
	select {
	case raw := <-frame:
		require.Fail(l.t, "the connection is not silent", "%q", raw)
	default:
	}
	return frame
}

// TestLiveFaults has the faults of the coming live connections. A watcher sees who comes online.
func TestLiveFaults(t *testing.T) {
	t.Parallel()
	type F = cometchattest.LiveFault
	for name, tc := range map[string]struct {
		fault F
		sees  func(t *testing.T, s *cometchattest.Server, l, watcher *live)
	}{
		"a jwt that is refused": {F{Refuse: true}, func(t *testing.T, _ *cometchattest.Server, l, _ *live) {
			t.Helper()
			assert.Equal(t, object{"code": "401", "status": "ERROR"}, l.next()["body"])
			code, reason := l.closed()
			assert.Equal(t, websocket.StatusPolicyViolation, code)
			assert.Contains(t, reason, "jwt")
		}},
		"no answer": {F{Silent: true}, func(t *testing.T, _ *cometchattest.Server, l, _ *live) {
			t.Helper()
			l.send(object{"action": "ping", "ack": "true"})
			assert.Equal(t, "pong", l.next()["action"])
			l.silent()
		}},
		"an odd answer": {F{Answer: `{"type":"auth","body":{"code":200,"status":"OK"}}`},
			func(t *testing.T, _ *cometchattest.Server, l, watcher *live) {
				t.Helper()
				assert.Equal(t, object{"type": "auth", "body": object{"code": 200.0, "status": "OK"}}, l.next())
				watcher.told(uid(1), "online")
				l.quiet()
			}},
		"an answer that is not JSON": {F{Answer: "<html>"}, func(t *testing.T, _ *cometchattest.Server, l, watcher *live) {
			t.Helper()
			assert.Equal(t, "<html>", <-l.read())
			watcher.told(uid(1), "online")
		}},
		"accepted and closed at once": {F{CloseCode: 4001, CloseReason: "try later"},
			func(t *testing.T, _ *cometchattest.Server, l, watcher *live) {
				t.Helper()
				code, reason := l.accepted().closed()
				assert.Equal(t, websocket.StatusCode(4001), code)
				assert.Equal(t, "try later", reason)
				watcher.told(uid(1), "online")
				watcher.told(uid(1), "offline")
			}},
		"accepted and dropped at once": {F{CloseCode: 1006}, func(t *testing.T, _ *cometchattest.Server, l, watcher *live) {
			t.Helper()
			code, _ := l.accepted().closed()
			assert.Equal(t, websocket.StatusCode(-1), code)
			watcher.told(uid(1), "online")
			watcher.told(uid(1), "offline")
		}},
		"half-open": {F{HalfOpen: true}, func(t *testing.T, s *cometchattest.Server, l, watcher *live) {
			t.Helper()
			l.accepted()
			watcher.told(uid(1), "online")
			end := l.silent()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			err := l.conn.Write(ctx, websocket.MessageText, []byte(`{"action":"ping"}`))
			require.ErrorIs(t, err, context.DeadlineExceeded, "nothing reads from the pipe")
			assert.Empty(t, <-end, "the client has left")
			watcher.quiet() // the server has not noticed it
			assert.Equal(t, 1, s.DropSockets(uid(1)))
			watcher.told(uid(1), "offline")
		}},
		"all frames lost": {F{LoseFrames: 1}, func(t *testing.T, s *cometchattest.Server, l, watcher *live) {
			t.Helper()
			l.accepted()
			watcher.told(uid(1), "online")
			l.send(object{"action": "ping", "ack": "true"})
			l.send(object{"type": "typing_indicator", "receiver": uid(2), "receiverType": "user", "body": object{}})
			assert.Equal(t, "typing_indicator", watcher.next()["type"], "the server reads")
			l.silent()
			assert.Equal(t, 1, s.CloseSockets(uid(1), 1011, ""))
			watcher.told(uid(1), "offline")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := inMemory(t)
				watcher := connected(t, s, s.CreateAuthToken(uid(2)), "w", "ALL_USERS")
				tc.fault.UID, tc.fault.Times = "COMETCHAT-uid-1", 1
				fault := s.InjectLiveFault(tc.fault)
				tc.sees(t, s, authenticates(t, s, uid(1)), watcher)
				watcher.quiet()
				assert.Equal(t, 1, fault.Count())
				assert.Zero(t, s.Faults(), "it is used up")
				authenticates(t, s, uid(1)).accepted().quiet()
			})
		})
	}
}

func TestWhichConnectionsALiveFaultSelects(t *testing.T) {
	t.Parallel()
	s := started(t)
	one := s.InjectLiveFault(cometchattest.LiveFault{UID: uid(1), CloseCode: 4001})
	all := s.InjectLiveFault(cometchattest.LiveFault{CloseCode: 4002, Times: 1})
	request := s.InjectFault(cometchattest.Fault{Path: "/messages", DropBefore: true})
	dialed(t, s).refused("no jwt")
	assert.Zero(t, all.Count(), "the server would refuse the connection anyhow")
	for _, code := range []websocket.StatusCode{4001, 4001} {
		got, _ := authenticates(t, s, uid(1)).accepted().closed()
		assert.Equal(t, code, got, "the oldest fault takes effect")
	}
	got, _ := authenticates(t, s, uid(2)).accepted().closed()
	assert.Equal(t, websocket.StatusCode(4002), got)
	authenticates(t, s, uid(2)).accepted().quiet()
	one.Remove()
	one.Remove() // a second call does nothing
	authenticates(t, s, uid(1)).accepted().quiet()
	assert.Equal(t, []int{2, 1, 0}, []int{one.Count(), all.Count(), request.Count()})
}

// TestLostFrames shows that some frames are lost, and the same ones with the same seed.
func TestLostFrames(t *testing.T) {
	t.Parallel()
	const frames = 200
	s := started(t)
	arrived := func(seed uint64) (numbers []float64) {
		defer s.InjectLiveFault(cometchattest.LiveFault{UID: uid(1), LoseFrames: 0.3, Seed: seed, Times: 1}).Remove()
		l := authenticates(t, s, uid(1)).accepted()
		sender := connected(t, s, s.CreateAuthToken(uid(2)), "s", "")
		for i := range frames {
			sender.send(object{"type": "typing_indicator", "receiver": uid(1), "receiverType": "user", "body": object{"i": i}})
		}
		sender.quiet() // the server has read them
		s.CloseSockets("", 1001, "")
		for {
			_, raw, err := l.conn.Read(t.Context())
			if err != nil {
				return numbers
			}
			var f struct {
				Type string
				Body struct{ I float64 }
			}
			require.NoError(t, json.Unmarshal(raw, &f))
			if f.Type == "typing_indicator" {
				numbers = append(numbers, f.Body.I)
			}
		}
	}
	one := arrived(1)
	assert.InDelta(t, frames*0.7, len(one), frames*0.15)
	assert.Equal(t, one, arrived(1))
	assert.NotEqual(t, one, arrived(2))
}
