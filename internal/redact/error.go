package redact

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
)

// Cause returns err with its text redacted. An error of net/http loses the URL that it quotes: the URL's path may hold a
// token.
func (r Redactor) Cause(err error) error {
	if withURL, ok := errors.AsType[*url.Error](err); ok {
		err = withURL.Err
	}
	if err == nil {
		return nil
	}
	if text := r.Text(err.Error()); text != err.Error() {
		return &Error{text, err}
	}
	return err
}

// Error is an error in other words. It matches whatever Err matches, and does not unwrap to Err, whose own text may hold a
// secret.
type Error struct {
	Text string
	Err  error
}

func (e *Error) Error() string { return e.Text }

// Format writes Text for every verb.
func (e *Error) Format(s fmt.State, verb rune) { Format(s, verb, e.Text) }

// MarshalText writes Text: an encoder would write the fields of Err.
func (e *Error) MarshalText() ([]byte, error) { return []byte(e.Text), nil }

// Is reports whether Err matches target.
func (e *Error) Is(target error) bool { return errors.Is(e.Err, target) }

// Format writes text, quoted for %q, for every verb. It is the Format of types that hold or lead to secrets: fmt by itself
// would print their fields by reflection, and follow pointers for a verb that does not fit.
func Format(s fmt.State, verb rune, text string) {
	if verb == 'q' {
		text = strconv.Quote(text)
	}
	_, _ = io.WriteString(s, text)
}
