package store

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
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

// Decode reads the JSON object raw into v, a pointer to a struct or a map, and adds a sentence for each field of another JSON
// type. It returns an error if raw is not a JSON object.
func (e FieldErrors) Decode(raw []byte, v any) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return err
	}
	for name, value := range fields {
		if err := decodeField(name, value, v, false); err != nil {
			e.Add(name, err.Error()+".")
		}
	}
	return nil
}

// decodeField reads one field of an object into v, a pointer to a struct. Its error goes on after the name of the field: "must
// be a text, not a number". If strict, a field that v does not have is an error.
func decodeField(name string, value json.RawMessage, v any, strict bool) error {
	key, _ := json.Marshal(name) // a string always marshals
	d := json.NewDecoder(bytes.NewReader(slices.Concat([]byte("{"), key, []byte(":"), value, []byte("}"))))
	if strict {
		d.DisallowUnknownFields()
	}
	err := d.Decode(v)
	if _, ok := errors.AsType[base64.CorruptInputError](err); ok {
		return errors.New("must be a text in base64")
	}
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case !ok:
		return err
	case len(value) > 2 && value[0] == '[' && decodeField(name, []byte("[]"), v, strict) == nil: // an element is wrong
		return errors.New("must be a list of texts")
	default:
		return fmt.Errorf("must be %s, not %s", wanted(wrong.Type), Kind(value))
	}
}

// wanted says what JSON a field of type t takes.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "a text in base64"
		}
		return "a list"
	case reflect.Map, reflect.Struct:
		return "an object"
	default:
		return "a whole number"
	}
}

// Kind says of what kind a JSON value is.
func Kind(value json.RawMessage) string {
	switch value[0] {
	case '"':
		return "a text"
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	default:
		return "a number"
	}
}

// text returns the sentences, ordered by field, as the end of an error.
func (e FieldErrors) text() string {
	var parts []string
	for _, field := range slices.Sorted(maps.Keys(e)) {
		for _, sentence := range e[field] {
			parts = append(parts, "the "+strings.TrimSuffix(strings.TrimPrefix(sentence, "The "), "."))
		}
	}
	return strings.Join(parts, "; ")
}

// CheckTags checks the tags of a user or a message.
func (e FieldErrors) CheckTags(tags []string) {
	tooLong := func(tag string) bool { return utf8.RuneCountInString(tag) > maxName }
	if len(tags) > maxTags || slices.ContainsFunc(tags, tooLong) {
		e.Add("tags", "are too many or too long.")
	}
}
