package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/cometchat-go/cometchat"
)

// screen is where the program says what it does. That nobody can read it is no reason to stop an import.
type screen struct {
	out      io.Writer
	terminal bool // a person is likely to be looking
}

func newScreen(file *os.File) screen {
	info, err := file.Stat()
	return screen{file, err == nil && info.Mode()&os.ModeCharDevice != 0}
}

func (s screen) say(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format, args...) }

// list shows the first failures, and how many more there are in all.
func (s screen) list(failures []failure, all int) {
	shown := failures[:min(maxFailures, len(failures))]
	for _, f := range shown {
		s.say("   %v\n", f)
	}
	if more := all - len(shown); more > 0 {
		s.say("   and %d more\n", more)
	}
}

// progress shows how far it is: on a terminal in one line that is written over, elsewhere in a line every few seconds.
type progress struct {
	screen
	limit       func() (cometchat.RateLimit, bool)
	start, last time.Time
}

func newProgress(on screen, limit func() (cometchat.RateLimit, bool)) *progress {
	p := &progress{screen: on, limit: limit, start: time.Now()}
	if !on.terminal {
		p.last = p.start // the first line is not due yet
	}
	return p
}

// update shows the summary, if it is time for it.
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
	line := fmt.Sprintf("%d of %d users%s%s", s.done(), s.total, p.pace(s, now), p.waiting(now))
	if s.failed > 0 {
		line += fmt.Sprintf(", %d failed", s.failed)
	}
	if p.terminal {
		p.say("\r%s\x1b[K", line)
	} else {
		p.say("%s\n", line)
	}
}

// pace says how fast it goes, once that can be said.
func (p *progress) pace(s summary, now time.Time) string {
	took, finished := now.Sub(p.start), s.done()-s.before
	if took < time.Second || finished == 0 {
		return ""
	}
	left := took * time.Duration(s.total-s.done()) / time.Duration(finished)
	return fmt.Sprintf(", %.0f a second, about %v left", float64(finished)/took.Seconds(), left.Round(time.Second))
}

// waiting explains why nothing moves.
func (p *progress) waiting(now time.Time) string {
	if limit, ok := p.limit(); ok && limit.Remaining == 0 && limit.Reset.After(now) {
		return " (waiting for the rate limit)"
	}
	return ""
}

// end shows the last summary, whole.
func (p *progress) end(s summary) {
	if p.terminal {
		p.say("\r\x1b[K")
	}
	p.say("%d of %d users after %v: %d created, %d updated, %d unchanged, %d failed",
		s.done(), s.total, time.Since(p.start).Round(time.Millisecond), s.created, s.updated, s.unchanged, s.failed)
	if s.before > 0 {
		p.say("; %d were done before", s.before)
	}
	p.say(".\n")
	p.list(s.failures, s.failed)
}
