package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"
)

// value is a value in a JSON text, and its place there.
type value struct {
	raw  json.RawMessage
	text []byte // all of the text, which is valid JSON
	at   int    // where raw begins in text
}

// parse returns the whole value of a text that a person may have written. Its errors say where the text is wrong.
func parse(text []byte) (value, error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) // the byte order mark of some editors
	if len(text) > 1 && (text[0] == 0 || text[1] == 0 || text[0] >= 0xfe && text[1] >= 0xfe) {
		return value{}, errors.New("the text is UTF-16: save it as UTF-8")
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return value{}, errors.New("the text is empty")
	}
	var raw json.RawMessage
	err := json.Unmarshal(text, &raw)
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
		before := text[:max(0, wrong.Offset-1)]
		column := 1 + utf8.RuneCount(before[1+bytes.LastIndexByte(before, '\n'):])
		return value{}, fmt.Errorf("line %d, column %d: the JSON is wrong: %w", line(before), column, err)
	}
	return value{raw: raw, text: text, at: bytes.Index(text, raw)}, err
}

// line returns the number of the line after a beginning of a text.
func line(before []byte) int { return 1 + bytes.Count(before, []byte("\n")) }

func (v value) line() int { return line(v.text[:v.at]) }

// all returns the fields of an object, or the elements of a list, whose names are empty. Other values have none.
func (v value) all() iter.Seq2[string, value] {
	return func(yield func(string, value) bool) {
		d := json.NewDecoder(bytes.NewReader(v.raw))
		begin, _ := d.Token() // v is valid, and so the decoder returns no error
		if _, ok := begin.(json.Delim); !ok {
			return
		}
		for d.More() {
			var name string
			if begin == json.Delim('{') {
				token, _ := d.Token()
				name, _ = token.(string)
			}
			var raw json.RawMessage
			_ = d.Decode(&raw)
			if !yield(name, value{raw, v.text, v.at + int(d.InputOffset()) - len(raw)}) {
				return
			}
		}
	}
}

// field returns the last field with this name, in any case, as encoding/json reads names. If there is none it returns v.
func (v value) field(name string) value {
	found := v
	for other, inner := range v.all() {
		if strings.EqualFold(name, other) {
			found = inner
		}
	}
	return found
}

// element returns an element of a list that has it.
func (v value) element(i int) (found value) {
	for _, found = range v.all() {
		if i--; i < 0 {
			break
		}
	}
	return found
}

// entries returns the objects of a list. null is an empty list. what says what each is.
func (v value) entries(what string) ([]entry, error) {
	if kind := Kind(v.raw); kind != "a list" && kind != "null" {
		return nil, fmt.Errorf("line %d: the %ss must be a list, not %s", v.line(), what, kind)
	}
	var entries []entry
	for _, inner := range v.all() {
		entries = append(entries, entry{inner, fmt.Sprint(what, " ", len(entries)+1), what})
		if kind := Kind(inner.raw); kind != "an object" {
			return nil, fmt.Errorf("line %d: %s %d must be an object, not %s", inner.line(), what, len(entries), kind)
		}
	}
	return entries, nil
}

// entry is an object, perhaps in a list. what and place are what errors call it: "user" and, if it has no uid, "user 3".
type entry struct {
	value
	place, what string
}

// wrong returns an error about the value inner of e.
func (e entry) wrong(inner value, format string, args ...any) error {
	name, uid := e.place, ""
	if json.Unmarshal(e.field("uid").raw, &uid) == nil && uid != "" {
		name = fmt.Sprintf("%s %q", e.what, uid)
	}
	return fmt.Errorf("line %d: %s: %s", inner.line(), name, fmt.Sprintf(format, args...))
}

// into reads the fields of e into v, a pointer to a struct that has them all.
func (e entry) into(v any) error {
	d := json.NewDecoder(bytes.NewReader(e.raw))
	d.DisallowUnknownFields()
	if d.Decode(v) == nil {
		return nil
	}
	for name, inner := range e.all() {
		if flaw := inner.flawAs(name, v); flaw != "" {
			return e.wrong(inner, "%s", flaw)
		}
	}
	return nil
}

// flawAs reads v as the field name of target, a pointer to a struct. It returns what is wrong, or "".
func (v value) flawAs(name string, target any) string {
	err := decodeField(name, v.raw, target, true)
	if err == nil {
		return ""
	}
	if unknown, ok := strings.CutPrefix(err.Error(), "json: "); ok {
		return unknown // unknown field "x"
	}
	return "the " + name + " " + err.Error()
}
