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

// Pages goes through the pages of a list as the loop asks for them. fetch gets the page with a number, from 1; the function
// that it is given says what is wrong with the page, or "". flaw says the same of an item, and convert makes of an item what
// the caller gets.
func Pages[W, T any](perPage int, flaw func(*W) string, convert func(*W) *T,
	fetch func(number int, flaw func(*Page[W]) string) (*Page[W], error),
) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		var before *W // the first item of the page before
		for number, seen := 1, 0; ; number++ {
			p, err := fetch(number, func(p *Page[W]) string { return p.flaw(number, before, flaw) })
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
			// The totals of the API's own examples are wrong (0 for five users): after a full page there may be another.
			full := len(p.Data) >= perPage && seen != p.Meta.Pagination.Total
			if len(p.Data) == 0 || !full && number >= p.Meta.Pagination.TotalPages {
				return
			}
			before = p.Data[0]
		}
	}
}

// flaw says what is wrong with the page that was asked for as number; before is the first item of the page before it.
func (p *Page[W]) flaw(number int, before *W, flaw func(*W) string) string {
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
