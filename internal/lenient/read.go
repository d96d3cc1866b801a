package lenient

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"time"
)

// reader reads JSON into Go values by reflection, with the rules of Unmarshal.
type reader struct {
	scanner
	path []byte // of the value that is read
	odd  []Odd
}

// outcome says what became of a value.
type outcome int

const (
	good  outcome = iota
	empty         // the value says nothing: its Go value is zero
	lost          // the value is reported as Odd: its Go value is zero
)

// read reads the next value into v and goes past it. If a key comes twice, the second value merges into the first, as in
// encoding/json.
func (r *reader) read(v reflect.Value) outcome {
	first := r.peek()
	if v.Kind() == reflect.Pointer {
		return r.pointer(first, v)
	}
	if out, done := r.method(first, v); done {
		return out
	}
	if first == 'n' {
		switch v.Kind() {
		case reflect.Interface, reflect.Map, reflect.Slice:
			v.SetZero()
		}
		r.skip()
		return empty
	}
	return r.kind(first, v)
}

// pointer reads the next value into what v points to. v is nil in the end if there was nothing to read.
func (r *reader) pointer(first byte, v reflect.Value) outcome {
	if first == 'n' && v.CanSet() {
		r.skip()
		v.SetZero()
		return empty
	}
	if v.IsNil() {
		v.Set(reflect.New(v.Type().Elem()))
	}
	out, done := r.method(first, v)
	if !done {
		out = r.read(v.Elem())
	}
	if out != good && v.CanSet() {
		v.SetZero()
	}
	return out
}

var errOtherType = errors.New("neither a text nor a number")

// method reads the next value by UnmarshalJSON or UnmarshalText of v's type; done is false if it has neither.
func (r *reader) method(first byte, v reflect.Value) (out outcome, done bool) {
	if v.Kind() != reflect.Pointer {
		if v.Type().Name() == "" || !v.CanAddr() {
			return good, false
		}
		v = v.Addr()
	}
	if v.NumMethod() == 0 || !v.CanInterface() {
		return good, false
	}
	var raw []byte
	var want string
	var err error
	switch u := v.Interface().(type) {
	case json.Unmarshaler:
		raw = r.skip()
		err = u.UnmarshalJSON(raw)
		if t, isTime := u.(*time.Time); isTime && err != nil {
			want = "time"
			parsed, ok := Time(raw)
			if ok {
				*t, err = parsed, nil
			}
		}
	case encoding.TextUnmarshaler:
		if first == 'n' {
			return good, false
		}
		raw = r.skip()
		want = "text"
		switch typeOf(first) {
		case "text":
			err = u.UnmarshalText([]byte(unquote(raw)))
		case "number":
			err = u.UnmarshalText(raw)
		default:
			err = errOtherType
		}
	default:
		return good, false
	}
	if err != nil {
		return r.nothing(v.Elem(), want, raw), true
	}
	return good, true
}

// kind reads the next value, which is not null, by the kind of v.
func (r *reader) kind(first byte, v reflect.Value) outcome {
	switch v.Kind() {
	case reflect.Interface:
		if v.NumMethod() == 0 {
			return r.any(v)
		}
	case reflect.Struct:
		if first == '{' {
			return r.fields(v)
		}
	case reflect.Map:
		if first == '{' {
			return r.entries(v)
		}
	case reflect.Slice, reflect.Array:
		if first == '[' || first == '{' {
			return r.list(v)
		}
	}
	raw := r.skip()
	text := string(raw)
	if first == '"' {
		text = unquote(raw)
	}
	if scalar(typeOf(first), text, v) {
		return good
	}
	return r.nothing(v, wanted(v.Type()), raw)
}

// nothing makes v zero after a value, raw, that cannot be read into it, and reports the value if it says something.
func (r *reader) nothing(v reflect.Value, want string, raw []byte) outcome {
	v.SetZero()
	null, emptyText := raw[0] == 'n', string(raw) == `""`
	emptyList := want == "object" && raw[0] == '[' && len(bytes.TrimSpace(raw[1:len(raw)-1])) == 0
	if null || emptyText || emptyList {
		return empty
	}
	r.lose(want, typeOf(raw[0]))
	return lost
}

// any reads the next value into v, an interface without methods.
func (r *reader) any(v reflect.Value) outcome {
	raw := r.skip()
	var value any
	if json.Unmarshal(raw, &value) != nil { // a number above the range of float64: the rest is in value
		r.lose("", typeOf(raw[0]))
	}
	v.SetZero()
	if value != nil {
		v.Set(reflect.ValueOf(value))
	}
	return good
}

// at calls read with name appended to the path.
func (r *reader) at(name string, read func()) {
	length := len(r.path)
	if length > 0 && !strings.HasPrefix(name, "[") {
		r.path = append(r.path, '.')
	}
	r.path = append(r.path, name...)
	read()
	r.path = r.path[:length]
}
