package main

import (
	"context"
	"time"

	"github.com/cometchat-go/cometchat"
)

// world holds the values that the steps share.
type world struct {
	emulator *emulator
	store    *cometchat.MemorySessionStore
	client   *cometchat.Client
	token    string
	heard    []string    // the calls of the login listener since the mark
	live     chan string // the calls of the client's other listeners since the mark
	second   *cometchat.Client

	ear, secondEar *ear // of the client and of the second
	ends           int  // how many steps have told what the ears heard, counting each ear

	result any // what the SDK returned in the step, as told; nil: the step tells nothing
}

// tell keeps what the SDK returned in the step, for the comparison with the JavaScript SDK.
func (w *world) tell(result any) { w.result = result }

// start makes a new client with the old store, as after a restart. Init closes the old client.
func (w *world) start() (err error) {
	w.client, err = cometchat.Init(w.emulator.appID, w.emulator.options(w.store)...)
	if err == nil {
		w.client.AddLoginListener("interop", cometchat.LoginListener{
			LoginSuccess:  func(u *cometchat.User) { w.heard = append(w.heard, "loginSuccess "+u.UID) },
			LoginFailure:  func(error) { w.heard = append(w.heard, "loginFailure") },
			LogoutSuccess: func() { w.heard = append(w.heard, "logoutSuccess") },
			LogoutFailure: func(error) { w.heard = append(w.heard, "logoutFailure") },
		})
		w.live, w.ear = listen(w.client), newEar(w.client)
	}
	return err
}

// listen returns what the client hears of its live connection and over it.
func listen(client *cometchat.Client) chan string {
	const enough = 1000
	live := make(chan string, enough)
	client.AddConnectionListener("interop", cometchat.ConnectionListener{
		Connecting:   func() { live <- "connecting" },
		Connected:    func() { live <- "connected" },
		Disconnected: func(cometchat.ConnectionChanged) { live <- "disconnected" },
	})
	client.AddUserListener("interop", cometchat.UserListener{
		UserOnline:  func(u *cometchat.User) { live <- "online " + u.UID },
		UserOffline: func(u *cometchat.User) { live <- "offline " + u.UID },
	})
	return live
}

// hears waits until the client's listeners have heard these things, in this order. They may have heard others in between.
func (w *world) hears(c *checks, things ...string) {
	const patience = 15 * time.Second
	late := time.After(patience)
	for _, thing := range things {
		for heard := ""; heard != thing; {
			select {
			case heard = <-w.live:
			case <-late:
				c.fail("waited in vain for the listener's call %q", thing)
				return
			}
		}
	}
}

// forget empties what the listeners have heard, and the result of the step before.
func (w *world) forget() {
	w.heard, w.result = nil, nil
	w.ear.forget()
	w.secondEar.forget()
	for len(w.live) > 0 {
		<-w.live
	}
}

// loggedin checks that the SDK returns uid as the logged-in user; "" means no user.
func (w *world) loggedin(ctx context.Context, c *checks, uid string) *cometchat.User {
	u, err := cometchat.GetLoggedinUser(ctx)
	c.ok("GetLoggedinUser", err)
	got := ""
	if u != nil {
		got = u.UID
	}
	c.equal("the logged-in user", got, uid)
	return u
}

// happened checks the SDK's requests and its calls of the listener since the mark.
func (w *world) happened(c *checks, requests, heard []string) {
	c.equal("the requests", w.emulator.requests(), requests)
	c.equal("the calls of the listener", w.heard, heard)
}

// userIs checks the status of a user. It makes a request.
func (w *world) userIs(ctx context.Context, c *checks, uid, status string) {
	u, err := w.client.GetUser(ctx, uid)
	if c.ok("GetUser", err); err == nil {
		c.equal("the user's status", u.Status, status)
	}
}

// blockedByMe checks whether the third user is blocked. It makes a request.
func (w *world) blockedByMe(ctx context.Context, c *checks, want bool) {
	u, err := w.client.GetUser(ctx, three)
	if c.ok("GetUser", err); err == nil {
		c.equal("whether the user is blocked", u.BlockedByMe, want)
	}
}

// fieldsOf returns the fields that the steps set.
func fieldsOf(u *cometchat.User) []string {
	return []string{u.UID, u.Name, string(u.Metadata)}
}

func uids(users []*cometchat.User) (uids []string) {
	for _, u := range users {
		uids = append(uids, u.UID)
	}
	return uids
}
