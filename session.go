package cometchat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Session is a login that lasts: what a [SessionStore] keeps. It holds secrets. Formatting one with fmt or slog shows
// none; its JSON, which is meant for a store, has them all. Do not format what has a Session inside: for the inner one, a
// JSON log asks for its JSON, and fmt, where the verb does not fit or the field is unexported, does not ask it at all.
type Session struct {
	// AppID is the app that the session belongs to.
	AppID string
	// DeviceID is the id that the server knows this installation by. It outlives the session: under a key of its own,
	// the store keeps a Session that has nothing but an AppID and a DeviceID.
	DeviceID string
	// User is the logged-in user; nil in the record that keeps the device id.
	User *User
	// AuthToken is the credential of every call of the session. It does not expire by itself.
	AuthToken string
	// JWT is the credential of the live connection; empty when the server sent none.
	JWT string
	// CreatedAt is when the login succeeded.
	CreatedAt time.Time
}

// sessionVersion is the version of the JSON form of a Session.
const sessionVersion = 1

// storedSession is the JSON form of a Session.
type storedSession struct {
	Version   int       `json:"version"`
	AppID     string    `json:"appId"`
	DeviceID  string    `json:"deviceId"`
	User      *User     `json:"user,omitempty"`
	AuthToken string    `json:"authToken,omitempty"`
	JWT       string    `json:"jwt,omitempty"`
	CreatedAt time.Time `json:"createdAt,omitzero"`
}

// MarshalJSON writes the form that UnmarshalJSON reads, version number and secrets included.
func (s Session) MarshalJSON() ([]byte, error) {
	return json.Marshal(storedSession{
		sessionVersion, s.AppID, s.DeviceID, s.User, s.AuthToken, s.JWT, s.CreatedAt,
	})
}

// UnmarshalJSON reads what MarshalJSON wrote; it refuses what a later version of this package wrote.
func (s *Session) UnmarshalJSON(data []byte) error {
	var stored storedSession
	if err := json.Unmarshal(data, &stored); err != nil {
		return fmt.Errorf("not a session: %w", err)
	}
	if stored.Version < 1 || stored.Version > sessionVersion {
		return fmt.Errorf("the session has the version %d, and this package reads up to %d", stored.Version, sessionVersion)
	}
	*s = Session{stored.AppID, stored.DeviceID, stored.User, stored.AuthToken, stored.JWT, stored.CreatedAt}
	return nil
}

// String names the app and the user of the session, and no secret.
func (s Session) String() string {
	uid := ""
	if s.User != nil {
		uid = s.User.UID
	}
	return fmt.Sprintf("session of %q in app %q", uid, s.AppID)
}

// Format writes the text of [Session.String] for every verb, so that none shows a secret.
func (s Session) Format(state fmt.State, verb rune) { formatText(state, verb, s.String()) }

// LogValue keeps the secrets out of log records.
func (s Session) LogValue() slog.Value { return slog.StringValue(s.String()) }

// clone returns a copy that shares nothing with s.
func (s *Session) clone() *Session {
	c := *s
	if s.User != nil {
		c.User = s.User.clone()
	}
	return &c
}

// SessionStore keeps sessions between calls, and between runs of the program if it can. A key is any text; the SDK uses
// "{appID}/session" and "{appID}/device". Methods may be called from several goroutines at once, and never while the SDK
// holds a lock. They have to return soon after their context has ended, and must not call the client: a login waits for
// them.
type SessionStore interface {
	// Load returns the session for the key, or an error that wraps ErrNoSession when there is none.
	Load(ctx context.Context, key string) (*Session, error)
	// Save keeps a copy of s for the key, in place of what was there. It must neither change s nor keep it: s stays the
	// SDK's.
	Save(ctx context.Context, key string, s *Session) error
	// Delete forgets the session for the key. That there is none is no error.
	Delete(ctx context.Context, key string) error
}

// SharedSessionStore is a [SessionStore] that several processes, or clients, change at once: one of them can put a session
// in the place of another only if it knows which one is there. Of two that log the same user in, both then have the
// session of the first, and none ends what the other has just begun. A store that is not one is for one client at a time.
type SharedSessionStore interface {
	SessionStore
	// CompareAndSwap puts next in the place of old, and a nil next deletes what is there. A nil old stands for nothing
	// being there, any other for the session with its auth token. It reports whether old was there, and so next is now;
	// it has changed nothing otherwise. For next, what is said of Save holds.
	CompareAndSwap(ctx context.Context, key string, old, next *Session) (swapped bool, err error)
}

// MemorySessionStore is the default [SessionStore], and a [SharedSessionStore]: sessions last as long as the store does.
// It is safe for concurrent use, and may be given to several clients. The zero value is an empty store.
type MemorySessionStore struct {
	mu       sync.RWMutex
	sessions map[string]*Session // guarded by mu; the values never change
}

// NewMemorySessionStore returns an empty store.
func NewMemorySessionStore() *MemorySessionStore {
	return &MemorySessionStore{}
}

// Format says what it is for every verb, and shows none of the sessions.
func (m *MemorySessionStore) Format(s fmt.State, verb rune) {
	formatText(s, verb, "session store in memory")
}

// Load returns a copy of the session for the key, or ErrNoSession.
func (m *MemorySessionStore) Load(_ context.Context, key string) (*Session, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	s, ok := m.sessions[key]
	if !ok {
		return nil, ErrNoSession
	}
	return s.clone(), nil
}

