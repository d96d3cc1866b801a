package cometchat_test

// steps adds the worlds that one step of a proc leads to.
func (r *ref) steps() {
	switch r.p.at {
	case atStart:
		r.fork((*ref).begin)
	case atReading:
		r.fork(func(r *ref) { r.p.known, r.p.at = r.store, atKeeping })
	case atKeeping:
		r.fork((*ref).keep)
	case atTaking:
		if r.c.turn == 0 {
			r.fork(func(r *ref) {
				r.c.turn, r.p.at = int8(r.i)+1, r.p.then
				if r.op.kind == opEnsure && r.p.at == atFinding && r.p.provided {
					r.c.provided = r.p.fresh
				}
			})
		}
		r.ifClosed()
	case atHaveRead:
		r.fork((*ref).haveRead)
	case atJoining:
		r.fork(func(r *ref) { r.join(&r.c.login, atStart) })
		r.ifClosed()
	case atSending:
		r.fork(func(r *ref) {
			if r.op.kind != opCall {
				r.c.clock++
				r.p.began = r.c.clock
			}
			r.p.at = atAsking
		})
	case atSucceeding, atFinding, atReloading, atLogoutLooks:
		r.fork((*ref).look)
	case atDeleting, atClearing, atSaving, atRenewalSwaps, atLoginSwaps:
		old, _ := r.swap()
		switch {
		case r.p.swapped:
			r.fork((*ref).swappedHere)
		case r.store.token != old:
			r.fork((*ref).notSwapped)
		}
		if r.i >= refOps && r.p.at != atDeleting && !r.p.swapped {
			r.ifClosed()
		}
	case atUpdating:
		r.fork((*ref).update)
	case atFailing:
		r.fork((*ref).failed)
		if r.p.then == atProviding { // the flight may hear of Close first
			r.ifClosed()
		}
	case atRenewing:
		r.fork(func(r *ref) { r.join(&r.c.refresh, atRenewal) })
		r.ifClosed()
	case atWaiting:
		if r.isCall() || r.op.inProvider { // Close ends the context of the provider too
			r.ifClosed()
		}
	case atRenewal:
		r.fork(func(r *ref) { r.take(atRenewalLooks) })
	case atRenewalLooks, atRenewalTurn:
		r.fork((*ref).renewed)
	case atProviding:
		r.ifClosed()
	case atLeaving:
		r.fork((*ref).leave)
	case atClosing:
		if r.c.login == 0 && !r.flying() {
			r.fork(func(r *ref) { r.finish(kindOK, refSession{}) })
		}
	}
}

// flying says whether a flight of the client runs.
func (r *ref) flying() bool {
	for i := range r.procs {
		if of := int(r.procs[i].of) - 1; of >= refOps && r.ops[of-refOps].client == r.op.client {
			return true
		}
	}
	return false
}

// ifClosed ends the proc if its client has been closed.
func (r *ref) ifClosed() {
	if r.c.closed {
		r.fork(func(r *ref) { r.fail(kindClosed) })
	}
}

// fail ends a proc with an error of the world. It may have the turn.
func (r *ref) fail(kind refKind) {
	if r.i >= refOps && r.isLogin() {
		r.endLogin(kind, refSession{})
		return
	}
	r.finish(kind, refSession{})
}

func (r *ref) take(then refState) { r.p.at, r.p.then = atTaking, then }

// get goes on at then once the session is known.
func (r *ref) get(then refState) {
	if r.p.at, r.p.then = then, then; !r.c.read {
		r.p.at = atReading
	}
}

func (r *ref) begin() {
	switch kind := r.op.kind; {
	case kind == opClose:
		r.c.closed = true
		r.p.at = atClosing
	case r.i >= refOps:
		r.get(atFinding)
	case r.c.closed:
		r.finish(kindClosed, refSession{})
	case kind == opLogin && r.refuses(r.op.uid):
		r.finish(kindOther, refSession{})
	case kind == opLogin || kind == opToken:
		r.join(&r.c.login, atStart)
	case kind == opLogout:
		r.take(atLeaving)
	default:
		r.get(atHaveRead)
	}
}

