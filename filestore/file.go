package filestore

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/internal/record"
)

const (
	sessionSuffix = ".json"
	tempSuffix    = ".tmp"
)

// nameOf is the name of the file for a key, without its ending. It is a hash, so that every key has one, on file systems
// that disregard case too.
func nameOf(key string) string {
	hash := sha256.Sum256([]byte(key))
	return hex.EncodeToString(hash[:])
}

func (s *Store) path(name, suffix string) string { return filepath.Join(s.dir, name+suffix) }

// read returns the session in a file, or ErrNoSession.
func (s *Store) read(key, name string) (*cometchat.Session, error) {
	path := s.path(name, sessionSuffix)
	data, err := readFile(path)
	if missing(err) {
		return nil, cometchat.ErrNoSession
	}
	if err != nil {
		return nil, fmt.Errorf("could not read the session file: %w", err)
	}
	session, err := s.records.Decode(key, data)
	if err != nil {
		return nil, fmt.Errorf("the session file %s %w; to discard it, log out, or remove it if that does not help", path, err)
	}
	return session, nil
}

// readFile reads a regular file, up to one byte more than a record may have.
func readFile(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // a link may lead anywhere, and a pipe would have us wait
		return nil, record.Unreadable(fmt.Errorf("%s is no regular file", path))
	}
	file, err := os.Open(path) //nolint:gosec // the directory is the store's, and the name is a hash
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(file, record.MaxSize+1))
	return data, errors.Join(err, file.Close())
}

// write replaces a file as a whole, and returns once that is on the disk. The caller has the lock, so the temporary file
// is nobody else's.
func (s *Store) write(name string, data []byte) error {
	temp := s.path(name, tempSuffix)
	if err := os.Remove(temp); err != nil && !missing(err) { // left behind by a process that was killed
		return err
	}
	file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // as in readFile
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(temp, s.path(name, sessionSuffix))
	}
	if err != nil {
		_ = os.Remove(temp) // what went wrong first matters more
		return err
	}
	return syncDir(s.dir)
}

// remove deletes a session and what a killed process may have left of it. The caller has the lock.
func (s *Store) remove(name string) error {
	for _, suffix := range []string{tempSuffix, sessionSuffix} {
		if err := os.Remove(s.path(name, suffix)); err != nil && !missing(err) {
			return err
		}
	}
	return syncDir(s.dir)
}

// sweep removes the temporary files of processes that were killed, for they may hold sessions. One whose lock is taken is
// left alone: it is being written.
func (s *Store) sweep() error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name, ok := strings.CutSuffix(entry.Name(), tempSuffix)
		if !ok || !isName(name) {
			continue
		}
		unlock, err := s.tryLock(name)
		if err != nil {
			return err
		}
		if unlock == nil {
			continue
		}
		err = os.Remove(s.path(name, tempSuffix))
		unlock()
		if err != nil && !missing(err) {
			return err
		}
	}
	return nil
}

// isName reports whether a name is one that nameOf gives.
func isName(name string) bool {
	hash, err := hex.DecodeString(name)
	return err == nil && len(hash) == sha256.Size && strings.ToLower(name) == name
}

// makeDir makes a directory and those above it, and brings their names to the disk. That fails where a directory above
// cannot be read, and is then not for us to ensure.
func makeDir(dir string) error {
	var above []string
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); !missing(err) || d == filepath.Dir(d) {
			break
		}
		above = append(above, filepath.Dir(d))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, d := range above {
		_ = syncDir(d)
	}
	return nil
}

// syncDir brings the names in a directory to the disk. Windows has no such call, and some file systems need none.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir) //nolint:gosec // the directory is the store's
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
