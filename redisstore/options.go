package redisstore

import (
	"errors"
	"fmt"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/internal/record"
)

// Option configures a [Store].
type Option func(*Store) error

// WithPrefix sets the prefix of the Redis keys; the default is "cometchat:". The session's key follows the prefix. A value
// is bound to its whole Redis key: the store cannot read a value that was renamed from another prefix.
func WithPrefix(prefix string) Option {
	return func(s *Store) error {
		s.prefix = prefix
		return nil
	}
}

// WithTTL lets Redis delete a session when ttl has passed since its last change: a login, [cometchat.Client.VerifySession]
// and every other change of the session start the time again, and reading does not. The user is then logged out on every
// server, but the auth token still works. By default, and with 0, sessions do not expire. New refuses a ttl below a
// millisecond.
func WithTTL(ttl time.Duration) Option {
	return func(s *Store) error {
		if ttl != 0 && ttl < time.Millisecond {
			return fmt.Errorf("the time to live of %v is under a millisecond: %w", ttl, cometchat.ErrBadRequest)
		}
		s.ttl = ttl
		return nil
	}
}

// WithEncryptionKey encrypts the sessions with AES-256-GCM. Every session that the store writes is encrypted with key. The
// store also reads sessions that one of the old keys encrypted, and their next Save or CompareAndSwap encrypts them with key.
// docs/stores.md says how to change the key of a running fleet.
//
// Each key must have 32 random bytes, from crypto/rand for example, and no key may come twice; New fails with ErrBadRequest
// otherwise. The option keeps its own copies. Every server needs the same keys. The Redis keys are not encrypted.
//
// The store cannot read a value that another key encrypted: the error is ErrUnreadableSession. The same holds for a plain
// value, unless [WithPlainSessionsAccepted] is set.
func WithEncryptionKey(key []byte, old ...[]byte) Option {
	records, err := record.New(key, old...)
	return func(s *Store) error {
		s.records = records
		return err
	}
}

// WithPlainSessionsAccepted is for the time in which you encrypt the sessions of a Redis that had no encryption key. The
// store then also reads plain sessions, and their next Save or CompareAndSwap encrypts them with the key of
// [WithEncryptionKey]. Without that option, New fails with ErrBadRequest.
//
// Remove the option after the migration. While it is set, the encryption does not protect against forgery: whoever can write
// a value of Redis can put a plain session of theirs there, and the store returns it.
func WithPlainSessionsAccepted() Option {
	return func(s *Store) error {
		s.acceptPlain = true
		return nil
	}
}

// set applies the options and returns all their flaws.
func (s *Store) set(opts []Option) (err error) {
	var flaws []error
	for _, opt := range opts {
		if opt == nil {
			flaws = append(flaws, fmt.Errorf("an option is nil: %w", cometchat.ErrMissingParameters))
			continue
		}
		flaws = append(flaws, opt(s))
	}
	if err = errors.Join(flaws...); err == nil && s.acceptPlain {
		s.records, err = s.records.AcceptingPlain()
	}
	return err
}
