package cometchat_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/cometchat-go/cometchat/filestore"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// killedVariable is the environment variable of a child process that runs a bot: the directory of its store, and the emulator's URL,
// app id and auth key, one a line.
const killedVariable = "COMETCHAT_TEST_KILLED"

// TestBotProcess is the child process of TestKilledBot. It prints each message that it is told, and ends by a kill.
func TestBotProcess(t *testing.T) { //nolint:paralleltest // it is alone in its process
	order := strings.Split(os.Getenv(killedVariable), "\n")
	if len(order) != 4 {
		t.Skip("this is no child process")
	}
	store, err := filestore.New(order[0])
	require.NoError(t, err)
	c, err := cometchat.New(order[2], cometchat.WithEmulator(order[1]), cometchat.WithSessionStore(store), cometchat.WithResume())
	require.NoError(t, err)
	if u, err := c.GetLoggedinUser(t.Context()); err != nil || u == nil {
		_, err := c.Login(t.Context(), uid1, order[3])
		require.NoError(t, err)
	}
	events := c.Events(t.Context())
	require.NoError(t, c.Connect(t.Context()))
	fmt.Println("connected")
	for e := range events {
		if m, ok := e.(cometchat.MessageReceived); ok {
			fmt.Println(messageNumber(m.Message), m.Message.MayRepeat)
		}
	}
}

func messageNumber(m *cometchat.Message) (n uint64) {
	_, _ = fmt.Sscan(m.ID, &n)
	return n
}

// TestKilledBot kills a bot that resumes, again and again, while messages come. It must miss none, and be told again only of what
// its position did not have.
func TestKilledBot(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts processes")
	}
	t.Parallel()
	kills := 8
	if *full {
		kills = 50
	}
	dir := t.TempDir() + "/sessions"
	store, err := filestore.New(dir)
	require.NoError(t, err)
	s := cometchattest.NewServer()
	t.Cleanup(s.Close)
	order := strings.Join([]string{dir, strings.TrimPrefix(s.URL, "http://"), s.AppID, s.AuthKey}, "\n")

	var sent []uint64
	var senders sync.WaitGroup
	over := make(chan struct{})
	speak := func() { sent = append(sent, messageNumber(s.SendMessage(uid2, uid1, "hello"))) }
	told := map[uint64]bool{}
	repeats := 0
	for run := range kills + 1 {
		known := readPosition(t, store, s.AppID)
		bot := startBot(t, order)
		require.Equal(t, "connected", bot.line(t))
		if run == 0 {
			senders.Go(func() { // the first messages come after the first run has begun
				for tick := time.Tick(2 * time.Millisecond); ; {
					select {
					case <-over:
						return
					case <-tick:
						speak()
					}
				}
			})
		}
		last := run == kills
		if last {
			close(over)
			senders.Wait()
		}
		most := rand.IntN(400) //nolint:gosec // any number will do
		newest := uint64(0)
		for n := 0; last && !told[sent[len(sent)-1]] || !last && n < most; n++ {
			var id uint64
			var mayRepeat bool
			_, err := fmt.Sscan(bot.line(t), &id, &mayRepeat)
			require.NoError(t, err)
			require.Greater(t, id, newest, "in order")
			newest = id
			if told[id] {
				repeats++
				require.True(t, mayRepeat, "message %d is told again", id)
				require.False(t, known.has(id), "the position had message %d", id)
			}
			told[id] = true
		}
		bot.kill()
		for _, rest := range bot.rest(t) { // what it printed before the kill
			told[rest] = true
		}
	}
	for _, id := range sent {
		assert.True(t, told[id], "message %d is missing", id)
	}
	t.Logf("%d messages, %d kills, %d messages were told again", len(sent), kills, repeats)
}

type knownMessages struct {
	After uint64
	Told  []uint64
}

func (k knownMessages) has(id uint64) bool { return id <= k.After || slices.Contains(k.Told, id) }

func readPosition(t *testing.T, store cometchat.PositionStore, appID string) (known knownMessages) {
	t.Helper()
	text, err := store.LoadPosition(t.Context(), appID+"/position")
	require.NoError(t, err)
	if text != "" {
		require.NoError(t, json.Unmarshal([]byte(text), &known))
	}
	return known
}

// bot is the parent's end of a child process.
type bot struct {
	process *exec.Cmd
	out     *bufio.Scanner
}

func startBot(t *testing.T, order string) *bot {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	child := exec.CommandContext(t.Context(), self, "-test.run=^TestBotProcess$") //nolint:gosec // it is this program
	child.Env = append(os.Environ(), killedVariable+"="+order)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	b := &bot{child, bufio.NewScanner(out)}
	t.Cleanup(func() { b.kill(); _ = child.Wait() })
	return b
}

func (b *bot) line(t *testing.T) string {
	t.Helper()
	require.True(t, b.out.Scan(), "the bot has ended")
	return b.out.Text()
}

func (b *bot) kill() { _ = b.process.Process.Kill() }

// rest returns the messages in what the killed bot has printed.
func (b *bot) rest(t *testing.T) (ids []uint64) {
	t.Helper()
	for b.out.Scan() {
		var id uint64
		if _, err := fmt.Sscan(b.out.Text(), &id); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}
