package store

import (
	"slices"
	"unicode/utf8"
)

// The documented limits of fields. Texts are measured in characters, metadata in bytes.
const (
	maxName     = 100
	maxURL      = 3000
	maxTags     = 25
	maxMetadata = 5 << 10
)

// FieldErrors says what is wrong with the fields of a request: sentences by field. It is empty when nothing is wrong.
type FieldErrors map[string][]string

// Add adds the sentence "The FIELD TEXT".
func (e FieldErrors) Add(field, text string) { e[field] = append(e[field], "The "+field+" "+text) }

// CheckTags checks the tags of a user or a message.
func (e FieldErrors) CheckTags(tags []string) {
	tooLong := func(tag string) bool { return utf8.RuneCountInString(tag) > maxName }
	if len(tags) > maxTags || slices.ContainsFunc(tags, tooLong) {
		e.Add("tags", "are too many or too long.")
	}
}
