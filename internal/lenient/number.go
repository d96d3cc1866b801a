package lenient

import (
	"cmp"
	"strconv"
	"strings"
)

// decimal is a number without loss: its value is digits × 10^exp. digits has no zero at its ends, and is empty for 0. Two
// decimals of the same value are ==.
type decimal struct {
	negative bool
	digits   string
	exp      int64
}

// parseDecimal reads a JSON number, and what people write besides: +5, 007, .5 and 5. It returns false for anything else, and
// for an exponent of more than 17 digits.
func parseDecimal(s string) (d decimal, ok bool) {
	d.negative = strings.HasPrefix(s, "-")
	if d.negative || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	if e := strings.IndexAny(s, "eE"); e >= 0 {
		var err error
		d.exp, err = strconv.ParseInt(s[e+1:], 10, 64)
		if err != nil || d.exp >= 1e17 || d.exp <= -1e17 {
			return decimal{}, false
		}
		s = s[:e]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return decimal{}, false
	}
	significant := strings.TrimRight(digits, "0")
	d.exp += int64(len(digits) - len(significant) - len(fraction))
	d.digits = strings.TrimLeft(significant, "0")
	if d.digits == "" {
		return decimal{}, true
	}
	return d, true
}

// integer returns d in digits; false if d is not an integer, or has more digits than any Go integer.
func (d decimal) integer() (string, bool) {
	const most = 20
	if d.exp < 0 || int64(len(d.digits))+d.exp > most {
		return "", false
	}
	digits := cmp.Or(d.digits, "0") + strings.Repeat("0", int(d.exp))
	if d.negative {
		digits = "-" + digits
	}
	return digits, true
}
