package cometchat_test

import "hash/maphash"

// The reference: what the calls of a client may do, as steps one after the other. It knows no goroutines and no locks but the
// turn. A history is right if the steps can be ordered so that each event of the history is explained.

const (
	refOps     = 24
	refClients = 6
)

type refSession struct{ token, name uint8 }

// refClient is what a client knows.
type refClient struct {
	cur            refSession
	read, closed   bool  // whether the store has been read
	over, unused   uint8 // tokens: of the session that ended last; of the login that failed half-way
	provided       uint8 // the token of the provider that no session has
	turn           int8  // the proc that has the turn, plus one
	login, refresh int8  // the flights that can be joined, plus one
	clock, newest  uint8 // numbers of requests
	events         [8]uint8
	queued         uint8
}

// refProc is a call, or a flight that calls share.
type refProc struct {
	of                 uint8 // the number of the call, plus one; of a flight: of the call that has started it, plus refOps
	at, then           refState
	s, known           refSession // what the call works with; what the store had
	fresh, began       uint8
	usedOld            bool    // the login, or refresh, uses the token of an earlier try
	stored, provided   bool    // the call has been retried with the store's token; the provider's token is in use
	end                bool    // no other token is left: the session ends; of a logout: it has failed before a panic
	on                 int8    // the flight that the call waits for
	looked             bool    // the call has read the store into known, and does not know yet
	swapped            bool    // the store has changed for the proc, which does not know yet
	mayPanic           bool    // a listener has panicked during the call
	kind, err          refKind // of the result; of what the proc has met
	outUID, outT, outN uint8   // what the call returns
}

type refWorld struct {
	clients [refClients]refClient
	procs   [16]refProc // those that run
	store   refSession
}

// proc returns the proc with this number, or one that is idle.
//
//go:norace
func (w *refWorld) proc(i int) *refProc {
	for j := range w.procs {
		if w.procs[j].of == uint8(i)+1 {
			return &w.procs[j]
		}
	}
	return &refProc{}
}

// begins adds a proc.
func (w *refWorld) begins(i int, p refProc) {
	for j := range w.procs {
		if w.procs[j].of == 0 {
			p.of = uint8(i) + 1
			w.procs[j] = p
			return
		}
	}
	panic("too many procs")
}

type refState uint8

const (
	atIdle refState = iota
	atStart
	atReading         // the session is not known yet: the store's is read
	atKeeping         // and kept, unless there is one by now
	atTaking          // waits for the turn
	atHaveRead        // the call knows the session
	atJoining         // there is none: wants a login with a token of the provider
	atSending         // a request is to be made
	atAsking          // waits for the answer
	atSucceeding      // has the turn, and looks for a successor of its session
	atDeleting        // waits for the store to delete the session
	atUpdating        // has the turn, and the answer
	atSaving          // waits for the store to save the answer
	atRenewing        // wants a token of the provider
	atWaiting         // for a flight
	atRenewal         // first step of the flight
	atRenewalLooks    // has the turn, and looks for a token of an earlier try
	atProviding       // waits for the provider
	atRenewalTurn     // has the turn, and the token
	atRenewalAsks     // waits for the answer to the sign-in
	atRenewalSwaps    // waits for the store to replace the session
	atFinding         // a login that has the turn
	atMinting         // waits for a token
	atLoginAsks       // waits for the answer to the sign-in
	atLoginSwaps      // waits for the store to replace the session
	atReloading       // the store had another session
	atLeaving         // a logout that has the turn
	atLogoutAsks      // waits for the answer to the sign-out
	atLogoutLooks     // the token was gone: looks for a successor
	atLogoutAsksAgain // and to the sign-out of the successor
	atFailing         // what it waited for has failed
	atClearing        // waits for the store to delete the session
	atClosing         // waits for logins
	atDone            // the result is out
)

type refKind uint8

const (
	kindNone refKind = iota
	kindOK
	kindGone
	kindNobody
	kindBusy
	kindClosed
	kindStore
	kindNet
	kindPanic
	kindOther    // another user's
	kindProvider // the provider's error
)

