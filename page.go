package cometchat

import (
	"strconv"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// Page is one page of a list, for a program that shows pages. A program that wants the whole list ranges over the iterator
// instead, such as [Client.ListUsers].
type Page[T any] struct {
	// Items are the items on the page; there may be none.
	Items []T
	// Number is the number of the page, from 1; Pages is how many pages there are, and Total how many items. Pages and Total
	// are 0 when the server does not say, and all three in a list whose pages have no numbers.
	Number, Pages, Total int
	// Next is the cursor of the next page; empty after the last page.
	Next string
}

// The API's page sizes.
const (
	defaultPerPage = 100
	maxPerPage     = 1000
)

// maxUserSize is the size of a user within the documented limits, in bytes: 5 KB of metadata, 25 tags and a name of 100
// characters, in JSON that writes a character in up to 12 bytes, and two URLs.
const maxUserSize = 80 << 10

// maxPageBody returns the most that is read of a page, in bytes.
func maxPageBody(perPage, itemSize int) int { return 4<<20 + perPage*itemSize }

// newPage makes a Page of a page of the API's.
func newPage[W, T any](p *rest.Page[W], number, perPage int, convert func(*W) *T) *Page[*T] {
	said := p.Meta.Pagination
	page := &Page[*T]{Items: make([]*T, 0, len(p.Data)), Number: number, Pages: said.TotalPages, Total: said.Total}
	for _, item := range p.Data {
		page.Items = append(page.Items, convert(item))
	}
	if !p.IsLast(number, perPage) {
		page.Next = strconv.Itoa(number + 1)
	}
	return page
}

// pageNumber reads a cursor of a list whose pages have numbers.
func pageNumber(op, cursor string) (int, error) {
	if cursor == "" {
		return 1, nil
	}
	number, err := strconv.Atoi(cursor)
	if err != nil || number < 1 {
		return 0, newError(op, ErrBadRequest, "the cursor %.50q is not one of this list's", cursor)
	}
	return number, nil
}

// emptyPages is the error of a list that the server does not end.
func emptyPages(op string) error {
	return &Error{Op: op, Code: codeFailedToFetch, Message: "the server's list has ten empty pages in a row, and says that there are more"}
}
