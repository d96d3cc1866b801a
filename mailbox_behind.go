package cometchat

// A mailbox is behind when messages are missing in it: after a break of the connection, or because its subscriber was slow. A catch-up
// fetches them, and offers them page by page.

// begin has the subscriber know everything up to a message.
func (m *mailbox) begin(at uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.told.begin(at)
	m.cursor = at
}

// fallBehind begins a catch-up after a new connection has been made, if it is known where.
func (m *mailbox) fallBehind(known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.behind, m.cut, m.cursor = known, known, m.told.complete
	m.waiting, m.missed = nil, false
}

// confirm says that the connection has been good so far.
func (m *mailbox) confirm() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.behind {
		m.told.confirm()
	}
}

// wants returns where the next page begins that the mailbox needs; ok is false if it needs none, or has no room for one.
func (m *mailbox) wants() (after uint64, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed || !m.behind || len(m.mail) > maxMail/2 {
		return 0, false
	}
	m.waiting, m.missed = nil, false
	return m.cursor, true
}

// offer adds the messages of a page that are new to the mailbox. upTo is the newest message of the page, and last says that the page
// is the newest: then what has arrived meanwhile follows, and the mailbox is no longer behind.
func (m *mailbox) offer(page []mail, upTo uint64, last bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed || !m.behind {
		return
	}
	if !m.offerAll(page) {
		return
	}
	m.cursor = max(m.cursor, upTo)
	m.told.confirm()
	if !last || m.missed || !m.offerAll(m.waiting) {
		return
	}
	m.behind, m.waiting = false, nil
	if m.cut {
		m.cut = false
		m.append(mail{Event: CaughtUp{}})
	}
}

// offerAll reports whether there was room for all. The caller holds mu.
func (m *mailbox) offerAll(messages []mail) bool {
	for _, e := range messages {
		if m.told.has(e.id) {
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
func (m *mailbox) giveUp(gap Gap) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed || !m.behind {
		return
	}
	m.append(mail{Event: gap})
	m.behind, m.cut = !m.offerAll(m.waiting), false
	m.waiting = nil
}

// position returns the last message up to which the subscriber has been told of everything.
func (m *mailbox) position() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := m.told.complete
	if m.behind {
		at = min(at, m.cursor)
	}
	if m.inHand > 0 {
		at = min(at, m.inHand-1)
	}
	for _, e := range m.mail {
		if e.id > 0 {
			at = min(at, e.id-1)
		}
	}
	return at
}
