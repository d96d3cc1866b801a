package cometchat

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cometchat-go/cometchat/internal/redact"
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
	// VerifiedAt is when the server last confirmed the session: at login, and by [Client.VerifySession] and
	// [Client.UpdateCurrentUserDetails].
	VerifiedAt time.Time
}

// sessionVersion is the version of the JSON form of a Session. Version 1 had no verifiedAt. See docs/sessions.md.
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

// MarshalJSON writes the form that UnmarshalJSON reads, version number and secrets included.
func (s Session) MarshalJSON() ([]byte, error) {
	return json.Marshal(storedSession{
		sessionVersion, s.AppID, s.DeviceID, s.User, s.AuthToken, s.JWT, s.CreatedAt, s.VerifiedAt,
	})
}

// UnmarshalJSON reads what MarshalJSON wrote, in this version of the package or an earlier one. It refuses what a later
// one wrote, and changes nothing then.
func (s *Session) UnmarshalJSON(data []byte) error {
	// The version comes first: a later one may have other types in its fields.
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

// sameUser reports whether other, which may be nil or nobody's, is a session of the same user.
func (s *Session) sameUser(other *Session) bool {
	return other != nil && other.User != nil && sameUID(s.User.UID, other.User.UID)
}

// secrets are those of the session, which may be nil.
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

// SessionStore keeps sessions between calls, and between runs of the program if it can. A key is any text; the SDK uses
// "{appID}/session", in a [Pool] "{appID}/{key}/session", and "{appID}/device". Methods may be called from several
// goroutines at once, and never while the SDK holds a lock. They have to return soon after their context has ended, and
// must not call the client: a login waits for them.
type SessionStore interface {
	// Load returns the session for the key. Its error wraps ErrNoSession when there is none, and ErrUnreadableSession when
	// what is there is no session that it can read, now or later: that is what a [Client.Logout] discards. After any other
	// error, as from a network, the session counts as one that is still there.
	Load(ctx context.Context, key string) (*Session, error)
	// Save keeps a copy of s for the key, in place of what was there. It must neither change s nor keep it: s stays the
	// SDK's.
	Save(ctx context.Context, key string, s *Session) error
	// Delete forgets the session for the key. That there is none is no error.
	Delete(ctx context.Context, key string) error
}

// SharedSessionStore is a [SessionStore] that several processes, or clients, change at once: one of them can put a session
// in the place of another only if it knows which one is there. Of two that log the same user in, both then have the
// session of the first, and none ends what the other has just begun. A store that is not one is for one client at a time:
// there the SDK loads and compares before it saves or deletes, and what another client does in between is lost.
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

// kept is Load without the copy.
func (m *MemorySessionStore) kept(key string) (*Session, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	s, ok := m.sessions[key]
	if !ok {
		return nil, ErrNoSession
	}
	return s, nil
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
