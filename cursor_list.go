package cometchat

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// The directions of a list without page numbers.
const (
	affixBack    = "prepend"
	affixForward = "append"
)

// position is where a page of a list without page numbers begins, in the words of the query. The zero value is the beginning.
type position struct {
	ID        string `json:"id"`
	SentAt    string `json:"sentAt"`
	UpdatedAt string `json:"updatedAt"`
	PinnedAt  string `json:"pinnedAt"`
	SavedAt   string `json:"savedAt"`
}

// keys returns the names of the position in a query, each with its value.
func (at *position) keys() map[string]*string {
	return map[string]*string{
		"id": &at.ID, "sentAt": &at.SentAt, "updatedAt": &at.UpdatedAt, "pinnedAt": &at.PinnedAt, "savedAt": &at.SavedAt,
	}
}

// set adds the position to a query.
func (at position) set(q url.Values) {
	for name, value := range at.keys() {
		if *value != "" {
			q.Set(name, *value)
		}
	}
}

// cursor returns the position as a [Page.Next]; "" for the beginning.
func (at position) cursor() string {
	q := url.Values{}
	at.set(q)
	return q.Encode()
}

// readCursor reads what cursor has written.
func readCursor(op, cursor string) (at position, err error) {
	q, err := url.ParseQuery(cursor)
	for name, values := range q {
		field := at.keys()[name]
		if field == nil || len(values) != 1 || !isMessageID(values[0]) {
			err = strconv.ErrSyntax
			continue
		}
		*field = values[0]
	}
	if err != nil {
		return position{}, newError(op, ErrBadRequest, "the cursor %.50q is not one of this list's", cursor)
	}
	return at, nil
}

// cursorPage is a page of a list without page numbers, in any of the forms that the API has for them.
type cursorPage[W any] struct {
	Data []*W `json:"data"`
	Meta struct {
		Pagination struct {
			PerPage     int `json:"per_page"`
			CurrentPage int `json:"current_page"`
			TotalPages  int `json:"total_pages"`
		} `json:"pagination"`
		Cursor  position `json:"cursor"` // beside the pagination
		Current struct {
			Limit int `json:"limit"`
		} `json:"current"`
		Next position `json:"next"` // beside the current
	} `json:"meta"`
}

// next returns where the server says that the next page begins; the zero value if it does not say.
func (p *cursorPage[W]) next() position {
	at := p.Meta.Cursor
	if at == (position{}) {
		at = p.Meta.Next
	}
	for _, value := range at.keys() {
		if !isMessageID(*value) {
			*value = ""
		}
	}
	return at
}

// isLast reports whether the server says that no page follows, when limit items were asked for. A full page never is the last:
// the totals of the API's own examples are wrong.
func (p *cursorPage[W]) isLast(limit int) bool {
	if said := cmp.Or(p.Meta.Pagination.PerPage, p.Meta.Current.Limit); said > 0 {
		limit = min(limit, said)
	}
	if len(p.Data) >= limit {
		return false
	}
	pages := p.Meta.Pagination.TotalPages
	return p.next() == (position{}) || pages > 0 && pages <= max(1, p.Meta.Pagination.CurrentPage)
}

// maxEmptyPages is how many empty pages in a row a list goes through before it fails.
const maxEmptyPages = 10

// cursorList is a list without page numbers, for one user.
type cursorList[W, T any] struct {
	op     string
	req    rest.Request // without its credential and the position
	limit  int
	start  position
	follow url.Values    // what the query has from the second page on
	usable func(*W) bool // whether a row that is not null is an item
	// turn returns the items of a page that began at a position, and where the next page begins: the zero position after the last
	// page.
	turn  func(p *cursorPage[W], at position) (items []*T, next position)
	first string // the uid as whom the first page was requested: the list must not go on as another user's
}

// maxMessagesBody returns the most that is read of a page of messages, in bytes. A message has up to 65,536 characters, which JSON
// writes in up to 6 bytes each, and beside them its users, and the message that it quotes.
func maxMessagesBody(limit int) int { return min(4<<20+limit*(512<<10), 64<<20) }

