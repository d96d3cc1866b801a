package lenient

import (
	"bytes"
	"encoding/json"
)

// Marshal returns the JSON of v without HTML escaping: "<", ">" and "&" stay one byte each. There is no newline at the end.
// The errors are those of json.Marshal.
//
// A json.RawMessage, and what a method MarshalJSON returns, go out byte for byte except for white space between the values,
// which encoding/json takes out; the spelling of texts and numbers, the order of keys and repeated keys stay. Thus a method
// MarshalJSON has to call Marshal too: what it escapes stays escaped. In other texts, U+2028 and U+2029 are still written as
// \u2028 and \u2029.
func Marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
