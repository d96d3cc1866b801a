package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
)

// stateHeader begins the first line of a state file; the app follows.
const stateHeader = "usersync state 1 of app "

// state is what is done, in a file that lives longer than the program: a line for each user, added as soon as the user is
// in CometChat. It belongs to one goroutine.
//
// A line is written with one call, so a crash loses the users that were on their way and no other. It may leave half a line
// behind, and a power failure may lose a few: these users are looked at once more, which does no harm.
type state struct {
	file *os.File
	done map[string]string // the fingerprint of the row, by uid
}

// openState opens the state file of an app, or begins one.
func openState(path, app string) (*state, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600) //nolint:gosec // the user says which file
	if err != nil {
		return nil, err
	}
	s := &state{file: file, done: map[string]string{}}
	if err := s.load(stateHeader + app + "\n"); err != nil {
		_ = file.Close() // nothing was written that matters
		return nil, fmt.Errorf("the state file %s %w", path, err)
	}
	return s, nil
}

// load reads the file and makes it ready for more lines. Its errors follow the file's name in a sentence.
func (s *state) load(header string) error {
	content, err := io.ReadAll(s.file)
	if err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	whole := content[:bytes.LastIndexByte(content, '\n')+1]
	if lines, ok := strings.CutPrefix(string(whole), header); ok {
		s.read(lines)
	} else if !strings.HasPrefix(header, string(content)) { // a beginning of the header is a file that was just begun
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

// foreign says whose a file is that is not ours.
func foreign(content string) error {
	first, _, _ := strings.Cut(content, "\n")
	if app, ok := strings.CutPrefix(first, stateHeader); ok {
		return fmt.Errorf("is about another app, %s; name another file with -state", app)
	}
	return fmt.Errorf("is something else, and was left as it is; name another file with -state")
}

// read takes in the lines after the first. One that makes no sense is passed over.
func (s *state) read(lines string) {
	for line := range strings.Lines(lines) {
		fingerprint, uid, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if ok && len(fingerprint) == fingerprintLength {
			s.done[uid] = fingerprint
		}
	}
}

// has reports whether the user is in CometChat as the row says.
func (s *state) has(r row) bool { return s.done[r.uid] == r.fingerprint() }

// add notes that the user is in CometChat as the row says.
func (s *state) add(r row) error {
	if _, err := s.file.WriteString(r.fingerprint() + " " + r.uid + "\n"); err != nil {
		return fmt.Errorf("what is done cannot be noted: %w", err)
	}
	s.done[r.uid] = r.fingerprint()
	return nil
}

// close brings the file to the disk.
func (s *state) close() error {
	syncErr := s.file.Sync()
	if err := s.file.Close(); err != nil {
		return err
	}
	return syncErr
}
