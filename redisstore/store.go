// Package redisstore keeps sessions in Redis, so that the servers of a fleet share them. Its Store is a
// [cometchat.SharedSessionStore]. It uses the client of github.com/redis/go-redis/v9, for a single server, Sentinel or
// Cluster.
//
// Each session is one value, in an envelope that names its key. So the store never takes a value for the session of another
// key, and if a value is not a session, the error names the key. Every operation uses one Redis key, so Cluster needs no
// hash tags. [WithEncryptionKey] encrypts the values.
//
// # The client
//
// The store neither changes nor closes the caller's client. Set ContextTimeoutEnabled in its options. Without this option,
// go-redis ignores the deadline of a context once a command is on its way, and a server that does not answer blocks a login
// for the client's own timeouts: by default four attempts of five seconds. With or without the option, go-redis notices a
// canceled context between two attempts. The store must read from the master: leave ReadOnly, RouteByLatency, RouteRandomly
// and ReplicaOnly unset. A replica may still hold a session that was deleted.
//
// The settings of Redis (appendonly, snapshots) decide which sessions survive a restart. Users whose session is lost must
// log in again. With asynchronous replication, a failover may lose the newest changes. Then an older session is back, and
// its token may have been revoked.
package redisstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/internal/record"
	"github.com/redis/go-redis/v9"
)

const defaultPrefix = "cometchat:"

// Store keeps sessions in Redis; make one with [New]. It is safe for concurrent use by any number of goroutines and
// clients. Other Stores may use the same Redis at the same time. A Store needs no closing.
//
// A call that fails may still have changed Redis, because the connection can break before the answer arrives.
type Store struct {
	client  func() redis.UniversalClient // a func, because a client holds a password and fmt prints no func's variables
	prefix  string
	ttl     time.Duration // 0: sessions do not expire
	records record.Codec

	acceptPlain bool // set by an option; New turns it into a property of records
}

var (
	_ cometchat.SharedSessionStore = (*Store)(nil)
	_ cometchat.PositionStore      = (*Store)(nil)
)

// New makes a store that uses the client; the package documentation says how to set the client up. It makes no request. It
// fails with ErrMissingParameters for a nil client or a nil option, and with ErrBadRequest for a wrong ttl, for an
// encryption key that has not 32 bytes or comes twice, and for [WithPlainSessionsAccepted] without a key.
func New(client redis.UniversalClient, opts ...Option) (*Store, error) {
	s := &Store{client: func() redis.UniversalClient { return client }, prefix: defaultPrefix}
	var err error
	if v := reflect.ValueOf(client); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		err = fmt.Errorf("the client is nil: %w", cometchat.ErrMissingParameters)
	}
	if err = errors.Join(err, s.set(opts)); err != nil {
		return nil, fmt.Errorf("redisstore: %w", err)
	}
	return s, nil
}

// Format writes "session store in Redis, under …" with the prefix for every verb, so that fmt never shows a session, the
// encryption key or the client's password.
func (s Store) Format(state fmt.State, verb rune) {
	text := "session store in Redis, under " + strconv.Quote(s.prefix)
	if verb == 'q' {
		text = strconv.Quote(text)
	}
	_, _ = io.WriteString(state, text)
}

// Load returns the session of the key, or ErrNoSession if there is none. It fails with ErrUnreadableSession if the value is
// damaged, is something else, was written by a later version or needs another encryption key. It also fails when ctx has
// ended, and with the error of go-redis if Redis does not answer. The caller may change the returned session.
func (s *Store) Load(ctx context.Context, key string) (*cometchat.Session, error) {
	_, session, err := s.read(ctx, key)
	if err != nil {
		return nil, failed(ctx, "Load", err)
	}
	if session == nil {
		return nil, cometchat.ErrNoSession
	}
	return session, nil
}

// Save stores the session under the key, replacing any value, even an unreadable one. It fails with ErrMissingParameters
// for a nil session, with ErrBadRequest for a session of more than 8 MiB, when ctx has ended, and with the error of
// go-redis if Redis does not answer.
func (s *Store) Save(ctx context.Context, key string, session *cometchat.Session) error {
	name := s.prefix + key
	data, err := s.records.Encode(name, session)
	if err == nil {
		err = s.ready(ctx)
	}
	if err == nil {
		err = s.client().Set(ctx, name, data, s.ttl).Err()
	}
	if err != nil {
		return failed(ctx, "Save", err)
	}
	return nil
}

