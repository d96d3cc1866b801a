package cometchat

import (
	"iter"
	"reflect"
	"slices"
)

// The API's page sizes.
const (
	defaultPerPage = 100
	maxPerPage     = 1000
)

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