// Save keeps a copy of s for the key. It fails for a nil s only, with ErrMissingParameters.
func (m *MemorySessionStore) Save(_ context.Context, key string, s *Session) error {
	if s == nil {
		return newError("Save", ErrMissingParameters, "the session is nil")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(key, s)
	return nil
}

// put is called with the lock held.
func (m *MemorySessionStore) put(key string, s *Session) {
	if m.sessions == nil {
		m.sessions = map[string]*Session{}
	}
	m.sessions[key] = s.clone()
}

// CompareAndSwap is as in [SharedSessionStore]. It never fails.
func (m *MemorySessionStore) CompareAndSwap(_ context.Context, key string, old, next *Session) (swapped bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.sessions[key]
	if ok != (old != nil) || ok && s.AuthToken != old.AuthToken {
		return false, nil
	}
	if next == nil {
		delete(m.sessions, key)
	} else {
		m.put(key, next)
	}
	return true, nil
}

// Delete forgets the session for the key. It never fails.
func (m *MemorySessionStore) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sessions, key)
	return nil
}

// nobody stands for "read from the store, and there is no session".
var nobody = &Session{}

// sessionKeeper owns the session of a client; nobody else touches the store. Reading is an atomic load. Whatever changes
// the session (login, logout, the server's word that a token is gone) first takes its turn, so that each sees the one
// before finished. A turn is not a mutex: it is held across requests, and waiting for it ends with the context.
type sessionKeeper struct {
	store                 SessionStore
	appID                 string
	sessionKey, deviceKey string
	turn                  chan struct{} // has room for one: whoever's value is in it has the turn
	device                string        // the device id once it is known; for whoever has the turn
	// current is nil until the store has been read. What it points to never changes.
	current atomic.Pointer[Session]
}

func newSessionKeeper(store SessionStore, appID string) *sessionKeeper {
	return &sessionKeeper{
		store: store, appID: appID, sessionKey: appID + "/session", deviceKey: appID + "/device",
		turn: make(chan struct{}, 1),
	}
}

// takeTurn waits for the turn; with a free one it succeeds even if ctx has ended, so that a logout always clears.
func (k *sessionKeeper) takeTurn(ctx context.Context) error {
	select {
	case k.turn <- struct{}{}:
		return nil
	default:
	}
	select {
	case k.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (k *sessionKeeper) endTurn() { <-k.turn }

// get returns the current session, which must not be changed, or nil. The first call reads the store.
func (k *sessionKeeper) get(ctx context.Context) (*Session, error) {
	s := k.current.Load()
	if s == nil {
		stored, err := k.load(ctx)
		if err != nil {
			return nil, err
		}
		// Who comes second, or after a login, takes what is there: it is newer than what was read.
		k.current.CompareAndSwap(nil, stored)
		s = k.current.Load()
	}
	if s == nobody {
		return nil, nil
	}
	return s, nil
}

func (k *sessionKeeper) load(ctx context.Context) (*Session, error) {
	s, err := k.store.Load(ctx, k.sessionKey)
	switch {
	case errors.Is(err, ErrNoSession):
		return nobody, nil
	case err != nil:
		return nil, storeFailed("read the session from", err)
	case s == nil || s.AppID != k.appID || s.User == nil || s.User.UID == "" || s.AuthToken == "":
		return nil, storeFailed("read the session from",
			errors.New("the stored session is incomplete or another app's; log out to discard it"))
	}
	return s.clone(), nil
}

// replace stores s and makes it current; s must not change from then on. The caller has the turn.
func (k *sessionKeeper) replace(ctx context.Context, s *Session) error {
	if err := k.store.Save(ctx, k.sessionKey, s); err != nil {
		return storeFailed("write the session to", err, s.AuthToken, s.JWT)
	}
	k.current.Store(s)
	return nil
}

// clear forgets the session, here even when the store fails. The caller has the turn.
func (k *sessionKeeper) clear(ctx context.Context) error {
	k.current.Store(nobody)
	if err := k.store.Delete(ctx, k.sessionKey); err != nil {
		return storeFailed("delete the session from", err)
	}
	return nil
}

// deviceID returns the id of this installation, made at the first login and kept apart from the session, in the form of
// the JavaScript SDK: {appID}_{uuid}_{milliseconds}. The caller has the turn.
func (k *sessionKeeper) deviceID(ctx context.Context) (string, error) {
	if k.device != "" {
		return k.device, nil
	}
	s, err := k.store.Load(ctx, k.deviceKey)
	if err == nil && s != nil && s.DeviceID != "" {
		k.device = s.DeviceID
		return k.device, nil
	}
	if err != nil && !errors.Is(err, ErrNoSession) {
		return "", storeFailed("read the device id from", err)
	}
	id := k.appID + "_" + newInstanceID("_")
	if err := k.store.Save(ctx, k.deviceKey, &Session{AppID: k.appID, DeviceID: id}); err != nil {
		return "", storeFailed("write the device id to", err)
	}
	k.device = id
	return id, nil
}

// storeFailed makes the error for a failed store. What the store says may quote what it was given.
func storeFailed(what string, err error, secrets ...string) error {
	return &Error{
		Code:    codeSessionStore,
		Message: "could not " + what + " the session store",
		err:     newRedactor(secrets...).cause(err),
	}
}
