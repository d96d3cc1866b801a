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

// nameOf returns the name of the key's file without its suffix. It is a hash: a key may be any text, and some file systems
// ignore case.
func nameOf(key string) string {
	hash := sha256.Sum256([]byte(key))
	return hex.EncodeToString(hash[:])
}

// disk has the calls of the system whose order makes a write safe: the tests watch them.
type disk struct {
	open func(name string, flag int, mode os.FileMode) (*os.File, error)
	sync func(*os.File) error
}

var realDisk = disk{os.OpenFile, (*os.File).Sync}

func (s *Store) path(name, suffix string) string { return filepath.Join(s.dir, name+suffix) }

// read returns the session in the key's file, or ErrNoSession.
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
		return nil, fmt.Errorf("the session file %s %w; to discard it, log out or remove the file", path, err)
	}
	return session, nil
}

// readFile reads a regular file. It stops one byte after the largest size of a record.
func readFile(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // a link may lead anywhere, and reading a pipe may block
		return nil, record.Unreadable(fmt.Errorf("%s is not a regular file", path))
	}
	file, err := os.Open(path) //nolint:gosec // the directory is the store's, and the name is a hash
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(file, record.MaxSize+1))
	return data, errors.Join(err, file.Close())
}

// write replaces a session's file and returns once the new file is on the disk. The caller holds the lock, so no other
// process uses the temporary file.
func (s *Store) write(name string, data []byte) error {
	temp := s.path(name, tempSuffix)
	if err := os.Remove(temp); err != nil && !missing(err) { // a killed process may have left one
		return err
	}
	file, err := s.disk.open(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err == nil {
		err = s.disk.sync(file)
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(temp, s.path(name, sessionSuffix))
	}
	if err != nil {
		_ = os.Remove(temp) // the first error matters more
		return err
	}
	return s.disk.syncDir(s.dir)
}

// remove deletes a session's file and the temporary file that a killed process may have left. The caller holds the lock.
func (s *Store) remove(name string) error {
	for _, suffix := range []string{tempSuffix, sessionSuffix} {
		if err := os.Remove(s.path(name, suffix)); err != nil && !missing(err) {
			return err
		}
	}
	return s.disk.syncDir(s.dir)
}

// sweep removes the temporary files of killed processes, because they may hold sessions. It keeps a file whose lock is
// taken: another process is writing it.
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

// isName reports whether nameOf could have returned name.
func isName(name string) bool {
	hash, err := hex.DecodeString(name)
	return err == nil && len(hash) == sha256.Size && strings.ToLower(name) == name
}

// makeDir makes a directory and its missing parents, and syncs the directories that gained a name. It ignores errors of
// the sync: the user may not be allowed to open a parent directory.
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
		_ = realDisk.syncDir(d)
	}
	return nil
}

// syncDir syncs the names in a directory to the disk. Windows has no such call, and some file systems do not support it.
func (k disk) syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir) //nolint:gosec // the directory is the store's
	if err != nil {
		return err
	}
	err = k.sync(d)
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
