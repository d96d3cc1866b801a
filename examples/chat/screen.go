package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/cometchat-go/cometchat"
)

// The colours of lines, as ECMA-48 numbers them.
const (
	plain = ""
	dim   = "2"
	red   = "31"
	green = "32"
	cyan  = "36"
)

// screen prints lines.
type screen struct {
	out      io.Writer
	coloured bool
}

// newScreen returns a screen that has colours if file is a terminal. See https://no-color.org.
func newScreen(file *os.File) *screen {
	info, err := file.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	return &screen{file, terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

// say prints one line.
func (s *screen) say(colour, format string, args ...any) {
	line := clean(fmt.Sprintf(format, args...))
	if s.coloured && colour != plain {
		line = "\x1b[" + colour + "m" + line + "\x1b[0m"
	}
	_, _ = fmt.Fprintln(s.out, line)
}

// message prints a message of the user me, or of another user.
func (s *screen) message(m *cometchat.Message, me string) {
	colour, name, ticks := cyan, m.Sender.Name, ""
	if m.Sender.UID == me {
		colour, name, ticks = green, "You", "  "+ticksOf(m)
	}
	// A further line is indented: it must not look like a message of its own.
	text := strings.ReplaceAll(strings.ReplaceAll(textOf(m), "\r\n", "\n"), "\t", " ")
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if i == len(lines)-1 {
			line += ticks
		}
		if i == 0 {
			s.say(colour, "%s %s: %s", m.SentAt.Local().Format("15:04"), name, line)
		} else {
			s.say(colour, "      | %s", line)
		}
	}
}

// textOf returns what there is to read of a message.
func textOf(m *cometchat.Message) string {
	var parts []string
	if m.Category != cometchat.CategoryMessage || m.Type != cometchat.TypeText {
		parts = append(parts, "["+m.Type+"]")
	}
	switch {
	case !m.DeletedAt.IsZero():
		return "(deleted)"
	case m.Text != "":
		parts = append(parts, m.Text)
	}
	for _, a := range m.Attachments {
		parts = append(parts, a.Name, a.URL)
	}
	if !m.EditedAt.IsZero() {
		parts = append(parts, "(edited)")
	}
	return strings.Join(parts, " ")
}

// brief returns the beginning of a text, on one line.
func brief(text string) string {
	const most = 60
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) > most {
		return string(line[:most]) + "…"
	}
	return string(line)
}

// ticksOf says how far a message of this user has come.
func ticksOf(m *cometchat.Message) string {
	switch {
	case !m.ReadAt.IsZero():
		return "✓✓ read"
	case !m.DeliveredAt.IsZero():
		return "✓✓ delivered"
	}
	return "✓ sent"
}

// clean makes a text of another user harmless: an escape sequence could change what the terminal shows, and an invisible letter the
// order of the visible ones.
func clean(text string) string {
	const zeroWidthJoiner, pictures = '\u200d', '\u2400' // many emojis have the joiner
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsGraphic(r) || r == zeroWidthJoiner:
			return r
		case r < ' ':
			return pictures + r // ␛ for an escape
		}
		return unicode.ReplacementChar
	}, text)
}
