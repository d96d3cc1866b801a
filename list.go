package cometchat

import (
	"iter"
	"reflect"
	"slices"
	"strings"
)

// The API's page sizes.
const (
	defaultPerPage = 100
	maxPerPage     = 1000
)

// wireStatus is a status as the API is asked for it.
func wireStatus(op, status string) (string, error) {
	switch status {
	case "", StatusOffline:
		return status, nil
	case StatusOnline:
		return statusAvailable, nil
	}
	return "", newError(op, ErrBadRequest, "the status %q is not %s or %s", status, StatusOnline, StatusOffline)
}

func checkSearchIn(op string, fields []string) error {
	for _, in := range fields {
		if in != "uid" && in != "name" {
			return newError(op, ErrBadRequest, "users cannot be searched in %q, only in uid and name", in)
		}
	}
	return nil
}

// checkNoComma looks at texts that a query joins with commas.
func checkNoComma(op string, lists ...[]string) error {
	for _, text := range slices.Concat(lists...) {
		if strings.Contains(text, ",") {
			return newError(op, ErrBadRequest, "%.200q has a comma, and would be taken for two", text)
		}
	}
	return nil
}

// listPage is a page of a list as the API answers it.
type listPage[W any] struct {
	Data []*W `json:"data"`
	Meta struct {
		Pagination struct {
			Total       int `json:"total"`
			CurrentPage int `json:"current_page"`
			TotalPages  int `json:"total_pages"`
		} `json:"pagination"`
	} `json:"meta"`
}

// list goes through the pages of a list as the loop asks for them. fetch gets the page with a number, from 1, and says what
// is wrong with it; flaw says what is wrong with an item; convert makes of it what the caller gets.
func list[W, T any](perPage int, flaw func(*W) string, convert func(*W) *T,
	fetch func(number int, flaw func(*listPage[W]) string) (*listPage[W], error),
) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		var before *W // the first item of the page before
		for number, seen := 1, 0; ; number++ {
			p, err := fetch(number, func(p *listPage[W]) string { return p.flaw(number, before, flaw) })
			if err != nil {
				yield(nil, err)
				return
			}
			for _, item := range p.Data {
				if !yield(convert(item), nil) {
					return
				}
			}
			seen += len(p.Data)
			// The totals are not reliable in the API's own examples (a total of 0 for five users), so a full page is
			// reason enough to ask for another.
			full := len(p.Data) >= perPage && seen != p.Meta.Pagination.Total
			if len(p.Data) == 0 || !full && number >= p.Meta.Pagination.TotalPages {
				return
			}
			before = p.Data[0]
		}
	}
}

// flaw says what is wrong with the answer to a request for the page with this number; before is the first item of the one
// before it.
func (p *listPage[W]) flaw(number int, before *W, flaw func(*W) string) string {
	switch current := p.Meta.Pagination.CurrentPage; {
	case p.Data == nil:
		return "the server's answer has no data"
	case slices.Contains(p.Data, nil):
		return "the server's answer has a gap in its list"
	case current != 0 && current != number, number > 1 && len(p.Data) > 0 && reflect.DeepEqual(p.Data[0], before):
		return "the server's answer is another page than was asked for"
	}
	for _, item := range p.Data {
		if f := flaw(item); f != "" {
			return f
		}
	}
	return ""
}
