package lenient

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// The forms of ISO 8601 that servers write, with and without seconds and zone. time.Parse takes fractions of a second too.
var layouts = []string{
	time.RFC3339, "2006-01-02T15:04:05", "2006-01-02", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07",
	"2006-01-02T15:04Z07:00", "2006-01-02T15:04", "20060102T150405Z0700", "20060102T150405",
}

// Time reads a time that a server wrote, as a JSON number or text:
//
//   - A number is in Unix seconds below 1e11 (year 5138), in milliseconds from 1e11, in microseconds from 1e14, by its absolute
//     value; so milliseconds and microseconds before March 1973 are misread. From 1e17 on it is no time. Fractions have up to
//     nine digits of a second; further digits are cut.
//   - A text is a number as above, or a date and time of ISO 8601 (RFC 3339), with "T" or a space between them, also without
//     the seconds, or a date alone. Without a zone it is in UTC.
//   - null, "", 0 and dates that begin with "0000-00-00", as MySQL writes them, are the zero time.
//
// The time is in the local zone, like the times of time.Unix. Time returns the zero time and false for everything else, also for JSON that
// is not valid, and for times outside the years 1 to 9999, which a [time.Time] cannot write as JSON.
func Time(data []byte) (t time.Time, ok bool) {
	if !json.Valid(data) {
		return time.Time{}, false
	}
	data = bytes.TrimSpace(data)
	text, isText := string(data), data[0] == '"'
	if isText {
		text = strings.TrimSpace(unquote(data))
	}
	number, isNumber := parseDecimal(text)
	switch {
	case text == "null" && !isText, text == "" && isText, isNumber && number == decimal{}:
		return time.Time{}, true
	case strings.HasPrefix(text, "0000-00-00") && isText:
		return time.Time{}, true
	case isNumber:
		t, ok = unixTime(number)
	case isText:
		t, ok = isoTime(text)
	}
	if t.IsZero() {
		return time.Time{}, ok
	}
	inRange := func(t time.Time) bool { return t.Year() >= 1 && t.Year() <= 9999 }
	if !ok || !inRange(t.UTC()) || !inRange(t.Local()) {
		return time.Time{}, false
	}
	return t.Local(), true
}

// unixTime reads d with the rule of Time. It uses no float: microseconds need more digits than a float64 has.
func unixTime(d decimal) (time.Time, bool) {
	point := int64(len(d.digits)) + d.exp // where the decimal point is among the digits
	switch {
	case point > 17:
		return time.Time{}, false
	case point > 14:
		point -= 6
	case point > 11:
		point -= 3
	case point < -8:
		return time.Time{}, true // below a nanosecond
	}
	const padding = "00000000000000000000"
	digits, zeros := d.digits+padding, padding[:max(0, -point)]
	digits, point = zeros+digits, max(0, point)
	seconds, _ := strconv.ParseInt("0"+digits[:point], 10, 64)
	nanoseconds, _ := strconv.ParseInt(digits[point:point+9], 10, 64)
	if d.negative {
		seconds, nanoseconds = -seconds, -nanoseconds
	}
	return time.Unix(seconds, nanoseconds), true
}

func isoTime(text string) (time.Time, bool) {
	text = strings.ToUpper(text) // RFC 3339 allows "t" and "z"
	if len(text) > 10 && text[10] == ' ' {
		text = text[:10] + "T" + text[11:]
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
