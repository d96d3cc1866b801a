package cometchat

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"log/slog"
	"net/url"
	"strconv"

	"github.com/cometchat-go/cometchat/internal/redact"
	"github.com/cometchat-go/cometchat/internal/rest"
)

// Admin is the server's half of CometChat: with a REST API key it manages users and their auth tokens, groups and their members,
// friends and roles, and sends, reads and changes messages, as the app itself (the user "app_system", see [AppUID]) or on behalf of a
// user, see [Admin.OnBehalfOf]. The key can do everything, so it belongs on your server and nowhere else.
//
// Make it with [NewAdmin], share it, and close it at the end. All its methods are safe for concurrent use. Every call ends:
// with its context, or else after the timeout (see [WithTimeout]).
//
// Beside the errors that a method names, each method may fail with ErrAPIKeyNotFound, ErrNoAccess, ErrInvalidAppID or
// ErrTooManyRequests when the server refuses; with ErrMissingParameters, ErrInvalidUID or ErrBadRequest before any request,
// for an argument that cannot be used; and with ErrClosed after Close. A method that acts for a user only fails with
// ErrMissingParameters before any request, if OnBehalfOf has not named the user; and with ErrUIDNotFound if there is no such user.
type Admin struct {
	calls      *lifecycle
	rest       *rest.Client
	key        func() rest.Credential // a function: fmt would print the key of a field, also behind a pointer
	onBehalfOf string
	sends      *sends       // of the app and of all users that it acts as
	logger     *slog.Logger // of its TokenHandlers
}

// NewAdmin returns an Admin for the app with this id. It makes no request. WithRegion is required, or WithAdminHost in its
// place. Options about sessions, such as WithSessionStore and WithTokenProvider, are refused.
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
		calls: newLifecycle(nil, cfg.timeout), rest: newREST(cfg),
		key: func() rest.Credential { return rest.APIKey(apiKey) }, sends: &sends{}, logger: cfg.logger,
	}, nil
}

// Close ends the calls that are running, which fail with ErrClosed, and closes the connections. Further calls fail with
// ErrClosed. The error is always nil.
func (a *Admin) Close() error {
	if a.lifecycle() != nil {
		a.calls.close()
		a.rest.Close()
	}
	return nil
}

// Format writes the same words for every verb, and nothing of the key.
func (a *Admin) Format(s fmt.State, verb rune) { redact.Format(s, verb, "admin of a CometChat app") }

// RateLimit returns what the server last said about the app's rate limit; ok is false before an answer has mentioned it. It
// makes no request.
func (a *Admin) RateLimit() (limit RateLimit, ok bool) {
	if a.lifecycle() == nil {
		return RateLimit{}, false
	}
	return lastRateLimit(a.rest)
}

// OnBehalfOf returns an Admin that acts as the user uid where the API allows it (the onBehalfOf header); an empty uid is
// the app. GetUser then returns what is between the two users too, such as BlockedByMe; a message is sent by the user, and calls about
// groups have the rights of the user. The new Admin shares everything else with a, which does not change. Making one costs nothing:
// make one for each call, if you like.
func (a *Admin) OnBehalfOf(uid string) *Admin {
	if a == nil {
		return nil
	}
	other := *a
	other.onBehalfOf = uid
	return &other
}

// acting returns the request on behalf of the user of OnBehalfOf, if there is one.
func (a *Admin) acting(req rest.Request) (rest.Request, error) {
	if a == nil || a.onBehalfOf == "" {
		return req, nil
	}
	req.OnBehalfOf = a.onBehalfOf
	return req, checkUID(req.Op, a.onBehalfOf)
}

// lifecycle returns nil for an Admin that was not made by NewAdmin.
func (a *Admin) lifecycle() *lifecycle {
	if a == nil {
		return nil
	}
	return a.calls
}

// adminCall makes a call with the key and reads the "data" of the answer.
func adminCall[T any](ctx context.Context, a *Admin, req rest.Request, flaw func(*T) string) (data *T, err error) {
	ctx, end, err := a.lifecycle().begin(ctx, req.Op)
	if err != nil {
		return nil, err
	}
	defer func() { err = end(err) }()
	req.Credential = a.key()
	return send(ctx, a.rest, req, flaw)
}

// carryOut makes a call whose answer has nothing but success.
func (a *Admin) carryOut(ctx context.Context, req rest.Request) (err error) {
	ctx, end, err := a.lifecycle().begin(ctx, req.Op)
	if err != nil {
		return err
	}
	defer func() { err = end(err) }()
	req.Credential = a.key()
	return acknowledge(ctx, a.rest, req)
}

// serverPerPage sets the size of a page under the server API's name for it.
func serverPerPage(op string, q url.Values, limit int) error {
	if limit < 0 || limit > maxPerPage {
		return newError(op, ErrBadRequest, "the limit %d is not from 1 to %d", limit, maxPerPage)
	}
	q.Set("perPage", strconv.Itoa(cmp.Or(limit, defaultPerPage)))
	return nil
}

// onlyForClients is the error for a filter that the API does not document for servers: it would list too much without a word.
func onlyForClients(op string) error {
	return newError(op, ErrBadRequest, "CometChat documents this filter for clients only")
}

// adminAll goes through the list that newList makes when the loop begins.
func adminAll[W, T any](ctx context.Context, newList func() (*adminList[W, T], error)) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		l, err := newList()
		if err != nil {
			yield(nil, err)
			return
		}
		l.all(ctx)(yield)
	}
}

// adminPage returns one page of the list that newList makes.
func adminPage[W, T any](ctx context.Context, cursor string, newList func() (*adminList[W, T], error)) (*Page[*T], error) {
	l, err := newList()
	if err != nil {
		return nil, err
	}
	return l.page(ctx, cursor)
}

// adminList is a list that an Admin goes through.
type adminList[W, T any] struct {
	a       *Admin
	req     rest.Request
	perPage int
	flaw    func(*W) string
	convert func(*W) *T
}

func newAdminList[W, T any](a *Admin, req rest.Request, flaw func(*W) string, convert func(*W) *T) *adminList[W, T] {
	perPage, _ := strconv.Atoi(req.Query.Get("perPage"))
	req.MaxBody = maxPageBody(perPage, maxUserSize)
	return &adminList[W, T]{a, req, perPage, flaw, convert}
}

// fetch gets a page.
func (l *adminList[W, T]) fetch(ctx context.Context, number int, before *rest.Page[W]) (_ *rest.Page[W], err error) {
	ctx, end, err := l.a.lifecycle().begin(ctx, l.req.Op)
	if err != nil {
		return nil, err
	}
	defer func() { err = end(err) }()
	l.req.Credential = l.a.key()
	l.req.Query.Set("page", strconv.Itoa(number))
	return exchange(ctx, l.a.rest, l.req, func(p *rest.Page[W]) string { return p.Flaw(number, before, l.flaw) })
}

// all goes through the list.
func (l *adminList[W, T]) all(ctx context.Context) iter.Seq2[*T, error] {
	return rest.Pages(l.perPage, l.convert, func(number int, before *rest.Page[W]) (*rest.Page[W], error) {
		return l.fetch(ctx, number, before)
	}, func() error { return emptyPages(l.req.Op) })
}

// page returns one page of the list.
func (l *adminList[W, T]) page(ctx context.Context, cursor string) (*Page[*T], error) {
	number, err := pageNumber(l.req.Op, cursor)
	if err != nil {
		return nil, err
	}
	p, err := l.fetch(ctx, number, nil)
	if err != nil {
		return nil, err
	}
	return newPage(p, number, l.perPage, l.convert), nil
}
