// Package redisstore keeps sessions in Redis, so that a fleet of servers shares them: a [cometchat.SharedSessionStore] on
// the client of github.com/redis/go-redis/v9, for a single server, Sentinel or Cluster.
//
// Each session is one value, in an envelope that names its key: no session is ever taken for that of another key, and a
// value that is something else is an error that names the key. Every operation is about one key, so Cluster needs no hash
// tags. Values are encrypted if a key is given.
//
// # The client
//
// It is the caller's: it is neither changed nor closed. Set ContextTimeoutEnabled in its options. Without it go-redis
// disregards the deadline of a context once a command is on its way, and a server that has stopped to answer holds up a
// login for the client's own timeouts: by default five seconds, four times over. A context that is canceled, rather than
// past its deadline, is noticed between attempts in any case. Reads have to go to the master: leave ReadOnly, RouteByLatency,
// RouteRandomly and ReplicaOnly unset, or a session is found that is there no more.
//
// What survives a restart of Redis is Redis's to say (appendonly, snapshots). After a loss users have to log in again.
// With asynchronous replication a failover may lose the newest changes; then an older session is back, whose token may
// have been revoked since.
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

// Store keeps sessions in Redis; make one with [New]. It may be used by any number of goroutines and clients at once, and
// so may others for the same Redis. It needs no closing.
//
// A failed call may have been carried out all the same: the connection can break before the answer is there.
type Store struct {
	client  func() redis.UniversalClient // a func because fmt does not look into one: a client holds a password
	prefix  string
	ttl     time.Duration // 0: sessions stay
	records record.Codec
}

var _ cometchat.SharedSessionStore = (*Store)(nil)

// Option configures a [Store].
type Option func(*Store) error

// WithPrefix sets what the Redis keys begin with, "cometchat:" otherwise. The key of the session follows. The prefix is
// part of what a value is bound to: values that were renamed from another prefix cannot be read.
func WithPrefix(prefix string) Option {
	return func(s *Store) error {
		s.prefix = prefix
		return nil
	}
}

// WithTTL has Redis forget a session so long after it was last saved, which a login, [cometchat.Client.VerifySession] and
// every other change of it does; reading does not. The user is then logged out for the fleet, with an auth token that
// still works. Without it, or with 0, sessions stay. It has to be a millisecond or more.
func WithTTL(ttl time.Duration) Option {
	return func(s *Store) error {
		if ttl != 0 && ttl < time.Millisecond {
			return fmt.Errorf("the time to live of %v is under a millisecond: %w", ttl, cometchat.ErrBadRequest)
		}
		s.ttl = ttl
		return nil
	}
}

// WithEncryptionKey encrypts the sessions with AES-256-GCM and this key of 32 bytes, of which it keeps a copy. The key has
// to be random, as of crypto/rand, and the same for the whole fleet. The Redis keys stay readable.
//
// A value that was written with another key, or without one, cannot be read.
func WithEncryptionKey(key []byte) Option {
	key = bytes.Clone(key)
	return func(s *Store) (err error) {
		s.records, err = record.New(key)
		return err
	}
}

// New makes a store on a client of the caller's; see the package's documentation for how to set that up. It makes no
// request. It fails with ErrMissingParameters for a nil client, and with ErrBadRequest for an option of no use.
func New(client redis.UniversalClient, opts ...Option) (*Store, error) {
	s := &Store{client: func() redis.UniversalClient { return client }, prefix: defaultPrefix}
	var flaws []error
	if v := reflect.ValueOf(client); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		flaws = append(flaws, fmt.Errorf("the client is nil: %w", cometchat.ErrMissingParameters))
	}
	for _, opt := range opts {
		if opt == nil {
			flaws = append(flaws, fmt.Errorf("an option is nil: %w", cometchat.ErrMissingParameters))
			continue
		}
		flaws = append(flaws, opt(s))
	}
	if err := errors.Join(flaws...); err != nil {
		return nil, fmt.Errorf("redisstore: %w", err)
	}
	return s, nil
}

// Format says what it is for every verb, and shows neither a session nor what the client was made with.
func (s Store) Format(state fmt.State, verb rune) {
	text := "session store in Redis, under " + strconv.Quote(s.prefix)
	if verb == 'q' {
		text = strconv.Quote(text)
	}
	_, _ = io.WriteString(state, text)
}

// Load returns the session for the key, or ErrNoSession. It fails when Redis cannot be asked, and with ErrUnreadableSession
// when the value is damaged or foreign, was written by a later version, or does not go with the encryption key.
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

// Save keeps s for the key, in place of what was there, whatever it was. It fails when Redis cannot be asked, with
// ErrMissingParameters for a nil s, and with ErrBadRequest for one that is larger than 8 MiB.
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

// Delete forgets the session for the key, whatever its value. That there is none is no error; it fails when Redis cannot
// be asked.
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

// swapScript changes a value if it is, to the byte, the one that was read; "" stands for none, which no session is.
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

// CompareAndSwap is as in [cometchat.SharedSessionStore], for all that use the same Redis. It fails as Load and Save do.
// When the answer of Redis is lost and go-redis asks once more, a swap of this call's is still known to be its own; a
// deletion is not, and it reports false.
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

// swap reads, compares, and has Redis change the value if nobody was faster; if somebody was, it begins anew. Data that
// is nil deletes. The comparison is here and not in the script, which could not decrypt.
func (s *Store) swap(ctx context.Context, key string, old *cometchat.Session, data []byte) (bool, error) {
	for again := false; ; again = true {
		raw, now, err := s.read(ctx, key)
		switch {
		case err != nil:
			return false, err
		case again && data != nil && bytes.Equal(raw, data):
			return true, nil // it was this call, and the answer got lost
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

// ready refuses what cannot work: a context that has ended, and a Store that New has not made.
func (s *Store) ready(ctx context.Context) error {
	if s.client == nil {
		return fmt.Errorf("the store was not made with New: %w", cometchat.ErrMissingParameters)
	}
	return ctx.Err()
}

// read returns a value and the session in it, or nil for both when there is none.
func (s *Store) read(ctx context.Context, key string) (raw []byte, _ *cometchat.Session, _ error) {
	if err := s.ready(ctx); err != nil {
		return nil, nil, err
	}
	name := s.prefix + key
	raw, err := s.client().Get(ctx, name).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, nil, nil
	}
	if redis.HasErrorPrefix(err, "WRONGTYPE") { // it is a list, or the like
		err = record.Unreadable(err)
	}
	if err != nil {
		return nil, nil, err
	}
	session, err := s.records.Decode(name, raw)
	if err != nil {
		return nil, nil, fmt.Errorf("the value of the Redis key %.200q %w; "+
			"to discard it, log out, or delete the key if that does not help", name, err)
	}
	return raw, session, nil
}

// failed names what failed. A deadline that a connection kept is the context's, and go-redis does not say so.
func failed(ctx context.Context, op string, err error) error {
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("redisstore: %s: %w: %w", op, context.DeadlineExceeded, err)
	}
	return fmt.Errorf("redisstore: %s: %w", op, err)
}
