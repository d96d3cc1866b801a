package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/cometchat-go/cometchat/cometchattest"
)

// logger writes a line for each request, each step of a live connection and each delivery to a webhook, aligned for a person or as JSON.
type logger struct {
	frames bool // -v
	json   bool // else lines for a person
	colour bool

	mu      sync.Mutex // guards the fields below
	out     io.Writer
	unsaved string // the error of the last attempt to save; "" if it succeeded
}

func newLogger(w io.Writer, form string, frames bool) *logger {
	return &logger{frames: frames, json: form == "json", out: w, colour: isTerminal(w)}
}

// isTerminal says whether w shows colours; see no-color.org.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// entry is a line about a request or a live connection. As JSON it has the names of [slog.JSONHandler].
type entry struct {
	At     time.Time  `json:"time"`
	Level  slog.Level `json:"level"`
	Msg    string     `json:"msg"`
	Status int        `json:"status,omitempty"` // 0: the connection was broken, or it is no request
	Method string     `json:"method,omitempty"`
	Path   string     `json:"path,omitempty"`
	UID    string     `json:"uid,omitempty"`
	Code   string     `json:"code,omitempty"` // of the error
	Note   string     `json:"note,omitempty"`
	Took   float64    `json:"ms,omitempty"`
}

// observe is an observer of the emulator. Of a webhook, the note is the trigger and what went wrong.
func (l *logger) observe(e cometchattest.Event) {
	x := entry{Level: slog.LevelInfo, At: e.At, UID: clean(e.UID), Path: clean(hideTokens(e.Path))}
	switch {
	case e.Kind == "http":
		x.Msg, x.Status, x.Method, x.Code = "request", e.Status, clean(e.Method), clean(e.ErrorCode)
		x.Took = float64(e.Took.Microseconds()) / 1000
		if e.Status == 0 {
			x.Note = "the connection was broken"
		}
		if e.Status == 0 || e.Status >= http.StatusInternalServerError {
			x.Level = slog.LevelWarn
		}
	case e.Kind == "webhook":
		x.Msg, x.Status, x.Method, x.Note = "webhook", e.Status, "HOOK", clean(strings.TrimSuffix(e.What+": "+e.Reason, ": "))
		x.Took = float64(e.Took.Microseconds()) / 1000
		if e.Status != http.StatusOK {
			x.Level = slog.LevelWarn
		}
	case e.What == "open":
		x.Msg, x.Method = "live connection opened", "OPEN"
	case e.What == "close":
		x.Msg, x.Method, x.Note = "live connection closed", "CLOSE", clean(fmt.Sprintf("%d %s", e.Code, e.Reason))
	case !l.frames:
		return
	default:
		x.Level, x.Msg, x.Method, x.Note = slog.LevelDebug, "frame", "IN", clean(frameSecret.ReplaceAllString(string(e.Message), `"$1":"..."`))
		if e.What == "server to client" {
			x.Method = "OUT"
		}
	}
	if l.json {
		l.writeJSON(x)
		return
	}
	l.write(x.line(l.colour))
}

func (l *logger) writeJSON(x entry) {
	line, _ := json.Marshal(x) // numbers and valid texts always marshal
	l.write(string(line))
}

// The colours of a terminal.
const (
	red, green, yellow, grey, plain = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[90m", "\x1b[0m"
)

// line returns the line for a person: time, status, method, duration, user, path, and what went wrong. The columns of
// different width stand last.
func (x entry) line(colour bool) string {
	status, took, tint := strconv.Itoa(x.Status), fmt.Sprintf("%.2f ms", x.Took), green
	switch {
	case x.Msg != "request" && x.Msg != "webhook":
		status, took, tint = "ws", "", grey
	case x.Status == 0:
		status, tint = "---", red
	case x.Status >= http.StatusInternalServerError:
		tint = red
	case x.Status >= http.StatusBadRequest:
		tint = yellow
	}
	status = fmt.Sprintf("%3s", status)
	wrong := strings.Join(slices.DeleteFunc([]string{x.Code, x.Note}, func(s string) bool { return s == "" }), " ")
	if colour {
		status = tint + status + plain
		if wrong != "" {
			wrong = tint + wrong + plain
		}
	}
	line := fmt.Sprintf("%s %s %-6s %12s  %-16s %s  %s", x.At.Format(time.TimeOnly), status, x.Method, took, cmp.Or(x.UID, "-"),
		x.Path, wrong)
	return strings.TrimRight(line, " ")
}

// say logs a message that is about no request.
func (l *logger) say(level slog.Level, message string) {
	message = clean(message)
	if l.json {
		l.writeJSON(entry{At: time.Now(), Level: level, Msg: message})
		return
	}
	if level >= slog.LevelWarn {
		message = level.String() + " " + message
	}
	l.write(time.Now().Format(time.TimeOnly) + " " + message)
}

// saveFailed logs an error of saving the data, unless it is that of the attempt before.
func (l *logger) saveFailed(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	l.mu.Lock()
	known := l.unsaved == text
	l.unsaved = text
	l.mu.Unlock()
	if !known && err != nil {
		l.say(slog.LevelError, text)
	}
}

func (l *logger) write(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = io.WriteString(l.out, line+"\n") // an error has nowhere to go
}

// errors returns a logger for the errors of the HTTP server, such as a client that does not trust the certificate.
func (l *logger) errors() *log.Logger { return log.New(lines{l}, "", 0) }

type lines struct{ *logger }

func (l lines) Write(line []byte) (int, error) {
	l.say(slog.LevelWarn, strings.TrimSuffix(string(line), "\n"))
	return len(line), nil
}

// frameSecret is a secret in a frame: the jwt, or an auth token.
var frameSecret = regexp.MustCompile(`"(?i:(auth|jwt|authToken))"\s*:\s*"(?:[^"\\]|\\.)*"`)

// hideTokens hides the tokens and keys in a path, also if the path is percent-encoded in an unusual way.
func hideTokens(path string) string {
	segments := strings.Split(path, "/")
	for i := len(segments) - 1; i > 0; i-- { // from the end, as the segment before decides
		name, err := url.PathUnescape(segments[i-1])
		if name = strings.ToLower(name); err == nil && segments[i] != "" && (name == "auth_tokens" || name == "apikeys") {
			segments[i] = "..."
		}
	}
	return strings.Join(segments, "/")
}

// longest is how many characters of a text stand in the log.
const longest = 300

// clean makes a text from outside safe for a terminal: it stays on its line and has no escape codes.
func clean(text string) string {
	var b strings.Builder
	n := 0
	for _, r := range text {
		if n++; n > longest {
			b.WriteString("…")
			break
		}
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		}
	}
	return b.String()
}
