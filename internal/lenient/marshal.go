package lenient

import (
	"bytes"
	"encoding/json"
)

// Marshal returns the JSON of v without HTML escaping: "<", ">" and "&" stay one byte each. There is no newline at the end.
// The errors are those of json.Marshal.
//
// encoding/json removes the white space between the values of a json.RawMessage, and of the result of a method MarshalJSON. All
// other bytes of both go out as they are: the spelling of texts and numbers, the order of keys, and repeated keys. A method
// MarshalJSON has to call Marshal too, because its escapes stay. In a Go string, U+2028 and U+2029 become \u2028 and \u2029.
func Marshal(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil || !bytes.Contains(data, []byte(`\u`)) {
		return data, err // nothing was escaped; the encoder below takes longer
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
