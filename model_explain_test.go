package cometchat_test

import (
	"fmt"
	"hash/maphash"
	"strings"
)

// explain returns "" if the reference explains a history that ends with this session in the store, and otherwise what is wrong.
//
//go:norace
func (r *reference) explain(history []modelEvent, first, last refSession, text func(modelEvent) string) string {
	r.worlds, r.hashes = append(r.worlds[:0], refWorld{store: first}), map[uint64]bool{}
	for i, e := range history {
		r.close()
		r.before, r.worlds = r.worlds, r.before[:0]
		clear(r.hashes)
		for j := range r.before {
			r.next = r.next[:0]
			r.apply(&r.before[j], e)
			r.add()
		}
		if len(r.worlds) == 0 {
			return fmt.Sprintf("no order of the calls explains line %d: %s", i+1, text(e))
		}
	}
	r.close()
	wrong := ""
	for i := range r.worlds {
		w := &r.worlds[i]
		if w.store != last {
			wrong = fmt.Sprintf("the store should have token %d, name %d; it has token %d, name %d",
				w.store.token, w.store.name, last.token, last.name)
			continue
		}
		if wrong = w.unfinished(); wrong == "" {
			return ""
		}
	}
	return wrong
}

// unfinished says what is left to do in a world; "" for nothing.
func (w *refWorld) unfinished() string {
	for i := range w.procs {
		if p := &w.procs[i]; p.of != 0 {
			return fmt.Sprintf("call %d is not over (state %d)", int(p.of-1)%refOps, p.at)
		}
	}
	for i := range w.clients {
		if c := &w.clients[i]; c.queued > 0 {
			return fmt.Sprintf("client %d has not told its listener %q", i, c.events[:c.queued])
		}
	}
	return ""
}

// close adds all worlds that steps without an event lead to.
//
//go:norace
func (r *reference) close() {
	for i := 0; i < len(r.worlds); i++ {
		w := r.worlds[i]
		r.next = r.next[:0]
		for j := range w.procs {
			if of := w.procs[j].of; of != 0 {
				r.of(&w, int(of)-1).steps()
			}
		}
		r.add()
	}
}

// add adds the next worlds to the worlds that are possible, if they are new.
//
//go:norace
func (r *reference) add() {
	for i := range r.next {
		r.next[i].sort()
		hash := maphash.Comparable(r.seed, r.next[i]) // a map of worlds would copy each of them
		if !r.hashes[hash] {
			r.worlds, r.hashes[hash] = append(r.worlds, r.next[i]), true
		}
	}
}

// sort puts the procs in order: worlds that differ in their order only are the same.
//
//go:norace
func (w *refWorld) sort() {
	for i := 1; i < len(w.procs); i++ {
		for j := i; j > 0 && w.procs[j-1].of < w.procs[j].of; j-- {
			w.procs[j-1], w.procs[j] = w.procs[j], w.procs[j-1]
		}
	}
}

// apply adds the worlds that an event leads to; none if it cannot happen in this world.
//
//go:norace
func (r *reference) apply(w *refWorld, e modelEvent) {
	switch e.kind {
	case revoked:
		r.next = append(r.next, *w)
	case told:
		r.applyTold(*w, e)
	case invoked:
		next := *w
		next.begins(e.op, refProc{at: atStart})
		r.next = append(r.next, next)
	case returned:
		p, c := *w.proc(e.op), w.clients[e.client]
		next := *w
		*next.proc(e.op) = refProc{}
		untold := c.queued > 0 && !c.closed && !r.busy(&next, e.client) // nobody is left to tell the listener
		if p.at == atDone && p.returns(e.result, c.closed) && !untold {
			r.next = append(r.next, next)
		}
	default:
		for _, i := range []int{e.op, e.op + refOps} { // the call, or a flight that it has started
			if next := *w; r.of(&next, i).happens(e) {
				r.next = append(r.next, next)
			}
		}
	}
}

// busy says whether a call or a flight of a client runs.
func (r *reference) busy(w *refWorld, client int) bool {
	for i := range w.procs {
		if of := int(w.procs[i].of); of != 0 && r.ops[(of-1)%refOps].client == client {
			return true
		}
	}
	return false
}

// returns says whether a call may return this.
func (p *refProc) returns(got modelResult, isClosed bool) bool {
	switch kind := refKinds[got.kind]; {
	case kind == kindNone:
		return false
	case kind == kindPanic && p.mayPanic, kind == kindClosed && isClosed && p.kind != kindOK:
		return true
	case kind != p.kind:
		return false
	}
	return (got.uid == 0 || got.uid == p.outUID) && (got.token == 0 || got.token == int(p.outT)) && (got.name == 0 || got.name == int(p.outN))
}

