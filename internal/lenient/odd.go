package lenient

import (
	"reflect"
	"strings"
	"unicode"
)

const (
	maxOdd  = 100 // as many losses are reported; a server must not make the report larger than its answer
	maxPath = 200 // bytes of a path; the keys of maps are the server's
)

// Odd is a value that was lost: its JSON type is another than documented, or the type of its field cannot hold it.
type Odd struct {
	// Path names the field, as in "data.tags[2]". It is empty for the whole value. A path of more than 200 bytes is cut, and
	// characters that cannot be printed are replaced.
	Path string
	// Want is the JSON type that the field has: "text", "number", "bool", "array", "object" or "time". It is empty for a type
	// that reads itself.
	Want string
	// Got is the JSON type that came: "text", "number", "bool", "array" or "object".
	Got string
}

// String says what is wrong with the field, as in "tags is a text, not an array". It never has the value.
func (o Odd) String() string {
	field := o.Path
	if field == "" {
		field = "the value"
	}
	if o.Want == "" || o.Want == o.Got {
		return field + " is " + withArticle(o.Got) + " that cannot be read"
	}
	return field + " is " + withArticle(o.Got) + ", not " + withArticle(o.Want)
}

func withArticle(kind string) string {
	if kind == "array" || kind == "object" {
		return "an " + kind
	}
	return "a " + kind
}

// lose notes that the value at the current path is lost.
func (r *reader) lose(want, got string) {
	if len(r.odd) >= maxOdd {
		return
	}
	path := string(r.path[:min(len(r.path), maxPath)])
	if len(r.path) > maxPath {
		path += "…"
	}
	r.odd = append(r.odd, Odd{Path: strings.Map(printable, path), Want: want, Got: got})
}

// printable keeps the server from breaking lines of a log by a key.
func printable(c rune) rune {
	if unicode.IsPrint(c) {
		return c
	}
	return unicode.ReplacementChar
}

// typeOf returns the JSON type of a value, by its first byte.
func typeOf(first byte) string {
	switch first {
	case '"':
		return "text"
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		return "bool"
	default:
		return "number"
	}
}

// wanted returns the JSON type that encoding/json reads into a t; empty if there is none.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		if t == numberType {
			return "number"
		}
		return "text"
	case reflect.Bool:
		return "bool"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return "number"
	case reflect.Slice, reflect.Array:
		if isBytes(t) {
			return "text"
		}
		return "array"
	case reflect.Struct, reflect.Map:
		return "object"
	default:
		return ""
	}
}