func (l *cursorList[W, T]) fetch(ctx context.Context, as callAs, at position) (p *cursorPage[W], err error) {
	req := l.req
	req.Op, req.MaxBody, req.Query = l.op, maxMessagesBody(l.limit), maps.Clone(l.req.Query)
	if at != l.start {
		maps.Copy(req.Query, l.follow)
	}
	at.set(req.Query)
	err = as(ctx, l.op, func(ctx context.Context, by caller) (err error) {
		if l.first = cmp.Or(l.first, by.uid); !sameUID(l.first, by.uid) {
			return newError(l.op, ErrNotLoggedIn, "another user has logged in since the list began")
		}
		p, err = exchange(ctx, by.rest, by.signed(req), l.flaw)
		return err
	})
	return p, err
}

// flaw says what is wrong with a page; "" if nothing. turn leaves out the rows that are no items: one such row must not make a
// history unreadable. But a page of such rows alone is an error, and not the end of the list.
func (l *cursorList[W, T]) flaw(p *cursorPage[W]) string {
	if p.Data == nil {
		return "the server's answer has no data"
	}
	for _, row := range p.Data {
		if row != nil && l.usable(row) {
			return ""
		}
	}
	if len(p.Data) > 0 {
		return "the server's answer has no item that can be read"
	}
	return ""
}

// all goes through the list.
func (l *cursorList[W, T]) all(ctx context.Context, as callAs) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		for at, empty := l.start, 0; ; {
			p, err := l.fetch(ctx, as, at)
			if err != nil {
				yield(nil, err)
				return
			}
			items, next := l.turn(p, at)
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if empty++; len(items) > 0 {
				empty = 0
			}
			switch {
			case next == (position{}) || next == at:
				return
			case empty == maxEmptyPages:
				yield(nil, emptyPages(l.op))
				return
			}
			at = next
		}
	}
}

// page returns one page of the list.
func (l *cursorList[W, T]) page(ctx context.Context, as callAs, cursor string) (*Page[*T], error) {
	at, err := readCursor(l.op, cursor)
	if err != nil {
		return nil, err
	}
	if cursor == "" {
		at = l.start
	}
	p, err := l.fetch(ctx, as, at)
	if err != nil {
		return nil, err
	}
	items, next := l.turn(p, at)
	if next == at {
		next = position{}
	}
	return &Page[*T]{Items: items, Next: next.cursor()}, nil
}

// listAll goes through the list that newList makes when the loop begins.
func listAll[W, T any](ctx context.Context, as callAs, newList func() (*cursorList[W, T], error)) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		l, err := newList()
		if err != nil {
			yield(nil, err)
			return
		}
		l.all(ctx, as)(yield)
	}
}

// listPage returns one page of the list that newList makes.
func listPage[W, T any](ctx context.Context, as callAs, cursor string, newList func() (*cursorList[W, T], error)) (*Page[*T], error) {
	l, err := newList()
	if err != nil {
		return nil, err
	}
	return l.page(ctx, as, cursor)
}

// newTo returns the items whose keys seen does not have, and adds these keys.
func newTo[T any](seen map[string]bool, items []*T, key func(*T) string) (fresh []*T) {
	for _, item := range items {
		if k := key(item); !seen[k] {
			seen[k] = true
			fresh = append(fresh, item)
		}
	}
	return fresh
}

// setCursorLimit sets the page size of a list without page numbers.
func setCursorLimit(op string, q url.Values, name string, limit, most, standard int) (int, error) {
	if limit < 0 || limit > most {
		return 0, newError(op, ErrBadRequest, "the limit %d is not from 1 to %d", limit, most)
	}
	limit = cmp.Or(limit, standard)
	q.Set(name, strconv.Itoa(limit))
	return limit, nil
}

// setTexts adds texts to a query: lists joined with commas; none for an empty text.
func setTexts(q url.Values, texts map[string]string) {
	for name, value := range texts {
		if value = strings.TrimSpace(value); value != "" {
			q.Set(name, value)
		}
	}
}

// unixText writes a time for a query. No message is older than 1970.
func unixText(t time.Time) string { return strconv.FormatInt(max(0, t.Unix()), 10) }
