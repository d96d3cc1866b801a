package cometchat

import (
	"context"
	"errors"
	"sync/atomic"
)

// nobody stands for "read from the store, and there is no session".
var nobody = &Session{}

// maxSwaps bounds how often a change of the store is tried again because others have changed it in between.
const maxSwaps = 10

// sessionKeeper owns the session of a client; nobody else touches the store. Reading is an atomic load. Whatever changes
// the session (login, logout, the server's word that a token is gone) first takes its turn, so that each sees the one
// before finished. Other clients of the store take no turns with this one: for them, each change is a swap.
type sessionKeeper struct {
	store  SessionStore
	appID  string
	key    string // of the session in the store
	device *deviceKeeper
	turn   turn
	over   string // the auth token of the last session that ended here; for whoever has the turn
	// current is nil until the store has been read. What it points to never changes.
	current atomic.Pointer[Session]
}

// deviceKeeper is what the clients of a store in this process know of its device id.
type deviceKeeper struct {
	turn turn
	id   atomic.Pointer[string] // nil until it has been read or made
}

func newDeviceKeeper() *deviceKeeper { return &deviceKeeper{turn: newTurn()} }

// newSessionKeeper makes the keeper of the session that a pool knows by this name; "" is that of a client on its own.
func newSessionKeeper(store SessionStore, appID, name string, device *deviceKeeper) *sessionKeeper {
	key := appID + "/session"
	if name != "" {
		key = appID + "/" + name + "/session"
	}
	return &sessionKeeper{store: store, appID: appID, key: key, device: device, turn: newTurn()}
}

// turn lets one at a time do what takes requests or a store. It is not a mutex: waiting for it ends with the context.
type turn chan struct{} // has room for one: whoever's value is in it has the turn

func newTurn() turn { return make(turn, 1) }

// take waits for the turn; with a free one it succeeds even if ctx has ended, so that a logout always clears.
func (t turn) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	default:
	}
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turn) end() { <-t }

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
		// Who comes second, or after a login, takes what is there: it is newer than what was read.
		k.current.CompareAndSwap(nil, stored)
		s = k.current.Load()
	}
	if s == nobody {
		return nil, nil
	}
	return s, nil
}

// stored returns what the store has now, which must not be changed, or nil.
func (k *sessionKeeper) stored(ctx context.Context) (*Session, error) {
	s, err := k.load(ctx, k.key)
	switch {
	case err != nil:
		// It may quote the session that this client has from there.
		return nil, storeFailed("read the session from", newRedactor(k.current.Load().secrets()...).cause(err))
	case s != nil && (s.AppID != k.appID || s.User == nil || s.User.UID == "" || s.AuthToken == ""):
		return nil, storeFailed("read the session from", errUnusable)
	}
	return s, nil
}

// load returns what the store has for a key, which must not be changed, or nil.
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

