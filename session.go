package cometchat

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/cometchat-go/cometchat/internal/redact"
)

// Session is a login that lasts: the record that a [SessionStore] keeps. It has secrets. Printing a Session with fmt or slog
// shows none of them; its JSON, which is for a store, has them all. Do not print a struct that contains a Session: fmt may
// skip the Session's Format method, and a JSON log writes its secrets.
type Session struct {
	// AppID is the app that the session belongs to.
	AppID string
	// DeviceID is the id of this installation at the server. It outlives the session: the store keeps it under a key of its
	// own, in a Session that has only an AppID and a DeviceID.
	DeviceID string
	// User is the logged-in user; nil in the record that keeps the device id.
	User *User
	// AuthToken is the credential of every call of the session. It does not expire by itself.
	AuthToken string
	// JWT is the credential of the live connection; empty when the server sent none.
	JWT string
	// CreatedAt is when the login succeeded.
	CreatedAt time.Time
	// VerifiedAt is when the server last confirmed the session: at a login, a [Client.VerifySession] or a
	// [Client.UpdateCurrentUserDetails].
	VerifiedAt time.Time
}

// sessionVersion is the version of the JSON form of a Session. Version 1 had no verifiedAt. See docs/stores.md.
const sessionVersion = 2

// storedSession is the JSON form of a Session.
type storedSession struct {
	Version    int       `json:"version"`
	AppID      string    `json:"appId"`
	DeviceID   string    `json:"deviceId"`
	User       *User     `json:"user,omitempty"`
	AuthToken  string    `json:"authToken,omitempty"`
	JWT        string    `json:"jwt,omitempty"`
	CreatedAt  time.Time `json:"createdAt,omitzero"`
	VerifiedAt time.Time `json:"verifiedAt,omitzero"`
}

// MarshalJSON writes the form that UnmarshalJSON reads, with a version number and the secrets.
func (s Session) MarshalJSON() ([]byte, error) {
	return lenient.Marshal(storedSession{
		sessionVersion, s.AppID, s.DeviceID, s.User, s.AuthToken, s.JWT, s.CreatedAt, s.VerifiedAt,
	})
}

// UnmarshalJSON reads the JSON of MarshalJSON, also that of earlier versions of this package. It refuses the JSON of a later
// version, and leaves s as it is.
func (s *Session) UnmarshalJSON(data []byte) error {
	// The version is read alone at first: the fields of a later version may have other types.
	var of struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &of); err != nil {
		return fmt.Errorf("not a session: %w", err)
	}
	switch {
	case of.Version > sessionVersion:
		return fmt.Errorf("a later version of this package wrote the session (version %d of its format, and this one reads "+
			"up to %d): update the package; nothing has been deleted", of.Version, sessionVersion)
	case of.Version < 1:
		return fmt.Errorf("not a session: it has the version %d", of.Version)
	}
	var stored storedSession
	if err := json.Unmarshal(data, &stored); err != nil {
		return fmt.Errorf("not a session: %w", err)
	}
	if of.Version == 1 {
		stored.VerifiedAt = stored.CreatedAt
	}
	*s = Session{
		stored.AppID, stored.DeviceID, stored.User, stored.AuthToken, stored.JWT, stored.CreatedAt, stored.VerifiedAt,
	}
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
func (s Session) Format(state fmt.State, verb rune) { redact.Format(state, verb, s.String()) }

// LogValue keeps the secrets out of log records.
func (s Session) LogValue() slog.Value { return slog.StringValue(s.String()) }

// sameUser reports whether other, which may be nil or without a user, is a session of the same user.
func (s *Session) sameUser(other *Session) bool {
	return other != nil && other.User != nil && sameUID(s.User.UID, other.User.UID)
}

// secrets returns the secrets of the session, which may be nil.
func (s *Session) secrets() []string {
	if s == nil {
		return nil
	}
	return []string{s.AuthToken, s.JWT}
}

// clone returns a copy that shares nothing with s.
func (s *Session) clone() *Session {
	c := *s
	if s.User != nil {
		c.User = s.User.clone()
	}
	return &c
}

