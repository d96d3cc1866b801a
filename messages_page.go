package cometchat

import (
	"slices"
	"time"
)

// usableMessage reports whether a row is a message by whose id a list can go on.
func usableMessage(row *messageRow) bool { return row.Message != nil && isMessageID(row.ID) }

// messagesOf returns the messages of a page.
func messagesOf(p *cursorPage[messageRow]) (messages []*Message) {
	for _, row := range p.Data {
		if row != nil && usableMessage(row) {
			messages = append(messages, row.Message)
		}
	}
	return messages
}

// messageTurner turns the pages of a list of messages. Where the order is the server's, it remembers what it has seen, so that a
// server that repeats itself ends the list.
type messageTurner struct {
	limit   int
	forward bool // the oldest message comes first
	pinned  bool
	saved   bool
	updates bool // the list is of what was changed
	seen    map[string]bool
}

func (l *messageTurner) turn(p *cursorPage[messageRow], at position) (items []*Message, next position) {
	switch all := messagesOf(p); {
	case l.pinned || l.saved:
		items = newTo(l.seen, all, func(m *Message) string { return m.ID })
		next = l.afterMarked(p, items)
	case l.updates:
		items = newTo(l.seen, all, func(m *Message) string { return m.ID + " " + unixText(m.UpdatedAt) })
		next = afterUpdates(items)
	default:
		items = l.beyond(all, at)
		next = l.afterIDs(p, items, at)
	}
	if p.isLast(l.limit) {
		next = position{}
	}
	return items, next
}

// beyond returns the messages on the far side of a position, each once and in the order of the list.
func (l *messageTurner) beyond(all []*Message, at position) []*Message {
	if at.ID != "" {
		all = slices.DeleteFunc(all, func(m *Message) bool { return !l.passes(m.ID, at.ID) })
	}
	slices.SortStableFunc(all, func(a, b *Message) int {
		if l.forward {
			return compareIDs(a.ID, b.ID)
		}
		return compareIDs(b.ID, a.ID)
	})
	return slices.CompactFunc(all, func(a, b *Message) bool { return compareIDs(a.ID, b.ID) == 0 })
}

// passes reports whether the id comes after the other id in the list.
func (l *messageTurner) passes(id, other string) bool {
	if l.forward {
		return compareIDs(id, other) > 0
	}
	return compareIDs(id, other) < 0
}

// afterIDs returns the position of the last message. A page without a row has none: the position is then what the server says, if
// that is further on.
func (l *messageTurner) afterIDs(p *cursorPage[messageRow], items []*Message, at position) position {
	said := p.next()
	if len(items) == 0 {
		if len(p.Data) > 0 || said.ID == "" || at.ID != "" && !l.passes(said.ID, at.ID) {
			return position{}
		}
		return position{ID: said.ID}
	}
	last := items[len(items)-1]
	next := position{ID: last.ID}
	if said.SentAt != "" && !last.SentAt.IsZero() {
		next.SentAt = unixText(last.SentAt)
	}
	return next
}

// afterUpdates returns the position of the newest change.
func afterUpdates(items []*Message) (next position) {
	var newest time.Time
	for _, m := range items {
		if m.UpdatedAt.After(newest) {
			newest = m.UpdatedAt
			next.UpdatedAt = unixText(newest)
		}
	}
	return next
}

// afterMarked returns the position that the server says, word for word; where it says nothing, that of the last message. A page
// that has rows, but none of them new, is the last.
func (l *messageTurner) afterMarked(p *cursorPage[messageRow], items []*Message) (next position) {
	switch said := p.next(); {
	case len(items) == 0 && len(p.Data) > 0:
		return position{}
	case said != (position{}) || len(items) == 0:
		return said
	}
	older := func(a, b *Message) int { return compareIDs(a.ID, b.ID) }
	if l.pinned {
		older = func(a, b *Message) int { return a.PinnedAt.Compare(b.PinnedAt) }
	}
	last := slices.MinFunc(items, older)
	next.ID = last.ID
	if l.pinned && !last.PinnedAt.IsZero() {
		next.PinnedAt = unixText(last.PinnedAt)
	}
	return next
}
