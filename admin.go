package cometchat

import (
	"context"
	"fmt"
	"iter"
	"strconv"
)

// Admin is the server's half of CometChat: with a REST API key it creates users and makes and revokes their auth tokens.
// Such a key can do everything, so it belongs on your server and nowhere else.
//
// Make it with [NewAdmin], share it, and Close it at the end. All its methods may be called from any number of goroutines.
// Every call ends: with its context, or else after the timeout (see [WithTimeout]).
//
// Beside the errors that a method names, each may fail with ErrAPIKeyNotFound, ErrNoAccess, ErrInvalidAppID or
// ErrTooManyRequests, when the server refuses; with ErrMissingParameters, ErrInvalidUID or ErrBadRequest, before any
// request, for an argument that cannot be used; and with ErrClosed after Close.
type Admin struct {
	calls      *lifecycle
	rest       *restClient
	key        func() credential // a function, as fmt would print what a pointer points to
	onBehalfOf string
	caches     *tokenCaches
}

// NewAdmin returns an Admin for the app with this id. It makes no request. Of the options, WithRegion (or WithAdminHost
// instead) is required; those about sessions, WithSessionStore and WithTokenProvider among them, are refused.
//
// It fails as [New] does, and with ErrMissingParameters or ErrBadRequest for an API key that cannot be used.
func NewAdmin(appID, apiKey string, opts ...Option) (*Admin, error) {
	const op = "NewAdmin"
	if err := checkSecret(op, "API key", apiKey, maxKeyLength); err != nil {
		return nil, err
	}
	cfg, err := newConfig(op, appID, opts, forAdmin)
	if err != nil {
		return nil, err
	}
	return &Admin{
		calls: newLifecycle(cfg.timeout), rest: newRESTClient(cfg),
		key:    func() credential { return credential{apiKeyHeader, apiKey} },
		caches: &tokenCaches{},
	}, nil
}

// Close ends what is running, whose callers get ErrClosed, and releases the connections. Further calls fail with
// ErrClosed. The error is always nil.
func (a *Admin) Close() error {
	if a.lifecycle().close() {
		a.rest.closeIdle()
	}
	return nil
}

// Format says what it is for every verb, and shows nothing of the key.
func (a *Admin) Format(s fmt.State, verb rune) { formatText(s, verb, "admin of a CometChat app") }

// RateLimit returns what the newest answer that spoke of the app's rate limit said; ok is false before the first. It makes
// no request.
func (a *Admin) RateLimit() (limit RateLimit, ok bool) {
	if a.lifecycle() == nil {
		return RateLimit{}, false
	}
	return a.rest.lastRateLimit()
}

// OnBehalfOf returns an Admin that acts as the user uid where the API takes that (the onBehalfOf header): in GetUser, whose
// answer then has what is between the two users, as in BlockedByMe; an empty uid is nobody. It shares everything with a,
// which stays as it is.
func (a *Admin) OnBehalfOf(uid string) *Admin {
	if a == nil {
		return nil
	}
	other := *a
	other.onBehalfOf = uid
	return &other
}

// lifecycle is nil for an admin that nobody made.
func (a *Admin) lifecycle() *lifecycle {
	if a == nil {
		return nil
	}
	return a.calls
}

// adminCall makes a call with the key.
func adminCall[T any](ctx context.Context, a *Admin, req request, flaw func(*T) string) (data *T, err error) {
	ctx, end, err := a.lifecycle().begin(ctx, req.op)
	if err != nil {
		return nil, err
	}
	defer func() { err = end(err) }()
	req.credential = a.key()
	return send(ctx, a.rest, req, flaw)
}

// revoke makes a call after which tokens of a user are no longer valid. That is assumed even when it fails: the answer may
// have been lost.
func (a *Admin) revoke(ctx context.Context, req request) (err error) {
	ctx, end, err := a.lifecycle().begin(ctx, req.op)
	if err != nil {
		return err
	}
	defer func() { err = end(err) }()
	defer a.caches.forget(req.uid)
	req.credential = a.key()
	return a.rest.do(ctx, req, acknowledged)
}

// forget drops the tokens of a user from the caches of the token handlers.
func (a *Admin) forget(uid string) {
	if a.lifecycle() != nil {
		a.caches.forget(uid)
	}
}

// adminList goes through the pages of a list with the key; see list.
func adminList[W, T any](ctx context.Context, a *Admin, req request, flaw func(*W) string, convert func(*W) *T,
) iter.Seq2[*T, error] {
	perPage, _ := strconv.Atoi(req.query.Get("perPage"))
	return list(perPage, flaw, convert, func(number int, flaw func(*listPage[W]) string) (_ *listPage[W], err error) {
		ctx, end, err := a.lifecycle().begin(ctx, req.op)
		if err != nil {
			return nil, err
		}
		defer func() { err = end(err) }()
		req.credential = a.key()
		req.query.Set("page", strconv.Itoa(number))
		return exchange(ctx, a.rest, req, flaw)
	})
}
