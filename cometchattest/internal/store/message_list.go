package store

import "slices"

// Window says which page of a list of messages is wanted.
type Window struct {
	Forward bool // the messages after ID and SentAt, else those before
	ID      int  // 0: no bound, or the beginning
	SentAt  int64
	Skip    int // how many messages to leave out at the side where the page begins
	Limit   int
}

// Page returns the messages of the page that match, in the order of their ids, and whether more of them follow. The messages are
// in the order of their ids. Page finds the beginning by binary search, and looks at no more messages than the page needs.
func (w Window) Page(messages []*Message, matches func(*Message) bool) (rows []*Message, more bool) {
	begin := 0
	if !w.Forward {
		begin = len(messages) - 1
	}
	if w.ID != 0 {
		at, found := search(messages, w.ID)
		switch {
		case w.Forward && found:
			begin = at + 1
		case w.Forward:
			begin = at
		default:
			begin = at - 1
		}
	}
	step := map[bool]int{true: 1, false: -1}[w.Forward]
	for i, skip := begin, w.Skip; i >= 0 && i < len(messages) && !more; i += step {
		switch m := messages[i]; {
		case w.sentOutside(m) || !matches(m):
		case skip > 0:
			skip--
		case len(rows) == w.Limit:
			more = true
		default:
			rows = append(rows, m)
		}
	}
	if !w.Forward {
		slices.Reverse(rows)
	}
	return rows, more
}

// sentOutside reports whether m was sent on the wrong side of SentAt. If there is an ID too, the ID alone decides: several
// messages may have been sent within a second.
func (w Window) sentOutside(m *Message) bool {
	switch {
	case w.SentAt == 0 || w.ID != 0:
		return false
	case w.Forward:
		return m.SentAt <= w.SentAt
	default:
		return m.SentAt >= w.SentAt
	}
}

// Messages returns all messages in the order of their ids. The slice is the store's own, as that of the methods below.
func (s *Store) Messages() []*Message { return s.log }

// Replies returns the replies to m in the order of their ids.
func (m *Message) Replies() []*Message { return m.replies }

// Number returns the id of m as a number.
func (m *Message) Number() int { return m.number }
