package cometchat

import (
	"slices"
	"sync"
)

// LoginListener is told of logins and logouts; any of its functions may be nil. A session also ends, and LogoutSuccess is
// called, when the server answers a call that its auth token is gone, and there is no other for its user (see
// [WithTokenProvider]). With another token, be it a provider's or one that another client has stored, the session goes on,
// and no listener is told.
//
// Listeners are called one at a time, in the order of what happened, and before the call that caused it returns, unless
// a listener is still busy with something earlier; then whoever waits for that tells the rest too. They may call the
// client, Logout and Close included. A panic in one reaches the caller that does the telling; the others are still called.
type LoginListener struct {
	// LoginSuccess is called with a copy of the user for each successful login, the one answered from the session too.
	// Identical logins at the same time are one.
	LoginSuccess func(*User)
	// LoginFailure is called when a login was tried and failed; not for bad arguments and ErrLoginInProgress.
	LoginFailure func(error)
	// LogoutSuccess is called when a session has ended.
	LogoutSuccess func()
	// LogoutFailure is called when Logout could not tell the server, or the store. The session has ended here all the
	// same: LogoutSuccess is called next.
	LogoutFailure func(error)
}

// loginListeners holds the listeners of a client and the events that they have not been told yet.
type loginListeners struct {
	mu         sync.Mutex
	list       []namedListener // guarded by mu
	events     []loginEvent    // guarded by mu: oldest first
	delivering bool            // guarded by mu: somebody is in deliver
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

// loginEvent is something to tell a listener.
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

// queue keeps an event for deliver. Queue while having the session's turn, so that events are in the order of what
// happened; deliver after it.
func (ls *loginListeners) queue(e loginEvent) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if len(ls.list) > 0 {
		ls.events = append(ls.events, e)
	}
}

// deliver tells the listeners what is queued, unless somebody is at it, who then tells them this too.
func (ls *loginListeners) deliver() {
	event, listeners := ls.next(true)
	for event.what != nil {
		ls.tell(event, listeners)
		event, listeners = ls.next(false)
	}
}

// next takes the oldest event; one that is nothing means that deliver has nothing to do.
func (ls *loginListeners) next(begin bool) (loginEvent, []namedListener) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if begin && ls.delivering {
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

// tell calls the listeners one after the other. When one does not return (it panics, or ends its goroutine), the rest of
// them, and what is queued, are seen to while that unwinds.
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
