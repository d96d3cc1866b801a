package main

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
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
	assert.Regexp(t, `(?s)The bot is connected.
Hikers \(hikers\): bob joined
group hikers: said "Welcome, bob!"
group hikers: said "You may not have bob removed: you do not rank above."
group hikers: said "bob is removed."
The bot is disconnected, and connects again .*Hikers \(hikers\): bob joined
group hikers: said "Welcome, bob!"
The bot has ended.
$`, out.String())

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

// TestKick has members of each scope ask for the removal of others. The bot is an admin.
func TestKick(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, cometchat.NewGroupMembers{
			Admins: []string{"bot", "admin", "admin2"}, Moderators: []string{"moderator", "moderator2"},
			Participants: []string{"participant", "participant2", "participant3", "participant4"},
		})
		for _, test := range []struct{ who, whom, answer string }{
			{"participant", "participant2", "You may not have participant2 removed: you do not rank above."},
			{"participant", "owner", "You may not have owner removed: you do not rank above."},
			{"moderator", "moderator2", "You may not have moderator2 removed: you do not rank above."},
			{"moderator", "admin", "You may not have admin removed: you do not rank above."},
			{"moderator", "participant", "participant is removed."},
			{"moderator", "participant", "participant is no member."},
			{"moderator", "nobody", "nobody is no member."},
			{"admin", "admin2", "You may not have admin2 removed: you do not rank above."},
			{"admin", "bot", "You may not have bot removed: you do not rank above."},
			{"admin", "Moderator2", "moderator2 is removed."},
			{"admin", "..", ".. is no member."},
			{"admin", "participant2", "participant2 is removed."},
			{"owner", " participant3 ", "participant3 is removed."},
			{"owner", "admin2", "I may not remove admin2: make me an admin."}, // only the owner may
		} {
			w.say(t, test.who, "/kick "+test.whom)
			answers := w.answers()
			require.NotEmpty(t, answers)
			assert.Equal(t, test.answer, answers[len(answers)-1], "%s asks to remove %s", test.who, test.whom)
		}
		before := len(w.answers())
		w.say(t, "owner", "Hello, /kick participant4")
		private := cometchat.NewTextMessage(cometchat.ToUser("bot"), "/kick participant4")
		_, err := w.users["owner"].SendMessage(t.Context(), private)
		require.NoError(t, err)
		synctest.Wait()
		assert.Len(t, w.answers(), before, "no command, and no group")
		w.end()
		require.NoError(t, <-w.ended)
	})
}

// TestMembers has users join, be added, leave and be promoted. Only new members are welcomed.
func TestMembers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, cometchat.NewGroupMembers{Admins: []string{"bot"}})
		_, err := w.users["participant"].JoinGroup(t.Context(), "hikers", "")
		require.NoError(t, err)
		synctest.Wait()
		_, err = w.users["owner"].AddGroupMembers(t.Context(), "hikers", cometchat.NewGroupMembers{Moderators: []string{"moderator"}})
		require.NoError(t, err)
		synctest.Wait()
		require.NoError(t, w.users["owner"].UpdateGroupMemberScope(t.Context(), "hikers", "participant", cometchat.ScopeModerator))
		require.NoError(t, w.users["participant"].LeaveGroup(t.Context(), "hikers"))
		synctest.Wait()
		assert.Equal(t, []string{"Welcome, participant!", "Welcome, moderator!"}, w.answers())

		w.server.InjectFault(cometchattest.Fault{Method: "POST", Path: "/messages", DropAfter: true, Late: 8 * time.Second, Times: 1})
		_, err = w.users["participant2"].JoinGroup(t.Context(), "hikers", "")
		require.NoError(t, err)
		synctest.Wait()
		w.server.InjectFault(cometchattest.Fault{Method: "GET", Path: "/groups/hikers/members", Status: 403, Body: `{"error":{"code":"ERR_X"}}`, Times: 1})
		w.say(t, "owner", "/kick moderator")
		<-time.After(time.Minute)
		assert.Equal(t, []string{"Welcome, participant!", "Welcome, moderator!", "Welcome, participant2!"}, w.answers(), "the send is not repeated")
		assert.Contains(t, w.out.String(), "It has failed: cometchat: ListGroupMembers")
		w.server.RevokeTokens("bot")
		require.ErrorIs(t, <-w.ended, cometchat.ErrAuthTokenNotFound)
	})
}

// TestRestart has the bot hear again of a command that an earlier process has carried out. The user is back meanwhile, and stays.
func TestRestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, cometchat.NewGroupMembers{Admins: []string{"bot"}, Participants: []string{"participant"}})
		command := w.say(t, "owner", "/kick participant").Clone()
		w.end()
		require.NoError(t, <-w.ended)
		command.MayRepeat = true
		b := &bot{client: w.users["bot"], me: &cometchat.User{UID: "bot"}, say: func(string, ...any) {}}
		done := 0
		act := func(context.Context) (string, error) {
			done++
			return "done", nil
		}
		require.NoError(t, b.do(t.Context(), command, act))
		assert.Zero(t, done)
		other := w.say(t, "owner", "/kick participant").Clone()
		other.MayRepeat = true
		require.NoError(t, b.do(t.Context(), other, act))
		assert.Equal(t, 1, done, "no earlier process has heard of this one")
		assert.Equal(t, []string{"participant is removed.", "done"}, w.answers())
	})
}

// world is a bot that moderates a group in an emulator, in a bubble.
type world struct {
	server *cometchattest.Server
	users  map[string]*cometchat.Client
	out    *bytes.Buffer // of the bot: read it while the bot waits
	end    func()
	ended  chan error
}

func newWorld(t *testing.T, members cometchat.NewGroupMembers) *world {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	w := &world{cometchattest.New(), map[string]*cometchat.Client{}, new(bytes.Buffer), end, make(chan error, 1)}
	t.Cleanup(w.server.Close)
	for _, uid := range []string{
		"owner", "admin", "admin2", "moderator", "moderator2", "participant", "participant2", "participant3", "participant4", "bot",
	} {
		w.server.AddUser(&cometchat.User{UID: uid, Name: uid})
		client, err := cometchat.New(w.server.AppID, w.server.Options()...)
		require.NoError(t, err)
		t.Cleanup(func() { _ = client.Close() })
		_, err = client.Login(t.Context(), uid, w.server.AuthKey)
		require.NoError(t, err)
		w.users[uid] = client
	}
	group := cometchat.NewGroup{GUID: "hikers", Name: "Hikers", Type: cometchat.GroupPublic, Members: members}
	_, _, err := w.users["owner"].CreateGroup(t.Context(), group)
	require.NoError(t, err)
	b := &bot{appID: w.server.AppID, authKey: w.server.AuthKey, uid: "bot", options: w.server.Options()}
	go func() { w.ended <- b.run(ctx, w.out) }()
	synctest.Wait()
	require.Contains(t, w.out.String(), "The bot is connected.")
	return w
}

// say sends a text to the group, and waits for what the bot does.
func (w *world) say(t *testing.T, uid, text string) *cometchat.Message {
	t.Helper()
	m, err := w.users[uid].SendMessage(t.Context(), cometchat.NewTextMessage(cometchat.ToGroup("hikers"), text))
	require.NoError(t, err)
	synctest.Wait()
	return m
}

// answers returns what the bot has said, the oldest first.
func (w *world) answers() (texts []string) {
	for _, m := range w.server.Messages("group_hikers") {
		if m.Sender.UID == "bot" && m.Category == cometchat.CategoryMessage {
			texts = append(texts, m.Text)
		}
	}
	return texts
}
