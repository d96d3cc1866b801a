package cometchat

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"strconv"
	"sync/atomic"

	"github.com/cometchat-go/cometchat/internal/redact"
	"github.com/cometchat-go/cometchat/internal/xsync"
)

// nobody means that the store has been read, and that there is no session.
var nobody = &Session{}

// maxSwaps bounds how often a change of the store is repeated because other clients have changed the store in between.
const maxSwaps = 10

// sessionKeeper owns the session of a client, and is the only one that uses the store. Reading the session is an atomic load.
// Whatever changes it (a login, a logout, a refused token) takes the turn first, so that changes come one after the other.
// Other clients of the same store do not share the turn: a change of the store compares and swaps.
type sessionKeeper struct {
	store SessionStore
	appID string
	key   string // of the session in the store
	// positionKey is the key of the position in the user's messages, which the positionKeeper uses.
	positionKey string
	owner       string // the uid that the session must have; "" for any
	device      *deviceKeeper
	turn        xsync.Turn
	over        string      // the auth token of the last session that ended here; whoever has the turn may use it
	unused      unusedToken // of the last Login that failed half-way; whoever has the turn may use it
	// provided is the token of the token provider that no session has yet; whoever has the turn may use it. Like unused, it
	// takes the place of one of the user's 100 valid tokens.
	provided string
	begun    atomic.Uint64 // how many requests have begun whose answers the session keeps
	newest   uint64        // the number of the last of these requests whose answer the session has; whoever has the turn may use it
	// changed is called after each change of current, which may be nobody, and old nil; why is the reason of an end. It must not
	// block, and may come late.
	changed func(old, current *Session, why error)
	// current is nil until the store has been read. The session that it points to never changes.
	current atomic.Pointer[Session]
}

// deviceKeeper holds the device id, which the clients of a store in this process share.
type deviceKeeper struct {
	turn   xsync.Turn
	id     atomic.Pointer[string] // nil until it has been read or made
	logger *slog.Logger
}

func newDeviceKeeper(logger *slog.Logger) *deviceKeeper {
	return &deviceKeeper{turn: xsync.NewTurn(), logger: logger}
}

// newSessionKeeper makes the keeper of the session that a pool has under this name; "" is the session of a single client.
func newSessionKeeper(store SessionStore, appID, name string, device *deviceKeeper) *sessionKeeper {
	prefix := appID + "/"
	if name != "" {
		prefix += name + "/"
	}
	return &sessionKeeper{
		store: store, appID: appID, key: prefix + "session", positionKey: prefix + "position", device: device,
		turn: xsync.NewTurn(), changed: func(_, _ *Session, _ error) {},
	}
}

// unusedToken is an auth token that the server has made, and that no session has yet. The next login uses it: each token that
// nobody uses takes the place of one of the user's 100 valid tokens.
type unusedToken struct {
	madeFor [sha256.Size]byte // a digest: the client must not keep the auth key
	token   string
}

func newUnusedToken(id loginID, token string) unusedToken { return unusedToken{id.digest(), token} }

// of returns the token if it was made for this login, and "" otherwise.
func (u unusedToken) of(id loginID) string {
	if u.token == "" || u.madeFor != id.digest() {
		return ""
	}
	return u.token
}

// loginID is what makes two logins the same: identical logins share a flight. The zero value stands for EnsureLoggedIn.
type loginID struct{ uid, authKey, authToken string }

func (id loginID) digest() [sha256.Size]byte {
	return sha256.Sum256([]byte(id.uid + "\x00" + id.authKey))
}

// isOf reports whether the login would lead to the session s.
func (id loginID) isOf(s *Session) bool {
	switch {
	case id == loginID{}:
		return true
	case id.authToken != "":
		return id.authToken == s.AuthToken
	}
	return sameUID(id.uid, s.User.UID)
}

// get returns the current session, which must not be changed, or nil. The first call reads the store.
func (k *sessionKeeper) get(ctx context.Context) (*Session, error) {
	s := k.current.Load()
	if s == nil {
		stored, err := k.stored(ctx)
		if err != nil {
			return nil, err
		}
		if stored == nil {
			stored = nobody
		}
		// If another call has set the session meanwhile, that session is newer: use it.
		if k.current.CompareAndSwap(nil, stored) {
			k.changed(nil, stored, nil)
		}
		s = k.current.Load()
	}
	if s == nobody {
		return nil, nil
	}
	return s, nil
}

// stored returns the session that the store has now, which must not be changed, or nil.
func (k *sessionKeeper) stored(ctx context.Context) (*Session, error) {
	s, err := k.load(ctx, k.key)
	switch {
	case err != nil:
		// The store's error may contain secrets of the current session, which came from there.
		return nil, storeFailed("read the session from", redact.New(k.current.Load().secrets()...).Cause(err))
	case s != nil && (s.AppID != k.appID || s.User == nil || s.User.UID == "" || s.AuthToken == ""):
		return nil, storeFailed("read the session from", errUnusable)
	case s != nil && k.isForeign(s.User.UID):
		e := k.foreign("", "the session "+strconv.Quote(k.key)+" in the store is that of")
		e.hint = "find out how it got there, and delete it from the store"
		return nil, e
	}
	return s, nil
}