// keep ends the first reading of the store.
func (r *ref) keep() {
	if r.foreign(r.p.known.token) {
		r.fail(kindOther)
		return
	}
	if !r.c.read {
		r.c.cur, r.c.read = r.p.known, true
	}
	r.p.at = r.p.then
}

// join waits for the flight that runs, or starts one at this state.
func (r *ref) join(flight *int8, at refState) {
	if *flight == 0 {
		*flight = int8(r.i+refOps) + 1
		flies := refProc{at: at, s: r.p.s}
		if at == atStart {
			flies = refProc{at: atTaking, then: atStart}
		}
		r.begins(r.i+refOps, flies)
	}
	owner := r.ops[(int(*flight)-1)%refOps]
	same := owner.uid == r.op.uid && owner.token == r.op.token
	if at != atStart {
		same = r.proc(int(*flight)-1).s.token == r.p.s.token
	}
	if same {
		r.p.at, r.p.on = atWaiting, *flight-1
		return
	}
	if at == atStart {
		r.finish(kindBusy, refSession{})
	} else {
		r.finish(kindGone, refSession{})
	}
}

func (r *ref) haveRead() {
	switch s := r.c.cur; {
	case s.token == 0 && r.op.kind == opEnsure && !r.op.inProvider:
		r.p.at = atJoining
	case s.token == 0:
		r.finish(kindNobody, s)
	case !r.isCall():
		r.finish(kindOK, s)
	default:
		r.p.s, r.p.at = s, atSending
	}
}

// look reads the store, and with the next step goes on with what it has read.
func (r *ref) look() {
	if !r.p.looked {
		r.p.looked, r.p.known = true, r.store
		return
	}
	r.p.looked = false
	switch r.p.at {
	case atSucceeding:
		r.succeed()
	case atFinding:
		r.find()
	case atReloading:
		r.reload()
	case atLogoutLooks:
		if r.sameUser(r.p.s.token, r.p.known.token) && r.p.known.token != r.p.s.token {
			r.p.s, r.p.at = r.p.known, atLogoutAsksAgain
			return
		}
		r.clear(kindOK)
	}
}

// succeed looks for a session in the place of p.s, whose token is gone.
func (r *ref) succeed() {
	s := r.p.s
	lost := func() { r.finish(kindGone, refSession{}) }
	found := func(next refSession) {
		r.release()
		switch {
		case r.i >= refOps && !r.p.end: // another client was faster
			r.finish(kindOK, next)
		case r.i >= refOps || r.p.stored:
			r.finish(kindGone, refSession{})
		default:
			r.p.stored, r.p.s, r.p.at = true, next, atSending
		}
	}
	switch cur := r.c.cur; {
	case !r.sameUser(s.token, cur.token):
		lost()
	case cur.token != s.token:
		found(cur)
	case r.foreign(r.p.known.token): // the session stays
		lost()
	case !r.sameUser(s.token, r.p.known.token):
		r.endHere(s)
		r.queue(eventLogout)
		lost()
	case r.p.known.token != s.token:
		r.c.cur = r.p.known
		found(r.p.known)
	case r.p.end:
		r.p.at = atDeleting
	case r.i >= refOps:
		r.finish(kindOK, s)
	case r.op.inProvider:
		lost()
	default:
		r.release()
		r.p.at = atRenewing
	}
}

func (r *ref) update() {
	if r.c.cur.token != r.p.s.token || r.p.began < r.c.newest {
		r.finish(kindOK, r.p.known)
		return
	}
	r.p.at = atSaving
}

// renewed is the step of a refresh after it has got the turn, without and then with a token of the provider.
func (r *ref) renewed() {
	switch cur := r.c.cur; {
	case r.sameUser(r.p.s.token, cur.token) && cur.token != r.p.s.token:
		r.finish(kindOK, cur)
	case cur.token != r.p.s.token:
		r.finish(kindGone, refSession{})
	case r.p.at == atRenewalLooks && r.c.provided == 0:
		r.release()
		r.p.at = atProviding
	default:
		if r.p.usedOld = r.p.at == atRenewalLooks; r.p.usedOld {
			r.p.fresh = r.c.provided
		}
		r.c.provided = r.p.fresh
		r.c.clock++
		r.p.began, r.p.at = r.c.clock, atRenewalAsks
	}
}
