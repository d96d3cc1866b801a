package cometchat_test

// The steps around a change of the store, and after a failure.

// swap returns the tokens that the proc wants to swap in the store.
func (r *ref) swap() (old, next uint8) {
	switch r.p.at {
	case atDeleting, atClearing:
		return r.p.s.token, 0
	case atSaving:
		return r.p.s.token, r.p.s.token
	case atRenewalSwaps:
		return r.p.s.token, r.p.fresh
	}
	return r.p.known.token, r.p.fresh
}

// swappedHere goes on after the store has changed.
func (r *ref) swappedHere() {
	r.p.swapped = false
	switch r.p.at {
	case atDeleting:
		r.ended()
	case atClearing:
		r.cleared(false)
	case atSaving:
		r.saved()
	case atRenewalSwaps:
		r.c.cur, r.c.newest, r.c.provided = r.p.known, r.p.began, 0
		r.finish(kindOK, r.p.known)
	case atLoginSwaps:
		r.c.cur, r.c.newest, r.c.provided = r.p.s, r.p.began, 0
		if r.op.kind == opLogin && r.owners[r.c.unused] == r.op.uid {
			r.c.unused = 0
		}
		r.endLogin(kindOK, r.p.s)
	}
}

// notSwapped goes on after the store had another session.
func (r *ref) notSwapped() {
	switch r.p.at {
	case atDeleting:
		r.p.at = atSucceeding
	case atClearing:
		r.cleared(false)
	case atSaving:
		r.saved()
	case atRenewalSwaps:
		r.p.end, r.p.at = false, atSucceeding
	case atLoginSwaps:
		r.p.at = atReloading
	}
}

func (r *ref) saved() {
	r.c.cur, r.c.newest = refSession{r.p.s.token, r.p.known.name}, r.p.began
	r.finish(kindOK, r.p.known)
}

// ended is the end of a call whose token is gone.
func (r *ref) ended() {
	r.endHere(r.p.s)
	r.queue(eventLogout)
	r.finish(kindGone, refSession{})
}

// later makes it the next step of the proc that what it waited for has failed.
func (r *ref) later(kind refKind) { r.p.err, r.p.then, r.p.at = kind, r.p.at, atFailing }

// failed goes on after an error or a panic of the world.
func (r *ref) failed() {
	kind, at := r.p.err, r.p.then
	r.p.swapped, r.p.looked = false, false
	switch at {
	case atSucceeding:
		if kind == kindStore {
			kind = kindGone
		}
		r.fail(kind)
	case atLeaving:
		if kind == kindStore && r.c.read {
			kind = kindNobody
		}
		r.fail(kind)
	case atDeleting:
		if kind == kindPanic {
			r.fail(kind)
		} else {
			r.ended()
		}
	case atLogoutAsks, atLogoutAsksAgain, atLogoutLooks:
		r.p.end = at != atLogoutAsks && kind == kindPanic
		if at == atLogoutLooks && kind == kindStore {
			kind = kindOK
		}
		r.clear(kind)
	case atClearing:
		if kind == kindPanic {
			r.p.kind, r.p.end = kindPanic, false
		}
		r.cleared(kind != kindPanic)
	default:
		r.fail(kind)
	}
}
