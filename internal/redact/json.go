package redact

import (
	"bytes"
	"encoding/json"
)

// JSON redacts every text in a JSON value. Without a secret in it, the bytes stay as they are. It returns nil for null and
// for anything that is not JSON.
func (r Redactor) JSON(raw json.RawMessage) json.RawMessage {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil || value == nil {
		return nil
	}
	clean, changed := r.value(value)
	if !changed && r.Text(string(raw)) == string(raw) { // of a key that comes twice, value has seen one only
		return bytes.Clone(raw)
	}
	out, err := json.Marshal(clean)
	if err != nil {
		return nil
	}
	return out
}

func (r Redactor) value(value any) (clean any, changed bool) {
	switch v := value.(type) {
	case string:
		s := r.Text(v)
		return s, s != v
	case json.Number:
		s := r.Text(v.String())
		if s != v.String() {
			return s, true
		}
	case []any:
		for i := range v {
			var c bool
			v[i], c = r.value(v[i])
			changed = changed || c
		}
	case map[string]any:
		clean := make(map[string]any, len(v))
		for key, element := range v {
			cleanElement, c := r.value(element)
			cleanKey := r.Text(key)
			clean[cleanKey] = cleanElement
			changed = changed || c || cleanKey != key
		}
		return clean, changed
	}
	return value, changed
}
