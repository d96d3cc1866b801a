package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/webhook"
)

const (
	cookieName      = "__Host-session" // browsers send such a cookie back to this host alone, over https or to localhost
	webhookUsername = "cometchat"
)

var nameForm = regexp.MustCompile(`^[a-z0-9_-]{1,50}$`)

type backend struct {
	config
	admin    *cometchat.Admin
	accounts *accounts
	handler  http.Handler
}

func newBackend(c config) (*backend, error) {
	people, err := newAccounts()
	if err != nil {
		return nil, err
	}
	admin, err := cometchat.NewAdmin(c.appID, c.apiKey, append(slices.Clip(c.options), cometchat.WithLogger(c.log))...)
	if err != nil {
		return nil, err
	}
	b := &backend{config: c, admin: admin, accounts: people}
	tokens, err := cometchat.TokenHandler(admin, b.identify, cometchat.WithNewUsers(b.describe))
	if err != nil {
		return nil, err
	}
	events, err := webhook.Handler(webhookUsername, c.webhookPassword, b.handleEvent, webhook.WithLogger(c.log))
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	sameSite := http.NewCrossOriginProtection() // the two endpoints of the SDK protect themselves
	mux.Handle("POST /signup", sameSite.Handler(http.HandlerFunc(b.signUp)))
	mux.Handle("POST /login", sameSite.Handler(http.HandlerFunc(b.logIn)))
	mux.Handle("/chat/token", tokens)
	mux.Handle("/webhooks/cometchat", events)
	b.handler = mux
	return b, nil
}

// identify says who makes a request: the account of the session cookie.
func (b *backend) identify(r *http.Request) (uid string, err error) {
	a, err := b.loggedIn(r)
	if err != nil {
		return "", err
	}
	return a.uid, nil
}

// describe describes an account to CometChat, in case signUp could not.
func (b *backend) describe(r *http.Request, _ string) (*cometchat.User, error) {
	a, err := b.loggedIn(r)
	if err != nil {
		return nil, err
	}
	return &cometchat.User{Name: a.name}, nil
}

func (b *backend) loggedIn(r *http.Request) (*account, error) {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return nil, cometchat.ErrUnauthenticated // no cookie
	}
	if a := b.accounts.find(cookie.Value); a != nil {
		return a, nil
	}
	return nil, cometchat.ErrUnauthenticated
}

// handleEvent gets each event of CometChat's webhook once.
func (b *backend) handleEvent(ctx context.Context, e *webhook.Event) error {
	switch p := e.Payload.(type) {
	case *webhook.MessageSent:
		b.log.InfoContext(ctx, "a message was sent", "id", p.MessageID, "receiver", p.Receiver)
	case *webhook.UserMentioned:
		b.log.InfoContext(ctx, "a user was mentioned", "id", p.MessageID)
		return b.answerMention(ctx, e.ID, p)
	default:
		b.log.InfoContext(ctx, "an event happened", "trigger", e.Trigger)
	}
	return nil
}

// credentials is the body of a sign-up and of a login.
type credentials struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

// read answers 400 and returns false if the body has no credentials.
func (c *credentials) read(w http.ResponseWriter, r *http.Request) bool {
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(c)
	if err != nil || !nameForm.MatchString(c.Name) || len(c.Password) < 12 {
		http.Error(w, "send a name of a-z, 0-9, - and _, and a password of at least 12 characters", http.StatusBadRequest)
		return false
	}
	return true
}

func (b *backend) signUp(w http.ResponseWriter, r *http.Request) {
	var c credentials
	if !c.read(w, r) {
		return
	}
	a, err := b.accounts.signUp(c.Name, c.Password)
	if errors.Is(err, errNameTaken) {
		http.Error(w, "the name is taken", http.StatusConflict)
		return
	}
	if err != nil {
		b.fail(w, r, err)
		return
	}
	// Others can write to the user from now on.
	if err := b.welcomeToChat(r.Context(), a); err != nil {
		b.log.WarnContext(r.Context(), "a new user was not welcomed in the chat", "error", err)
	}
	b.welcome(w, a)
}

func (b *backend) logIn(w http.ResponseWriter, r *http.Request) {
	var c credentials
	if !c.read(w, r) {
		return
	}
	a, err := b.accounts.check(c.Name, c.Password)
	switch {
	case err != nil:
		b.fail(w, r, err)
	case a == nil:
		http.Error(w, "the name or the password is wrong", http.StatusUnauthorized)
	default:
		b.welcome(w, a)
	}
}

func (b *backend) fail(w http.ResponseWriter, r *http.Request, err error) {
	b.log.ErrorContext(r.Context(), "a request failed", "error", err)
	http.Error(w, "something is wrong here", http.StatusInternalServerError)
}

// welcome logs an account in.
func (b *backend) welcome(w http.ResponseWriter, a *account) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: b.accounts.open(a), Path: "/", MaxAge: int(sessionTime.Seconds()),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	w.WriteHeader(http.StatusNoContent)
}