func (r *reference) applyTold(w refWorld, e modelEvent) {
	want := map[string]uint8{
		"a login": e.result.uid, "a failed login": eventLoginFailed, "a logout": eventLogout, "a failed logout": eventLogoutFailed,
	}[e.what]
	c := &w.clients[e.client]
	if c.queued == 0 || c.events[0] != want {
		return
	}
	copy(c.events[:], c.events[1:])
	c.queued--
	c.events[c.queued] = 0
	if e.result.kind == "panic" {
		for i := range w.procs {
			if of := int(w.procs[i].of); of != 0 && r.ops[(of-1)%refOps].client == e.client {
				w.procs[i].mayPanic = true
			}
		}
	}
	r.next = append(r.next, w)
}

// happens changes the world by an event of its proc. It returns false if the event cannot happen.
func (r *ref) happens(e modelEvent) bool {
	kind := refKinds[e.result.kind]
	switch e.kind {
	case swapped:
		old, next := r.swap()
		ok := false
		switch r.p.at {
		case atDeleting, atClearing, atSaving, atRenewalSwaps, atLoginSwaps:
			ok = !r.p.swapped && r.store.token == old && e.what == fmt.Sprintf("%d → %d", old, next)
		}
		if ok {
			r.p.swapped = true
			r.store = map[refState]refSession{atSaving: r.p.known, atRenewalSwaps: r.p.known, atLoginSwaps: r.p.s}[r.p.at]
		}
		return ok
	case storeFailed:
		return r.storeFails(kind)
	case provided:
		switch {
		case r.p.at == atIdle:
			return r.i >= refOps && r.c.closed // the flight has given up
		case r.p.at != atProviding:
			return false
		case kind != kindOK:
			r.later(kind)
			return true
		}
		r.p.fresh, r.p.provided = uint8(e.result.token), true
		if r.take(atRenewalTurn); r.op.kind == opEnsure {
			r.p.then = atFinding
		}
		return true
	}
	return r.hasAnswer(e, kind)
}

// hasAnswer goes on with the answer to a request.
func (r *ref) hasAnswer(e modelEvent, kind refKind) bool {
	token := uint8(e.result.token)
	answer := refSession{token, uint8(e.result.name)}
	switch r.p.at {
	case atAsking:
		if e.what != map[opKind]string{opCall: "call", opVerify: "sign in", opUpdate: "sign in"}[r.op.kind] || token != r.p.s.token {
			return false
		}
		switch {
		case kind == kindOK && r.op.kind == opCall:
			r.finish(kindOK, refSession{})
		case kind == kindOK:
			r.p.known = answer
			r.take(atUpdating)
		case kind == kindGone:
			r.p.end = r.p.provided || !r.provider
			r.take(atSucceeding)
		default:
			r.later(kind)
		}
	case atRenewalAsks:
		switch {
		case e.what != "sign in" || token != r.p.fresh:
			return false
		case kind == kindOK && r.sameUser(r.p.s.token, token):
			r.p.known, r.p.at = answer, atRenewalSwaps
		case kind == kindGone || kind == kindOK:
			r.c.provided = 0
			if r.p.usedOld {
				r.release()
				r.p.usedOld, r.p.at = false, atProviding
			} else if kind == kindGone {
				r.p.end, r.p.at = true, atSucceeding
			} else {
				r.later(kindGone)
			}
		default:
			r.later(kind)
		}
	case atMinting:
		switch {
		case !strings.HasPrefix(e.what, "mint") || kind == kindOK && e.result.uid != r.op.uid:
			return false
		case kind == kindOK:
			r.p.fresh, r.c.unused, r.p.at = token, token, atLoginAsks
		default:
			r.later(kind)
		}
	case atLoginAsks:
		switch {
		case e.what != "sign in" || token != r.p.fresh:
			return false
		case kind == kindOK && r.foreign(token):
			r.c.provided = 0
			r.later(kindOther)
		case kind == kindOK:
			r.p.s, r.p.at = answer, atLoginSwaps
		case kind == kindGone && r.op.kind == opEnsure:
			r.c.provided = 0
			if r.p.usedOld {
				r.release()
				r.p.usedOld, r.p.at = false, atProviding
			} else {
				r.later(kindGone)
			}
		case kind == kindGone && r.p.usedOld:
			r.p.usedOld, r.p.at = false, atMinting
		default:
			r.later(kind)
		}
	case atLogoutAsks, atLogoutAsksAgain:
		switch {
		case e.what != "sign out" || token != r.p.s.token:
			return false
		case kind == kindGone && r.p.at == atLogoutAsks:
			r.p.at = atLogoutLooks
		case kind == kindGone:
			r.later(kindOK)
		default:
			r.later(kind)
		}
	default:
		return false
	}
	return true
}

// storeFails makes an error or a panic of the store the next step of the proc.
func (r *ref) storeFails(kind refKind) bool {
	switch r.p.at {
	case atReading, atFinding, atReloading, atSaving, atRenewalSwaps, atLoginSwaps, atSucceeding, atLeaving, atDeleting, atLogoutLooks, atClearing:
		r.later(kind)
		return true
	}
	return false
}
