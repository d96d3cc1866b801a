package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// program is one run of a program that resumes.
type program struct {
	*cometchat.Client
	mu    sync.Mutex
	heard []string
}

// run starts a program with a store, and subscribes a listener before it connects.
func (w *liveWorld) run(t *testing.T, store cometchat.SessionStore) *program {
	t.Helper()
	p := &program{Client: w.client(t, cometchat.WithSessionStore(store), cometchat.WithResume())}
	if u, err := p.GetLoggedinUser(t.Context()); err != nil || u == nil {
		_, err := p.Login(t.Context(), uid1, w.AuthKey)
		require.NoError(t, err)
	}
	p.listen("bot")
	require.NoError(t, p.Connect(t.Context()))
	settle()
	return p
}

func (p *program) listen(id string) {
	p.AddMessageListener(id, cometchat.MessageListener{
		MessageReceived: func(m *cometchat.Message) { p.hear(m, m.Text) },
		MessageEdited:   func(m *cometchat.Message) { p.hear(m, "edited "+m.Text) },
		MessageDeleted:  func(m *cometchat.Message) { p.hear(m, "deleted") },
	})
}

func (p *program) hear(m *cometchat.Message, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m.MayRepeat {
		text += "?"
	}
	p.heard = append(p.heard, text)
}

// told returns what the program has been told since the last call; "?" marks what may repeat.
func (p *program) told() string {
	settle()
	p.mu.Lock()
	defer p.mu.Unlock()
	heard := strings.Join(p.heard, " ")
	p.heard = nil
	return heard
}

func (w *liveWorld) say(texts ...string) {
	for _, text := range texts {
		w.SendMessage(uid2, uid1, text)
	}
	settle()
}

// snapshot is a memory store whose position is that of an earlier moment, as after a kill.
type snapshot struct {
	*cometchat.MemorySessionStore
	position string
}

func (s *snapshot) LoadPosition(context.Context, string) (string, error) { return s.position, nil }

func positionIn(t *testing.T, w *liveWorld, store cometchat.PositionStore) string {
	t.Helper()
	position, err := store.LoadPosition(t.Context(), w.AppID+"/position")
	require.NoError(t, err)
	return position
}

