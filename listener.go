package cometchat

import (
	"slices"
	"sync"
)

// LoginListener hears of logins and logouts. Any of its functions may be nil. LogoutSuccess is also called when the server
// says that the session's auth token is gone and there is no other token for the user (see [WithTokenProvider]). When there is
// another token, from a provider or from another client of the store, the session goes on and no function is called.
//
// Functions are called one at a time, in the order of the events, before the call that caused the event returns. Only when
// another goroutine is already delivering an earlier event does that goroutine deliver this one too. The functions may call
// the client, Logout and Close included. A panic in a function reaches the caller of the method that delivers; the other
// listeners are still called.
type LoginListener struct {
	// LoginSuccess is called with a copy of the user for each successful login, also when the session was there already.
	// Identical concurrent logins count as one login.
	LoginSuccess func(*User)
	// LoginFailure is called when a login has failed, except for bad arguments and ErrLoginInProgress.
	LoginFailure func(error)
	// LogoutSuccess is called when a session has ended.
	LogoutSuccess func()
	// LogoutFailure is called when Logout could not reach the server or the store. The session has ended here all the same:
	// LogoutSuccess is called next.
	LogoutFailure func(error)
}

// loginListeners holds the listeners of a client and the events that are not delivered yet.
type loginListeners struct {
	mu         sync.Mutex
	list       []namedListener // guarded by mu
	events     []loginEvent    // guarded by mu: oldest first
	delivering bool            // guarded by mu: a goroutine is in deliver
}

type namedListener struct {
	id string
	LoginListener
}

func (ls *loginListeners) add(id string, l LoginListener) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.list = slices.Clone(ls.list)
	for i := range ls.list {
		if ls.list[i].id == id {
			ls.list[i].LoginListener = l
			return
		}
	}
	ls.list = append(ls.list, namedListener{id, l})
}

func (ls *loginListeners) remove(id string) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.list = slices.DeleteFunc(slices.Clone(ls.list), func(l namedListener) bool { return l.id == id })
}

// loginEvent is an event for the listeners; what calls the function of a listener that the event is for.
type loginEvent struct {
	what func(loginEvent, LoginListener)
	user *User
	err  error
}

func loginSucceeded(e loginEvent, l LoginListener) {
	if l.LoginSuccess != nil {
		l.LoginSuccess(e.user.clone())
	}
}

func loginFailed(e loginEvent, l LoginListener) {
	if l.LoginFailure != nil {
		l.LoginFailure(e.err)
	}
}

func loggedOut(_ loginEvent, l LoginListener) {
	if l.LogoutSuccess != nil {
		l.LogoutSuccess()
	}
}

func logoutFailed(e loginEvent, l LoginListener) {
	if l.LogoutFailure != nil {
		l.LogoutFailure(e.err)
	}
}

// queue keeps an event for deliver. Call queue while you have the session's turn, so that events are in order, and deliver
// after it.
func (ls *loginListeners) queue(e loginEvent) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if len(ls.list) > 0 {
		ls.events = append(ls.events, e)
	}
}

// deliver delivers the queued events, unless another goroutine is already delivering: it then delivers these too.
func (ls *loginListeners) deliver() {
	event, listeners := ls.next(false)
	for event.what != nil {
		ls.tell(event, listeners)
		event, listeners = ls.next(true)
	}
}

// next removes the oldest event and returns it. A zero event means that there is nothing to deliver, or that another goroutine
// is already delivering. mine says that the caller is the goroutine that delivers.
func (ls *loginListeners) next(mine bool) (loginEvent, []namedListener) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.delivering && !mine {
		return loginEvent{}, nil
	}
	ls.delivering = len(ls.events) > 0
	if !ls.delivering {
		ls.events = nil
		return loginEvent{}, nil
	}
	event := ls.events[0]
	ls.events = ls.events[1:]
	return event, ls.list
}

// tell calls each listener in turn. If one panics or calls runtime.Goexit, the rest are still told, and the queued events
// delivered.
func (ls *loginListeners) tell(event loginEvent, listeners []namedListener) {
	for i, l := range listeners {
		func() {
			returned := false
			defer func() {
				if returned {
					return
				}
				ls.tell(event, listeners[i+1:])
				ls.release()
				ls.deliver()
			}()
			event.what(event, l.LoginListener)
			returned = true
		}()
	}
}

func (ls *loginListeners) release() {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.delivering = false
}
