package cometchat

import (
	"slices"
	"time"
)

// told remembers which messages of the history a subscriber knows. The ids of messages grow, but their frames may come doubled, late
// or not at all.
type told struct {
	floor    uint64    // nothing up to this message is told any more
	ids      []uint64  // what has been told after floor, sorted
	complete uint64    // everything up to this message has been told, but for what has no frame yet: a catch-up begins here
	sure     time.Time // when complete was found out
}

const (
	// maxTold is how many messages are remembered. A frame that comes later than so many others is taken for a repetition.
	maxTold = 4096
	// overlap is how many messages before the newest a catch-up begins: one of them may have got lost, or may not be visible yet.
	overlap = 50
)

// toldUpTo is a subscriber who knows everything up to a message.
func toldUpTo(id uint64) told { return told{floor: id, complete: id, sure: time.Now()} }

// has reports whether the subscriber knows a message.
func (t *told) has(id uint64) bool {
	_, known := slices.BinarySearch(t.ids, id)
	return known || id <= t.floor
}

// add has the subscriber know a message.
func (t *told) add(id uint64) {
	i, known := slices.BinarySearch(t.ids, id)
	if known || id <= t.floor {
		return
	}
	t.ids = slices.Insert(t.ids, i, id)
	if len(t.ids) > maxTold {
		forgotten := len(t.ids) - maxTold/2
		t.floor = t.ids[forgotten-1]
		t.complete = max(t.complete, t.floor)
		t.ids = slices.Delete(t.ids, 0, forgotten)
	}
}

// newest returns the newest message that has been told.
func (t *told) newest() uint64 {
	if len(t.ids) > 0 {
		return max(t.complete, t.ids[len(t.ids)-1])
	}
	return t.complete
}

// after returns what has been told after a message.
func (t *told) after(id uint64) []uint64 {
	i, _ := slices.BinarySearch(t.ids, id+1)
	return t.ids[i:]
}

// without returns what is told if the messages with these ids, in any order, are not.
func (t *told) without(ids []uint64) told {
	less := told{floor: t.floor, ids: slices.Clone(t.ids), complete: t.complete, sure: t.sure}
	for _, id := range ids {
		if i, known := slices.BinarySearch(less.ids, id); known {
			less.ids = slices.Delete(less.ids, i, i+1)
		}
		less.floor, less.complete = min(less.floor, id-1), min(less.complete, id-1)
	}
	return less
}

// and returns what is told to both of two subscribers.
func (t *told) and(other *told) told {
	both := told{
		floor: min(t.floor, other.floor), complete: min(t.complete, other.complete), sure: t.sure,
		ids: append(slices.Clone(t.ids), other.ids...),
	}
	if other.sure.Before(t.sure) {
		both.sure = other.sure
	}
	slices.Sort(both.ids)
	both.ids = slices.DeleteFunc(slices.Compact(both.ids), func(id uint64) bool { return !t.has(id) || !other.has(id) })
	return both
}

// confirm says that all has come that the server has sent so far, up to a message.
func (t *told) confirm(upTo uint64) {
	t.sure = time.Now()
	if i := len(t.ids) - 1 - overlap; i >= 0 {
		t.complete = max(t.complete, min(t.ids[i], upTo))
	}
}
