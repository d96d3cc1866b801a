package rest

import (
	"iter"
	"reflect"
	"slices"
)

// Page is a page of a list as the API answers it.
type Page[W any] struct {
	Data []*W `json:"data"`
	Meta struct {
		Pagination struct {
			Total       int `json:"total"`
			CurrentPage int `json:"current_page"`
			TotalPages  int `json:"total_pages"`
		} `json:"pagination"`
	} `json:"meta"`
}

// maxEmptyPages is how many empty pages in a row a list goes through before it fails.
const maxEmptyPages = 10

// Pages goes through the items of a list as the loop asks for them, with perPage items on a page. fetch gets the page with a
// number, from 1; before is the page before it, or nil. convert makes of an item what the caller gets. tooEmpty makes the
// error after ten empty pages in a row.
func Pages[W, T any](perPage int, convert func(*W) *T, fetch func(number int, before *Page[W]) (*Page[W], error),
	tooEmpty func() error,
) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		var before *Page[W]
		for number, empty := 1, 0; ; number++ {
			p, err := fetch(number, before)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, item := range p.Data {
				if !yield(convert(item), nil) {
					return
				}
			}
			if empty++; len(p.Data) > 0 {
				empty = 0
			}
			if p.IsLast(number, perPage) {
				return
			}
			if empty == maxEmptyPages {
				yield(nil, tooEmpty())
				return
			}
			before = p
		}
	}
}

// IsLast reports whether no page follows the page with this number. Where the server does not say how many pages there are,
// the last page is the first empty one. In the API's own examples the totals are wrong (0 for five users), so after a full
// page there may be another one all the same.
func (p *Page[W]) IsLast(number, perPage int) bool {
	said := p.Meta.Pagination
	switch {
	case said.TotalPages <= 0:
		return len(p.Data) == 0
	case number < said.TotalPages:
		return false
	}
	return len(p.Data) < perPage || (number-1)*perPage+len(p.Data) == said.Total
}

// Flaw says what is wrong with the page that was asked for as number, or "". flaw says the same of an item; before is the page
// before, or nil.
func (p *Page[W]) Flaw(number int, before *Page[W], flaw func(*W) string) string {
	switch current := p.Meta.Pagination.CurrentPage; {
	case p.Data == nil:
		return "the server's answer has no data"
	case slices.Contains(p.Data, nil):
		return "the server's answer has a gap in its list"
	case current != 0 && current != number, p.repeats(number, before):
		return "the server's answer is another page than was asked for"
	}
	for _, item := range p.Data {
		if f := flaw(item); f != "" {
			return f
		}
	}
	return ""
}

// repeats reports whether the server has sent the page before once more, so that the list would not end. A page that the server
// counts, and whose number it says, may begin with the same item: the item has moved since.
func (p *Page[W]) repeats(number int, before *Page[W]) bool {
	said := p.Meta.Pagination
	counted := said.CurrentPage == number && number <= said.TotalPages
	return !counted && before != nil && len(before.Data) > 0 && len(p.Data) > 0 && reflect.DeepEqual(p.Data[0], before.Data[0])
}
