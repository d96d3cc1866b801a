package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
)

// stateHeader begins the first line of a state file. The app follows it.
const stateHeader = "usersync state 1 of app "

// state lists the imported users in a file that outlasts the program. It writes a line for each user as soon as CometChat
// has the user. Only one goroutine may use it.
//
// One call writes a whole line, so a crash loses only the users whose requests were running. A crash may leave half a line,
// and a power failure may lose some lines. The next run checks these users again, which does no harm.
type state struct {
	file *os.File
	done map[string]string // the fingerprint of each row, by uid
}

// openState opens the state file of an app, or makes a new one.
func openState(path, app string) (*state, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600) //nolint:gosec // the user names the file
	if err != nil {
		return nil, err
	}
	s := &state{file: file, done: map[string]string{}}
	if err := s.load(stateHeader + app + "\n"); err != nil {
		_ = file.Close() // nothing important was written
		return nil, fmt.Errorf("the state file %s %w", path, err)
	}
	return s, nil
}

// load reads the file and prepares it for more lines. The text of its errors follows the file's name.
func (s *state) load(header string) error {
	content, err := io.ReadAll(s.file)
	if err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	whole := content[:bytes.LastIndexByte(content, '\n')+1]
	if lines, ok := strings.CutPrefix(string(whole), header); ok {
		s.read(lines)
	} else if !strings.HasPrefix(header, string(content)) { // a crash may have cut the header of a new file
		return foreign(string(content))
	}
	if len(whole) < len(content) {
		if err := s.file.Truncate(int64(len(whole))); err != nil {
			return fmt.Errorf("cannot be cut to its last whole line: %w", err)
		}
	}
	if len(whole) == 0 {
		if _, err := s.file.WriteString(header); err != nil {
			return fmt.Errorf("cannot be written: %w", err)
		}
	}
	return nil
}

// foreign returns the error for a file that is not the state file of this app.
func foreign(content string) error {
	first, _, _ := strings.Cut(content, "\n")
	if app, ok := strings.CutPrefix(first, stateHeader); ok {
		return fmt.Errorf("belongs to another app, %s; name another file with -state", app)
	}
	return fmt.Errorf("is not a state file and was not changed; name another file with -state")
}

// read reads the lines after the header and skips damaged lines.
func (s *state) read(lines string) {
	for line := range strings.Lines(lines) {
		fingerprint, uid, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if ok && len(fingerprint) == fingerprintLength {
			s.done[uid] = fingerprint
		}
	}
}

// has reports whether the user of the row was imported with the same fields.
func (s *state) has(r row) bool { return s.done[r.uid] == r.fingerprint() }

// add writes that the user of the row is imported.
func (s *state) add(r row) error {
	if _, err := s.file.WriteString(r.fingerprint() + " " + r.uid + "\n"); err != nil {
		return fmt.Errorf("the state file cannot be written: %w", err)
	}
	s.done[r.uid] = r.fingerprint()
	return nil
}

// close syncs the file to the disk and closes it.
func (s *state) close() error {
	syncErr := s.file.Sync()
	if err := s.file.Close(); err != nil {
		return err
	}
	return syncErr
}