// Delete removes the session of the key, even if its value is unreadable. It returns nil if there is no session. It fails
// when ctx has ended, and with the error of go-redis if Redis does not answer.
func (s *Store) Delete(ctx context.Context, key string) error {
	err := s.ready(ctx)
	if err == nil {
		err = s.client().Del(ctx, s.prefix+key).Err()
	}
	if err != nil {
		return failed(ctx, "Delete", err)
	}
	return nil
}

// swapScript replaces a value if it still is ARGV[1], byte for byte. An empty ARGV[1] stands for no value, and an empty
// ARGV[2] deletes the value; the record of a session is never empty.
const swapScript = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
	return 0
end
if ARGV[2] == '' then
	redis.call('DEL', KEYS[1])
elseif ARGV[3] == '0' then
	redis.call('SET', KEYS[1], ARGV[2])
else
	redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
return 1`

// CompareAndSwap replaces the session of the key with next if the current session is old; it compares their auth tokens. A
// nil old means that there is no session, and a nil next deletes the session. It reports whether it replaced the session:
// if several calls have the same old, exactly one returns true. See [cometchat.SharedSessionStore]. It fails like Load and
// Save.
//
// If an answer of Redis is lost and go-redis repeats the command, CompareAndSwap finds its own new session and returns true.
// It cannot recognize its own deletion, and returns false.
func (s *Store) CompareAndSwap(ctx context.Context, key string, old, next *cometchat.Session) (swapped bool, err error) {
	var data []byte
	if next != nil {
		if data, err = s.records.Encode(s.prefix+key, next); err != nil {
			return false, failed(ctx, "CompareAndSwap", err)
		}
	}
	swapped, err = s.swap(ctx, key, old, data)
	if err != nil {
		return false, failed(ctx, "CompareAndSwap", err)
	}
	return swapped, nil
}

// swap reads the value, compares the sessions, and lets the script replace the value. If the value changed meanwhile, swap
// starts again. Nil data deletes. The script does not compare the sessions because it cannot decrypt them.
func (s *Store) swap(ctx context.Context, key string, old *cometchat.Session, data []byte) (bool, error) {
	for again := false; ; again = true {
		raw, now, err := s.read(ctx, key)
		switch {
		case err != nil:
			return false, err
		case again && data != nil && bytes.Equal(raw, data):
			return true, nil // this call has replaced it, and the answer was lost
		case (now == nil) != (old == nil) || now != nil && now.AuthToken != old.AuthToken:
			return false, nil
		case now == nil && data == nil:
			return true, nil
		}
		changed, err := s.client().Eval(ctx, swapScript, []string{s.prefix + key}, raw, data, s.ttl.Milliseconds()).Int()
		if err != nil || changed == 1 {
			return err == nil, err
		}
	}
}

// ready returns an error if ctx has ended or New did not make the Store.
func (s *Store) ready(ctx context.Context) error {
	if s.client == nil {
		return fmt.Errorf("the store was not made by New: %w", cometchat.ErrMissingParameters)
	}
	return ctx.Err()
}

// get returns the value of a key, or nil if there is none.
func (s *Store) get(ctx context.Context, key string) ([]byte, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	raw, err := s.client().Get(ctx, s.prefix+key).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if redis.HasErrorPrefix(err, "WRONGTYPE") { // the value is a list, for example
		err = record.Unreadable(err)
	}
	return raw, err
}

// read returns the value of a key and the session in it, or nil for both if there is no value.
func (s *Store) read(ctx context.Context, key string) (raw []byte, _ *cometchat.Session, _ error) {
	raw, err := s.get(ctx, key)
	if raw == nil || err != nil {
		return nil, nil, err
	}
	name := s.prefix + key
	session, err := s.records.Decode(name, raw)
	if err != nil {
		return nil, nil, fmt.Errorf("the value of the Redis key %.200q %w; "+
			"to discard it, log out or delete the key", name, err)
	}
	return raw, session, nil
}

// failed adds the name of the operation to an error. If the deadline of ctx has passed, it also adds DeadlineExceeded:
// go-redis sets the deadline on the connection and returns the connection's error.
func failed(ctx context.Context, op string, err error) error {
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("redisstore: %s: %w: %w", op, context.DeadlineExceeded, err)
	}
	return fmt.Errorf("redisstore: %s: %w", op, err)
}
