package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"regexp"
	"sync"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest"
)

// output writes the log, a line for each request, and the recording of -record.
type output struct {
	mu     sync.Mutex // guards the fields below
	log    io.Writer
	file   *os.File // nil: no recording
	record *bufio.Writer
	failed error // the first error of the recording
}

func newOutput(w io.Writer, record string) (*output, error) {
	o := &output{log: w}
	if record == "" {
		return o, nil
	}
	f, err := os.OpenFile(record, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // the user names the file
	if err != nil {
		return nil, fmt.Errorf("-record: %w", err)
	}
	o.file, o.record = f, bufio.NewWriter(f)
	return o, nil
}

func (o *output) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.file == nil {
		return nil
	}
	if err := o.file.Close(); o.failed == nil && err != nil {
		o.failed = err
	}
	if o.failed != nil {
		return fmt.Errorf("-record: %w", o.failed)
	}
	return nil
}

// tokenSegment is an auth token in a path.
var tokenSegment = regexp.MustCompile(`(/auth_tokens/)[^/]+`)

// observe is the emulator's observer.
func (o *output) observe(e cometchattest.Event) {
	line := fmt.Sprintf("%s %s %d in %v", e.Method, tokenSegment.ReplaceAllString(e.Path, "${1}..."), e.Status,
		e.Took.Round(time.Microsecond))
	switch {
	case e.Kind == "http" && e.Status == 0:
		line += " (connection broken)"
	case e.What == "open":
		line = "live connection opened"
	case e.What == "close":
		line = fmt.Sprintf("live connection of %q closed: %d %s", e.UID, e.Code, e.Reason)
	case e.Kind == "websocket":
		line = ""
	}
	if line != "" {
		o.say(line)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.record == nil || o.failed != nil {
		return
	}
	raw, err := json.Marshal(e)
	if err == nil {
		_, err = o.record.Write(append(raw, '\n'))
	}
	if err == nil {
		err = o.record.Flush() // for readers that follow the file
	}
	o.failed = err
}

// say logs a line with the time.
func (o *output) say(line string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, _ = fmt.Fprintf(o.log, "%s %s\n", time.Now().Format(time.TimeOnly), line) // an error has nowhere to go
}

// errors returns a logger for the errors of the HTTP server, such as a client that does not trust the certificate.
func (o *output) errors() *log.Logger { return log.New(lines{o}, "", 0) }

type lines struct{ *output }

func (l lines) Write(line []byte) (int, error) {
	l.say(string(line[:max(len(line)-1, 0)])) // the logger adds a line break
	return len(line), nil
}
