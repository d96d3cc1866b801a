package main

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDemonstration(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, demonstrate(t.Context(), &out))
	told := regexp.MustCompile(`(connects again in|at http:) .*|http.*`).ReplaceAllString(out.String(), "…")
	assert.Equal(t, `Talking to an emulator of CometChat inside this process, at …

The bot is connecting.
The bot is connected.
Answered message 1 from ada to user bot: "Hello!"
The bot is disconnected, and …
The bot is connecting.
The bot is connected.
Answered message 3 from ada to user bot: "Are you there?"
Answered message 5 from ada to user bot: "The server's reply to your answer is going to be lost."
The bot has ended.

Ada writes meanwhile. The bot starts again.
The bot is connecting.
The bot is connected.
Answered message 7 from ada to user bot: "You are not running."
The bot has ended.
`, told)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, demonstrate(ctx, io.Discard), context.Canceled)
}

func TestEnvironment(t *testing.T) {
	for _, name := range []string{"COMETCHAT_APP_ID", "COMETCHAT_REGION", "COMETCHAT_AUTH_KEY", "COMETCHAT_UID"} {
		t.Setenv(name, "")
	}
	b, err := findBot("")
	require.NoError(t, err)
	assert.Nil(t, b)
	t.Setenv("COMETCHAT_APP_ID", "app")
	_, err = findBot("")
	require.ErrorContains(t, err, "or none")
	t.Setenv("COMETCHAT_REGION", "us")
	t.Setenv("COMETCHAT_AUTH_KEY", "key")
	b, err = findBot("")
	require.NoError(t, err)
	assert.Equal(t, "cometchat-uid-1", b.uid)
	t.Setenv("COMETCHAT_UID", "bot")
	b, err = findBot(filepath.Join(t.TempDir(), "bot"))
	require.NoError(t, err)
	assert.Equal(t, "bot", b.uid)
	assert.Len(t, b.options, 3)
}

// TestAnswers has a bot hear what it has to answer and what it must not answer.
func TestAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ada := w.client(t, "ada")
		group, _, err := ada.CreateGroup(t.Context(), cometchat.NewGroup{
			GUID: "hikers", Name: "Hikers", Type: cometchat.GroupPublic,
			Members: cometchat.NewGroupMembers{Participants: []string{"bot"}},
		})
		require.NoError(t, err)
		send := func(c *cometchat.Client, m *cometchat.OutgoingMessage) *cometchat.Message {
			sent, err := c.SendMessage(t.Context(), m)
			require.NoError(t, err)
			synctest.Wait()
			return sent
		}
		toBot, toGroup := cometchat.ToUser("bot"), cometchat.ToGroup(group.GUID)
		begun := send(ada, cometchat.NewTextMessage(toBot, "in private"))
		reply := cometchat.NewTextMessage(toBot, "in a thread")
		reply.ParentID = begun.ID
		send(ada, reply)
		send(ada, cometchat.NewTextMessage(toGroup, "in a group"))
		send(ada, cometchat.NewCustomMessage(toBot, "location", map[string]int{"lat": 50}))
		send(w.client(t, "bot"), cometchat.NewTextMessage(cometchat.ToUser("ada"), "from the bot's other device"))
		echo := cometchat.NewTextMessage(toBot, "of another echobot")
		echo.Metadata = []byte(botMark)
		send(ada, echo)

		answers := w.answers()
		require.Len(t, answers, 4)
		assert.Equal(t, "in private", answers[0].Text)
		assert.Equal(t, cometchat.ToUser("ada"), answers[0].Receiver)
		assert.Equal(t, begun.ID, answers[1].ParentID, "in a thread")
		assert.Equal(t, "from the bot's other device", answers[2].Text, "no answer of the bot")
		assert.Equal(t, toGroup, answers[3].Receiver)
		w.end()
		require.NoError(t, <-w.ended)
	})
}

