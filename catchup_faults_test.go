package cometchat_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// frameWatch sees which messages the server has really sent to a user, and in which order.
type frameWatch struct {
	uid string

	mu    sync.Mutex
	first map[string]int // by message id: when its frame was first sent
}

func (f *frameWatch) observe(e cometchattest.Event) {
	if e.UID != f.uid || e.What != "server to client" {
		return
	}
	var frame struct{ Body struct{ ID string } }
	if json.Unmarshal(e.Message, &frame) != nil || frame.Body.ID == "" {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.first[frame.Body.ID]; !ok {
		f.first[frame.Body.ID] = len(f.first) + 1
	}
}

// late reports whether the frame of a message was lost, or came after that of a later one.
func (f *frameWatch) late(id, later string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.first[id] == 0 || f.first[later] != 0 && f.first[id] > f.first[later]
}

// botLog is what a bot has heard.
type botLog struct {
	heard  map[string]int                 // by "received 12", "edited 12" or "deleted 12"
	newest map[string]*cometchat.Message  // by sender
	early  []struct{ id, instead string } // messages that came after a later one of their sender
	n      int
}

func (b *botLog) received(m *cometchat.Message) {
	if b.n++; b.n%100 == 0 {
		elapse(50 * time.Millisecond)
	}
	b.heard["received "+m.ID]++
	before := b.newest[m.Sender.UID]
	if before != nil && messageNumber(before) > messageNumber(m) {
		b.early = append(b.early, struct{ id, instead string }{m.ID, before.ID})
		return
	}
	b.newest[m.Sender.UID] = m
}

// TestMessagesThroughCutConnections has ten users send to a bot whose connection is cut at random, and whose frames are lost, doubled
// and reordered. They also edit and delete messages.
func TestMessagesThroughCutConnections(t *testing.T) {
	t.Parallel()
	sent, cuts := 2_000, 20
	if *full {
		sent, cuts = 20_000, 200
	}
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { throughCuts(t, seed, sent, cuts) })
		})
	}
}

func throughCuts(t *testing.T, seed uint64, sent, cuts int) { //nolint:thelper // its lines are the test's
	random := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // repeatable
	watch := &frameWatch{uid: uid1, first: map[string]int{}}
	s := cometchattest.New(cometchattest.WithObserver(watch.observe))
	t.Cleanup(s.Close)
	s.InjectLiveFault(cometchattest.LiveFault{UID: uid1, LoseFrames: 0.1, DoubleFrames: 0.1, ReorderFrames: 0.1, Seed: seed})
	bot := emulatedUser(t, s, uid1)
	log := botLog{heard: map[string]int{}, newest: map[string]*cometchat.Message{}}
	bot.AddMessageListener("bot", cometchat.MessageListener{
		MessageReceived: log.received,
		MessageEdited:   func(m *cometchat.Message) { log.heard["edited "+m.ID]++ },
		MessageDeleted:  func(m *cometchat.Message) { log.heard["deleted "+m.ID]++ },
	})
	require.NoError(t, bot.Connect(t.Context()))
	senders := make([]*cometchat.Client, 10)
	for i := range senders {
		uid := fmt.Sprint("sender-", i)
		s.AddUser(&cometchat.User{UID: uid, Name: uid})
		senders[i] = emulatedUser(t, s, uid)
	}
	want := map[string]int{}
	for i := range sent {
		sender := i % len(senders)
		m := s.SendMessage(fmt.Sprint("sender-", sender), uid1, "hello")
		want["received "+m.ID] = 1
		switch random.IntN(100) {
		case 0:
			_, err := senders[sender].EditMessage(t.Context(), m.ID, cometchat.MessageEdit{Text: "edited"})
			require.NoError(t, err)
			want["edited "+m.ID] = 1
		case 1:
			_, err := senders[sender].DeleteMessage(t.Context(), m.ID)
			require.NoError(t, err)
			want["deleted "+m.ID] = 1
		}
		if random.IntN(sent/cuts) == 0 {
			s.DropSockets(uid1)
		}
		elapse(time.Duration(random.IntN(20)) * time.Millisecond)
	}
	s.DropSockets(uid1) // what got lost last is fetched
	elapse(5 * time.Minute)
	settle()
	assert.Equal(t, want, log.heard, "each exactly once")
	for _, m := range log.early {
		assert.True(t, watch.late(m.id, m.instead), "message %s was told after %s, although its frame came before", m.id, m.instead)
	}
}