// isForeign reports whether the session of this user must not become the keeper's.
func (k *sessionKeeper) isForeign(uid string) bool { return k.owner != "" && !sameUID(uid, k.owner) }

// foreign makes the error for what is another user's. It does not name that user: the owner may get to see the error.
func (k *sessionKeeper) foreign(op, what string) *Error {
	return newError(op, ErrOtherUser, "%s another user than %q, the key of this client", what, k.owner)
}

// find returns the session that a login can use without a request, here or in the store, or nil; and the session that the
// store has, if find has read the store. The caller has the turn.
func (k *sessionKeeper) find(ctx context.Context, id loginID) (s, known *Session, err error) {
	s, err = k.get(ctx)
	if err != nil || s != nil && id.isOf(s) {
		return s, nil, err
	}
	known, err = k.stored(ctx)
	if err != nil || known == nil || !id.isOf(known) || k.isOver(known) {
		return nil, known, err
	}
	k.adopt(known) // another client of the store has logged the user in
	return known, known, nil
}

// load returns the record that the store has for a key, which must not be changed, or nil.
func (k *sessionKeeper) load(ctx context.Context, key string) (s *Session, err error) {
	if m, ok := k.store.(*MemorySessionStore); ok {
		s, err = m.kept(key) // neither side changes it, so it needs no copy
	} else if s, err = k.store.Load(ctx, key); s != nil {
		s = s.clone()
	}
	switch {
	case errors.Is(err, ErrNoSession):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return s, nil
}

// swap is the only way to change the store: it puts next in the place of old if the store has old. Nil stands for no record.
// In a store that cannot compare and swap, another client's change may come in between.
func (k *sessionKeeper) swap(ctx context.Context, key string, old, next *Session) (swapped bool, err error) {
	defer func() {
		if err != nil { // it may contain the secrets that the store was given
			err = redact.New(append(old.secrets(), next.secrets()...)...).Cause(err)
		}
	}()
	if m, ok := k.store.(*MemorySessionStore); ok {
		return m.swap(key, old, next), nil // neither side changes next, so it needs no copy
	}
	if shared, ok := k.store.(SharedSessionStore); ok {
		return shared.CompareAndSwap(ctx, key, old, next)
	}
	s, err := k.load(ctx, key)
	switch {
	case err != nil:
		return false, err
	case (s == nil) != (old == nil) || s != nil && s.AuthToken != old.AuthToken:
		return false, nil
	case next == nil:
		err = k.store.Delete(ctx, key)
	default:
		err = k.store.Save(ctx, key, next)
	}
	return err == nil, err
}

// begin returns the number of a request whose answer the session will keep: an answer must not replace that of a request which
// began later.
func (k *sessionKeeper) begin() uint64 { return k.begun.Add(1) }

// adopt makes a session current that is in the store.
func (k *sessionKeeper) adopt(s *Session) { k.changed(k.current.Swap(s), s, nil) }

// endHere ends the session s, which may be nil, in this client only. why is nil if the program wanted it. The caller has the
// turn.
func (k *sessionKeeper) endHere(s *Session, why error) {
	if s != nil {
		k.over = s.AuthToken
	}
	k.changed(k.current.Swap(nobody), nobody, why)
}

// isOver reports whether the session s has ended here. The store may still have it, if deleting it has failed.
func (k *sessionKeeper) isOver(s *Session) bool { return s.AuthToken == k.over }

// holds reports whether s, or a newer version of s with the same token, is the current session.
func (k *sessionKeeper) holds(s *Session) bool {
	current := k.current.Load()
	return current != nil && current.AuthToken == s.AuthToken
}

// replace stores s in the place of old and makes s current. It returns the session that is then current: if another client
// has stored a session of the same user meanwhile, both clients use that session. s must not change from now on. The caller
// has the turn.
func (k *sessionKeeper) replace(ctx context.Context, old, s *Session) (*Session, error) {
	for range maxSwaps {
		swapped, err := k.swapCurrent(ctx, old, s)
		if err != nil {
			return nil, err
		}
		if swapped {
			return s, nil
		}
		if old, err = k.stored(ctx); err != nil {
			return nil, err
		}
		if s.sameUser(old) {
			k.adopt(old)
			return old, nil
		}
	}
	return nil, storeFailed("write the session to", errTooBusy)
}

// tokenIsGone returns why a session ends that the program has not ended.
func tokenIsGone() error {
	return newError("", ErrAuthTokenNotFound, "the auth token of the session is gone")
}

var (
	errTooBusy = errors.New("other clients change it all the time")
	// errUnusable is about a session that the store could read and that no client can use.
	errUnusable = &redact.Error{
		Text: "the stored session is incomplete or another app's; log out to discard it", Err: ErrUnreadableSession,
	}
)

// swapCurrent stores s in the place of old and makes s current, unless the store has another session than old. s must not
// change from now on. The caller has the turn.
func (k *sessionKeeper) swapCurrent(ctx context.Context, old, s *Session) (swapped bool, err error) {
	swapped, err = k.swap(ctx, k.key, old, s)
	if err != nil {
		return false, storeFailed("write the session to", err)
	}
	if swapped {
		k.adopt(s)
	}
	return swapped, nil
}

// update makes s current, a newer version of the current session, and stores s unless the store has another session by now.
// The caller has the turn.
func (k *sessionKeeper) update(ctx context.Context, s *Session) error {
	_, err := k.swapCurrent(ctx, k.current.Load(), s)
	if err == nil {
		k.adopt(s)
	}
	return err
}

// clear ends the session s here, even when the store fails, and deletes s from the store unless the store has another session
// by now. A nil s stands for an unreadable record, which is deleted whatever it is. The caller has the turn.
func (k *sessionKeeper) clear(ctx context.Context, s *Session) (err error) {
	k.endHere(s, nil)
	if s == nil {
		err = k.store.Delete(ctx, k.key)
	} else {
		_, err = k.swap(ctx, k.key, s, nil)
	}
	if err != nil {
		return storeFailed("delete the session from", err)
	}
	return nil
}

// next returns the session to use after the server has refused the token of gone: another session of the same user, which has
// taken the place of gone here or in the store; gone itself, if nothing has; or nil, if the session is over, because nobody's
// or another user's session is in its place. The caller has the turn.
func (k *sessionKeeper) next(ctx context.Context, gone *Session) (*Session, error) {
	s, err := k.get(ctx)
	switch {
	case err != nil:
		return nil, err
	case !gone.sameUser(s): // a call of one user must not be made for another
		return nil, nil
	case s.AuthToken != gone.AuthToken:
		return s, nil
	}
	stored, err := k.stored(ctx)
	switch {
	case err != nil:
		return nil, err
	case !gone.sameUser(stored):
		k.endHere(gone, tokenIsGone())
		return nil, nil
	case stored.AuthToken != gone.AuthToken:
		k.adopt(stored)
		return stored, nil
	}
	return gone, nil
}

// end ends gone, whose token the server has refused, here and in the store, and returns nil; or it returns the session of the
// same user that has taken the place of gone. The store is changed with the context detached. The caller has the turn.
func (k *sessionKeeper) end(ctx, detached context.Context, gone *Session) (*Session, error) {
	for range maxSwaps {
		next, err := k.next(ctx, gone)
		if err != nil || next != gone {
			return next, err
		}
		swapped, err := k.swap(detached, k.key, gone, nil)
		if err != nil {
			k.endHere(gone, tokenIsGone())
			return nil, storeFailed("delete the session from", err)
		}
		if swapped {
			k.endHere(gone, tokenIsGone())
			return nil, nil
		}
	}
	return nil, storeFailed("delete the session from", errTooBusy)
}

// deviceID returns the id of this installation. The first login makes it, in the JavaScript SDK's form
// {appID}_{uuid}_{milliseconds}, and keeps it apart from the session. A record that cannot be read is made anew: it must not
// stop every login of the app.
func (k *sessionKeeper) deviceID(ctx context.Context) (string, error) {
	if id := k.device.id.Load(); id != nil {
		return *id, nil
	}
	if err := k.device.turn.Take(ctx); err != nil {
		return "", err
	}
	defer k.device.turn.End()
	key := k.appID + "/device"
	made := &Session{AppID: k.appID, DeviceID: k.appID + "_" + newInstanceID("_")}
	for range maxSwaps {
		s, err := k.load(ctx, key)
		if errors.Is(err, ErrUnreadableSession) {
			k.device.logger.WarnContext(ctx, "cometchat: the stored device id cannot be read: making a new one",
				"error", redact.New().Cause(err).Error())
			err = k.store.Delete(ctx, key)
		}
		if err != nil {
			return "", storeFailed("read the device id from", err)
		}
		if s == nil || s.DeviceID == "" {
			swapped, err := k.swap(ctx, key, s, made)
			if err != nil {
				return "", storeFailed("write the device id to", err)
			}
			if !swapped {
				continue // another process was faster: use its id
			}
			s = made
		}
		k.device.id.Store(&s.DeviceID)
		return s.DeviceID, nil
	}
	return "", storeFailed("write the device id to", errTooBusy)
}

// storeFailed makes the error of a failed store. The store's own error may contain secrets.
func storeFailed(what string, err error) error {
	return &Error{
		Code:    codeSessionStore,
		Message: "could not " + what + " the session store",
		err:     redact.New().Cause(err),
	}
}
