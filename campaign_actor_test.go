package cometchat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/cometchat-go/cometchat"
)

// actor is one user of a campaign, and what the campaign knows of that user.
type actor struct {
	*campaign
	uid     string
	ward    string // a user whom the admin's calls are about
	friend  string // a user whom nothing changes, and with whom the user exchanges messages
	client  *cometchat.Client
	choices *rand.Rand
	left    int // calls
	history []string

	in      bool   // the user is logged in
	token   string // of the session, or of the session before
	gone    bool   // the token may have been revoked since the server last accepted it
	behind  bool   // the server may have a newer user than the session, because the answer to an update was lost
	lastOut bool   // the last call was a logout, and succeeded

	sent      map[string]int               // how often the server has to have a message, by its MUID
	unsettled []*cometchat.OutgoingMessage // nobody knows whether they were sent

	mu       sync.Mutex // a login makes its attempts in a goroutine of its own
	fate     *rand.Rand // guarded by mu
	attempts int        // guarded by mu
}

type actorKey struct{}

func newActor(c *campaign, i, calls int) *actor {
	a := &actor{
		campaign: c, uid: fmt.Sprintf("campaign-%02d", i), ward: fmt.Sprintf("ward-%02d", i), friend: fmt.Sprintf("friend-%02d", i),
		left: calls, sent: map[string]int{},
		choices: rand.New(rand.NewPCG(c.seed, uint64(2*i))),   //nolint:gosec // it has to be repeatable
		fate:    rand.New(rand.NewPCG(c.seed, uint64(2*i+1))), //nolint:gosec // it has to be repeatable
	}
	a.client = c.pool.Client(a.uid)
	a.emulator.AddUser(&cometchat.User{UID: a.uid, Name: "Name " + a.uid})
	a.emulator.AddUser(&cometchat.User{UID: a.friend, Name: "Name " + a.friend})
	a.restoreWard()
	return a
}

func (a *actor) restoreWard() {
	a.emulator.AddUser(&cometchat.User{UID: a.ward, Name: "Name " + a.ward})
}

// attempt counts an attempt, and decides whether it fails, and in which way.
func (a *actor) attempt() *campaignAttempt {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.attempts++
	return decide(a.fate)
}

func (a *actor) attemptsSoFar() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.attempts
}

// step makes one call and checks it.
func (a *actor) step() {
	call := a.choose()
	before, in, took := a.attemptsSoFar(), a.in, stopwatch()
	a.lastOut = false
	err := call.do(context.WithValue(a.t.Context(), actorKey{}, a), a)
	duration := took()
	asked := a.attemptsSoFar() > before
	a.left--
	a.history = append(a.history, fmt.Sprintf("%s: %v", call.name, err))

	want := call.wants
	if call.session && !in {
		want = cometchat.ErrNotLoggedIn
	}
	if err != nil {
		a.checkError(call, err)
	} else if want != nil {
		a.failf("%v was expected", want)
	}
	foundDone := call.done != nil && errors.Is(err, call.done) && asError(err).Attempts > 1
	if foundDone || want != nil && errors.Is(err, want) {
		err = nil
	}
	switch {
	case err != nil:
		a.checkReason(err)
	case asked && (call.login || call.session && in):
		a.gone = false // the server has accepted the token, or a fresh one
		a.behind = a.behind && !call.brings
	}
	a.figures.add(call, err, foundDone, duration)
	a.checkState()
}

// choose picks the next call. A user who is logged out soon logs in.
func (a *actor) choose() *campaignCall {
	for {
		call := &campaignTable[a.choices.IntN(len(campaignTable))]
		if a.in || call.login || a.choices.IntN(2) == 0 {
			return call
		}
	}
}

// failf reports a failure with the seed and the calls that led to it.
func (a *actor) failf(format string, args ...any) {
	a.t.Helper()
	a.t.Errorf("%s (seed %d, %s). The calls of this client:\n%s", fmt.Sprintf(format, args...), a.seed, a.uid,
		strings.Join(a.history[max(0, len(a.history)-12):], "\n"))
}