// TestFaults has the answers of a bot fail in many ways. Each message gets one answer.
func TestFaults(t *testing.T) {
	t.Parallel()
	const refused = `{"error":{"code":"ERR_BLOCKED_BY_RECEIVER","message":"blocked"}}`
	for name, test := range map[string]struct {
		fault cometchattest.Fault
		lost  bool // the answer
	}{
		"the reply of the server is lost":        {fault: cometchattest.Fault{DropAfter: true, Times: 1}},
		"the server keeps the answer later":      {fault: cometchattest.Fault{DropAfter: true, Late: 8 * time.Second, Times: 1}},
		"the request is lost":                    {fault: cometchattest.Fault{DropBefore: true, Times: 1}},
		"a gateway fails":                        {fault: cometchattest.Fault{Status: 502, Body: "<html>", Times: 1}},
		"too many requests for the SDK's retry":  {fault: cometchattest.Fault{Status: 429, Body: `{}`, Times: 4}},
		"the server refuses the answer for good": {fault: cometchattest.Fault{Status: 403, Body: refused, Times: 1}, lost: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				test.fault.Method, test.fault.Path = "POST", "/messages"
				fault := w.server.InjectFault(test.fault)
				w.server.SendMessage("ada", "bot", "first")
				w.server.SendMessage("ada", "bot", "second")
				pass(time.Minute)
				assert.Equal(t, test.fault.Times, fault.Count())
				var texts []string
				for _, m := range w.answers() {
					texts = append(texts, m.Text)
				}
				if test.lost {
					assert.Equal(t, []string{"second"}, texts)
					assert.Contains(t, w.out.String(), "No answer to message 1 from ada")
				} else {
					assert.Equal(t, []string{"first", "second"}, texts)
				}
				w.end()
				require.NoError(t, <-w.ended)
			})
		})
	}
}

// TestRestart has a bot hear again what an earlier process has answered, and what it has not.
func TestRestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		answered := w.server.SendMessage("ada", "bot", "answered")
		synctest.Wait()
		w.end()
		require.NoError(t, <-w.ended)
		open := w.server.SendMessage("ada", "bot", "open")
		forged := cometchat.NewTextMessage(cometchat.ToUser("bot"), "This is no answer.")
		forged.MUID = "echo-" + open.ID
		_, err := w.client(t, "ada").SendMessage(t.Context(), forged)
		require.NoError(t, err)
		bot := w.client(t, "bot")
		for _, m := range []*cometchat.Message{answered, open, open} {
			again := m.Clone()
			again.MayRepeat = true
			require.NoError(t, answer(t.Context(), bot, &cometchat.User{UID: "bot"}, again))
		}
		assert.Len(t, w.answers(), 2)
	})
}

// TestEndOfTheSession ends the bot with an error, so that whoever started it hears of it.
func TestEndOfTheSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.server.RevokeTokens("bot")
		require.ErrorIs(t, <-w.ended, cometchat.ErrAuthTokenNotFound)
	})
}

// TestSignal ends the bot while it sends an answer. The answer is sent.
func TestSignal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.server.InjectFault(cometchattest.Fault{Method: "POST", Path: "/messages", Delay: time.Second, Times: 1})
		w.server.SendMessage("ada", "bot", "Hello")
		pass(time.Second / 2)
		w.end()
		require.NoError(t, <-w.ended)
		assert.Len(t, w.answers(), 1)
		assert.Contains(t, w.out.String(), "The bot has ended.")
	})
}

// world is a bot that runs against an emulator, in a bubble.
type world struct {
	server *cometchattest.Server
	out    *bytes.Buffer // of the bot: read it while the bot waits
	end    func()
	ended  chan error
}

func newWorld(t *testing.T) *world {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	w := &world{server: cometchattest.New(), out: new(bytes.Buffer), end: end, ended: make(chan error, 1)}
	w.server.AddUser(&cometchat.User{UID: "bot", Name: "Echo"})
	w.server.AddUser(&cometchat.User{UID: "ada", Name: "Ada"})
	t.Cleanup(w.server.Close)
	b := &bot{appID: w.server.AppID, authKey: w.server.AuthKey, uid: "bot", options: w.server.Options()}
	go func() { w.ended <- b.run(ctx, w.out) }()
	synctest.Wait()
	require.Contains(t, w.out.String(), "The bot is connected.")
	return w
}

// client returns another client.
func (w *world) client(t *testing.T, uid string) *cometchat.Client {
	t.Helper()
	client, err := cometchat.New(w.server.AppID, w.server.Options()...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	_, err = client.Login(t.Context(), uid, w.server.AuthKey)
	require.NoError(t, err)
	return client
}

// answers returns what the bot's user has sent, the oldest first.
func (w *world) answers() (answers []*cometchat.Message) {
	for _, conversation := range []string{"ada_user_bot", "group_hikers"} {
		for _, m := range w.server.Messages(conversation) {
			if m.Sender.UID == "bot" && m.Category == cometchat.CategoryMessage {
				answers = append(answers, m)
			}
		}
	}
	return answers
}

// pass waits on the clock of the bubble.
func pass(d time.Duration) { <-time.After(d) }
