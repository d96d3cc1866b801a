// Package filestore keeps sessions in a directory, so that a login outlasts the program: a [cometchat.SharedSessionStore]
// for any number of processes of one machine.
//
// Each session is a file of its own, readable by its owner only, and encrypted if a key is given. It is replaced as a
// whole and brought to the disk before Save returns: after a crash, the session that was saved last is there, or the one
// that was just being saved. A file that cannot be read as a session is an error that names it; nothing but Delete, which
// is what a logout does, removes it.
//
// The format of the files is described in docs/stores.md.
package filestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/internal/record"
)

// Store is a directory of sessions; make one with [New]. It may be used by any number of goroutines and clients at once,
// and so may other Stores for the same directory, in this process and in others. It needs no closing.
//
// Save, CompareAndSwap and Delete of one key wait for each other, at most as long as their context lasts. Once begun, the
// change itself, some milliseconds, is not interrupted.
type Store struct {
	dir     string
	records record.Codec
	locks   locks
}

var _ cometchat.SharedSessionStore = (*Store)(nil)

// Option configures a [Store].
type Option func(*Store) error

// WithEncryptionKey encrypts the sessions with AES-256-GCM and this key of 32 bytes, of which it keeps a copy. The key has
// to be random, as of crypto/rand, and to be kept elsewhere: without it the sessions are lost, and with it readable.
//
// A file that was written with another key, or without one, cannot be read, and is left as it is.
func WithEncryptionKey(key []byte) Option {
	key = bytes.Clone(key)
	return func(s *Store) (err error) {
		s.records, err = record.New(key)
		return err
	}
}

// DefaultDir returns the directory for the sessions of an app that a program of the current user would use: cometchat and
// the app id, in the user's configuration directory ([os.UserConfigDir]). It makes none.
//
// It fails with ErrInvalidAppID for an app id that could not be the name of a directory, and when the environment does not
// say where the configuration directory is.
func DefaultDir(appID string) (string, error) {
	if appID == "." || strings.ContainsAny(appID, "/\\\x00") || !filepath.IsLocal(appID) {
		return "", fmt.Errorf("filestore: the app id is no name for a directory: %w", cometchat.ErrInvalidAppID)
	}
	config, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("filestore: there is no default directory: %w", err)
	}
	return filepath.Join(config, "cometchat", appID), nil
}

// New opens the store in a directory, which it makes, together with those above it, if it is not there. The directory is
// the store's alone; it may be a symbolic link. On Unix only its owner may have access to it (mode 0700): one that others
// can enter is refused, not changed, for it may be theirs. Windows has no such modes, and the directory's access control
// list decides.
//
// It removes what processes that were killed in the middle of a Save have left behind. It fails with ErrMissingParameters
// for an empty dir, with ErrBadRequest for a key of the wrong length, and when the directory cannot be used.
func New(dir string, opts ...Option) (*Store, error) {
	if dir == "" {
		return nil, fmt.Errorf("filestore: the directory is missing: %w", cometchat.ErrMissingParameters)
	}
	s := &Store{locks: newLocks()}
	var flaws []error
	for _, opt := range opts {
		if opt == nil {
			flaws = append(flaws, fmt.Errorf("an option is nil: %w", cometchat.ErrMissingParameters))
			continue
		}
		flaws = append(flaws, opt(s))
	}
	if err := errors.Join(flaws...); err != nil {
		return nil, fmt.Errorf("filestore: %w", err)
	}
	var err error
	if s.dir, err = openDir(dir); err != nil {
		return nil, fmt.Errorf("filestore: %w", err)
	}
	if err := s.sweep(); err != nil {
		return nil, fmt.Errorf("filestore: could not clean up: %w", err)
	}
	return s, nil
}

// openDir makes the directory if need be, and returns its path without symbolic links: that of one which is changed
// later must not lead a running store elsewhere.
func openDir(dir string) (string, error) {
	if err := makeDir(dir); err != nil {
		return "", fmt.Errorf("could not make the directory: %w", err)
	}
	dir, err := filepath.Abs(dir)
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return "", fmt.Errorf("could not find the directory: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return "", fmt.Errorf("could not look at the directory: %w", err)
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return "", fmt.Errorf("others have access to the directory %s (mode %04o): name one that is the store's alone (mode 0700), "+
			"or that does not exist yet", dir, mode)
	}
	return dir, nil
}

