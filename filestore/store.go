// Package filestore keeps sessions in a directory, so that a login outlasts the program. Its Store is a
// [cometchat.SharedSessionStore]: any number of processes on one machine may use the same directory. It is a
// [cometchat.PositionStore] too.
//
// Each session has its own file. Only the owner can read the file, and [WithEncryptionKey] encrypts it. Save writes a new
// file, syncs it to the disk and renames it: after a crash, the directory holds either the old session or the new one. If
// the store cannot read a file as a session, it returns an error that names the file and keeps the file. Only Delete
// removes it; a logout calls Delete.
//
// docs/stores.md describes the format of the files.
package filestore

import (
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

// Store keeps sessions in a directory; make one with [New]. It is safe for concurrent use by any number of goroutines and
// clients. Other Stores may use the same directory at the same time, in this process and in others. A Store needs no
// closing.
//
// Save, CompareAndSwap and Delete of one key wait for each other until their context ends. Once a change of the file has
// begun, it finishes: this takes some milliseconds, and the context does not interrupt it.
type Store struct {
	dir         string
	records     record.Codec
	acceptPlain bool // set by an option; New turns it into a property of records
	locks       locks
	disk        disk
}

var (
	_ cometchat.SharedSessionStore = (*Store)(nil)
	_ cometchat.PositionStore      = (*Store)(nil)
)

// DefaultDir returns the usual directory for an app's sessions: cometchat/{appID} in the configuration directory of the
// current user ([os.UserConfigDir]). It does not make the directory.
//
// It fails with ErrInvalidAppID if the app id cannot be the name of a directory, and with the error of os.UserConfigDir if
// the environment names no configuration directory.
func DefaultDir(appID string) (string, error) {
	if appID == "." || strings.ContainsAny(appID, "/\\\x00") || !filepath.IsLocal(appID) {
		return "", fmt.Errorf("filestore: the app id cannot be the name of a directory: %w", cometchat.ErrInvalidAppID)
	}
	config, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("filestore: there is no default directory: %w", err)
	}
	return filepath.Join(config, "cometchat", appID), nil
}

// New opens the store in the directory dir. If the directory does not exist, New makes it and its parents. dir may be a
// symbolic link. Nothing but the store may use the directory.
//
// On Unix, only the owner may have access to the directory (mode 0700). New refuses a directory that other users can enter
// and does not change its mode, because it may belong to another program. On Windows, the directory's access control list
// decides.
//
// New also removes the temporary files of processes that were killed during a Save. It makes no request. It fails with
// ErrMissingParameters for an empty dir or a nil option, with ErrBadRequest for an encryption key that has not 32 bytes or
// comes twice and for [WithPlainSessionsAccepted] without a key, and with the error of the system if it cannot use the
// directory.
func New(dir string, opts ...Option) (*Store, error) {
	if dir == "" {
		return nil, fmt.Errorf("filestore: the directory is missing: %w", cometchat.ErrMissingParameters)
	}
	s := &Store{locks: newLocks(), disk: realDisk}
	err := s.set(opts)
	if err != nil {
		return nil, fmt.Errorf("filestore: %w", err)
	}
	if s.dir, err = openDir(dir); err != nil {
		return nil, fmt.Errorf("filestore: %w", err)
	}
	if err := s.sweep(); err != nil {
		return nil, fmt.Errorf("filestore: could not clean up: %w", err)
	}
	return s, nil
}

// openDir makes the directory if it is missing, and returns its absolute path without symbolic links: if a link changes
// later, a running store must stay in its directory.
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
		return "", fmt.Errorf("could not read the mode of the directory: %w", err)
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return "", fmt.Errorf("other users have access to the directory %s (mode %04o): name a directory with mode 0700 that only "+
			"the store uses, or a directory that does not exist yet", dir, mode)
	}
	return dir, nil
}

// Format writes "session store in the directory …" for every verb, so that fmt never shows a session or the encryption key.
func (s Store) Format(state fmt.State, verb rune) {
	text := "session store in the directory " + s.dir
	if verb == 'q' {
		text = strconv.Quote(text)
	}
	_, _ = io.WriteString(state, text)
}

// Load returns the session of the key, or ErrNoSession if there is none. It fails with ErrUnreadableSession if the file is
// damaged, holds something else, was written by a later version or needs another encryption key; Load keeps such a file.
// It also fails when ctx has ended, and with the error of the system if it cannot read the file. The caller may change
// the returned session.
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

// Save stores the session under the key, replacing the previous session, and returns once the new session is on the disk.
// It fails with ErrMissingParameters for a nil session, with ErrBadRequest for a session of more than 8 MiB, with
// ErrUnreadableSession if the key has a file that Load cannot read (Save keeps such a file), when ctx ends while Save
// waits for another change, and with the error of the system if it cannot write.
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

// CompareAndSwap replaces the session of the key with next if the current session is old; it compares their auth tokens. A
// nil old means that there is no session, and a nil next deletes the session. It reports whether it replaced the session:
// if several processes call it with the same old, exactly one gets true. See [cometchat.SharedSessionStore]. It fails like
// Load and Save.
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

// Delete removes the session of the key, even if its file is unreadable. It returns nil if there is no session. It fails
// when ctx ends while Delete waits for another change, and with the error of the system if it cannot remove the file.
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

// ready returns an error if ctx has ended or New did not make the Store.
func (s *Store) ready(ctx context.Context) error {
	if s.dir == "" {
		return fmt.Errorf("the store was not made by New: %w", cometchat.ErrMissingParameters)
	}
	return ctx.Err()
}

// change writes data to the file of the key, or removes the file if data is nil. It does so only if expected accepts the
// current session, which is nil if there is none.
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

// missing reports whether err says that a file does not exist.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
