package filestore

import (
	"errors"
	"fmt"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/internal/record"
)

// Option configures a [Store].
type Option func(*Store) error

// WithEncryptionKey encrypts the sessions with AES-256-GCM. Every session that the store writes is encrypted with key. The
// store also reads sessions that one of the old keys encrypted, and their next Save or CompareAndSwap encrypts them with key.
// docs/stores.md says how to change the key while several processes use the directory.
//
// Each key must have 32 random bytes, from crypto/rand for example, and no key may come twice; New fails with ErrBadRequest
// otherwise. The option keeps its own copies. Keep the keys in another place than the directory: anybody who has both can
// read the sessions, and nobody can read them without the keys.
//
// The store cannot read a file that another key encrypted, and does not change it: the error is ErrUnreadableSession. The
// same holds for a plain file, unless [WithPlainSessionsAccepted] is set.
func WithEncryptionKey(key []byte, old ...[]byte) Option {
	records, err := record.New(key, old...)
	return func(s *Store) error {
		s.records = records
		return err
	}
}

// WithPlainSessionsAccepted is for the time in which you encrypt the sessions of a directory that had no encryption key. The
// store then also reads plain sessions, and their next Save or CompareAndSwap encrypts them with the key of
// [WithEncryptionKey]. Without that option, New fails with ErrBadRequest.
//
// Remove the option after the migration. While it is set, the encryption does not protect against forgery: whoever can write
// a file of the directory can put a plain session of theirs there, and the store returns it.
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