// SessionStore keeps sessions between calls, and between runs of the program if it can. A key is any text: the SDK uses
// "{appID}/session" (in a [Pool] "{appID}/{key}/session") and "{appID}/device". The SDK calls the methods concurrently, and
// never while it holds a lock. A method must return soon after its context has ended, and must not call the client: a login
// waits for the method.
type SessionStore interface {
	// Load returns the session for the key. Its error wraps ErrNoSession when there is no session, and ErrUnreadableSession
	// when there is a record that the store cannot read, now or later; a [Client.Logout] discards such a record. After any
	// other error, from a network for example, the SDK takes the session to be still there.
	Load(ctx context.Context, key string) (*Session, error)
	// Save keeps a copy of s for the key and replaces the session that was there. It must not change s, and must not keep
	// the pointer: s belongs to the SDK.
	Save(ctx context.Context, key string, s *Session) error
	// Delete removes the session for the key. It returns nil when there is none.
	Delete(ctx context.Context, key string) error
}

// SharedSessionStore is a [SessionStore] that several clients or processes can change at the same time. A client replaces a
// session only if it knows which session the store has. When two clients log the same user in, both use the session of the
// first, and neither ends the session of the other.
//
// A store without CompareAndSwap is for one client at a time: there the SDK loads and compares before it saves or deletes, and
// a change that another client makes in between is lost.
type SharedSessionStore interface {
	SessionStore
	// CompareAndSwap replaces the session old by next, and reports whether it has; it changes nothing when the store has
	// another session than old. Sessions are compared by their auth token. A nil old means that the store must have no
	// session for the key; a nil next deletes the session. As with Save, it must neither change nor keep next.
	CompareAndSwap(ctx context.Context, key string, old, next *Session) (swapped bool, err error)
}

// MemorySessionStore is the default [SessionStore], a [SharedSessionStore] and a [PositionStore]. Its sessions last as long as the store does. It
// is safe for concurrent use, and several clients may share it. The zero value is an empty store.
type MemorySessionStore struct {
	mu        sync.RWMutex
	sessions  map[string]*Session // guarded by mu; the values never change
	positions map[string]string   // guarded by mu
}

// NewMemorySessionStore returns an empty store.
func NewMemorySessionStore() *MemorySessionStore {
	return &MemorySessionStore{}
}

// Format writes the same words for every verb, and nothing of the sessions.
func (m *MemorySessionStore) Format(s fmt.State, verb rune) {
	redact.Format(s, verb, "session store in memory")
}

// Load returns a copy of the session for the key, or ErrNoSession.
func (m *MemorySessionStore) Load(_ context.Context, key string) (*Session, error) {
	s, err := m.kept(key)
	if err != nil {
		return nil, err
	}
	return s.clone(), nil
}

// kept returns the store's own session, not a copy.
func (m *MemorySessionStore) kept(key string) (*Session, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	s, ok := m.sessions[key]
	if !ok {
		return nil, ErrNoSession
	}
	return s, nil
}

// Save keeps a copy of s for the key. It fails only for a nil s, with ErrMissingParameters.
func (m *MemorySessionStore) Save(_ context.Context, key string, s *Session) error {
	if s == nil {
		return newError("Save", ErrMissingParameters, "the session is nil")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(key, s.clone())
	return nil
}

// put is called with the lock held. s must not change from now on.
func (m *MemorySessionStore) put(key string, s *Session) {
	if m.sessions == nil {
		m.sessions = map[string]*Session{}
	}
	m.sessions[key] = s
}

// CompareAndSwap works as in [SharedSessionStore]. The error is always nil.
func (m *MemorySessionStore) CompareAndSwap(_ context.Context, key string, old, next *Session) (swapped bool, err error) {
	if next != nil {
		next = next.clone()
	}
	return m.swap(key, old, next), nil
}

// swap is CompareAndSwap without the copy: next must not change from now on.
func (m *MemorySessionStore) swap(key string, old, next *Session) (swapped bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.sessions[key]
	if ok != (old != nil) || ok && s.AuthToken != old.AuthToken {
		return false
	}
	if next == nil {
		delete(m.sessions, key)
	} else {
		m.put(key, next)
	}
	return true
}

// Delete removes the session for the key. The error is always nil.
func (m *MemorySessionStore) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sessions, key)
	return nil
}

// LoadPosition returns the position for the key, or "" when there is none. The error is always nil.
func (m *MemorySessionStore) LoadPosition(_ context.Context, key string) (string, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.positions[key], nil
}

// SavePosition keeps the position for the key. The error is always nil.
func (m *MemorySessionStore) SavePosition(_ context.Context, key, position string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.positions == nil {
		m.positions = map[string]string{}
	}
	m.positions[key] = position
	return nil
}
