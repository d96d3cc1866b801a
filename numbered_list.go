package cometchat

import (
	"context"
	"iter"
	"net/url"
	"strconv"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// numberedList is a list of the client's whose pages have numbers. W is an item as the API writes it, T what the caller gets.
type numberedList[W, T any] struct {
	c         *Client
	op, route string
	vars      map[string]string                   // the values of the route's names in braces
	query     func(op string) (url.Values, error) // checks the request; without the number of the page
	itemSize  int                                 // the size of an item, in bytes
	flaw      func(*W) string
	convert   func(*W) *T
}

// all goes through the list. The request is checked when the loop begins, and each loop starts at the first page.
func (l numberedList[W, T]) all(ctx context.Context) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		pages, err := l.begin()
		if err != nil {
			yield(nil, err)
			return
		}
		rest.Pages(pages.perPage, l.convert, func(number int, before *rest.Page[W]) (*rest.Page[W], error) {
			return pages.fetch(ctx, number, before)
		}, func() error { return emptyPages(l.op) })(yield)
	}
}

// page returns one page of the list.
func (l numberedList[W, T]) page(ctx context.Context, cursor string) (*Page[*T], error) {
	number, err := pageNumber(l.op, cursor)
	if err != nil {
		return nil, err
	}
	pages, err := l.begin()
	if err != nil {
		return nil, err
	}
	p, err := pages.fetch(ctx, number, nil)
	if err != nil {
		return nil, err
	}
	return newPage(p, number, pages.perPage, l.convert), nil
}

// numberedPages is one way through a numberedList.
type numberedPages[W, T any] struct {
	numberedList[W, T]
	query   url.Values
	perPage int
	first   *Session // nil before the first page: the list must not go on as another user's
}

func (l numberedList[W, T]) begin() (*numberedPages[W, T], error) {
	query, err := l.query(l.op)
	if err != nil {
		return nil, err
	}
	perPage, _ := strconv.Atoi(query.Get("per_page"))
	return &numberedPages[W, T]{numberedList: l, query: query, perPage: perPage}, nil
}

// fetch gets a page. before is the page before it, or nil.
func (l *numberedPages[W, T]) fetch(ctx context.Context, number int, before *rest.Page[W]) (p *rest.Page[W], err error) {
	l.query.Set("page", strconv.Itoa(number))
	err = l.c.withSession(ctx, l.op, func(ctx context.Context, s *Session) (err error) {
		if l.first == nil {
			l.first = s
		} else if !l.first.sameUser(s) {
			return newError(l.op, ErrNotLoggedIn, "another user has logged in since the list began")
		}
		p, err = exchange(ctx, l.c.rest, rest.Request{
			Op: l.op, Method: "GET", Route: l.route, Vars: l.vars, Query: l.query, Credential: rest.AuthToken(s.AuthToken),
			MaxBody: maxPageBody(l.perPage, l.itemSize),
		}, func(p *rest.Page[W]) string { return p.Flaw(number, before, l.flaw) })
		return err
	})
	return p, err
}

// defaultLimit is the JavaScript SDK's size of a page.
const defaultLimit = 30

// setLimit sets the size of a page, at most most, under the client API's name for it.
func setLimit(op string, q url.Values, limit, most int) error {
	if limit < 0 || limit > most {
		return newError(op, ErrBadRequest, "the limit %d is not from 1 to %d", limit, most)
	}
	if limit == 0 {
		limit = defaultLimit
	}
	q.Set("per_page", strconv.Itoa(limit))
	return nil
}

// flag writes a flag for the client API, which has no word for false.
func flag(on bool) string {
	if on {
		return "1"
	}
	return ""
}
