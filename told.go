package cometchat

import "slices"

// told remembers which messages of the history a subscriber knows. The ids of messages grow, but their frames may come doubled, late
// or not at all.
type told struct {
	floor    uint64   // nothing up to this message is told any more
	ids      []uint64 // what has been told after floor, sorted
	complete uint64   // everything up to this message has been told, but for what has no frame yet: a catch-up begins here
}

const (
	// maxTold is how many messages are remembered. A frame that comes later than so many others is taken for a repetition.
	maxTold = 4096
	// overlap is how many messages before the newest a catch-up begins: one of them may have got lost, or may not be visible yet.
	overlap = 50
)

// begin has the subscriber know everything up to a message.
func (t *told) begin(at uint64) { *t = told{floor: at, complete: at} }

// has reports whether the subscriber knows a message.
func (t *told) has(id uint64) bool {
	_, known := slices.BinarySearch(t.ids, id)
	return known || id <= t.floor
}

// add has the subscriber know a message, and reports whether that is new.
func (t *told) add(id uint64) bool {
	i, known := slices.BinarySearch(t.ids, id)
	if known || id <= t.floor {
		return false
	}
	t.ids = slices.Insert(t.ids, i, id)
	if len(t.ids) > maxTold {
		forgotten := len(t.ids) - maxTold/2
		t.floor = t.ids[forgotten-1]
		t.complete = max(t.complete, t.floor)
		t.ids = slices.Delete(t.ids, 0, forgotten)
	}
	return true
}

// confirm says that all has come that the server has sent so far.
func (t *told) confirm() {
	if i := len(t.ids) - 1 - overlap; i >= 0 {
		t.complete = max(t.complete, t.ids[i])
	}
}
