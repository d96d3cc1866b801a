package cometchat

import (
	"math"
	"slices"
	"strconv"
)

// A mailbox is behind when messages are missing in it: after a break of the connection, or because its subscriber was slow. A catch-up
// fetches them, and offers them page by page.

// begin sets what the subscriber knows; what it has heard since it subscribed stays known. again says that an earlier process of the
// program knew this, and may have heard more: the messages of the first catch-up are marked.
func (m *mailbox) begin(t told, again bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	since := m.told.after(t.complete)
	t.ids = slices.Clone(t.ids) // subscribers share t
	m.told, m.cursor, m.again = t, t.complete, again
	for _, id := range since {
		m.told.add(id)
	}
}

// forget clears what the subscriber knows: the next messages are another user's.
func (m *mailbox) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.told, m.cursor, m.again = told{}, 0, false
}

// know has the subscriber know a message without being told.
func (m *mailbox) know(id uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.told.add(id)
}

// fallBehind begins a catch-up after a new connection has been made, if it is known where.
func (m *mailbox) fallBehind(known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.behind, m.announce, m.cursor = known, known, m.told.complete
	m.waiting, m.missed = nil, false
}

// confirm says that the connection has been good so far.
func (m *mailbox) confirm() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.behind {
		m.told.confirm(math.MaxUint64)
	}
}

// wants returns where the next page begins that the mailbox needs; ok is false if it needs none, or has no room for one.
func (m *mailbox) wants() (after uint64, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed || !m.behind || len(m.mail) > maxMail/2 {
		return 0, false
	}
	if m.missed { // the pages to come have these messages
		m.waiting, m.missed = nil, false
	}
	return m.cursor, true
}

// page is a page of the history.
type page struct {
	mail   []mail // the oldest first
	marked []mail // the same messages, marked as those that may have been told before
	upTo   uint64 // the newest message
	last   bool   // there are no more now
}

// wantsMarked reports whether the subscriber's messages are to be marked.
func (m *mailbox) wantsMarked() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.again
}

// offer adds the messages of a page that are new to the mailbox. After the last page follows what has arrived meanwhile, and the
// mailbox is no longer behind.
func (m *mailbox) offer(p *page) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed || !m.behind {
		return
	}
	news := p.mail
	if m.again {
		news = p.marked
	}
	if !m.offerAll(news) {
		return
	}
	m.cursor = max(m.cursor, p.upTo)
	m.told.confirm(m.cursor)
	if !p.last || m.missed || !m.offerAll(m.waiting) {
		return
	}
	m.behind, m.again, m.waiting = false, false, nil
	if m.announce {
		m.announce = false
		m.append(mail{Event: CaughtUp{}})
	}
}

// offerAll reports whether there was room for all. The caller holds mu.
func (m *mailbox) offerAll(messages []mail) bool {
	for _, e := range messages {
		if m.told.has(e.id) {
			continue
		}
		if e.Event == nil {
			m.told.add(e.id)
			continue
		}
		if len(m.mail) >= maxMail {
			return false
		}
		m.told.add(e.id)
		m.cursor = max(m.cursor, e.id)
		m.append(e)
	}
	return true
}

// giveUp ends a catch-up that the server has refused: the subscriber is told that messages are missing.
func (m *mailbox) giveUp(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed || !m.behind {
		return
	}
	m.append(mail{Event: Gap{AfterID: strconv.FormatUint(m.cursor, 10), Since: m.told.sure, Err: err}})
	m.behind, m.announce, m.again = !m.offerAll(m.waiting), false, false
	m.waiting = nil
}

// done returns what the subscriber has been told of, without what waits for it or is in its hands.
func (m *mailbox) done() told {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.told.without(m.pending())
}
