package lenient

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// Equal says whether a and b are the same JSON value. The order of keys, white space, escapes and the spelling of numbers do not
// matter: 1, 1.0 and 1e0 are equal, 9007199254740993 and 9007199254740992 are not. Of a key that comes twice, the last value
// counts. It returns false if one of them is not valid JSON, even for equal bytes.
//
// Numbers whose exponent has more than 17 digits are equal if they are written alike. Bytes that are not UTF-8 count as U+FFFD.
func Equal(a, b []byte) bool {
	x, xOK := decode(a)
	y, yOK := decode(b)
	return xOK && yOK && equal(x, y)
}

// decode reads JSON with its numbers as they are written.
func decode(data []byte) (v any, ok bool) {
	if !json.Valid(data) {
		return nil, false
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return v, decoder.Decode(&v) == nil
}

func equal(a, b any) bool {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		return ok && maps.EqualFunc(x, y, equal)
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, equal)
	case json.Number:
		y, ok := b.(json.Number)
		if !ok || x == y {
			return ok
		}
		m, mOK := parseDecimal(string(x))
		n, nOK := parseDecimal(string(y))
		return mOK && nOK && m == n
	default: // a text, a bool or null
		return a == b
	}
}
