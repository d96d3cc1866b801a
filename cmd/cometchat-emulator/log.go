package main

import (
	"cmp"
	"context"
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

// logger writes a line for each request and each step of a live connection, aligned for a person or as JSON.
type logger struct {
	frames bool         // -v
	json   *slog.Logger // nil: lines for a person
	colour bool

	mu      sync.Mutex // guards the fields below
	out     io.Writer
	unsaved string // the error of the last attempt to save; "" if it succeeded
}

func newLogger(w io.Writer, form string, frames bool) *logger {
	l := &logger{frames: frames, out: w, colour: isTerminal(w)}
	if form == "json" {
		l.json = slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return l
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

// entry is a line about a request or a live connection.
type entry struct {
	level       slog.Level
	msg         string
	at          time.Time
	status      int // 0: the connection was broken, or it is a live connection
	method, uid string
	path        string
	code        string // of the error
	note        string
	took        time.Duration
}

// observe is an observer of the emulator.
func (l *logger) observe(e cometchattest.Event) {
	x := entry{level: slog.LevelInfo, at: e.At, uid: clean(e.UID), path: clean(hideTokens(e.Path))}
	switch {
	case e.Kind == "http":
		x.msg, x.status, x.method, x.code, x.took = "request", e.Status, clean(e.Method), clean(e.ErrorCode), e.Took
		if e.Status == 0 {
			x.note = "the connection was broken"
		}
		if e.Status == 0 || e.Status >= http.StatusInternalServerError {
			x.level = slog.LevelWarn
		}
	case e.What == "open":
		x.msg, x.method = "live connection opened", "OPEN"
	case e.What == "close":
		x.msg, x.method, x.note = "live connection closed", "CLOSE", clean(fmt.Sprintf("%d %s", e.Code, e.Reason))
	case !l.frames:
		return
	default:
		x.level, x.msg, x.method, x.note = slog.LevelDebug, "frame", "IN", clean(frameSecret.ReplaceAllString(string(e.Message), `"$1":"..."`))
		if e.What == "server to client" {
			x.method = "OUT"
		}
	}
	if l.json != nil {
		l.writeJSON(x)
		return
	}
	l.write(x.line(l.colour))
}

func (l *logger) writeJSON(x entry) {
	attrs := []slog.Attr{slog.String("method", x.method), slog.String("path", x.path), slog.String("uid", x.uid)}
	if x.msg == "request" {
		attrs = append(attrs, slog.Int("status", x.status), slog.String("code", x.code),
			slog.Float64("ms", float64(x.took.Microseconds())/1000))
	}
	if x.note != "" {
		attrs = append(attrs, slog.String("note", x.note))
	}
	l.json.LogAttrs(context.Background(), x.level, x.msg, attrs...)
}

// The colours of a terminal.
const (
	red, green, yellow, grey, plain = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[90m", "\x1b[0m"
)

// line returns the line for a person: time, status, method, duration, user, path, and what went wrong. The columns of
// different width stand last.
func (x entry) line(colour bool) string {
	status, took, tint := strconv.Itoa(x.status), x.took.Round(10*time.Microsecond).String(), green
	switch {
	case x.msg != "request":
		status, took, tint = "ws", "", grey
	case x.status == 0:
		status, tint = "---", red
	case x.status >= http.StatusInternalServerError:
		tint = red
	case x.status >= http.StatusBadRequest:
		tint = yellow
	}
	status = fmt.Sprintf("%3s", status)
	wrong := strings.Join(slices.DeleteFunc([]string{x.code, x.note}, func(s string) bool { return s == "" }), " ")
	if colour {
		status = tint + status + plain
		if wrong != "" {
			wrong = tint + wrong + plain
		}
	}
	line := fmt.Sprintf("%s %s %-6s %9s  %-16s %s  %s", x.at.Format(time.TimeOnly), status, x.method, took, cmp.Or(x.uid, "-"),
		x.path, wrong)
	return strings.TrimRight(line, " ")
}

// say logs a message that is about no request.
func (l *logger) say(level slog.Level, message string) {
	message = clean(message)
	if l.json != nil {
		l.json.Log(context.Background(), level, message) //nolint:sloglint // the messages of the HTTP server vary
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
