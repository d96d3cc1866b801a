package cometchat_test

// The steps of logins and logouts.

// loginOf says whether the login can use the session s.
func (r *ref) loginOf(s refSession) bool {
	switch r.op.kind {
	case opEnsure:
		return s.token != 0
	case opToken:
		return int(s.token) == r.op.token
	}
	return s.token != 0 && r.owners[s.token] == r.op.uid
}

func (r *ref) find() {
	switch {
	case r.loginOf(r.c.cur):
		r.endLogin(kindOK, r.c.cur)
	case r.foreign(r.p.known.token):
		r.endLogin(kindOther, refSession{})
	case r.loginOf(r.p.known) && r.p.known.token != r.c.over:
		r.c.cur = r.p.known
		r.endLogin(kindOK, r.p.known)
	case r.op.kind == opEnsure && !r.p.provided && r.c.provided == 0 && !r.provider: // no login was tried
		r.finish(kindNobody, refSession{})
	case r.op.kind == opEnsure && !r.p.provided && r.c.provided == 0:
		r.release()
		r.p.at = atProviding
	default:
		r.c.clock++
		r.p.began = r.c.clock
		switch {
		case r.op.kind == opEnsure: // with the provider's token, perhaps of an earlier try
			r.p.usedOld = !r.p.provided
			r.p.fresh, r.p.at = r.c.provided, atLoginAsks
		case r.op.kind == opToken:
			r.p.fresh, r.p.at = uint8(r.op.token), atLoginAsks
		case r.c.unused != 0 && r.owners[r.c.unused] == r.op.uid:
			r.p.fresh, r.p.usedOld, r.p.at = r.c.unused, true, atLoginAsks
		default:
			r.p.at = atMinting
		}
	}
}

func (r *ref) reload() {
	if r.foreign(r.p.known.token) {
		r.endLogin(kindOther, refSession{})
		return
	}
	if s := (refSession{token: r.p.fresh}); r.sameUser(s.token, r.p.known.token) {
		r.c.cur = r.p.known
		r.endLogin(kindOK, r.p.known)
		return
	}
	r.p.at = atLoginSwaps
}

func (r *ref) leave() {
	r.c.provided = 0
	if !r.c.read {
		r.get(atLeaving)
		return
	}
	if r.p.s = r.c.cur; r.p.s.token == 0 {
		r.finish(kindNobody, refSession{})
		return
	}
	r.p.at = atLogoutAsks
}

// clear ends the session of a logout here; err is what the server said.
func (r *ref) clear(err refKind) {
	r.endHere(r.p.s)
	r.p.kind, r.p.at = err, atClearing
}

// cleared is the end of a logout. storeFailed says whether the store could not delete the session.
func (r *ref) cleared(storeFailed bool) {
	err := r.p.kind
	if err != kindOK && err != kindPanic || storeFailed || r.p.end {
		r.queue(eventLogoutFailed)
	}
	if err == kindOK && storeFailed {
		err = kindStore
	}
	r.queue(eventLogout)
	r.finish(err, refSession{})
}

// endLogin ends the flight of a login.
func (r *ref) endLogin(kind refKind, s refSession) {
	switch kind {
	case kindOK:
		r.queue(r.owners[s.token])
	case kindPanic:
	default:
		r.queue(eventLoginFailed)
	}
	r.finish(kind, s)
}