// swap is the one way in which the store is changed: next takes the place of old, where nil is nothing, if old is what the
// store has. In a store that cannot compare and swap, another client's change may come between the two.
func (k *sessionKeeper) swap(ctx context.Context, key string, old, next *Session) (swapped bool, err error) {
	defer func() {
		if err != nil { // it may quote what the store was given
			err = newRedactor(append(old.secrets(), next.secrets()...)...).cause(err)
		}
	}()
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

// adopt makes current what another client has stored.
func (k *sessionKeeper) adopt(s *Session) { k.current.Store(s) }

// forget ends the session s here, which may be nil. The caller has the turn.
func (k *sessionKeeper) forget(s *Session) {
	if s != nil {
		k.over = s.AuthToken
	}
	k.current.Store(nobody)
}

// isOver reports whether the session s has ended here: what the store could not delete is still in there.
func (k *sessionKeeper) isOver(s *Session) bool { return s.AuthToken == k.over }

// replace stores s, which must not change from then on, in the place of old, and makes it current; if another client has
// stored a session of the same user meanwhile, that is the one for both. It returns the current session. The caller has
// the turn.
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

var (
	errTooBusy = errors.New("others change it all the time")
	// errUnusable is about what a store could read, and no client can go on with.
	errUnusable = &retold{"the stored session is incomplete or another app's; log out to discard it", ErrUnreadableSession}
)

// swapCurrent stores s, which must not change from then on, in the place of old, and makes it current, unless the store has
// another session than old. The caller has the turn.
func (k *sessionKeeper) swapCurrent(ctx context.Context, old, s *Session) (swapped bool, err error) {
	swapped, err = k.swap(ctx, k.key, old, s)
	if err != nil {
		return false, storeFailed("write the session to", err)
	}
	if swapped {
		k.current.Store(s)
	}
	return swapped, nil
}

// update makes s current, the same session as the current one with news of the user, and stores it unless the store has
// another one by now. The caller has the turn.
func (k *sessionKeeper) update(ctx context.Context, s *Session) error {
	_, err := k.swapCurrent(ctx, k.current.Load(), s)
	if err == nil {
		k.current.Store(s)
	}
	return err
}

// clear forgets the session, here even when the store fails, and there unless it has another one by now. A nil s is an
// unreadable one, and is deleted whatever it is. The caller has the turn.
func (k *sessionKeeper) clear(ctx context.Context, s *Session) (err error) {
	k.forget(s)
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

// succession returns the session to go on with when the server has refused the token of gone: one of the same user that
// has taken its place here or in the store, or gone itself if it still has that. It returns nil when the session is over,
// and then reports whether it has ended only now: nobody's or another user's is in its place. With end, it does not
// return gone, but ends it: in the store with the context detached, as here it ends whatever happens. The caller has the
// turn.
func (k *sessionKeeper) succession(ctx, detached context.Context, gone *Session, end bool) (next *Session, ended bool, err error) {
	s, err := k.get(ctx)
	if err != nil {
		return nil, false, err
	}
	if s == nil || s.AuthToken != gone.AuthToken {
		if !gone.sameUser(s) {
			s = nil // to make a user's call for another would be wrong
		}
		return s, false, nil
	}
	for range maxSwaps {
		stored, err := k.stored(ctx)
		switch {
		case err != nil:
			return nil, false, err
		case !gone.sameUser(stored):
			k.forget(gone)
			return nil, true, nil
		case stored.AuthToken != gone.AuthToken:
			k.adopt(stored)
			return stored, false, nil
		case !end:
			return gone, false, nil
		}
		swapped, err := k.swap(detached, k.key, gone, nil)
		if swapped || err != nil {
			k.forget(gone)
			if err != nil {
				err = storeFailed("delete the session from", err)
			}
			return nil, true, err
		}
	}
	return nil, false, storeFailed("delete the session from", errTooBusy)
}

// deviceID returns the id of this installation, made at the first login and kept apart from the session, in the form of
// the JavaScript SDK: {appID}_{uuid}_{milliseconds}.
func (k *sessionKeeper) deviceID(ctx context.Context) (string, error) {
	if id := k.device.id.Load(); id != nil {
		return *id, nil
	}
	if err := k.device.turn.take(ctx); err != nil {
		return "", err
	}
	defer k.device.turn.end()
	key := k.appID + "/device"
	made := &Session{AppID: k.appID, DeviceID: k.appID + "_" + newInstanceID("_")}
	for range maxSwaps {
		s, err := k.load(ctx, key)
		if err != nil {
			return "", storeFailed("read the device id from", err)
		}
		if s == nil || s.DeviceID == "" {
			swapped, err := k.swap(ctx, key, s, made)
			if err != nil {
				return "", storeFailed("write the device id to", err)
			}
			if !swapped {
				continue // another process was faster: its id is the store's
			}
			s = made
		}
		k.device.id.Store(&s.DeviceID)
		return s.DeviceID, nil
	}
	return "", storeFailed("write the device id to", errTooBusy)
}

// storeFailed makes the error for a failed store. What the store says may quote what it has.
func storeFailed(what string, err error) error {
	return &Error{
		Code:    codeSessionStore,
		Message: "could not " + what + " the session store",
		err:     newRedactor().cause(err),
	}
}

// loginID tells one login from another: identical ones share a flight.
type loginID struct{ uid, authKey, authToken string }

// isOf reports whether the session is what the login would lead to.
func (id loginID) isOf(s *Session) bool {
	if id.authToken != "" {
		return id.authToken == s.AuthToken
	}
	return sameUID(id.uid, s.User.UID)
}
