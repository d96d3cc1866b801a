package rest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat/internal/rest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type item struct {
	ID string `json:"id"`
}

// list serves pages, and keeps the numbers of those that were asked for.
type list struct {
	pages []string
	asked []int
}

func (l *list) fetch(number int, before *rest.Page[item]) (*rest.Page[item], error) {
	l.asked = append(l.asked, number)
	if number > len(l.pages) {
		return nil, fmt.Errorf("there is no page %d", number)
	}
	page := new(rest.Page[item])
	if err := json.Unmarshal([]byte(l.pages[number-1]), page); err != nil {
		return nil, err
	}
	if flaw := page.Flaw(number, before, itemFlaw); flaw != "" {
		return nil, errors.New(flaw)
	}
	return page, nil
}

func itemFlaw(i *item) string {
	if i.ID == "" {
		return "an item has no id"
	}
	return ""
}

var errTooEmpty = errors.New("too many empty pages")

// all returns the items of the list, two on a page, in capitals.
func (l *list) all() iter.Seq2[*string, error] {
	return rest.Pages(2, func(i *item) *string { return new(strings.ToUpper(i.ID)) }, l.fetch,
		func() error { return errTooEmpty })
}

// read reads items until an error, or until enough are read; 0 reads to the end.
func (l *list) read(enough int) (ids []string, err error) {
	for id, failure := range l.all() {
		if failure != nil {
			return ids, failure
		}
		if ids = append(ids, *id); len(ids) == enough {
			break
		}
	}
	return ids, nil
}

// page is a page of a list as JSON.
func page(total, current, totalPages int, ids ...string) string {
	items := []item{}
	for _, id := range ids {
		items = append(items, item{id})
	}
	data, _ := json.Marshal(items)
	return fmt.Sprintf(`{"data":%s,"meta":{"pagination":{"total":%d,"current_page":%d,"total_pages":%d}}}`,
		data, total, current, totalPages)
}

func TestPages(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		pages  []string
		ids    []string
		asked  int
		enough int
	}{
		"no items":                      {[]string{page(0, 1, 0)}, nil, 1, 0},
		"a page that is not full":       {[]string{page(1, 1, 1, "a")}, []string{"A"}, 1, 0},
		"several pages":                 {[]string{page(3, 1, 2, "a", "b"), page(3, 2, 2, "c")}, []string{"A", "B", "C"}, 2, 0},
		"full pages, and a right total": {[]string{page(4, 1, 2, "a", "b"), page(4, 2, 2, "c", "d")}, []string{"A", "B", "C", "D"}, 2, 0},
		"full pages, and a wrong total": {
			[]string{page(0, 1, 1, "a", "b"), page(0, 2, 1, "c", "d"), page(0, 3, 1)}, []string{"A", "B", "C", "D"}, 3, 0,
		},
		"no number of pages": {
			[]string{page(0, 1, 0, "a", "b"), page(0, 2, 0, "c"), page(0, 3, 0)}, []string{"A", "B", "C"}, 3, 0,
		},
		"no pagination at all": {
			[]string{`{"data":[{"id":"a"},{"id":"b"}]}`, `{"data":[{"id":"c"}]}`, `{"data":[]}`}, []string{"A", "B", "C"}, 3, 0,
		},
		"short pages, as the server hides some items": {
			[]string{page(5, 1, 3, "a"), page(5, 2, 3, "b"), page(5, 3, 3, "c")}, []string{"A", "B", "C"}, 3, 0,
		},
		"an empty page before the last": {
			[]string{page(5, 1, 3, "a", "b"), page(5, 2, 3), page(5, 3, 3, "c")}, []string{"A", "B", "C"}, 3, 0,
		},
		"an item that has moved to the next page meanwhile": {
			[]string{page(3, 1, 2, "a", "b"), page(3, 2, 2, "a")}, []string{"A", "B", "A"}, 2, 0,
		},
		"no page is fetched that is not wanted": {[]string{page(3, 1, 2, "a", "b")}, []string{"A", "B"}, 1, 2},
		"one item of a page is enough":          {[]string{page(3, 1, 2, "a", "b")}, []string{"A"}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &list{pages: tc.pages}
			ids, err := l.read(tc.enough)
			require.NoError(t, err)
			assert.Equal(t, tc.ids, ids)
			assert.Equal(t, []int{1, 2, 3, 4}[:tc.asked], l.asked)
		})
	}
}

func TestEmptyPages(t *testing.T) {
	t.Parallel()
	empty := slices.Repeat([]string{page(99, 0, 50)}, 10)
	l := &list{pages: slices.Concat(empty[:9], []string{page(99, 0, 50, "a")}, empty)}
	ids, err := l.read(0)
	require.ErrorIs(t, err, errTooEmpty)
	assert.Equal(t, []string{"A"}, ids, "nine empty pages in a row do not end the list")
	assert.Len(t, l.asked, 20)

	l = &list{pages: slices.Concat(empty[:9], []string{page(99, 0, 10)})}
	ids, err = l.read(0)
	require.NoError(t, err, "the tenth page is the last one")
	assert.Empty(t, ids)
}

func TestPagesStartAgain(t *testing.T) {
	t.Parallel()
	l := &list{pages: []string{page(3, 1, 2, "a", "b"), page(3, 2, 2, "c")}}
	all := l.all()
	for range 2 {
		n := 0
		for _, err := range all {
			require.NoError(t, err)
			n++
		}
		assert.Equal(t, 3, n)
	}
	assert.Equal(t, []int{1, 2, 1, 2}, l.asked)
}

func TestFlawsOfPages(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		second string
		says   string
	}{
		"no data":                    {`{"meta":{}}`, "no data"},
		"data that is null":          {`{"data":null}`, "no data"},
		"a gap":                      {`{"data":[{"id":"c"},null]}`, "gap"},
		"another page":               {page(9, 3, 5, "c", "d"), "another page"},
		"the page before once more":  {page(9, 0, 5, "a", "b"), "another page"},
		"the same beyond the last":   {page(9, 2, 1, "a", "b"), "another page"},
		"the same, and no total":     {page(0, 2, 0, "a", "b"), "another page"},
		"an item with a flaw":        {page(9, 2, 5, "c", ""), "an item has no id"},
		"a page that cannot be read": {`<html>`, "invalid character"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &list{pages: []string{page(9, 1, 5, "a", "b"), tc.second}}
			ids, err := l.read(0)
			require.ErrorContains(t, err, tc.says)
			assert.Equal(t, []string{"A", "B"}, ids, "the items before it were returned")
			assert.Equal(t, []int{1, 2}, l.asked, "the error ends the list")
		})
	}
}