// checkError checks what holds for every error: its type, the name of the method, and that no form of it has a secret.
func (a *actor) checkError(call *campaignCall, err error) {
	e := asError(err)
	if e == nil {
		a.failf("the error is a %T", err)
		return
	}
	if e.Op != call.op() {
		a.failf("the error names %q, not %q", e.Op, call.op())
	}
	asJSON, _ := json.Marshal(e)
	a.secrets.search(fmt.Sprintf("%v %+v %#v %v %s", err, err, err, errors.Unwrap(err), asJSON))
}

// checkReason checks that a call which should have succeeded has failed for a reason that the network gives.
func (a *actor) checkReason(err error) {
	switch {
	case errors.Is(err, cometchat.ErrTooManyRequests), errors.Is(err, context.DeadlineExceeded), errors.Is(err, cometchat.ErrSendUnknown):
	case code(err) == "FAILED_TO_FETCH", code(err) == "ERR_EXCEPTION":
	case errors.Is(err, cometchat.ErrAuthTokenNotFound) && a.gone: // and the provider got no fresh token
	default:
		a.failf("nothing explains the error %v", err)
	}
}

// checkState checks that client, store and server agree on the session.
func (a *actor) checkState() {
	ctx := context.Background()
	u, err := a.client.GetLoggedinUser(ctx)
	token, tokenErr := a.client.AuthToken(ctx)
	stored, storeErr := a.store.Load(ctx, a.emulator.AppID+"/"+a.uid+"/session")
	if !a.in {
		if u != nil || err != nil || !errors.Is(tokenErr, cometchat.ErrNotLoggedIn) || !errors.Is(storeErr, cometchat.ErrNoSession) {
			a.failf("nobody should be logged in: the client has %v, %v, %v, the store %v", u, err, tokenErr, storeErr)
		}
		if a.lastOut && a.ask(a.token, "/me", nil) == http.StatusOK {
			a.failf("the token is valid after a logout")
		}
		return
	}
	if u == nil || err != nil || tokenErr != nil || storeErr != nil {
		a.failf("the user should be logged in: the client has %v, %v, %v, the store %v", u, err, tokenErr, storeErr)
		return
	}
	a.token = token
	switch {
	case stored.AuthToken != token || stored.JWT == "" || stored.AppID != a.emulator.AppID:
		a.failf("the store has another session than the client")
	case fmt.Sprintf("%#v", *stored.User) != fmt.Sprintf("%#v", *u):
		a.failf("the store has the user %+v, the client %+v", stored.User, u)
	case u.UID != a.uid:
		a.failf("the user is %s", u.UID)
	}
	var known cometchat.User
	switch status := a.ask(token, "/me", &known); {
	case status != http.StatusOK && !a.gone:
		a.failf("the server refuses the token of the session with %d", status)
	case status == http.StatusOK && known.UID != a.uid:
		a.failf("the token belongs to %s", known.UID)
	case status == http.StatusOK && !a.behind && known.StatusMessage != u.StatusMessage:
		a.failf("the server has the status message %q, the session %q", known.StatusMessage, u.StatusMessage)
	}
}

// ask asks the emulator itself, not over the network, and reads the data of a success. The credential is an auth token, or the
// API key.
func (a *actor) ask(credential, path string, data any) (status int) {
	r := httptest.NewRequest(http.MethodGet, "/v3.0"+path, nil) //nolint:noctx // it goes nowhere
	r.Header.Set("appid", a.emulator.AppID)
	if credential == a.emulator.APIKey {
		r.Header.Set("apikey", credential)
	} else {
		r.Header.Set("authtoken", credential)
	}
	answer := httptest.NewRecorder()
	a.emulator.ServeHTTP(answer, r)
	if data != nil && answer.Code == http.StatusOK {
		envelope := struct {
			Data any `json:"data"`
		}{data}
		if err := json.Unmarshal(answer.Body.Bytes(), &envelope); err != nil {
			a.failf("the emulator's answer to %s: %v", path, err)
		}
	}
	return answer.Code
}