func TestResume(t *testing.T) {
	live(t, "the next process is told what came since, in order", func(t *testing.T, w *liveWorld) {
		store := cometchat.NewMemorySessionStore()
		w.say("before the first run")
		p := w.run(t, store)
		w.say("a", "b")
		assert.Equal(t, "a b", p.told())
		require.NoError(t, p.Close())
		w.say("c", "d")
		p = w.run(t, store)
		assert.Equal(t, "c? d?", p.told())
		w.say("e")
		assert.Equal(t, "e", p.told())
		require.NoError(t, p.Disconnect())
		w.say("f")
		require.NoError(t, p.Connect(t.Context()))
		assert.Equal(t, "f", p.told(), "the process knows that it has not been told of it")
	})
	live(t, "after a kill, at most what was told since the last save is repeated, and marked", func(t *testing.T, w *liveWorld) {
		store := cometchat.NewMemorySessionStore()
		p := w.run(t, store)
		for i := range 100 {
			w.say(fmt.Sprint(i))
		}
		elapse(2 * time.Second)
		saved := positionIn(t, w, store)
		w.say("after the save", "x")
		p.told()
		require.NoError(t, p.Close())
		w.say("y")
		killed := &snapshot{store, saved}
		assert.Equal(t, "after the save? x? y?", w.run(t, killed).told())
	})
	live(t, "a first run that ends before any message has a position", func(t *testing.T, w *liveWorld) {
		store := cometchat.NewMemorySessionStore()
		p := w.run(t, store)
		saved := positionIn(t, w, store)
		require.NoError(t, p.Close())
		w.say("a")
		assert.Equal(t, "a?", w.run(t, &snapshot{store, saved}).told())
	})
	live(t, "a position after the newest message is that of other messages", func(t *testing.T, w *liveWorld) {
		w.say("before")
		store := cometchat.NewMemorySessionStore()
		other := &snapshot{store, fmt.Sprintf(`{"uid":%q,"after":1000}`, uid1)} // an emulator forgets its messages when it ends
		p := w.run(t, other)
		w.say("a")
		assert.Equal(t, "a", p.told())
		require.NoError(t, p.Close())
		w.say("b")
		assert.Equal(t, "b?", w.run(t, store).told())
	})
	live(t, "a position is saved at most once a second", func(t *testing.T, w *liveWorld) {
		store := &countingStore{MemorySessionStore: cometchat.NewMemorySessionStore()}
		p := w.run(t, store)
		before := store.count()
		for range 50 {
			w.say("x")
			elapse(100 * time.Millisecond)
		}
		assert.InDelta(t, 5, store.count()-before, 1)
		elapse(time.Hour)
		require.NoError(t, p.Disconnect())
		after := store.count()
		require.NoError(t, p.Disconnect())
		require.NoError(t, p.Close())
		assert.Equal(t, after, store.count(), "nothing has changed")
	})
	live(t, "the slowest subscriber counts", func(t *testing.T, w *liveWorld) {
		store := cometchat.NewMemorySessionStore()
		p := w.run(t, store)
		events := p.Events(t.Context())
		w.say("a", "b", "c")
		for e := range events {
			if m, ok := e.(cometchat.MessageReceived); ok && m.Message.Text == "b" {
				require.NoError(t, p.Disconnect()) // a is done, and b is in the loop's hands
				break
			}
		}
		saved := positionIn(t, w, store)
		require.NoError(t, p.Close())
		assert.Equal(t, "b? c?", w.run(t, &snapshot{store, saved}).told())
	})
	live(t, "a loop that breaks has done with its event, and the next goes on after it", func(t *testing.T, w *liveWorld) {
		c := w.client(t, cometchat.WithSessionStore(cometchat.NewMemorySessionStore()), cometchat.WithResume())
		_, err := c.Login(t.Context(), uid1, w.AuthKey)
		require.NoError(t, err)
		until := func(last string) (told string) {
			for e := range c.Events(t.Context()) {
				if m, ok := e.(cometchat.MessageReceived); ok {
					told += m.Message.Text
					if m.Message.Text == last {
						return told
					}
				}
			}
			return told
		}
		require.NoError(t, c.Connect(t.Context()), "before anybody listens")
		w.say("a", "b", "c")
		assert.Equal(t, "ab", until("b"))
		w.say("d")
		require.NoError(t, c.Disconnect())
		w.say("e")
		require.NoError(t, c.Connect(t.Context()))
		assert.Equal(t, "cde", until("e"))
	})
	live(t, "a loop whose body panics has not done with its event", func(t *testing.T, w *liveWorld) {
		store := cometchat.NewMemorySessionStore()
		c := w.client(t, cometchat.WithSessionStore(store), cometchat.WithResume())
		_, err := c.Login(t.Context(), uid1, w.AuthKey)
		require.NoError(t, err)
		events := c.Events(t.Context())
		require.NoError(t, c.Connect(t.Context()))
		w.say("a", "b")
		assert.Panics(t, func() {
			for e := range events {
				if _, ok := e.(cometchat.MessageReceived); ok {
					panic("a bug")
				}
			}
		})
		require.NoError(t, c.Close())
		assert.Equal(t, "a? b?", w.run(t, store).told())
	})
	live(t, "a loop that its context ends has done with the event in its hands", func(t *testing.T, w *liveWorld) {
		store := cometchat.NewMemorySessionStore()
		c := w.client(t, cometchat.WithSessionStore(store), cometchat.WithResume())
		_, err := c.Login(t.Context(), uid1, w.AuthKey)
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		events := c.Events(ctx)
		require.NoError(t, c.Connect(t.Context()))
		w.say("a", "b")
		for e := range events {
			if _, ok := e.(cometchat.MessageReceived); ok {
				cancel()
				settle()
			}
		}
		require.NoError(t, c.Close())
		assert.Equal(t, "b?", w.run(t, store).told())
	})
	live(t, "a listener in the place of another goes on", func(t *testing.T, w *liveWorld) {
		p := w.run(t, cometchat.NewMemorySessionStore())
		w.say("a")
		assert.Equal(t, "a", p.told())
		p.RemoveMessageListener("bot")
		w.say("b")
		p.listen("bot")
		assert.Equal(t, "b", p.told())
		p.listen("bot")
		w.say("c")
		assert.Equal(t, "c", p.told())
	})
	live(t, "what the client itself has sent is not told, before and after a restart", func(t *testing.T, w *liveWorld) {
		store := cometchat.NewMemorySessionStore()
		p := w.run(t, store)
		_, err := p.SendMessage(t.Context(), cometchat.NewTextMessage(cometchat.ToUser(uid2), "mine"))
		require.NoError(t, err)
		w.say("a")
		require.NoError(t, p.Close())
		assert.Equal(t, "a", p.told())
		p = w.run(t, store)
		assert.Empty(t, p.told())
	})
	live(t, "the position of another user is of no use", func(t *testing.T, w *liveWorld) {
		store := cometchat.NewMemorySessionStore()
		p := w.run(t, store)
		require.NoError(t, p.Logout(t.Context()))
		w.say("to the first user")
		_, err := p.Login(t.Context(), uid2, w.AuthKey)
		require.NoError(t, err)
		require.NoError(t, p.Connect(t.Context()))
		w.SendMessage(uid1, uid2, "to the second")
		assert.Equal(t, "to the second", p.told())
	})
	live(t, "a user who logs in again is told what came meanwhile", func(t *testing.T, w *liveWorld) {
		p := w.run(t, cometchat.NewMemorySessionStore())
		require.NoError(t, p.Logout(t.Context()))
		w.say("a")
		_, err := p.Login(t.Context(), uid1, w.AuthKey)
		require.NoError(t, err)
		require.NoError(t, p.Connect(t.Context()))
		assert.Equal(t, "a", p.told())
	})
	live(t, "a store that fails for a while costs no message", func(t *testing.T, w *liveWorld) {
		store := &failingPositions{MemorySessionStore: cometchat.NewMemorySessionStore()}
		p := w.run(t, store)
		w.say("a")
		elapse(time.Minute)
		require.NoError(t, p.Close())
		store.fail(errors.New("no network"))
		w.say("b")
		p = w.run(t, store)
		assert.Empty(t, p.told())
		w.say("c")
		store.fail(nil)
		elapse(time.Minute)
		assert.Equal(t, "c b?", p.told(), "c came before the position was known")
		store.fail(errors.New("no network"))
		w.say("d")
		elapse(time.Minute)
		store.fail(nil)
		elapse(time.Minute)
		saved := positionIn(t, w, store)
		require.NoError(t, p.Close())
		assert.Empty(t, w.run(t, &snapshot{store.MemorySessionStore, saved}).told(), "it was saved in the end")
	})
	for name, broken := range map[string]cometchat.SessionStore{
		"unreadable": &failingPositions{MemorySessionStore: cometchat.NewMemorySessionStore(), err: cometchat.ErrUnreadableSession},
		"nonsense":   &snapshot{cometchat.NewMemorySessionStore(), "nonsense"},
	} {
		live(t, "a position that cannot be read is a gap: "+name, func(t *testing.T, w *liveWorld) {
			c := w.client(t, cometchat.WithSessionStore(broken), cometchat.WithResume())
			_, err := c.Login(t.Context(), uid1, w.AuthKey)
			require.NoError(t, err)
			events := c.Events(t.Context())
			require.NoError(t, c.Connect(t.Context()))
			w.say("a")
			require.NoError(t, c.Close())
			var told []string
			for e := range events {
				switch e := e.(type) {
				case cometchat.Gap:
					require.ErrorIs(t, e.Err, cometchat.ErrUnreadableSession)
					assert.Empty(t, e.AfterID)
					told = append(told, "gap")
				case cometchat.MessageReceived:
					told = append(told, e.Message.Text)
				}
			}
			assert.Equal(t, []string{"gap", "a"}, told)
		})
	}
	t.Run("a store without positions is refused", func(t *testing.T) {
		t.Parallel()
		var plain struct{ cometchat.SessionStore }
		_, err := cometchat.New("app", cometchat.WithRegion("us"), cometchat.WithSessionStore(plain), cometchat.WithResume())
		require.ErrorIs(t, err, cometchat.ErrBadRequest)
		assert.ErrorContains(t, err, "PositionStore")
	})
}

// countingStore counts the saved positions.
type countingStore struct {
	*cometchat.MemorySessionStore
	mu    sync.Mutex
	saves int
}

func (s *countingStore) SavePosition(ctx context.Context, key, position string) error {
	s.mu.Lock()
	s.saves++
	s.mu.Unlock()
	return s.MemorySessionStore.SavePosition(ctx, key, position)
}

func (s *countingStore) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.saves
}

// failingPositions is a store whose positions fail with err.
type failingPositions struct {
	*cometchat.MemorySessionStore
	mu  sync.Mutex
	err error
}

func (s *failingPositions) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *failingPositions) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *failingPositions) LoadPosition(ctx context.Context, key string) (string, error) {
	if err := s.failure(); err != nil {
		return "", err
	}
	return s.MemorySessionStore.LoadPosition(ctx, key)
}

func (s *failingPositions) SavePosition(ctx context.Context, key, position string) error {
	if err := s.failure(); err != nil {
		return err
	}
	return s.MemorySessionStore.SavePosition(ctx, key, position)
}
