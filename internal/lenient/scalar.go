package lenient

import (
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
)

var numberType = reflect.TypeFor[json.Number]()

// scalar sets v to what text says; jsonType is the JSON type that text had. It returns false, and leaves v alone, if v cannot
// hold the value or is no scalar.
func scalar(jsonType, text string, v reflect.Value) bool {
	switch {
	case v.Type() == numberType:
		return setNumber(jsonType, text, v)
	case v.Kind() == reflect.String:
		if jsonType != "text" && jsonType != "number" {
			return false
		}
		v.SetString(text)
		return true
	case v.Kind() == reflect.Bool:
		b, ok := parseBool(text)
		if ok {
			v.SetBool(b)
		}
		return ok
	case isBytes(v.Type()) && jsonType == "text":
		b, err := base64.StdEncoding.DecodeString(text)
		if err == nil {
			v.SetBytes(b)
		}
		return err == nil
	case v.CanFloat():
		return setFloat(jsonType, text, v)
	case v.CanInt(), v.CanUint():
		return setInteger(text, v)
	}
	return false
}

func isBytes(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
}

// parseBool takes what servers write for a bool.
func parseBool(text string) (b, ok bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	switch text {
	case "true", "yes":
		return true, true
	case "false", "no":
		return false, true
	}
	d, ok := parseDecimal(text)
	b = d == decimal{digits: "1"}
	return b, ok && (b || d == decimal{})
}

func setNumber(jsonType, text string, v reflect.Value) bool {
	if jsonType != "number" {
		text = strings.TrimSpace(text)
		if _, ok := parseDecimal(text); !ok || !json.Valid([]byte(text)) {
			return false
		}
	}
	v.SetString(text)
	return true
}

func setFloat(jsonType, text string, v reflect.Value) bool {
	text = strings.TrimSpace(text)
	if _, ok := parseDecimal(text); !ok && jsonType != "number" {
		return false
	}
	f, err := strconv.ParseFloat(text, v.Type().Bits())
	if err != nil {
		return false
	}
	v.SetFloat(f)
	return true
}

func setInteger(text string, v reflect.Value) bool {
	d, isNumber := parseDecimal(strings.TrimSpace(text))
	digits, isInteger := d.integer()
	if !isNumber || !isInteger {
		return false
	}
	if v.CanInt() {
		n, err := strconv.ParseInt(digits, 10, v.Type().Bits())
		if err != nil {
			return false
		}
		v.SetInt(n)
		return true
	}
	n, err := strconv.ParseUint(digits, 10, v.Type().Bits())
	if err != nil {
		return false
	}
	v.SetUint(n)
	return true
}
