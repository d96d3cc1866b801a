package cometchattest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// The page sizes of lists.
const (
	defaultPerPage = 100
	maxPerPage     = 1000
)

// meta is what a list says about its page: in the form of the list, with some of these fields.
type meta struct {
	Pagination *pagination `json:"pagination,omitempty"`
	Cursor     any         `json:"cursor,omitempty"` // some lists have it here, others beside meta
	Current    *current    `json:"current,omitempty"`
	Next       *position   `json:"next,omitempty"`     // where more follow
	Previous   *position   `json:"previous,omitempty"` // where more come before, in the list of reactions
}

// current is the page of a list that has no page numbers.
type current struct {
	Limit int `json:"limit"`
	Count int `json:"count"`
}

// position is where a page of messages or reactions ends. A request for the next page has its fields.
type position struct {
	Affix     string `json:"affix"`
	SentAt    int64  `json:"sentAt,omitempty"`
	UpdatedAt int64  `json:"updatedAt,omitempty"`
	ID        string `json:"id"`
}

type pagination struct {
	Total       int `json:"total"`
	Count       int `json:"count"`
	PerPage     int `json:"per_page"`
	CurrentPage int `json:"current_page"`
	TotalPages  int `json:"total_pages"`
}

type cursor struct {
	UpdatedAt int64  `json:"updatedAt"`
	Affix     string `json:"affix"`
}

// newestChange returns the cursor of a page of users, or nil for an empty page.
func newestChange(users []*store.User) *cursor {
	if len(users) == 0 {
		return nil
	}
	c := &cursor{Affix: "prepend"}
	for _, u := range users {
		c.UpdatedAt = max(c.UpdatedAt, u.ChangedAt())
	}
	return c
}

// query reads the parameters of a list and collects what is wrong with them.
type query struct {
	values url.Values
	errs   store.FieldErrors
}

func newQuery(r *http.Request) *query { return &query{r.URL.Query(), store.FieldErrors{}} }

// number reads a parameter from 1 to limit, or without an upper limit if limit is 0.
func (q *query) number(name string, otherwise, limit int) int {
	text := q.values.Get(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || limit > 0 && n > limit {
		q.errs.Add(name, "is out of range.")
		return otherwise
	}
	return n
}

// count reads a parameter that is a number from 0 on, such as an id or a time. Without it, ok is false.
func (q *query) count(name string) (n int, ok bool) {
	text := q.values.Get(name)
	if text == "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		q.errs.Add(name, "must be a number.")
		return 0, false
	}
	return n, true
}

func (q *query) flag(name string) bool {
	text := q.values.Get(name)
	if text == "" {
		return false
	}
	on, err := strconv.ParseBool(text)
	if err != nil {
		q.errs.Add(name, "must be true or false.")
	}
	return on
}

// words reads a parameter that may have several values. If there is a list of allowed values, any other is an error.
func (q *query) words(name string, allowed ...string) []string {
	var words []string
	for _, value := range q.values[name] {
		for word := range strings.SplitSeq(value, ",") {
			switch {
			case word == "":
			case len(allowed) > 0 && !slices.Contains(allowed, word):
				q.errs.Add(name, "must be one of "+strings.Join(allowed, ", ")+".")
			default:
				words = append(words, word)
			}
		}
	}
	return words
}

// page returns the page that the query asks for.
func page[T any](q *query, all []T) ([]T, *meta) { return pageOf(q, all, defaultPerPage, maxPerPage) }

// size reads the size of a page, for which the servers' and the clients' API have different names.
func (q *query) size(otherwise, limit int) int {
	for _, name := range []string{"perPage", "per_page", "limit"} {
		if q.values.Get(name) != "" {
			return q.number(name, otherwise, limit)
		}
	}
	return otherwise
}

func pageOf[T any](q *query, all []T, otherwise, limit int) ([]T, *meta) {
	perPage := q.size(otherwise, limit)
	number := q.number("page", 1, 0)
	pages := max(1, (len(all)+perPage-1)/perPage)
	items := []T{} // a list is never null
	if number <= pages {
		first := (number - 1) * perPage
		items = append(items, all[first:min(first+perPage, len(all))]...)
	}
	return items, &meta{Pagination: &pagination{
		Total: len(all), Count: len(items), PerPage: perPage, CurrentPage: number, TotalPages: pages,
	}}
}

// containsFold reports whether an id is among ids, without regard to case, as the server compares ids.
func containsFold(ids []string, id string) bool {
	return slices.ContainsFunc(ids, func(other string) bool { return strings.EqualFold(other, id) })
}
