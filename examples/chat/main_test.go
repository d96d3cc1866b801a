package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTwoTerminals starts the chat as a user does, in two terminals, and has Ada and Bob chat.
func TestTwoTerminals(t *testing.T) {
	noApp(t)
	var banner bytes.Buffer
	first, err := findApp(&banner, "", "")
	require.NoError(t, err)
	t.Cleanup(first.close)
	command := regexp.MustCompile(`go run ./examples/chat -emulator (\S+) -uid (\S+)`).FindStringSubmatch(banner.String())
	require.Len(t, command, 3, "the command for the second terminal")
	second, err := findApp(io.Discard, command[1], command[2])
	require.NoError(t, err)

	ada := start(t, first)
	ada.expect(`You are Ada \(ada\)`)
	ada.expect("Bob .*offline .*1 new.* Hello Ada")
	bob := start(t, second)
	bob.expect(`You are Bob \(bob\)`)
	bob.expect(`Ada .*online`)

	ada.enter("Hello?")
	ada.expect("open a conversation first")
	ada.enter("/open 1")
	ada.expect("--- Bob is online.")
	ada.expect(`\d\d:\d\d Bob: Hello Ada`)
	bob.enter("/open ada")
	bob.expect("--- Ada is online.")
	bob.expect("You: Hello Ada.*✓")

	ada.enter(`Dear Bob, \`)
	bob.expect("Ada is typing …")
	ada.enter("//open is a command.")
	ada.expect("✓ sent: Dear Bob, /open is a command.")
	bob.expect(`Ada: Dear Bob, $`)
	bob.expect(`^ {6}\| /open is a command.`)
	ada.expect("✓✓ read by Bob: Dear Bob,")
	bob.enter(`Dear Ada, \`)
	ada.expect("Bob is typing …")
	bob.enter("I see.")
	ada.expect("Bob: Dear Ada,")
	bob.expect("✓✓ read by Ada")

	ada.enter("/quit")
	require.NoError(t, <-ada.ended)
	bob.expect("Ada is offline.")
	require.NoError(t, bob.in.Close()) // Ctrl-D
	require.NoError(t, <-bob.ended)
}

// TestBrokenConnection breaks the connection of a chat. What was said meanwhile is shown once and marked as read.
func TestBrokenConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ada, bob := start(t, w.app("ada")), start(t, w.app("bob"))
		ada.enter("/open bob")
		ada.expect("--- Bob")
		bob.enter("/open ada")
		bob.expect("--- Ada")
		require.Equal(t, 1, w.server.CloseSockets("bob", 1011, "restarting"))
		ada.expect("Bob is offline.")
		bob.expect("The connection is lost. .*restarting")
		bob.enter(`There is nobody to tell that I am typing. \`)
		ada.enter("Are you there?")
		ada.expect("✓ sent: Are you there?")
		bob.enter("But I can send.")
		bob.expect("✓ sent: There is nobody")
		ada.expect("Bob: There is nobody")
		bob.expect("Connected again.")
		bob.expect("Ada: Are you there?")
		ada.expect("✓✓ read by Bob: Are you there?")
		bob.enter("/list")
		bob.enter("/open 1")
		bob.expect("Ada: Are you there?")
		bob.stop()
		assert.Equal(t, 2, strings.Count(bob.all.String(), "Ada: Are you there?"), "live, and in the history")

		w.server.RevokeTokens("ada")
		require.ErrorIs(t, <-ada.ended, cometchat.ErrAuthTokenNotFound)
	})
}

// TestReceipts follows messages from sent to delivered and to read, in a conversation that the other user has not opened at first.
func TestReceipts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ada, bob := start(t, w.app("ada")), start(t, w.app("bob"))
		ada.enter("/open bob")
		ada.enter("one")
		bob.expect(`^\[Ada\] one`)
		ada.expect("✓✓ delivered to Bob: one")
		bob.enter("/list")
		bob.expect("1  Ada .*1 new.* one")
		bob.enter("/open 1")
		bob.expect("Ada: one")
		ada.expect("✓✓ read by Bob: one")
		message := w.server.Messages("ada_user_bob")[0]
		client := w.client(t, "ada")
		_, err := client.EditMessage(t.Context(), message.ID, cometchat.MessageEdit{Text: "two"})
		require.NoError(t, err)
		bob.expect("A message of Ada was edited: two")
		_, err = client.SendMessage(t.Context(), cometchat.NewCustomMessage(cometchat.ToUser("bob"), "location", map[string]int{"lat": 50}))
		require.NoError(t, err)
		bob.expect(`Ada: \[location\]`)
		ada.expect(`You: \[location\]`) // from another device
		_, err = client.DeleteMessage(t.Context(), message.ID)
		require.NoError(t, err)
		bob.expect("A message of Ada was deleted")
		bob.enter("/open 1")
		bob.expect(`Ada: \(deleted\)`)
		ada.enter("/open bob")
		ada.expect("You: .*✓✓ read")
		ada.stop()
		bob.stop()
	})
}

func TestHistory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for text := range strings.FieldsSeq("a b c d e f g h i j k l") {
			w.server.SendMessage("bob", "ada", text)
		}
		ada := start(t, w.app("ada"))
		ada.enter("/open 1")
		for text := range strings.FieldsSeq("c d e f g h i j k l /more") {
			ada.expect(`(Bob: |--- )` + text)
		}
		ada.enter("/more")
		ada.expect("--- earlier")
		ada.expect("Bob: a")
		ada.expect("Bob: b")
		ada.enter("/more")
		ada.expect("there are no older messages")
		ada.enter("/open nobody")
		ada.expect("The UID nobody does not exist")
		ada.enter("/users")
		ada.expect("cometchat-uid-1 ")
		ada.enter("/nonsense")
		ada.expect("there is no command /nonsense")
		ada.enter("/help")
		ada.expect("/more ")
		ada.stop()
	})
}

// TestSends has the sends of a chat fail. What becomes of each message is told, in the order of the messages.
func TestSends(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ada := start(t, w.app("ada"))
		ada.enter("/open bob")
		ada.expect("--- Bob")
		w.server.InjectFault(cometchattest.Fault{Method: "POST", Path: "/messages", DropAfter: true, Late: 8 * time.Second, Times: 1})
		ada.enter("late")
		ada.enter("second")
		ada.expect("✓ sent: late")
		ada.expect("✓ sent: second")

		bob := start(t, w.app("bob"))
		bob.enter("/open ada")
		bob.expect("--- Ada")
		w.server.InjectFault(cometchattest.Fault{Method: "POST", Path: "/messages", DropAfter: true, Times: 1})
		w.server.InjectFault(cometchattest.Fault{Method: "GET", Path: "/users/bob/messages", Delay: time.Second, Times: 1}) // the search
		ada.enter("read before it is known to be sent")
		bob.expect("Ada: read before")
		ada.expect("✓✓ read: read before")
		ada.expect("✓✓ read by Bob: read before")
		bob.stop()

		w.server.InjectFault(cometchattest.Fault{
			Method: "POST", Path: "/messages", Status: 403, Body: `{"error":{"code":"ERR_BLOCKED_BY_RECEIVER","message":"blocked"}}`, Times: 1,
		})
		ada.enter("refused")
		ada.expect("✗ refused: .*blocked")
		w.server.InjectFault(cometchattest.Fault{Method: "POST", Path: "/messages", Delay: time.Minute})
		ada.enter("unknown")
		synctest.Wait()
		ada.stop() // Ctrl-C: the fate of the message is told
		assert.Regexp(t, "✗ unknown: .*(SEND_UNKNOWN|canceled)", ada.all.String())
	})
}

// TestUntrustedText shows what other users write, without letting them write to the terminal.
func TestUntrustedText(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.server.AddUser(&cometchat.User{UID: "eve", Name: "Eve\x1b[2J"})
		w.server.SendMessage("eve", "ada", "\x1b]0;title\x07red\x9b31m \u202eleft\n12:00 Bob: I owe Eve money\r\nend \t👩‍🚀 ok\x7f")
		ada := start(t, w.app("ada"))
		ada.expect(`Eve␛\[2J`)
		ada.enter("/open 1")
		ada.expect("--- Eve")
		ada.expect("Eve␛.*: ␛]0;title␇red\uFFFD31m \uFFFDleft$")
		ada.expect(`^ {6}\| 12:00 Bob: I owe Eve money$`)
		ada.expect(`^ {6}\| end  👩‍🚀 ok` + "\uFFFD$")
		ada.stop()
		assert.NotContains(t, ada.all.String(), "\x1b")
	})
}

func TestColours(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // a character device, as a terminal is
	require.NoError(t, err)
	defer func() { _ = null.Close() }()
	file, err := os.Create(t.TempDir() + "/file")
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	assert.True(t, newScreen(null).coloured)
	assert.False(t, newScreen(file).coloured)
	t.Setenv("TERM", "dumb")
	assert.False(t, newScreen(null).coloured)
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "1")
	assert.False(t, newScreen(null).coloured)

	var out bytes.Buffer
	(&screen{&out, true}).say(red, "%s", "text\x1b[0m")
	assert.Equal(t, "\x1b[31mtext␛[0m\x1b[0m\n", out.String())
}

func TestEnvironment(t *testing.T) {
	noApp(t)
	t.Setenv("COMETCHAT_APP_ID", "app")
	_, err := findApp(io.Discard, "", "")
	require.ErrorContains(t, err, "or none")
	t.Setenv("COMETCHAT_REGION", "us")
	t.Setenv("COMETCHAT_AUTH_KEY", "key")
	a, err := findApp(io.Discard, "", "")
	require.NoError(t, err)
	assert.Equal(t, "cometchat-uid-1", a.uid)
	assert.Equal(t, "key", a.authKey)
}

// world is an emulator in a bubble, with Ada and Bob.
type world struct{ server *cometchattest.Server }

func newWorld(t *testing.T) *world {
	t.Helper()
	server := cometchattest.New()
	server.AddUser(&cometchat.User{UID: "ada", Name: "Ada"})
	server.AddUser(&cometchat.User{UID: "bob", Name: "Bob"})
	t.Cleanup(server.Close)
	return &world{server}
}

func (w *world) app(uid string) *app {
	return &app{w.server.AppID, w.server.AuthKey, uid, w.server.Options(), func() {}}
}

func (w *world) client(t *testing.T, uid string) *cometchat.Client {
	t.Helper()
	client, err := cometchat.New(w.server.AppID, w.server.Options()...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	_, err = client.Login(t.Context(), uid, w.server.AuthKey)
	require.NoError(t, err)
	return client
}

// terminal is a chat that runs in a terminal without colours.
type terminal struct {
	t     *testing.T
	in    *io.PipeWriter
	lines chan string
	all   bytes.Buffer // what was read from lines
	end   func()
	ended chan error
}

func start(t *testing.T, a *app) *terminal {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	keys, in := io.Pipe()
	term := &terminal{t: t, in: in, lines: make(chan string, 1000), end: end, ended: make(chan error, 1)}
	t.Cleanup(func() { _ = in.Close() })
	go func() {
		err := run(ctx, a, keys, &screen{out: term})
		close(term.lines)
		term.ended <- err
	}()
	return term
}

// Write takes one line of the chat.
func (term *terminal) Write(line []byte) (int, error) {
	term.lines <- strings.TrimSuffix(string(line), "\n")
	return len(line), nil
}

func (term *terminal) enter(line string) {
	term.t.Helper()
	_, err := io.WriteString(term.in, line+"\n")
	require.NoError(term.t, err)
}

// expect waits for a line that matches. It skips the lines before.
func (term *terminal) expect(pattern string) {
	term.t.Helper()
	late := time.After(time.Minute)
	for {
		select {
		case line, ok := <-term.lines:
			require.True(term.t, ok, "the chat has ended without %q; it has told:\n%s", pattern, &term.all)
			term.all.WriteString(line + "\n")
			if regexp.MustCompile(pattern).MatchString(line) {
				return
			}
		case <-late:
			require.Fail(term.t, "no such line", "%q does not come; the chat has told:\n%s", pattern, &term.all)
		}
	}
}

// stop ends the chat as Ctrl-C does, and reads the rest of its lines.
func (term *terminal) stop() {
	term.t.Helper()
	term.end()
	require.NoError(term.t, <-term.ended)
	for line := range term.lines {
		term.all.WriteString(line + "\n")
	}
}

// noApp has the example use an emulator.
func noApp(t *testing.T) {
	t.Helper()
	for _, name := range []string{"COMETCHAT_APP_ID", "COMETCHAT_REGION", "COMETCHAT_AUTH_KEY"} {
		t.Setenv(name, "")
	}
}