// Format says what it is for every verb, and shows none of the sessions.
func (s Store) Format(state fmt.State, verb rune) {
	text := "session store in the directory " + s.dir
	if verb == 'q' {
		text = strconv.Quote(text)
	}
	_, _ = io.WriteString(state, text)
}

// Load returns the session for the key, or ErrNoSession. It fails with ErrUnreadableSession, and leaves the file as it is,
// when the file is damaged or foreign, was written by a later version, or does not go with the encryption key.
func (s *Store) Load(ctx context.Context, key string) (*cometchat.Session, error) {
	name := nameOf(key)
	if err := s.ready(ctx); err != nil {
		return nil, fmt.Errorf("filestore: Load: %w", err)
	}
	if readingLocks {
		unlock, err := s.lock(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("filestore: Load: %w", err)
		}
		defer unlock()
	}
	session, err := s.read(key, name)
	if err != nil && !errors.Is(err, cometchat.ErrNoSession) {
		return nil, fmt.Errorf("filestore: Load: %w", err)
	}
	return session, err
}

// Save keeps s for the key, in place of what was there, and returns once it is on the disk. Over a file that Load would
// refuse it fails, and leaves the file as it is. It fails with ErrMissingParameters for a nil s, and with ErrBadRequest
// for one that is larger than 8 MiB.
func (s *Store) Save(ctx context.Context, key string, session *cometchat.Session) error {
	data, err := s.records.Encode(key, session)
	if err != nil {
		return fmt.Errorf("filestore: Save: %w", err)
	}
	_, err = s.change(ctx, key, data, func(*cometchat.Session) bool { return true })
	if err != nil {
		return fmt.Errorf("filestore: Save: %w", err)
	}
	return nil
}

// CompareAndSwap is as in [cometchat.SharedSessionStore], for all processes that use the directory. It fails as Load and
// Save do.
func (s *Store) CompareAndSwap(ctx context.Context, key string, old, next *cometchat.Session) (swapped bool, err error) {
	var data []byte
	if next != nil {
		if data, err = s.records.Encode(key, next); err != nil {
			return false, fmt.Errorf("filestore: CompareAndSwap: %w", err)
		}
	}
	swapped, err = s.change(ctx, key, data, func(now *cometchat.Session) bool {
		return (now != nil) == (old != nil) && (now == nil || now.AuthToken == old.AuthToken)
	})
	if err != nil {
		return false, fmt.Errorf("filestore: CompareAndSwap: %w", err)
	}
	return swapped, nil
}

// Delete forgets the session for the key, whatever the state of its file. That there is none is no error.
func (s *Store) Delete(ctx context.Context, key string) error {
	name := nameOf(key)
	unlock, err := s.lock(ctx, name)
	if err != nil {
		return fmt.Errorf("filestore: Delete: %w", err)
	}
	defer unlock()
	if err := s.remove(name); err != nil {
		return fmt.Errorf("filestore: Delete: %w", err)
	}
	return nil
}

// ready refuses what cannot work: a context that has ended, and a Store that New has not made.
func (s *Store) ready(ctx context.Context) error {
	if s.dir == "" {
		return fmt.Errorf("the store was not made with New: %w", cometchat.ErrMissingParameters)
	}
	return ctx.Err()
}

// change puts data, or with nil nothing, in the place of what is there, if that is what is expected: a session, or nil.
func (s *Store) change(ctx context.Context, key string, data []byte, expected func(now *cometchat.Session) bool,
) (changed bool, err error) {
	name := nameOf(key)
	unlock, err := s.lock(ctx, name)
	if err != nil {
		return false, err
	}
	defer unlock()
	now, err := s.read(key, name)
	if err != nil && !errors.Is(err, cometchat.ErrNoSession) {
		return false, err
	}
	switch {
	case !expected(now):
		return false, nil
	case data == nil:
		return true, s.remove(name)
	}
	return true, s.write(name, data)
}

// missing reports whether a file is not there, which for most of what is done here is fine.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
