package cometchat_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// campaignFigures is what TestCampaign counts.
type campaignFigures struct {
	took time.Duration

	mu         sync.Mutex
	calls      map[string]int
	errors     map[string]int // of the calls that failed, by code
	durations  []time.Duration
	repeatable tally
	once       tally // the calls that must not take effect twice
	foundDone  int   // retries that found that the first attempt had taken effect
	unsettled  tally // the sends that ResolveSend settled, and those of them that it found
}

type tally struct{ calls, succeeded int }

func (t tally) share() float64 { return float64(t.succeeded) / float64(max(t.calls, 1)) }

// add counts a call. err is nil if the call succeeded, or was refused as it should be.
func (f *campaignFigures) add(call *campaignCall, err error, foundDone bool, took time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.calls == nil {
		f.calls, f.errors = map[string]int{}, map[string]int{}
	}
	f.calls[call.name]++
	f.durations = append(f.durations, took)
	t := &f.repeatable
	if call.once {
		t = &f.once
	}
	t.calls++
	if err == nil {
		t.succeeded++
	} else {
		f.errors[kindOf(err)]++
	}
	if foundDone {
		f.foundDone++
	}
}

// settled counts a send that ResolveSend has settled: found is 1 if the server has the message, else 0.
func (f *campaignFigures) settled(found int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unsettled.calls++
	f.unsettled.succeeded += found
}

// kindOf returns the code of an error, or else its cause.
func kindOf(err error) string {
	if code := code(err); code != "" {
		return code
	}
	return "deadline exceeded"
}

func (f *campaignFigures) slowest() time.Duration { return slices.Max(append(f.durations, 0)) }

// report returns the figures as text.
func (f *campaignFigures) report(n *faultyNetwork) string {
	var b strings.Builder
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) }
	attempts, faults := n.attempts.Load(), int64(0)
	for i := range n.faults {
		faults += n.faults[i].Load()
	}
	line("%d calls of %d kinds in %v: %d attempts", len(f.durations), len(f.calls), f.took.Round(100*time.Millisecond), attempts)
	line("%d faults, %.1f %% of the attempts:", faults, 100*float64(faults)/float64(max(attempts, 1)))
	for i, way := range waysToFail {
		line("  %5d  %s", n.faults[i].Load(), way.name)
	}
	line("may be repeated: %d calls, %d succeeded, %.3f %%", f.repeatable.calls, f.repeatable.succeeded, 100*f.repeatable.share())
	line("must not take effect twice: %d calls, %d succeeded, %.1f %%", f.once.calls, f.once.succeeded, 100*f.once.share())
	line("retries that found the work done by an earlier attempt: %d", f.foundDone)
	line("sends that ResolveSend settled: %d, of which the server had %d", f.unsettled.calls, f.unsettled.succeeded)
	line("errors: %d", f.repeatable.calls-f.repeatable.succeeded+f.once.calls-f.once.succeeded)
	for _, kind := range slices.Sorted(maps.Keys(f.errors)) {
		line("  %5d  %s", f.errors[kind], kind)
	}
	slices.Sort(f.durations)
	percentile := func(p int) time.Duration { return f.durations[(len(f.durations)-1)*p/100].Round(10 * time.Microsecond) }
	line("p50 %v, p99 %v, slowest %v", percentile(50), percentile(99), f.slowest().Round(time.Millisecond))
	return strings.TrimSuffix(b.String(), "\n")
}

// secretFinder fails the test when a text holds a secret of the campaign. As an io.Writer it takes log records.
type secretFinder struct {
	t    *testing.T
	keys []string
}

// tokenOrJWT matches the auth tokens and the JWTs of the emulator, whole or all but the first characters.
var tokenOrJWT = regexp.MustCompile(`_\d{10}[0-9a-f]{10}|eyJ[\w-]{8}`)

func (s *secretFinder) search(text string) {
	found := tokenOrJWT.MatchString(text)
	for _, key := range s.keys {
		found = found || strings.Contains(text, key)
	}
	if found {
		s.t.Errorf("a secret is in %q", text)
	}
}

func (s *secretFinder) Write(record []byte) (int, error) {
	s.search(string(record))
	return len(record), nil
}
