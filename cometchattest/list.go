package cometchattest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The page sizes of lists.
const (
	defaultPerPage = 100
	maxPerPage     = 1000
)

type meta struct {
	Pagination pagination `json:"pagination"`
	Cursor     *cursor    `json:"cursor,omitempty"` // there in some lists, in others beside meta
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

// newestChange is the cursor of a page of users; nil for an empty one.
func newestChange(some []*user) *cursor {
	if len(some) == 0 {
		return nil
	}
	c := &cursor{Affix: "prepend"}
	for _, u := range some {
		c.UpdatedAt = max(c.UpdatedAt, u.changedAt())
	}
	return c
}

// cursor reads the other form of a page: the users who changed after ("append") or before ("prepend") a time.
func (q *query) cursor() func(*user) bool {
	affix := q.words("affix", "append", "prepend")
	at := q.number("updatedAt", 0, 0)
	if len(affix) == 0 {
		return func(*user) bool { return true }
	}
	if at == 0 {
		q.flaws.say("updatedAt", "field is required with affix.")
	}
	return func(u *user) bool {
		if affix[0] == "append" {
			return u.changedAt() > int64(at)
		}
		return u.changedAt() < int64(at)
	}
}

// query reads the parameters of a list and gathers what is wrong with them.
type query struct {
	values url.Values
	flaws  flaws
}

func newQuery(r *http.Request) *query { return &query{r.URL.Query(), flaws{}} }

// number reads a parameter from 1 to most; 0 is no upper limit.
func (q *query) number(name string, otherwise, most int) int {
	text := q.values.Get(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || most > 0 && n > most {
		q.flaws.say(name, "is out of range.")
		return otherwise
	}
	return n
}

func (q *query) flag(name string) bool {
	text := q.values.Get(name)
	if text == "" {
		return false
	}
	on, err := strconv.ParseBool(text)
	if err != nil {
		q.flaws.say(name, "must be true or false.")
	}
	return on
}

// words reads a parameter that may have several values. When some are allowed, others are wrong.
func (q *query) words(name string, allowed ...string) []string {
	var words []string
	for _, value := range q.values[name] {
		for word := range strings.SplitSeq(value, ",") {
			switch {
			case word == "":
			case len(allowed) > 0 && !slices.Contains(allowed, word):
				q.flaws.say(name, "must be one of "+strings.Join(allowed, ", ")+".")
			default:
				words = append(words, word)
			}
		}
	}
	return words
}

// search reads what a user's uid or name is to begin with.
func (q *query) search() func(*user) bool {
	key, in := strings.ToLower(q.values.Get("searchKey")), q.words("searchIn", "uid", "name")
	begins := func(field, value string) bool {
		return (len(in) == 0 || slices.Contains(in, field)) && strings.HasPrefix(strings.ToLower(value), key)
	}
	return func(u *user) bool { return begins("uid", u.UID) || begins("name", u.Name) }
}

// page cuts the page that the query asks for. The client SDKs spell the page's size in their own way.
func page[T any](q *query, all []T) ([]T, *meta) {
	perPage := q.number("perPage", q.number("per_page", defaultPerPage, maxPerPage), maxPerPage)
	number := q.number("page", 1, 0)
	pages := max(1, (len(all)+perPage-1)/perPage)
	some := []T{} // a list is never null
	if number <= pages {
		first := (number - 1) * perPage
		some = append(some, all[first:min(first+perPage, len(all))]...)
	}
	return some, &meta{Pagination: pagination{
		Total: len(all), Count: len(some), PerPage: perPage, CurrentPage: number, TotalPages: pages,
	}}
}
