// Package lenient reads and writes the JSON of servers. It forgives a value of another JSON type than documented: one odd field
// must not hide the rest of an answer.
//
// All functions are safe for concurrent use and make no request. They neither change the JSON that they are given nor keep a
// reference to it.
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
// *v to its zero value and reads all of data again, with the rules below. A value is "lost" when no rule makes sense of it: its
// field is zero then, and an [Odd] reports it.
//
//   - null is the zero value of every type, and never lost. A null element of a list stays, as a zero value.
//   - "" is the zero value of every type, and never lost.
//   - Text: a number becomes its digits as they are written (ids stay exact, 1e3 stays "1e3"). A bool, an object and an array
//     are lost.
//   - Number: a text counts if it is a decimal number, perhaps with spaces around it. 12.0 and 1e3 are integers; 12.5 is
//     lost, and so is a number that the type cannot hold. A bool, an object and an array are lost.
//   - Bool: 0, 1 and the texts "0", "1", "true", "false", "yes" and "no", in upper or lower case, perhaps with spaces
//     around them. Everything else is lost.
//   - Slice and array: PHP writes some lists as an object whose keys are integers. Its values are the elements, by increasing key.
//     Another object and a single value are lost. An odd element of a slice is left out, but a slice of pointers has nil in its
//     place. An odd element of an array is zero.
//   - Map and struct: [] is zero; a list with elements is lost. Of a map, an odd element is left out with its key, but a map of
//     pointers has nil in its place. A key that the key type cannot hold is lost.
//   - [time.Time]: also everything that [Time] reads. [json.Number]: like a number; its digits stay as they are written.
//   - A type with UnmarshalJSON or UnmarshalText is read by its method; UnmarshalText also gets the digits of a number. The
//     value is lost if the method returns an error.
//   - any: as encoding/json reads it. Only a number above the range of float64 is lost, also within the value.
//
// Keys match fields, also those of embedded structs, as in encoding/json. The tag option "string" is not supported in this
// second pass. Both passes agree on every value that encoding/json accepts.
//
// Unmarshal returns nil for the losses when there are none, and at most 100. It returns the error of encoding/json if data is not
// valid JSON (v is unchanged then), if v is not a non-nil pointer, or if v itself has a method UnmarshalJSON and the method fails
// (v is as the method left it).
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
