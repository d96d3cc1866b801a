package cometchat

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
	"time"
)

// PositionStore is what [WithResume] needs of a [SessionStore] besides: it keeps how far a program has been told of a user's
// messages. The rules of a SessionStore hold for its methods too. The keys are "{appID}/position", and in a [Pool]
// "{appID}/{key}/position"; a position has no secrets, and seldom more than 40,000 bytes.
type PositionStore interface {
	// LoadPosition returns the position for the key, or "" when there is none. Its error wraps ErrUnreadableSession when
	// there is a record that the store cannot read, now or later.
	LoadPosition(ctx context.Context, key string) (string, error)
	// SavePosition keeps the position for the key, and replaces what was there, even a record that cannot be read.
	SavePosition(ctx context.Context, key, position string) error
}

// storedPosition is the form of a position in a store.
type storedPosition struct {
	UID   string    `json:"uid"`
	After uint64    `json:"after"`          // everything up to this message has been told
	Told  []uint64  `json:"told,omitempty"` // and these
	Sure  time.Time `json:"sure,omitzero"`  // when After was found out
}

// positionKeeper keeps, for WithResume, how far the messages of a client have been told. A nil positionKeeper keeps nothing.
type positionKeeper struct {
	store  PositionStore
	key    string
	hub    *hub
	logger *slog.Logger

	mu     sync.Mutex
	timer  *time.Timer // guarded by mu: saves; nil: nothing is to be saved
	last   time.Time   // guarded by mu: when it was last saved
	closed bool        // guarded by mu

	saving sync.Mutex
	saved  storedPosition // guarded by saving
}

const (
	positionPause   = time.Second     // between two saves
	positionTimeout = 3 * time.Second // of a save
)

// load returns what the program has been told of a user's messages; ok is false if it has never been told of any.
func (k *positionKeeper) load(ctx context.Context, uid string) (t told, ok bool, err error) {
	if k == nil {
		return told{}, false, nil
	}
	text, err := k.store.LoadPosition(ctx, k.key)
	if err != nil || text == "" {
		return told{}, false, err
	}
	var p storedPosition
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return told{}, false, fmt.Errorf("the position %q in the store is none of this SDK: %w", k.key, ErrUnreadableSession)
	}
	if !sameUID(p.UID, uid) {
		return told{}, false, nil
	}
	t = toldUpTo(p.After)
	t.sure = p.Sure
	for _, id := range p.Told {
		t.add(id)
	}
	return t, true, nil
}

// moved has the position saved soon.
func (k *positionKeeper) moved() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.timer == nil && !k.closed {
		k.timer = time.AfterFunc(max(0, time.Until(k.last.Add(positionPause))), k.save)
	}
}

// save saves the position, unless the store has it.
func (k *positionKeeper) save() {
	if k == nil {
		return
	}
	k.saving.Lock()
	defer k.saving.Unlock()
	k.mu.Lock()
	if k.timer != nil {
		k.timer.Stop()
	}
	k.timer, k.last = nil, time.Now()
	k.mu.Unlock()
	uid, t, ok := k.hub.position()
	if !ok {
		return
	}
	p := storedPosition{uid, t.complete, t.after(t.complete), t.sure.UTC().Truncate(time.Second)}
	if reflect.DeepEqual(p, k.saved) {
		return
	}
	text, err := json.Marshal(p)
	if err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), positionTimeout)
		defer cancel()
		err = k.store.SavePosition(ctx, k.key, string(text))
	}
	if err != nil {
		k.logger.Warn("the position in the messages could not be saved: messages may be told again after a restart", "error", err)
		k.moved() // tries again
		return
	}
	k.saved = p
}

// close saves the position for the last time.
func (k *positionKeeper) close() {
	if k == nil {
		return
	}
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	k.save()
}
