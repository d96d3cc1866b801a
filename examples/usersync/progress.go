package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/cometchat-go/cometchat"
)

// screen is the output of the program. A failure to write to it does not stop an import.
type screen struct {
	out      io.Writer
	terminal bool
}

func newScreen(file *os.File) screen {
	info, err := file.Stat()
	return screen{file, err == nil && info.Mode()&os.ModeCharDevice != 0}
}

func (s screen) say(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format, args...) }

// list shows the first failures and the number of the rest.
func (s screen) list(failures []failure, all int) {
	shown := failures[:min(maxFailures, len(failures))]
	for _, f := range shown {
		s.say("   %v\n", f)
	}
	if more := all - len(shown); more > 0 {
		s.say("   and %d more\n", more)
	}
}

// progress shows the progress of the import: on a terminal in one line that it overwrites, else in a new line every five
// seconds.
type progress struct {
	screen
	limit       func() (cometchat.RateLimit, bool)
	start, last time.Time
}

func newProgress(on screen, limit func() (cometchat.RateLimit, bool)) *progress {
	p := &progress{screen: on, limit: limit, start: time.Now()}
	if !on.terminal {
		p.last = p.start // the first line waits five seconds too
	}
	return p
}

// update shows the summary if the last line is old enough.
func (p *progress) update(s summary) {
	every := 5 * time.Second
	if p.terminal {
		every = 100 * time.Millisecond
	}
	now := time.Now()
	if now.Sub(p.last) < every {
		return
	}
	p.last = now
	line := fmt.Sprintf("%d of %d %s%s%s", s.done(), s.total, cmp.Or(s.unit, "users"), p.pace(s, now), p.waiting(now))
	if s.failed > 0 {
		line += fmt.Sprintf(", %d failed", s.failed)
	}
	if p.terminal {
		p.say("\r%s\x1b[K", line)
	} else {
		p.say("%s\n", line)
	}
}

// pace returns the speed and the remaining time, after the first second.
func (p *progress) pace(s summary, now time.Time) string {
	took, finished := now.Sub(p.start), s.done()-s.before
	if took < time.Second || finished == 0 {
		return ""
	}
	left := took * time.Duration(s.total-s.done()) / time.Duration(finished)
	return fmt.Sprintf(", %.0f a second, about %v left", float64(finished)/took.Seconds(), left.Round(time.Second))
}

// waiting returns a note if the rate limit holds the import up.
func (p *progress) waiting(now time.Time) string {
	if limit, ok := p.limit(); ok && limit.Remaining == 0 && limit.Reset.After(now) {
		return " (waiting for the rate limit)"
	}
	return ""
}

// end shows the final summary.
func (p *progress) end(s summary) {
	if p.terminal {
		p.say("\r\x1b[K")
	}
	p.say("%d of %d %s after %v: ", s.done(), s.total, cmp.Or(s.unit, "users"), time.Since(p.start).Round(time.Millisecond))
	if s.unit == "" {
		p.say("%d created, ", s.created)
	}
	p.say("%d updated, %d unchanged, %d failed", s.updated, s.unchanged, s.failed)
	if s.members > 0 {
		p.say("; %d changes of members", s.members)
	}
	if s.before > 0 {
		p.say("; %d were imported before", s.before)
	}
	p.say(".\n")
	p.list(s.failures, s.failed)
}
