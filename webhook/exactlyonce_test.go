package webhook_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/cometchat-go/cometchat/webhook"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lossy is a webhook that handles every delivery and loses a tenth of its answers.
type lossy struct {
	handler http.Handler

	mu         sync.Mutex
	random     *rand.Rand     // guarded by mu
	deliveries int            // guarded by mu
	lost       int            // guarded by mu
	handled    map[string]int // guarded by mu: calls of the user's function, by the ID of the event
	triggers   map[string]int // guarded by mu: different events, by trigger
	withoutID  map[string]int // guarded by mu: calls for events without an ID, by trigger
}

func newLossy(t *testing.T, seed uint64) *lossy {
	t.Helper()
	l := &lossy{
		random:  rand.New(rand.NewPCG(seed, seed)), //nolint:gosec // it has to be repeatable
		handled: map[string]int{}, triggers: map[string]int{}, withoutID: map[string]int{},
	}
	l.handler = newHandler(t, l.handle)
	return l
}

func (l *lossy) handle(_ context.Context, e *webhook.Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.ID == "" {
		l.withoutID[e.Trigger]++
		return nil
	}
	if l.handled[e.ID]++; l.handled[e.ID] == 1 {
		l.triggers[e.Trigger]++
	}
	return nil
}

func (l *lossy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	l.handler.ServeHTTP(answer, r)
	l.mu.Lock()
	l.deliveries++
	lost := l.random.IntN(10) == 0
	if lost {
		l.lost++
	}
	l.mu.Unlock()
	if lost {
		panic(http.ErrAbortHandler) // breaks the connection
	}
	w.WriteHeader(answer.Code)
}

// chatter does things in an emulator at random, and counts the events that they cause.
type chatter struct {
	t       *testing.T
	ctx     context.Context //nolint:containedctx // of the test
	random  *rand.Rand
	clients []*cometchat.Client
	want    map[string]int // events with an ID, by trigger
	without map[string]int // events without an ID, by trigger

	messages []*cometchat.Message // which client 0 has sent, and nobody has deleted
	online   bool                 // client 0
	joined   bool                 // client 1, to the group
}

func (c *chatter) did(err error, trigger string) {
	c.t.Helper()
	require.NoError(c.t, err, trigger)
	c.want[trigger]++
}

// aMessage returns one of the messages, which it first sends if there is none.
func (c *chatter) aMessage() (i int, m *cometchat.Message) {
	if len(c.messages) == 0 {
		c.send()
	}
	i = c.random.IntN(len(c.messages))
	return i, c.messages[i]
}

func (c *chatter) send() {
	text := "hello"
	if c.random.IntN(4) == 0 {
		text += cometchat.Mention(george)
		c.want["user_mentioned"]++
	}
	m, err := c.clients[0].SendMessage(c.ctx, cometchat.NewTextMessage(cometchat.ToUser(george), text))
	c.did(err, "message_sent")
	c.messages = append(c.messages, m)
}

func (c *chatter) react() {
	_, m := c.aMessage()
	_, err := c.clients[1].AddReaction(c.ctx, m.ID, "👍")
	c.did(err, "message_reaction_added")
	_, err = c.clients[1].RemoveReaction(c.ctx, m.ID, "👍")
	c.did(err, "message_reaction_removed")
}

func (c *chatter) edit() {
	_, m := c.aMessage()
	_, err := c.clients[0].EditMessage(c.ctx, m.ID, cometchat.MessageEdit{Text: "edited"})
	c.did(err, "message_edited")
}

func (c *chatter) remove() {
	i, m := c.aMessage()
	_, err := c.clients[0].DeleteMessage(c.ctx, m.ID)
	c.did(err, "message_deleted")
	c.messages = append(c.messages[:i], c.messages[i+1:]...)
}

func (c *chatter) receipt() {
	c.aMessage()
	c.did(c.clients[1].MarkConversationAsDelivered(c.ctx, cometchat.ToUser(andrew)), "message_delivery_receipt")
	c.did(c.clients[1].MarkConversationAsRead(c.ctx, cometchat.ToUser(andrew)), "message_read_receipt")
}

func (c *chatter) connection() {
	change := c.clients[0].Connect
	if c.online {
		change = func(context.Context) error { return c.clients[0].Disconnect() }
	}
	c.did(change(c.ctx), "user_connection_status_changed")
	c.online = !c.online
	synctest.Wait() // the server has noticed
}

func (c *chatter) membership() {
	if c.joined {
		c.did(c.clients[1].LeaveGroup(c.ctx, "club"), "group_member_left")
	} else {
		_, err := c.clients[1].JoinGroup(c.ctx, "club", "")
		c.did(err, "group_member_joined")
	}
	c.joined = !c.joined
}

func (c *chatter) group() {
	description := "changed"
	_, err := c.clients[0].UpdateGroup(c.ctx, "club", cometchat.GroupUpdate{Description: &description})
	c.did(err, "group_updated")
}

func (c *chatter) block() {
	_, err := c.clients[0].BlockUsers(c.ctx, []string{nancy})
	require.NoError(c.t, err)
	c.without["user_blocked"]++
}

// TestExactlyOnce has the events of some thousand random deeds delivered by the emulator, while a tenth of the answers are lost. Every
// event with an ID is handled once, and every other event at least once.
func TestExactlyOnce(t *testing.T) {
	t.Parallel()
	const deeds = 1000
	for _, seed := range []uint64{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			l := newLossy(t, seed)
			server := cometchattest.New(cometchattest.WithWebhook(cometchattest.Webhook{Handler: l, Username: hookUser, Password: hookPassword}))
			t.Cleanup(server.Close)
			e := &emulated{Server: server}
			c := &chatter{
				t: t, ctx: t.Context(), random: l.random, clients: []*cometchat.Client{e.client(t, andrew), e.client(t, george)},
				want: map[string]int{}, without: map[string]int{},
			}
			c.random = rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // it has to be repeatable
			server.AddGroup(cometchat.NewGroup{GUID: "club", Owner: andrew})
			for range deeds {
				all := []func(){c.send, c.send, c.react, c.edit, c.remove, c.receipt, c.connection, c.membership, c.group, c.block}
				deed := c.random.IntN(len(all))
				if deed >= 5 {
					<-time.After(time.Second) // such an event is known by its second
				}
				all[deed]()
			}
			<-time.After(time.Minute) // the last retries

			l.mu.Lock()
			defer l.mu.Unlock()
			assert.Equal(t, c.want, l.triggers, "every event was handled")
			for id, calls := range l.handled {
				assert.Equal(t, 1, calls, "the event %s was handled %d times", id, calls)
			}
			assert.GreaterOrEqual(t, l.withoutID["user_blocked"], c.without["user_blocked"])
			assert.Len(t, l.withoutID, 1)
			assert.Greater(t, l.lost, deeds/10)
			assert.Greater(t, l.deliveries, len(l.handled)+c.without["user_blocked"]+deeds/10, "the emulator retried")
			t.Logf("seed %d: %d events with an ID, %d deliveries, %d answers lost", seed, len(l.handled), l.deliveries, l.lost)
		})
	}
}
