package cometchat_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestManyCatchUps cuts the clients of a Pool at random, and once all of them in the same moment, while messages come. Their requests
// are spread, and all are told everything.
func TestManyCatchUps(t *testing.T) {
	t.Parallel()
	clients := 60
	if *full {
		clients = 500
	}
	synctest.Test(t, func(t *testing.T) { manyCatchUps(t, clients) })
}

// requestRate counts requests by the second of the bubble's clock.
type requestRate struct {
	mu    sync.Mutex
	count map[string]map[int64]int // by path
}

func (r *requestRate) observe(e cometchattest.Event) {
	if e.Method != http.MethodGet && e.What != "open" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.count[e.Path] == nil {
		r.count[e.Path] = map[int64]int{}
	}
	r.count[e.Path][time.Now().Unix()]++
}

// most returns the highest count of a second since the last call.
func (r *requestRate) most(path string) (most int) {
	settle()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.count[path] {
		most = max(most, n)
	}
	delete(r.count, path)
	return most
}

func manyCatchUps(t *testing.T, clients int) { //nolint:thelper // its lines are the test's
	const fetches, dials = "/v3.0/messages", "/"
	rate := &requestRate{count: map[string]map[int64]int{}}
	s := cometchattest.New(cometchattest.WithObserver(rate.observe))
	t.Cleanup(s.Close)
	pool, err := cometchat.NewPool(s.AppID, s.Options()...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, pool.Close()) })
	want, heard := make([]string, clients), make([]string, clients)
	for i := range clients {
		uid := fmt.Sprint("member-", i)
		s.AddUser(&cometchat.User{UID: uid, Name: uid})
		c := pool.Client(uid)
		_, err := c.Login(t.Context(), uid, s.AuthKey)
		require.NoError(t, err)
		c.AddMessageListener("", cometchat.MessageListener{MessageReceived: func(m *cometchat.Message) { heard[i] += " " + m.ID }})
		require.NoError(t, c.Connect(t.Context()))
	}
	random := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // repeatable
	speak := func(i int) { want[i] += " " + s.SendMessage(uid2, fmt.Sprint("member-", i), "hello").ID }
	elapse(time.Minute)
	rate.most(fetches)
	rate.most(dials)

	cuts := clients / 5 // a second
	for range 30 * cuts {
		speak(random.IntN(clients))
		s.DropSockets(fmt.Sprint("member-", random.IntN(clients)))
		elapse(time.Second / time.Duration(cuts))
	}
	elapse(time.Minute)
	fetched, dialed := rate.most(fetches), rate.most(dials)
	t.Logf("%d cuts a second: at most %d requests for messages and %d dials a second", cuts, fetched, dialed)
	assert.LessOrEqual(t, fetched, 2*cuts, "a cut costs one request, if less than a hundred messages are missing")

	s.DropSockets()
	for i := range clients {
		speak(i)
	}
	elapse(2 * time.Minute)
	fetched, dialed = rate.most(fetches), rate.most(dials)
	t.Logf("%d cuts at once: at most %d requests for messages and %d dials a second", clients, fetched, dialed)
	assert.LessOrEqual(t, fetched, 250, "they are spread")
	assert.Equal(t, want, heard)
}
