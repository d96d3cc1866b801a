package cometchattest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
)

// arrivals starts a goroutine that reads frames until the connection ends. The function that it returns lists them: of a message
// its text, else its action, with the time since the beginning.
func (l *live) arrivals() func() []string {
	var got []string
	begin := time.Now()
	go func() {
		for {
			_, raw, err := l.conn.Read(l.t.Context())
			if err != nil {
				got = append(got, "end")
				return
			}
			var f struct {
				Action string
				Body   struct{ Data struct{ Text string } }
			}
			assert.NoError(l.t, json.Unmarshal(raw, &f))
			got = append(got, fmt.Sprint(f.Action, f.Body.Data.Text, " ", time.Since(begin)))
		}
	}()
	return func() []string {
		synctest.Wait()
		return got
	}
}

// TestFramesThatFail has what becomes of single frames. Each word of does is a text that another user sends, or "ping", or "close".
func TestFramesThatFail(t *testing.T) {
	t.Parallel()
	type F = cometchattest.LiveFault
	for name, tc := range map[string]struct {
		fault F
		does  string
		want  []string
	}{
		"held back for a second at most":   {F{ReorderFrames: 1}, "a", []string{"a 1s"}},
		"held back until later ones":       {F{ReorderFrames: 0.5, Seed: 3}, "a b c d", []string{"c 0s", "a 0s", "d 0s", "b 0s"}},
		"sent twice":                       {F{DoubleFrames: 1}, "a", []string{"a 0s", "a 1s"}},
		"sent twice, the second time late": {F{DoubleFrames: 1, ReorderFrames: 1}, "a", []string{"a 1s", "a 1s"}},
		"delayed":                          {F{DelayFrames: 2 * time.Second}, "a b", []string{"a 2s", "b 2s"}},
		"held back and delayed":            {F{ReorderFrames: 1, DelayFrames: 2 * time.Second}, "a", []string{"a 3s"}},
		"a pong after one that was held":   {F{ReorderFrames: 1}, "a ping b", []string{"a 0s", "pong 0s", "b 1s"}},
		"a pong after one sent twice":      {F{DoubleFrames: 1}, "a ping", []string{"a 0s", "a 0s", "pong 0s"}},
		"a pong after one that is delayed": {F{DelayFrames: time.Second}, "a ping b", []string{"a 1s", "pong 1s", "b 1s"}},
		"a pong before one that is held":   {F{ReorderFrames: 1, PongsOvertake: true}, "a ping", []string{"pong 0s", "a 1s"}},
		"a pong before one that is late":   {F{DelayFrames: time.Minute, PongsOvertake: true}, "a ping", []string{"pong 0s", "a 1m0s"}},
		"a pong that is lost":              {F{LoseFrames: 1, DelayFrames: 1}, "a ping", nil},
		"held back at the end":             {F{ReorderFrames: 1}, "a close", []string{"end"}},
		"delayed at the end":               {F{DelayFrames: time.Second}, "a close", []string{"end"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := inMemory(t)
				s.InjectLiveFault(tc.fault)
				l := authenticates(t, s, uid(1)).accepted()
				arrived := l.arrivals()
				for word := range strings.FieldsSeq(tc.does) {
					switch word {
					case "ping":
						l.send(object{"action": "ping", "ack": "true"})
						synctest.Wait()
					case "close":
						s.CloseSockets("", 1001, "")
					default:
						s.SendMessage(uid(2), uid(1), word)
					}
				}
				time.Sleep(time.Hour)
				assert.Equal(t, tc.want, arrived())
			})
		})
	}
}

// TestManyFramesThatFail sends many frames and looks at the order in which they arrive.
func TestManyFramesThatFail(t *testing.T) {
	t.Parallel()
	const frames = 300
	arrived := func(f cometchattest.LiveFault) (numbers []int) {
		synctest.Test(t, func(t *testing.T) {
			s := inMemory(t)
			s.InjectLiveFault(f)
			arrived := authenticates(t, s, uid(1)).accepted().arrivals()
			for i := range frames {
				s.SendMessage(uid(2), uid(1), strconv.Itoa(i))
			}
			time.Sleep(time.Minute)
			for _, text := range arrived() {
				n, _ := strconv.Atoi(strings.Fields(text)[0])
				numbers = append(numbers, n)
			}
		})
		return numbers
	}
	// late returns how many later frames have come before the one at i.
	late := func(numbers []int, i int) int {
		later := slices.DeleteFunc(slices.Clone(numbers[:i]), func(n int) bool { return n <= numbers[i] })
		slices.Sort(later)
		return len(slices.Compact(later))
	}
	latest := func(numbers []int) (most int) {
		for i := range numbers {
			most = max(most, late(numbers, i))
		}
		return most
	}
	reordered := arrived(cometchattest.LiveFault{ReorderFrames: 0.3, Seed: 1})
	assert.Equal(t, 3, latest(reordered))
	slices.Sort(reordered)
	assert.Len(t, slices.Compact(reordered), frames, "each frame comes")

	doubled := arrived(cometchattest.LiveFault{DoubleFrames: 0.3, Seed: 1})
	assert.InDelta(t, frames*1.3, len(doubled), frames*0.1)
	assert.Equal(t, 3, latest(doubled))

	all := cometchattest.LiveFault{LoseFrames: 0.1, DoubleFrames: 0.2, ReorderFrames: 0.3, DelayFrames: time.Second, Seed: 1}
	one := arrived(all)
	assert.Equal(t, 3, latest(one))
	assert.Equal(t, one, arrived(all), "the same seed decides in the same way")
	all.Seed = 2
	assert.NotEqual(t, one, arrived(all))
	slices.Sort(one)
	assert.InDelta(t, frames*0.9, len(slices.Compact(one)), frames*0.1)
}
