package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"github.com/cometchat-go/cometchat/cometchattest"
)

// recording writes the file of -record. Without a file, it does nothing.
type recording struct {
	mu     sync.Mutex // guards the fields below
	file   *os.File   // nil: no recording
	out    *bufio.Writer
	failed error // the first error
}

func newRecording(name string) (*recording, error) {
	r := &recording{}
	if name == "" {
		return r, nil
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // the user names the file
	if err != nil {
		return nil, fmt.Errorf("-record: %w", err)
	}
	r.file, r.out = f, bufio.NewWriter(f)
	return r, nil
}

func (r *recording) observe(e cometchattest.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil || r.failed != nil {
		return
	}
	raw, err := json.Marshal(e)
	if err == nil {
		_, err = r.out.Write(append(raw, '\n'))
	}
	if err == nil {
		err = r.out.Flush() // for readers that follow the file
	}
	r.failed = err
}

// close returns the first error of the recording.
func (r *recording) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return nil
	}
	if err := r.file.Close(); r.failed == nil && err != nil {
		r.failed = err
	}
	if r.failed != nil {
		return fmt.Errorf("-record: %w", r.failed)
	}
	return nil
}