var refKinds = map[string]refKind{
	"ok": kindOK, "gone": kindGone, "nobody": kindNobody, "busy": kindBusy, "closed": kindClosed, "store": kindStore, "net": kindNet, "panic": kindPanic,
	"other": kindOther, "provider": kindProvider,
}

// The events for listeners; a successful login is its uid.
const (
	eventLoginFailed  = 'f'
	eventLogout       = 'o'
	eventLogoutFailed = 'x'
)

// reference explains one history. It works in one goroutine: its hot functions leave the race detector out.
type reference struct {
	ops      []*modelOp
	owners   [64]byte
	provider bool
	keyed    [refClients]bool

	seed   maphash.Seed
	hashes map[uint64]bool // of worlds
	worlds []refWorld      // what is possible after the events so far
	before []refWorld      // what was possible before the last event
	next   []refWorld      // where one world leads to
}

// ref is a world at one of its procs.
type ref struct {
	*reference
	*refWorld
	i  int
	p  *refProc
	c  *refClient
	op *modelOp
}

//go:norace
func (r *reference) of(w *refWorld, i int) *ref {
	op := r.ops[i%refOps]
	return &ref{r, w, i, w.proc(i), &w.clients[op.client], op}
}

// fork runs f on a copy of the world, which becomes one of the next worlds.
//
//go:norace
func (r *ref) fork(f func(*ref)) {
	r.next = append(r.next, *r.refWorld)
	f(r.of(&r.next[len(r.next)-1], r.i))
}

func (r *ref) sameUser(a, b uint8) bool { return b != 0 && r.owners[a] == r.owners[b] }

// foreign says whether the client must not use a session with this token.
func (r *ref) foreign(token uint8) bool { return token != 0 && r.refuses(r.owners[token]) }

// refuses says whether the client must not have a session of this user.
func (r *ref) refuses(uid byte) bool { return r.keyed[r.op.client] && uid != keyOwner }

func (r *ref) queue(e uint8) {
	r.c.events[r.c.queued] = e
	r.c.queued++
}

func (r *ref) release() {
	if r.c.turn == int8(r.i)+1 {
		r.c.turn = 0
	}
}

// finish ends a call, or a flight and the waiting of its callers.
func (r *ref) finish(kind refKind, s refSession) {
	r.release()
	if r.i < refOps {
		*r.p = refProc{of: r.p.of, at: atDone, kind: kind, outUID: r.owners[s.token], outT: s.token, outN: s.name, mayPanic: r.p.mayPanic}
		return
	}
	if r.c.login == int8(r.i)+1 {
		r.c.login = 0
	}
	if r.c.refresh == int8(r.i)+1 {
		r.c.refresh = 0
	}
	*r.p = refProc{}
	for j := range r.procs {
		if p := &r.procs[j]; p.at == atWaiting && int(p.on) == r.i {
			r.of(r.refWorld, int(p.of)-1).landed(kind, s)
		}
	}
}

// landed gives a call the result of the flight that it has waited for.
func (r *ref) landed(kind refKind, s refSession) {
	switch {
	case r.isLogin():
		r.finish(kind, s)
	case kind == kindOK:
		r.p.s, r.p.provided, r.p.at = s, true, atSending
	case kind == kindPanic || kind == kindClosed:
		r.finish(kind, refSession{})
	default:
		r.finish(kindGone, refSession{})
	}
}

// endHere ends the session s in this client.
func (r *ref) endHere(s refSession) { r.c.over, r.c.cur, r.c.read = s.token, refSession{}, true }

// isLogin says whether the proc is a login, or the flight of one.
func (r *ref) isLogin() bool {
	return r.op.kind == opLogin || r.op.kind == opToken || r.op.kind == opEnsure
}

// isCall says whether the proc is a call that needs a session.
func (r *ref) isCall() bool {
	return r.i < refOps && (r.op.kind == opCall || r.op.kind == opVerify || r.op.kind == opUpdate)
}
