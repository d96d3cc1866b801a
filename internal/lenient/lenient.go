// Package lenient reads and writes the JSON of servers. It forgives a value of another JSON type than documented: one odd field
// must not hide the rest of an answer.
//
// All functions are safe for concurrent use, make no request, and keep no reference to their arguments (but see [Unmarshal]
// for types with a method UnmarshalJSON).
package lenient

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// Unmarshal reads data into v, a non-nil pointer. It skips a UTF-8 byte order mark and decodes with encoding/json. Nearly all
// answers end there, and cost no more than json.Unmarshal.
//
// If encoding/json reports a value of another type, or an error of a type's own UnmarshalJSON or UnmarshalText, Unmarshal sets
// *v to its zero value and reads all of data again, with these rules. A value is "lost" when it is reported as an [Odd]; its
// field is zero then.
//
//   - null is the zero value of every type, and never lost. A null element of a list stays, as a zero value.
//   - "" is the zero value of every type, and never lost.
//   - Text: a number becomes its digits as they are written (ids stay exact, 1e3 stays "1e3"). A bool, an object and an array
//     are lost.
//   - Number: a text is taken if it is a decimal number, with spaces around it or without. 12.0 and 1e3 are integers; 12.5 is
//     lost, and so is a number that the type cannot hold. A bool, an object and an array are lost.
//   - Bool: 0, 1 and the texts "0", "1", "true", "false", "yes" and "no", in any case and with spaces around them. Everything
//     else is lost.
//   - Slice and array: an object whose keys are all integers, as PHP writes some lists, gives its values by increasing key.
//     Another object and a single value are lost. An odd element of a slice is left out, but a slice of pointers has nil in its
//     place. An odd element of an array is zero.
//   - Map and struct: [] is zero; a list with elements is lost. Of a map, an odd element is left out with its key, but a map of
//     pointers has nil in its place. A key that the key type cannot hold is lost.
//   - [time.Time]: everything that [Time] reads. [json.Number]: as a number, and as it is written.
//   - A type with UnmarshalJSON or UnmarshalText is read by its method; UnmarshalText also gets the digits of a number. The
//     value is lost if the method returns an error.
//   - any: as encoding/json reads it. A number above the range of float64 in it is lost, the rest of the value is not.
//
// Names of fields match, and embedded structs count, as in encoding/json. The tag option "string" is not supported in this
// second pass. Both passes agree on every value that encoding/json accepts.
//
// Unmarshal returns nil for the first result when nothing was lost, and at most 100 losses. It returns an error, that of
// encoding/json, if data is not valid JSON (v is unchanged then), if v is not a non-nil pointer, or if v itself has a method
// UnmarshalJSON and it fails (v is as the method left it).
//
// The second pass calls a type's UnmarshalJSON again after it failed. If a type that contains itself checks required fields in
// UnmarshalJSON, each level of nesting doubles the time: check required fields after reading instead.
func Unmarshal(data []byte, v any) ([]Odd, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	err := json.Unmarshal(data, v)
	if err == nil {
		return nil, nil
	}
	_, itself := v.(json.Unmarshaler)
	target := reflect.ValueOf(v)
	if itself || target.Kind() != reflect.Pointer || target.IsNil() || !json.Valid(data) {
		return nil, err
	}
	target.Elem().SetZero()
	return readAgain(data, target), nil
}

// readAgain is the second pass of Unmarshal: it reads data, valid JSON, into what target points to.
func readAgain(data []byte, target reflect.Value) []Odd {
	r := reader{scanner: scanner{data: data}}
	r.read(target)
	return r.odd
}
