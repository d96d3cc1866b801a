package lenient

import "reflect"

// ReadAgain is the second pass alone, over valid JSON.
func ReadAgain(data []byte, v any) []Odd {
	return readAgain(data, reflect.ValueOf(v))
}
